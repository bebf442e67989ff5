"""The codes of a performance report in words: figures, reasons, problems, groups, conventions."""

from __future__ import annotations

from decimal import Decimal

from PySide6.QtCore import QCoreApplication, QLocale, QObject

from ibjournal.domain.instrument import AssetClass
from ibjournal.gui.widgets import figures, formats
from ibjournal.services.performance import Convention, Figure, Group

_CHANGES = frozenset({"net_result", "expectancy", "average_win", "average_loss", "best_trade", "worst_trade", "profit"})
"""Money that is a change: with its sign and in its colour."""
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def name_of(figure: Figure) -> str:
    """Return a figure's name."""
    translate = QCoreApplication.translate
    names = {
        "net_result": translate("Performance", "Net result"),
        "expectancy": translate("Performance", "Expectancy"),
        "average_win": translate("Performance", "Average win"),
        "average_loss": translate("Performance", "Average loss"),
        "best_trade": translate("Performance", "Best trade"),
        "worst_trade": translate("Performance", "Worst trade"),
        "profit_factor": translate("Performance", "Profit factor"),
        "payoff": translate("Performance", "Average win to loss"),
        "kelly": translate("Performance", "Kelly fraction"),
        "win_rate": translate("Performance", "Win rate"),
        "longest_winning_run": translate("Performance", "Longest winning run"),
        "longest_losing_run": translate("Performance", "Longest losing run"),
        "holding_time_median": translate("Performance", "Holding time, median"),
        "sqn": translate("Performance", "SQN"),
        "average_r": translate("Performance", "Average R"),
        "trades": translate("Performance", "Closed trades"),
        "break_even": translate("Performance", "Break-even trades"),
    }
    return names.get(figure.name, figure.name.replace("_", " ").capitalize())


def meaning_of(figure: Figure) -> str:
    """Say how a figure is defined, for its tooltip."""
    translate = QCoreApplication.translate
    return {
        "net_result": translate("Performance", "Sum of the net results of the closed trades, after fees."),
        "expectancy": translate("Performance", "Mean net result of a trade, break-even trades included."),
        "average_win": translate("Performance", "Mean of the trades that ended above zero."),
        "average_loss": translate("Performance", "Mean of the trades that ended below zero."),
        "profit_factor": translate("Performance", "Sum of the wins over the sum of the losses."),
        "payoff": translate("Performance", "Average win over average loss."),
        "kelly": translate("Performance", "Share of capital that Kelly’s formula would stake. Not advice; shaky with few trades."),
        "win_rate": translate("Performance", "Wins over wins and losses; break-even trades are left out."),
        "longest_winning_run": translate(
            "Performance", "Most wins in a row by time of closing; break-even trades do not end a run."
        ),
        "longest_losing_run": translate(
            "Performance", "Most losses in a row by time of closing; break-even trades do not end a run."
        ),
        "holding_time_median": translate("Performance", "Half of the trades were held longer, from first fill to last."),
        "sqn": translate(
            "Performance", "System quality number: root of the number of trades (at most 100) times mean R over its deviation."
        ),
    }.get(figure.name, "")


def value_of(figure: Figure, *, masked: bool) -> str:
    """Write a figure by its kind."""
    if figure.value is None:
        return formats.DASH
    match figure.kind:
        case "money":
            write = figures.change if figure.name in _CHANGES else figures.amount
            return write(figure.value, masked=masked)
        case "ratio":
            return formats.percent(figure.value, 1 if figure.name in {"win_rate", "kelly"} else 2)
        case "days":
            return _days(figure.value)
        case "count" if figure.name.startswith("longest_"):
            return _CountWords().trades(int(figure.value))
        case "count":
            return formats.quantity(figure.value)
        case _:
            return formats.number(figure.value)


def tone_of(figure: Figure, *, masked: bool = False) -> str:
    """Return the colour token for a figure's value: a gain, a loss, or ink."""
    if figure.value is None or figure.too_few or (masked and figure.kind == "money"):
        return "text_muted"
    if figure.name in _CHANGES:
        return {1: "positive", -1: "negative"}.get(formats.sign_of(figure.value), "text_muted")
    return "text_strong"


def count_of(figure: Figure) -> str:
    """Write what a figure rests on: ``586``, ``418 of 586``, ``9, too few``."""
    if figure.n is None:
        return ""
    translate = QCoreApplication.translate
    count = formats.quantity(Decimal(figure.n))
    if figure.too_few:
        return translate("Performance", "{count}, too few").format(count=count)
    if figure.of is not None and figure.of != figure.n:
        return translate("Performance", "{count} of {all}").format(count=count, all=formats.quantity(Decimal(figure.of)))
    return count


def why_not(figure: Figure) -> str:
    """Say why a figure has no value, briefly."""
    translate = QCoreApplication.translate
    return {
        "no_equity": translate("Performance", "no values"),
        "no_data": translate("Performance", "no values"),
        "nav_not_positive": translate("Performance", "value was not above zero"),
        "shorter_than_a_year": translate("Performance", "shorter than a year"),
        "no_solution": translate("Performance", "no solution"),
        "no_unique_solution": translate("Performance", "no unique solution"),
        "no_spread": translate("Performance", "too few different days"),
        "no_trades": translate("Performance", "no closed trades"),
        "no_wins": translate("Performance", "no wins"),
        "no_losses": translate("Performance", "no losses"),
    }.get(figure.why, "")


