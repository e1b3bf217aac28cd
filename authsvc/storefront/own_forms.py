"""Forms on which shoppers change what is theirs: what was typed, which field is refused, and where it leads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Response

from authsvc.accounts.rules import EmailAddressTaken, UsernameTaken
from authsvc.card_numbers import CardNumberRefused
from authsvc.errors import AuthsvcError, Conflict, Invalid, TooMany
from authsvc.storefront.pages import Answer, StorefrontPages, go
from authsvc.storefront.places import Place
from authsvc.storefront.signing_in import NameTaken

OVERVIEW = "/my-account"
# What a form shows beside the field; everything else is a page of its own.
REFUSALS = (Invalid, Conflict, TooMany)


@dataclass(frozen=True, slots=True)
class OwnForm:
    """A form's template, and what the service calls each of its fields, in lower case → the field."""

    template: str
    fields: Mapping[str, str]

    def show(
        self,
        pages: StorefrontPages,
        place: Place,
        typed: Mapping[str, str],
        error: AuthsvcError | None = None,
        **values: Any,  # noqa: ANN401  as many types as templates
    ) -> Response:
        """Show the form with what was typed; `error`: why it was refused, which stands beside its field."""
        field = self._field(error)
        if isinstance(error, CardNumberRefused):
            # Not even shown again.
            typed = {**typed, field: ""}
        return pages.show(
            self.template, place, _told(error), error_field=field, typed=typed, **values
        )

    def _field(self, error: AuthsvcError | None) -> str:
        first = next(iter(self.fields.values()))
        if error is None or not error.data:
            return first
        return self.fields.get(error.data[0][1].lower(), first)


def saved(place: Place, what: str) -> Answer:
    """Go back to the overview, which says that it is done."""
    return go(OVERVIEW, done=what, site=place.details.id if place.is_hub else None)


def _told(error: AuthsvcError | None) -> AuthsvcError | None:
    """Tell a shopper no more of other people's accounts than signing up does."""
    if isinstance(error, CardNumberRefused):
        return Invalid("", "This looks like a card number, which is not kept here. Leave it out.")
    return NameTaken() if isinstance(error, EmailAddressTaken | UsernameTaken) else error
