"""Whole files: what is taken, what is refused and how it is told, and how much memory it takes."""

from __future__ import annotations

import gzip
import time
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ibjournal.domain.errors import ReportError
from ibjournal.flex import reader as reader_module
from ibjournal.flex.reader import ReportReader, open_report
from ibjournal.flex.statement import FillRow, ReportHead, Row
from tests.fakes.flex_reports import ACCOUNT, activity, cash, confirm, report, row, section, statement, trade

Write = Callable[[bytes], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def to_file(content: bytes) -> Path:
        path = tmp_path / "report.xml"
        path.write_bytes(content)
        return path

    return to_file


def read(path: Path) -> tuple[ReportHead, list[Row]]:
    """Read a file to its end."""
    reader = ReportReader(path)
    rows = [typed for _raw, typed in reader.rows() if typed is not None]
    return reader.head, rows


def refused(path: Path) -> ReportError:
    """Return why a file is not taken."""
    with pytest.raises(ReportError) as caught:
        read(path)
    return caught.value


def findings(head: ReportHead) -> dict[tuple[str, str], int]:
    return {(each.code, str(each.values.get("name") or each.values.get("section") or "")): each.count for each in head.findings}


# --- the frame ---------------------------------------------------------------------------------------------------


def test_the_frame_of_a_report(write: Write) -> None:
    two = report(
        statement(section("Trades", trade(1)), days=("20260301", "20260305"), generated="20260306;050000"),
        statement(section("Trades"), account="U7000002", days=("20260228", "20260310"), generated="20260311;050000"),
        query="Everything",
    )
    head, rows = read(write(two))
    assert (head.type, head.query_name, head.accounts()) == ("AF", "Everything", (ACCOUNT, "U7000002"))
    assert (head.from_date, head.to_date) == ("2026-02-28", "2026-03-10")
    assert head.generated_at == head.statements[1].generated_at
    assert head.sections == {"Trades": 1}
    assert len(rows) == 1


def test_one_statement_a_day_of_one_account(write: Write) -> None:
    days = [statement(section("Trades", trade(day)), days=(f"202603{day:02d}", f"202603{day:02d}")) for day in range(2, 7)]
    head, rows = read(write(report(*days)))
    assert (len(head.statements), head.accounts(), len(rows)) == (5, (ACCOUNT,), 5)
    assert (head.from_date, head.to_date) == ("2026-03-02", "2026-03-06")


def test_the_count_that_ibkr_writes_may_be_wrong(write: Write) -> None:
    content = activity(trade(1), trade(2)).replace(b'count="1"', b'count="17"')
    assert len(read(write(content))[1]) == 2


def test_a_section_that_is_empty_is_there(write: Write) -> None:
    head, _rows = read(write(report(statement("<Trades> \n </Trades>", section("OpenPositions")))))
    assert head.sections == {"Trades": 0, "OpenPositions": 0}


def test_a_row_without_an_account_is_its_statements(write: Write) -> None:
    _head, rows = read(write(activity(trade(1, accountId=None))))
    assert [each.account for each in rows if isinstance(each, FillRow)] == [ACCOUNT]


def test_rows_over_all_accounts_are_dropped_and_counted(write: Write) -> None:
    content = report(statement(section("CashTransactions", cash(1), cash(2, accountId="-"), cash(3, accountId="-"))))
    head, rows = read(write(content))
    assert (len(rows), head.dropped, head.sections) == (1, 2, {"CashTransactions": 3})
    assert findings(head) == {("summary_rows_dropped", ""): 2}


def test_rows_keep_their_place(write: Write) -> None:
    path = write(report(statement(section("Trades", trade(1), row("Order", accountId=ACCOUNT), trade(2)), section("X", cash(1)))))
    assert [(raw.place.section, raw.place.tag, raw.place.ordinal) for raw, _typed in ReportReader(path).rows()] == [
        ("Trades", "Trade", 0),
        ("Trades", "Order", 1),
        ("Trades", "Trade", 2),
        ("X", "CashTransaction", 3),
    ]


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("AT&amp;T", "AT&T"),
        ("&lt;A&gt; &quot;B&quot; &apos;C&apos;", "<A> \"B\" 'C'"),
        ("Z&#252;rich &#x20AC;", "Zürich €"),
        ("&amp;amp;", "&amp;"),
    ],
)
def test_signs_that_xml_must_escape_come_as_they_are_meant(write: Write, text: str, meant: str) -> None:
    content = activity(trade(1)).replace(b'symbol="ACME"', f'symbol="{text}"'.encode())
    _head, rows = read(write(content))
    assert [each.symbol for each in rows if isinstance(each, FillRow)] == [meant]


