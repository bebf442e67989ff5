"""Streams Flex XML into typed rows: unknown things are kept and counted, never fatal.

A document type, entities and the network are refused; memory does not grow with the file.
"""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO, Any, cast

from lxml import etree

from ibjournal.domain.errors import ReportError
from ibjournal.flex.sections import CROSS_ACCOUNT, SectionReader
from ibjournal.flex.statement import FillRow, Finding, InstrumentRow, RawRow, ReportHead, Row, RowPlace, StatementHead
from ibjournal.flex.values import Values, has_slashed_dates, slashed_order
from ibjournal.flex.vocabulary import ATTRIBUTES, SECTIONS, unknown_attributes, unknown_codes

READER_VERSION = 1
"""Raised whenever the same file would be read into other rows; reports read by an older one are read again."""

MAX_REPORT_BYTES = 1 << 30
# Small enough that the rows of a piece are still in the processor's cache when they are looked at.
_CHUNK = 1 << 15
_HEAD = 4096
_GZIP = b"\x1f\x8b"
_STRANGE_ELEMENTS = 200
_FRAME = frozenset({"FlexQueryResponse", "FlexStatements", "FlexStatement"})
_SILENT_SECTIONS = SECTIONS | {"Trade", "Lot", "Order", "SymbolSummary", "AssetSummary", "WashSale"}


class _Frame:
    """The parser's target: keeps the rows of the chunk that was just fed."""

    def __init__(self, head: ReportHead, values: Values) -> None:
        self.head = head
        self.values = values
        self.rows: list[tuple[RawRow, StatementHead]] = []
        self.seen_flex = False
        self._statement = StatementHead(0, "", None, None, None, "")
        self._open: list[str] = []
        self._ordinal = 0
        self._strangers = 0
        self._service_answer: dict[str, str] | None = None

    def doctype(self, _name: str, _public: str, _system: str) -> None:
        raise ReportError("doctype_forbidden")

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if not self._open:
            self._root(tag, attributes)
        parent = self._open[-1] if self._open else ""
        self._open.append(tag)
        if attributes and tag not in _FRAME:
            self._row(tag, parent, attributes)
        elif tag == "FlexStatement":
            self._begin_statement(attributes)
        elif tag == "FlexQueryResponse":
            self.seen_flex = True
            self.head.type = attributes.get("type", self.head.type)
            self.head.query_name = attributes.get("queryName", self.head.query_name)
        elif tag not in _FRAME and parent in _FRAME:
            self.head.sections.setdefault(tag, 0)
            self._note_section(tag)

    def end(self, tag: str) -> None:  # noqa: ARG002 - the parser's protocol
        self._open.pop()

    def data(self, data: str) -> None:
        # reports have no text, only attributes; answers of the service have
        if self._service_answer is not None and data.strip():
            name = self._open[-1]
            self._service_answer[name] = self._service_answer.get(name, "") + data.strip()

    def close(self) -> None:
        """Nothing is built, so nothing is handed out."""
        if self._service_answer is not None:
            answer = self._service_answer
            raise ReportError("flex_service_error", ibkr_code=answer.get("ErrorCode", ""), ibkr_text=answer.get("ErrorMessage", ""))

    def _root(self, tag: str, _attributes: dict[str, str]) -> None:
        if tag.lower() == "html":
            raise ReportError("html_page")
        if tag == "FlexStatementResponse":
            self._service_answer = {}

    def _begin_statement(self, attributes: dict[str, str]) -> None:
        self.seen_flex = True
        get = attributes.get
        self._statement = StatementHead(
            number=len(self.head.statements),
            account=get("accountId", "").strip(),
            from_date=self.values.day[get("fromDate", "")],
            to_date=self.values.day[get("toDate", "")],
            generated_at=self.values.instant[get("whenGenerated", "")],
            period=get("period", ""),
        )
        self.head.statements.append(self._statement)

    def _row(self, tag: str, parent: str, attributes: dict[str, str]) -> None:
        section = tag if len(self._open) == 2 or parent in _FRAME else parent  # noqa: PLR2004 - right below the root
        if not self.seen_flex:
            self._watch_strangers(section)
        if section is tag:
            self._note_section(tag)
        sections = self.head.sections
        sections[section] = sections.get(section, 0) + 1
        account = attributes.get("accountId", "").strip() or self._statement.account
        # named tuples are made as `_make` does: one for every row of a report
        place = tuple.__new__(RowPlace, (self._statement.number, account, section, tag, self._ordinal))
        self._ordinal += 1
        self.rows.append((tuple.__new__(RawRow, (place, attributes)), self._statement))

    def _note_section(self, tag: str) -> None:
        self.head.present.setdefault(self._statement.number, set()).add(tag)

    def _watch_strangers(self, section: str) -> None:
        # another kind of XML is told apart early and not after a gigabyte
        if section not in _SILENT_SECTIONS:
            self._strangers += 1
            if self._strangers > _STRANGE_ELEMENTS:
                raise ReportError("not_flex")


