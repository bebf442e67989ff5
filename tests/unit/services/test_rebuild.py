"""What is derived can be dropped and built anew."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from ibjournal.domain.errors import Cancelled
from ibjournal.services.importing import ImportedFile
from ibjournal.services.jobs import CancelToken, Progress
from ibjournal.store.trades import matches_of
from tests.fakes.flex_reports import ACCOUNT, activity, confirm, confirmation, report, row, section, statement, trade
from tests.fakes.journal_folder import JournalFolder


def test_a_rebuild_gives_the_same_trades(journal: JournalFolder) -> None:
    journal.take(confirmation(confirm(1), confirm(2, -100, 11)))
    journal.take(activity(trade(1), trade(2, -100, 11), trade(3, 50, conid="222"), trade(4, -20, conid="222")))
    before = journal.state()
    changes = journal.services.maintenance.rebuild()
    assert changes.trades
    assert journal.state() == before


def test_only_what_was_touched_is_built_anew(journal: JournalFolder) -> None:
    journal.take(activity(trade(1), trade(2, conid="222"), trade(3, conid="333"), days=("20260301", "20260305")))
    steps: list[Progress] = []
    path = journal.file(activity(trade(4, conid="222"), days=("20260306", "20260310"), generated="20260312;050000"))
    journal.services.importing.import_report(path, name="x", progress=steps.append)
    assert [each.total for each in steps if each.step == "matching"] == [1]


def test_a_cancelled_rebuild_leaves_the_trades_that_were(journal: JournalFolder) -> None:
    journal.take(activity(trade(1), trade(2, conid="222")))
    before = journal.state()
    cancel = CancelToken()
    with pytest.raises(Cancelled):
        journal.services.maintenance.rebuild(cancel=cancel, progress=lambda _step: cancel.cancel())
    assert journal.state() == before


def test_trades_of_fills_with_one_id_are_all_built(journal: JournalFolder) -> None:
    same = {"tradeID": "7", "ibExecID": ""}
    journal.take(activity(trade(1, 100, **same), trade(2, -100, 11, **same), trade(3, 40, **same)))
    assert [str(each.quantity) for each in journal.trades()] == ["100", "40"]
    journal.services.maintenance.rebuild()
    assert [str(each.quantity) for each in journal.trades()] == ["100", "40"]


# --- corporate actions that are not applied ----------------------------------------------------------------------


def action(number: int, quantity: object, **attributes: object) -> str:
    values: dict[str, object] = {
        "accountId": ACCOUNT,
        "currency": "USD",
        "assetCategory": "STK",
        "symbol": "ACME",
        "description": "ACME MERGED",
        "conid": "111",
        "dateTime": "20260303;202500",
        "reportDate": "20260304",
        "quantity": quantity,
        "type": "TC",
        "actionID": 60 + number,
        "transactionID": 8000 + number,
    }
    return row("CorporateAction", **(values | attributes))


def warned(file: ImportedFile) -> list[tuple[str, object]]:
    return [(each.code, dict(each.values).get("count")) for each in file.warnings]


def with_actions(*actions: str) -> bytes:
    trades = section("Trades", trade(1))
    return report(statement(trades, section("CorporateActions", *actions), days=("20260301", "20260310")))


def test_events_that_are_not_applied_are_told(journal: JournalFolder) -> None:
    """A merger into another contract is applied; one that brings units and takes none is not."""
    merger = [action(1, -100), action(2, 50, conid="999", actionID=61)]
    assert warned(journal.take(with_actions(*merger, action(3, 10, actionID=63, conid="998")))) == [("events_not_applied", 1)]


def test_an_old_report_without_types_is_told_too(journal: JournalFolder) -> None:
    """Two rows of one instant with one description are one event, whose words do not tell what it does."""
    names = {"type": None, "actionID": None, "description": "ACME REBORN"}
    rows = [action(1, -100, **names), action(2, 50, conid="999", **names)]
    assert warned(journal.take(with_actions(*rows))) == [("events_not_applied", 1)]


@pytest.mark.parametrize(("kind", "quantity"), [("FS", 100), ("PV", 0), ("", 0)])
def test_events_that_leave_nothing_open_are_not_told(journal: JournalFolder, kind: str, quantity: int) -> None:
    assert warned(journal.take(with_actions(action(1, quantity, type=kind)))) == []


def test_events_of_instruments_that_a_report_does_not_touch_are_not_told_again(journal: JournalFolder) -> None:
    journal.take(with_actions(action(1, -100)))
    later = activity(trade(4, conid="222"), days=("20260306", "20260310"), generated="20260312;050000")
    assert warned(journal.take(later)) == []


# --- real reports ------------------------------------------------------------------------------------------------

ETAX = "vroonhof__opensteuerauszug/eTax_report_anonymised_2025.xml"


def test_every_close_of_a_real_year_earns_what_ibkr_says(journal: JournalFolder, samples: Path) -> None:
    """But for a cent of the file's own and the premium that IBKR moves from an assigned call into the shares."""
    content = (samples / ETAX).read_bytes()
    assert journal.take(content).error is None
    ibkr = {
        each.get("transactionID", ""): Decimal(each.get("fifoPnlRealized", ""))
        for each in ET.fromstring(content).iter("Trade")
        if each.get("openCloseIndicator") == "C"
    }
    ours = earned(journal)
    different = {number: ours[number] - figure for number, figure in ibkr.items() if abs(ours[number] - figure) > Decimal("0.005")}
    assert (ours.keys(), len(ibkr)) == (ibkr.keys(), 185)
    premium = Decimal("8504.59454")
    assert different == {
        "31409561172": Decimal("-0.0100004"),  # the file's own: 767.1073096 where the call was sold
        "35691010785": premium,
        "35691010795": -premium + Decimal("0.000003"),
    }
    assert ours["31727819196"] == Decimal("-75.479045")
    assert ours["31851775572"] == Decimal("-130.477505")


