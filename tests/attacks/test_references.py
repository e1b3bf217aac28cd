"""Whatever an operation can be asked about, it is asked about another tenant's, another set's and another customer's.

Made from the API's description: a new operation, or a new field of one, fails here until `examples.py` has a good
request of it that says what it refers to.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from authsvc.callers import Requires, ShopperRole
from authsvc.services import Services
from authsvc.web.running import Endpoint
from tests.attacks.belongings import NOWHERE, Belongings, belongings, sites_have_hosts
from tests.attacks.described import OPERATIONS, DescribedOperation, Place, all_fields, name_of
from tests.attacks.examples import EXAMPLES, Example, Ref
from tests.attacks.probing import Rows, examples_of, filled, none_of, references, send, told
from tests.machines import taken_back
from tests.merchants import Merchant, new_merchant

# What refers to nothing that is anybody's, and says only itself.
PLAIN = {
    # A device's name is a secret of that device: tests/devices.
    "header": {"x-auth-device", "x-auth-device-address", "x-auth-device-user-agent"},
    "query": {
        "fields", "isAnonymous", "isLocked", "pageSize", "qLimit", "reason", "responseFields", "responseGroups",
        "sortBy", "startIndex", "unlockAccount",
    },
    "body": {
        "accentColor", "acceptsMarketing", "accountType", "actionName", "address1", "address2", "address3",
        "address4", "addressType", "adminName", "attestationObject", "attributeCode", "authTicketTtlMinutes",
        "authenticatorData", "availableForDiscounts", "availableForOrderRouting", "body", "cardNumberPart",
        "cardType", "cartId", "challengeToken", "change", "cityOrTown", "clientDataJSON", "code",
        "companyOrOrganization", "content", "countryCode", "currencyCode", "customerSinceDate", "dataType",
        "description", "displayGroup", "email", "expireMonth", "expireYear", "externalId", "faxNumber", "fingerprint",
        "firstName", "grant_type", "home", "hosts", "inputType", "isActive", "isDefault", "isDefaultPayMethod",
        "isImport", "isMultiValued", "isPrimary", "isReadOnly", "isRequired", "isValidated", "isVisible", "key",
        "label", "language", "lastName", "lastNameOrSurname", "localeCode", "logoText", "maxDateTime",
        "maxNumericValue", "maxStringLength", "middleNameOrInitial", "minDateTime", "minNumericValue",
        "minStringLength", "minimumDigits", "minimumLength", "minimumLetters", "mobile", "name", "nameOnCard",
        "enrolment", "isEmailOtpLoginAllowed", "namespace", "newPassword", "order", "origins", "otpCode", "policy",
        "postalOrZipCode", "reason", "requirement",
        "refreshTokenTtlMinutes", "refusesCommonPasswords", "refusesSimilarPasswords", "region", "regularExpression",
        "sendInvitation", "sequence", "signature", "stateOrProvince", "status", "submittedDate", "taxExempt", "taxId",
        "token_type_hint", "total", "transports", "type", "unlockAccount", "updateDate", "use", "value", "valueType",
        "values", "version", "work",
    },
}  # fmt: skip

# Whoever has one of these is its holder: shown by somebody else, it is theft, which other tests are about.
PROOFS = {
    "client_secret", "password", "access_token", "refresh_token", "application_refresh_token", "code",
}  # fmt: skip

# (operation, name) → why no good request refers to somebody's thing there.
NOT_ASKED_ABOUT = {
    ("applications.authenticate_oauth", "refresh_token"): "a proof, asked for in applications.refresh",
    ("attributes.list_attributes", "filter"): "is ignored: an account has few",
    ("audit_log.get_audit_log", "filter"): "answered by 501",
    ("attributes.add_attribute", "userId"): "of the guest's account; the other operations have it",
    ("passkeys.add_passkey", "id"): "made by the authenticator for a challenge: tests/passkeys/test_registration.py",
    ("passkey_sign_in.sign_in_by_passkey", "id"): "the same: tests/passkeys",
    ("passkey_sign_in.sign_in_by_passkey", "userHandle"): "the same: tests/passkeys",
    ("passkey_second_factor.give_passkey_second_factor", "id"): "the same: tests/passkeys",
    ("passkey_second_factor.give_passkey_second_factor", "userHandle"): "the same: tests/passkeys",
    ("passkey_policies.set_passkey_policy", "relyingPartyId"): "a domain: tests/passkeys",
    ("invalidations.read_invalidations", "after"): "a position: tests/sessions/test_invalidations.py",
    ("orders.put_order", "eligibilityReceipt"): "signed, and compared: tests/orders/test_receipts.py",
    **{
        (operation, name): "names somebody new: tests/login/test_sign_up.py says what of it is taken"
        for operation in (
            "accounts.create_account",
            "enrolment.add_account_and_login",
            "enrolment.add_accounts",
            "offline_orders.create_eligible_customer",
        )
        for name in ("emailAddress", "userName", "userId")
    },
    **{
        (operation, "password"): "a new one, that names nothing"
        for operation in (
            "enrolment.add_account_and_login",
            "enrolment.add_accounts",
            "enrolment.create_login",
            "offline_orders.create_eligible_customer",
        )
    },
    ("enrolment.create_login", "emailAddress"): "the same as of sign-up",
    ("enrolment.create_login", "username"): "the same as of sign-up",
    ("recovery.change_email_address", "emailAddress"): "names a new address: tests/recovery/test_email_changes.py",
    ("contacts.add_contact", "id"): "a new contact has none, and 0 is what storefronts send",
    ("cards.add_card", "id"): "the payment service's token, which names a new card",
    **{
        (operation, "externalPassword"): "a secret, that names nothing"
        for operation in (
            "credentials.change_password",
            "credentials.change_passwords",
            "enrolment.add_account_and_login",
            "enrolment.add_accounts",
            "enrolment.create_login",
            "offline_orders.create_eligible_customer",
        )
    },
}  # fmt: skip

# By kinds and places: its answer to a foreign value is another than to one of nobody, and why that is let be.
TOLD_APART = {
    (
        "customers.update_account",
        "emailAddress",
    ): "taken in the set: the vendor's answer, as at sign-up",
    "cursor": "a place in one's own list; text that is no cursor is refused as such",
    "eligible_cursor": "the same",
}

# What a shopper's ticket does not change: an application asks about its tenant, whoever stands before it.
OF_THE_TENANT = {
    "customer_sets.get_customer_set": "the tenant's structure, which its applications may read",
    "attribute_definitions.list_definitions": "what the tenant wants to know of its customers, and of none of them",
    "attribute_definitions.get_definition": "the same",
    "attribute_definitions.list_vocabulary_values": "the same",
    "recovery.reset_password": "its customer sets exist or not; who is in them is not told",
}

Probe = tuple[DescribedOperation, Example, Place, Ref]


def probes() -> Iterator[Probe]:
    """Return every place of every good request that refers to something of somebody's."""
    for operation in OPERATIONS.values():
        for example in examples_of(operation):
            for place, ref in references(operation, example).items():
                if ref.kind not in PROOFS:
                    yield operation, example, place, ref


