"""The storefront pages put together on a Flask application."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import request

from authsvc.storefront.acting_pages import ActingShopperPages, add_acting_shopper_pages
from authsvc.storefront.arrival_pages import ArrivalPages, add_arrival_pages
from authsvc.storefront.device_pages import DevicePages, add_device_pages
from authsvc.storefront.email_pages import EmailPages, add_email_pages
from authsvc.storefront.fresh_sign_in import add_confirm_page
from authsvc.storefront.my_account_pages import (
    MyAccountPages,
    Section,
    add_my_account_pages,
    go_and_sign_in,
)
from authsvc.storefront.pages import BLUEPRINT, StorefrontPages
from authsvc.storefront.passkey_pages import (
    PasskeyPages,
    add_own_passkey_pages,
    add_passkey_sign_in,
)
from authsvc.storefront.password_pages import PasswordPages, add_password_pages
from authsvc.storefront.recovery_pages import RecoveryPages, add_recovery_pages
from authsvc.storefront.second_factor_pages import add_second_factor_pages
from authsvc.storefront.second_step_pages import (
    SecondStepPages,
    add_code_sending,
    add_passkey_step,
    add_second_step_pages,
    add_sign_in_code_pages,
)
from authsvc.storefront.sign_in_pages import SignInPages, add_sign_in_pages, add_sign_out_pages
from authsvc.storefront.visitors import ShopperVisitors
from authsvc.web.visitors import visitors_of

if TYPE_CHECKING:
    from flask import Flask

    from authsvc.accounts.service import Accounts
    from authsvc.devices.account_devices import AccountDevices
    from authsvc.login.use_cases import SignIn
    from authsvc.passkeys.use_cases import PasskeyUseCases
    from authsvc.recovery.use_cases import Recovery
    from authsvc.sessions.service import Sessions
    from authsvc.storefront.use_cases import Storefront


def install_storefront_pages(
    app: Flask,
    storefront: Storefront,
    sessions: Sessions,
    accounts: Accounts,
    account_devices: AccountDevices,
    recovery: Recovery,
    passkeys: PasskeyUseCases,
    sign_in: SignIn,
) -> MyAccountPages:
    """Declare the pages; more may be added to what is returned, before its blueprint is registered."""
    visitors = ShopperVisitors(storefront.places, sessions)
    visitors_of(app).declare(
        BLUEPRINT, visitors.load, lambda: go_and_sign_in(visitors.place(request))
    )
    pages = StorefrontPages(visitors, storefront.fresh_sign_ins)
    add_confirm_page(pages)
    arrivals = ArrivalPages(pages, storefront.arrivals, storefront.sign_in.login.devices)
    second_step = SecondStepPages(
        pages,
        sign_in.completion,
        sign_in.second_factors,
        passkeys.second_factor,
        storefront.sign_in.browser_sessions,
    )
    sign_in_pages = SignInPages(
        pages,
        storefront.sign_in,
        arrivals,
        second_step,
        sends_mail=recovery.links.mails.is_offered,
        passkeys=passkeys.policies,
    )
    add_sign_in_pages(sign_in_pages)
    add_second_step_pages(second_step, sign_in_pages.signed_in)
    add_passkey_step(second_step, sign_in_pages.signed_in)
    add_code_sending(second_step)
    add_sign_in_code_pages(second_step)
    passkey_pages = PasskeyPages(pages, sign_in_pages, passkeys)
    add_passkey_sign_in(passkey_pages)
    add_sign_out_pages(pages, sessions)
    add_arrival_pages(arrivals)
    add_acting_shopper_pages(ActingShopperPages(arrivals, sessions))
    add_email_pages(EmailPages(pages, recovery))
    add_password_pages(PasswordPages(pages, recovery.email_changes.credentials))
    add_recovery_pages(RecoveryPages(pages, recovery))
    my_account = MyAccountPages(pages, accounts, recovery.verification)
    add_my_account_pages(my_account)
    add_device_pages(DevicePages(pages, account_devices, storefront.places.sites))
    my_account.sections.append(
        Section("Passkeys", "storefront/passkeys.html", passkey_pages.section)
    )
    add_own_passkey_pages(passkey_pages)
    add_second_factor_pages(my_account, sign_in.second_factors.apps)
    return my_account