def problem_text(code: str) -> str:
    """Say what a report lacks and what to do about it."""
    translate = QCoreApplication.translate
    return {
        "no_equity": translate(
            "Performance",
            "No net asset values in this period. Add the section “Net Asset Value (NAV) in Base” to your Activity query"
            " to see returns.",
        ),
        "mixed_base_currencies": translate(
            "Performance", "These accounts have different base currencies. Choose one depot to see its performance."
        ),
        "nav_not_positive": translate(
            "Performance", "On some days the net asset value was zero or below; a return cannot be computed over them."
        ),
        "base_currency_unknown": translate(
            "Performance",
            "For some accounts no report names the base currency; they are left out. Add “Account Information” to your"
            " Activity query.",
        ),
        "flow_without_rate": translate(
            "Performance", "A deposit or withdrawal in another currency has no exchange rate; it counts as a gain or loss here."
        ),
        "trades_without_rate": translate(
            "Performance", "Trades without an exchange rate on their closing day are left out of the statistics."
        ),
        "trades_without_result": translate(
            "Performance",
            "Trades whose entry is older than the reports and whose result is not known are left out of the statistics.",
        ),
        "accounts_end_on_different_days": translate(
            "Performance", "The accounts’ reports end on different days; the last known value of an account stands for later days."
        ),
    }.get(code, code.replace("_", " "))


def convention_name(convention: Convention) -> str:
    """Return the short name of a cash-flow convention."""
    translate = QCoreApplication.translate
    return {
        Convention.IBKR: translate("Performance", "IBKR"),
        Convention.PP: translate("Performance", "Portfolio Performance"),
        Convention.START: translate("Performance", "Start of day"),
    }[convention]


def convention_text(convention: Convention) -> str:
    """Say when a day's deposits and withdrawals count."""
    translate = QCoreApplication.translate
    return {
        Convention.IBKR: translate("Performance", "time-weighted, flows at the end of the day (as IBKR)"),
        Convention.PP: translate("Performance", "time-weighted, inflows at the start, outflows at the end of the day"),
        Convention.START: translate("Performance", "time-weighted, flows at the start of the day"),
    }[convention]


def grouping_names() -> tuple[tuple[str, str, str], ...]:
    """Return what results can be grouped by: key, name, title of the panel."""
    translate = QCoreApplication.translate
    return (
        ("symbol", translate("Performance", "Symbol"), translate("Performance", "By symbol")),
        ("asset_class", translate("Performance", "Asset class"), translate("Performance", "By asset class")),
        ("weekday", translate("Performance", "Weekday"), translate("Performance", "By weekday of closing")),
        ("side", translate("Performance", "Side"), translate("Performance", "By side")),
    )


def group_name(group: Group, by: str) -> str:
    """Return the name of a breakdown's line."""
    translate = QCoreApplication.translate
    if by == "weekday" and group.label in _DAYS:
        return QLocale().standaloneDayName(_DAYS.index(group.label) + 1)
    if by == "side":
        return {"long": translate("Performance", "Long"), "short": translate("Performance", "Short")}.get(group.label, group.label)
    if by == "asset_class":
        return {
            AssetClass.STK.value: translate("Performance", "Shares"),
            AssetClass.OPT.value: translate("Performance", "Options"),
            AssetClass.FUT.value: translate("Performance", "Futures"),
            AssetClass.FOP.value: translate("Performance", "Options on futures"),
            AssetClass.WAR.value: translate("Performance", "Warrants"),
            AssetClass.IOPT.value: translate("Performance", "Structured products"),
            AssetClass.CFD.value: translate("Performance", "CFDs"),
            AssetClass.BOND.value: translate("Performance", "Bonds"),
            AssetClass.BILL.value: translate("Performance", "Treasury bills"),
            AssetClass.FUND.value: translate("Performance", "Funds"),
            AssetClass.CASH.value: translate("Performance", "Currencies"),
            AssetClass.CMDTY.value: translate("Performance", "Commodities"),
            AssetClass.CRYPTO.value: translate("Performance", "Crypto"),
            AssetClass.OTHER.value: translate("Performance", "Other"),
        }.get(group.label, group.label)
    return group.label


def _days(value: Decimal) -> str:
    translate = QCoreApplication.translate
    hours_in_day = 24
    if value < 1:
        hours = value * hours_in_day
        return translate("Performance", "{count} h").format(count=formats.number(hours, 1))
    return _CountWords().days(int(value.quantize(Decimal(1))))


class _CountWords(QObject):
    """Plurals: the tool that collects the words knows them by ``self.tr`` alone."""

    def trades(self, count: int) -> str:
        return self.tr("1 trade") if count == 1 else self.tr("%Ln trades", "", count)

    def days(self, count: int) -> str:
        return self.tr("1 day") if count == 1 else self.tr("%Ln days", "", count)