# --- what is new is kept and counted -----------------------------------------------------------------------------


def test_unknown_sections_attributes_codes_and_zones_are_counted(write: Write) -> None:
    content = report(
        statement(
            section("Trades", trade(1, notes="P;QQ", moonPhase="full"), trade(2, notes="QQ", moonPhase="new")),
            section("MoonTrades", row("MoonTrade", accountId=ACCOUNT, crater="Tycho"), row("MoonTrade", accountId=ACCOUNT)),
            section("CashTransactions", cash(1, dateTime="20260303;202000 XYZT", type="Moon Fee")),
        )
    )
    head, rows = read(write(content))
    assert len(rows) == 5
    assert head.sections == {"Trades": 2, "MoonTrades": 2, "CashTransactions": 1}
    assert findings(head) == {
        ("unknown_attribute", "moonPhase"): 2,
        ("unknown_attribute", "crater"): 1,
        ("unknown_code", "QQ"): 2,
        ("unknown_section", "MoonTrades"): 1,
        ("unknown_time_zone", "XYZT"): 1,
    }


def test_fills_that_cannot_be_matched_are_told(write: Write) -> None:
    head, rows = read(write(activity(trade(1, quantity=None), trade(2))))
    assert (len(rows), findings(head)) == (2, {("incomplete_fill", "Trades"): 1})


def test_elements_in_elements_are_kept(write: Write) -> None:
    nested = (
        f'<Trades><Trade accountId="{ACCOUNT}" tradePrice="1" quantity="1" dateTime="20260302"><Leg ratio="2"/></Trade></Trades>'
    )
    head, rows = read(write(report(statement(nested))))
    assert (len(rows), head.sections) == (2, {"Trades": 1, "Trade": 1})


# --- dates that can be read two ways -----------------------------------------------------------------------------


def slashed(*days: str) -> bytes:
    trades = [trade(n, dateTime=f"{day};100000", tradeDate=day, reportDate=day) for n, day in enumerate(days, 1)]
    head = {"days": ("03/01/2026", "03/01/2026"), "generated": "03/01/2026;050000"}
    return report(statement(section("Trades", *trades), **head))  # type: ignore[arg-type]


def test_one_date_decides_for_the_whole_report(write: Write) -> None:
    _head, rows = read(write(slashed("03/02/2026", "03/13/2026")))
    assert [each.trade_date for each in rows if isinstance(each, FillRow)] == ["2026-03-02", "2026-03-13"]
    _head, rows = read(write(slashed("03/02/2026", "13/03/2026")))
    assert [each.trade_date for each in rows if isinstance(each, FillRow)] == ["2026-02-03", "2026-03-13"]


def test_the_date_that_decides_may_come_late(write: Write) -> None:
    _head, rows = read(write(slashed(*["03/02/2026"] * 2000, "31/03/2026")))
    assert {each.trade_date for each in rows if isinstance(each, FillRow)} == {"2026-02-03", "2026-03-31"}


def test_dates_that_nothing_decides_are_refused(write: Write) -> None:
    assert refused(write(slashed("03/02/2026", "05/06/2026"))).code == "ambiguous_dates"


