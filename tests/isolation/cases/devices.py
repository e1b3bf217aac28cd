"""Questions about shoppers' devices."""

from __future__ import annotations

from uuid import UUID, uuid4

from authsvc.devices.rules import Device
from tests.isolation.world import Case, World


def _device(world: World, device_id: UUID) -> Device:
    return Device(str(device_id), "Browser", None, world.now, world.now)


CASES: dict[str, Case] = {
    "DeviceStore.found": lambda w, tenant, _: (
        found
        if (
            found := w.services.devices.store.found(
                tenant, w.account.id, w.device_digest, w.account.created_at
            )
        ).has_any
        else None
    ),
    "DeviceStore.add": lambda w, tenant, _: w.services.devices.store.add(
        tenant, w.account.id, _device(w, uuid4()), b"n" * 32, is_certain=True
    ),
    "DeviceStore.used": lambda w, tenant, _: w.services.devices.store.used(
        tenant, w.account.id, _device(w, w.device_id), w.session_id
    ),
    "DeviceStore.follow": lambda w, tenant, _: w.services.devices.store.follow(
        tenant, w.browser_session_id, b"f" * 32
    ),
    "DeviceStore.of_account": lambda w, tenant, _: w.services.devices.store.of_account(
        tenant, w.account.id
    ),
    "DeviceStore.forget": lambda w, tenant, _: w.services.devices.store.forget(
        tenant, w.account.id, w.device_id, w.now
    ),
    "DeviceStore.forget_all": lambda w, tenant, _: w.services.devices.store.forget_all(
        tenant, w.account.id, w.now
    ),
}
