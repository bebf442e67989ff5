"""What changes a position without a fill, in words: IBKR's types, what an event does, and how far it was applied."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from ibjournal.gui.error_words import QT_TRANSLATE_NOOP

TYPES: dict[str, str] = {
    "BC": QT_TRANSLATE_NOOP("Events", "Bond conversion"),
    "BM": QT_TRANSLATE_NOOP("Events", "Bond matured"),
    "CA": QT_TRANSLATE_NOOP("Events", "Contract, cash compensation"),
    "CC": QT_TRANSLATE_NOOP("Events", "Contract consolidation"),
    "CD": QT_TRANSLATE_NOOP("Events", "Cash dividend"),
    "CH": QT_TRANSLATE_NOOP("Events", "Dividend by choice"),
    "CI": QT_TRANSLATE_NOOP("Events", "Convertible issue"),
    "CO": QT_TRANSLATE_NOOP("Events", "Contract spin-off"),
    "CP": QT_TRANSLATE_NOOP("Events", "Coupon payment"),
    "CS": QT_TRANSLATE_NOOP("Events", "Contract split"),
    "CT": QT_TRANSLATE_NOOP("Events", "CFD terminated"),
    "DI": QT_TRANSLATE_NOOP("Events", "Issue of dividend rights"),
    "DW": QT_TRANSLATE_NOOP("Events", "Delisted, worthless"),
    "ED": QT_TRANSLATE_NOOP("Events", "Dividend right expired"),
    "FA": QT_TRANSLATE_NOOP("Events", "Fee allocation"),
    "FI": QT_TRANSLATE_NOOP("Events", "Split, new shares issued"),
    "FS": QT_TRANSLATE_NOOP("Events", "Split"),
    "GV": QT_TRANSLATE_NOOP("Events", "Voluntary offer"),
    "HD": QT_TRANSLATE_NOOP("Events", "Choice dividend delivered"),
    "HI": QT_TRANSLATE_NOOP("Events", "Choice dividend issued"),
    "IC": QT_TRANSLATE_NOOP("Events", "New symbol or ISIN"),
    "OR": QT_TRANSLATE_NOOP("Events", "Asset purchase"),
    "PI": QT_TRANSLATE_NOOP("Events", "Issue against payment"),
    "PV": QT_TRANSLATE_NOOP("Events", "Proxy vote"),
    "RI": QT_TRANSLATE_NOOP("Events", "Issue of rights"),
    "RS": QT_TRANSLATE_NOOP("Events", "Reverse split"),
    "SD": QT_TRANSLATE_NOOP("Events", "Stock dividend"),
    "SO": QT_TRANSLATE_NOOP("Events", "Spin-off"),
    "SR": QT_TRANSLATE_NOOP("Events", "Rights subscribed"),
    "TC": QT_TRANSLATE_NOOP("Events", "Merger or maturity"),
    "TI": QT_TRANSLATE_NOOP("Events", "Tender, new shares issued"),
    "TM": QT_TRANSLATE_NOOP("Events", "Treasury bill matured"),
    "TO": QT_TRANSLATE_NOOP("Events", "Tender offer"),
    "INTERNAL": QT_TRANSLATE_NOOP("Events", "Transfer between own accounts"),
    "ACATS": QT_TRANSLATE_NOOP("Events", "Transfer from or to a broker (ACATS)"),
    "ATON": QT_TRANSLATE_NOOP("Events", "Transfer from or to a broker (ATON)"),
    "FOP": QT_TRANSLATE_NOOP("Events", "Transfer free of payment"),
    "DWAC": QT_TRANSLATE_NOOP("Events", "Transfer to or from the registrar (DWAC)"),
    "DRS": QT_TRANSLATE_NOOP("Events", "Transfer to or from the registrar (DRS)"),
    "TRADETRANSFER": QT_TRANSLATE_NOOP("Events", "Trade transferred"),
    "ACCOUNT_LINK": QT_TRANSLATE_NOOP("Events", "Account with a new number"),
}
"""IBKR's types of corporate actions and transfers."""

KINDS: dict[str, str] = {
    "split": QT_TRANSLATE_NOOP("Events", "Units change, cost and result stay"),
    "exchange": QT_TRANSLATE_NOOP("Events", "Lots move with their cost and dates"),
    "spin_off": QT_TRANSLATE_NOOP("Events", "A part of the cost goes to the new units"),
    "issue": QT_TRANSLATE_NOOP("Events", "Units were received"),
    "removal": QT_TRANSLATE_NOOP("Events", "The position was closed"),
    "transfer_in": QT_TRANSLATE_NOOP("Events", "Units came from elsewhere"),
    "transfer_out": QT_TRANSLATE_NOOP("Events", "Lots left with their cost"),
    "unknown": QT_TRANSLATE_NOOP("Events", "Not understood"),
}
"""What an event does to lots."""


class State:
    """How far an event was applied: icon, colour token and word."""

    def __init__(self, icon: str, tone: str, word: str) -> None:
        self.icon, self.tone, self.word = icon, tone, word


def type_word(code: str) -> str:
    """Return the words for IBKR's type of an event; the type itself where there are none."""
    words = TYPES.get(code) or TYPES.get(code.upper())
    return QCoreApplication.translate("Events", words) if words else code or QCoreApplication.translate("Events", "Event")


def kind_word(kind: str) -> str:
    """Return what a kind of event does to lots."""
    words = KINDS.get(kind)
    return QCoreApplication.translate("Events", words) if words else kind


def state_of(state: str) -> State:
    """Return how a state of an event is shown: ``applied``, ``basis_asked``, ``not_applied``, ``no_effect``."""
    translate = QCoreApplication.translate
    return {
        "applied": State("check", "positive", translate("Events", "applied")),
        "basis_asked": State("circle-question-mark", "warning", translate("Events", "cost asked")),
        "not_applied": State("triangle-alert", "warning", translate("Events", "not applied")),
        "no_effect": State("minus", "text_muted", translate("Events", "no effect")),
    }.get(state, State("info", "text_muted", state))
