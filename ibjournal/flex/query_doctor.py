"""What a query's report lacks, and which screen suffers."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ibjournal.domain.errors import ReportError
from ibjournal.flex.reader import ReportReader

# Sections that a screen needs; the section's name is IBKR's XML name.
_NEEDED = {
    "AF": (
        ("AccountInformation", "performance"),
        ("EquitySummaryInBase", "performance"),
        ("ChangeInNAV", "check"),
        ("CashReport", "check"),
        ("Trades", "journal"),
        ("OptionEAE", "journal"),
        ("OpenPositions", "positions"),
        ("CorporateActions", "journal"),
        ("CashTransactions", "performance"),
        ("Transfers", "check"),
        ("SecuritiesInfo", "journal"),
    ),
    "TCF": (("TradeConfirms", "journal"),),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that a query should have otherwise.

    ``code``: ``section_missing``, ``summary_rows_on``, ``fields_missing``; ``screen``: the screen that suffers.
    """

    code: str
    section: str
    screen: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """What the doctor found in one report; ``error`` where it is none."""

    file: str
    type: str = ""
    findings: tuple[Finding, ...] = ()
    error: ReportError | None = None


def diagnose(path: Path) -> Diagnosis:
    """Look at one report; never raises for what the file holds."""
    reader = ReportReader(path)
    try:
        for _row in reader.rows():
            pass
    except ReportError as error:
        error.values.setdefault("file", path.name)
        return Diagnosis(file=str(path), type=reader.head.type, error=error)
    head = reader.head
    type_ = head.type if head.type in _NEEDED else "AF"
    findings = [
        Finding(code="section_missing", section=section, screen=screen)
        for section, screen in _NEEDED[type_]
        if section not in head.sections
    ]
    if head.dropped:
        findings.append(Finding(code="summary_rows_on", section="CashTransactions", screen="performance"))
    findings.extend(
        Finding(code="fields_missing", section=str(each.values.get("section", "")), screen="journal")
        for each in head.findings
        if each.code == "incomplete_fill"
    )
    return Diagnosis(file=str(path), type=type_, findings=tuple(findings))
