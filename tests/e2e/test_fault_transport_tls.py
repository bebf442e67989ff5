"""Faults before a word is said: certificates, handshakes, name lookup, proxies. Nothing is sent, least of all the token."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pytest

from ibjournal.demo.flex_answers import ScriptedAnswer
from ibjournal.demo.flex_service import BASE_PATH
from tests.fakes.certificates import Authority
from tests.fakes.fault_words import spoken
from tests.fakes.names import BROKER, MIRROR
from tests.fakes.raw_flex import Wire, silent
from tests.fakes.standing_faults import GET, SEND
from tests.fakes.way_desk import World, code_of

pytestmark = pytest.mark.e2e

TLS_EN = ("not secure", "certificate", "nothing was sent", "clock", "proxy", "virus scanner")
TLS_DE = ("nicht sicher", "Zertifikat", "nichts gesendet", "Uhr", "Proxy", "Virenscanner")
LOST_EN, LOST_DE = ("connection to IBKR broke off", "try again in a few minutes"), ("Verbindung zu IBKR", "in einigen Minuten")
NAME_EN, NAME_DE = ("cannot be reached", "looked up", "network connection"), ("nicht erreichbar", "Netzwerkverbindung")


def stranger(world: World) -> ssl.SSLContext:
    """Return what somebody has who says to be IBKR and is vouched for by an authority that the system does not know."""
    folder = world.folder / "stranger"
    folder.mkdir()
    return Authority(folder).context(BROKER)


def hang_up(wire: Wire, _body: bytes) -> None:
    """End the connection before a word."""


def reset(wire: Wire, _body: bytes) -> None:
    """Break the connection amid the handshake."""
    wire.socket.recv(100)
    wire.reset()


def plain_page(wire: Wire, _body: bytes) -> None:
    """Speak HTTP where TLS is spoken, as the page of a network does."""
    wire.answer(b"<html>Log in to the network</html>", status="400 Bad Request")


def hang_up_amid(wire: Wire, _body: bytes) -> None:
    """Hear the handshake's beginning to its end, then hang up."""
    wire.socket.recv(65536)


@silent
def hang(wire: Wire, _body: bytes) -> None:
    """Take the connection and say nothing."""
    wire.hang()


@dataclass(frozen=True, slots=True, kw_only=True)
class Handshake:
    """A fault of the handshake: what comes of it on both calls.

    Attributes:
        context: gives the service another certificate, or
        at_connect: what it does with each connection.
        code: what the sync ends with.
        tries: how often GetStatement is tried.
        again: minutes until the program tries by itself.
    """

    id: str
    context: Callable[[World], ssl.SSLContext] | None = None
    at_connect: Callable[[Wire, bytes], None] | None = None
    code: str
    tries: int
    again: int
    english: Sequence[str]
    german: Sequence[str]

    def begin(self, world: World, times: int) -> None:
        """Let it begin, for as many connections."""
        if self.context is not None:
            world.service.context = self.context(world)
        if self.at_connect is not None:
            world.service.misbehave_at_connect(*(self.at_connect for _ in range(times)))


def refused(name: str, context: Callable[[World], ssl.SSLContext]) -> Handshake:
    """Return a certificate that must not be trusted."""
    return Handshake(id=name, context=context, code="tls_failed", tries=1, again=30, english=TLS_EN, german=TLS_DE)


def lost(name: str, fault: Callable[[Wire, bytes], None]) -> Handshake:
    """Return a connection that is lost in the handshake."""
    return Handshake(id=name, at_connect=fault, code="connection_lost", tries=5, again=5, english=LOST_EN, german=LOST_DE)


