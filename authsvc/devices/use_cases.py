"""Shoppers' devices, connected."""

from __future__ import annotations

from authsvc.audit.store import AuditTrail
from authsvc.devices.notices import NewDeviceNotices
from authsvc.devices.service import Devices
from authsvc.devices.store import DeviceStore
from authsvc.infra.clock import Clock
from authsvc.infra.database import Database
from authsvc.mail.service import Mails
from authsvc.regrouping.site_store import SiteStore


def connect_devices(database: Database, mails: Mails, trail: AuditTrail, clock: Clock) -> Devices:
    """Connect what a sign-in asks and tells of its device."""
    return Devices(
        DeviceStore(database), NewDeviceNotices(mails, SiteStore(database)), trail, clock
    )
