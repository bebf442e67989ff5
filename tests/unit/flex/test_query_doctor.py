"""What a query lacks, and what it has too much of."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ibjournal.flex.query_doctor import Finding, diagnose
from ibjournal.flex.query_guide import query_guide
from tests.fakes.flex_reports import report, row, section, statement

LEAVES = {"AccountInformation", "ChangeInNAV"}
TAGS = {
    "EquitySummaryInBase": "EquitySummaryByReportDateInBase",
    "CashReport": "CashReportCurrency",
    "Trades": "Trade",
    "TradeConfirms": "TradeConfirm",
    "OptionEAE": "OptionEAE",
    "OpenPositions": "OpenPosition",
    "CorporateActions": "CorporateAction",
    "CashTransactions": "CashTransaction",
    "SecuritiesInfo": "SecurityInfo",
}
VALUES = {"accountId": "U1234567", "dateTime": "20260302;100000", "fifoPnlRealized": "0", "levelOfDetail": ""}


def one_row(kind: str, xml: str, **changes: str | None) -> str:
    """Return one row with every column that the guide asks for; None leaves a column out."""
    guide = query_guide(kind).section(xml)
    assert guide is not None
    columns: dict[str, str | None] = {each.xml: VALUES.get(each.xml, "1") for each in guide.fields if each.need != "may"}
    return row(xml if xml in LEAVES else TAGS[xml], **(columns | changes))


def complete(kind: str = "AF", *, without: str = "", rows: dict[str, str] | None = None, **frame: Any) -> bytes:
    """Return a report as the guide wants it, less one section, with other rows in some."""
    parts = []
    for each in query_guide(kind).sections:
        if each.xml == without or each.need == "may":
            continue
        content = (rows or {}).get(each.xml)
        if content is None:
            content = one_row(kind, each.xml) if each.fields else ""
        parts.append(content if each.xml in LEAVES else section(each.xml, content))
    return report(statement(*parts, **frame), kind=kind)


def found(path: Path, content: bytes, **options: object) -> tuple[Finding, ...]:
    path.write_bytes(content)
    diagnosis = diagnose(path, **options)  # type: ignore[arg-type]
    assert diagnosis.error is None
    return diagnosis.findings


def codes(path: Path, content: bytes, **options: object) -> list[tuple[str, str, str]]:
    return [(each.code, each.section, each.screen) for each in found(path, content, **options)]


@pytest.mark.parametrize("kind", ["AF", "TCF"])
def test_a_query_that_lacks_nothing(kind: str, tmp_path: Path) -> None:
    assert codes(tmp_path / "a.xml", complete(kind), slot=kind) == []


def test_every_section_that_is_missing_is_named_with_its_screen(tmp_path: Path) -> None:
    for each in query_guide("AF").sections:
        expected = [] if each.need == "may" else [("section_missing", each.xml, each.screen)]
        assert codes(tmp_path / "a.xml", complete(without=each.xml)) == expected


def test_what_matters_most_comes_first(tmp_path: Path) -> None:
    content = report(
        statement(section("Trades", one_row("AF", "Trades")), row("AccountInformation", accountId="U1", currency="EUR"))
    )
    needs = [each.need for each in found(tmp_path / "a.xml", content)]
    assert needs == sorted(needs, key=("must", "should", "may").index)
    assert needs[0] == "must"


def test_missing_columns_are_named_and_told_apart_by_how_much_they_matter(tmp_path: Path) -> None:
    trades = one_row("AF", "Trades", quantity=None, ibExecID=None, notes=None)
    missing = found(tmp_path / "a.xml", complete(rows={"Trades": trades}))
    assert [(each.code, each.need, each.fields) for each in missing] == [
        ("fields_missing", "must", ("quantity",)),
        ("fields_missing", "should", ("ibExecID", "notes")),
    ]


def test_an_empty_column_is_there(tmp_path: Path) -> None:
    assert codes(tmp_path / "a.xml", complete(rows={"Trades": one_row("AF", "Trades", notes="")})) == []


def test_columns_of_orders_and_lots_say_nothing_of_fills(tmp_path: Path) -> None:
    trades = one_row("AF", "Trades", ibExecID=None) + row("Order", ibExecID="1") + row("Lot", ibExecID="1")
    content = complete(rows={"Trades": trades})
    assert [(each.code, each.fields) for each in found(tmp_path / "a.xml", content)] == [
        ("fields_missing", ("ibExecID",)),
        ("levels_doubled", ("Order",)),
    ]


def test_summary_rows_beside_details(tmp_path: Path) -> None:
    detail = one_row("AF", "CashTransactions", levelOfDetail="DETAIL")
    summary = one_row("AF", "CashTransactions", levelOfDetail="SUMMARY", transactionID="", accountId="-")
    assert codes(tmp_path / "a.xml", complete(rows={"CashTransactions": detail + summary})) == [
        ("summary_rows_on", "CashTransactions", "performance")
    ]
    assert codes(tmp_path / "a.xml", complete(rows={"CashTransactions": detail})) == []


@pytest.mark.parametrize("summary", [{"levelOfDetail": "SUMMARY"}, {"levelOfDetail": None, "transactionID": ""}])
def test_bookings_that_come_as_summaries_alone(summary: dict[str, str | None], tmp_path: Path) -> None:
    content = complete(rows={"CashTransactions": one_row("AF", "CashTransactions", **summary)})
    assert codes(tmp_path / "a.xml", content) == [("level_missing", "CashTransactions", "performance")]


@pytest.mark.parametrize(("kind", "section_of"), [("AF", "Trades"), ("TCF", "TradeConfirms")])
def test_orders_without_their_fills(kind: str, section_of: str, tmp_path: Path) -> None:
    content = complete(kind, rows={section_of: row("Order", ibOrderID="1") + row("SymbolSummary", symbol="A")})
    assert codes(tmp_path / "a.xml", content) == [("level_missing", section_of, "journal")]


def test_the_wrong_query_in_a_slot_is_all_there_is_to_say(tmp_path: Path) -> None:
    (only,) = found(tmp_path / "a.xml", complete("TCF"), slot="AF")
    assert (only.code, dict(only.values)) == ("wrong_type", {"expected": "AF", "found": "TCF"})


def test_a_long_period_that_gave_one_day(tmp_path: Path) -> None:
    collapsed = complete(days=("20260714", "20260714"), period="LastNCalendarDays")
    assert [code for code, _section, _screen in codes(tmp_path / "a.xml", collapsed)] == ["period_collapsed"]
    for period in ("LastBusinessDay", "Today", ""):
        assert codes(tmp_path / "a.xml", complete(days=("20260714", "20260714"), period=period)) == []


def test_a_report_broken_out_by_day(tmp_path: Path) -> None:
    parts = [row("ChangeInNAV", startingValue="1", endingValue="1", twr="0", depositsWithdrawals="0", commissions="0")]
    days = [statement(*parts, days=(f"202603{day:02d}",) * 2, period="LastNCalendarDays") for day in range(2, 7)]
    told = [code for code, _section, _screen in codes(tmp_path / "a.xml", report(*days))]
    assert "breakout_by_day" in told
    assert "period_collapsed" not in told


def test_models_that_blank_the_results(tmp_path: Path) -> None:
    for trades, expected in (
        (one_row("AF", "Trades", model=""), []),
        (one_row("AF", "Trades", model="Growth"), ["model_column"]),
        (one_row("AF", "Trades", model="", fifoPnlRealized=""), ["model_column"]),
    ):
        told = [code for code, _section, _screen in codes(tmp_path / "a.xml", complete(rows={"Trades": trades}))]
        assert told == expected


def test_dates_with_slashes_and_fills_without_a_time(tmp_path: Path) -> None:
    slashed = complete(rows={"Trades": one_row("AF", "Trades", dateTime="03/04/2026;100000", tradeDate="03/04/2026")})
    assert [code for code, _section, _screen in codes(tmp_path / "a.xml", slashed)] == ["ambiguous_dates"]
    booked = complete(rows={"CashTransactions": one_row("AF", "CashTransactions", dateTime="3/4/26")})
    assert [code for code, _section, _screen in codes(tmp_path / "a.xml", booked)] == ["ambiguous_dates"], (
        "no fill is needed for it"
    )
    timeless = complete(rows={"Trades": one_row("AF", "Trades", dateTime="20260304")})
    assert [code for code, _section, _screen in codes(tmp_path / "a.xml", timeless)] == ["times_missing"]
    booked = complete(rows={"Trades": one_row("AF", "Trades", dateTime="20260304", transactionType="BookTrade")})
    assert codes(tmp_path / "a.xml", booked) == []


def test_an_alias_and_an_account_of_another_depot(tmp_path: Path) -> None:
    alias = found(tmp_path / "a.xml", complete(account="Grandma"))
    assert [(each.code, dict(each.values)) for each in alias] == [("alias_for_account", {"account": "Grandma"})]
    foreign = found(tmp_path / "a.xml", complete(account="U7654321"), foreign={"U7654321"})
    assert [(each.code, dict(each.values)) for each in foreign] == [("foreign_account", {"account": "U7654321"})]
    for account in ("U1234567", "DU1234567", "U1234567F", "F1234567"):
        assert codes(tmp_path / "a.xml", complete(account=account)) == []


def test_a_list_of_rates(tmp_path: Path) -> None:
    rates = "".join(row("ConversionRate", fromCurrency="USD", toCurrency="EUR", rate="0.9") for _ in range(60))
    content = complete().replace(b"</FlexStatement>", section("ConversionRates", rates).encode() + b"</FlexStatement>", 1)
    assert [code for code, _section, _screen in codes(tmp_path / "a.xml", content)] == ["currency_rates_on"]


def test_what_is_no_report_is_told_by_name(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b'"ClientAccountID"\n')
    diagnosis = diagnose(path)
    assert diagnosis.error is not None
    assert (diagnosis.error.code, diagnosis.error.values["file"], diagnosis.type) == ("csv_report", "a.csv", "")
    assert [each.code for each in diagnosis.findings] == ["wrong_format"], "there are clicks that mend it"
    assert diagnose(path, slot="TCF").type == "TCF"
    path.write_bytes(b"<html>")
    assert diagnose(path).findings == ()


def test_every_word_of_the_guide_is_there_in_both_languages() -> None:
    for kind in ("AF", "TCF"):
        guide = query_guide(kind)
        assert guide.type == kind
        words = [guide.name]
        for setting in guide.settings:
            words += [setting.name, setting.value, setting.why]
        for each in guide.sections:
            words += [each.name, each.why, *each.on, *each.may_on, *each.off]
            assert each.need in {"must", "should", "may"}
        assert all(word.of("en") and word.of("de_DE") for word in words)
        assert len({each.xml for each in guide.sections}) == len(guide.sections)


def many_days(account: str, *days: int, long: bool = False) -> list[str]:
    """Return an account's statements, one for each of these days of March, or one of two days each."""
    return [statement(days=(f"202603{day:02d}", f"202603{day + long:02d}"), account=account) for day in days]


