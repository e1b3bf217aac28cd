"""fastapi-users with its Redis strategy, as its own full example: tokens in Redis, users in PostgreSQL."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated
from uuid import UUID

import redis.asyncio
from fastapi import Depends, FastAPI
from fastapi_users import BaseUserManager, FastAPIUsers, UUIDIDMixin, schemas
from fastapi_users.authentication import AuthenticationBackend, BearerTransport, RedisStrategy
from fastapi_users.db import SQLAlchemyBaseUserTableUUID, SQLAlchemyUserDatabase
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase

# asyncpg reads PGHOST and the like by itself.
engine = create_async_engine("postgresql+asyncpg://")
new_session = async_sessionmaker(engine, expire_on_commit=False)
store = redis.asyncio.from_url(f"unix://{os.environ['VALKEY_SOCKET']}", decode_responses=True)


class Base(DeclarativeBase):
    """The tables."""


class User(SQLAlchemyBaseUserTableUUID, Base):
    """A user."""


class UserRead(schemas.BaseUser[UUID]):
    """What is told of a user."""


class UserCreate(schemas.BaseUserCreate):
    """What makes a user."""


class Users(UUIDIDMixin, BaseUserManager[User, UUID]):
    """The user manager."""


async def database() -> AsyncIterator[AsyncSession]:
    """Give a request its database session."""
    async with new_session() as session:
        yield session


async def users(session: Annotated[AsyncSession, Depends(database)]) -> AsyncIterator[Users]:
    """Give a request its user manager."""
    yield Users(SQLAlchemyUserDatabase(session, User))


def strategy() -> RedisStrategy[User, UUID]:
    """Keep tokens in Redis."""
    return RedisStrategy(store, lifetime_seconds=86_400)


backend = AuthenticationBackend("redis", BearerTransport("auth/login"), strategy)
fastapi_users = FastAPIUsers[User, UUID](users, [backend])


@asynccontextmanager
async def lifespan(_application: FastAPI) -> AsyncIterator[None]:
    """Make the tables."""
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    yield


application = FastAPI(lifespan=lifespan)
application.include_router(fastapi_users.get_auth_router(backend), prefix="/auth")
application.include_router(fastapi_users.get_register_router(UserRead, UserCreate), prefix="/auth")


@application.get("/")
async def alive() -> None:
    """Answer."""


@application.get("/session")
async def session(
    user: Annotated[User, Depends(fastapi_users.current_user(active=True))],
) -> dict[str, str]:
    """Tell whose token it is."""
    return {"userId": str(user.id), "email": user.email}
