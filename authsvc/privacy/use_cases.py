"""Giving out and ending what is held on shoppers, connected."""

from __future__ import annotations

from authsvc.account_data import AccountData
from authsvc.accounts.service import Accounts
from authsvc.credentials.service import Credentials
from authsvc.devices.account_devices import AccountDevices
from authsvc.infra.clock import Clock
from authsvc.infra.database import Database
from authsvc.orders.service import Orders
from authsvc.privacy.service import Privacy
from authsvc.privacy.store import ErasureStore
from authsvc.second_factor.authenticator_store import AuthenticatorStore


def connect_privacy(
    database: Database,
    accounts: Accounts,
    data: AccountData,
    orders: Orders,
    account_devices: AccountDevices,
    authenticators: AuthenticatorStore,
    credentials: Credentials,
    clock: Clock,
) -> Privacy:
    """Connect the use cases to all that is kept on accounts."""
    return Privacy(
        ErasureStore(database),
        accounts,
        data,
        orders,
        account_devices,
        authenticators,
        credentials,
        database.transaction,
        clock,
    )
