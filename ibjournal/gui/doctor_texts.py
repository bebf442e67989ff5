"""What the query doctor found, in words: what is amiss, what suffers, and the clicks at IBKR that mend it.

Imports QtCore alone: the command line shows the same sentences. IBKR's own words come from the guide to both queries.
"""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from ibjournal.flex.query_doctor import Finding
from ibjournal.flex.query_guide import QuerySection, Words, portal_words, query_guide
from ibjournal.gui.error_words import QT_TRANSLATE_NOOP
from ibjournal.gui.i18n import spoken

_SENTENCES = {
    "section_missing": QT_TRANSLATE_NOOP("Doctor", "The section {section} is missing. {why}"),
    "fields_missing": QT_TRANSLATE_NOOP("Doctor", "The section {section} lacks fields: {fields}."),
    "wrong_type": QT_TRANSLATE_NOOP(
        "Doctor", "This is a report of the other kind, {found}; {expected} belongs here. The two ids may be swapped."
    ),
    "wrong_format": QT_TRANSLATE_NOOP("Doctor", "The query makes CSV or text; ibjournal reads XML."),
    "level_missing": QT_TRANSLATE_NOOP(
        "Doctor", "The section {section} holds orders or summaries alone: what ibjournal counts, the single rows, is missing."
    ),
    "period_collapsed": QT_TRANSLATE_NOOP("Doctor", "The report holds one day only, {day}, although the query's period is longer."),
    "breakout_by_day": QT_TRANSLATE_NOOP(
        "Doctor", "The report is broken out by day: it is much larger than it need be and slow to make."
    ),
    "summary_rows_on": QT_TRANSLATE_NOOP("Doctor", "Bookings come twice, as details and as summaries. The summaries are left out."),
    "levels_doubled": QT_TRANSLATE_NOOP(
        "Doctor", "The section {section} holds orders or summaries beside the fills. They are left out."
    ),
    "alias_for_account": QT_TRANSLATE_NOOP("Doctor", "The report calls the account “{account}” instead of its number."),
    "model_column": QT_TRANSLATE_NOOP("Doctor", "The fills are split by model: IBKR then leaves its own results blank."),
    "ambiguous_dates": QT_TRANSLATE_NOOP("Doctor", "The dates can be read in two ways: 03/04 is in March or in April."),
    "times_missing": QT_TRANSLATE_NOOP("Doctor", "Fills have a day and no time: their order within a day is a guess."),
    "currency_rates_on": QT_TRANSLATE_NOOP(
        "Doctor", "The report holds a list of currency rates that nobody needs; it makes the report large."
    ),
    "foreign_account": QT_TRANSLATE_NOOP("Doctor", "The account {account} belongs to another depot; its rows are left out here."),
}

_SCREENS = {
    "journal": QT_TRANSLATE_NOOP("Doctor", "Journal"),
    "performance": QT_TRANSLATE_NOOP("Doctor", "Performance"),
    "positions": QT_TRANSLATE_NOOP("Doctor", "Positions"),
    "check": QT_TRANSLATE_NOOP("Doctor", "Check"),
}

CODES = frozenset(_SENTENCES)
"""Every finding that has words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingText:
    """A finding in the user's language: a sentence, the screen that suffers (or empty), and the clicks that mend it."""

    sentence: str
    screen: str
    clicks: tuple[str, ...]


def describe_finding(finding: Finding, report_type: str) -> FindingText:
    """Return a finding in words.

    Args:
        finding: what the doctor found.
        report_type: ``AF`` or ``TCF``, of the report that it looked at; empty where nobody knows which query made the file.
    """
    guide = query_guide(report_type or "AF")
    section = guide.section(finding.section)
    values = {name: str(value) for name, value in finding.values}
    for name in ("expected", "found"):
        if name in values:
            values[name] = ibkr_name(query_guide(values[name]).name)
    values["section"] = ibkr_name(section.name) if section else finding.section
    values["why"] = section.why.of(spoken()) if section else ""
    values["fields"] = ", ".join(_field(section, each) for each in finding.fields)
    return FindingText(
        sentence=_tr(_SENTENCES[finding.code]).format_map(values).strip(),
        screen=_tr(_SCREENS[finding.screen]) if finding.screen in _SCREENS else "",
        clicks=tuple(_clicks(finding, report_type, section)),
    )


