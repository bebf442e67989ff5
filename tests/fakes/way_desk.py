"""A whole journal that talks to IBKR's own address over TLS, where every name leads to this computer: for faults of the way.

The client, the pace, the store and the log are the program's own; the time stands still until somebody waits.
"""

from __future__ import annotations

import functools
import logging
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from ibjournal import bootstrap
from ibjournal.demo.depots import DemoDepot
from ibjournal.domain.depot import DepotId
from ibjournal.domain.errors import FlexError
from ibjournal.flex import client as flex_client
from ibjournal.flex import transport
from ibjournal.flex.client import FlexClient
from ibjournal.flex.secret import Secret
from ibjournal.flex.transport import Timeouts
from ibjournal.log import start_logging, stop_logging
from ibjournal.paths import Paths
from ibjournal.services.credentials import MemoryCredentials
from ibjournal.services.fetch_plan import FetchedDays, Window, write_fetched
from ibjournal.services.jobs import CancelToken, Progress
from ibjournal.services.sync import SyncReport
from ibjournal.store.database import Database
from ibjournal.store.depots import insert_depot
from tests.fakes import flex_reports as xml
from tests.fakes import planted_token, token_watch
from tests.fakes.certificates import Authority
from tests.fakes.clock import FakeClock
from tests.fakes.handed_out import handed_out
from tests.fakes.journal_folder import JournalFolder
from tests.fakes.names import BROKER, MIRROR, Names, Spy
from tests.fakes.patience import TIMEOUTS
from tests.fakes.planted_token import PLANTED
from tests.fakes.raw_flex import RawFlexService
from tests.unit.flex.flex_source import plain_depots

IMPATIENT = Timeouts(connect=2, read=1, whole=20)
"""For requests that wait in vain; all others wait however long a busy machine takes."""
_PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")


def depots() -> tuple[DemoDepot, ...]:
    """Return the one depot; its token is the planted one."""
    return tuple(replace(each, token=PLANTED) for each in plain_depots())


class RowsSource:
    """Statements with fills: two in Activity, one more in today's confirmation."""

    as_of = date(2026, 9, 28)
    published = date(2026, 9, 25)
    first_day = date(2026, 1, 5)

    def activity_xml(self, accounts: Sequence[str], from_date: date, to_date: date, *, generated_at: datetime) -> bytes | None:
        days = (max(from_date, self.first_day), min(to_date, self.published))
        if days[1] < days[0]:
            return None
        return _report(accounts, "Trades", _rows(xml.trade, days), days, generated_at)

    def confirmation_xml(self, accounts: Sequence[str], from_date: date, to_date: date, *, generated_at: datetime) -> bytes | None:
        days = (from_date, min(to_date, self.as_of))
        if days[1] < days[0]:
            return None
        return _report(accounts, "TradeConfirms", _rows(xml.confirm, days), days, generated_at)


def _rows(make: Callable[..., str], days: tuple[date, date]) -> list[str]:
    found = []
    for number, day in _FILLS:
        if days[0] <= day <= days[1]:
            text = f"{day:%Y%m%d}"
            told = {"dateTime": f"{text};1{number}0500", "tradeDate": text, "reportDate": text, "accountId": depots()[0].account}
            found.append(make(number, 100 if number % 2 else -100, 10 + number, **told))
    return found


def _report(accounts: Sequence[str], section: str, rows: Sequence[str], days: tuple[date, date], made: datetime) -> bytes:
    found = xml.section(section, *rows)
    first, last = (f"{day:%Y%m%d}" for day in days)
    statements = [xml.statement(found, account=each, days=(first, last), generated=f"{made:%Y%m%d;%H%M%S}") for each in accounts]
    return xml.report(*statements, kind="AF" if section == "Trades" else "TCF")


_FILLS = ((1, date(2026, 9, 8)), (2, date(2026, 9, 24)), (3, date(2026, 9, 28)))


