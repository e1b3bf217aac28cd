"""The vendor's own packages, installed from their registry and unmodified, run against a live authsvc.

Each test of each Node file is an item here. Over http: `@kibocommerce/rest-sdk` with a token,
`@kibocommerce/sdk-authentication`, `mozu-node-sdk`, and plain calls as storefronts make them. Over https: what
the packages do when they are given client credentials.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from tests.demos import Demo
from tests.vendor_clients.node_packages import Node, find_node, install_packages
from tests.vendor_clients.node_tests import FileRun, NodeTest, declared_tests, run_file

# The first item of a run also waits for npm and for the demo to start.
pytestmark = pytest.mark.timeout(900)


Run = Callable[[str], FileRun]


@pytest.fixture(scope="session", name="node")
def _node() -> Node:
    """Node, with the vendor's packages installed."""
    node = find_node()
    install_packages(node)
    return node


@pytest.fixture(scope="session", name="run_over_http")
def _run_over_http(node: Node, demo: Demo) -> Run:
    """Run a file over http, once."""

    @cache
    def run(file: str) -> FileRun:
        return run_file(node, file, demo_file=demo.data_dir / "demo.json", authority_file=None)

    return run


@pytest.fixture(scope="session", name="run_over_https")
def _run_over_https(node: Node, demo_tls: Demo) -> Run:
    """Run a file over https, once, trusting the authority that the demo names."""
    authority = Path(demo_tls.info["certificateAuthority"])

    @cache
    def run(file: str) -> FileRun:
        demo_file = demo_tls.data_dir / "demo.json"
        return run_file(node, file, demo_file=demo_file, authority_file=authority)

    return run


@pytest.mark.parametrize("node_test", declared_tests("over_http"), ids=str)
def test_over_http(node_test: NodeTest, run_over_http: Run) -> None:
    judge(node_test, run_over_http(node_test.file))


@pytest.mark.parametrize("node_test", declared_tests("over_https"), ids=str)
def test_over_https(node_test: NodeTest, run_over_https: Run) -> None:
    judge(node_test, run_over_https(node_test.file))


def judge(node_test: NodeTest, run: FileRun) -> None:
    """Fail with what Node said, if the test failed or never ran."""
    if node_test.name not in run.failures:
        pytest.fail(f"Node did not run it: {run.output}", pytrace=False)
    failure = run.failures[node_test.name]
    if failure is not None:
        pytest.fail(failure, pytrace=False)
