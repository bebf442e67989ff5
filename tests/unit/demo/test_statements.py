"""The shape of the demo's reports: frame, order of sections, formats, rows on demand."""

from __future__ import annotations

import re
from collections import defaultdict
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from ibjournal.demo.broker import DEFAULT_AS_OF, build
from ibjournal.demo.depots import DEMO_DEPOTS, INCOME, LONG_TERM
from ibjournal.demo.flex_answers import EASTERN
from ibjournal.demo.xml_rows import row, section, text_of
from tests.unit.demo.reading import activity, confirmation, number, statement

SECTIONS = [
    "AccountInformation", "EquitySummaryInBase", "ChangeInNAV", "FIFOPerformanceSummaryInBase", "CashReport", "OpenPositions",
    "Trades", "OptionEAE", "CorporateActions", "CashTransactions", "InterestAccruals", "Transfers", "ChangeInDividendAccruals",
    "OpenDividendAccruals", "SecuritiesInfo",
]  # fmt: skip
MORNING = datetime.combine(DEFAULT_AS_OF, time(5, 6, 22), EASTERN)
SAMPLES = Path(__file__).parents[4] / "shared" / "samples"
BROKER = build()


def test_frame_of_an_activity_report() -> None:
    xml = BROKER.activity_xml([INCOME.account], date(2026, 1, 1), date(2026, 12, 31), generated_at=MORNING)
    assert xml is not None
    root = ET.fromstring(xml)
    assert (root.tag, root.get("type")) == ("FlexQueryResponse", "AF")
    found = statement(xml)
    assert found.attrib == {
        "accountId": INCOME.account,
        "fromDate": "20260102",
        "toDate": "20261118",
        "period": "",
        "whenGenerated": "20261119;050622",
    }
    assert [child.tag for child in found] == SECTIONS


def test_empty_sections_are_there() -> None:
    quiet = activity(BROKER, LONG_TERM.account, date(2026, 8, 18), date(2026, 8, 18))
    assert [child.tag for child in quiet] == SECTIONS
    assert quiet.findall("Trades/*") == []


def test_frame_of_a_confirmation() -> None:
    today = confirmation(BROKER, INCOME.account)
    assert today.attrib == {
        "accountId": INCOME.account,
        "fromDate": "20261119",
        "toDate": "20261119",
        "period": "Today",
        "whenGenerated": "20261119;160500",
    }
    assert [child.tag for child in today] == ["TradeConfirms"]
    assert confirmation(BROKER, INCOME.account, date(2026, 11, 2)).attrib["period"] == ""


def test_formats_of_dates_and_numbers() -> None:
    for element in activity(BROKER, INCOME.account).iter():
        for name, value in element.attrib.items():
            if name in {"dateTime", "orderTime", "openDateTime"} and value:
                assert re.fullmatch(r"\d{8};\d{6}", value), (name, value)
            elif name.endswith("Date") and value:
                assert re.fullmatch(r"\d{8}", value), (name, value)
            assert "E+" not in value
            assert "E-" not in value or name == "description", (name, value)
            assert value not in {"None", "-0"}


def test_values_and_escapes() -> None:
    assert [text_of(value) for value in (None, 3, "x", Decimal("2.50"), date(2026, 1, 2))] == ["", "3", "x", "2.5", "20260102"]
    assert row("A", {"b": 'S&P "500" <x>'}) == """<A b='S&amp;P "500" &lt;x&gt;' />"""
    assert section("B", []) == "<B>\n</B>"


def test_fixed_times() -> None:
    found = activity(BROKER, INCOME.account)
    for element in found.findall("Trades/Trade[@transactionType='BookTrade']"):
        assert element.attrib["dateTime"].endswith(";162000")
        assert element.attrib["ibExecID"] == element.attrib["orderTime"] == ""
        assert element.attrib["ibOrderID"] == element.attrib["transactionID"]
        assert element.attrib["exchange"] == "--"
    split = activity(BROKER, LONG_TERM.account).find("CorporateActions/CorporateAction")
    assert split is not None
    assert split.attrib["dateTime"].endswith(";202500")
    assert split.attrib["dateTime"][:8] < split.attrib["reportDate"]


