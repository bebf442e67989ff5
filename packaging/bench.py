"""Measures the import of a year with 100,000 fills against bare parsing, in one run; prints seconds, ratios and peak memory.

Beside it the import of as many fills of options, whose strategies are looked for, against that of the shares.

Each part runs in a process of its own, so that no part's memory or warm caches count for another. The goals are ratios,
because machines differ.
"""

from __future__ import annotations

import importlib
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

FILLS = 100_000
_INSTRUMENTS = 200
_DAYS = 250
_DAYS_A_MONTH = 21
_CLOSES, _BUYS = 0.5, 0.7
_UNDERLYINGS, _STRIKES = 20, 6
_SERIES = _UNDERLYINGS * _STRIKES * 2
_GOALS = {
    "import / ibflex": 0.45,
    "import / iterparse": 6.0,
    "second import / first": 0.5,
    "options / shares": 5.0,
    "peak MB": 350.0,
}


def write_report(path: Path, fills: int = FILLS, *, options: bool = False) -> None:
    """Write an Activity report of a year: round trips of stocks, bought and sold again, or of options of each month."""
    dice = random.Random(20251231)
    held: dict[int, int] = {}
    with path.open("w", encoding="utf-8") as out:
        out.write('<FlexQueryResponse queryName="Bench" type="AF">\n<FlexStatements count="1">\n')
        out.write(
            '<FlexStatement accountId="U9900001" fromDate="20250102" toDate="20251231" period="" whenGenerated="20260102;050622">\n'
        )
        out.write('<AccountInformation accountId="U9900001" currency="USD" name="Bench" />\n<Trades>\n')
        for number in range(fills):
            month = number * _DAYS // fills // _DAYS_A_MONTH
            which = month * _SERIES + dice.randrange(_SERIES) if options else dice.randrange(_INSTRUMENTS)
            lot = (1 if options else 100) * dice.randint(1, 5)
            position = held.get(which, 0)
            closes = position and dice.random() < _CLOSES
            quantity = -position if closes else lot * (1 if dice.random() < _BUYS else -1)
            held[which] = position + quantity
            terms = _terms(which) if options else {}
            out.write(_fill(number, fills, which, quantity, dice, does=_does(position, quantity), terms=terms))
        out.write("</Trades>\n</FlexStatement>\n</FlexStatements>\n</FlexQueryResponse>\n")


