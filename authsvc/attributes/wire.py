"""Attributes and their definitions as they travel, under the vendor's field names ([K] 3.2)."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from authsvc.attributes.rules import (
    LONGEST_NAME,
    MOST_VALUES,
    MOST_VOCABULARY,
    AccountAttribute,
    DataType,
    Definition,
    ValueType,
    described,
    qualified_name,
)
from authsvc.errors import Invalid
from authsvc.web.audit_info import AuditInfo
from authsvc.web.wire import Id, Integer, Wire

Text = Annotated[str, Field(max_length=500)]
FQN = Annotated[str, Field(max_length=2 * LONGEST_NAME + 1)]
Value = str | bool | int | float


def _known(kinds: type[DataType] | type[ValueType]) -> BeforeValidator:
    """Take a kind's name in any case."""
    names = {kind.value.lower(): kind.value for kind in kinds}
    return BeforeValidator(
        lambda value: names.get(value.lower(), value) if isinstance(value, str) else value
    )


class CustomerAttribute(Wire):
    """What is known of an account under one attribute."""

    attribute_definition_id: Id
    fully_qualified_name: str
    values: list[Value]
    audit_info: AuditInfo

    @classmethod
    def of(cls, attribute: AccountAttribute) -> CustomerAttribute:
        """Show what is known."""
        return cls(
            attribute_definition_id=attribute.definition.id,
            fully_qualified_name=attribute.definition.fully_qualified_name,
            values=list(attribute.values),
            audit_info=AuditInfo.of(attribute),
        )


class AttributeBody(Wire):
    """What a caller says of an account."""

    fully_qualified_name: FQN | None = None
    values: Annotated[list[Value], Field(max_length=MOST_VALUES)] | None = None


class LocalizedContent(Wire):
    """How a language calls it."""

    locale_code: Text | None = None
    value: Text | None = None
    name: Text | None = None


class VocabularyValue(Wire):
    """One value to choose."""

    value: Value
    sequence: Integer | None = None
    content: LocalizedContent | None = None


class MetadataItem(Wire):
    """Something about an attribute that only the merchant's own programs understand."""

    key: Text | None = None
    value: Text | None = None


class Validation(Wire):
    """What a form may check."""

    regular_expression: Text | None = None
    min_string_length: Integer | None = None
    max_string_length: Integer | None = None
    min_numeric_value: float | None = None
    max_numeric_value: float | None = None
    min_date_time: Text | None = None
    max_date_time: Text | None = None


class Description(Wire):
    """What forms and lists show of an attribute; no rule here asks for it."""

    admin_name: Text | None = None
    display_group: Text | None = None
    input_type: Text | None = None
    order: Integer | None = None
    is_required: bool | None = None
    available_for_discounts: bool = False
    available_for_order_routing: bool = False
    content: LocalizedContent | None = None
    validation: Validation | None = None
    attribute_metadata: Annotated[list[MetadataItem], Field(max_length=MOST_VALUES)] | None = None


class DefinitionBody(Description):
    """A definition as a caller sends it."""

    attribute_code: Text | None = None
    namespace: Text | None = None
    data_type: Annotated[DataType, _known(DataType)] | None = None
    value_type: Annotated[ValueType, _known(ValueType)] | None = None
    is_multi_valued: bool | None = None
    is_visible: bool | None = None
    is_read_only: bool | None = None
    is_active: bool | None = None
    vocabulary_values: (
        Annotated[list[VocabularyValue], Field(max_length=MOST_VOCABULARY)] | None
    ) = None

    def fields(self) -> dict[str, Any]:
        """Return what was sent that rules ask for, by the names of `rules.DEFINITION_FIELDS`; raises `Invalid`."""
        names = (
            "data_type",
            "value_type",
            "is_multi_valued",
            "is_visible",
            "is_read_only",
            "is_active",
        )
        sent = {name: getattr(self, name) for name in names}
        fields = {name: value for name, value in sent.items() if value is not None}
        if self.attribute_code is not None:
            fields["fully_qualified_name"] = qualified_name(self.namespace, self.attribute_code)
        if self.vocabulary_values is not None:
            fields["vocabulary"] = tuple(
                word.model_dump(exclude_none=True) for word in self.vocabulary_values
            )
        return fields

    def description(self) -> dict[str, Any]:
        """Return what was sent of what is shown of it."""
        return self.model_dump(include=Description.model_fields.keys() & self.model_fields_set)

    def definition(self) -> Definition:
        """Return a new definition; raises `Invalid`."""
        for name, value in (("displayGroup", self.display_group), ("valueType", self.value_type)):
            if not value:
                raise Invalid(name, "is required")
        fields = {"data_type": DataType.STRING} | self.fields()
        fields["fully_qualified_name"] = qualified_name(self.namespace, self.attribute_code)
        return Definition(**fields, description=described({}, self.description()))


class AttributeDefinition(Description):
    """An attribute that accounts may have."""

    id: Id
    attribute_code: str
    attribute_fqn: Annotated[str, Field(alias="attributeFQN")]
    namespace: str
    data_type: DataType
    value_type: ValueType
    is_multi_valued: bool
    is_visible: bool
    is_read_only: bool
    is_active: bool
    vocabulary_values: list[VocabularyValue]
    audit_info: AuditInfo

    @classmethod
    def of(cls, definition: Definition) -> AttributeDefinition:
        """Show a definition."""
        return cls.model_validate(
            dict(definition.description)
            | {
                "id": definition.id,
                "attributeCode": definition.code,
                "attributeFQN": definition.fully_qualified_name,
                "namespace": definition.namespace,
                "dataType": definition.data_type,
                "valueType": definition.value_type,
                "isMultiValued": definition.is_multi_valued,
                "isVisible": definition.is_visible,
                "isReadOnly": definition.is_read_only,
                "isActive": definition.is_active,
                "vocabularyValues": list(definition.vocabulary),
                "auditInfo": AuditInfo.of(definition),
            }
        )