def test_expiries_are_reported_on_the_next_day_and_assignments_at_once() -> None:
    late, at_once = 0, 0
    for element in activity(BROKER, INCOME.account).findall("Trades/Trade[@transactionType='BookTrade']"):
        if element.attrib["notes"] == "Ep":
            assert element.attrib["reportDate"] > element.attrib["tradeDate"] == element.attrib["expiry"]
            late += 1
        else:
            assert element.attrib["reportDate"] == element.attrib["tradeDate"]
            at_once += 1
    assert late > 40
    assert at_once > 10


def test_assignment_is_a_pair_with_one_action_and_consecutive_ids() -> None:
    pairs: defaultdict[str, list[dict[str, str]]] = defaultdict(list)
    for element in activity(BROKER, INCOME.account).findall("Trades/Trade"):
        if element.attrib["notes"] in {"A", "Ex"}:
            pairs[element.attrib["positionActionID"]].append(element.attrib)
    assert pairs
    for pair in pairs.values():
        option, shares = sorted(pair, key=lambda attributes: attributes["assetCategory"])
        assert (option["assetCategory"], shares["assetCategory"]) == ("OPT", "STK")
        assert int(shares["tradeID"]) == int(option["tradeID"]) + 1
        assert option["dateTime"] == shares["dateTime"]
        assert option["tradePrice"] == option["fifoPnlRealized"] == "0"
        assert shares["tradePrice"] == option["strike"]
        if shares["openCloseIndicator"] == "O":
            paid = -Decimal(shares["netCash"])
            assert Decimal(shares["cost"]) == paid - Decimal(option["cost"])


def test_option_events_name_trades() -> None:
    found = activity(BROKER, INCOME.account)
    trades = {element.attrib["tradeID"]: element.attrib for element in found.findall("Trades/Trade")}
    events = found.findall("OptionEAE/OptionEAE")
    assert len(events) == len([row for row in trades.values() if row["transactionType"] == "BookTrade"])
    for element in events:
        trade = trades[element.attrib["tradeID"]]
        assert (element.attrib["quantity"], element.attrib["realizedPnl"]) == (trade["quantity"], trade["fifoPnlRealized"])


def test_rebooked_fill_keeps_its_trade_id_and_gets_a_new_revision() -> None:
    by_trade: defaultdict[str, list[dict[str, str]]] = defaultdict(list)
    for element in activity(BROKER, INCOME.account).findall("Trades/Trade"):
        by_trade[element.attrib["tradeID"] or element.attrib["origTradeID"]].append(element.attrib)
    chains = [chain for chain in by_trade.values() if len(chain) > 1]
    assert chains
    for chain in chains:
        original, cancel, again = sorted(chain, key=lambda attributes: int(attributes["transactionID"]))
        assert (original["ibExecID"][-2:], cancel["ibExecID"], again["ibExecID"][-2:]) == ("01", "", "02")
        assert original["ibExecID"][:-2] == again["ibExecID"][:-2]
        assert (cancel["transactionType"], cancel["notes"], cancel["tradeID"]) == ("TradeCancel", "Ca", "")
        assert Decimal(cancel["quantity"]) == -Decimal(original["quantity"]) == -Decimal(again["quantity"])
        assert again["tradePrice"] != original["tradePrice"]
        assert original["ibCommission"] == cancel["ibCommission"] == again["ibCommission"] == "0"


def test_legs_of_a_combination_share_an_execution() -> None:
    legs: defaultdict[str, set[str]] = defaultdict(set)
    for element in activity(BROKER, INCOME.account).findall("Trades/Trade[@assetCategory='OPT']"):
        execution = element.attrib["ibExecID"]
        if execution:
            legs[execution[:17]].add(execution[18:20])
    assert {"02", "03"} in legs.values()
    assert {"02", "03", "04", "05"} in legs.values()
    assert {"01"} in legs.values()


def test_evening_sessions_belong_to_the_next_day() -> None:
    futures = activity(BROKER, INCOME.account).findall("Trades/Trade[@assetCategory='FUT']")
    evenings = [element for element in futures if element.attrib["dateTime"][:8] != element.attrib["tradeDate"]]
    assert evenings
    assert all(element.attrib["dateTime"][:8] < element.attrib["tradeDate"] for element in evenings)
    assert all(element.attrib["dateTime"][9:11] >= "18" for element in evenings)


