"""The second part of the check screen: events that changed positions without a fill, and what only the user can say of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from ibjournal.domain.depot import AccountId
from ibjournal.domain.period import ALL_TIME, Period
from ibjournal.domain.position_event import Place
from ibjournal.gui.check.event_pane import EventPane
from ibjournal.gui.check.event_tables import EventsTable, PairsTable
from ibjournal.gui.tasks import TaskRunner
from ibjournal.gui.theme import Space, Type
from ibjournal.gui.widgets.labels import button, label
from ibjournal.gui.widgets.panel import EmptyState, Panel
from ibjournal.services.changes import Changes
from ibjournal.services.events import AccountLink, ConversionPair, EventRow, EventsService, EventState, LinkSuggestion

_SIDE, _SIDE_WIDE, _WIDE, _NARROW = 372, 480, 1900, 1000
_BELOW = 190
_INSET = 7
WAITING = frozenset({EventState.BASIS_ASKED, EventState.NOT_APPLIED})


@dataclass(frozen=True, slots=True)
class LoadedEvents:
    """Everything that the part shows."""

    rows: tuple[EventRow, ...] = ()
    links: tuple[AccountLink, ...] = ()
    suggestions: tuple[LinkSuggestion, ...] = ()
    pairs: tuple[ConversionPair, ...] = ()

    @property
    def waiting(self) -> int:
        """How many events wait for the user, or could not be applied."""
        return sum(row.state in WAITING for row in self.rows)


class EventsPart(QWidget):
    """Lists events; tells the service what the user says."""

    changed = Signal(object)
    """`Changes` after the user said something."""
    rows_wanted = Signal(object)
    """An `EventRow` whose rows are to be shown as IBKR wrote them."""

    def __init__(self, events: EventsService, tasks: TaskRunner, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._events, self._tasks = events, tasks
        self._settling = False
        self.table = EventsTable()
        self.pane = EventPane()
        self.pairs = PairsTable()
        self.trading = button("", small=True)
        self.trading.setEnabled(False)
        self._links = QVBoxLayout()
        self._links.setSpacing(6)
        self.link_buttons: list[QWidget] = []
        self._empty = EmptyState(
            self.tr("No events"), self.tr("No split, merger or transfer stands in the reports of this period.")
        )
        self._build()
        self.table.selection_changed.connect(self._on_event)
        self.pairs.selection_changed.connect(self._show_trading)
        self.trading.clicked.connect(self._on_trading)
        self.pane.basis_told.connect(self._on_told)
        self.pane.basis_forgotten.connect(lambda event, place: self._change(self._events.forget_basis, event, place))
        self.pane.rows_wanted.connect(self.rows_wanted)

    def show_events(self, loaded: LoadedEvents) -> None:
        """Show what was read."""
        self._settling = True
        self.table.show_events(loaded.rows)
        self._settling = False
        self._empty.setVisible(not loaded.rows)
        self.table.setVisible(bool(loaded.rows))
        waiting = loaded.waiting
        self._panel.set_subtitle(self.tr("{count} need you").format(count=waiting) if waiting else "")
        self.pairs.show_pairs(loaded.pairs)
        self._pairs_panel.setVisible(bool(loaded.pairs))
        self._show_links(loaded.links, loaded.suggestions)
        self._on_event()
        self._show_trading()

    def set_masked(self, masked: bool) -> None:  # noqa: FBT001 - the slot of a toggle
        """Hide or show money."""
        self.pane.set_masked(masked)

    def set_width(self, width: int) -> None:
        """Take the room that the screen has."""
        self.pane.setFixedWidth(_SIDE_WIDE if width >= _WIDE else _SIDE if width >= _NARROW else 320)

    def _build(self) -> None:
        self._panel = Panel(self.tr("Events"))
        self._panel.body.setContentsMargins(_INSET, 0, _INSET, _INSET)
        self._panel.body.addWidget(self.table, 1)
        self._panel.body.addWidget(self._empty, 1)
        self._pairs_panel = Panel(self.tr("Currency conversions"), self.tr("no trades, unless you say so"), [self.trading])
        self._pairs_panel.body.setContentsMargins(_INSET, 0, _INSET, _INSET)
        self._pairs_panel.set_content(self.pairs)
        self._pairs_panel.setFixedHeight(_BELOW)
        self._links_panel = Panel(self.tr("Accounts with a new number"))
        holder = QWidget()
        holder.setLayout(self._links)
        self._links.setContentsMargins(Space.PADDING, 0, Space.PADDING, Space.CELL)
        self._links_panel.set_content(holder)
        self._links_panel.setFixedHeight(_BELOW)
        below = QHBoxLayout()
        below.setSpacing(Space.GAP)
        below.addWidget(self._pairs_panel, 3)
        below.addWidget(self._links_panel, 2)
        left = QVBoxLayout()
        left.setSpacing(Space.GAP)
        left.addWidget(self._panel, 1)
        left.addLayout(below)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(Space.GAP)
        row.addLayout(left, 1)
        row.addWidget(self.pane)

    def _show_links(self, links: Sequence[AccountLink], suggestions: Sequence[LinkSuggestion]) -> None:
        while (item := self._links.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self.link_buttons = []
        for link in links:
            words = self.tr("{old} goes on as {new}").format(old=link.old, new=link.new)
            self._links.addWidget(self._link_line(words, self.tr("Take back"), self._events.unlink, link.old))
        for guess in suggestions:
            words = self.tr("{old} looks as if it went on as {new}").format(old=guess.old, new=guess.new)
            self._links.addWidget(self._link_line(words, self.tr("Link"), self._events.link_accounts, guess.old, guess.new))
        self._links.addStretch(1)
        self._links_panel.setVisible(bool(links or suggestions))

    def _link_line(self, words: str, action: str, call: Callable[..., Changes], *accounts: AccountId) -> QWidget:
        line = QWidget()
        row = QHBoxLayout(line)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(label(words, role=Type.SECONDARY, wrap=True), 1)
        press = button(action, small=True)
        press.setAccessibleName(f"{action}: {words}")
        press.clicked.connect(lambda: self._change(call, *accounts))
        row.addWidget(press)
        self.link_buttons.append(press)
        return line

    def _show_trading(self) -> None:
        pair = self.pairs.current_pair()
        self.trading.setEnabled(pair is not None and pair.count > pair.automatic)
        trading = pair is not None and pair.trading
        self.trading.setText(self.tr("Call them conversions") if trading else self.tr("Call them trades"))

    def _on_trading(self) -> None:
        pair = self.pairs.current_pair()
        if pair is not None:
            self._change(self._events.call_trading, pair.account, pair.instrument, not pair.trading)

    def _on_event(self) -> None:
        if not self._settling:  # what is being typed must outlive the moment without a chosen row
            self.pane.show_event(self.table.current_event())

    def _on_told(self, event: str, place: Place, cost: Decimal, currency: str, opened_on: date) -> None:
        self._change(partial(self._events.tell_basis, opened_on=opened_on), event, place, cost, currency)

    def _change(self, call: Callable[..., Changes], *args: object) -> None:
        self._tasks.run(call, *args, owner=self, done=self._on_changed)

    def _on_changed(self, changes: Changes) -> None:
        self.changed.emit(changes)


def load_events(events: EventsService, accounts: Sequence[AccountId], period: Period = ALL_TIME) -> LoadedEvents:
    """Read what there is of some accounts; what waits for the user whenever it was. For a background task."""
    wanted = set(accounts)
    return LoadedEvents(
        rows=tuple(
            row for row in events.list_events() if wanted.intersection(row.accounts) and (row.state in WAITING or row.day in period)
        ),
        links=tuple(link for link in events.links() if link.old in wanted or link.new in wanted),
        suggestions=tuple(each for each in events.link_suggestions() if each.old in wanted or each.new in wanted),
        pairs=tuple(pair for pair in events.conversions() if pair.account in wanted),
    )
