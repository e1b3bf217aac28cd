"""A device that an account was signed in with is known again, until somebody says that it should not be."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

from authsvc.callers import Shopper, ShownDevice
from authsvc.devices.rules import KNOWN_FOR, MOST_DEVICES
from authsvc.login.rules import Enrolment
from tests.merchants import PASSWORD, Merchant

TOKEN = "a token that nobody guesses".replace(" ", "-") + "-0123456789"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"
NEW_PASSWORD = "Analytical-Engine-1"
DEVICE = ShownDevice(TOKEN, user_agent=FIREFOX, address="203.0.113.77")


def sign_in(
    merchant: Merchant,
    device: ShownDevice | None,
    site: str = "Mystic Sports",
    password: str = PASSWORD,
) -> str:
    """Sign Ada in on a device; returns her session."""
    caller = replace(merchant.caller(site), device=device)
    return merchant.services.login.sign_in(caller, "ada@mail.com", password).tokens.session_id


def sign_up(merchant: Merchant, device: ShownDevice | None) -> int:
    """Sign Ada up; returns her account."""
    caller = replace(merchant.caller("Mystic Sports"), device=device)
    enrolment = Enrolment({"email_address": "ada@mail.com"}, PASSWORD)
    account = merchant.services.login.sign_up(caller, enrolment).account
    assert account is not None
    return account.id


def test_a_device_is_known_once_somebody_was_signed_in_with_it(merchant: Merchant) -> None:
    devices, tenant_id = merchant.services.devices, merchant.tenant_id
    ada = sign_up(merchant, None)
    assert not devices.is_known(tenant_id, ada, DEVICE)
    sign_in(merchant, None)
    assert devices.store.of_account(tenant_id, ada) == []
    sign_in(merchant, DEVICE)
    assert devices.is_known(tenant_id, ada, DEVICE)
    assert not devices.is_known(tenant_id, ada, replace(DEVICE, token=TOKEN + "x"))
    (device,) = devices.store.of_account(tenant_id, ada)
    assert (device.name, device.address_block) == ("Firefox (Linux)", "203.0.113.0/24")
    sign_in(merchant, DEVICE, "Mystic Kids")
    (again,) = devices.store.of_account(tenant_id, ada)
    assert again.first_seen_at == device.first_seen_at
    assert again.last_used_at > device.last_used_at


def test_one_browser_of_two_people_is_a_device_of_each(merchant: Merchant) -> None:
    devices, tenant_id = merchant.services.devices, merchant.tenant_id
    ada = sign_up(merchant, DEVICE)
    other = merchant.sign_up("grace@mail.com", "Mystic Sports").account
    assert other is not None
    assert devices.is_known(tenant_id, ada, DEVICE)
    assert not devices.is_known(tenant_id, other.id, DEVICE)


def test_a_fingerprint_is_known_again_and_is_not_certain(merchant: Merchant) -> None:
    """[K] 2.6: what a vendor's client sends, which similar devices may share."""
    merchant.sign_up("ada@mail.com", "Mystic Sports")
    body = {"username": "ada@mail.com", "password": PASSWORD, "fingerprint": "f00d"}
    answer = merchant.call("POST", "authtickets", body, site="Mystic Sports")
    assert answer.status_code == 201
    ada = answer.get_json()["customerAccount"]["id"]
    devices, shown = merchant.services.devices, ShownDevice(fingerprint="f00d")
    known = devices.known(merchant.tenant_id, ada, shown)
    assert known is not None
    assert not known.is_certain
    assert not devices.is_known(merchant.tenant_id, ada, shown)


def test_an_application_hands_over_what_a_device_shows(merchant: Merchant) -> None:
    ada = sign_up(merchant, None)
    body = {"username": "ada@mail.com", "password": PASSWORD}

    def call(token: str) -> int:
        headers = {
            "X-Auth-Device": token,
            "X-Auth-Device-User-Agent": FIREFOX,
            "X-Auth-Device-Address": "2001:db8:1:2::3",
        }
        answer = merchant.call("POST", "authtickets", body, site="Mystic Sports", headers=headers)
        return answer.status_code

    assert call("short") == 400
    assert call(TOKEN) == 201
    (device,) = merchant.services.devices.store.of_account(merchant.tenant_id, ada)
    assert (device.name, device.address_block) == ("Firefox (Linux)", "2001:db8:1::/48")


def test_whoever_replaces_a_password_or_signs_out_everywhere_is_known_by_their_own_device_at_most(
    merchant: Merchant,
) -> None:
    services, tenant_id = merchant.services, merchant.tenant_id
    ada = sign_up(merchant, DEVICE)
    other = replace(DEVICE, token=TOKEN + "x")
    session_id = sign_in(merchant, other)

    def known() -> list[bool]:
        return [services.devices.is_known(tenant_id, ada, each) for each in (DEVICE, other)]

    assert known() == [True, True]
    shopper = Shopper(session_id, "", ada, "b2c")
    services.credentials.change_password(
        replace(merchant.caller("Mystic Sports"), shopper=shopper), ada, PASSWORD, NEW_PASSWORD
    )
    assert known() == [False, True]
    sign_in(merchant, DEVICE, password=NEW_PASSWORD)
    assert known() == [True, True]
    services.account_sessions.end_everywhere(merchant.caller("Mystic Sports"), ada)
    assert known() == [False, False]


def test_of_too_many_devices_and_of_old_ones_the_account_is_rid(merchant: Merchant) -> None:
    services, tenant_id = merchant.services, merchant.tenant_id
    devices, store = services.devices, services.devices.store
    ada, now = sign_up(merchant, DEVICE), services.clock()
    (known,) = store.of_account(tenant_id, ada)
    long_ago = now - KNOWN_FOR - timedelta(days=1)
    session_id = UUID(sign_in(merchant, DEVICE))
    store.used(tenant_id, ada, replace(known, last_used_at=long_ago), session_id)
    # Its browser has not kept the cookie for so long; somebody else has.
    assert not devices.is_known(tenant_id, ada, DEVICE)
    sign_in(merchant, DEVICE)
    assert devices.is_known(tenant_id, ada, DEVICE)
    with services.database.transaction():
        for number in range(MOST_DEVICES):
            new = replace(known, id=str(uuid4()), last_used_at=now + timedelta(seconds=number + 60))
            store.add(tenant_id, ada, new, uuid4().bytes * 2, is_certain=True)
    assert len(store.of_account(tenant_id, ada)) == MOST_DEVICES
    assert not devices.is_known(tenant_id, ada, DEVICE)
