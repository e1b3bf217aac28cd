"""Session checks for a service with threads."""

from __future__ import annotations

import os
import threading
import weakref
from collections.abc import Sequence
from ssl import SSLContext
from types import TracebackType

from authsvc.client.address import TIMEOUT_SECONDS, Address, ticks
from authsvc.client.connections import Connection, Connections
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


class Client:
    """Asks one server about sessions; make one for the whole process, any number of threads may use it."""

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
        """Ask the server at `url`; nothing is sent before the first check.

        `tenant_id`: tokens of other tenants are refused. `application`: lets answers be kept in this process, within
        the bounds `keeps`, and given for as long as they are known to be no more than a second old; without it each
        check asks. `timeout_seconds`: of one try, and there are two. `tls`: in place of the machine's own trust.
        Raises `Misconfigured` for an address that is none.
        """
        self._address = Address.of(url, tls)
        self._tenant_id = tenant_id
        self._application = application
        self._timeout = timeout_seconds
        self._connections = self._connected()
        self._kept = None if application is None else KeptAnswers(ticks, keeps or Bounds())
        self._follower: _Follower | None = None
        self._starting = threading.Lock()
        _CLIENTS.add(self)

    def check(self, token: str, site_id: int | None = None) -> Session:
        """Return the session that a token shows, if it may be used on the site.

        `token`: an access token, a JWT, or a browser cookie's. `site_id`: None asks for the session's own site.
        Raises `NoSession` (one of its kinds says why), `UnknownSite`, `CannotTell`, `Misconfigured`.
        """
        kept = self._kept
        if kept is not None:
            session = kept.get(token, site_id)
            if session is not None:
                return session
            self._follow(kept)
        asked_at = ticks()
        session = session_told(
            self._connections.ask(about_session(token, site_id, self._tenant_id))
        )
        if kept is not None:
            kept.keep(token, site_id, session, asked_at)
        return session

    def check_many(
        self, tokens: Sequence[str], site_id: int | None = None
    ) -> list[Session | ClientError]:
        """Return for each token its session, or the error that `check` would raise, in order; one call for a thousand.

        Raises `CannotTell` or `Misconfigured` when the server gives no answer at all.
        """
        kept = self._kept
        found = unanswered(tokens, site_id, kept)
        missing = [token for token, answer in found.items() if answer is None]
        if missing and kept is not None:
            self._follow(kept)
        for asked, request in about_sessions(missing, site_id, self._tenant_id):
            asked_at = ticks()
            answers = sessions_told(self._connections.ask(request), len(asked))
            fill_in(found, asked, answers, site_id, kept, asked_at)
        return [found[token] or NotSignedIn() for token in tokens]

    def is_following(self) -> bool:
        """Tell whether kept answers may be given at this moment."""
        return self._kept is not None and self._kept.trusted()

    def close(self) -> None:
        """Let go of connections, the follower and all answers; a further check begins anew."""
        with self._starting:
            follower, self._follower = self._follower, None
        if follower is not None:
            follower.stop()
        if self._kept is not None:
            self._kept.forget_all()
        self._connections.close()

    def __enter__(self) -> Client:
        """Return the client itself, and begin to follow if it keeps answers."""
        if self._kept is not None:
            self._follow(self._kept)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close it."""
        self.close()

    def _connected(self) -> Connections:
        connections = Connections(self._address, self._timeout)
        # Whoever drops the client without closing it leaves nothing open.
        weakref.finalize(self, connections.close)
        return connections

    def _follow(self, kept: KeptAnswers) -> None:
        if self._follower is None and self._application is not None:
            with self._starting:
                if self._follower is None:
                    following = Following(kept, self._application, ticks)
                    self._follower = _Follower(self._address, following)
                    weakref.finalize(self, self._follower.leave)

    def _begin_anew(self) -> None:
        """Share nothing with the process this one was forked from: neither its connections nor its locks."""
        self._connections = self._connected()
        self._kept = self._kept and self._kept.emptied()
        self._follower = None
        self._starting = threading.Lock()


class _Follower:
    """The thread that keeps up with the news, over a connection of its own."""

    def __init__(self, address: Address, following: Following) -> None:
        """Begin."""
        self._address = address
        self._following = following
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="authsvc-client", daemon=True)
        self._thread.start()

    def leave(self) -> None:
        """Stop after the question that is under way."""
        self._stopping.set()

    def stop(self) -> None:
        """Stop, and return when nothing more will be heard."""
        self.leave()
        if self._thread is not threading.current_thread():
            self._thread.join()

    def _run(self) -> None:
        connection: Connection | None = None
        while not self._stopping.is_set():
            try:
                if connection is None or not connection.is_open:
                    connection = Connection(self._address, NEWS_TIMEOUT_SECONDS)
                request, asked_at = self._following.question()
                question = encoded(request, self._address.host_header, self._address.prefix)
                response = connection.exchange(question, NEWS_TIMEOUT_SECONDS)
                wait = self._following.hear(response, asked_at)
            except Exception as failure:  # noqa: BLE001  whatever it was, there is no news, and so no trust
                if connection is not None:
                    # Another connection may reach another worker.
                    connection.close()
                    connection = None
                wait = self._following.fail(failure)
            self._stopping.wait(wait)
        if connection is not None:
            connection.close()


_CLIENTS: weakref.WeakSet[Client] = weakref.WeakSet()


def _after_fork() -> None:
    for client in list(_CLIENTS):
        client._begin_anew()  # noqa: SLF001  of this file


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
