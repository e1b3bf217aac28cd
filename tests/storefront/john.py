"""John, signed in on Mystic Sports and known on Mystic Kids."""

from __future__ import annotations

from dataclasses import dataclass

from authsvc.account_data import AccountData
from authsvc.accounts.rules import CustomerAccount
from authsvc.contacts.rules import Contact
from tests.merchants import PASSWORD
from tests.storefront.conftest import Shops
from tests.storefront.shopper import ShopperBrowser


@dataclass
class John:
    """John, signed in on Mystic Sports and known on Mystic Kids."""

    shops: Shops
    browser: ShopperBrowser
    id: int

    @property
    def sports(self) -> str:
        """My Account on Mystic Sports."""
        return f"{self.shops.sports}/my-account"

    @property
    def data(self) -> AccountData:
        """What is kept on accounts."""
        return self.shops.merchant.services.account_data

    @property
    def account(self) -> CustomerAccount:
        """His account as it is kept."""
        return self.shops.merchant.services.accounts.account(self.shops.merchant.tenant_id, self.id)

    def send(self, path: str, **fields: str) -> str:
        """Send a form of My Account; returns the page that follows."""
        return self.browser.post(f"{self.sports}{path}", form=fields).text

    def add(self, **fields: str) -> Contact:
        """Add an address; returns it."""
        assert "The address is saved." in self.send("/addresses/new", email="j@mail.com", **fields)
        return self.account.contacts[-1]


def sign_john_in(shops: Shops, browser: ShopperBrowser) -> John:
    """Sign him up on Mystic Kids, and in on Mystic Sports."""
    account = shops.merchant.sign_up("john@mail.com", "Mystic Kids", first_name="John").account
    assert account is not None
    browser.post(f"{shops.sports}/login", username="john@mail.com", password=PASSWORD)
    return John(shops, browser, account.id)
