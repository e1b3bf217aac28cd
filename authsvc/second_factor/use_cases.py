"""Second factors, connected."""

from __future__ import annotations

from collections.abc import Sequence

from authsvc.devices.service import Devices
from authsvc.infra.clock import Clock
from authsvc.infra.database import Database
from authsvc.second_factor.authenticator_store import AuthenticatorStore
from authsvc.second_factor.pending_store import PendingStore
from authsvc.second_factor.service import EnrolledFactors, SecondFactors
from authsvc.second_factor.store import SecondFactorStore


def connect_second_factors(
    database: Database, devices: Devices, clock: Clock, others: Sequence[EnrolledFactors] = ()
) -> SecondFactors:
    """Connect the step between password and session, below signing in; `others`: factors of other features."""
    return SecondFactors(
        SecondFactorStore(database),
        PendingStore(database),
        AuthenticatorStore(database),
        devices,
        clock,
        others,
    )
