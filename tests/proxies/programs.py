"""nginx, Caddy and HAProxy with the files of docs/proxies, changed in addresses, sites and folders only."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.live.instances import wait_until

DOCUMENTED = Path(__file__).parents[2] / "docs" / "proxies"
READY_SECONDS = 20
NAMES = ("nginx", "caddy", "haproxy")


@contextmanager
def proxy(name: str, folder: Path, port: int, meant: Mapping[str, str]) -> Iterator[None]:
    """Run one of `NAMES` on `port`; `meant` has what stands in the documented files → what it is here."""
    program = shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin")
    assert program, f"There is no {name}. On Debian: sudo apt-get install nginx-light caddy haproxy"
    command = {"nginx": _nginx, "caddy": _caddy, "haproxy": _haproxy}[name](folder, port, meant)
    process = subprocess.Popen(
        [program, *command], env={**os.environ, "HOME": str(folder)}, cwd=folder
    )
    try:

        def answers() -> bool:
            assert process.poll() is None, f"{name} ended"
            with socket.socket() as tried:
                return tried.connect_ex(("127.0.0.1", port)) == 0

        wait_until(answers, f"{name} takes connections", READY_SECONDS)
        yield
    finally:
        process.terminate()
        process.wait(READY_SECONDS)


def _nginx(folder: Path, port: int, meant: Mapping[str, str]) -> list[str]:
    text = _changed("nginx.conf", {**meant, "listen 80;": f"listen 127.0.0.1:{port};"})
    temporary = "".join(
        f"{kind}_temp_path {folder}/{kind};"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(
        f"{'user root;' if os.geteuid() == 0 else ''} daemon off; pid {folder}/pid; "
        f"error_log stderr crit; worker_processes 1; events {{}} "
        f"http {{ access_log off; {temporary}\n{text}}}"
    )
    return ["-p", str(folder), "-c", str(folder / "nginx.conf")]


def _caddy(folder: Path, port: int, meant: Mapping[str, str]) -> list[str]:
    ports = {
        f"http://{host}": f"http://{meant[host]}:{port}"
        for host in ("sports.example.com", "parts.example.com")
    }
    text = _changed("Caddyfile", {**ports, **meant})
    options = "{\n admin off\n log {\n level ERROR\n }\n}\n"
    (folder / "Caddyfile").write_text(options + text)
    return ["run", "--adapter", "caddyfile", "--config", str(folder / "Caddyfile")]


def _haproxy(folder: Path, port: int, meant: Mapping[str, str]) -> list[str]:
    way = {"/run/haproxy/authsvc.sock": str(folder / "authsvc.sock")}
    script = folder / "authsvc.lua"
    script.write_text(_changed("authsvc.lua", way))
    places = {"/etc/haproxy/authsvc.lua": str(script), "bind :80": f"bind 127.0.0.1:{port}"}
    (folder / "haproxy.cfg").write_text(_changed("haproxy.cfg", {**meant, **way, **places}))
    return ["-db", "-q", "-f", str(folder / "haproxy.cfg")]


def _changed(file: str, meant: Mapping[str, str]) -> str:
    """Return a documented file with each text replaced once by what is meant; what it does not say stays as it is."""
    text = (DOCUMENTED / file).read_text()
    places = re.compile("|".join(re.escape(each) for each in sorted(meant, key=len, reverse=True)))
    return places.sub(lambda found: meant[found[0]], text)
