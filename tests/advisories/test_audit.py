"""The audit finds what is known, takes an answer for as long as it holds, and never calls silence an answer."""

from __future__ import annotations

import json
from datetime import date
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from tests.advisories.audit import (
    Answer,
    Package,
    Unreachable,
    answers,
    audit,
    from_folder,
    from_osv,
    judged,
    locked,
)

FLASK = Package("PyPI", "flask", "1.0")
TODAY = date(2026, 11, 22)


def advisory(**more: object) -> dict[str, object]:
    """Return an advisory about Flask before 1.5, as OSV writes them."""
    events = [{"introduced": "0"}, {"fixed": "1.5"}]
    affected = {
        "package": {"ecosystem": "PyPI", "name": "Flask"},
        "ranges": [{"type": "ECOSYSTEM", "events": events}],
    }
    return {"id": "PYSEC-1", "affected": [affected], **more}


def test_every_lock_is_read() -> None:
    names = {(each.ecosystem, each.name) for each in locked()}
    assert {("PyPI", "flask"), ("PyPI", "gunicorn"), ("npm", "@kibocommerce/rest-sdk")} <= names
    assert len(names) > 150


def test_a_folder_of_advisories_says_which_versions_have_a_hole(tmp_path: Path) -> None:
    (tmp_path / "PYSEC-1.yaml").write_text(json.dumps(advisory()))
    (tmp_path / "PYSEC-2.json").write_text(json.dumps(advisory(id="PYSEC-2", withdrawn="x")))
    fixed, other = Package("PyPI", "flask", "1.5"), Package("npm", "flask", "1.0")
    known = from_folder(tmp_path)([FLASK, fixed, other])
    assert known == {FLASK: ["PYSEC-1"], fixed: [], other: []}


def test_osv_is_asked_once_about_all() -> None:
    asked = []

    class Osv(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            queries = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["queries"]
            asked.append(queries)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps({"results": [{"vulns": [{"id": "A-1"}]}, {}]}).encode())

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    with HTTPServer(("127.0.0.1", 0), Osv) as server:
        thread = Thread(target=server.handle_request)
        thread.start()
        other = Package("npm", "left-pad", "1.0.0")
        known = from_osv([FLASK, other], f"http://127.0.0.1:{server.server_port}/")
        thread.join()
    assert known == {FLASK: ["A-1"], other: []}
    assert [each["package"]["name"] for each in asked[0]] == ["flask", "left-pad"]


@pytest.mark.parametrize("if_reachable", [True, False])
def test_silence_is_told_as_silence(
    capsys: pytest.CaptureFixture[str], *, if_reachable: bool
) -> None:
    def nobody(packages: object) -> dict[Package, list[str]]:
        return dict(from_osv([FLASK], "http://127.0.0.1:1/"))

    code = audit(nobody, if_reachable=if_reachable, today=TODAY)
    assert code == (0 if if_reachable else 2)
    assert capsys.readouterr().out.startswith("NOT AUDITED: no source of advisories")


def test_an_answer_holds_until_its_day_and_for_its_package() -> None:
    known = {FLASK: ["A-1"]}
    answer = Answer("A-1", "flask", "Not used.", TODAY)
    assert judged(known, [], TODAY) == (["A-1 flask 1.0 (PyPI) is not answered"], False)
    assert judged(known, [answer], TODAY)[1]
    assert not judged(known, [answer], date(2026, 11, 23))[1]
    assert not judged(known, [Answer("A-1", "other", "Not used.", TODAY)], TODAY)[1]
    lines, passes = judged({FLASK: []}, [answer], TODAY)
    assert (lines, passes) == (["A-1 flask: answered, and no longer known"], True)


def test_every_answer_of_ours_has_a_reason_and_a_day() -> None:
    for answer in answers():
        assert len(answer.reason) > 20
        assert isinstance(answer.until, date)


def test_an_empty_folder_is_no_source(tmp_path: Path) -> None:
    with pytest.raises(Unreachable):
        from_folder(tmp_path)([FLASK])
