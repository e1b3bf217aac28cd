"""Where links lead, who is addressed, in which language, and when a mail is tried again."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from authsvc.mail.rules import (
    LANGUAGES,
    LONGEST_RETRY,
    MailKind,
    SiteHasNoHost,
    host_for,
    language_of,
    link,
    retry_after,
    spoken_name,
    spoken_username,
)
from authsvc.mail.wording import wording

SAYS = {
    "first_name": "Stacy",
    "username": "stacy@mail.com",
    "hours": "72",
    "user_id": "u",
    "code": "123456",
    "minutes": "3",
    "password_known": "yes",
    "change": "reset",
    "device": "Firefox (Windows)",
    "place": "203.0.113.x",
    "at": "2026-11-22 07:10 UTC",
}


def test_a_link_leads_to_a_host_of_the_site_and_to_no_other() -> None:
    hosts = ("kids.example", "sports.example")
    assert host_for(1, hosts, "sports.example") == "sports.example"
    assert host_for(1, hosts, "evil.example") == "kids.example"
    assert host_for(1, hosts) == "kids.example"
    with pytest.raises(SiteHasNoHost):
        host_for(1, (), "evil.example")


def test_the_reset_link_is_the_vendors() -> None:
    """[K] 3.3: https://{site domain}/user/resetpasswordconfirm?t={token}&u={userId}."""
    address = link(
        MailKind.PASSWORD_RESET,
        "https://{host}",
        "sports.example",
        {"token": "a+b", "user_id": "ff"},
    )
    assert address == "https://sports.example/user/resetpasswordconfirm?t=a%2Bb&u=ff"


def test_the_language_is_the_first_one_wished_for_that_mails_are_written_in() -> None:
    assert language_of("pt-BR", "de-AT") == "de"
    assert language_of(None, "", "FR_ca") == "fr"
    assert language_of("xx", None) == "en"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", MailKind)
def test_every_mail_is_written_in_every_language_as_text_and_as_html(
    kind: MailKind, language: str
) -> None:
    written = wording(
        kind,
        language,
        shop="Mystic & Sons",
        accent=None,
        address="https://sports.example/x?t=1&u=2",
        values=SAYS,
    )
    assert "Mystic & Sons" in written.subject
    assert "\nhttps://sports.example/x?t=1&u=2\n" in written.text
    assert 'href="https://sports.example/x?t=1&amp;u=2"' in written.html
    assert "Mystic &amp; Sons" in written.html
    assert f'<html lang="{language}">' in written.html
    assert "{{" not in written.text + written.html


@settings(max_examples=40)
@given(name=st.text(max_size=60))
def test_nobody_writes_a_letter_in_ours_by_the_name_they_choose(name: str) -> None:
    spoken = spoken_name(name)
    assert len(spoken) <= 40
    assert not set(spoken) & set("/:@<>[]{}&\r\n\t0123456789")


def test_people_are_addressed_by_their_names() -> None:
    for name in ("Stacy", "Jean-Luc", "O’Neil", "D'Arcy", "Ana María", "Zoë", "张伟", "J. R."):
        assert spoken_name(f" {name} ") == name
    for trick in ("Visit evil.example/now", "Win 1000", "x" * 41, "<b>", "[Click]"):
        assert spoken_name(trick) == ""


@pytest.mark.parametrize(
    "name",
    [
        "https://evil.example/refund",
        "evil.example",
        "evil。example",
        "thief@evil.example",
        "mailto:x",
    ],
)
def test_nobody_links_to_a_page_of_theirs_by_the_username_they_choose(name: str) -> None:
    assert spoken_username(name, "stacy@mail.com") == "stacy@mail.com"
    assert spoken_username(name, None) == ""


def test_accounts_are_called_by_their_names() -> None:
    assert spoken_username("stacy_7", "stacy@mail.com") == "stacy_7"
    assert spoken_username("stacy@mail.com", "stacy@mail.com") == "stacy@mail.com"
    assert spoken_username(None, "stacy@mail.com") == "stacy@mail.com"


@settings(max_examples=40)
@given(name=st.text(max_size=30))
def test_no_name_of_a_shop_makes_a_second_header(name: str) -> None:
    written = wording(
        MailKind.INVITATION, "en", shop=name, accent=None, address="https://x", values=SAYS
    )
    assert len(written.subject.splitlines()) == 1


def test_a_mail_waits_twice_as_long_each_time_up_to_an_hour() -> None:
    waits = [retry_after(attempt) for attempt in range(12)]
    assert waits[:3] == [timedelta(seconds=15), timedelta(seconds=30), timedelta(minutes=1)]
    assert waits[-1] == retry_after(10_000) == LONGEST_RETRY
