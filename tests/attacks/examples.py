"""A good request for every operation of the API, and which of its values refer to something that is somebody's.

A new operation, or a new field of one, fails `test_references.py` until it is told here what it refers to.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Ref:
    """Stands for the caller's own thing of a kind (`tests.attacks.belongings`)."""

    kind: str
    # How it is written there.
    form: str = "{}"

    def of(self, things: Mapping[str, object]) -> Any:  # noqa: ANN401  an id or a text
        """Return whose it is, of somebody's things."""
        thing = things[self.kind]
        return thing if self.form == "{}" else self.form.format(thing)


@dataclass(frozen=True)
class Example:
    """What a good request says beside its path. `status`: what it is answered with, where that is no success."""

    body: Any = None
    query: Mapping[str, Any] = field(default_factory=dict)
    # Path parameters that are not of the usual kind.
    path: Mapping[str, Ref] = field(default_factory=dict)
    status: int | None = None
    # It is the shopper's own, and makes no sense without one.
    by_shopper: bool = False
    # Another good request of the same operation, for what the first cannot say too.
    also: Example | None = None


# What names in paths and queries refer to.
USUAL = {
    "accountId": Ref("account"),
    "by": Ref("by"),
    "cardId": Ref("card"),
    "code": Ref("set"),
    "contactId": Ref("contact"),
    "customerSet": Ref("set"),
    "customerSetCode": Ref("set"),
    "deviceId": Ref("device"),
    "emailAddress": Ref("email"),
    "externalId": Ref("order"),
    "filter": Ref("user_id", "userId eq {}"),
    "name": Ref("attribute"),
    "noteId": Ref("note"),
    "passkeyId": Ref("passkey"),
    "planId": Ref("plan"),
    "q": Ref("q"),
    "segmentId": Ref("segment"),
    "sessionId": Ref("session"),
    "siteId": Ref("site"),
    "tenantId": Ref("tenant"),
    "userId": Ref("user_id"),
    "userName": Ref("username"),
}

_CONTACT = {
    "id": 0,
    "email": "new@mail.com",
    "firstName": "New",
    "phoneNumbers": {"home": "+1 512 555 0142"},
    "types": [{"name": "Billing", "isPrimary": True}],
    "address": {"address1": "1 New Street", "countryCode": "US"},
}
_KNOWN_CONTACT = {**_CONTACT, "id": Ref("contact")}
_SAID = {"fullyQualifiedName": Ref("attribute"), "values": ["gold"]}


_ACCOUNT = {
    "emailAddress": "new@mail.com",
    "userName": "new-name",
    "customerSet": Ref("set"),
    "firstName": "New",
    "contacts": [_KNOWN_CONTACT],
    "attributes": [_SAID],
    "notes": [{"content": "New."}],
}


_ENROLMENT = {"account": _ACCOUNT, "password": "Mystic-2026"}
_MOVE = {
    "change": "moveCustomers",
    "customerSetCode": Ref("other_set"),
    "accountIds": [Ref("account")],
}
_BY_FILTER = {
    "change": "moveCustomers",
    "customerSetCode": Ref("set"),
    "filter": Ref("user_id", "userId eq {}"),
    "q": Ref("q"),
}
_ALL_OF_A_SET = {
    "change": "moveCustomers",
    "customerSetCode": Ref("set"),
    "fromCustomerSetCode": Ref("other_set"),
}
_DELETE = {
    "change": "deleteCustomerSet",
    "customerSetCode": Ref("other_set"),
    "successor": Ref("set"),
}
_ASSIGN = {
    "change": "assignSites",
    "customerSetCode": Ref("other_set"),
    "siteIds": [Ref("free_site")],
}
_DEFINITION = {
    "adminName": "Tier",
    "inputType": "TextBox",
    "displayGroup": "General",
    "attributeCode": "new-tier",
    "namespace": "tenant",
    "dataType": "String",
    "valueType": "AdminEntered",
}
_ORDER = {
    "type": "Online",
    "siteId": Ref("site"),
    "customerAccountId": Ref("account"),
    "status": "Fulfilled",
    "total": 29.99,
    "currencyCode": "USD",
    "submittedDate": "2026-11-01T00:00:00.000Z",
    "updateDate": "2036-11-02T00:00:00.000Z",
    "version": 2,
}

_MADE = {
    "id": "eA",
    "response": {"clientDataJSON": "eA", "attestationObject": "eA", "transports": ["usb"]},
}
_SHOWN = {
    "id": "eA",
    "response": {"clientDataJSON": "eA", "authenticatorData": "eA", "signature": "eA"},
}

