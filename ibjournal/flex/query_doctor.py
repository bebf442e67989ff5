"""What a query's report tells of how the query was set up: what it lacks, and what it has too much of."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ibjournal.domain.errors import ReportError
from ibjournal.flex.fills import is_fill
from ibjournal.flex.query_guide import QuerySection, query_guide
from ibjournal.flex.reader import ReportReader
from ibjournal.flex.sections import is_booking_summary, is_summary
from ibjournal.flex.statement import ReportHead, StatementHead

# "LastBusinessDay" and "Today" are one day by design.
_LONG_PERIOD = re.compile(r"Last(N|\d+)(Calendar)?Days|.*ToDate|YTD|LastMonth|LastQuarter|LastYear")
_ACCOUNT = re.compile(r"[A-Z]{1,3}\d{4,}[A-Z]?")
_SLASHED = re.compile(r"\d{1,2}/\d{1,2}/\d{2,4}")
_OTHER_LEVELS = frozenset({"Order", "SymbolSummary", "AssetSummary"})
_DATES = ("dateTime", "reportDate", "tradeDate", "date", "settleDate")
_LEVEL_WORDS = frozenset({"ORDER", "SYMBOL_SUMMARY", "ASSET_SUMMARY"})
_LONGEST_DATE = 10
_A_FEW_DAYS = 3
_MANY_RATES = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that a query should have otherwise.

    ``code``: ``section_missing``, ``fields_missing``, ``wrong_type``, ``wrong_format`` (CSV or text), ``period_collapsed``
    (a period of many days gave one), ``breakout_by_day``, ``summary_rows_on``, ``levels_doubled`` (orders or summaries beside the
    fills), ``level_missing`` (nothing but orders or summaries), ``alias_for_account``,
    ``model_column``, ``ambiguous_dates``, ``times_missing``, ``currency_rates_on``, ``foreign_account``.
    ``need``: ``must``, ``should`` or ``may``, how much it matters; ``screen``: the screen that suffers; ``fields``: names as the
    report spells them; ``values`` fill the words.
    """

    code: str
    section: str = ""
    screen: str = ""
    need: str = "should"
    fields: tuple[str, ...] = ()
    values: tuple[tuple[str, object], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """What the doctor found in one report, the worst first; ``error`` where it is none, with a finding where clicks mend that."""

    file: str
    type: str = ""
    findings: tuple[Finding, ...] = ()
    error: ReportError | None = None


@dataclass(slots=True)
class _Seen:
    """What the rows of one report show."""

    columns: dict[str, set[str]] = field(default_factory=dict)
    levels: set[str] = field(default_factory=set)
    summaries: int = 0
    details: int = 0
    models: set[str] = field(default_factory=set)
    realized: bool = False
    slashed: bool = False
    fills: int = 0
    timeless: int = 0
    rates: int = 0

    def row(self, section: str, tag: str, attributes: Mapping[str, str]) -> None:
        self.slashed = self.slashed or any(_SLASHED.match(attributes.get(name, "")) for name in _DATES)
        if section == "CashTransactions":
            self._booking(attributes)
        if section == "ConversionRates":
            self.rates += 1
        if tag in _OTHER_LEVELS or (tag == "Trade" and attributes.get("levelOfDetail", "").upper() in _LEVEL_WORDS):
            self.levels.add(tag if tag in _OTHER_LEVELS else attributes["levelOfDetail"])
            return
        if is_fill(tag, attributes):
            self._fill(attributes)
        elif section in {"Trades", "TradeConfirms"}:
            return  # closed lots and wash sales have columns of their own
        self.columns.setdefault(section, set()).update(attributes)

    def _booking(self, attributes: Mapping[str, str]) -> None:
        summary = is_booking_summary(attributes) or is_summary(attributes)
        self.summaries += summary
        self.details += not summary

    def _fill(self, attributes: Mapping[str, str]) -> None:
        self.fills += 1
        if "model" in attributes:
            self.models.add(attributes["model"])
        self.realized |= bool(attributes.get("fifoPnlRealized"))
        if len(attributes.get("dateTime", "")) <= _LONGEST_DATE and not attributes.get("tradeTime"):
            self.timeless += attributes.get("transactionType") != "BookTrade"


def diagnose(path: Path, *, slot: str = "", foreign: Collection[str] = ()) -> Diagnosis:
    """Look at one report; never raises for what the file holds.

    Args:
        path: the file.
        slot: ``AF`` or ``TCF`` where it is known what the query ought to be.
        foreign: accounts that belong to other depots.
    """
    reader = ReportReader(path)
    seen = _Seen()
    try:
        for raw, _statement in reader.raw_rows():
            seen.row(raw.place.section, raw.place.tag, raw.attributes)
    except ReportError as error:
        error.values.setdefault("file", path.name)
        if error.code != "csv_report":
            return Diagnosis(file=str(path), type=reader.head.type, error=error)
        return Diagnosis(file=str(path), type=slot, findings=(Finding(code="wrong_format", need="must"),), error=error)
    head = reader.head
    if slot and head.kind != slot:
        wrong = Finding(code="wrong_type", need="must", values=(("expected", slot), ("found", head.kind)))
        return Diagnosis(file=str(path), type=head.kind, findings=(wrong,))
    found = [*_missing(head, seen), *_settings(head, seen), *_accounts(head, foreign)]
    order = ("must", "should", "may")
    return Diagnosis(file=str(path), type=head.kind, findings=tuple(sorted(found, key=lambda each: order.index(each.need))))


def _missing(head: ReportHead, seen: _Seen) -> list[Finding]:
    found = []
    for section in query_guide(head.kind).sections:
        if section.xml not in head.sections:
            if section.need != "may":
                found.append(Finding(code="section_missing", section=section.xml, screen=section.screen, need=section.need))
        elif section.xml in seen.columns:
            found += _columns(section, seen.columns[section.xml])
    return found


def _columns(section: QuerySection, there: Collection[str]) -> list[Finding]:
    found = []
    for need in ("must", "should"):
        missing = tuple(each.xml for each in section.fields if each.need == need and not _has(there, each.xml))
        if missing:
            finding = Finding(code="fields_missing", section=section.xml, screen=section.screen, need=need, fields=missing)
            found.append(finding)
    return found


_INSTEAD = {
    "dateTime": ("tradeDate", "date"),
    "tradePrice": ("price",),
    "price": ("tradePrice",),
    "conid": ("isin", "cusip", "securityID"),
    "commission": ("ibCommission",),
    "code": ("notes",),
    "tradeDate": ("dateTime",),
    "position": ("quantity",),
    "costBasisMoney": ("costBasisPrice",),
    "brokerageOrderID": ("ibOrderID", "orderID"),
    "type": ("actionDescription",),
}
"""Columns that serve as well, or well enough that the query need not be changed for it."""


def _has(there: Collection[str], column: str) -> bool:
    return column in there or any(each in there for each in _INSTEAD.get(column, ()))


def _settings(head: ReportHead, seen: _Seen) -> list[Finding]:
    found = []
    trades = "TradeConfirms" if head.kind == "TCF" else "Trades"
    days = [each for each in head.statements if each.from_date and each.to_date]
    if len(days) > _A_FEW_DAYS and _by_day(days):
        found.append(Finding(code="breakout_by_day", need="may", values=(("n", len(days)),)))
    elif days and all(each.from_date == each.to_date and _LONG_PERIOD.fullmatch(each.period) for each in days):
        told = (("day", days[0].from_date), ("period", days[0].period))
        found.append(Finding(code="period_collapsed", screen="journal", values=told))
    if seen.summaries and not seen.details:
        found.append(Finding(code="level_missing", section="CashTransactions", screen="performance", need="must"))
    elif seen.summaries:
        values = (("n", seen.summaries),)
        found.append(Finding(code="summary_rows_on", section="CashTransactions", screen="performance", need="may", values=values))
    if seen.levels and not seen.fills:
        found.append(Finding(code="level_missing", section=trades, screen="journal", need="must"))
    elif seen.levels:
        found.append(Finding(code="levels_doubled", section=trades, need="may", fields=tuple(sorted(seen.levels))))
    if seen.models - {""} or (seen.models and head.kind == "AF" and not seen.realized):
        # the column alone does no harm; where it is filled, IBKR splits positions by model and leaves its results blank
        found.append(Finding(code="model_column", section=trades, screen="check", fields=("model",)))
    if seen.slashed:
        found.append(Finding(code="ambiguous_dates", screen="journal", need="must"))
    if seen.timeless:
        values = (("n", seen.timeless),)
        found.append(Finding(code="times_missing", section=trades, screen="journal", fields=("dateTime",), values=values))
    if seen.rates > _MANY_RATES:
        found.append(Finding(code="currency_rates_on", need="may", values=(("n", seen.rates),)))
    return found


def _by_day(statements: Collection[StatementHead]) -> bool:
    by_account: dict[str, set[str | None]] = {}
    for each in statements:
        if each.from_date != each.to_date:
            return False
        by_account.setdefault(each.account, set()).add(each.from_date)
    return any(len(days) > _A_FEW_DAYS for days in by_account.values())


def _accounts(head: ReportHead, foreign: Collection[str]) -> list[Finding]:
    accounts = head.accounts()
    found = [
        Finding(code="alias_for_account", screen="journal", need="must", values=(("account", account),))
        for account in accounts
        if not _ACCOUNT.fullmatch(account)
    ]
    found += [Finding(code="foreign_account", values=(("account", account),)) for account in accounts if account in foreign]
    return found
