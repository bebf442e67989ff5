"""The frame around the wizard's pages: the steps at the left, the buttons at the foot, a page with its help."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from ibjournal.gui.theme import Space, Type
from ibjournal.gui.widgets.labels import button, icon_label, label, repolish, set_tone
from ibjournal.gui.widgets.sidebar import program_mark
from ibjournal.gui.wizard.state import Step, WizardState

SIDE = 264
HELP = 360
FORM = 680
FOOT = 60
FOLD_BELOW = 1280
"""Window width below which the help stands under the form."""


class StepsSide(QWidget):
    """The five steps, which of them are done, and the promise at the foot."""

    def __init__(self, steps: Sequence[tuple[str, str]], parent: QWidget | None = None) -> None:
        """Build it from ``(name, what it is about)``."""
        super().__init__(parent)
        self.setObjectName("side")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedWidth(SIDE)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 20, 20, 20)
        column.setSpacing(0)
        brand = QHBoxLayout()
        brand.setSpacing(10)
        mark = QLabel()
        mark.setPixmap(program_mark(22))
        brand.addWidget(mark)
        brand.addWidget(label("ibjournal", role=Type.SUBHEAD, tone="strong"), 1)
        column.addLayout(brand)
        column.addSpacing(20)
        self._lines: list[tuple[QLabel, QLabel, QLabel]] = []
        self._names = [name for name, _about in steps]
        for number, (name, about) in enumerate(steps, start=1):
            row = QHBoxLayout()
            row.setSpacing(14)
            badge = QLabel(str(number))
            badge.setObjectName("wizardStep")
            badge.setFont(label("", role=Type.SYMBOL).font())
            badge.setFixedSize(28, 28)
            badge.setAlignment(Qt.AlignmentFlag.AlignCenter)
            title = label(name)
            texts = QVBoxLayout()
            texts.setSpacing(0)
            texts.addWidget(title)
            below = label(about, role=Type.SECONDARY, tone="muted", wrap=True)
            texts.addWidget(below)
            row.addWidget(badge, 0, Qt.AlignmentFlag.AlignTop)
            row.addLayout(texts, 1)
            column.addLayout(row)
            column.addSpacing(26)
            self._lines.append((badge, title, below))
        column.addStretch(1)
        promise = QHBoxLayout()
        promise.setSpacing(6)
        promise.addWidget(icon_label("shield-check", size=15))
        promise.addWidget(label(self.tr("Stays with you"), role=Type.SECONDARY_STRONG), 1)
        column.addLayout(promise)
        column.addSpacing(4)
        text = self.tr("A token is never written into a file. ibjournal talks to IBKR and to nobody else.")
        column.addWidget(label(text, role=Type.SECONDARY, tone="muted", wrap=True))

    def rename(self, step: Step, name: str, about: str) -> None:
        """Give a step another name: what it asks for depends on where reports come from."""
        _badge, title, below = self._lines[step]
        title.setText(name)
        below.setText(about)
        self._names[step] = name

    def show_step(self, step: Step) -> None:
        """Mark a step as the current one and those before it as done."""
        for number, (badge, title, _about) in enumerate(self._lines):
            state = "done" if number < step else "now" if number == step else "ahead"
            badge.setText("✓" if state == "done" else str(number + 1))
            badge.setProperty("state", state)
            repolish(badge)
            font = label("", role=Type.STRONG if state == "now" else Type.TEXT).font()
            title.setFont(font)
            set_tone(title, "muted" if state == "ahead" else "strong")
            title.setFont(font)  # another tone takes the font back to the one before
        words = self.tr("Step {number} of {total}: {name}")
        self.setAccessibleName(words.format(number=step + 1, total=len(self._lines), name=self._names[step]))


class Foot(QWidget):
    """A note at the left; Later, Back, Next at the right."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("dialogFoot")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedHeight(FOOT)
        row = QHBoxLayout(self)
        row.setContentsMargins(40, 0, 24, 0)
        row.setSpacing(10)
        self.note = label("", role=Type.SECONDARY, tone="muted", wrap=True)
        self.later = button(self.tr("&Set up later"))
        self.back = button(self.tr("&Back"), icon="chevron-left")
        self.next = button(self.tr("&Next"), primary=True)
        row.addWidget(self.note, 1)
        row.addWidget(self.later)
        row.addSpacing(8)
        row.addWidget(self.back)
        row.addWidget(self.next)


