"""A customer's passkeys on the customer's page: customer service removes one that was lost, or that a thief added."""

from __future__ import annotations

from flask import request

from authsvc.admin.customer_detail_pages import (
    CHANGES,
    ONE,
    PATH,
    CustomerDetailPages,
    account_number,
)
from authsvc.admin.login_manager import Visitor
from authsvc.admin.pages import Answer, to_page
from authsvc.admin.typed_numbers import number
from authsvc.passkeys.rules import UnknownPasskey


def add_customer_passkey_pages(own: CustomerDetailPages) -> None:
    """Declare what the button does."""

    @own.pages.post(f"{ONE}/passkeys/remove", requires=CHANGES)
    def remove_customer_passkey(visitor: Visitor, account: str) -> Answer:
        account_id, passkey_id = account_number(account), number(request.form.get("passkey"))
        try:
            own.passkeys.remove(visitor.caller, account_id, passkey_id)
        except UnknownPasskey as error:
            # It was removed meanwhile.
            return own.show(visitor, account_id, error=error)
        return to_page(f"{PATH}/{account_id}", done="passkey")