# --- encodings and wrappings -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "wrap",
    [
        pytest.param(lambda text: text, id="plain"),
        pytest.param(lambda text: b"\xef\xbb\xbf" + text, id="byte order mark"),
        pytest.param(lambda text: b'<?xml version="1.0" encoding="UTF-8"?>\r\n' + text, id="declaration"),
        pytest.param(lambda text: b"\n\n  " + text, id="blank before"),
        pytest.param(lambda text: b"<!-- a comment --><?note here?>" + text, id="comment"),
        pytest.param(gzip.compress, id="gzip"),
        pytest.param(lambda text: gzip.compress(b"\xef\xbb\xbf" + text), id="gzip with mark"),
        pytest.param(lambda text: text.decode().encode("utf-16"), id="UTF-16"),
        pytest.param(lambda text: b'<?xml version="1.0" encoding="ISO-8859-1"?>' + text.decode().encode("latin-1"), id="Latin-1"),
        pytest.param(lambda text: text.replace(b'"', b"'"), id="single quotes"),
    ],
)
def test_wrappings(write: Write, wrap: Callable[[bytes], bytes]) -> None:
    head, rows = read(write(wrap(activity(trade(1, symbol="MÜLLER")))))
    assert [each.symbol for each in rows if isinstance(each, FillRow)] == ["MÜLLER"]
    assert head.type == "AF"


# --- what is refused ---------------------------------------------------------------------------------------------

BOMB = b"""<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "lol lol lol lol lol lol"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;"><!ENTITY e "&d;&d;&d;&d;&d;&d;&d;&d;">
]><FlexQueryResponse type="AF" queryName="&e;&e;&e;&e;&e;&e;"><FlexStatements/></FlexQueryResponse>"""


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty_file"),
        (b"  \n ", "empty_file"),
        (b"\xef\xbb\xbf", "empty_file"),
        (b'"ClientAccountID","CurrencyPrimary"\n"U1","USD"\n', "csv_report"),
        (b"BOF,U1,Trades\n", "csv_report"),
        (b"Statement,Header,Field Name\n", "csv_report"),
        (b"<!DOCTYPE html><html><body>Maintenance</body></html>", "html_page"),
        (b"<HTML><body>Maintenance</body></HTML>", "html_page"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "not_xml"),
        (b"%PDF-1.7", "not_xml"),
        (b"PK\x03\x04", "not_xml"),
        (b"Date;Amount\n2026;1\n", "not_xml"),
        (b"\x00" * 5000, "not_xml"),
        (b"<note><to>you</to></note>", "not_flex"),
        (b'<svg><path d="M0 0"/></svg>', "not_flex"),
        (b"<feed>" + b'<entry id="1"/>' * 500, "not_flex"),
        (BOMB, "doctype_forbidden"),
        (BOMB.decode().encode("utf-16"), "doctype_forbidden"),
        (b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><FlexQueryResponse/>', "doctype_forbidden"),
        (b'<!DOCTYPE x [<!ENTITY y SYSTEM "http://example.com/x">]><FlexQueryResponse type="&y;"/>', "doctype_forbidden"),
        (b"<FlexStatementResponse><Status>Fail</Status><ErrorCode>1012</ErrorCode></FlexStatementResponse>", "flex_service_error"),
        (gzip.compress(b"", mtime=0), "empty_file"),
        (gzip.compress(b"%PDF-1.7", mtime=0), "not_xml"),
        (b"\x1f\x8b\x08garbage that is no gzip", "truncated"),
    ],
)
def test_what_is_no_report(write: Write, content: bytes, code: str) -> None:
    assert refused(write(content)).code == code


def test_an_error_of_the_service_tells_ibkrs_code(write: Write) -> None:
    answer = (
        b"<FlexStatementResponse><Status>Fail</Status><ErrorCode>1012</ErrorCode><ErrorMessage>Token has expired.</ErrorMessage>"
    )
    error = refused(write(answer + b"</FlexStatementResponse>"))
    assert error.values == {"ibkr_code": "1012", "ibkr_text": "Token has expired."}


@pytest.mark.parametrize("part", [0.2, 0.5, 0.9, 0.999])
def test_a_report_that_ends_in_its_midst_is_truncated(write: Write, part: float) -> None:
    whole = activity(*[trade(n) for n in range(1, 40)])
    assert refused(write(whole[: int(len(whole) * part)])).code == "truncated"


@pytest.mark.parametrize("cut", [b'symbol="AC', b"<Trade acc", b"<Trade", b"</Trad", b"<"])
def test_a_report_cut_within_a_tag_is_truncated(write: Write, cut: bytes) -> None:
    whole = activity(trade(1), trade(2))
    assert refused(write(whole[: whole.rindex(cut) + len(cut)])).code == "truncated"


