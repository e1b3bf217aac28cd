"""The admin pages put together on a Flask application."""

from __future__ import annotations

from typing import TYPE_CHECKING

from authsvc.admin.account_pages import add_account_pages
from authsvc.admin.login_manager import install
from authsvc.admin.pages import AdminPages, go_and_sign_in
from authsvc.admin.password_pages import add_password_pages
from authsvc.admin.second_factor_pages import (
    add_offer_pages,
    add_recovery_code_pages,
    add_setup_pages,
)
from authsvc.admin.sign_in_pages import add_code_pages, add_sign_in_pages
from authsvc.admin.staff_pages import add_staff_pages
from authsvc.admin.tenant_of_host import HostTenants

if TYPE_CHECKING:
    from flask import Flask

    from authsvc.staff.use_cases import Staff


def install_admin_pages(app: Flask, staff: Staff, tenants: HostTenants) -> AdminPages:
    """Serve the admin pages below /admin; more may be declared on what is returned, before it is registered."""
    install(app, staff.sign_in, go_and_sign_in)
    pages = AdminPages()
    add_sign_in_pages(pages, staff.sign_in, tenants, tenants.name)
    add_code_pages(pages, staff.sign_in, staff.second_factors)
    add_offer_pages(pages, staff.second_factors)
    add_setup_pages(pages, staff.sign_in, staff.second_factors, tenants.name)
    add_recovery_code_pages(pages, staff.second_factors)
    add_password_pages(pages, staff.users, staff.sign_in)
    add_staff_pages(pages, staff.users, staff.second_factors)
    add_account_pages(pages, staff.users, staff.sign_in, staff.second_factors)
    return pages