def _clicks(finding: Finding, report_type: str, section: QuerySection | None) -> list[str]:
    if finding.code == "foreign_account":
        return [_tr(QT_TRANSLATE_NOOP("Doctor", "Nothing to do, unless the account is meant to be in this depot."))]
    if finding.code == "wrong_type":
        return [_tr(QT_TRANSLATE_NOOP("Doctor", "Settings → Depots → Edit: exchange the two query ids."))]
    query = ibkr_name(query_guide(report_type).name) if report_type else _tr(QT_TRANSLATE_NOOP("Doctor", "query"))
    steps = [
        _tr(QT_TRANSLATE_NOOP("Doctor", "{reports} → {queries}: the pencil beside your {query}")).format(
            reports=ibkr_name(portal_words()["reports"]),
            queries=ibkr_name(portal_words()["queries"]),
            query=query,
        )
    ]
    steps += _in_section(finding, section) if section is not None else _at_foot(finding, report_type or "AF")
    steps.append(_tr(QT_TRANSLATE_NOOP("Doctor", "Continue → Save Changes; the id stays as it is")))
    return steps


def _in_section(finding: Finding, section: QuerySection) -> list[str]:
    name = ibkr_name(section.name)
    opened = _tr(QT_TRANSLATE_NOOP("Doctor", "Sections: click {section}")).format(section=name)
    if finding.code == "section_missing":
        steps = [opened]
        if section.on:
            steps.append(_tr(QT_TRANSLATE_NOOP("Doctor", "Tick {options}")).format(options=_list(section.on)))
        if section.off:
            steps.append(_tr(QT_TRANSLATE_NOOP("Doctor", "Leave {options} unticked")).format(options=_list(section.off)))
        return [*steps, _tr(QT_TRANSLATE_NOOP("Doctor", "Select All, but leave Model unticked; then Save"))]
    if finding.code in {"fields_missing", "times_missing"}:
        fields = ", ".join(_field(section, each) for each in finding.fields)
        return [
            opened,
            _tr(QT_TRANSLATE_NOOP("Doctor", "Tick {fields}, or Select All without Model; then Save")).format(fields=fields),
        ]
    if finding.code == "model_column":
        return [opened, _tr(QT_TRANSLATE_NOOP("Doctor", "Take the tick off Model; then Save"))]
    steps = [opened]
    if finding.code == "level_missing":
        steps.append(_tr(QT_TRANSLATE_NOOP("Doctor", "Tick {options}")).format(options=_list(section.on)))
    return [*steps, _tr(QT_TRANSLATE_NOOP("Doctor", "Take the tick off {options}; then Save")).format(options=_list(section.off))]


_SETTING_OF = {
    "wrong_format": "format",
    "period_collapsed": "period",
    "breakout_by_day": "breakout_by_day",
    "alias_for_account": "account_alias",
    "ambiguous_dates": "date_format",
    "currency_rates_on": "currency_rates",
}


def _at_foot(finding: Finding, report_type: str) -> list[str]:
    wanted = _SETTING_OF.get(finding.code)
    return [
        _tr(QT_TRANSLATE_NOOP("Doctor", "Set {setting} to {value}")).format(
            setting=ibkr_name(each.name), value=ibkr_name(each.value)
        )
        for each in query_guide(report_type).settings
        if each.id == wanted
    ]


def _field(section: QuerySection | None, xml: str) -> str:
    if section is not None:
        for each in section.fields:
            if each.xml == xml:
                return each.name
    return xml


def _list(options: tuple[Words, ...]) -> str:
    return ", ".join(ibkr_name(each) for each in options)


def ibkr_name(words: Words) -> str:
    """Return IBKR's word in the user's language, with the English one beside it where they differ: an account may speak either.

    Where IBKR's own word is not known, the guide's begins with the English one, and ours stands behind it.
    """
    mine = words.of(spoken())
    return mine if mine.startswith(words.en) else f"{mine} ({words.en})"


def _tr(text: str) -> str:
    return QCoreApplication.translate("Doctor", text)
