"""Three instances behind HAProxy; a Valkey primary and the PostgreSQL primary are killed while shoppers come and go.

Valkey Cluster of three primaries with a replica each, PostgreSQL with a synchronous standby. What Valkey has
acknowledged and not yet copied to the replica is lost on purpose, sign-outs among it. A minute and a half.
"""

from __future__ import annotations

import time
from contextlib import ExitStack
from http.client import HTTPConnection
from pathlib import Path
from tempfile import TemporaryDirectory

from cryptography.fernet import Fernet

from authsvc.embedded.valkey_cluster import EmbeddedCluster
from authsvc.infra.valkey_cluster import connect_valkey
from bench.failover.aftermath import Bars, lost_sign_ups
from bench.failover.balancer import balanced
from bench.failover.load import Load
from bench.failover.postgres_pair import PostgresPair
from bench.failover.report import Phase, phases_table
from bench.processor_time import ProcessTree
from bench.stack import AUTHSVC, Server, Stores, cores, prepare, serving
from bench.storefront import Storefront

INSTANCES = 3
CALM_SECONDS = 8.0
# How long the replica is cut off before its primary is killed: what is acknowledged meanwhile is lost with it.
UNCOPIED_SECONDS = 2.0
AFTER_SECONDS = 15.0


def main() -> None:
    with ExitStack() as running:
        folder = Path(running.enter_context(TemporaryDirectory(prefix="authsvc-bench-")))
        folder.chmod(0o711)
        postgres = running.enter_context(PostgresPair(folder))
        cluster = running.enter_context(EmbeddedCluster(folder, replicas_each=1))
        variables = {
            "DATABASE_URL": postgres.url,
            "VALKEY_URL": cluster.url,
            "AUTHSVC_ENCRYPTION_KEYS": Fernet.generate_key().decode(),
        }
        trees = ProcessTree(postgres.primary.pid), ProcessTree(cluster.primaries[0].pid)
        kept = Stores(variables, prepare(variables), *trees)
        instances = [
            running.enter_context(serving(AUTHSVC, variables, on_cores=cores()))
            for _ in range(INSTANCES)
        ]
        port = running.enter_context(balanced(folder, [each.port for each in instances]))
        shop = Storefront.of(Server(port, instances[0].processes), kept)
        load = Load(port, shop)
        running.callback(load.stop)
        load.start()
        phases = [_calm(), _lose_valkey(cluster, load), _lose_postgres(postgres)]
        load.stop()
        print(phases_table(phases, load.outcomes))
        ended = [each for each in load.sessions if each.ended_at is not None]
        print(
            f"\n{len(load.sessions):,} sign-ups and {len(ended):,} sign-outs were acknowledged; "
            f"lost: {len(lost_sign_ups(load))} sign-ups; wrong answers: {len(load.wrong)} {load.wrong[:5]}"
        )


def _calm() -> Phase:
    began = time.monotonic()
    time.sleep(CALM_SECONDS)
    return Phase("nothing happens", began, time.monotonic())


def _lose_valkey(cluster: EmbeddedCluster, load: Load) -> Phase:
    primary, replica = cluster.primaries[0], cluster.replicas[0]
    valkey = connect_valkey(cluster.url)
    bars = Bars.of(valkey, primary.port)
    # It stays in the cluster, and gets no more data: what waits in a socket of a process that stands still is not lost.
    replica.tell("CONFIG", "SET", "primaryauth", "no longer")
    replica.tell("CLIENT", "KILL", "TYPE", "master")
    stopped = time.monotonic()
    leaving = HTTPConnection("127.0.0.1", load.port)
    while time.monotonic() < stopped + UNCOPIED_SECONDS:
        load.sign_out(leaving)
    began = time.monotonic()
    primary.kill()
    uncopied = [
        each for each in load.sessions if each.ended_at is not None and each.ended_at > stopped
    ]
    while replica.role() != "master":
        time.sleep(0.05)
    took = time.monotonic() - began
    kept, lost = bars.found(uncopied, replica)
    print(
        f"Valkey: the replica was primary {took:.1f} s after the kill; of {kept + lost} sign-outs "
        f"acknowledged in the two seconds before whose bars that primary had, {lost} were lost with it."
    )
    valkey.close()
    time.sleep(AFTER_SECONDS - took if took < AFTER_SECONDS else 0)
    primary.start()
    return Phase("a Valkey primary is killed", began, time.monotonic())


def _lose_postgres(postgres: PostgresPair) -> Phase:
    watching = postgres.promote_when_dead()
    began = time.monotonic()
    postgres.primary.kill()
    watching.join()
    print(
        f"PostgreSQL: the standby was primary {time.monotonic() - began:.1f} s after the kill, "
        f"{postgres.promoted_after:.1f} s of it promotion."
    )
    time.sleep(AFTER_SECONDS)
    return Phase("the PostgreSQL primary is killed", began, time.monotonic())


if __name__ == "__main__":
    main()