@dataclass
class WayDesk:
    """A journal with one depot, of which the days up to 1 September 2026 are known; a sync asks each query once."""

    service: RawFlexService
    folder: Path
    clock: FakeClock = field(default_factory=FakeClock)
    credentials: MemoryCredentials = field(default_factory=lambda: MemoryCredentials(kept=True))
    steps: list[Progress] = field(default_factory=list)
    confirmation: str = "1002"
    known_to: date | None = date(2026, 9, 1)

    def __post_init__(self) -> None:
        self.paths = Paths(self.folder / "data")
        token_watch.current().journal(self.paths.data)
        self.restart()
        database = Database(self.paths.database)
        with database.transaction() as db:
            self.depot: DepotId = insert_depot(db, name="Plain", activity_query="1001", confirmation_query=self.confirmation)
        self.credentials.set(self.depot, Secret(PLANTED))
        if self.known_to is not None:
            windows = (Window(date(2022, 1, 1), self.known_to),)
            known = FetchedDays(query="1001", windows=windows, looked_back=date(2026, 9, 20))
            write_fetched(database, self.depot, "activity", known)

    def restart(self) -> None:
        """Begin anew on what is on disk."""
        url = "" if self.service.url.startswith(f"https://{BROKER}") else self.service.url
        more = {"flex_url": url} if url else {}
        self.services = bootstrap.build(self.paths, credentials=self.credentials, clock=self.clock, **more)  # type: ignore[arg-type]

    def sync(self, *, cancel: CancelToken | None = None) -> SyncReport:
        """Sync the depot; nothing that was being fetched stays behind."""
        report = self.services.sync.sync_depot(self.depot, cancel=cancel, progress=self.steps.append)
        for text in (repr(report), f"{report.error} {getattr(report.error, 'values', '')}", *map(repr, self.steps)):
            token_watch.current().hear("words of a sync", text)
        assert not [path for path in (self.paths.data / "fetching").rglob("*") if path.is_file()]
        return report

    def calls(self) -> str:
        """Return the requests that the service saw, a letter each: S for SendRequest, G for GetStatement."""
        return "".join(request.action[0] for request in self.service.requests)

    def archived(self) -> list[str]:
        """Return the types of the archived reports."""
        rows = self._folder().query("SELECT type FROM reports ORDER BY id")
        files = self._folder().files()
        assert len(files) == len(rows), "a file without a report, or a report without its file"
        return [row[0] for row in rows]

    def last_run(self) -> tuple[str, str]:
        """Return how the last sync stands in the log of runs: its result, and the code of its error."""
        (row,) = self._folder().query("SELECT result, json_extract(error, '$.code') FROM sync_runs ORDER BY id DESC LIMIT 1")
        return str(row[0]), str(row[1] or "")

    def refusals(self) -> int:
        """Return how many failures the day's guard counts."""
        assert isinstance(self.services.sync._client, FlexClient)
        return len(self.services.sync._client.pacing.of(Secret(PLANTED)).state.failures)

    def state(self) -> dict[str, list[str]]:
        """Return everything that came of the reports."""
        found = self._folder().state()
        fills = self._folder().query("SELECT exec_id, source, status, quantity, price FROM executions ORDER BY exec_id")
        return found | {"fills": [repr(each) for each in fills]}

    def leaks(self, *texts: str) -> list[str]:
        """Return where the planted token stands: data folder, log, a backup, every export, the diagnosis, ``texts``."""
        told = [repr(step) for step in self.steps]
        return planted_token.leaks(self.paths.data, *handed_out(self.services, self.paths), *told, *texts)

    def _folder(self) -> JournalFolder:
        looking = object.__new__(JournalFolder)
        looking.paths, looking.services = self.paths, self.services
        return looking


@dataclass
class World:
    """Everything outside the program: IBKR's service and its second address, the name lookup, and who is not IBKR."""

    folder: Path
    authority: Authority
    service: RawFlexService
    mirror: RawFlexService
    spy: Spy
    names: Names
    source: RowsSource
    clock: FakeClock

    def desk(self, name: str = "desk", **options: object) -> WayDesk:
        """Return a journal in a folder of its own."""
        (self.folder / name).mkdir(exist_ok=True)
        return WayDesk(self.service, self.folder / name, self.clock, **options)  # type: ignore[arg-type]


@contextmanager
def world(
    folder: Path,
    patch: pytest.MonkeyPatch,
    *,
    impatient: Timeouts = IMPATIENT,
    largest: int | None = None,
    source: RowsSource | None = None,
) -> Iterator[World]:
    """Hold a world; while it lasts, IBKR's names lead to the services here and all other names to the spy."""
    authority = Authority(folder)
    rows = source or RowsSource()
    clock = FakeClock()
    context = authority.context(BROKER, MIRROR)
    with (
        RawFlexService(rows, depots=depots(), context=context, origin=f"https://{BROKER}", clock=clock.monotonic) as service,
        RawFlexService(rows, depots=depots(), context=context, origin=f"https://{MIRROR}", clock=clock.monotonic) as mirror,
    ):
        spy = Spy()
        names = Names({BROKER: service.port, MIRROR: mirror.port}, elsewhere=spy.port)
        client = functools.partial(FlexClient, timeouts=TIMEOUTS)

        def get(url: str, *arguments: Any, **options: Any) -> transport.Body:
            if service.will_be_silent(url.rsplit("/", 1)[-1]):
                options["timeouts"] = impatient
            return transport.get(url, *arguments, **options)

        patch.setattr(flex_client, "get", get)
        patch.setattr(bootstrap, "FlexClient", functools.partial(client, largest=largest) if largest else client)
        patch.setattr(socket, "getaddrinfo", names)
        patch.setenv("SSL_CERT_FILE", str(authority.file))
        patch.setenv("REQUESTS_CA_BUNDLE", str(authority.file))  # the library's own takes long to read
        for name in _PROXIES:
            patch.delenv(name, raising=False)
            patch.delenv(name.upper(), raising=False)
        level = logging.getLogger().level
        (folder / "desk" / "data").mkdir(parents=True)
        handler = start_logging(folder / "desk" / "data" / "logs", level=logging.DEBUG)
        mirror._jobs = service._jobs  # both addresses are one service
        try:
            yield World(folder, authority, service, mirror, spy, names, rows, clock)
        finally:
            stop_logging(handler)
            logging.getLogger().setLevel(level)
            spy.close()


def code_of(report: SyncReport) -> str:
    """Return the code of what a sync ended with, empty for nothing."""
    if report.error is None:
        return ""
    assert isinstance(report.error, FlexError), report.error
    return report.error.code
