"""What is derived can be dropped and built anew."""

from __future__ import annotations

import pytest

from ibjournal.domain.errors import Cancelled
from ibjournal.services.jobs import CancelToken, Progress
from tests.fakes.flex_reports import activity, confirm, confirmation, trade
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