def test_short_options_are_rolled_in_one_order() -> None:
    by_execution: defaultdict[str, list[dict[str, str]]] = defaultdict(list)
    for element in activity(BROKER, INCOME.account).findall("Trades/Trade[@assetCategory='OPT']"):
        if element.attrib["ibExecID"]:
            by_execution[element.attrib["ibExecID"][:17]].append(element.attrib)
    rolls = [legs for legs in by_execution.values() if [leg["openCloseIndicator"] for leg in legs] in (["C", "O"], ["O", "C"])]
    assert len(rolls) > 5
    for legs in rolls:
        closing, opening = sorted(legs, key=lambda leg: leg["openCloseIndicator"])
        assert closing["underlyingSymbol"] == opening["underlyingSymbol"]
        assert closing["expiry"] < opening["expiry"]


def test_orders_and_lots_on_demand_add_up_to_the_fills() -> None:
    xml = BROKER.activity_xml([INCOME.account], date(2024, 1, 1), DEFAULT_AS_OF, generated_at=MORNING, orders=True, lots=True)
    assert xml is not None
    trades = statement(xml).find("Trades")
    assert trades is not None
    fills = [element for element in trades if element.tag == "Trade"]
    lots = [element for element in trades if element.tag == "Lot"]
    orders = [element for element in trades if element.tag == "Order"]
    assert sum(number(element, "fifoPnlRealized") for element in lots) == sum(
        number(element, "fifoPnlRealized") for element in fills
    )
    opened = {element.attrib["transactionID"] for element in fills}
    assert {element.attrib["transactionID"] for element in lots} <= opened
    assert all(element.attrib["openDateTime"] and not element.attrib["tradeID"] for element in lots)
    traded = [element for element in fills if element.attrib["transactionType"] != "BookTrade"]
    for name in ("quantity", "proceeds", "ibCommission", "fifoPnlRealized", "netCash"):
        assert sum(number(element, name) for element in orders) == sum(number(element, name) for element in traded)
    assert not {element.attrib["transactionID"] + element.attrib["tradeID"] for element in orders} - {""}


def test_ids_are_not_shared_between_accounts() -> None:
    seen: set[str] = set()
    for depot in DEMO_DEPOTS:
        rows = activity(BROKER, depot.account).findall("Trades/Trade")
        ids = {element.attrib[name] for element in rows for name in ("transactionID", "ibExecID") if element.attrib[name]}
        assert not ids & seen
        seen |= ids


def real_attributes(tag: str) -> set[str]:
    """Return every attribute that real reports give an element of this name."""
    if not SAMPLES.is_dir():
        pytest.skip("the folder of real Flex files is not here")
    names: set[str] = set()
    for path in SAMPLES.rglob("*.xml"):
        text = path.read_text(encoding="utf-8", errors="replace")
        for element in re.findall(rf"<{tag} ([^<>]*)>", text):
            names.update(re.findall(r"([A-Za-z0-9]+)=", element))
    return names


@pytest.mark.parametrize(
    "tag",
    [
        "Trade", "OpenPosition", "CashTransaction", "ChangeInNAV", "CashReportCurrency", "CorporateAction", "OptionEAE",
        "EquitySummaryByReportDateInBase", "InterestAccrualsCurrency", "ChangeInDividendAccrual", "OpenDividendAccrual",
        "SecurityInfo",
    ],
)  # fmt: skip
def test_attributes_have_the_names_of_real_reports(tag: str) -> None:
    newer = {"subCategory", "figi", "issuerCountryCode"}  # some of the real files are too old to have them everywhere
    known = real_attributes(tag) | newer
    for depot in DEMO_DEPOTS:
        for element in activity(BROKER, depot.account).iter(tag):
            assert set(element.attrib) <= known


def test_confirmations_have_the_names_of_real_reports() -> None:
    known = real_attributes("TradeConfirm")
    rows = confirmation(BROKER, INCOME.account).findall("TradeConfirms/TradeConfirm")
    assert rows
    assert all(set(element.attrib) <= known for element in rows)