def _terms(which: int) -> dict[str, object]:
    """Return what an option's row says otherwise than that of a share: a month's options are numbered in one row."""
    month, series = divmod(which, _SERIES)
    underlying, each = divmod(series, 2 * _STRIKES)
    right, strike = "PC"[each % 2], 100 + 5 * (each // 2)
    return {
        "assetCategory": "OPT",
        "symbol": f"U{underlying:02d} 25{1 + month:02d}28{right}{strike:08d}",
        "multiplier": "100",
        "underlyingConid": 600000 + underlying,
        "underlyingSymbol": f"U{underlying:02d}",
        "strike": strike,
        "expiry": f"2025{1 + month:02d}28",
        "putCall": right,
    }


def _does(held: int, quantity: int) -> str:
    """Return IBKR's flag for a fill: opens, closes, or does both where it goes through zero."""
    if not held or (quantity > 0) == (held > 0):
        return "O"
    return "C" if abs(quantity) <= abs(held) else "C;O"


def _told(number: float, places: int) -> str:
    """Return a number as IBKR writes it: without zeros at the end."""
    text = f"{number:.{places}f}"
    return text.rstrip("0").rstrip(".") if float(text) else "0"


def _fill(
    number: int, fills: int, which: int, quantity: int, dice: random.Random, *, does: str, terms: Mapping[str, object]
) -> str:
    day = number * _DAYS // fills
    date = f"2025{1 + day // _DAYS_A_MONTH:02d}{1 + day % _DAYS_A_MONTH:02d}"
    seconds = 9 * 3600 + 1800 + (number * _DAYS % fills) * 23000 // fills
    clock = f"{seconds // 3600:02d}{seconds // 60 % 60:02d}{seconds % 60:02d}"
    price = (1000 + dice.randrange(9000)) / 100
    money = round(price * quantity * (100 if terms else 1), 2)
    commission = -round(abs(quantity) * 0.0035 + dice.random() / 100, 7)
    realized = dice.uniform(-200, 300) if "C" in does else 0
    attributes = {
        "accountId": "U9900001",
        "currency": "USD",
        "fxRateToBase": "1",
        "assetCategory": "STK",
        "symbol": f"S{which:03d}",
        "description": f"STOCK NUMBER {which}",
        "conid": 700000 + which,
        "securityIDType": "ISIN",
        "isin": f"US00000{which:05d}",
        "listingExchange": "NASDAQ",
        "multiplier": "1",
        "tradeID": 5_000_000_000 + number,
        "reportDate": date,
        "tradeDate": date,
        "dateTime": f"{date};{clock}",
        "settleDateTarget": date,
        "transactionType": "ExchTrade",
        "exchange": "ISLAND",
        "quantity": quantity,
        "tradePrice": _told(price, 2),
        "tradeMoney": _told(money, 2),
        "proceeds": _told(-money, 2),
        "taxes": "0",
        "ibCommission": _told(commission, 7),
        "ibCommissionCurrency": "USD",
        "netCash": _told(commission - money, 7),
        "closePrice": _told(price * 1.01, 2),
        "openCloseIndicator": does,
        "notes": "P" if number % 3 else "",
        "cost": _told(money - commission, 7),
        "fifoPnlRealized": _told(realized, 6),
        "mtmPnl": _told(dice.uniform(-50, 50), 4),
        "buySell": "BUY" if quantity > 0 else "SELL",
        "ibOrderID": 7_000_000_000 + number // 2,
        "transactionID": 9_000_000_000 + number,
        "ibExecID": f"0000e0d5.{number:08x}.01.01",
        "brokerageOrderID": f"00c8f0a1.{number // 2:08x}",
        "orderReference": "",
        "exchOrderId": "N/A",
        "extExecID": f"{number:012x}",
        "orderTime": f"{date};{clock}",
        "levelOfDetail": "EXECUTION",
        "orderType": "LMT",
        "isAPIOrder": "N",
        "accruedInt": "0",
        **terms,
    }
    return "<Trade " + " ".join(f'{name}="{value}"' for name, value in attributes.items()) + " />\n"


def _iterparse(report: Path, _folder: Path) -> str:
    from lxml import etree  # noqa: PLC0415 - each part loads what it measures

    count = 0
    for _event, element in etree.iterparse(str(report), events=("end",)):
        count += element.tag == "Trade"
        element.clear()
    return f"{count} fills"


def _ibflex(report: Path, _folder: Path) -> str:
    from ibflex import parser  # noqa: PLC0415

    response = parser.parse(str(report))
    return f"{len(response.FlexStatements[0].Trades)} fills"


def _import(report: Path, folder: Path) -> str:
    from ibjournal import bootstrap  # noqa: PLC0415
    from ibjournal.paths import Paths  # noqa: PLC0415

    services = bootstrap.build(Paths.at(folder))
    file = services.importing.import_paths([report])[0]
    services.maintenance.close()
    return f"{file.new} new, {file.updated} updated, {file.unchanged} unchanged, {file.error or 'no error'}"


_PARTS: dict[str, Callable[[Path, Path], str]] = {"iterparse": _iterparse, "ibflex": _ibflex, "import": _import}


# What a part needs is loaded before its clock starts: the goals are about the work on a report and not about starting Python.
_MODULES = {
    "iterparse": ("lxml.etree",),
    "ibflex": ("ibflex.parser",),
    "import": ("ibjournal.bootstrap", "ibjournal.paths"),
}


def _measure(part: str, report: Path, folder: Path) -> None:
    for module in _MODULES[part]:
        importlib.import_module(module)
    began, worked = time.perf_counter(), time.process_time()
    said = _PARTS[part](report, folder)
    seconds, processor = time.perf_counter() - began, time.process_time() - worked
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "processor": processor, "peak": peak, "said": said}))


def _run(part: str, report: Path, folder: Path) -> tuple[float, float]:
    command = [sys.executable, __file__, part, str(report), str(folder)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, env={**os.environ, "PYTHONWARNINGS": "ignore"})
    result = json.loads(done.stdout.splitlines()[-1])
    # beside the goals: a busy machine stretches the seconds, and hardly what the processor worked
    worked = f"({result['processor']:.2f} s of the processor)"
    print(f"{part:10} {result['seconds']:7.2f} s {worked:28} {result['peak']:7.0f} MB   {result['said']}", flush=True)
    return float(result["seconds"]), float(result["peak"])


def main() -> int:
    """Run all parts and tell whether the goals are met; exit status 1 where one is not."""
    with tempfile.TemporaryDirectory(prefix="ibjournal-bench-") as name:
        folder = Path(name)
        report = folder / "activity.xml"
        write_report(report)
        print(f"report     {report.stat().st_size / 1e6:7.1f} MB, {FILLS} fills")
        iterparse, _ = _run("iterparse", report, folder)
        ibflex, _ = _run("ibflex", report, folder)
        first, peak = _run("import", report, folder / "data")
        second, peak_again = _run("import", report, folder / "data")
        write_report(report, options=True)
        options, peak_of_options = _run("import", report, folder / "options")
    found = {
        "import / ibflex": first / ibflex,
        "import / iterparse": first / iterparse,
        "second import / first": second / first,
        "options / shares": options / first,
        "peak MB": max(peak, peak_again, peak_of_options),
    }
    missed = False
    for goal, value in found.items():
        kept = value <= _GOALS[goal]
        missed |= not kept
        print(f"{goal:22} {value:7.2f}   goal {_GOALS[goal]:g}: {'met' if kept else 'MISSED'}")
    return int(missed)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        _measure(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
    else:
        sys.exit(main())