EXAMPLES: Mapping[str, Example] = {
    "applications.authenticate_oauth": Example(
        {
            "client_id": Ref("client_id"),
            "client_secret": Ref("client_secret"),
            "grant_type": "client_credentials",
        }
    ),
    "applications.authenticate": Example(
        {"applicationId": Ref("client_id"), "sharedSecret": Ref("client_secret")}
    ),
    "applications.refresh": Example({"refreshToken": Ref("application_refresh_token")}),
    "applications.delete": Example(path={"refreshToken": Ref("application_refresh_token")}),
    "customer_set_changes.create_customer_set": Example(
        {"code": "new-set", "name": "New", "sites": [{"siteId": Ref("free_site")}]}
    ),
    "customer_set_changes.update_customer_set": Example(
        {"name": "Renamed", "sites": [{"siteId": Ref("free_site")}]},
        path={"code": Ref("other_set")},
    ),
    "customer_set_changes.delete_customer_set": Example(
        query={"successor": Ref("set")}, path={"code": Ref("other_set")}
    ),
    "customer_set_changes.move_customers": Example(
        {"accountIds": [Ref("account")]},
        path={"code": Ref("other_set")},
        also=Example(
            {"filter": Ref("user_id", "userId eq {}"), "q": Ref("q")},
            path={"code": Ref("other_set")},
            also=Example(
                {"fromCustomerSetCode": Ref("other_set")},
            ),
        ),
    ),
    "sites.create_site": Example({"name": "New", "customerSetCode": Ref("set")}),
    "sites.update_site": Example(
        {"name": "Renamed", "customerSetCode": Ref("other_set")},
        path={"siteId": Ref("free_site")},
    ),
    "plans.ask_for_plan": Example(
        {"changes": [_MOVE, _ASSIGN, _DELETE]},
        also=Example({"changes": [_BY_FILTER]}, also=Example({"changes": [_ALL_OF_A_SET]})),
    ),
    "plans.list_clashes": Example(path={"planId": Ref("draft")}),
    "plans.list_losses": Example(path={"planId": Ref("draft")}),
    "plans.commit_plan": Example(path={"planId": Ref("draft")}),
    "orders.put_order": Example(
        {**_ORDER, "customerAccountId": Ref("account")},
    ),
    "offline_orders.list_eligible_customers": Example(
        query={"q": Ref("q")},
        also=Example(query={"q": None, "cursor": Ref("eligible_cursor")}),
    ),
    "customer_search.search_accounts": Example(
        also=Example(query={"q": None, "segmentId": None, "cursor": Ref("cursor")})
    ),
    "offline_orders.create_eligible_customer": Example(
        {**_ENROLMENT, "sendInvitation": False},
    ),
    "login.sign_in": Example(
        {"username": Ref("username"), "password": Ref("password"), "accountId": Ref("account")}
    ),
    "login.refresh": Example(
        query={"refreshToken": Ref("refresh_token"), "accountId": Ref("account")}
    ),
    "enrolment.add_account_and_login": Example(
        _ENROLMENT,
        also=Example({"account": {"emailAddress": "new@mail.com"}, "password": "Mystic-2026"}),
    ),
    "enrolment.create_login": Example(
        {"emailAddress": "new@mail.com", "username": "new-name", "password": "Mystic-2026"},
        path={"accountId": Ref("guest")},
    ),
    "enrolment.add_accounts": Example([_ENROLMENT]),
    "accounts.create_account": Example(_ACCOUNT, query={"userId": None}),
    "customers.update_account": Example(
        {
            "userId": Ref("user_id"),
            "userName": Ref("username"),
            "emailAddress": Ref("email"),
            "firstName": "Renamed",
            "customerSet": Ref("set"),
            "contacts": [_KNOWN_CONTACT],
            "attributes": [_SAID],
        },
        # As a shopper may.
        also=Example({"firstName": "Renamed"}),
    ),
    "accounts.current_account": Example(by_shopper=True),
    "my_account.get_my_account": Example(by_shopper=True),
    "sessions.check_session": Example(by_shopper=True),
    "sessions.sign_out": Example(by_shopper=True),
    "segments.list_segments": Example(query={"filter": Ref("segment", "id eq {}")}),
    "account_segments.list_account_segments": Example(query={"filter": Ref("segment", "id eq {}")}),
    "contacts.list_contacts": Example(query={"filter": Ref("contact", "id eq {}")}),
    "notes.list_notes": Example(query={"filter": Ref("note", "id eq {}")}),
    "attributes.list_attributes": Example(query={"filter": None}),
    "attribute_definitions.list_definitions": Example(
        query={"filter": Ref("attribute", "attributeFQN eq {}")}
    ),
    "audit_log.get_audit_log": Example(query={"filter": None}),
    "privacy.erase_account": Example({"password": Ref("password")}),
    "accounts.act_on_account": Example({"actionName": "DisableAccount"}),
    "segments.add_segment": Example({"code": "new-segment", "name": "New"}),
    "segments.update_segment": Example({"code": "changed-segment", "name": "Changed"}),
    "segments.add_segment_accounts": Example([Ref("guest")]),
    "contacts.add_contact": Example(_CONTACT),
    "contacts.add_contacts": Example([_KNOWN_CONTACT]),
    "contacts.update_contact": Example(_KNOWN_CONTACT),
    "cards.add_card": Example({"id": "new-card", "contactId": Ref("contact")}),
    "cards.update_card": Example({"id": Ref("card"), "contactId": Ref("contact")}),
    "notes.add_note": Example({"content": "New."}),
    "notes.update_note": Example({"content": "Changed."}),
    "acting.impersonate_cart": Example(
        {"accountId": Ref("account"), "cartId": "a cart", "userId": Ref("user_id")}
    ),
    "attributes.add_attribute": Example(
        {**_SAID, "values": ["gold"]}, path={"accountId": Ref("guest")}, query={"userId": None}
    ),
    "attributes.update_attribute": Example(_SAID),
    "attribute_definitions.create_definition": Example(_DEFINITION),
    "attribute_definitions.update_definition": Example({"adminName": "Renamed"}),
    "credentials.change_password": Example(
        {"oldPassword": Ref("password"), "newPassword": "Another-Password-9"}
    ),
    "credentials.change_passwords": Example(
        {
            "items": [
                {
                    "accountId": Ref("account"),
                    "userId": Ref("user_id"),
                    "passwordInfo": {
                        "oldPassword": Ref("password"),
                        "newPassword": "Another-Password-9",
                    },
                }
            ]
        }
    ),
    "credentials.set_login_locked": Example(True),
    "credentials.set_password_change_required": Example(True),
    "recovery.reset_password": Example(
        {"userName": Ref("username"), "customerSetCode": Ref("set")},
        also=Example({"emailAddress": Ref("email")}),
    ),
    "recovery.update_forgotten_password": Example(
        {
            "userName": Ref("username"),
            "newPassword": "Another-Password-9",
            "confirmationCode": Ref("code"),
        }
    ),
    "recovery.invite": Example({"siteId": Ref("site")}, path={"accountId": Ref("guest")}),
    "recovery.change_email_address": Example(
        {"emailAddress": "other@mail.com", "password": Ref("password")}
    ),
    "email_verification.set_email_verification": Example({"policy": "later"}),
    # What an authenticator answers is made for one challenge; tests/passkeys shows good ones, and others'.
    "passkeys.request_passkey": Example(by_shopper=True),
    "passkeys.add_passkey": Example(
        {"challengeToken": "x", "credential": _MADE, "name": "Telephone"},
        status=400,
        by_shopper=True,
    ),
    "passkeys.rename_passkey": Example({"name": "Renamed"}, by_shopper=True),
    "passkey_sign_in.sign_in_by_passkey": Example(
        {"challengeToken": "x", "credential": _SHOWN}, status=401
    ),
    "passkey_second_factor.request_passkey_second_factor": Example(status=401),
    "passkey_second_factor.give_passkey_second_factor": Example(
        {"challengeToken": "x", "credential": _SHOWN}, status=401
    ),
    # Of hosts that passkeys are made for; the test client's is none.
    "related_origins.related_origins": Example(status=404),
    "passkey_policies.set_passkey_policy": Example({"use": "off"}),
    "password_policies.set_password_policy": Example({"minimumLength": 8}),
    "session_checks.check_sessions": Example(
        {"checks": [{"token": Ref("access_token"), "siteId": Ref("site")}]}
    ),
    "introspection.introspect": Example({"token": Ref("access_token"), "site": Ref("site")}),
    # Nobody's sign-in waits, nor does anybody have an app; tests/second_factor goes further.
    "sign_in_codes.request_second_factor": Example(status=401),
    "sign_in_codes.give_second_factor": Example(
        {"userId": Ref("user_id"), "otpCode": "000000"}, status=401
    ),
    "sign_in_codes.request_one_time_code": Example({"email": Ref("email")}, status=403),
    "sign_in_codes.give_one_time_code": Example(
        {"email": Ref("email"), "otpCode": "000000"}, status=401
    ),
    "second_factor_policies.set_second_factor_policy": Example({"requirement": "off"}),
    "second_factor.begin_authenticator_app": Example(by_shopper=True, status=403),
    "second_factor.confirm_authenticator_app": Example(
        {"enrolment": "none", "code": "000000"}, by_shopper=True, status=400
    ),
    "second_factor.renew_recovery_codes": Example({"code": "000000"}, by_shopper=True, status=409),
    "second_factor.remove_authenticator_app": Example(
        {"code": "000000"}, by_shopper=True, status=409
    ),
    "second_factor.reset_second_factor": Example(status=409),
}
