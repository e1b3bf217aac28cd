"""Session checks for a service on asyncio: `client`, with the same rules."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from ssl import SSLContext
from types import TracebackType

from authsvc.client.address import TIMEOUT_SECONDS, Address, ticks
from authsvc.client.async_connections import AsyncConnection, AsyncConnections
from authsvc.client.errors import ClientError, NotSignedIn
from authsvc.client.following import NEWS_TIMEOUT_SECONDS, Following
from authsvc.client.http1 import encoded
from authsvc.client.kept_answers import Bounds, KeptAnswers
from authsvc.client.many import fill_in, unanswered
from authsvc.client.questions import (
    Application,
    about_session,
    about_sessions,
    session_told,
    sessions_told,
)
from authsvc.client.session import Session


class AsyncClient:
    """Asks one server about sessions; make one for each event loop, any number of its tasks may use it."""

    def __init__(
        self,
        url: str,
        *,
        tenant_id: int | None = None,
        application: Application | None = None,
        keeps: Bounds | None = None,
        timeout_seconds: float = TIMEOUT_SECONDS,
        tls: SSLContext | None = None,
    ) -> None:
        """Ask the server at `url`; arguments and errors are `Client`'s."""
        self._address = Address.of(url, tls)
        self._tenant_id = tenant_id
        self._application = application
        self._connections = AsyncConnections(self._address, timeout_seconds)
        self._kept = None if application is None else KeptAnswers(ticks, keeps or Bounds())
        self._follower: asyncio.Task[None] | None = None

    async def check(self, token: str, site_id: int | None = None) -> Session:
        """Return the session that a token shows, if it may be used on the site; as `Client.check`."""
        kept = self._kept
        if kept is not None:
            session = kept.get(token, site_id)
            if session is not None:
                return session
            self._follow(kept)
        asked_at = ticks()
        session = session_told(
            await self._connections.ask(about_session(token, site_id, self._tenant_id))
        )
        if kept is not None:
            kept.keep(token, site_id, session, asked_at)
        return session

    async def check_many(
        self, tokens: Sequence[str], site_id: int | None = None
    ) -> list[Session | ClientError]:
        """Return for each token its session or its error, in order; as `Client.check_many`."""
        kept = self._kept
        found = unanswered(tokens, site_id, kept)
        missing = [token for token, answer in found.items() if answer is None]
        if missing and kept is not None:
            self._follow(kept)
        for asked, request in about_sessions(missing, site_id, self._tenant_id):
            asked_at = ticks()
            answers = sessions_told(await self._connections.ask(request), len(asked))
            fill_in(found, asked, answers, site_id, kept, asked_at)
        return [found[token] or NotSignedIn() for token in tokens]

    def is_following(self) -> bool:
        """Tell whether kept answers may be given at this moment."""
        return self._kept is not None and self._kept.trusted()

    async def close(self) -> None:
        """Let go of connections, the follower and all answers; a further check begins anew."""
        follower, self._follower = self._follower, None
        if follower is not None:
            follower.cancel()
            await asyncio.wait([follower])
        if self._kept is not None:
            self._kept.forget_all()
        self._connections.close()

    async def __aenter__(self) -> AsyncClient:
        """Return the client itself, and begin to follow if it keeps answers."""
        if self._kept is not None:
            self._follow(self._kept)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close it."""
        await self.close()

    def _follow(self, kept: KeptAnswers) -> None:
        if self._follower is None and self._application is not None:
            following = Following(kept, self._application, ticks)
            self._follower = asyncio.create_task(_follow(self._address, following))


async def _follow(address: Address, following: Following) -> None:
    """Keep up with the news, over a connection of its own, until cancelled."""
    connection: AsyncConnection | None = None
    try:
        while True:
            try:
                if connection is None or not connection.is_open:
                    async with asyncio.timeout(NEWS_TIMEOUT_SECONDS):
                        connection = await AsyncConnection.open(address)
                request, asked_at = following.question()
                question = encoded(request, address.host_header, address.prefix)
                response = await connection.exchange(question, NEWS_TIMEOUT_SECONDS)
                wait = following.hear(response, asked_at)
            except Exception as failure:  # noqa: BLE001  whatever it was, there is no news, and so no trust
                if connection is not None:
                    # Another connection may reach another worker.
                    connection.close()
                    connection = None
                wait = following.fail(failure)
            await asyncio.sleep(wait)
    finally:
        if connection is not None:
            connection.close()
