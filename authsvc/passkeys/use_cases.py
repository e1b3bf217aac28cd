"""Passkeys, connected."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from authsvc.callers import Caller
from authsvc.customer_sets.service import CustomerSets
from authsvc.infra.database import Database
from authsvc.login.completing import SignInCompletion
from authsvc.passkeys.challenge_store import ChallengeStore
from authsvc.passkeys.challenges import Challenges
from authsvc.passkeys.notices import PasskeyNotices
from authsvc.passkeys.policies import PasskeyPolicies
from authsvc.passkeys.registration import Registration
from authsvc.passkeys.second_factor import PasskeySecondFactor
from authsvc.passkeys.service import Passkeys
from authsvc.passkeys.showing import PasskeyShowing
from authsvc.passkeys.sign_in import PasskeySignIn
from authsvc.passkeys.store import PasskeyStore
from authsvc.recovery.links import Links
from authsvc.settings import Settings


@dataclass(frozen=True, slots=True)
class PasskeyUseCases:
    """What pages and calls ask of."""

    passkeys: Passkeys
    policies: PasskeyPolicies
    registration: Registration
    sign_in: PasskeySignIn
    second_factor: PasskeySecondFactor


def connect_passkeys(
    settings: Settings,
    database: Database,
    customer_sets: CustomerSets,
    completion: SignInCompletion,
    links: Links,
    ensure_fresh: Callable[[Caller], None],
) -> PasskeyUseCases:
    """Connect the use cases over `database`; `ensure_fresh` refuses who did not sign in a moment ago."""
    store, login = PasskeyStore(database), completion.login
    accounts, transaction = links.accounts, database.transaction
    passkeys = Passkeys(
        store,
        accounts,
        links.credentials,
        PasskeyNotices(links, customer_sets),
        transaction,
        links.clock,
    )
    policies = PasskeyPolicies(
        store,
        customer_sets,
        login.directory,
        links.sites,
        accounts.trail,
        transaction,
        settings.site_address,
    )
    challenges = Challenges(ChallengeStore(database), settings.encryption, links.clock)
    showing = PasskeyShowing(passkeys, challenges)
    return PasskeyUseCases(
        passkeys,
        policies,
        Registration(passkeys, policies, challenges, ensure_fresh),
        PasskeySignIn(policies, showing, login),
        PasskeySecondFactor(policies, showing, completion),
    )
