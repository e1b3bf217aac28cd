"""Attributes of an account: list, say, say anew, forget ([K] 3.1, 3.5)."""

from __future__ import annotations

from authsvc.attributes.rules import AttributeExists, EmptyAttribute, UnknownAttribute
from authsvc.attributes.service import Attributes
from authsvc.attributes.wire import AttributeBody, CustomerAttribute
from authsvc.callers import Behavior, Caller, Requires, ShopperRole
from authsvc.listing.queries import FieldsQuery, ListQuery
from authsvc.web.collection import Collection
from authsvc.web.operations import Routes

_READS = Requires(Behavior.CUSTOMER_READ, ShopperRole.OWN_ACCOUNT)
_CHANGES = Requires(Behavior.CUSTOMER_UPDATE, ShopperRole.OWN_ACCOUNT)


class AttributeQuery(FieldsQuery):
    """What of the attribute is wanted; a `userId` must be the account's."""

    user_id: str | None = None


class AttributeListQuery(AttributeQuery, ListQuery):
    """Which part of the list; an account has so few that it is neither filtered nor sorted: it is by name."""


def routes(service: Attributes) -> Routes:
    """Declare the operations over `service`."""
    part = Routes("attributes", prefix="/api/commerce/customer/accounts", tag="Attributes")
    _reading(part, service)
    _changing(part, service)
    return part


def _reading(part: Routes, service: Attributes) -> None:
    @part.get(
        "/<int:account_id>/attributes",
        requires=_READS,
        answers=Collection[CustomerAttribute],
        refuses=(UnknownAttribute,),
    )
    def list_attributes(
        caller: Caller, account_id: int, query: AttributeListQuery
    ) -> Collection[CustomerAttribute]:
        """List what is known of an account, by the attributes' names; a shopper sees what is visible."""
        caller.may_see_account(account_id)
        page = query.page
        seen = service.seen(caller, account_id, query.user_id)
        shown = seen[page.start_index : page.start_index + page.size]
        return Collection[CustomerAttribute].page(
            [CustomerAttribute.of(each) for each in shown],
            start_index=page.start_index,
            page_size=page.size,
            total_count=len(seen),
        )

    @part.get(
        "/<int:account_id>/attributes/<name>",
        requires=_READS,
        answers=CustomerAttribute,
        refuses=(UnknownAttribute,),
    )
    def get_attribute(
        caller: Caller, account_id: int, name: str, query: AttributeQuery
    ) -> CustomerAttribute:
        """Get what is known of an account under one attribute, by its full name."""
        caller.may_see_account(account_id)
        return CustomerAttribute.of(service.attribute(caller, account_id, name, query.user_id))


def _changing(part: Routes, service: Attributes) -> None:
    @part.post(
        "/<int:account_id>/attributes",
        requires=_CHANGES,
        answers=CustomerAttribute,
        status=201,
        refuses=(UnknownAttribute, EmptyAttribute, AttributeExists),
        body_name="attribute",
    )
    def add_attribute(
        caller: Caller, account_id: int, body: AttributeBody, query: AttributeQuery
    ) -> CustomerAttribute:
        """Say what an account has under an attribute; a shopper may where the definition lets shoppers."""
        caller.may_see_account(account_id)
        return CustomerAttribute.of(
            service.add(caller, account_id, body.fully_qualified_name, body.values)
        )

    @part.put(
        "/<int:account_id>/attributes/<name>",
        requires=_CHANGES,
        answers=CustomerAttribute,
        refuses=(UnknownAttribute, EmptyAttribute),
        body_name="attribute",
    )
    def update_attribute(
        caller: Caller, account_id: int, name: str, body: AttributeBody, query: AttributeQuery
    ) -> CustomerAttribute:
        """Say anew what an account has under an attribute."""
        caller.may_see_account(account_id)
        return CustomerAttribute.of(service.update(caller, account_id, name, body.values))

    @part.delete(
        "/<int:account_id>/attributes/<name>",
        requires=_CHANGES,
        refuses=(UnknownAttribute,),
    )
    def delete_attribute(caller: Caller, account_id: int, name: str, query: AttributeQuery) -> None:
        """Forget what an account has under an attribute."""
        caller.may_see_account(account_id)
        service.delete(caller, account_id, name)
