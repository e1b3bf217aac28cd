"""The form of one site's row: what was typed, and what that means."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from werkzeug.datastructures import MultiDict

from authsvc.customer_sets.rules import HostTaken, UnknownCustomerSet
from authsvc.errors import AuthsvcError, Conflict, Invalid
from authsvc.regrouping.site_store import SiteDetails
from authsvc.regrouping.sites import SiteChange

# What a refusal calls a thing → the field it was typed into.
_FIELDS = {
    "name": "name",
    "host": "hosts",
    "hosts": "hosts",
    "origins": "origins",
    "accentColor": "accent_color",
    "logoText": "logo_text",
}


class SiteChangedMeanwhile(Conflict):
    """Somebody else has changed the site since its row was opened; nothing was saved."""

    def __init__(self, site: SiteDetails) -> None:
        """Say what to do, and how the site is now."""
        self.now = seen(site)
        super().__init__(
            "Somebody else has changed this site since you opened it, so nothing was saved. "
            "Compare what you typed with what is listed here, then save again.",
            items=[
                Conflict(f"Name is now: {site.name}"),
                Conflict(f"Hosts are now: {', '.join(site.hosts) or 'none'}"),
                Conflict(f"Origins are now: {', '.join(site.origins) or 'none'}"),
                Conflict(f"Logo text is now: {site.logo_text or 'the name'}"),
                Conflict(f"Colour is now: {site.accent_color or 'the usual one'}"),
            ],
        )


@dataclass(frozen=True, slots=True)
class SiteForm:
    """What stands in a row that is edited, of a site there is or a new one (`id` is None).

    `hosts`, `origins`: as typed, one a line. `seen`: what the site was when the row was opened.
    """

    id: int | None = None
    name: str = ""
    hosts: str = ""
    origins: str = ""
    customer_set: str = ""
    reason: str = ""
    seen: str = ""
    accent_color: str = ""
    logo_text: str = ""

    @classmethod
    def typed(cls, form: MultiDict[str, str], site_id: int | None = None) -> SiteForm:
        """Read what a browser sends."""
        return cls(
            site_id,
            form.get("name", ""),
            form.get("hosts", ""),
            form.get("origins", ""),
            form.get("customer_set", ""),
            form.get("reason", ""),
            form.get("seen", ""),
            form.get("accent_color", "").strip(),
            form.get("logo_text", "").strip(),
        )

    @classmethod
    def of_site(cls, site: SiteDetails) -> SiteForm:
        """Return a site as it is, to be edited."""
        return cls(
            site.id,
            site.name,
            "\n".join(site.hosts),
            "\n".join(site.origins),
            site.customer_set,
            seen=seen(site),
            accent_color=site.accent_color or "",
            logo_text=site.logo_text or "",
        )

    def refuse_if_changed(self, held: SiteDetails) -> None:
        """Raise `SiteChangedMeanwhile` when the site is not what it was when the row was opened."""
        if self.seen != seen(held):
            raise SiteChangedMeanwhile(held)

    def wanted(self) -> SiteChange:
        """Return what is to be saved; the set of a site there is is changed by a plan."""
        return SiteChange(
            self.name,
            self.hosts.split(),
            self.origins.split(),
            (self.customer_set.strip() or None) if self.id is None else None,
            self.accent_color,
            self.logo_text,
        )


def seen(site: SiteDetails) -> str:
    """Return a mark of what a site is; it differs when anything of it that a row shows is changed."""
    shown = (site.name, site.hosts, site.origins, site.accent_color, site.logo_text)
    return hashlib.sha256(repr(shown).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def field_of(error: AuthsvcError | None) -> str:
    """Return the field an error is about, for the link in the summary."""
    if isinstance(error, HostTaken):
        return "hosts"
    if isinstance(error, UnknownCustomerSet):
        return "customer_set"
    if isinstance(error, Invalid) and error.data:
        return _FIELDS.get(error.data[0][1], "name")
    return "name"
