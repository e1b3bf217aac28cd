"""What a daily timer clears away: what ended or ran out long ago, of every tenant."""

from __future__ import annotations

from datetime import timedelta

from authsvc.customer_search.settling import Settling
from authsvc.customer_search.settling_store import SettlingStore
from authsvc.devices.rules import KNOWN_FOR
from authsvc.services import Services


def purge(services: Services, days: int) -> tuple[int, int]:
    """Delete what ended or ran out over `days` ago; returns how many sessions and application tokens.

    Signing keys whose last token ran out as long ago are retired, the audit trail is sealed and keys are rotated where
    no worker does it, kinds of imported hashes that are used up forgotten;
    what large moves left to do for the customer search is done as well (migration 0009).
    """
    before = services.clock() - timedelta(days=days)
    services.staff.purge(before)
    services.storefront.arrivals.store.purge(before)
    services.mails.store.purge(before)
    services.recovery.links.store.purge(before)
    services.passkeys.registration.challenges.store.purge(before)
    services.devices.store.purge(services.clock() - KNOWN_FOR)
    # What waits for minutes is of no use to anybody afterwards.
    services.sign_in.second_factors.factors.pending.purge(services.clock())
    services.key_rotation.retire_finished(before)
    services.key_rotation.rotate_if_due(timedelta(days=services.settings.signing_key_days))
    services.audit.sealing.run()
    services.login.passwords.store.forget_unused()
    Settling(SettlingStore(services.database)).settle()
    return services.sessions.store.purge(before), services.applications.store.purge(before)
