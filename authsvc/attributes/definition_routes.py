"""Definitions of attributes: list, get, define, change ([K] 3.1). The vendor has no call that deletes one."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from authsvc.attributes.rules import AttributeExists, UnknownAttribute
from authsvc.attributes.service import Attributes
from authsvc.attributes.wire import AttributeDefinition, DefinitionBody, VocabularyValue
from authsvc.callers import Behavior, Caller, Requires, ShopperRole
from authsvc.listing.filters import FILTER_MAX_CHARACTERS
from authsvc.listing.paging import Page
from authsvc.web.collection import Collection
from authsvc.web.operations import Routes
from authsvc.web.wire import Wire

# Storefronts make forms of them, with the shopper's ticket along ([K] 8.2).
_READS = Requires(Behavior.CUSTOMER_READ, ShopperRole.OWN_ACCOUNT)


class DefinitionQuery(Wire):
    """What of the definition is wanted."""

    response_groups: str | None = None
    response_fields: str | None = None


class DefinitionListQuery(DefinitionQuery):
    """Which definitions, in which order."""

    start_index: int | None = None
    page_size: int | None = None
    sort_by: Annotated[str, Field(max_length=500)] | None = None
    filter: Annotated[str, Field(max_length=FILTER_MAX_CHARACTERS)] | None = None


def routes(service: Attributes) -> Routes:
    """Declare the operations over `service`."""
    part = Routes(
        "attribute_definitions",
        prefix="/api/commerce/customer/attributedefinition/attributes",
        tag="Attributes",
    )
    _reading(part, service)
    _defining(part, service)
    return part


def _reading(part: Routes, service: Attributes) -> None:
    @part.get("", requires=_READS, answers=Collection[AttributeDefinition])
    def list_definitions(
        caller: Caller, query: DefinitionListQuery
    ) -> Collection[AttributeDefinition]:
        """List the attributes that accounts may have; a shopper sees those that are visible."""
        page = Page.asked(query.start_index, query.page_size)
        found, total = service.page_of_definitions(
            caller, page, query.filter or "", query.sort_by or ""
        )
        return Collection[AttributeDefinition].page(
            [AttributeDefinition.of(each) for each in found],
            start_index=page.start_index,
            page_size=page.size,
            total_count=total,
        )

    @part.get("/<name>", requires=_READS, answers=AttributeDefinition, refuses=(UnknownAttribute,))
    def get_definition(caller: Caller, name: str, query: DefinitionQuery) -> AttributeDefinition:
        """Get a definition by its full name, `tenant~code`."""
        return AttributeDefinition.of(service.definition(caller, name))

    @part.get(
        "/<name>/vocabularyvalues",
        requires=_READS,
        answers=list[VocabularyValue],
        refuses=(UnknownAttribute,),
    )
    def list_vocabulary_values(
        caller: Caller, name: str, query: DefinitionQuery
    ) -> list[VocabularyValue]:
        """List the values a predefined attribute can have."""
        return AttributeDefinition.of(service.definition(caller, name)).vocabulary_values


def _defining(part: Routes, service: Attributes) -> None:
    @part.post(
        "",
        requires=Requires(Behavior.CUSTOMER_CREATE),
        answers=AttributeDefinition,
        status=201,
        refuses=(AttributeExists,),
        body_name="attribute",
    )
    def create_definition(
        caller: Caller, body: DefinitionBody, query: DefinitionQuery
    ) -> AttributeDefinition:
        """Define an attribute; its name and data type never change."""
        return AttributeDefinition.of(service.define(caller, body.definition()))

    @part.put(
        "/<name>",
        requires=Requires(Behavior.CUSTOMER_UPDATE),
        answers=AttributeDefinition,
        refuses=(UnknownAttribute,),
        body_name="attribute",
    )
    def update_definition(
        caller: Caller, name: str, body: DefinitionBody, query: DefinitionQuery
    ) -> AttributeDefinition:
        """Change a definition; what is left out stays as it is."""
        wanted = body.fields() | {"description": body.description()}
        return AttributeDefinition.of(service.redefine(caller, name, wanted))