@pytest.fixture(name="own")
def _own(merchant: Merchant) -> Belongings:
    """A customer in `b2c`."""
    sites_have_hosts(merchant)
    return belongings(merchant, "own", "Mystic Sports")


@pytest.fixture(name="others")
def _others(own: Belongings) -> dict[str, Belongings]:
    """Somebody else of the same set, and somebody of another set of the same tenant."""
    return {
        "same set": belongings(own.merchant, "twin", "Mystic Kids"),
        "another set": belongings(own.merchant, "zebra", "Mystic Business"),
    }


def test_whatever_can_be_said_to_the_api_is_known_here() -> None:
    unknown, seen = [], set()
    for operation in OPERATIONS.values():
        asked_about = {
            (place[0], name_of(place))
            for example in examples_of(operation)
            for place in references(operation, example)
        }
        for place, _ in all_fields(operation):
            where, name = str(place[0]), name_of(place)
            seen |= {(where, name), (operation.id, name)}
            if (
                (where, name) not in asked_about
                and name not in PLAIN.get(where, ())
                and (operation.id, name) not in NOT_ASKED_ABOUT
            ):
                unknown.append((operation.id, *place))
    none_of(unknown)
    assert {(where, name) for where in PLAIN for name in PLAIN[where]} <= seen, "stale"
    assert NOT_ASKED_ABOUT.keys() <= seen, "stale"
    assert EXAMPLES.keys() <= OPERATIONS.keys(), "stale"


