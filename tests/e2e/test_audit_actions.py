"""Corporate actions on rows written as IBKR writes them, every figure worked out by hand."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from ibjournal.analytics.reconciliation import CheckStatus
from tests.e2e.audit_rows import action, fill, option, position, section, year
from tests.fakes.journal_folder import JournalFolder

_EVENING, _DAY = "20250609;202500", "20250610"
_WORDS = "ACME(US0000000001) SPLIT 4 FOR 1 (ACME, ACME CORP, US0000000001)"


def _statuses(journal: JournalFolder) -> set[CheckStatus]:
    return {check.status for check in journal.services.reconciliation.checks()}


def test_shares_and_a_short_option_split_together(tmp_path: Path) -> None:
    """100 shares at 400 are 400 at 100; one short put at 5 is four at 1.25. 150 sold at 110: 16,499 - 150/400 of 40,001."""
    journal = JournalFolder(tmp_path / "journal")
    option_terms = {"assetCategory": "OPT", "multiplier": "100", "putCall": "P", "strike": "95", "underlyingConid": "111"}
    journal.take(
        year(
            section(
                "Trades",
                fill("ACME", "111", 100, 400, "20250303;100000"),
                option("211", "P", 380, "20250620", -1, 5, "20250304;100000"),
                fill("ACME", "111", -150, 110, "20250610;093005", fifoPnlRealized="1498.625"),
                option("211", "P", 95, "20250620", 4, "0.5", "20250610;100000", fifoPnlRealized="298"),
            ),
            section(
                "CorporateActions",
                action("FS", "ACME", "111", 300, _EVENING, _DAY, _WORDS, actionID="31001"),
                action("FS", "ACME  250620P00095000", "211", -3, _EVENING, _DAY, _WORDS, actionID="31001", **option_terms),
            ),
            section("OpenPositions", position("ACME", "111", 250, "25000.625", "20251231")),
        )
    )
    shares, put = journal.trades()
    assert [shares.net, shares.open_quantity, shares.entry_price] == [Decimal("1498.625"), Decimal(250), Decimal(100)]
    assert [put.net, put.quantity, put.entry_price] == [Decimal(298), Decimal(4), Decimal("1.25")]
    assert not _statuses(journal) & {CheckStatus.DIFFERS, CheckStatus.EXPLAINED}


def test_a_long_and_a_short_option_split_in_opposite_directions(tmp_path: Path) -> None:
    """Two for one: a long call and a short call, one each, become two each; nothing is exchanged."""
    journal = JournalFolder(tmp_path / "journal")
    words = "ACME(US0000000001) SPLIT 2 FOR 1 (ACME, ACME CORP, US0000000001)"
    terms = {"assetCategory": "OPT", "multiplier": "100", "putCall": "C", "underlyingConid": "111", "actionID": "31002"}
    journal.take(
        year(
            section(
                "Trades",
                option("212", "C", 100, "20250620", 1, 6, "20250303;100000"),
                option("213", "C", 110, "20250620", -1, 2, "20250303;100000"),
                option("212", "C", 50, "20250620", -2, 4, "20250611;100000", fifoPnlRealized="198"),
                option("213", "C", 55, "20250620", 2, 1, "20250611;100000", fifoPnlRealized="-2"),
            ),
            section(
                "CorporateActions",
                action("FS", "ACME  250620C00050000", "212", 1, _EVENING, _DAY, words, **terms),
                action("FS", "ACME  250620C00055000", "213", -1, _EVENING, _DAY, words, **terms),
            ),
        )
    )
    assert [trade.net for trade in journal.trades()] == [198, -2]
    assert not _statuses(journal) & {CheckStatus.DIFFERS, CheckStatus.EXPLAINED}


def test_cash_for_a_fraction_is_a_sale_of_it(tmp_path: Path) -> None:
    """105 at 2 are 10.5 at 20; half a share is paid with 9.80: 9.80 - 211 x 0.5/10.5 = -0.2476...; then 10 are sold at 21."""
    words = "RST(US0000000002) SPLIT 1 FOR 10 (RST, RST INC, US0000000003)"
    old = action("RS", "RST.OLD", "301", -105, _EVENING, _DAY, words, actionID="31003")
    new = action("RS", "RST", "302", "10.5", _EVENING, _DAY, words, actionID="31003")
    paid = {"proceeds": "9.8", "fifoPnlRealized": "-0.2476190476"}
    for name, cash in {
        "own action": action(
            "RS", "RST", "302", "-0.5", "20250611;202500", "20250612", "RST CASH IN LIEU", actionID="31004", **paid
        ),
        "same action": action("RS", "RST", "302", "-0.5", _EVENING, _DAY, words, actionID="31003", **paid),
    }.items():
        journal = JournalFolder(tmp_path / name)
        bought = fill("RST", "301", 105, 2, "20250303;100000")
        sold = fill("RST", "302", -10, 21, "20250613;100000", fifoPnlRealized="8.0476190476")
        journal.take(year(section("Trades", bought, sold), section("CorporateActions", old, new, cash)))
        (trade,) = journal.trades()
        assert trade.net is not None
        assert round(trade.net, 8) == Decimal("7.8"), name
        assert not trade.open_quantity
        assert not _statuses(journal) & {CheckStatus.DIFFERS, CheckStatus.EXPLAINED}, name


def test_what_a_spin_off_took_from_its_parent_is_asked_and_never_simply_ok(tmp_path: Path) -> None:
    """12.5 units of KID come, half a unit is paid with 7, 12 are sold: IBKR's figures rest on a cost that no report tells."""
    journal = JournalFolder(tmp_path / "journal")
    words = "PAR(US0000000008) SPINOFF 1 FOR 8 (KID, KID INC, US0000000009)"
    paid = {"proceeds": "7", "fifoPnlRealized": "0.244", "actionID": "6"}
    journal.take(
        year(
            section(
                "Trades",
                fill("PAR", "308", 100, 50, "20250303;100000", isin="US0000000008"),
                fill("KID", "309", -12, 15, "20250620;100000", openCloseIndicator="C", cost="-162.04", fifoPnlRealized="16.96"),
            ),
            section(
                "CorporateActions",
                action("SO", "KID", "309", "12.5", _EVENING, _DAY, words, actionID="5", value="180"),
                action("SO", "KID", "309", "-0.5", "20250616;202500", "20250617", "KID(US0000000009) CASH IN LIEU", **paid),
            ),
            section("OpenPositions", position("PAR", "308", 100, "4832.1", "20251231")),
        )
    )
    checks = journal.services.reconciliation.checks()
    told = {(check.check, check.subject): (check.status, check.reason) for check in checks if check.ours is not None}
    asked = (CheckStatus.EXPLAINED, "basis_asked")
    assert told["realized", "KID"] == asked
    assert told["realized_instrument", "KID"] == asked
    assert told["cost", "PAR"] == asked
    assert told["positions", "PAR"] == (CheckStatus.OK, "")
    (kid,) = [trade for trade in journal.trades() if trade.instrument == "309"]
    assert [kid.net, kid.open_quantity] == [Decimal("17.204"), Decimal(0)]
