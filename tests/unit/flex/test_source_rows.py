"""Rows cut out of a report are the rows that the reader counts, letter by letter."""

from __future__ import annotations

import io
from datetime import date, datetime
from pathlib import Path

import pytest

from ibjournal.demo.broker import build
from ibjournal.demo.depots import DEMO_DEPOTS
from ibjournal.demo.flex_answers import EASTERN
from ibjournal.domain.errors import ReportError
from ibjournal.flex.reader import ReportReader, open_report
from ibjournal.flex.source_rows import cut_rows
from tests.fakes import flex_reports as fx

SAMPLES = sorted((Path(__file__).resolve().parents[4] / "shared" / "samples").rglob("*.xml"))


def both(path: Path) -> tuple[list[tuple[str, str, list[tuple[str, str]]]], list[tuple[str, str, list[tuple[str, str]]]]]:
    """Return the rows by the reader and by the cutter: tag, section, attributes."""
    read = [(raw.place.tag, raw.place.section, list(raw.attributes.items())) for raw, _head in ReportReader(path).raw_rows()]
    with open_report(path) as stream:
        cut = cut_rows(stream, range(len(read) + 5))
    assert sorted(cut) == list(range(len(read)))
    return read, [(row.tag, row.section, list(row.attributes)) for _ordinal, row in sorted(cut.items())]


def test_the_demo_reports_are_counted_as_the_reader_counts(tmp_path: Path) -> None:
    broker = build(as_of=date(2026, 11, 19))
    path = tmp_path / "demo.xml"
    moment = datetime(2026, 11, 19, 5, 6, tzinfo=EASTERN)
    content = broker.activity_xml([DEMO_DEPOTS[0].account], date(2026, 9, 1), date(2026, 11, 18), generated_at=moment)
    assert content is not None
    path.write_bytes(content)
    read, cut = both(path)
    assert len(read) > 100
    assert cut == read


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_real_reports_are_counted_as_the_reader_counts(path: Path) -> None:
    try:
        read, cut = both(path)
    except ReportError as error:  # what the reader refuses is in no archive
        pytest.skip(f"not a report that can be taken: {error}")
    assert cut == read


def test_a_row_is_handed_out_letter_by_letter() -> None:
    first = '<Trade  accountId="U1" description="A &amp; B &gt; C"\n  notes=\'P;"O"\'  />'
    report = (
        b'\xef\xbb\xbf<?xml version="1.0" encoding="UTF-8"?><!-- <Trade no="row"/> <x -->'
        b'<FlexQueryResponse type="AF"><FlexStatements count="1"><FlexStatement accountId="U7"><Trades>'
        + first.encode()
        + b'<Lot quantity="1"></Lot></Trades><ChangeInNAV mtm="5"/></FlexStatement></FlexStatements></FlexQueryResponse>'
    )
    found = cut_rows(io.BytesIO(report), (0, 1, 2))
    assert found[0].text == first
    assert found[0].attributes == (("accountId", "U1"), ("description", "A & B > C"), ("notes", 'P;"O"'))
    assert [(row.tag, row.section, row.account) for row in found.values()] == [
        ("Trade", "Trades", "U7"), ("Lot", "Trades", "U7"), ("ChangeInNAV", "ChangeInNAV", "U7"),
    ]  # fmt: skip
    assert found[1].text == '<Lot quantity="1">'


def test_only_the_rows_asked_for_come_and_what_is_not_there_does_not() -> None:
    report = fx.activity(fx.trade(1), fx.trade(2), fx.trade(3))
    found = cut_rows(io.BytesIO(report), (2, 7))
    assert list(found) == [2]
    assert dict(found[2].attributes)["transactionID"] == "9003"
    assert cut_rows(io.BytesIO(report), ()) == {}
    assert cut_rows(io.BytesIO(b""), (0,)) == {}


def test_other_encodings(tmp_path: Path) -> None:
    text = (
        '<?xml version="1.0" encoding="{}"?><FlexQueryResponse type="AF"><FlexStatements><FlexStatement accountId="U1">'
        '<CashTransactions><CashTransaction description="Ähre"/></CashTransactions></FlexStatement></FlexStatements>'
        "</FlexQueryResponse>"
    )
    for name in ("UTF-16", "ISO-8859-1", "utf-8"):
        found = cut_rows(io.BytesIO(text.format(name).encode(name)), (0,))
        assert found[0].attributes == (("description", "Ähre"),), name