def test_every_example_is_a_good_request(own: Belongings, services: Services) -> None:
    """Or what is refused below would be refused for another reason."""
    bad = []
    for operation in OPERATIONS.values():
        for example in examples_of(operation):
            with taken_back(services):
                answer = send(
                    own,
                    filled(operation, example, own.things),
                    site="Mystic Sports",
                    shopper=own.access_token if example.by_shopper else None,
                )
            if answer.status_code >= 400 and answer.status_code != example.status:
                bad.append((operation.id, answer.status_code, answer.text))
    none_of(bad)


def test_another_tenants_things_are_nowhere(
    own: Belongings, services: Services, client: FlaskClient
) -> None:
    """The answer is the one to what does not exist, shows nothing of theirs, and not a row of theirs is another."""
    alien = belongings(new_merchant(services, client), "alien", "Mystic Sports")
    sites_have_hosts(alien.merchant)
    rows, found = Rows(services), list[object]()
    before = rows.of_tenant(alien.tenant_id)
    for operation, example, place, ref in probes():
        answers = []
        # Both tenants have sets called b2c.
        for things in ({**alien.things, "set": alien.things["other_set"]}, NOWHERE):
            value = ref.of(things)
            with taken_back(services):
                request = filled(operation, example, own.things, {place: value})
                answer = send(
                    own,
                    request,
                    site="Mystic Sports",
                    shopper=own.access_token if example.by_shopper else None,
                )
                changed = rows.of_tenant(alien.tenant_id) != before
            answers.append(told(answer, value))
            if changed or "alien" in answer.text.replace(str(value), "#"):
                found.append((operation.id, place, changed, answer.text))
        if answers[0] != answers[1] and not _may_differ(operation, place, ref):
            found.append((operation.id, place, *answers))
    none_of(found)


@pytest.mark.parametrize("whose", ["same set", "another set"])
def test_a_shopper_reaches_nothing_of_anybody_elses(
    own: Belongings, others: dict[str, Belongings], services: Services, whose: str
) -> None:
    """With a shopper's ticket along, whatever the application could do without it."""
    other, rows, found = others[whose], Rows(services), list[object]()
    before = rows.of_account(other.account)
    asked = [each for each in probes() if each[0].id not in OF_THE_TENANT]
    for operation, example, place, ref in asked:
        answers = []
        for things in ({**other.things, "attribute": own.things["attribute"]}, NOWHERE):
            value = ref.of(things)
            if value == ref.of(own.things):
                continue
            with taken_back(services):
                request = filled(operation, example, own.things, {place: value})
                answer = send(own, request, site="Mystic Sports", shopper=own.access_token)
                changed = rows.of_account(other.account) != before
            answers.append(told(answer, value))
            if changed or other.mark in answer.text.replace(str(value), "#"):
                found.append((operation.id, place, changed, answer.text))
        if len(set(answers)) > 1 and not _may_differ(operation, place, ref):
            found.append((operation.id, place, *answers))
    none_of(found)


def test_a_shoppers_ticket_is_worth_nothing_on_a_site_of_another_set(
    own: Belongings, services: Services, app: Flask
) -> None:
    """Rule 13, on every operation to which it matters who the shopper is."""
    served = set()
    for operation in OPERATIONS.values():
        for example in examples_of(operation):
            request = filled(operation, example, own.things)
            with taken_back(services):
                answer = send(own, request, site="Mystic Business", shopper=own.access_token)
            if answer.status_code < 400:
                served.add(operation.id)
    assert {name for name in served if _is_the_shoppers(app, name)} == set()
    assert len(served) < len(OPERATIONS) / 3


def _is_the_shoppers(app: Flask, name: str) -> bool:
    view = app.view_functions[name]
    assert isinstance(view, Endpoint)
    requires = view._requires
    return isinstance(requires, Requires) and requires.shopper is not ShopperRole.IRRELEVANT


def _may_differ(operation: DescribedOperation, place: Place, ref: Ref) -> bool:
    return ref.kind in TOLD_APART or (operation.id, name_of(place)) in TOLD_APART
