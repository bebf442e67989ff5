"""Where a token may go: each thing that makes an address somebody else's, one at a time."""

from __future__ import annotations

import pytest

from ibjournal.domain.errors import FlexError
from ibjournal.flex.answers import fallback_url, is_broker, is_loopback
from ibjournal.flex.client import BASE_URL

HOST = "gdcdyn.interactivebrokers.com"
OURS = "http://127.0.0.1:8080/service"


@pytest.mark.parametrize(
    "url",
    [
        f"http://{HOST}/x",
        f"ftp://{HOST}/x",
        f"//{HOST}/x",
        f"https:{HOST}/x",
        f"https://user@{HOST}/x",
        f"https://@{HOST}/x",
        f"https://:password@{HOST}/x",
        f"https://user:password@{HOST}/x",
        f"https://{HOST}:444/x",
        f"https://{HOST}:80/x",
        f"https://{HOST}:0/x",
        f"https://{HOST}:99999/x",
        f"https://{HOST}:x/x",
        f"https://{HOST}.evil.example/x",
        f"https://{HOST}@evil.example/x",
        f"https://evil.example/{HOST}",
        f"https://evil.example#{HOST}",
        f"https://evil.example?{HOST}",
        "https://evilinteractivebrokers.com/x",
        "https://interactivebrokers.com/x",
        "https://.interactivebrokers.com/x",
        "https://-.interactivebrokers.com/x",
        "https://a..interactivebrokers.com/x",
        "https://a_b.interactivebrokers.com/x",
        "https://interactivebrokersXcom/x",
        "https://gdcdyn.interactivebrokersXcom/x",
        f"https://{'a' * 64}.interactivebrokers.com/x",
        f"https://evil.example\\@{HOST}/x",
        f"https://{HOST}\\.evil.example/x",
        f"https://{HOST}/x\ty",
        f"https://{HOST}/x\ny",
        f"https://{HOST}/x y",
        f" https://{HOST}/x",
        f"https://{HOST}/x\x7f",
        f"https://{HOST}/x\\y",
        f"https://{HOST}/\u00e9",
        f"https://{HOST}/{'x' * 2000}",
        f"https://[{HOST}]/x",
        "https:///x",
        "https://",
        "https",
        "",
        OURS,
    ],
)
def test_not_at_ibkr(url: str) -> None:
    assert not is_broker(url)
    if url:
        with pytest.raises(FlexError) as caught:
            fallback_url(url, base=BASE_URL)
        assert caught.value.code == "hostile_url"
        assert len(str(caught.value.values["host"])) <= 100


@pytest.mark.parametrize(
    "url",
    [
        f"https://{HOST}/x",
        f"https://{HOST}:443/x",
        f"HTTPS://{HOST.upper()}/x",
        "https://a.b.c.interactivebrokers.com/x",
        "https://a-b.interactivebrokers.com/x",
        f"https://{'a' * 63}.interactivebrokers.com",
        f"https://{HOST}/".ljust(2000, "x"),
    ],
)
def test_at_ibkr(url: str) -> None:
    assert is_broker(url)
    assert not is_loopback(url)
    assert fallback_url(url, base=BASE_URL) == url


@pytest.mark.parametrize("url", ["http://127.0.0.1/x", "https://localhost:1/x", "http://[::1]/x"])
def test_at_this_computer(url: str) -> None:
    assert is_loopback(url)


@pytest.mark.parametrize(
    "url",
    [
        "ftp://127.0.0.1/x",
        "file://localhost/x",
        "http://user@127.0.0.1/x",
        "http://user:password@localhost/x",
        "http://127.0.0.2/x",
        "http://localhost.evil.example/x",
        "http://127.0.0.1 /x",
        "127.0.0.1/x",
        "",
    ],
)
def test_not_at_this_computer(url: str) -> None:
    assert not is_loopback(url)


def test_on_this_computer_only_the_service_that_was_asked_is_a_second_way() -> None:
    assert fallback_url("http://127.0.0.1:8080/GetStatement?q=1?2#3#4", base=OURS) == "http://127.0.0.1:8080/GetStatement"
    for url in (
        "http://127.0.0.1:8081/x",
        "https://127.0.0.1:8080/x",
        "http://localhost:8080/x",
        "http://a\\b",
        f"https://{HOST}/x",
    ):
        with pytest.raises(FlexError, match="hostile_url"):
            fallback_url(url, base=OURS)


def test_a_hostile_address_is_told_by_its_host_and_no_more() -> None:
    for url, host in (
        ("https://user:secret@evil.example:1/path?t=1", "evil.example"),
        (f"https://{'evil.' * 60}example/x", "evil." * 20),
        ("not an address", ""),
        ("https:///x", ""),
    ):
        with pytest.raises(FlexError) as caught:
            fallback_url(url, base=BASE_URL)
        assert caught.value.values == {"host": host}


def test_the_service_that_ibkr_has_given_up_is_no_way() -> None:
    url = f"https://{HOST}/Universal/servlet/FlexStatementService.GetStatement"
    assert fallback_url(url, base=BASE_URL) is None
