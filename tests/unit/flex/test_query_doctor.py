"""What a query lacks."""

from __future__ import annotations

from pathlib import Path

from ibjournal.flex.query_doctor import diagnose
from tests.fakes.flex_reports import cash, confirmation, report, row, section, statement, trade

SECTIONS = """EquitySummaryInBase CashReport Trades OptionEAE OpenPositions CorporateActions CashTransactions Transfers
    SecuritiesInfo""".split()


def complete(*, without: str = "", trades: str = "", bookings: str = "") -> bytes:
    """Return an Activity report with every section that a screen needs, but one."""
    filled = {"Trades": trades, "CashTransactions": bookings}
    parts = [row("AccountInformation", currency="EUR"), row("ChangeInNAV", twr="1")]
    parts += [section(name, filled.get(name, "")) for name in SECTIONS]
    return report(statement(*[part for part in parts if not without or not part.startswith((f"<{without}>", f"<{without} "))]))


def codes(path: Path, content: bytes) -> list[tuple[str, str, str]]:
    path.write_bytes(content)
    diagnosis = diagnose(path)
    assert diagnosis.error is None
    return [(each.code, each.section, each.screen) for each in diagnosis.findings]


def test_a_query_that_lacks_nothing(tmp_path: Path) -> None:
    assert codes(tmp_path / "a.xml", complete(trades=trade(1), bookings=cash(1))) == []


def test_every_section_that_is_missing_is_named_with_its_screen(tmp_path: Path) -> None:
    for name, screen in (("Trades", "journal"), ("EquitySummaryInBase", "performance"), ("ChangeInNAV", "check")):
        assert codes(tmp_path / "a.xml", complete(without=name)) == [("section_missing", name, screen)]


def test_summary_rows_are_found(tmp_path: Path) -> None:
    found = codes(tmp_path / "a.xml", complete(bookings=cash(1) + cash(2, accountId="-", levelOfDetail="SUMMARY")))
    assert found == [("summary_rows_on", "CashTransactions", "performance")]


def test_fields_without_which_a_fill_cannot_be_matched(tmp_path: Path) -> None:
    found = codes(tmp_path / "a.xml", complete(trades=trade(1, quantity=None)))
    assert found == [("fields_missing", "Trades", "journal")]


def test_a_confirmation_needs_its_one_section(tmp_path: Path) -> None:
    assert codes(tmp_path / "a.xml", confirmation()) == []
    empty = report(statement(), kind="TCF")
    assert codes(tmp_path / "a.xml", empty) == [("section_missing", "TradeConfirms", "journal")]


def test_what_is_no_report_is_told_by_name(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b'"ClientAccountID"\n')
    diagnosis = diagnose(path)
    assert diagnosis.error is not None
    assert (diagnosis.error.code, diagnosis.error.values["file"], diagnosis.findings) == ("csv_report", "a.csv", ())