class WizardPage(QWidget):
    """A page: number, title and lead above a form of at most 680, and help beside it or below it.

    Pages read and write the `WizardState`; they know neither the other pages nor the window.
    """

    told = Signal(str)
    """What the foot should say."""
    next_wanted = Signal()
    """The page itself asks to go on."""
    edited = Signal()
    """Something was typed or chosen."""

    step: Step

    def __init__(self, state: WizardState, title: str, lead: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.state = state
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(0)
        inner = QWidget()
        inner.setObjectName("scrolled")
        outer = QHBoxLayout(inner)
        outer.setContentsMargins(40, 32, 32, 24)
        holder = QWidget()
        holder.setMaximumWidth(FORM)
        self.form = QVBoxLayout(holder)
        self.form.setContentsMargins(0, 0, 0, 0)
        self.form.setSpacing(12)
        outer.addWidget(holder, 100)
        outer.addStretch(1)
        words = self.tr("Step {number} of {total}").format(number=self.step + 1, total=len(Step))
        head = QVBoxLayout()
        head.setSpacing(4)
        head.addWidget(label(words, role=Type.SECONDARY, tone="muted"))
        self._title = label(title, role=Type.FIGURE, tone="strong", wrap=True)
        self._lead = label(lead, wrap=True)
        head.addWidget(self._title)
        head.addWidget(self._lead)
        self.form.addLayout(head)
        self.form.addSpacing(4)
        self._area = _scroll(inner)
        self._row.addWidget(self._area, 1)
        self._pane = QWidget()
        self._pane.setObjectName("pane")
        self._pane.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._pane.setFixedWidth(HELP)
        pane = QVBoxLayout(self._pane)
        pane.setContentsMargins(1, 0, 0, 0)
        beside = QWidget()
        beside.setObjectName("scrolled")
        self._beside = QVBoxLayout(beside)
        self._beside.setContentsMargins(23, 32, 24, 24)
        pane.addWidget(_scroll(beside))
        self._row.addWidget(self._pane)
        self.setAccessibleName(title)
        self._help: QWidget | None = None
        self._folded = False
        self._helps = True

    def finish_form(self, help_: QWidget) -> None:
        """Put the help in its place; called once the form is built."""
        self._help = help_
        self._beside.addWidget(help_)
        self._beside.addStretch(1)
        self.form.addStretch(1)

    def set_head(self, title: str, lead: str) -> None:
        """Say something else above the form."""
        self._title.setText(title)
        self._lead.setText(lead)
        self.setAccessibleName(title)

    def set_folded(self, *, folded: bool) -> None:
        """Show the help below the form, or beside it."""
        if self._help is not None and folded != self._folded:
            self._folded = folded
            if folded:
                self.form.insertWidget(self.form.count() - 1, self._help)
            else:
                self._beside.insertWidget(0, self._help)
        self._pane.setVisible(self._helps and not self._folded)

    def set_helps(self, *, helps: bool) -> None:
        """Show the pane of the help, or none where there is nothing to help with."""
        self._helps = helps
        self._pane.setVisible(helps and not self._folded)

    def show_part(self, part: QWidget) -> None:
        """Scroll until a part of the form is seen, also one that is laid out only now."""
        self._area.ensureWidgetVisible(part)
        QTimer.singleShot(0, part, lambda: self._area.ensureWidgetVisible(part))

    def enter(self) -> None:
        """Do what the page does when it comes to the front, and put the focus where one begins."""

    def leave(self) -> None:
        """Do what the page does when another one comes to the front."""

    def check(self) -> bool:
        """Tell whether one may go on; if not, say why and put the focus there."""
        return True


def _scroll(inner: QWidget) -> QScrollArea:
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setWidget(inner)
    return area


def help_column() -> tuple[QWidget, QVBoxLayout]:
    """Return an empty help with its layout."""
    widget = QWidget()
    column = QVBoxLayout(widget)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(Space.GAP)
    return widget, column


def note_box(icon: str, title: str, text: str, *buttons: QWidget) -> QFrame:
    """Return a sunken box with a title, a sentence and buttons below it."""
    box = QFrame()
    box.setObjectName("sunkenBox")
    column = QVBoxLayout(box)
    column.setContentsMargins(14, 12, 14, 12)
    column.setSpacing(4)
    head = QHBoxLayout()
    head.setSpacing(8)
    head.addWidget(icon_label(icon, color="info"))
    head.addWidget(label(title, role=Type.STRONG, tone="strong", wrap=True), 1)
    column.addLayout(head)
    column.addWidget(label(text, wrap=True))
    for each in buttons:
        column.addWidget(each, 0, Qt.AlignmentFlag.AlignLeft)
    return box