def test_shares_of_before_a_real_year_began(journal: JournalFolder, samples: Path) -> None:
    journal.take((samples / ETAX).read_bytes())
    (shares,) = (each for each in journal.trades() if each.instrument == "272110" and each.closed_at is not None)
    assert (shares.entry_known, str(shares.quantity), str(shares.opened_on)) == (False, "3436", "2025-01-13")
    assert shares.net is not None
    assert shares.net.quantize(Decimal("0.0001")) == Decimal("-74442.2322")


def test_a_real_re_booking_keeps_what_the_original_had_cost(journal: JournalFolder, samples: Path) -> None:
    journal.take((samples / "GOforce64__trading-journal" / "activity.xml").read_bytes())
    (call,) = (each for each in journal.trades() if each.instrument == "893396239")
    assert sum(piece.fees for piece in call.pieces) == Decimal("-1.3666")
    ((lots,),) = journal.query("SELECT open_lots FROM matchings WHERE instrument='893396239'")
    assert sum(Decimal(cost) for _opening, _quantity, _price, cost, *_rest in json.loads(lots)) == Decimal("147.3666")
    commissions = journal.query("SELECT commission FROM executions WHERE instrument='893396239' ORDER BY id")
    assert [each for (each,) in commissions] == ["-1.3666", "0", "0.3333", "-0.3333"]


def test_real_mergers_are_applied(journal: JournalFolder, samples: Path) -> None:
    file = journal.take((samples / "portfolio-performance__portfolio" / "testIBFlexStatementFile01.xml").read_bytes())
    assert "events_not_applied" not in [code for code, _count in warned(file)]


def earned(journal: JournalFolder) -> dict[str, Decimal]:
    """Return what each closing fill earned by our lots, by its transaction."""
    found: dict[str, Decimal] = {}
    with closing(sqlite3.connect(journal.paths.database)) as db:
        names = dict(db.execute("SELECT account || ' ' || uid, transaction_id FROM executions WHERE status='active'"))
        for account, instrument in db.execute("SELECT DISTINCT account, instrument FROM executions").fetchall():
            for match in matches_of(db, account, instrument):
                assert match.net is not None
                number = names[f"{account} {match.closing}"]
                found[number] = found.get(number, Decimal(0)) + match.net
    return found
