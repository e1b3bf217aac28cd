"""The rules behind the answers: their number in the design, in plain words, and as the vendor's documents say it.

[A], [B] and [K] are the sources named in the design; what staff read is the title of the page.
"""

from __future__ import annotations

from dataclasses import dataclass

_CUSTOMER_SETS = "Customer Sets"  # the title of [B]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. `number`: in design §2; None for one that stands elsewhere. `sentence`: the document's, or empty."""

    number: int | None
    words: str
    source: str = ""
    sentence: str = ""


SIGN_IN = Rule(
    13,
    "A customer signs in on the sites of their own customer set, and on no other.",
    _CUSTOMER_SETS,
    "When you assign a customer account to a customer set, they can use the same account to access the sites you've "
    "assigned to the same customer set, as well as share the same My Account information across the sites.",
)
SITE_MOVED = Rule(
    14,
    "A site that changes sets without its customers refuses their logins and their sessions from then on.",
    f"{_CUSTOMER_SETS}: Assign Sites to Customer Sets",
    "Otherwise, if you reassign a site to a different customer set without also reassigning the customer accounts, "
    "the customers will no longer be able to use their login credentials on the reassigned site and will have to "
    "create a new customer account for that site.",
)
MY_ACCOUNT = Rule(
    15,
    "My Account is the customer's own: the same on every site of their customer set, and not to be seen on any other.",
    f"{_CUSTOMER_SETS}: Shopper My Account Behavior",
    "Shopper's My Account information is shared across all sites that are assigned to the same customer set to which "
    "the shopper's customer account is assigned.",
)
OFFLINE_ORDER = Rule(
    16,
    "An offline order names customers of the site's customer set only.",
    f"{_CUSTOMER_SETS}: Offline Orders and Customer Sets",
    "When creating offline orders, you can only select customers that belong to the same customer set as the site on "
    "which you place the order.",
)
# [K] 3.3.
GUEST = Rule(
    12,
    "A guest account has no login: nobody signs in with it before it is given one, which happens once.",
)
# [K] 2.5, 3.3; in force at once, rule 17.
LOCKED = Rule(
    None, "A locked account does not sign in, and its sessions have ended; its data are kept."
)
DISABLED = Rule(
    None, "A disabled account does not sign in, and its sessions have ended; its data are kept."
)
PASSWORD_CHANGE = Rule(
    None, "Whoever must change their password does so before it opens a new session."
)
# A rule of ours, where the settings ask for it.
EMAIL_NOT_VERIFIED = Rule(
    None,
    "Where e-mail addresses are verified, a new account signs in only once its owner has opened the link mailed to it.",
)
# Design §4: attempts are counted, and many of them must wait.
TOO_MANY_FAILURES = Rule(
    None, "After too many wrong passwords a username must wait, whoever typed them."
)
# [B], the closing note; rule 17.
DELAY = Rule(
    17,
    "Which set a site is in may take up to 15 minutes to be known everywhere; everything else is in force at once.",
    _CUSTOMER_SETS,
    "Note that changes to these settings may not immediately take effect when processing orders. It may take up to "
    "15 minutes for updates to be reflected in the system while the cache refreshes.",
)
