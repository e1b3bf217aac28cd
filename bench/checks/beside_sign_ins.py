"""What session checks feel of sixty-four sign-ins that want to be hashed at once, on two cores that all share."""

from __future__ import annotations

from statistics import median

from bench.checks.live_sessions import TOKENS, LiveSessions
from bench.figures import p99, table
from bench.many_sign_ins import AT_ONCE, Crowd
from bench.stack import cores, serving, stores
from bench.steady_checks import EVERY_SECONDS, SteadyChecks
from bench.storefront import Storefront
from bench.wrk import Wrk

SECONDS = 15
ROUNDS = 3
# What a gateway may have under way at once while the cores are not enough for all.
EAGER_CONNECTIONS = 8
SESSIONS = 200_000
HEADS = ("", "checks/s", "p50 ms", "p99 ms (goal 20)", "sign-ins/s", "sign-in p50 ms", "refused")


def main() -> None:
    with (
        stores() as kept,
        serving(
            variables={**kept.variables, "AUTHSVC_WORKERS": str(len(cores()))}, on_cores=cores()
        ) as server,
    ):
        live = LiveSessions(kept)
        live.grow(SESSIONS)
        shop = Storefront.of(server, kept)
        usernames = [f"pat-{number}@mail.com" for number in range(AT_ONCE)]
        for username in usernames:
            shop.sign_up(username)
        headers = shop.check_headers(shop.sign_in(usernames[0])["accessToken"])
        url = f"http://127.0.0.1:{server.port}/session"
        rows = []
        alone = SteadyChecks(server.port, headers, SECONDS).took()
        rows.append(_steady("one session, 200 a second; nobody signs in", alone, None))
        for turn in range(ROUNDS):
            crowd = Crowd()
            with crowd.signing_in(shop, usernames):
                took = SteadyChecks(server.port, headers, SECONDS).took()
            rows.append(_steady("the same beside 64 sign-ins", took, crowd))
            crowd = Crowd()
            with crowd.signing_in(shop, usernames):
                load = Wrk(
                    url,
                    live.headers,
                    connections=EAGER_CONNECTIONS,
                    seconds=SECONDS,
                    script=TOKENS,
                    arguments=live.in_turn(turn * live.count // ROUNDS),
                ).found()
            assert not load.failed
            felt = [f"{load.requests / load.seconds:,.0f}", f"{load.p50:.1f}", f"{load.p99:.1f}"]
            name = f"{SESSIONS:,} sessions by {EAGER_CONNECTIONS} connections, as fast as they can"
            rows.append([name, *felt, *_signed_in(crowd)])
        live.close()
    print(table(HEADS, rows))


def _steady(name: str, took: list[float], crowd: Crowd | None) -> list[str]:
    felt = [f"{1 / EVERY_SECONDS:.0f}", f"{median(took):.1f}", f"{p99(took):.1f}"]
    return [name, *felt, *(["-"] * 3 if crowd is None else _signed_in(crowd))]


def _signed_in(crowd: Crowd) -> list[str]:
    rate = f"{len(crowd.waits) / crowd.seconds:.1f}"
    waited = f"{median(crowd.waits):,.0f}" if crowd.waits else "-"
    return [rate, waited, f"{crowd.statuses[503]} of {crowd.statuses.total()}"]


if __name__ == "__main__":
    main()
