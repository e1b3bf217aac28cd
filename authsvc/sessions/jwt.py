"""The JWT of a ticket: signed, with the vendor's claim names, and good for a check like the access token itself.

It names the access token by its digest (`jti`), so that whoever shows the JWT instead of the token is looked up,
and refused, exactly alike: a JWT that services verify alone runs out with its token, one shown to us obeys a
sign-out at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError

from authsvc.customer_sets.rules import Site
from authsvc.infra.clock import Clock
from authsvc.sessions.rules import Holder, IssuedTokens
from authsvc.sessions.signing_keys import ALGORITHM, SigningKeys
from authsvc.tokens import TokenReference, digest

ISSUER = "authsvc"
APP_CLAIMS = "https://www.kibocommerce.com/app_claims"
USER_CLAIMS = "https://www.kibocommerce.com/user_claims"

# [K] 2.2: behaviors are bits, 32 to a word; a storefront reads 1014, "full access to own account", and the
# shopper's others between 1000 and 1014.
_WORD_BITS = 32
_ANONYMOUS_BEHAVIORS = (1000,)
_SHOPPER_BEHAVIORS = (1000, 1014)

# A session's methods by their registered names (RFC 8176 §2).
_REFERENCES: Mapping[str, str] = {
    "password": "pwd",
    "email_code": "otp",
    "authenticator_app": "otp",
    "recovery_code": "otp",
    "passkey": "hwk",
}

# What a JWT looks like before anything of it is believed: three Base64url parts.
_PARTS = 3


def behavior_words(behaviors: tuple[int, ...]) -> list[list[int]]:
    """Return behavior numbers as the vendor's (word, mask) pairs: 1014 is bit 22 of word 31."""
    words: dict[int, int] = {}
    for behavior in behaviors:
        words[behavior // _WORD_BITS] = (
            words.get(behavior // _WORD_BITS, 0) | 1 << behavior % _WORD_BITS
        )
    return [[word, mask] for word, mask in sorted(words.items())]


def authentication_references(methods: tuple[str, ...]) -> list[str]:
    """Return how the holder has shown who they are as other services read it (RFC 8176); `mfa` for two ways."""
    references = sorted({_REFERENCES[each] for each in methods if each in _REFERENCES})
    is_multiple = len({each for each in methods if each in _REFERENCES}) > 1
    return [*references, "mfa"] if is_multiple else references


def looks_like_jwt(text: str) -> bool:
    """Tell a JWT from an opaque token, which has no dots."""
    return text.count(".") == _PARTS - 1


@dataclass(frozen=True, slots=True)
class JwtTickets:
    """Makes and reads the JWTs of tickets."""

    keys: SigningKeys
    clock: Clock

    def sign(
        self,
        site: Site,
        holder: Holder,
        issued: IssuedTokens,
        application: str | None,
        previous_anonymous_id: str | None = None,
        *,
        methods: tuple[str, ...] = (),
        acted_for_by: str | None = None,
    ) -> str:
        """Return the JWT that goes with a ticket's access token.

        `previous_anonymous_id`: the user id of the anonymous shopper who signed in, so that carts can be merged.
        `methods`: by which the holder has shown who they are. `acted_for_by`: who acts for the holder, if somebody does
        (RFC 8693 §4.1).
        """
        now = int(self.clock().timestamp())
        expires = int(issued.access_expires_at.timestamp())
        is_anonymous = holder.account_id is None
        bag = {
            "b.TenantId": str(site.tenant_id),
            "b.SiteId": str(site.id),
            "b.CustomerSet": site.customer_set,
            "b._sess_": issued.session_id,
        }
        if not is_anonymous:
            bag |= {
                "b.AccountId": str(holder.account_id),
                "b.UserFirstName": holder.first_name or "",
                "b.UserLastName": holder.last_name or "",
            }
        if previous_anonymous_id is not None:
            bag["b.PreviousAnonymousId"] = previous_anonymous_id
        claims: dict[str, Any] = {
            "iss": ISSUER,
            "aud": f"tenant:{site.tenant_id}",
            "sub": holder.user_id,
            "unique_name": holder.user_id,
            "sid": issued.session_id,
            "jti": digest(issued.access_token).hex(),
            "nbf": now,
            "iat": now,
            "exp": expires,
            APP_CLAIMS: {"aid": application, "exp": expires},
            USER_CLAIMS: {
                "anon": "1" if is_anonymous else "0",
                "uid": holder.user_id,
                "bv": behavior_words(_ANONYMOUS_BEHAVIORS if is_anonymous else _SHOPPER_BEHAVIORS),
                "exp": expires,
                "st": "Shopper",
                **bag,
            },
        }
        if references := authentication_references(methods):
            claims["amr"] = references
        if acted_for_by is not None:
            claims["act"] = {"sub": acted_for_by}
        key = self.keys.signing_key()
        return jwt.encode({"alg": ALGORITHM, "kid": key.kid}, claims, key, algorithms=[ALGORITHM])

    def reference(self, text: str) -> TokenReference | None:
        """Return the access token a genuine JWT of ours stands for, or None; whether it is still good is not asked."""
        try:
            claims = jwt.decode(text, self.keys.for_ticket, algorithms=[ALGORITHM]).claims
            tenant_id = int(claims["aud"].removeprefix("tenant:"))
            return TokenReference(tenant_id, bytes.fromhex(claims["jti"]))
        except (JoseError, KeyError, ValueError, AttributeError, TypeError):
            return None
