"""What an attribute is, which values it takes, and who may say them ([K] 3.2, 8.2)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from authsvc.errors import Conflict, Forbidden, Invalid, NotFound

# The namespace of what a merchant defines itself ([K] 3.4's samples: `tenant~rating`).
OWN_NAMESPACE = "tenant"
# Characters.
LONGEST_NAME = 100
LONGEST_VALUE = 2_000
# More is a table and no attribute.
MOST_VALUES = 100
MOST_VOCABULARY = 1_000

_NAME_PART = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")


class DataType(StrEnum):
    """What a value is, under the vendor's names."""

    STRING = "String"
    NUMBER = "Number"
    DATE_TIME = "DateTime"
    BOOL = "Bool"


class ValueType(StrEnum):
    """Who says a value, under the vendor's names; a predefined one is chosen by the merchant from a vocabulary."""

    ADMIN_ENTERED = "AdminEntered"
    SHOPPER_ENTERED = "ShopperEntered"
    PREDEFINED = "Predefined"


@dataclass(frozen=True, slots=True)
class Definition:
    """An attribute that accounts may have. Its name, `tenant~shoe-size`, and its data type never change."""

    fully_qualified_name: str
    data_type: DataType
    value_type: ValueType
    is_multi_valued: bool = False
    is_visible: bool = True
    is_read_only: bool = False
    is_active: bool = True
    vocabulary: Sequence[Mapping[str, Any]] = ()
    # What forms and lists show of it, under the vendor's names: adminName, content, displayGroup, inputType, …
    description: Mapping[str, Any] = field(default_factory=dict)
    id: int = 0
    created_at: datetime | None = None
    created_by: str | None = None
    updated_at: datetime | None = None
    updated_by: str | None = None

    @property
    def namespace(self) -> str:
        """The part of the name before the tilde."""
        return self.fully_qualified_name.partition("~")[0]

    @property
    def code(self) -> str:
        """The part of the name behind it."""
        return self.fully_qualified_name.partition("~")[2]

    @property
    def is_shown_to_shoppers(self) -> bool:
        """Tell whether shoppers see it, and its value on their own account."""
        return self.is_active and self.is_visible

    @property
    def is_for_shoppers_to_say(self) -> bool:
        """Tell whether shoppers may say its value on their own account; deny by default."""
        return (
            self.is_shown_to_shoppers
            and not self.is_read_only
            and self.value_type is ValueType.SHOPPER_ENTERED
        )


DEFINITION_FIELDS = (
    "fully_qualified_name",
    "data_type",
    "value_type",
    "is_multi_valued",
    "is_visible",
    "is_read_only",
    "is_active",
    "vocabulary",
    "description",
)


@dataclass(frozen=True, slots=True)
class AccountAttribute:
    """What is known of an account under one definition."""

    definition: Definition
    values: tuple[Any, ...]
    created_at: datetime | None = None
    created_by: str | None = None
    updated_at: datetime | None = None
    updated_by: str | None = None


class UnknownAttribute(NotFound):
    """There is no such attribute, or none on this account, or none that this caller may know of."""

    def __init__(self, name: str) -> None:
        """Name what was asked for."""
        super().__init__(f"There is no attribute {name[:LONGEST_NAME]!a}.")


class AttributeExists(Conflict):
    """There is one of this name already."""

    error_code = "ITEM_ALREADY_EXISTS"

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__("This attribute exists already. Change it instead.")


class EmptyAttribute(Conflict):
    """An attribute without a name or without values; the vendor answers 409, not 400 ([K] 3.5)."""

    def __init__(self) -> None:
        """Say what is missing."""
        super().__init__("Give the attribute's fullyQualifiedName and at least one value.")


def qualified_name(namespace: str | None, code: str | None) -> str:
    """Return a definition's full name; raises `Invalid`."""
    parts = {
        "namespace": (namespace or OWN_NAMESPACE).strip(),
        "attributeCode": (code or "").strip(),
    }
    for name, part in parts.items():
        if len(part) > LONGEST_NAME or not _NAME_PART.fullmatch(part):
            raise Invalid(name, f"Give 1 to {LONGEST_NAME} letters, digits and _.- of ASCII.")
    return "~".join(parts.values())


def checked(definition: Definition) -> Definition:
    """Return a definition that may be kept; raises `Invalid` for a vocabulary that makes no sense."""
    words = [word.get("value") for word in definition.vocabulary]
    if definition.value_type is ValueType.PREDEFINED and not words:
        raise Invalid("vocabularyValues", "A predefined attribute needs values to choose from.")
    if len(words) > MOST_VOCABULARY:
        raise Invalid("vocabularyValues", f"Give at most {MOST_VOCABULARY} values.")
    for word in words:
        _of_type(definition.data_type, word, "vocabularyValues")
    return definition


def changed(definition: Definition, wanted: Mapping[str, Any]) -> Definition:
    """Return `definition` with what of `wanted` is another; raises `Invalid`, also for another name or data type.

    Of the description, too, what is left out stays, and what is null goes.
    """
    for name, wire_name in (("fully_qualified_name", "attributeCode"), ("data_type", "dataType")):
        if name in wanted and wanted[name].lower() != getattr(definition, name).lower():
            raise Invalid(wire_name, "This never changes: accounts have values of it.")
    fixed = ("fully_qualified_name", "data_type")
    fields = {name: value for name, value in wanted.items() if name not in fixed}
    if "description" in wanted:
        fields["description"] = described(definition.description, wanted["description"])
    return checked(replace(definition, **fields))


def described(old: Mapping[str, Any], sent: Mapping[str, Any]) -> dict[str, Any]:
    """Return a description with what was sent of it; null says nothing."""
    return {name: value for name, value in {**old, **sent}.items() if value is not None}


def values_to_keep(definition: Definition, values: Sequence[Any] | None) -> tuple[Any, ...]:
    """Return values as they are kept: of the right type, from the vocabulary, several only where that is meant.

    Raises `EmptyAttribute` or `Invalid`, the latter without repeating a value.
    """
    if not values:
        raise EmptyAttribute
    if len(values) > (MOST_VALUES if definition.is_multi_valued else 1):
        most = f"at most {MOST_VALUES} values" if definition.is_multi_valued else "one value"
        raise Invalid("values", f"Give {most}.")
    kept = tuple(_of_type(definition.data_type, value, "values") for value in values)
    allowed = [word.get("value") for word in definition.vocabulary]
    if definition.value_type is ValueType.PREDEFINED and any(each not in allowed for each in kept):
        raise Invalid("values", "Choose from the attribute's vocabularyValues.")
    return kept


def refuse_to_shopper(definition: Definition) -> None:
    """Raise `Forbidden` unless a shopper may say this of themselves; of what is hidden raise `UnknownAttribute`."""
    if not definition.is_shown_to_shoppers:
        raise UnknownAttribute(definition.fully_qualified_name)
    if not definition.is_for_shoppers_to_say:
        raise Forbidden("A shopper cannot change this attribute.")


def _of_type(data_type: DataType, value: Any, parameter: str) -> Any:  # noqa: ANN401  JSON
    match data_type:
        case DataType.BOOL if isinstance(value, bool):
            return value
        case DataType.NUMBER if isinstance(value, int | float) and not isinstance(value, bool):
            return value
        case DataType.STRING if isinstance(value, str) and len(value) <= LONGEST_VALUE:
            return value
        case DataType.DATE_TIME if isinstance(value, str) and _is_moment(value):
            return value
        case _:
            raise Invalid(parameter, f"must be of the attribute's data type, {data_type.value}")


def _is_moment(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True
