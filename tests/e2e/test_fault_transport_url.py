"""A hostile ``Url``: the token goes to IBKR and to nobody else; a listener that every other name leads to counts nobody."""

from __future__ import annotations

import pytest

from ibjournal.demo.flex_answers import ScriptedAnswer
from ibjournal.demo.flex_service import BASE_PATH
from tests.fakes.fault_words import spoken
from tests.fakes.names import BROKER, MIRROR
from tests.fakes.planted_token import PLANTED
from tests.fakes.raw_flex import Wire
from tests.fakes.standing_faults import GET, SEND
from tests.fakes.way_desk import World, code_of

pytestmark = pytest.mark.e2e

PATH = f"{BASE_PATH}/GetStatement"
SPY = "{spy}"
"""Stands for the port of the listener."""

HOSTILE = {
    "another host": f"https://evil.example{PATH}",
    "the token in it": f"https://evil.example/?t={PLANTED}",
    "http in place of https": f"http://{BROKER}{PATH}",
    "http, the second address": f"http://{MIRROR}{PATH}",
    "IBKR as the user": f"https://{BROKER}@evil.example{PATH}",
    "IBKR as user and password": f"https://{BROKER}:443@evil.example{PATH}",
    "a user at IBKR": f"https://user:secret@{BROKER}{PATH}",
    "an empty user at IBKR": f"https://@{BROKER}{PATH}",
    "a backslash": f"https://{BROKER}\\@evil.example{PATH}",
    "another port": f"https://{BROKER}:8443{PATH}",
    "port 80": f"https://{BROKER}:80{PATH}",
    "no port of this world": f"https://{BROKER}:99999{PATH}",
    "IBKR as a subdomain": f"https://{BROKER}.evil.example{PATH}",
    "a name that ends alike": "https://evilinteractivebrokers.com/",
    "the domain itself": f"https://interactivebrokers.com{PATH}",
    "an empty label": f"https://.interactivebrokers.com{PATH}",
    "two dots": f"https://evil..interactivebrokers.com{PATH}",
    "IBKR in the query": "https://evil.example/?.interactivebrokers.com",
    "IBKR in the fragment": "https://evil.example/#.interactivebrokers.com",
    "IBKR in the path": f"https://evil.example/https://{BROKER}{PATH}",
    "a letter that looks alike": "https://ndcdyn.interactivebrokerѕ.com/",
    "a dot that looks alike": "https://evil.example。.interactivebrokers.com/",
    "a percent in the host": f"https://evil.example%2f.interactivebrokers.com{PATH}",
    "a line break amid": f"https://evil.example\n.interactivebrokers.com{PATH}",
    "a tab": f"https://{BROKER}\t.evil.example{PATH}",
    "a file": "file:///etc/passwd",
    "ftp": f"ftp://{BROKER}{PATH}",
    "a script": "javascript:alert(1)",
    "no scheme": f"//evil.example{PATH}",
    "no address at all": "nothing of use",
    "this computer": f"http://127.0.0.1:{SPY}{PATH}",
    "this computer by name": f"https://localhost:{SPY}{PATH}",
    "this computer in IPv6": f"http://[::1]:{SPY}{PATH}",
    "an address in the network": "https://192.168.1.1/",
    "a broken IPv6 address": f"https://[{BROKER}/",
    "an over-long host": f"https://{'a' * 3000}.evil.example/",
    "an over-long label": f"https://{'a' * 64}.interactivebrokers.com/",
    "an over-long name": f"https://{'a.' * 2000}interactivebrokers.com/",
    "an over-long path": f"https://{BROKER}/{'a' * 9000}",
}


def down(wire: Wire, _body: bytes) -> None:
    """Be down: now the second address would be of use."""
    wire.answer(b"<html>down</html>", status="503 Service Unavailable")


