"""A fill that turns over what was held before history starts ends one trade and begins another: two trades, two keys."""

from __future__ import annotations

from decimal import Decimal

from ibjournal.domain.fill import MatchingProblem, Pricing
from ibjournal.domain.ledger import Ledger
from ibjournal.domain.trade import Side, TradeStatus
from tests.fakes.builders import make_execution

D = Decimal
ROWS = [make_execution(1, -100, 10), make_execution(2, 100, 9), make_execution(3, -40, 12)]


def ledger() -> Ledger:
    problems: list[MatchingProblem] = []
    return Ledger(Pricing(base_currency="", rate_to_base=None, problems=problems), problems, with_matches=True)


def test_both_trades_have_a_key_of_their_own() -> None:
    """40 were held; the first fill sold them, and 60 more."""
    books = ledger()
    books.receive(D(40))
    for row in ROWS:
        books.add(row)
    before, short, long = books.trades()
    assert [trade.key.split("/")[-1] for trade in books.trades()] == ["event:held:E1", "E1", "E2"]
    assert (before.side, before.status, before.quantity, before.entry_known) == (Side.LONG, TradeStatus.CLOSED, D(40), False)
    assert (short.side, short.quantity, short.net, short.entry_known) == (Side.SHORT, D(60), D(60), True)
    assert (long.side, long.quantity, long.net) == (Side.LONG, D(40), D(120))
    assert [(match.trade, match.opening, match.closing) for match in books.matches] == [
        (before.key, None, "E1"),
        (short.key, "E1", "E2"),
        (long.key, "E2", "E3"),
    ]


def test_the_keys_of_the_next_trades_stay_when_older_history_comes() -> None:
    whole = ledger()
    for row in (make_execution(0, 40, 8), *ROWS):
        whole.add(row)
    assert [trade.key.split("/")[-1] for trade in whole.trades()] == ["E0", "E1", "E2"]
    assert whole.trades()[0].net == D(80)


def test_without_a_flip_the_fill_that_met_it_first_is_the_key() -> None:
    books = ledger()
    books.receive(D(140))
    for row in ROWS:
        books.add(row)
    assert [trade.key.split("/")[-1] for trade in books.trades()] == ["E1"]
