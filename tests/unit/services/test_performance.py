"""Reports from a real database, and the engine against the demo broker's own books."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from ibjournal.demo.broker import Broker, build
from ibjournal.demo.depots import DEMO_DEPOTS
from ibjournal.domain.depot import AccountId, DepotId
from ibjournal.domain.period import Period
from ibjournal.services.importing import ImportService
from ibjournal.services.performance import Convention, PerformanceReport, PerformanceService
from ibjournal.store.archive import Archive
from ibjournal.store.database import Database
from ibjournal.store.depots import owner_of
from ibjournal.store.executions import executions_of, traded
from ibjournal.store.trades import matches_of, open_lots_of

D = Decimal
HALF_A_CENT = D("0.005")
ACCOUNTS = tuple(AccountId(depot.account) for depot in DEMO_DEPOTS)


@pytest.fixture(scope="module")
def broker() -> Broker:
    return build(as_of=date(2026, 8, 20))


@pytest.fixture(scope="module")
def database(broker: Broker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    folder = tmp_path_factory.mktemp("journal")
    database = Database(folder / "journal.db")
    importer = ImportService(database=database, archive=Archive(folder / "archive"))
    for account in ACCOUNTS:
        for year in range(broker.first_day.year, broker.last_day.year + 1):
            xml = broker.activity_xml(
                [account], date(year, 1, 1), date(year, 12, 31), generated_at=datetime(2026, 8, 21, 10, tzinfo=UTC)
            )
            assert xml is not None
            path = folder / f"{account}-{year}.xml"
            path.write_bytes(xml)
            assert importer.import_report(path, name=path.name).error is None
    yield database
    database.checkpoint()


def value(report: PerformanceReport, name: str) -> Decimal:
    found = next(each.value for each in (*report.figures, *report.statistics) if each.name == name)
    assert found is not None
    return found


@pytest.mark.parametrize("account", ACCOUNTS)
def test_results_are_the_brokers_but_for_premiums_that_exercise_moved(
    broker: Broker, database: Database, account: AccountId
) -> None:
    """Each fill's result is IBKR's; where exercise moved a premium into the stock, ours is earlier and the whole is the same."""
    books = broker.books(account)
    ours: defaultdict[str, Decimal] = defaultdict(Decimal)
    theirs: defaultdict[str, Decimal] = defaultdict(Decimal)
    exercised: set[str] = set()
    different: set[str] = set()
    with database.reading() as db:
        for instrument in sorted(each for owner, each in traded(db) if owner == account):
            by_fill: defaultdict[str, Decimal] = defaultdict(Decimal)
            for match in matches_of(db, account, instrument):
                assert match.net is not None
                by_fill[match.closing] += match.net
            for fill in executions_of(db, account, instrument):
                symbol = fill.symbol.split()[0]
                if not {"A", "Ex"}.isdisjoint(fill.codes):
                    exercised.add(symbol)
                told = books.realized.get(fill.transaction_id, D(0))
                if abs(told - by_fill[fill.id]) > HALF_A_CENT:
                    different.add(symbol)
                ours[symbol] += by_fill[fill.id]
                theirs[symbol] += told
        for _account, instrument, lot in open_lots_of(db, [account]):
            symbol = next(fill.symbol.split()[0] for fill in executions_of(db, account, instrument))
            ours[symbol] -= lot.cost
    for holding in books.holdings:
        theirs[holding.contract.symbol.split()[0]] -= holding.cost
    assert different <= exercised
    assert {symbol: ours[symbol] for symbol in ours if abs(ours[symbol] - theirs[symbol]) > HALF_A_CENT} == {}


@pytest.mark.parametrize("account", ACCOUNTS)
def test_open_lots_are_the_brokers_holdings(broker: Broker, database: Database, account: AccountId) -> None:
    ours: defaultdict[str, Decimal] = defaultdict(Decimal)
    with database.reading() as db:
        for _account, instrument, lot in open_lots_of(db, [account]):
            ours[instrument] += lot.quantity
    assert ours == {str(holding.contract.conid): holding.quantity for holding in broker.books(account).holdings}


@pytest.mark.parametrize("account", ACCOUNTS)
def test_report_of_an_account(broker: Broker, database: Database, account: AccountId) -> None:
    books = broker.books(account)
    report = PerformanceService(database).report(account=account)
    assert (report.currency, report.problems) == (books.currency, ())
    assert {point.day: point.nav for point in report.equity.points if point.day in books.nav} == books.nav
    assert report.last_day == broker.last_day
    growth = D(1)
    for year in report.years:
        assert year.value is not None
        growth *= 1 + year.value
    assert abs(growth - 1 - value(report, "twr")) < D("1E-7")
    assert report.profit[-1][1] == sum((group.net for group in report.groups), D(0)) == value(report, "net_result")
    assert len(report.months) >= 31


def test_conventions_differ_and_agree_on_money(database: Database) -> None:
    service = PerformanceService(database)
    reports = [service.report(account=ACCOUNTS[0], convention=each) for each in Convention]
    assert len({value(report, "twr") for report in reports}) == 3
    assert len({value(report, "profit") for report in reports}) == 1


def test_period_and_breakdown(database: Database) -> None:
    period = Period(date(2025, 1, 1), date(2025, 12, 31))
    report = PerformanceService(database).report(account=ACCOUNTS[0], period=period, group_by="month")
    assert report.first_day is not None
    assert report.first_day < date(2025, 1, 1)
    assert [month.month for month in report.months] == list(range(1, 13))
    assert not any(month.partial for month in report.months)
    assert {group.label[:4] for group in report.groups} == {"2025"}
    with pytest.raises(ValueError, match="colour"):
        PerformanceService(database).report(group_by="colour")


def test_depot_filter(database: Database) -> None:
    with database.reading() as db:
        depot = owner_of(db, ACCOUNTS[0])
    assert depot is not None
    service = PerformanceService(database)
    assert service.report(depot=depot) == service.report(account=ACCOUNTS[0])
    assert service.report(depot=depot, account=ACCOUNTS[1]).problems == ("no_equity",)
    assert service.report(depot=DepotId(999)).problems == ("no_equity",)


def test_all_depots_of_two_currencies_are_refused(database: Database) -> None:
    assert PerformanceService(database).report().problems == ("mixed_base_currencies",)


def test_empty_journal(tmp_path: Path) -> None:
    report = PerformanceService(Database(tmp_path / "journal.db")).report()
    assert (report.problems, report.equity.points, report.currency) == (("no_equity",), (), "")
