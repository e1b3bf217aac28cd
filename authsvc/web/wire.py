"""The base of every request and answer model, and the types that mean the same on every page of the API.

Names on the wire are camelCase, in Python snake_case; what is written back to the caller is always camelCase.
On input the wire names match without case ([K] A5) and unknown names are ignored. A name that is absent and a
name that is null differ: ask `model_fields_set`.

Text that no store can keep (NUL, lone surrogates) is refused by `authsvc.web.parsing` for whole bodies and
queries at once, so that a field typed `Any` is covered as well.
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any, ClassVar

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    WithJsonSchema,
    model_validator,
)
from pydantic.alias_generators import to_camel

Json = Any
"""Parsed JSON of whatever shape: what checks are there to narrow down."""

TypeExpression = Any
"""A type as it stands in an annotation: a class, `list[int]`, `Model | None`."""

LARGEST_INTEGER = 2**63 - 1  # PostgreSQL's bigint: anything larger would fail in the database
MOST_ID_DIGITS = 18  # of an id in a path: any number so written is below the one above
MONEY_DIGITS = 15  # what an IEEE double, and so every JSON client, carries without loss
MONEY_DECIMALS = 4  # ISO 4217 knows no currency with more


class Wire(BaseModel):
    """A JSON object of the API. Construct it with Python names; it reads and writes wire names.

    Give a field `Field(alias=…)` where the vendor's spelling is not the camelCase of ours (`requires2FA`).
    """

    model_config = ConfigDict(
        alias_generator=to_camel,
        validate_by_name=True,
        validate_by_alias=True,
        serialize_by_alias=True,
        extra="ignore",
        frozen=True,
        # What is answered is answered whole: a field with a default is there all the same.
        json_schema_serialization_defaults_required=True,
        # A traceback in the log must not hold a password.
        hide_input_in_errors=True,
    )

    _wire_names: ClassVar[dict[str, str]] = {}
    _known_names: ClassVar[frozenset[str]] = frozenset()

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: object) -> None:
        """Note the lower-case form of each wire name once per class."""
        super().__pydantic_init_subclass__(**kwargs)
        aliases = [
            field.validation_alias if isinstance(field.validation_alias, str) else to_camel(name)
            for name, field in cls.model_fields.items()
        ]
        cls._wire_names = {alias.lower(): alias for alias in aliases}
        cls._known_names = frozenset(aliases) | frozenset(cls.model_fields)

    @model_validator(mode="before")
    @classmethod
    def _match_names_without_case(cls, data: Json) -> Json:
        """Rename keys to the exact wire names; a key written exactly wins over one that only folds to it."""
        if type(data) is not dict or cls._known_names.issuperset(data):
            return data
        known = cls._known_names
        wire_names = cls._wire_names
        renamed = {}
        for key, value in data.items():
            if key in known:
                renamed[key] = value
                continue
            name = wire_names.get(key.lower()) if isinstance(key, str) else None
            if name is not None and name not in data:
                renamed[name] = value
        return renamed


def _moment(value: Json) -> datetime:
    if isinstance(value, datetime):
        moment = value
    else:
        try:
            moment = datetime.fromisoformat(value)
        except (TypeError, ValueError):
            raise ValueError("must be an ISO 8601 date and time") from None
    try:
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except OverflowError:
        raise ValueError("is a date outside of the years 1 to 9999") from None


def wire_moment(value: datetime) -> str:
    """Write a moment as UTC with milliseconds and `Z`.

    The vendor's Node client only takes strings with fractional seconds for dates ([K] 5.4).
    """
    return value.astimezone(UTC).isoformat(timespec="milliseconds")[:-6] + "Z"


WireDateTime = Annotated[
    datetime,
    BeforeValidator(_moment),
    PlainSerializer(wire_moment, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
"""ISO 8601 on input, taken as UTC if it names no offset; always `2026-01-02T03:04:05.678Z` on output ([K] A8)."""

Money = Annotated[
    Decimal,
    Field(max_digits=MONEY_DIGITS, decimal_places=MONEY_DECIMALS),
    PlainSerializer(float, return_type=float, when_used="json"),
    WithJsonSchema({"type": "number"}),
]
"""An amount, a JSON number on the wire ([K] A8)."""


Sum = Annotated[
    Decimal,
    PlainSerializer(float, return_type=float, when_used="json"),
    WithJsonSchema({"type": "number"}),
]
"""What amounts add up to, however much, in an answer; a JSON number."""


def _not_boolean(value: Json) -> Json:
    if isinstance(value, bool):
        # Python counts True as 1; as an id it is a mistake.
        raise ValueError("must be a whole number")  # noqa: TRY004  pydantic reports ValueError only
    return value


# Bounds stand first: pydantic then checks them in its own code, and shows them in the JSON schema.
Integer = Annotated[
    int, Field(ge=-LARGEST_INTEGER - 1, le=LARGEST_INTEGER), BeforeValidator(_not_boolean)
]
"""Any whole number that the database can hold."""

Count = Annotated[int, Field(ge=0, le=LARGEST_INTEGER), BeforeValidator(_not_boolean)]
"""A number of things, or an offset."""

Id = Annotated[int, Field(ge=0, le=LARGEST_INTEGER), BeforeValidator(_not_boolean)]
"""An id that the service gives out; 0 stands for "none yet", as storefronts send it on creation ([K] 8.1)."""