def test_a_hostile_url_is_asked_by_nobody(outside: World, undisturbed: dict[str, list[str]], languages: None) -> None:
    desk = outside.desk(confirmation="")
    came = {}
    words = ""
    for name, url in HOSTILE.items():
        outside.service.script(ScriptedAnswer(action=SEND, success_url=url.replace(SPY, str(outside.spy.port))))
        outside.service.misbehave(GET, down)
        before = len(desk.calls())
        report = desk.sync()
        came[name] = (code_of(report), desk.calls()[before:], desk.last_run(), outside.spy.visitors())
        words += spoken(
            report.error,
            ("foreign address", "interactivebrokers.com only", "nothing was sent there", "check the network"),
            ("fremde Adresse", "nur an interactivebrokers.com", "dorthin nichts", "Netz"),
        )
        desk.clock.advance(3600)
    assert came == dict.fromkeys(HOSTILE, ("hostile_url", "SG", ("failed", "hostile_url"), 0))
    assert 200 * "a" not in words, "an over-long address is not told at length"
    assert set(outside.names.looked_up) == {BROKER}, "the names are not even looked up"
    assert outside.mirror.connections == 0
    assert (desk.archived(), desk.refusals()) == ([], 0)
    assert code_of(desk.sync()) == ""
    assert desk.archived() == ["AF"]
    assert [fill for fill in undisturbed["fills"] if "'AF'" in fill] == desk.state()["fills"]
    assert desk.leaks(words) == []


def test_a_hostile_url_stops_neither_the_other_query_nor_the_next_sync(outside: World, undisturbed: dict[str, list[str]]) -> None:
    desk = outside.desk()
    outside.service.script(ScriptedAnswer(action=SEND, success_url=HOSTILE["another host"]))
    outside.service.misbehave(GET, down)
    assert code_of(desk.sync()) == "hostile_url"
    assert (desk.calls(), desk.archived()) == ("SGSG", ["TCF"])
    assert code_of(desk.sync()) == ""
    assert desk.state() == undisturbed
    assert desk.leaks() == []


@pytest.mark.parametrize("name", ["another host", "http in place of https", "this computer"])
def test_a_hostile_url_does_no_harm_while_ibkrs_own_address_answers(
    name: str, outside: World, undisturbed: dict[str, list[str]]
) -> None:
    desk = outside.desk()
    url = HOSTILE[name].replace(SPY, str(outside.spy.port))
    outside.service.script(*(ScriptedAnswer(action=SEND, success_url=url) for _ in range(2)))
    assert code_of(desk.sync()) == ""
    assert desk.calls() == "SGSG"
    assert set(outside.names.looked_up) == {BROKER}
    assert (outside.spy.visitors(), outside.mirror.connections) == (0, 0)
    assert desk.state() == undisturbed
    assert desk.leaks() == []


@pytest.mark.parametrize(
    "url",
    [
        f"https://{MIRROR}{PATH}",
        f"\n https://{MIRROR}{PATH} \n",
        f"https://{MIRROR}:443{PATH}",
        f"https://{MIRROR.upper()}{PATH}",
        f"https://{MIRROR}{PATH}?t=1&q=2#here",
    ],
)
def test_ibkrs_second_address_is_taken(url: str, outside: World, undisturbed: dict[str, list[str]]) -> None:
    desk = outside.desk()
    outside.service.script(ScriptedAnswer(action=SEND, success_url=url))
    outside.service.misbehave(GET, down)
    assert code_of(desk.sync()) == ""
    assert desk.calls() == "SGSG"
    (asked,) = outside.mirror.requests
    assert (asked.action, asked.path, asked.params["t"], asked.params["v"]) == (GET, PATH, PLANTED, "3")
    assert set(asked.params) == {"t", "q", "v"}
    assert outside.spy.visitors() == 0
    assert desk.state() == undisturbed
    assert desk.leaks() == []


@pytest.mark.parametrize("url", ["", f"https://gdcdyn.interactivebrokers.com/Universal/servlet/FlexStatementService.{GET}"])
def test_without_a_second_address_the_first_is_asked_again(url: str, outside: World, undisturbed: dict[str, list[str]]) -> None:
    desk = outside.desk()
    outside.service.script(ScriptedAnswer(action=SEND, success_url=url))
    outside.service.misbehave(GET, down)
    assert code_of(desk.sync()) == ""
    assert desk.calls() == "SGGSG"
    assert outside.mirror.connections == 0
    assert desk.state() == undisturbed
    assert desk.leaks() == []


def test_an_address_of_a_hundred_thousand_letters(outside: World, undisturbed: dict[str, list[str]], languages: None) -> None:
    desk = outside.desk()
    outside.service.script(ScriptedAnswer(action=SEND, success_url=f"https://{BROKER}/{'a' * 100_000}"))
    report = desk.sync()
    assert code_of(report) == "unexpected_answer", "a status answer is never that long"
    assert desk.calls() == "SSG"
    words = spoken(report.error, ("cannot be understood", "neither a report nor"), ("nicht verständlich", "weder ein Bericht"))
    assert code_of(desk.sync()) == ""
    assert desk.state() == undisturbed
    assert desk.leaks(words) == []
