"""The one style sheet, generated from the colours: geometry, borders, hover and checked states of the standard widgets."""

from __future__ import annotations

from string import Template

from ibjournal.gui.tokens import Tokens

_SHEET = """
QToolTip { background: $raised; color: $text; border: 1px solid $border_strong; padding: 4px 8px; }
QLabel { background: transparent; }
QLabel[tone="muted"] { color: $text_muted; }
QLabel[tone="strong"] { color: $text_strong; }
QLabel[tone="positive"] { color: $positive; }
QLabel[tone="negative"] { color: $negative; }
QLabel[tone="warning"] { color: $warning; }
QLabel[tone="info"] { color: $info; }
QLabel[tone="accent"] { color: $accent; }
QLabel[tone="disabled"] { color: $text_disabled; }

QWidget#side { background: $sidebar; border: 0; border-right: 1px solid $border; }
QWidget#topBar { background: $window; border: 0; border-bottom: 1px solid $border; }
QWidget#statusBar { background: $window; border: 0; border-top: 1px solid $border; }
QWidget#filterBar { background: $window; border: 0; border-bottom: 1px solid $border; }
QWidget#pane { background: $surface; border: 0; border-left: 1px solid $border; }
QWidget#dialogFoot { background: $window; border: 0; border-top: 1px solid $border; }
QWidget#surface, QStackedWidget#surface { background: $surface; }
QFrame#panel, QFrame#card { background: $surface; border: 1px solid $border; border-radius: 8px; }
QFrame#sunkenBox { background: $sunken; border: 1px solid $border; border-radius: 8px; }
QFrame#infoBox { background: $info_soft; border: 0; border-radius: 6px; }
QFrame#warningBox { background: $warning_soft; border: 0; border-radius: 6px; }
QFrame#negativeBox { background: $negative_soft; border: 0; border-radius: 6px; }
QFrame#positiveBox { background: $positive_soft; border: 0; border-radius: 6px; }
QFrame#tile { background: transparent; border: 0; border-right: 1px solid $border; }
QFrame#tile[last="true"] { border-right: 0; }
QFrame#chip { background: $sunken; border: 1px solid $border; border-radius: 10px; }
QFrame#chip[kind="warning"] { background: $warning_soft; border-color: $warning_soft; }
QFrame#chip[kind="info"] { background: $info_soft; border-color: $info_soft; }
QFrame#chip[kind="positive"] { background: $positive_soft; border-color: $positive_soft; }
QFrame#chip[kind="negative"] { background: $negative_soft; border-color: $negative_soft; }
QFrame#chip[kind="accent"] { background: $accent_soft; border-color: $accent_soft; }
QFrame#hairline { background: $border; border: 0; max-height: 1px; min-height: 1px; }
QWidget#errorBar { background: $warning_soft; border: 0; border-bottom: 1px solid $border; }
QWidget#errorBar[kind="info"] { background: $info_soft; }
QWidget#errorBar[kind="negative"] { background: $negative_soft; }
QLabel#stepNumber { background: $accent_soft; color: $accent; border-radius: 10px; }
QLabel#wizardStep { background: $sidebar; color: $text_muted; border: 1px solid $border_strong; border-radius: 14px; }
QLabel#wizardStep[state="now"] { background: $accent; color: $accent_text; border-color: $accent; }
QLabel#wizardStep[state="done"] { background: $positive_soft; color: $positive; border-color: $positive_soft; }
QTreeView#checklist { border: 1px solid $border; border-radius: 6px; }
QTreeView#checklist::item { height: 26px; }
QTreeView#checklist QHeaderView::section { padding: 0 3px; }
QTreeView#checklist::indicator { width: 14px; height: 14px; border: 1px solid $field_border; border-radius: 4px;
  background: $surface; }
QTreeView#checklist::indicator:checked { background: $accent; border-color: $accent; image: url("$check"); }
QTreeView#checklist::indicator:indeterminate { background: $accent_soft; border-color: $accent; }
QToolButton#colorDot { min-height: 24px; min-width: 24px; padding: 0; }
QToolButton#colorDot:checked { border: 2px solid $accent; }

QPushButton, QToolButton, QRadioButton, QCheckBox { outline: 0; }
QPushButton, QToolButton[framed="true"] {
  background: $raised; color: $text; border: 1px solid $border_strong; border-radius: 6px;
  padding: 0 10px; min-height: 28px; }
QPushButton:hover, QToolButton[framed="true"]:hover, QPushButton:pressed { background: $hover; }
QPushButton:disabled, QToolButton[framed="true"]:disabled { color: $text_disabled; border-color: $border; }
QPushButton[primary="true"] { background: $accent; border-color: $accent; color: $accent_text; font-weight: 600; padding: 0 14px; }
QPushButton[primary="true"]:hover { background: $accent_hover; border-color: $accent_hover; }
QPushButton[primary="true"]:disabled { background: $border_strong; border-color: $border_strong; color: $text_disabled; }
QPushButton[small="true"] { min-height: 24px; padding: 0 8px; font-size: ${s12}px; }
QPushButton[danger="true"] { color: $negative; }
QPushButton[flat="true"], QToolButton { background: transparent; border: 1px solid transparent; border-radius: 6px;
  padding: 0 7px; }
QToolButton { min-height: 28px; min-width: 16px; color: $text; }
QToolButton[small="true"] { min-height: 24px; padding: 0 5px; }
QPushButton[flat="true"]:hover, QToolButton:hover { background: $hover; }
QLineEdit > QToolButton { min-height: 0; min-width: 0; padding: 0; border: 0; background: transparent; }
QToolButton:checked { color: $accent; }
QToolButton[step="left"], QToolButton[step="right"] { background: $raised; border: 1px solid $border_strong; border-radius: 0;
  min-width: 28px; padding: 0; }
QToolButton[step="left"] { border-top-left-radius: 6px; border-bottom-left-radius: 6px; border-right-color: $border; }
QToolButton[step="right"] { border-top-right-radius: 6px; border-bottom-right-radius: 6px; border-left-color: $border; }
QToolButton[step="middle"] { background: $raised; border: 1px solid $border_strong; border-left: 0; border-right: 0;
  border-radius: 0; padding: 0 10px; }
QToolButton[step]:hover { background: $hover; }
QToolButton[step]:disabled { color: $text_disabled; }
QToolButton::menu-indicator, QPushButton::menu-indicator { image: none; width: 0; }
QPushButton[link="true"] { background: transparent; border: 0; color: $accent; font-weight: 500; padding: 0 2px; }
QPushButton[link="true"]:hover { color: $accent_hover; text-decoration: underline; }

QPushButton[segment] { border-radius: 0; border-left-width: 0; border-right-color: $border; background: $raised; padding: 0 10px;
  font-size: ${s12}px; }
QPushButton[segment="first"] { border-left-width: 1px; border-top-left-radius: 6px; border-bottom-left-radius: 6px; }
QPushButton[segment="last"] { border-right-color: $border_strong; border-top-right-radius: 6px; border-bottom-right-radius: 6px; }
QPushButton[segment="only"] { border-left-width: 1px; border-radius: 6px; }
QPushButton[segment]:checked { background: $selection; color: $text_strong; font-weight: 600; }

QPushButton[nav="true"] { background: transparent; border: 0; border-radius: 6px; min-height: 32px; max-height: 32px;
  padding: 0 10px; text-align: left; color: $text; }
QPushButton[nav="true"]:hover { background: $selection_inactive; }
QPushButton[nav="true"]:checked { background: $selection; color: $text_strong; font-weight: 600; }

QLineEdit, QPlainTextEdit, QTextEdit, QDateEdit, QTimeEdit, QComboBox, QSpinBox {
  background: $surface; color: $text_strong; border: 1px solid $field_border; border-radius: 6px; padding: 0 8px;
  selection-background-color: $selection; selection-color: $text_strong; }
QLineEdit, QDateEdit, QTimeEdit, QComboBox, QSpinBox { min-height: 28px; }
QDateEdit, QTimeEdit, QSpinBox { max-height: 28px; }
QTimeEdit { min-width: 56px; }
QTimeEdit::up-button, QTimeEdit::down-button { border: 0; width: 20px; background: transparent; }
QTimeEdit::up-button { subcontrol-origin: border; subcontrol-position: top right; }
QTimeEdit::down-button { subcontrol-origin: border; subcontrol-position: bottom right; }
QTimeEdit::up-arrow { image: url("$chevron_up"); width: 11px; height: 11px; }
QTimeEdit::down-arrow { image: url("$chevron_down"); width: 11px; height: 11px; }
QTimeEdit QLineEdit { border: 0; padding: 0 0 0 8px; min-height: 0; background: transparent; }
QAbstractScrollArea::corner { background: transparent; border: 0; }
QPlainTextEdit, QTextEdit { padding: 6px 8px; }
QLineEdit:focus, QPlainTextEdit:focus, QTextEdit:focus, QDateEdit:focus, QTimeEdit:focus, QComboBox:focus {
  border: 1px solid $focus; }
QLineEdit[fault="true"], QDateEdit[fault="true"] { border: 1px solid $negative; }
QLineEdit:disabled, QDateEdit:disabled, QTimeEdit:disabled, QComboBox:disabled, QPlainTextEdit:disabled {
  color: $text_disabled; border-color: $border; }
QComboBox::drop-down { border: 0; width: 24px; }
QComboBox::down-arrow { image: url("$chevron_down"); width: 14px; height: 14px; }
QDateEdit::drop-down { border: 0; width: 24px; }
QDateEdit::down-arrow { image: url("$chevron_down"); width: 14px; height: 14px; }
QComboBox QAbstractItemView { background: $raised; border: 1px solid $border_strong; outline: 0; padding: 4px; }

QMessageBox QLabel#qt_msgbox_label { font-size: ${s15}px; font-weight: 600; color: $text_strong; }
QCheckBox, QRadioButton { spacing: 8px; background: transparent; }
QCheckBox::indicator { width: 14px; height: 14px; border: 1px solid $field_border; border-radius: 4px; background: $surface; }
QCheckBox::indicator:checked { background: $accent; border-color: $accent; image: url("$check"); }
QCheckBox::indicator:disabled { border-color: $border_strong; background: $window; }
QCheckBox::indicator:checked:disabled { background: $border_strong; }
QRadioButton::indicator { width: 14px; height: 14px; border: 1px solid $field_border; border-radius: 8px; background: $surface; }
QRadioButton::indicator:checked { border: 5px solid $accent; width: 6px; height: 6px; }

QMenu { background: $raised; color: $text; border: 1px solid $border_strong; padding: 4px; }
QMenu::item { padding: 5px 24px 5px 10px; border-radius: 4px; }
QMenu::item:selected { background: $selection; color: $text_strong; }
QMenu::item:disabled { color: $text_disabled; }
QMenu::separator { height: 1px; background: $border; margin: 4px 6px; }
QMenu::icon { padding-left: 6px; }
QMenu::indicator { width: 14px; height: 14px; margin-left: 6px; }

QAbstractScrollArea { border: 0; }
QTreeView::branch:closed:has-children { image: url("$chevron_right"); padding: 2px; }
QTreeView::branch:open:has-children { image: url("$chevron_down"); padding: 2px; }
QScrollArea, QScrollArea > QWidget > QWidget#scrolled { background: transparent; }
QTableView, QTreeView, QListView { background: $surface; border: 0; outline: 0; selection-background-color: $selection;
  selection-color: $text_strong; }
QListView#pages { background: $sidebar; border-right: 1px solid $border; padding: 8px; font-size: ${s13}px; }
QListView#pages::item { height: 32px; padding: 0 10px; border-radius: 6px; color: $text; }
QListView#pages::item:hover { background: $selection_inactive; }
QListView#pages::item:selected { background: $selection; color: $text_strong; }
QHeaderView { background: $surface; border: 0; }
QHeaderView::section { background: $surface; color: $text_muted; border: 0; border-bottom: 1px solid $border; padding: 0 8px; }
QTableCornerButton::section { background: $surface; border: 0; }
QSplitter::handle { background: $border; }
QSplitter::handle:horizontal { width: 1px; }
QSplitter::handle:vertical { height: 1px; }

QTabBar { background: transparent; border: 0; }
QTabBar::tab { background: transparent; color: $text_muted; border: 0; border-bottom: 2px solid transparent; padding: 0 10px;
  height: 32px; font-size: ${s12}px; }
QTabBar::tab:hover { color: $text; }
QTabBar::tab:selected { color: $text_strong; border-bottom: 2px solid $accent; font-weight: 600; }
QTabWidget::pane { border: 0; border-top: 1px solid $border; }

QProgressBar { background: $border; border: 0; border-radius: 2px; max-height: 4px; min-height: 4px; text-align: center; }
QProgressBar::chunk { background: $accent; border-radius: 2px; }
QProgressBar#busy { background: transparent; border-radius: 0; max-height: 2px; min-height: 2px; }

QScrollBar:vertical { background: transparent; width: 10px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 10px; margin: 0; }
QScrollBar::handle { background: $border_strong; border-radius: 4px; margin: 1px; }
QScrollBar::handle:vertical { min-height: 32px; }
QScrollBar::handle:horizontal { min-width: 32px; }
QScrollBar::handle:hover { background: $field_border; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }

QCalendarWidget QWidget { background: $surface; alternate-background-color: $sunken; }
QCalendarWidget QToolButton { color: $text_strong; }
QCalendarWidget QAbstractItemView:enabled { selection-background-color: $accent; selection-color: $accent_text; }
"""


def style_sheet(tokens: Tokens, *, scale: float = 1.0, images: dict[str, str] | None = None) -> str:
    """Return the application's style sheet for a set of colours.

    Args:
        tokens: the colours.
        scale: the user's text size; 1.0 is 13 px.
        images: file paths of the few marks that a style sheet can only take from files (``check`` and the chevrons).
    """
    values: dict[str, str] = {name: str(getattr(tokens, name)) for name in tokens.__slots__ if name != "series"}
    values |= {f"s{size}": str(round(size * scale)) for size in (11, 12, 13, 15)}
    values |= {"check": "", "chevron_down": "", "chevron_up": "", "chevron_right": ""} | (images or {})
    return Template(_SHEET).substitute(values)
