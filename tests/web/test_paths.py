from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from authsvc.web.paths import ApiPaths
from tests.web.sample_api import told

PATHS = ApiPaths(
    [
        "/api/sets",
        "/api/sets/<code>",
        "/api/sets/<code>/sites",
        "/api/sets/bulk/report",
        "/api/tickets/refresh",
        "/api/tickets/<token>",
        "/login",
    ]
)


@pytest.mark.parametrize(
    ("sent", "routed"),
    [
        ("/api/sets", "/api/sets"),
        ("/API/Sets/", "/api/sets"),
        ("//api//sets///", "/api/sets"),
        ("/api/SETS/B2C/SITES", "/api/sets/B2C/sites"),
        ("/api/tickets/Refresh", "/api/tickets/refresh"),
        ("/api/tickets/aBc-D_e", "/api/tickets/aBc-D_e"),
        ("/api/sets/Bulk/Report", "/api/sets/bulk/report"),
        ("/api/sets/BULK/Sites", "/api/sets/BULK/sites"),
        ("/api/sets/BULK", "/api/sets/BULK"),
        ("/api/Sets/x/Y/z", "/api/Sets/x/Y/z"),
        ("/api/", "/api"),
        ("/LOGIN/", "/LOGIN/"),
        ("/apiary/X", "/apiary/X"),
        ("", ""),
    ],
)
def test_words_match_without_case_and_variable_parts_stay_as_they_are(
    sent: str, routed: str
) -> None:
    """A5: case-insensitive paths; trailing slash tolerated."""
    assert PATHS.canonical(sent) == routed


def test_a_word_in_upper_case_is_a_mistake_of_ours() -> None:
    with pytest.raises(ValueError, match="lower case"):
        ApiPaths(["/api/Sets"])


@given(st.text("aApPiI/sStTeEkK.", max_size=60))
def test_spelling_a_path_twice_changes_nothing_more(path: str) -> None:
    once = PATHS.canonical(path)

    assert PATHS.canonical(once) == once
    assert [part.lower() for part in once.split("/") if part] == [
        part.lower() for part in path.split("/") if part
    ]


@pytest.mark.parametrize(
    "path", ["/API/Accounts/5", "/api/accounts/5/", "/api//accounts/5", "//api/accounts/5"]
)
def test_no_spelling_of_an_api_path_is_redirected(client: FlaskClient, path: str) -> None:
    answer = client.get("/", environ_overrides={"PATH_INFO": path})

    assert answer.status_code == 200
    assert told(answer)["id"] == 5


def test_a_token_in_a_path_keeps_its_case(client: FlaskClient) -> None:
    answer = client.get("/api/ACCOUNTS/Tokens/AbC-dEf/")

    assert told(answer) == {"given": {"token": "AbC-dEf"}}