class _Findings:
    """Counts what is new to us."""

    def __init__(self, head: ReportHead) -> None:
        self._head = head
        self._by_key: dict[tuple[str, str, str], Finding] = {}
        self.known_codes = {""}
        """Codes of fills in which there is nothing new."""

    def note(self, code: str, *, section: str = "", name: str = "") -> None:
        key = (code, section, name)
        found = self._by_key.get(key)
        if found is None:
            values: dict[str, object] = {k: v for k, v in (("section", section), ("name", name)) if v}
            found = self._by_key[key] = Finding(code, values, 0)
            self._head.findings.append(found)
        found.count += 1

    def watch(self, section: str, strangers: Sequence[str], row: Row | None) -> None:
        for name in strangers:
            self.note("unknown_attribute", section=section, name=name)
        if type(row) is FillRow:
            if row.codes not in self.known_codes:
                unknown = unknown_codes(row.codes)
                if not unknown:
                    self.known_codes.add(row.codes)
                for code in unknown:
                    self.note("unknown_code", section=section, name=code)
            if row.extra and '"missing"' in row.extra:
                self.note("incomplete_fill", section=section)


class ReportReader:
    """Reads one report. Use once: iterate `rows`, then look at `head`.

    Args:
        path: the file, plain or gzip-compressed.

    Raises (while iterating):
        ReportError: why the file cannot be taken.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.head = ReportHead()
        self._values = Values(day_first=None)
        self._sections = SectionReader(self._values)
        self.fresh_instruments: Callable[[], list[InstrumentRow]] = self._sections.fresh_instruments
        """Returns the contracts met since the last call."""

    def rows(self) -> Iterator[tuple[RawRow, Row | None]]:
        """Yield each row as IBKR wrote it, beside its typed form (None for a cross-account summary, which is dropped)."""
        findings = _Findings(self.head)
        convert, known_codes = self._sections.convert, findings.known_codes
        for batch in self._batches():
            for raw, statement in batch:
                place, attributes = raw
                if attributes.get("accountId") == CROSS_ACCOUNT:
                    self.head.dropped += 1
                    continue
                strangers = () if attributes.keys() <= ATTRIBUTES else unknown_attributes(attributes)
                row = convert(raw, statement, strangers)
                if strangers or (type(row) is FillRow and (row.extra or row.codes not in known_codes)):
                    findings.watch(place.section, strangers, row)
                yield raw, row
        for section in self.head.sections:
            if section not in _SILENT_SECTIONS:
                findings.note("unknown_section", section=section)
        for zone in sorted(self._values.unknown_zones):
            findings.note("unknown_time_zone", name=zone)
        if self.head.dropped:
            findings.note("summary_rows_dropped")
            self.head.findings[-1].count = self.head.dropped

    def raw_rows(self) -> Iterator[tuple[RawRow, StatementHead]]:
        """Yield each row as IBKR wrote it, beside the head of its statement."""
        for batch in self._batches():
            yield from batch

    def _batches(self) -> Iterator[list[tuple[RawRow, StatementHead]]]:
        """Yield the rows of each piece of the file that was read; a list holds until the next is asked for."""
        with open_report(self.path) as stream:
            frame = _Frame(self.head, self._values)
            parser = etree.XMLParser(
                target=cast("Any", frame),
                resolve_entities=cast("Any", "internal"),  # &amp; and its like; a document type, which could add others, is refused
                no_network=True,
                load_dtd=False,
                huge_tree=True,
                remove_comments=True,
            )
            read = 0
            whole = False
            try:
                while chunk := _read(stream):
                    if not read:
                        _look_at_head(chunk)
                        self._learn_date_order(chunk)
                    read += len(chunk)
                    if read > MAX_REPORT_BYTES:
                        raise ReportError("too_large", limit=MAX_REPORT_BYTES)
                    parser.feed(chunk)
                    if frame.rows:
                        yield frame.rows
                        frame.rows.clear()
                if not read:
                    raise ReportError("empty_file")
                whole = True
                parser.close()
            except etree.XMLSyntaxError as error:
                raise _syntax_error(error, at_end=whole) from None
            yield frame.rows
        if not frame.seen_flex:
            raise ReportError("not_flex")

    def _learn_date_order(self, first_chunk: bytes) -> None:
        # one template writes all dates of a report, so its head tells whether there are slashes,
        # and the first date that cannot be read both ways decides for all
        if has_slashed_dates(first_chunk):
            order = _order_in(self.path)
            self._values.day_first = order == "day" if order else None


def _order_in(path: Path) -> str:
    with open_report(path) as stream:
        while chunk := _read(stream):
            order = slashed_order(chunk)
            if order:
                return order
    return ""


def open_report(path: Path) -> IO[bytes]:
    """Open a report, unpacked where it is compressed.

    Raises:
        ReportError: ``not_found``, ``is_directory``, ``unreadable``, ``too_large``.
    """
    try:
        if path.is_dir():
            raise ReportError("is_directory")
        if path.stat().st_size > MAX_REPORT_BYTES:
            raise ReportError("too_large", limit=MAX_REPORT_BYTES)
        stream = path.open("rb")
    except FileNotFoundError:
        raise ReportError("not_found") from None
    except OSError as error:
        raise ReportError("unreadable", reason=error.strerror or "") from None
    if stream.read(2) == _GZIP:
        stream.seek(0)
        return io.BufferedReader(_Unzipped(stream), _CHUNK)
    stream.seek(0)
    return stream


class _Unzipped(gzip.GzipFile):
    """A gzip stream that also closes the file below it."""

    def __init__(self, below: IO[bytes]) -> None:
        super().__init__(fileobj=below, mode="rb")
        self._below = below

    def close(self) -> None:
        super().close()
        self._below.close()


def _read(stream: IO[bytes]) -> bytes:
    try:
        return stream.read(_CHUNK)
    except (OSError, EOFError, zlib.error) as error:
        if isinstance(error, OSError) and not isinstance(error, gzip.BadGzipFile):
            raise ReportError("unreadable", reason=error.strerror or "") from None
        raise ReportError("truncated") from None


def is_markup(stream: IO[bytes]) -> None:
    """Look at the beginning of a report and refuse what is no XML at all.

    Raises:
        ReportError: ``empty_file``, ``csv_report``, ``html_page``, ``not_xml``, ``truncated``.
    """
    _look_at_head(_read(stream))


def _look_at_head(chunk: bytes) -> None:
    """Tell what is no XML at all before a parser complains about its first byte."""
    head = chunk[:_HEAD].removeprefix(b"\xef\xbb\xbf").lstrip()
    if not head:
        raise ReportError("empty_file")
    lower = head[:200].lower()
    if head.startswith((b'"ClientAccountID"', b"ClientAccountID", b"BOF", b'"BOF"', b"Statement,")):
        raise ReportError("csv_report")
    if lower.startswith((b"<!doctype html", b"<html")):
        raise ReportError("html_page")
    if not head.startswith(b"<") and not chunk.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise ReportError("not_xml")


def _syntax_error(error: etree.XMLSyntaxError, *, at_end: bool) -> ReportError:
    line, column = error.position
    if at_end:  # what was read is sound, and something is missing behind it
        return ReportError("truncated", line=line)
    return ReportError("malformed_xml", line=line, column=column, detail=error.msg or "")