TABLE = [
    refused("an authority that nobody knows", stranger),
    refused("a certificate that ran out", lambda world: world.authority.context(BROKER, ended=True)),
    refused("a certificate for another host", lambda world: world.authority.context("www.example.com", "127.0.0.1")),
    Handshake(
        id="HTTP in place of TLS", at_connect=plain_page, code="tls_failed", tries=1, again=30, english=TLS_EN, german=TLS_DE
    ),
    lost("hung up at once", hang_up),
    lost("hung up amid the handshake", hang_up_amid),
    lost("reset amid the handshake", reset),
    Handshake(
        id="a handshake without end", at_connect=hang, code="timed_out", tries=5, again=5,
        english=("IBKR did not answer", "in time"), german=("nicht rechtzeitig",),
    ),
]  # fmt: skip


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.id)
def test_before_send_request(row: Handshake, outside: World, undisturbed: dict[str, list[str]], languages: None) -> None:
    desk = outside.desk()
    good = outside.service.context
    row.begin(outside, 2)
    report = desk.sync()
    assert code_of(report) == row.code
    assert outside.service.requests == (), "nothing was sent"
    assert outside.service.connections == 2, "each query is tried once"
    assert (desk.archived(), desk.last_run()) == ([], ("failed", row.code))
    assert desk.refusals() == 0
    words = spoken(report.error, row.english, row.german)
    outside.service.context = good
    taken = (desk.clock.now() - report.started_at).total_seconds()
    desk.clock.advance(row.again * 60 - taken - 1)
    assert desk.services.autosync.due() == ()
    desk.clock.advance(2)
    assert desk.services.autosync.due() == (desk.depot,)
    assert code_of(desk.sync()) == ""
    assert desk.state() == undisturbed
    assert desk.leaks(words) == []


@pytest.mark.parametrize("row", TABLE[:-1], ids=lambda row: row.id)  # the last one takes five times two seconds
def test_between_the_calls(row: Handshake, outside: World, undisturbed: dict[str, list[str]], languages: None) -> None:
    desk = outside.desk()
    good = outside.service.context

    def answer_and_begin(wire: Wire, body: bytes) -> None:
        row.begin(outside, row.tries)
        wire.answer(body)

    outside.service.misbehave(SEND, answer_and_begin)
    report = desk.sync()
    assert code_of(report) == row.code
    certificate = row.context is not None
    assert desk.calls() == ("S" if certificate else "SSG"), "the token goes to nobody who may be somebody else"
    assert outside.service.connections == 1 + row.tries + (1 if certificate else 2)
    assert desk.archived() == ([] if certificate else ["TCF"])
    words = spoken(report.error, row.english, row.german)
    outside.service.context = good
    assert code_of(desk.sync()) == ""
    assert desk.state() == undisturbed
    assert desk.leaks(words) == []


def test_a_name_that_cannot_be_looked_up(outside: World, undisturbed: dict[str, list[str]], languages: None) -> None:
    desk = outside.desk()
    outside.names.fail(BROKER)
    report = desk.sync()
    assert code_of(report) == "name_lookup_failed"
    assert outside.names.looked_up == [BROKER, BROKER], "each query once, and no other name"
    assert (outside.service.connections, outside.mirror.connections) == (0, 0)
    assert (desk.archived(), desk.last_run(), desk.refusals()) == ([], ("failed", "name_lookup_failed"), 0)
    words = spoken(report.error, NAME_EN, NAME_DE)
    assert desk.services.autosync.due() == ()
    desk.clock.advance(300)
    assert desk.services.autosync.due() == (desk.depot,)
    outside.names.failures.clear()
    assert code_of(desk.sync()) == ""
    assert desk.state() == undisturbed
    assert desk.leaks(words) == []


def test_a_lookup_that_fails_once_between_the_calls(outside: World, undisturbed: dict[str, list[str]]) -> None:
    desk = outside.desk()

    def answer_and_forget(wire: Wire, body: bytes) -> None:
        outside.names.fail(BROKER, 1)
        wire.answer(body)

    outside.service.misbehave(SEND, answer_and_forget)
    assert code_of(desk.sync()) == ""
    assert desk.calls() == "SGSG"
    assert outside.names.looked_up == 5 * [BROKER]
    assert desk.state() == undisturbed
    assert desk.leaks() == []


