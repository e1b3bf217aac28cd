"""Flask-Login with Flask-Session in Redis, users in PostgreSQL by Flask-SQLAlchemy."""

from __future__ import annotations

import os

import redis
from argon2 import PasswordHasher
from flask import Flask, jsonify, request
from flask.typing import ResponseReturnValue
from flask_login import LoginManager, UserMixin, current_user, login_required, login_user
from flask_session import Session
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    """The tables."""


database = SQLAlchemy(model_class=Base)


class User(UserMixin, database.Model):
    """A user."""

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(unique=True)
    password_hash: Mapped[str]


application = Flask(__name__)
application.config.update(
    SECRET_KEY=os.environ["SECRET"],
    # By PGHOST and the like.
    SQLALCHEMY_DATABASE_URI="postgresql+psycopg://",
    SESSION_TYPE="redis",
    SESSION_REDIS=redis.Redis.from_url(f"unix://{os.environ['VALKEY_SOCKET']}"),
    SESSION_PERMANENT=True,
)
database.init_app(application)
Session(application)
logins = LoginManager(application)


@logins.user_loader
def user_of(user_id: str) -> User | None:
    """Load the user that a session names."""
    return database.session.get(User, int(user_id))


@application.post("/sign-up")
def sign_up() -> ResponseReturnValue:
    """Make a user and sign them in."""
    user = User(
        email=request.form["email"], password_hash=PasswordHasher().hash(request.form["password"])
    )
    database.session.add(user)
    database.session.commit()
    login_user(user)
    return "", 204


@application.get("/session")
@login_required
def session() -> ResponseReturnValue:
    """Tell whose session it is."""
    return jsonify(userId=current_user.id, email=current_user.email)


@application.get("/")
def alive() -> str:
    """Answer."""
    return ""


if __name__ == "__main__":
    with application.app_context():
        database.create_all()
