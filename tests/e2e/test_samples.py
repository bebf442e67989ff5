"""Real reports through ``ibjournal import``, counted a second time by a way of their own. They are not part of the project."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from tests.e2e.program import Program
from tests.fakes.journal_folder import JournalFolder

pytestmark = pytest.mark.e2e

MALFORMED = "activity_simple.xml"
FILLS = {"Trade", "TradeConfirm", "TradeConfirmation"}
FRAME = {"FlexQueryResponse", "FlexStatements", "FlexStatement"}


@dataclass(frozen=True)
class Imported:
    """What two imports of the same folder said."""

    program: Program
    first: list[dict[str, Any]]
    second: list[dict[str, Any]]
    trades_before: str
    trades_after: str


@pytest.fixture(scope="module")
def imported(samples: Path, tmp_path_factory: pytest.TempPathFactory) -> Imported:
    """Import all real reports, twice."""
    program = Program(tmp_path_factory.mktemp("samples") / "data")
    kinds = ("executions", "trades", "cash", "equity", "positions")

    def exported() -> str:
        return "".join(program.run("export", kind, "--format", "json").out for kind in kinds)

    first = program.run("import", samples, "--json")
    before = exported()
    second = program.run("import", samples, "--json")
    assert first.status == second.status == 1
    assert len(first.err.splitlines()) == sum(1 for each in first.json["files"] if each["error"])
    return Imported(program, first.json["files"], second.json["files"], before, exported())


def reports(files: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the files that are reports; the folder ``responses`` holds answers of the service."""
    return [each for each in files if Path(each["file"]).parent.name != "responses"]


def tree(path: Path) -> etree._Element:
    return etree.parse(str(path), etree.XMLParser(huge_tree=True)).getroot()


def rows_by_section(root: etree._Element) -> Counter[str]:
    """Count the rows of each section: elements with attributes, under the container they stand in."""
    found: Counter[str] = Counter()
    for element in root.iter(etree.Element):
        parent = element.getparent()
        if element.tag in FRAME or not element.attrib:
            continue
        top = parent is None or parent.tag in FRAME or parent.getparent() is None
        found[str(element.tag if top or parent is None else parent.tag)] += 1
    return found


def fills(root: etree._Element) -> int:
    return sum(
        1
        for element in root.iter(etree.Element)
        if element.tag in FILLS
        and element.get("levelOfDetail", "EXECUTION").upper() in {"EXECUTION", "DETAIL", ""}
        and element.get("accountId") != "-"
    )


def test_every_file_is_told_of(imported: Imported, samples: Path) -> None:
    wanted = {str(path) for path in samples.rglob("*.xml")}
    assert {each["file"] for each in imported.first} == wanted
    assert len(reports(imported.first)) > 50


def test_only_the_malformed_report_is_refused_and_by_name(imported: Imported) -> None:
    refused = [each for each in reports(imported.first) if each["error"]]
    assert [Path(each["file"]).name for each in refused] == [MALFORMED]
    assert refused[0]["error"]["code"] == "malformed_xml"
    assert MALFORMED in refused[0]["error"]["text"]
    assert "81" in refused[0]["error"]["text"]


def test_the_malformed_report_is_in_the_archive(imported: Imported) -> None:
    (refused,) = (each for each in reports(imported.first) if each["error"])
    kept = {
        hashlib.sha256(gzip.decompress(path.read_bytes())).hexdigest() for path in (imported.program.data / "archive").rglob("*.gz")
    }
    assert refused["sha256"] in kept
    assert refused["sha256"] == hashlib.sha256(Path(refused["file"]).read_bytes()).hexdigest()
    assert {each["sha256"] for each in reports(imported.first)} <= kept


def test_answers_of_the_service_are_told_as_what_they_are(imported: Imported) -> None:
    answers = [each for each in imported.first if Path(each["file"]).parent.name == "responses"]
    codes = {Path(each["file"]).name: each["error"]["code"] if each["error"] else "" for each in answers}
    assert codes.pop("getstatement_empty_tcf.xml") == ""
    assert set(codes.values()) == {"flex_service_error"}