@pytest.mark.parametrize(
    ("statements", "told"),
    [
        (many_days("U1", 2, 3, 4), False),
        (many_days("U1", 2, 3, 4, 5), True),
        (many_days("U1", 2, 3) + many_days("U2", 2, 3), False),  # of four statements no account has more than two
        (many_days("U1", 2, 3, 4, 5) + many_days("U2", 2), True),
        (many_days("U1", 2, 3, 4, 5) + many_days("U2", 2, long=True), False),
        (many_days("U1", 2, 4, 6, 8, long=True), False),
        (many_days("U1", 2, 2, 2, 2), False),
    ],
)
def test_when_a_report_counts_as_broken_out_by_day(tmp_path: Path, statements: list[str], told: bool) -> None:
    found_codes = [code for code, _section, _screen in codes(tmp_path / "a.xml", report(*statements))]
    assert ("breakout_by_day" in found_codes) is told


def test_what_collapsed_is_told_with_its_day_and_period(tmp_path: Path) -> None:
    (only,) = found(tmp_path / "a.xml", complete(days=("20260714", "20260714"), period="Last30CalendarDays"))
    assert (only.code, only.screen) == ("period_collapsed", "journal")
    assert {name: str(value) for name, value in only.values} == {"day": "2026-07-14", "period": "Last30CalendarDays"}
    assert codes(tmp_path / "a.xml", complete(days=("20260601", "20260714"), period="Last30CalendarDays")) == []


