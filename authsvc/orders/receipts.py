"""Eligibility receipts: signed statements that a customer could be put on an order of a site, for anyone to verify.

A receipt is a JWT (RFC 7519) under the keys that `/.well-known/jwks.json` publishes, and `jwks-archive.json` beside it
for good. It proves what was so at one
moment, also after site or customer have moved; so an order that arrives late is judged by when it was placed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from joserfc import jwt
from joserfc.errors import JoseError

from authsvc.customer_sets.directory import DOCUMENTED_DELAY_SECONDS
from authsvc.customer_sets.rules import Site
from authsvc.errors import Invalid
from authsvc.infra.clock import Clock
from authsvc.sessions.jwt import ISSUER
from authsvc.sessions.signing_keys import ALGORITHM, SigningKeys

# RFC 8725 §3.11: says what kind of JWT it is, so that neither a ticket passes for a receipt nor the other way round.
TYPE = "eligibility-receipt+jwt"
# [B]: order processing may go by a site's old set for 15 minutes. So long a receipt may be ordered on, and no longer.
LIFETIME = timedelta(seconds=DOCUMENTED_DELAY_SECONDS)
# The clocks of order systems are not ours; NTP keeps them within a second, a minute forgives worse.
CLOCK_DIFFERENCE = timedelta(minutes=1)


class BadReceipt(Invalid):
    """The eligibility receipt is not ours, or says something else than the order."""

    def __init__(self, detail: str) -> None:
        """Say in `detail` what is wrong with it."""
        super().__init__(
            "eligibilityReceipt",
            f"{detail} Ask for a receipt for this customer and site, or leave it out to have the customer checked now.",
        )


@dataclass(frozen=True, slots=True)
class Receipt:
    """The statement: this customer could be put on an order of this site from `issued_at` to `expires_at`."""

    id: str
    tenant_id: int
    account_id: int
    site_id: int
    customer_set: str
    issued_at: datetime
    expires_at: datetime

    def covers(self, placed_at: datetime) -> bool:
        """Tell whether an order placed then was placed under it."""
        return self.issued_at - CLOCK_DIFFERENCE <= placed_at <= self.expires_at + CLOCK_DIFFERENCE


@dataclass(frozen=True, slots=True)
class EligibilityReceipts:
    """Makes and reads receipts."""

    keys: SigningKeys
    clock: Clock

    def issue(self, site: Site, account_id: int) -> tuple[Receipt, str]:
        """Return a receipt for a customer who is in the set of `site` now, and its signed form."""
        now = self.clock().replace(microsecond=0)
        receipt = Receipt(
            uuid4().hex,
            site.tenant_id,
            account_id,
            site.id,
            site.customer_set,
            now,
            now + LIFETIME,
        )
        claims = {
            "iss": ISSUER,
            "aud": _audience(site.tenant_id),
            "jti": receipt.id,
            "iat": int(receipt.issued_at.timestamp()),
            "exp": int(receipt.expires_at.timestamp()),
            "tenantId": site.tenant_id,
            "customerAccountId": account_id,
            "siteId": site.id,
            "customerSet": site.customer_set,
        }
        key = self.keys.signing_key()
        header = {"alg": ALGORITHM, "kid": key.kid, "typ": TYPE}
        return receipt, jwt.encode(header, claims, key, algorithms=[ALGORITHM])

    def read(self, text: str, tenant_id: int) -> Receipt:
        """Return what a receipt of the tenant's says, run out or not; raises `BadReceipt` for any other text."""
        try:
            token = jwt.decode(text, self.keys.for_receipt, algorithms=[ALGORITHM])
            claims: dict[str, Any] = token.claims
            if token.header.get("typ") == TYPE and claims["aud"] == _audience(tenant_id):
                return Receipt(
                    str(claims["jti"]),
                    tenant_id,
                    int(claims["customerAccountId"]),
                    int(claims["siteId"]),
                    str(claims["customerSet"]),
                    datetime.fromtimestamp(claims["iat"], UTC),
                    datetime.fromtimestamp(claims["exp"], UTC),
                )
        except (JoseError, KeyError, ValueError, TypeError, AttributeError):
            pass
        raise BadReceipt("It is not a receipt of ours.")

    def proven_set(
        self, text: str, tenant_id: int, site_id: int, account_id: int, placed_at: datetime
    ) -> str:
        """Return the set in which an order was placed, by its receipt.

        Raises `BadReceipt` unless the receipt is about this customer and site and of the time of the order.
        """
        receipt = self.read(text, tenant_id)
        if (receipt.site_id, receipt.account_id) != (site_id, account_id):
            raise BadReceipt("It is for another customer or site.")
        if not receipt.covers(placed_at):
            raise BadReceipt("The order was not placed within its time.")
        return receipt.customer_set


def _audience(tenant_id: int) -> str:
    # Not that of tickets: nothing reads one for the other.
    return f"orders:{tenant_id}"
