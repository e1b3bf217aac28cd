"""`authsvc demo`, the whole of it: however it ends it leaves nothing behind, and it starts again on the same data."""

from __future__ import annotations

import os
import shutil
import signal
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

from tests.demos import Demo, running_demo
from tests.embedded.processes import working_in
from tests.live.storefronts import Answer, send
from tests.merchants import CUSTOMER

NOBODY = 65534
# An ordinary user for everything but this: the Python and the clone under test may lie behind folders closed to others.
AS_NOBODY = (
    "setpriv",
    f"--reuid={NOBODY}",
    f"--regid={NOBODY}",
    "--clear-groups",
    "--inh-caps=-all,+dac_override",
    "--ambient-caps=-all,+dac_override",
    "--securebits=+no_setuid_fixup",
    "--",
)


def call(demo: Demo, method: str, path: str, body: object = None, **headers: str) -> Answer:
    """Call the demo, at the host name of its first site."""
    port = urlsplit(demo.base_url).port
    with closing(HTTPConnection("127.0.0.1", port, timeout=30)) as connection:
        host = demo.info["sites"][0]["host"]
        return send(connection, method, path, body, {"Host": f"{host}:{port}", **headers})


def application_token(demo: Demo) -> str:
    known = demo.info["application"]
    body = {
        "client_id": known["clientId"],
        "client_secret": known["sharedSecret"],
        "grant_type": "client",
    }
    answer = call(demo, "POST", "/api/platform/applications/authtickets/oauth", body)
    assert answer.status == 200, answer.body
    return str(answer.json["access_token"])


def john_signs_in(demo: Demo) -> str:
    """Return John's access token."""
    john = demo.info["shoppers"][0]
    answer = call(
        demo,
        "POST",
        f"{CUSTOMER}/authtickets",
        {"username": john["username"], "password": john["password"]},
        Authorization=f"Bearer {application_token(demo)}",
    )
    assert answer.status == 201, answer.body
    return str(answer.json["accessToken"])


def is_good(demo: Demo, access_token: str) -> bool:
    answer = call(demo, "GET", "/session", Authorization=f"Bearer {access_token}")
    assert answer.status in {200, 401}
    return answer.status == 200


def test_a_killed_demo_leaves_nothing_and_goes_on(tmp_path: Path) -> None:
    """John still signs in, and whoever was signed in still is. An ordinary user runs it."""
    home = tmp_path / "home"
    home.mkdir()
    variables = {"HOME": str(home), "TMPDIR": str(home)}
    # Only root can become somebody else; whoever else runs the tests is ordinary.
    run_by = AS_NOBODY if os.geteuid() == 0 else ()
    user = NOBODY if run_by else os.geteuid()
    shutil.chown(home, user)
    with running_demo(home / "data", run_by=run_by, variables=variables) as demo:
        session = john_signs_in(demo)
        assert is_good(demo, session)
        assert len(demo.everything()) > 5
        assert {Path(f"/proc/{pid}").stat().st_uid for pid in demo.everything()} == {user}
        assert (home / "data" / "demo.json").stat().st_uid == user
        demo.kill()
        assert not working_in(home / "data")
    with running_demo(home / "data", run_by=run_by, variables=variables) as again:
        assert is_good(again, session)
        assert is_good(again, john_signs_in(again))
        assert again.info["tenantId"] == demo.info["tenantId"]
        assert again.info["sites"] == demo.info["sites"]
        assert again.stop(signal.SIGINT) == 0
