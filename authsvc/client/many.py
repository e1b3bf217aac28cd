"""Which of many tokens must be asked about, and where their answers go; the same for both clients."""

from __future__ import annotations

from collections.abc import Sequence

from authsvc.client.errors import ClientError, NotSignedIn
from authsvc.client.kept_answers import KeptAnswers
from authsvc.client.questions import can_be_token
from authsvc.client.session import Session

Found = dict[str, Session | ClientError | None]


def unanswered(tokens: Sequence[str], site_id: int | None, kept: KeptAnswers | None) -> Found:
    """Return each token once with what is known of it without asking; None: ask."""
    found: Found = {}
    for token in tokens:
        if token in found:
            continue
        if not can_be_token(token):
            found[token] = NotSignedIn()
        else:
            found[token] = None if kept is None else kept.get(token, site_id)
    return found


def fill_in(
    found: Found,
    asked: Sequence[str],
    answers: Sequence[Session | ClientError],
    site_id: int | None,
    kept: KeptAnswers | None,
    asked_at: float,
) -> None:
    """Put the answers to one call into their places, and keep the good ones."""
    for token, answer in zip(asked, answers, strict=True):
        found[token] = answer
        if kept is not None and isinstance(answer, Session):
            kept.keep(token, site_id, answer, asked_at)