def test_a_lookup_that_fails_for_good_between_the_calls(outside: World, undisturbed: dict[str, list[str]], languages: None) -> None:
    desk = outside.desk()

    def answer_and_forget(wire: Wire, body: bytes) -> None:
        outside.names.fail(BROKER)
        wire.answer(body)

    outside.service.misbehave(SEND, answer_and_forget)
    report = desk.sync()
    assert code_of(report) == "name_lookup_failed"
    assert desk.calls() == "S"
    assert outside.names.looked_up == [BROKER] * (1 + 5 + 1), "five times for the statement, once for the other query"
    assert [wait for wait in desk.clock.waits if wait > 6] == [7.0, 10.0, 15.0, 20.0]
    words = spoken(report.error, NAME_EN, NAME_DE)
    outside.names.failures.clear()
    assert code_of(desk.sync()) == ""
    assert desk.state() == undisturbed
    assert desk.leaks(words) == []


def test_ibkrs_second_address_helps_where_the_first_cannot_be_looked_up(outside: World, undisturbed: dict[str, list[str]]) -> None:
    desk = outside.desk()
    second = f"https://{MIRROR}{BASE_PATH}/GetStatement"
    outside.service.script(ScriptedAnswer(action=SEND, success_url=f"\n{second}\n"))

    def answer_and_forget(wire: Wire, body: bytes) -> None:
        outside.names.fail(BROKER, 1)
        wire.answer(body)

    outside.service.misbehave(SEND, answer_and_forget)
    assert code_of(desk.sync()) == ""
    assert desk.calls() == "SSG"
    assert [request.action for request in outside.mirror.requests] == [GET]
    assert outside.names.looked_up == [BROKER, BROKER, MIRROR, BROKER, BROKER]
    assert desk.state() == undisturbed
    assert desk.leaks() == []


def test_nobody_listens(outside: World, undisturbed: dict[str, list[str]], languages: None) -> None:
    desk = outside.desk()
    ports = outside.names._ports
    there, ports[BROKER] = ports[BROKER], 9
    report = desk.sync()
    assert code_of(report) == "no_network"
    assert (outside.service.connections, desk.archived(), desk.refusals()) == (0, [], 0)
    words = spoken(report.error, ("cannot be reached", "network connection"), ("nicht erreichbar", "Netzwerkverbindung"))
    ports[BROKER] = there
    desk.clock.advance(301)
    assert desk.services.autosync.due() == (desk.depot,)
    assert code_of(desk.sync()) == ""
    assert desk.state() == undisturbed
    assert desk.leaks(words) == []


@pytest.mark.parametrize("answer", ["407 Proxy Authentication Required", "503 Service Unavailable"])
def test_a_proxy_that_lets_nothing_through(
    answer: str, outside: World, undisturbed: dict[str, list[str]], languages: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[bytes] = []

    def refuse(wire: Wire, _body: bytes) -> None:
        heard.append(wire.socket.recv(4096))
        wire.answer(b"", status=answer)

    desk = outside.desk()
    outside.names._ports["proxy.example"] = outside.mirror.port
    outside.mirror.misbehave_at_connect(refuse, refuse)
    monkeypatch.setenv("https_proxy", "http://proxy.example:3128")
    report = desk.sync()
    assert code_of(report) == "proxy_failed"
    assert len(heard) == 2
    assert all(each.startswith(f"CONNECT {BROKER}:443".encode()) for each in heard), "a proxy hears where to, not what"
    assert outside.service.connections == 0
    assert (desk.archived(), desk.last_run(), desk.refusals()) == ([], ("failed", "proxy_failed"), 0)
    words = spoken(report.error, ("proxy refused", "network settings"), ("Proxy", "Netzwerkeinstellungen"))
    monkeypatch.delenv("https_proxy")
    desk.clock.advance(301)
    assert desk.services.autosync.due() == (desk.depot,)
    assert code_of(desk.sync()) == ""
    assert desk.state() == undisturbed
    assert desk.leaks(words, repr(heard)) == []
