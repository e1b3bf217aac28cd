"""The kinds of refusal authsvc can give: no HTTP here, `authsvc.web.envelope` turns a kind into a status.

A feature subclasses a kind for each refusal of its own; the class fixes the `error_code` a client branches on
and the text a shopper may see. Codes and texts are the vendor's where it has published them ([K] 1.5, 2.5, 3.6),
because storefront themes compare them letter by letter ([K] 7).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar


class AuthsvcError(Exception):
    """Anything authsvc refuses to do, with what to tell the caller.

    `error_code`: stable code of the error envelope. `message`: one sentence with the next step.
    `data`: (name, value) pairs for `additionalErrorData`. `items`: the refusals of single parts, for calls
    that take many. `retry_after_seconds`: when it makes sense to ask again, or None.
    """

    error_code: ClassVar[str] = "UNEXPECTED_ERROR"

    def __init__(
        self,
        message: str,
        *,
        data: Sequence[tuple[str, str]] = (),
        items: Sequence[AuthsvcError] = (),
        retry_after_seconds: int | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.data = tuple(data)
        self.items = tuple(items)
        self.retry_after_seconds = retry_after_seconds


class Invalid(AuthsvcError):
    """The request is malformed or breaks a rule that its sender can mend."""

    error_code = "MISSING_OR_INVALID_PARAMETER"

    def __init__(
        self, parameter: str, detail: str = "", *, items: Sequence[AuthsvcError] = ()
    ) -> None:
        """Name the `parameter` as the caller wrote it and say in `detail` what would be right.

        The text is the vendor's form, trailing space included when there is no detail ([K] 3.3, 3.6).
        """
        super().__init__(
            f"Missing or invalid parameter: {parameter} {detail}",
            data=[("ParameterName", parameter)],
            items=items,
        )


class NotAuthenticated(AuthsvcError):
    """The caller did not prove who it is, or its proof no longer holds."""

    error_code = "UNAUTHORIZED"


class Forbidden(AuthsvcError):
    """The caller is known and may not do this."""

    error_code = "FORBIDDEN"


class NotFound(AuthsvcError):
    """There is no such thing for this caller; another tenant's things do not exist for it."""

    error_code = "ITEM_NOT_FOUND"


class Conflict(AuthsvcError):
    """The request is well formed and clashes with what is stored."""

    error_code = "VALIDATION_CONFLICT"


class TooMany(AuthsvcError):
    """The caller must slow down; `retry_after_seconds` says for how long."""

    error_code = "EXCEEDED_MAX_RETRIES"


class Unavailable(AuthsvcError):
    """A store cannot be asked or the service is full: nothing was done, ask again later."""

    error_code = "SYSTEM_MAINTENANCE"


class NotOffered(AuthsvcError):
    """The vendor has this call and this release does not answer it yet."""

    error_code = "NOT_IMPLEMENTED"
