"""Names that logins of a customer set answer to already, and whom that refuses (design §2, 8 and 10)."""

from __future__ import annotations

from dataclasses import dataclass

from authsvc.accounts.rules import EmailAddressTaken, UsernameTaken


@dataclass(frozen=True, slots=True)
class NamesTaken:
    """What accounts of a set answer to already: usernames, and e-mail addresses of those that have a login."""

    usernames: frozenset[str]
    email_addresses: frozenset[str]
    # Whose they are; no shopper is ever told.
    account_ids: tuple[int, ...] = ()

    def refuse(self, username_key: str | None, email_key: str | None) -> None:
        """Refuse a username or e-mail address that a login of the set already answers to (rules 8 and 10).

        Either may be used to sign in, so each is compared with both: nobody can name their account after
        somebody else's address. The address is looked at first, as the vendor does ([K] 1.5).
        Raises `EmailAddressTaken` or `UsernameTaken`.
        """
        if email_key in self.email_addresses or (
            email_key != username_key and email_key in self.usernames
        ):
            raise EmailAddressTaken
        if username_key in self.usernames or username_key in self.email_addresses:
            raise UsernameTaken
