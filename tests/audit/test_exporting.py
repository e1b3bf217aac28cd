"""The trail given out: everything of it, in order, in constant memory, and harmless in a spreadsheet."""

from __future__ import annotations

import csv
import json
from dataclasses import replace

from authsvc.audit import exporting
from authsvc.audit.exporting import as_csv_line, as_json_line, csv_head, entries, told
from authsvc.audit.rules import Change
from authsvc.audit.trail_query import TrailQuery
from authsvc.services import Services
from tests.merchants import Merchant


def test_every_entry_is_given_out_once_the_oldest_first(
    services: Services, merchant: Merchant
) -> None:
    number = exporting.BATCH + 3
    with services.database.transaction():
        for place in range(number):
            services.trail.note(merchant.caller(), "test.many", f"account:{place}")
    wanted = TrailQuery(action="test.many")
    found = [entry.subject for entry in entries(services.audit.search, merchant.tenant_id, wanted)]
    assert found == [f"account:{place}" for place in range(number)]


def test_a_spreadsheet_takes_nothing_for_a_formula(services: Services, merchant: Merchant) -> None:
    """OWASP, CSV injection: a correlation id is whatever a caller says."""
    caller = replace(merchant.caller(), correlation_id="=HYPERLINK(1)")
    services.trail.note(caller, "test.one", "@x", [Change("name", 'a "quoted", name', "é\n")])
    (entry,) = entries(services.audit.search, merchant.tenant_id, TrailQuery(action="test.one"))
    (row,) = csv.DictReader([f"{csv_head()}\n", *as_csv_line(told(entry)).splitlines(True)])
    assert (row["correlationId"], row["subject"]) == ("'=HYPERLINK(1)", "'@x")
    assert json.loads(row["changes"]) == [
        {"field": "name", "old": 'a "quoted", name', "new": "é\n"}
    ]
    assert json.loads(as_json_line(told(entry)))["correlationId"] == "=HYPERLINK(1)"