def test_no_file_is_short_of_rows(imported: Imported) -> None:
    short = {}
    for file in reports(imported.first):
        if file["error"]:
            continue
        wanted = rows_by_section(tree(Path(file["file"])))
        told = {name: count for name, count in file["sections"].items() if count}
        if told != dict(wanted):
            short[file["file"]] = (told, dict(wanted))
    assert short == {}


def test_new_updated_and_unchanged_are_the_fills_of_the_file(imported: Imported) -> None:
    for files in (imported.first, imported.second):
        differ = {
            each["file"]: each["executions"]
            for each in reports(files)
            if not each["error"] and sum(each["executions"].values()) != fills(tree(Path(each["file"])))
        }
        assert differ == {}
    assert sum(each["executions"]["new"] for each in imported.first) > 800


def test_ranges_and_types_are_those_of_the_file(imported: Imported) -> None:
    for file in reports(imported.first):
        if file["error"]:
            continue
        root = tree(Path(file["file"]))
        heads = [head for head in root.iter("FlexStatement") if head.get("fromDate", "").replace("-", "").isdecimal()]
        assert file["type"] == root.get("type", "AF")
        assert file["from"] == min(_iso(head.get("fromDate", "")) for head in heads)
        assert file["to"] == max(_iso(head.get("toDate", "")) for head in heads)
        nobody = {"-", ""}
        anywhere = {element.get("accountId", "") for element in root.iter(etree.Element)} - nobody
        assert {head.get("accountId", "") for head in root.iter("FlexStatement")} - nobody <= set(file["accounts"]) <= anywhere


def _iso(text: str) -> str:
    digits = text.replace("-", "")
    return f"{digits[:4]}-{digits[4:6]}-{digits[6:8]}"


def test_a_second_import_adds_nothing(imported: Imported) -> None:
    assert [each["executions"]["new"] + each["executions"]["updated"] for each in imported.second] == [0] * len(imported.second)
    assert imported.trades_after == imported.trades_before
    assert [each["sections"] for each in imported.second] == [each["sections"] for each in imported.first]


def test_the_database_is_sound_afterwards(imported: Imported) -> None:
    assert imported.program.run("check", "--json").json == {"issues": []}


def test_what_was_escaped_in_the_file_is_plain_in_the_journal(imported: Imported) -> None:
    assert "&#38;" not in imported.trades_before
    assert "&amp;" not in imported.trades_before


# --- one account's year and its day, looked up by hand in the two files ------------------------------------------


@pytest.fixture(scope="module")
def pair(samples: Path, tmp_path_factory: pytest.TempPathFactory) -> JournalFolder:
    """Return a journal of the Activity and the confirmation of one account."""
    journal = JournalFolder(tmp_path_factory.mktemp("pair") / "data")
    folder = samples / "GOforce64__trading-journal"
    files = journal.services.importing.import_paths([folder / "today.xml", folder / "activity.xml"])
    assert [each.new for each in files] == [7, 24]
    return journal


def trades_of(journal: JournalFolder, symbol: str) -> list[dict[str, Any]]:
    rows = [each for each in journal.services.export.rows("trades") if " ".join(str(each["symbol"]).split()) == symbol]
    return sorted(json.loads(json.dumps(rows)), key=lambda each: str(each["opened_at"]))


