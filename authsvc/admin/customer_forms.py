"""The form of one customer: what was typed, what was there when the page was opened, and what to change by that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from werkzeug.datastructures import MultiDict

from authsvc.accounts.rules import ChangedMeanwhile, CustomerAccount
from authsvc.admin.customer_words import field_name, value, who
from authsvc.contacts.rules import LONGEST_TEXT
from authsvc.customer_sets.rules import UnknownCustomerSet, UnknownSite
from authsvc.errors import AuthsvcError, Conflict, Invalid

TEXTS = ("first_name", "last_name", "username", "email_address", "tax_id")
FLAGS = ("accepts_marketing", "tax_exempt")
SET = "customer_set"
SHOWN = (*TEXTS, *FLAGS, SET)
# What a ticked box sends.
YES = "Y"
# A parameter of the services, in lower case → the field of the form that it is.
_PARAMETERS = {name.replace("_", ""): name for name in (*SHOWN, "password", "site", "segment")}


class NamesHeld(Conflict):
    """Another customer of the set answers to the username or e-mail address."""

    def __init__(
        self, field_name: str, typed: str, customer_set: str, holders: Sequence[int]
    ) -> None:
        """Say whose it is and what can be done; `holders` are linked to."""
        held_by = " and ".join(f"customer {account_id}" for account_id in holders)
        super().__init__(
            f"{typed} belongs to {held_by or 'another customer'} in the customer set {customer_set} already. "
            "Use another one, or look after that customer instead.",
            data=[("ParameterName", field_name)],
        )
        self.holders = tuple(holders)


@dataclass(frozen=True, slots=True)
class CustomerForm:
    """The values of `SHOWN` as the browser writes them, and what they were when the page was opened (`seen`)."""

    values: Mapping[str, str]
    seen: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def typed(cls, form: MultiDict[str, str]) -> CustomerForm:
        """Read what a browser sends."""
        return cls(
            # Codes of sets are kept in lower case (rule 2).
            {name: form.get(name, "").strip() for name in SHOWN}
            | {SET: form.get(SET, "").strip().lower()},
            {name: form.get(f"seen_{name}", "") for name in SHOWN},
        )

    @classmethod
    def of(cls, account: CustomerAccount) -> CustomerForm:
        """Return a customer as it is, to be edited."""
        shown = written(account)
        return cls(shown, shown)

    def onto(self, account: CustomerAccount) -> CustomerForm:
        """Return what was typed, over the customer as it is now: what was not touched becomes what it is now."""
        now = written(account)
        return replace(
            self, values={**now, **{name: self.values[name] for name in self._touched}}, seen=now
        )

    @property
    def moves(self) -> bool:
        """Tell whether another customer set was chosen."""
        return SET in self._touched

    def wanted(self) -> dict[str, Any]:
        """Return the fields to change, but for the set; raises `Invalid` for what no store can keep."""
        for name in TEXTS:
            refuse_unkeepable(name, self.values[name])
        if "username" in self._touched and not self.values["username"]:
            raise Invalid(
                "username",
                "A username cannot be taken away. Give another one, or leave it as it is.",
            )
        return {
            name: self.values[name] == YES if name in FLAGS else self.values[name] or None
            for name in self._touched
            if name != SET
        }

    def expected(self) -> dict[str, Any]:
        """Return what the fields were when the page was opened."""
        return {
            name: text == YES if name in FLAGS else text or None for name, text in self.seen.items()
        }

    @property
    def _touched(self) -> list[str]:
        return [name for name in SHOWN if self.values[name] != self.seen.get(name, "")]


def written(account: CustomerAccount) -> dict[str, str]:
    """Return the shown fields of a customer as the form holds them."""
    texts = {name: getattr(account, name) or "" for name in (*TEXTS, SET)}
    return texts | {name: YES if getattr(account, name) else "" for name in FLAGS}


def refuse_unkeepable(name: str, text: str) -> None:
    """Raise `Invalid` for a text that is too long or has control characters."""
    if len(text) > LONGEST_TEXT or not text.isprintable():
        raise Invalid(
            name, f"{field_name(name)}: give at most {LONGEST_TEXT} printable characters."
        )


def what_changed(form: CustomerForm, error: ChangedMeanwhile) -> list[str]:
    """List which fields somebody else has changed since the page was opened, from what to what."""
    now = error.now
    by = f"{who(now, now.updated_by)} at {now.updated_at:%H:%M} UTC"
    then = form.expected()
    return [
        f"{field_name(name)} was {value(then[name])} and is now {value(getattr(now, name))}"
        for name in error.changed
    ] + [f"The last change was made by {by}."]


def field_of(error: AuthsvcError | None) -> str:
    """Return the id of the field that an error is about, for the link in the summary."""
    if isinstance(error, UnknownSite):
        return "site"
    if isinstance(error, UnknownCustomerSet):
        return SET
    if error is None or not error.data:
        return "first_name"
    return _PARAMETERS.get(error.data[0][1].replace("_", "").lower(), "first_name")
