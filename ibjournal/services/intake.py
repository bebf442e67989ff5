"""Takes the rows of one report into the database: each kind to its table, by the rules of `ibjournal.store.merge`."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from ibjournal.domain.depot import AccountId
from ibjournal.domain.instrument import InstrumentId
from ibjournal.flex.reader import ReportReader
from ibjournal.flex.statement import (
    AccountRow,
    ActionRow,
    CashRow,
    EquityRow,
    FillRow,
    InstrumentRow,
    OtherRow,
    PositionRow,
    RateRow,
    Row,
    StatementHead,
)
from ibjournal.services.collector import rare_collections
from ibjournal.services.jobs import CancelToken
from ibjournal.services.rebuild import Touched
from ibjournal.store.actions import write_actions
from ibjournal.store.cash import write_cash
from ibjournal.store.database import Connection
from ibjournal.store.depots import note_account, write_account_information
from ibjournal.store.equity import write_equity
from ibjournal.store.instruments import write_instruments
from ibjournal.store.merge import FillMerger, Merged, RowBuffer
from ibjournal.store.positions import newest_generated, remove_day, write_positions
from ibjournal.store.rates import write_rates
from ibjournal.store.reports import Covered, write_coverage
from ibjournal.store.sections import SectionMerger
from ibjournal.store.status import mark_gone

_CHECK_EVERY = 1000


class Intake:
    """Reads one report into an open transaction. Use once.

    Args:
        db: a connection in a transaction; the caller commits or rolls back.
        reader: the report.
        report: its id.
        seen_at: now, seconds since 1970 UTC.
    """

    def __init__(self, db: Connection, reader: ReportReader, *, report: int, seen_at: int) -> None:
        self.reader = reader
        self.cash_changed = False
        self.equity_changed = False
        self.positions_changed = False
        self.missing: list[int] = []
        """Fills that this report leaves out, as rows; those among them that a correction replaced are not gone."""
        self._db = db
        self._report = report
        self._fills = FillMerger(db, report=report, seen_at=seen_at)
        self._sections = SectionMerger(db, report=report)
        self._cash = RowBuffer(lambda rows: write_cash(db, rows))
        self._rates = RowBuffer(lambda rows: write_rates(db, rows))
        self._equity = RowBuffer(lambda rows: write_equity(db, rows))
        self._positions = RowBuffer(lambda rows: write_positions(db, rows))
        self._actions = RowBuffer(lambda rows: write_actions(db, rows))
        self._instruments: list[tuple[InstrumentRow, int]] = []
        self._touched: set[Touched] = set()
        self._occurrences: dict[tuple[str, str], int] = {}
        self._position_days: dict[tuple[str, str], bool] = {}
        self._skipped: set[str] = set()
        self._accounts: dict[str, None] = {}
        self._told: dict[bool, set[tuple[int, str]]] = {True: set(), False: set()}

    @rare_collections()
    def read(self, *, skip: frozenset[str] = frozenset(), cancel: CancelToken | None = None) -> Merged:
        """Read all rows and return what became of the fills; rows of the accounts in ``skip`` are left out.

        Raises:
            ReportError: the report cannot be taken.
            Cancelled: somebody asked.
        """
        head = self.reader.head
        statements = head.statements
        take = self._fills.take
        fresh_instruments = self.reader.fresh_instruments
        fills, other_views, accounts = self._told[True], self._told[False], self._accounts
        number_of_statement, generated_at = -1, 0
        for number, (raw, row) in enumerate(self.reader.rows()):
            if cancel is not None and not number % _CHECK_EVERY:
                cancel.check()
            where, account, section, _tag, _ordinal = raw.place
            if account in skip:
                self._skipped.add(account)
                continue
            accounts[account] = None
            if where != number_of_statement:
                statement = statements[where] if where < len(statements) else None
                generated_at = (statement.generated_at if statement else None) or 0
                number_of_statement = where if statement else -1  # rows may stand before the first statement
            if type(row) is FillRow:
                if section == "Trades":
                    fills.add((where, account))
                take(row, generated_at, head.query_name)
            elif row is not None:
                if section == "Trades":
                    other_views.add((where, account))
                self._take(row, generated_at, where)
            if fresh := fresh_instruments():
                self._instruments.extend((each, generated_at) for each in fresh)
        for buffer in (self._cash, self._rates, self._equity, self._positions, self._actions):
            buffer.flush()
        self._write_instruments()
        merged = self._fills.finish()
        merged.touched |= self._touched
        self._cover(skip, merged)
        return merged

    @property
    def accounts(self) -> tuple[str, ...]:
        """Accounts of the statements and of their rows: the futures of an account stand under a number of their own."""
        return tuple(account for account in (*self.reader.head.accounts(), *self._accounts) if account not in {"", "-"})

    @property
    def skipped(self) -> tuple[str, ...]:
        """Accounts whose rows were left out because they belong to another depot."""
        return tuple(sorted(self._skipped))

    def _write_instruments(self) -> None:
        by_time: dict[int, list[InstrumentRow]] = {}
        for row, generated_at in self._instruments:
            by_time.setdefault(generated_at, []).append(row)
        for generated_at in sorted(by_time):
            write_instruments(self._db, by_time[generated_at], generated_at)

    def _take(self, row: Row, generated_at: int, statement: int) -> None:
        place = (self._report, generated_at)
        match row:
            case CashRow():
                key = row.transaction_id or self._content(row.account, row, keep_from=2)
                self._cash.add((row.account, key, self._report, row.ordinal, generated_at, *row[2:]))
                self.cash_changed = True
            case EquityRow():
                self._equity.add((*row, *place))
                self.equity_changed = True
            case PositionRow():
                if self._day_is_mine(row, generated_at):
                    self._positions.add((*row, self._content(row.account, row[:4], keep_from=1), *place))
                    self.positions_changed = True
            case RateRow():
                self._rates.add((*row, generated_at))
            case ActionRow():
                key = row.transaction_id or self._content(row.account, row, keep_from=3)
                self._actions.add((*row, key, *place))
                self._touched.add((AccountId(row.account), InstrumentId(row.instrument)))
            case AccountRow():
                note_account(self._db, AccountId(row.account))
                write_account_information(
                    self._db,
                    AccountId(row.account),
                    base_currency=row.base_currency,
                    information=json.loads(row.data),
                    generated_at=generated_at,
                )
            case OtherRow():
                self._sections.take(row, generated_at=generated_at, statement=statement)
            case _:
                pass

    def _content(self, account: str, row: tuple[Any, ...], *, keep_from: int) -> str:
        """Return a key for a row without an id: its content, and how often it occurred in this report."""
        digest = hashlib.blake2b(repr(row[keep_from:]).encode(), digest_size=12).hexdigest()
        count = self._occurrences[account, digest] = self._occurrences.get((account, digest), 0) + 1
        return f"x{digest}#{count}"

    def _day_is_mine(self, row: PositionRow, generated_at: int) -> bool:
        # positions stand for a day as a whole, so the later report replaces all of them
        place = (row.account, row.day)
        if place not in self._position_days:
            there = newest_generated(self._db, AccountId(row.account), row.day)
            mine = there is None or generated_at >= there[0]
            if mine and there is not None:
                remove_day(self._db, AccountId(row.account), row.day)
            self._position_days[place] = mine
        return self._position_days[place]

    def _cover(self, skip: frozenset[str], merged: Merged) -> None:
        head = self.reader.head
        covered = [
            Covered(
                account=statement.account,
                type=head.kind,
                query_name=head.query_name,
                from_date=statement.from_date,
                to_date=statement.to_date,
                generated_at=statement.generated_at or 0,
                has_trades=self._tells_of_fills(statement),
                sections=tuple(sorted(head.present.get(statement.number, ()))),
            )
            for statement in head.statements
            if statement.account not in {"", "-"} and statement.account not in skip and statement.from_date and statement.to_date
        ]
        write_coverage(self._db, self._report, covered)
        for each in covered:
            gone = mark_gone(self._db, AccountId(each.account), from_date=each.from_date, to_date=each.to_date)
            self.missing.extend(fill.number for fill in gone if fill.gone)
            merged.touched |= {(AccountId(each.account), fill.instrument) for fill in gone}

    def _tells_of_fills(self, statement: StatementHead) -> bool:
        """Tell whether a fill that is missing here is gone: other views of trades alone say nothing of fills."""
        if "Trades" not in self.reader.head.present.get(statement.number, ()):
            return False
        place = (statement.number, statement.account)
        return place in self._told[True] or place not in self._told[False]