def test_one_account_that_did_not_collapse_shows_that_the_period_holds(tmp_path: Path) -> None:
    parts = [statement(days=days, period="LastMonth", account=account) for account, days in ONE_DAY_AND_MANY]
    assert "period_collapsed" not in [code for code, _section, _screen in codes(tmp_path / "a.xml", report(*parts))]


ONE_DAY_AND_MANY = (("U1", ("20260714", "20260714")), ("U2", ("20260701", "20260714")))


@pytest.mark.parametrize(
    ("asked", "there"),
    [
        ("dateTime", "tradeDate"),
        ("tradePrice", "price"),
        ("conid", "isin"),
        ("conid", "cusip"),
        ("conid", "securityID"),
        ("tradeDate", "dateTime"),
    ],
)
def test_a_column_that_serves_as_well_is_not_missed(asked: str, there: str, tmp_path: Path) -> None:
    values = {"dateTime": "20260302;100000", "tradeDate": "20260302;100000", "tradeTime": "100000"}
    with_it = one_row("AF", "Trades", **{asked: None, there: values.get(there, "1"), "tradeTime": "100000"})
    missed = [name for each in found(tmp_path / "a.xml", complete(rows={"Trades": with_it})) for name in each.fields]
    assert asked not in missed


def test_levels_are_told_by_the_words_of_the_report(tmp_path: Path) -> None:
    trades = one_row("AF", "Trades") + one_row("AF", "Trades", levelOfDetail="Symbol_Summary") + row("AssetSummary", symbol="A")
    (only,) = found(tmp_path / "a.xml", complete(rows={"Trades": trades}))
    assert (only.code, only.section, only.need) == ("levels_doubled", "Trades", "may")
    assert only.fields == ("AssetSummary", "Symbol_Summary")


@pytest.mark.parametrize(("number", "told"), [(50, []), (51, [("currency_rates_on", 51)])])
def test_how_many_rates_are_a_list(tmp_path: Path, number: int, told: list[tuple[str, int]]) -> None:
    rates = "".join(row("ConversionRate", fromCurrency="USD", toCurrency="EUR", rate="0.9") for _ in range(number))
    content = complete().replace(b"</FlexStatement>", section("ConversionRates", rates).encode() + b"</FlexStatement>", 1)
    assert [(each.code, dict(each.values)["n"]) for each in found(tmp_path / "a.xml", content)] == told


def test_a_time_of_its_own_column_is_a_time(tmp_path: Path) -> None:
    apart = one_row("AF", "Trades", dateTime="20260304", tradeTime="100000")
    assert codes(tmp_path / "a.xml", complete(rows={"Trades": apart})) == []
    timeless = one_row("AF", "Trades", dateTime="2026-03-04") + one_row("AF", "Trades", dateTime="")
    (only,) = found(tmp_path / "a.xml", complete(rows={"Trades": timeless}))
    assert (only.code, only.screen, only.fields, dict(only.values)) == ("times_missing", "journal", ("dateTime",), {"n": 2})