def test_a_gzip_that_ends_in_its_midst_is_truncated(write: Write) -> None:
    packed = gzip.compress(activity(*[trade(n) for n in range(1, 40)]))
    assert refused(write(packed[: len(packed) // 2])).code == "truncated"


@pytest.mark.parametrize(
    "content",
    [
        b'<FlexQueryResponse type="AF">\n<FlexStatements>\n<Trade symbol="A & B"/></FlexStatements></FlexQueryResponse>',
        b'<FlexQueryResponse type="AF">\n<FlexStatements>\n</Trades></FlexQueryResponse>',
        b'<FlexQueryResponse type="AF">\n<FlexStatements>\n<Trade symbol="A" symbol="B"/></FlexStatements></FlexQueryResponse>',
        b'<FlexQueryResponse type="AF">\n<FlexStatements>\n<Trade symbol="\xff\xfe"/></FlexStatements></FlexQueryResponse>',
    ],
)
def test_damaged_xml_tells_the_line(write: Write, content: bytes) -> None:
    error = refused(write(content))
    assert (error.code, error.values["line"]) == ("malformed_xml", 3)


def test_a_file_that_is_not_there_or_no_file(tmp_path: Path) -> None:
    assert refused(tmp_path / "nothing.xml").code == "not_found"
    assert refused(tmp_path).code == "is_directory"


def test_two_gigabytes_are_refused_at_once(tmp_path: Path) -> None:
    path = tmp_path / "huge.xml"
    with path.open("wb") as file:
        file.write(b"<FlexQueryResponse>")
        file.truncate(2 << 30)
    started = time.thread_time()  # of work: what other programs do meanwhile does not count
    assert refused(path).code == "too_large"
    assert time.thread_time() - started < 1


def test_a_packed_file_that_unpacks_to_too_much(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader_module, "MAX_REPORT_BYTES", 1 << 20)
    bomb = gzip.compress(b'<FlexQueryResponse type="AF"><FlexStatements>' + b" " * (5 << 20))
    assert len(bomb) < 1 << 20
    error = refused(write(bomb))
    assert (error.code, error.values) == ("too_large", {"limit": 1 << 20})


def test_files_are_closed_whatever_happens(write: Write) -> None:
    path = write(gzip.compress(activity(trade(1))))
    stream = open_report(path)
    stream.close()
    assert stream.closed
    rows = ReportReader(path).rows()
    next(rows)
    assert isinstance(rows, Iterator)
    rows.close()  # type: ignore[attr-defined]


# --- memory and never a crash ------------------------------------------------------------------------------------


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    def peak(fills: int) -> int:
        path = tmp_path / f"{fills}.xml"
        path.write_bytes(activity(*[trade(n % 60, tradeID=n, transactionID=n, ibExecID=f"a.b.{n}.01") for n in range(fills)]))
        tracemalloc.start()
        try:
            count = sum(1 for _ in ReportReader(path).rows())
            assert count == fills
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    small, large = peak(1000), peak(8000)
    assert large < small + (1 << 20)


WHOLE = report(
    statement(
        row("AccountInformation", accountId=ACCOUNT, currency="EUR"),
        section("Trades", trade(1), trade(2, -50, "11.5"), row("Lot", accountId=ACCOUNT, quantity="1")),
        section("TradeConfirms", confirm(3)),
        section("CashTransactions", cash(1), cash(2, "-5.5", type="Other Fees")),
    )
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
@given(st.lists(st.tuples(st.integers(0, len(WHOLE) - 1), st.integers(0, 255)), max_size=4), st.integers(0, len(WHOLE)))
def test_a_damaged_report_is_read_or_refused_and_nothing_else(write: Write, changes: list[tuple[int, int]], length: int) -> None:
    content = bytearray(WHOLE)
    for place, byte in changes:
        content[place] = byte
    if length % 3 == 0:
        del content[length:]
    path = write(bytes(content))
    code = ""
    try:
        read(path)
    except ReportError as error:
        code = error.code
    assert code in (ReportError.__doc__ or "")