def told(trade: Mapping[str, Any]) -> tuple[str, ...]:
    """Return side, status, quantity, entry, exit, net result, how it ended."""
    money = "" if trade["net"] is None else format(Decimal(trade["net"]).normalize(), "f")
    return (
        trade["side"], trade["status"], trade["quantity"], trade["entry_price"] or "", trade["exit_price"] or "", money,
        trade["ended_by"],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("symbol", "wanted"),
    [
        # bought 2 at 0.10 and 0.16, 0.7873 commission each, expired: -26 - 1.5746, as OptionEAE says
        ("AA 260717C00054000", [("long", "closed", "2", "0.13", "0", "-27.5746", "expired")]),
        # 0.08 twice: -16 - 1.5746, as OptionEAE says
        ("AA 260717P00040000", [("long", "closed", "2", "0.08", "0", "-17.5746", "expired")]),
        # sold 2 at 1.37, bought back at 0.38 and 0.27: 274 - 65 - 0.7934122*2 - 1.0333 - 0.7873
        ("AA 260717C00047000", [("short", "closed", "2", "1.37", "0.325", "205.5925756", "")]),
        # sold at 1.50 and 1.48, bought back at 2.14 twice: 298 - 428 - 0.79368 - 0.7936388 - 0.7673*2
        ("AA 260717P00047000", [("short", "closed", "2", "1.49", "2.14", "-133.1219188", "")]),
        # the purchase of 2 was cancelled and booked again as 1 with a rebate of 0.3333; a second one followed
        ("CZR 260821C00030000", [("long", "open", "2", "0.73", "", "0", "")]),
        ("CZR 260821P00030000", [("long", "open", "2", "0.7", "", "0", "")]),
        # bought 2 at 1.06, sold at 1.44 and 1.15: 259 - 212 - 0.8453 - 0.0833 - 0.7735564 - 0.560959
        ("NVDA 260928C00232500", [("long", "closed", "2", "1.06", "1.295", "44.7368846", "")]),
        # bought 2 at 1.64, sold at 2.11 and 4.20: 631 - 328 - 0.8346 - 0.5629366 - 1.052222
        ("TSLA 260928P00365000", [("long", "closed", "2", "1.64", "3.155", "300.5502414", "")]),
        # 400 shares from the exercise at 11.50; the sale of 100 at 11.72 is flagged as opening but closes what is held
        ("CLF", [("long", "open", "400", "11.5", "11.72", "20.9560568", "")]),
    ],
)
def test_the_trades_of_the_pair(pair: JournalFolder, symbol: str, wanted: list[tuple[str, ...]]) -> None:
    assert [told(each) for each in trades_of(pair, symbol)] == wanted


@pytest.mark.parametrize(("symbol", "ending"), [("CLF 260724C00011500", "exercised"), ("CLF 260724P00007500", "expired")])
def test_options_that_were_opened_before_the_report_begins(pair: JournalFolder, symbol: str, ending: str) -> None:
    (only,) = trades_of(pair, symbol)
    assert (only["entry_known"], only["status"], only["quantity"], only["ended_by"]) == (False, "closed", "4", ending)
    assert only["net"] is None, "the report leaves IBKR's own figure out, and nobody invents one"


def test_cancel_and_re_booking_of_the_pair(pair: JournalFolder) -> None:
    rows = pair.query(
        "SELECT transaction_id, quantity, status, uid FROM executions WHERE instrument='893396239' ORDER BY transaction_id"
    )
    assert rows == [
        ("10651107881", "2", "cancelled", "0001938c.6a59af42.01"),
        ("10651118319", "-2", "cancel", "10651118319"),
        ("10651118321", "1", "active", "0001938c.6a59af42.01"),
        ("10651118445", "1", "active", "0001938c.6a59af4e.01"),
    ]
    (only,) = trades_of(pair, "CZR 260821C00030000")
    fees = [piece.fees for each in pair.trades() if each.key == only["key"] for piece in each.pieces]
    # the cancelled purchase cost 1.3666, of which 0.3333 were given back with the first re-booking
    assert fees == [Decimal("-1.0333"), Decimal("-0.3333")]


def test_what_the_confirmation_alone_tells_is_provisional(pair: JournalFolder) -> None:
    provisional = {each["symbol"].split()[0] for each in pair.services.export.rows("trades") if each["provisional"]}  # type: ignore[union-attr]
    assert provisional == {"NVDA", "TSLA"}


def test_the_order_of_the_pair_does_not_matter(pair: JournalFolder, samples: Path, tmp_path: Path) -> None:
    other = JournalFolder(tmp_path / "data")
    folder = samples / "GOforce64__trading-journal"
    other.services.importing.import_paths([folder / "activity.xml", folder / "today.xml"])
    assert other.state() == pair.state()
