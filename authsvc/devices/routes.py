"""The devices of a customer account: which there are, and ending one. The vendor has no such calls."""

from __future__ import annotations

from authsvc.accounts.rules import UnknownAccount
from authsvc.callers import Behavior, Caller, FreshSignIn, Requires, ShopperRole
from authsvc.devices.account_devices import AccountDevices, DeviceInUse
from authsvc.devices.rules import UnknownDevice
from authsvc.listing.queries import FieldsQuery
from authsvc.sessions.freshness import FreshSignInRequired
from authsvc.web.collection import Collection
from authsvc.web.operations import Routes
from authsvc.web.wire import Wire, WireDateTime


class AccountDevice(Wire):
    """A device that an account was signed in with: a browser and its system, and roughly where it was used last.

    `addressBlock`: the network its address is in, never the address. `isCurrent`: the call's own shopper is on it.
    """

    id: str
    name: str
    address_block: str | None
    first_seen_on: WireDateTime
    last_used_on: WireDateTime
    session_ids: list[str]
    is_current: bool

    @classmethod
    def of(cls, in_use: DeviceInUse, session_id: str | None = None) -> AccountDevice:
        """Show a device to the shopper of a session."""
        device = in_use.device
        return cls(
            id=device.id,
            name=device.name,
            address_block=device.address_block,
            first_seen_on=device.first_seen_at,
            last_used_on=device.last_used_at,
            session_ids=[session.session_id for session in in_use.sessions],
            is_current=in_use.has(session_id),
        )


def routes(service: AccountDevices) -> Routes:
    """Declare the operations over `service`."""
    part = Routes("devices", prefix="/api/commerce/customer/accounts", tag="Devices")

    @part.get(
        "/<int:account_id>/devices",
        requires=Requires(Behavior.CUSTOMER_READ, ShopperRole.OWN_ACCOUNT),
        answers=Collection[AccountDevice],
        refuses=(UnknownAccount,),
    )
    def list_devices(
        caller: Caller, account_id: int, query: FieldsQuery
    ) -> Collection[AccountDevice]:
        """List the devices that an account was signed in with, the one used last first."""
        caller.may_see_account(account_id)
        found = service.signed_in(caller.tenant_id, account_id).devices
        session_id = caller.shopper.session_id if caller.shopper else None
        return Collection[AccountDevice].page(
            [AccountDevice.of(each, session_id) for each in found],
            start_index=0,
            page_size=len(found),
            total_count=len(found),
        )

    @part.delete(
        "/<int:account_id>/devices/<device_id>",
        # ASVS 5 7.5.2: who ends sessions has proved who they are.
        requires=Requires(
            Behavior.CUSTOMER_UPDATE, ShopperRole.OWN_ACCOUNT, fresh_sign_in=FreshSignIn.NEEDED
        ),
        refuses=(FreshSignInRequired, UnknownAccount, UnknownDevice),
    )
    def end_device(caller: Caller, account_id: int, device_id: str) -> None:
        """Sign a device of an account out, and know it no longer: its next sign-in is a new device's."""
        caller.may_see_account(account_id)
        service.end(caller, account_id, device_id)

    return part
