"""What tests of the customer sets page share: a row read, and a row filled in."""

from __future__ import annotations

import re

from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from tests.admin.browser import Browser
from tests.merchants import Merchant

SETS = "/admin/customer-sets"


def row(browser: Browser, code: str) -> list[str]:
    """Return the cells of a set's row: code, name, default, sites, customers."""
    for found in re.findall(r"<tr>(.*?)</tr>", browser.text, re.DOTALL):
        cells = re.findall(r"<t[hd][^>]*data-label[^>]*>(.*?)</t[hd]>", found, re.DOTALL)
        texts = [" ".join(re.sub(r"<[^>]+>", " ", cell).split()) for cell in cells]
        if texts and texts[0] == code:
            return texts
    raise LookupError(code)


def save(browser: Browser, path: str, sites: list[int] | None = None, **typed: str) -> TestResponse:
    """Fill the row that is open and press Save; `sites` are the boxes that are ticked, None for as they are."""
    ticked = re.findall(r'name="site" value="(\d+)" checked(?! disabled)', browser.text)
    fields = {name: browser.field(path, name) for name in ("form_token", "seen", "offered")}
    form = MultiDict[str, str](fields | typed)
    form.setlist("site", [str(site) for site in (ticked if sites is None else sites)])
    return browser.post(path, form)


def structure(merchant: Merchant) -> dict[str, str]:
    """Return which set each site is in."""
    return {
        site.name: site.customer_set
        for site in merchant.services.customer_sets.sites(merchant.tenant_id)
    }
