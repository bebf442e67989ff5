"""What changes positions without a fill: corporate actions, and transfers between accounts and from elsewhere."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from ibjournal.demo.business_days import previous_report_day
from ibjournal.demo.contracts import Contract
from ibjournal.demo.desk import Desk
from ibjournal.demo.ledger import ZERO, CashRow, CorporateActionRow, TransferRow
from ibjournal.demo.lot_book import MICRO, Change, Lot, RoundTrip


class Registrar:
    """Books events of one desk and writes their rows. Events take effect the evening before the desk's day, at 20:25."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self._book = desk.books.book_of_lots

    @property
    def moment(self) -> datetime:
        """When corporate actions of today take effect."""
        return self.desk.moment(20, 25, day=previous_report_day(self.desk.day))

    def _row(
        self,
        contract: Contract,
        type_: str,
        words: str,
        quantity: Decimal,
        *,
        action: str = "",
        proceeds: Decimal = ZERO,
        value: Decimal | None = None,
        realized: Decimal = ZERO,
        cost_basis: Decimal | None = None,
    ) -> CorporateActionRow:
        desk = self.desk
        transaction_id = desk.new_transaction_id()
        told = CorporateActionRow(
            contract=contract,
            type=type_,
            words=f"{words} ({contract.symbol}, {contract.description}, {contract.isin})" if words else contract.description,
            transaction_id=transaction_id,
            action_id=action or desk.new_action_id(),
            moment=self.moment,
            report_date=desk.day,
            quantity=quantity,
            proceeds=proceeds,
            value=quantity * desk.market.mark(contract, desk.day) * contract.point_value if value is None else value,
            realized=realized,
            cost_basis=cost_basis,
            rate=self._rate(contract),
        )
        desk.corporate_actions.append(told)
        desk.books.booked[told.transaction_id] = desk.books.earned[told.transaction_id] = realized
        if proceeds:
            desk.books.receive(proceeds, contract, report_date=desk.day, moment=told.moment.date(), code="CORP", words=told.words)
        return told

    def _rate(self, contract: Contract) -> Decimal:
        return self.desk.market.rate(contract.currency, self.desk.base, self.desk.day)

    # -- one contract ----------------------------------------------------------------------------------------------

    def split(
        self,
        contract: Contract,
        new: int,
        old: int,
        *,
        type_: str,
        words: str = "",
        becomes: Contract | None = None,
        action: str = "",
    ) -> str:
        """Turn ``old`` units of every lot into ``new`` at unchanged cost; ``becomes`` is an option's new strike and symbol."""
        held = self._book.position(contract)
        if not held:
            return action
        for lot in self._book.lots(contract):
            lot.quantity = lot.quantity * new / old
            if becomes is not None:
                lot.contract = becomes
                lot.trip.contract = becomes
        added = held * new / old - held
        return self._row(becomes or contract, type_, words, added, action=action).action_id

    def issue(self, contract: Contract, quantity: Decimal, *, type_: str, words: str, cost: Decimal = ZERO) -> None:
        """Receive units that cost nothing, or ``cost``."""
        change = Change(contract=contract, quantity=quantity, money=-cost, moment=self.moment, id="", rate=self._rate(contract))
        self._book.open(change, quantity, cost, cost)
        self._row(contract, type_, words, quantity, proceeds=-cost)

    def remove(self, contract: Contract, *, type_: str, words: str, price: Decimal = ZERO) -> None:
        """End a position for ``price`` a unit: a merger for cash, a maturity, a removal without value."""
        held = self._book.position(contract)
        if not held:
            return
        proceeds = held * price * contract.point_value
        outcome = self._book.apply(
            Change(contract=contract, quantity=-held, money=proceeds, moment=self.moment, id="", rate=self._rate(contract))
        )
        self._row(
            contract,
            type_,
            words,
            -held,
            proceeds=proceeds,
            realized=outcome.realized,
        )

    # -- one contract into another ---------------------------------------------------------------------------------

    def exchange(
        self,
        old: Contract,
        new: Contract,
        quantity: Decimal,
        *,
        type_: str,
        words: str,
        proceeds: Decimal = ZERO,
        realized: Decimal = ZERO,
    ) -> None:
        """Turn a whole position into ``quantity`` of another contract; lots keep their dates.

        ``proceeds`` is cash that came with it (negative: paid), ``realized`` the result that the cash made of it; the basis that
        moves on is the old one, with the result, less the cash.
        """
        held = self._book.position(old)
        if not held:
            return
        moved = self._book.take_out(old)
        left_quantity, left_cash, left_result = quantity, proceeds, realized
        rate = self._rate(old)
        for number, lot in enumerate(moved):
            last = number == len(moved) - 1
            part = lot.quantity / held
            cash = left_cash if last else (proceeds * part).quantize(MICRO)
            result = left_result if last else (realized * part).quantize(MICRO)
            units = left_quantity if last else (quantity * part).quantize(MICRO)
            left_cash, left_result, left_quantity = left_cash - cash, left_result - result, left_quantity - units
            lot.quantity = units
            if result:
                # the part that was sold
                lot.trip.booked += result
                lot.trip.earned += result
                lot.trip.earned_base += result * rate
            if cash > 0:
                lot.trip.currency_effect += (cash - result) * (rate - lot.rate)
            lot.cost += result - cash
            lot.earned_cost += result - cash
        self._book.take_in(new, moved)
        leaving = self._row(old, type_, words, -held, proceeds=proceeds, realized=realized)
        self._row(new, type_, words, quantity, action=leaving.action_id)

    def spin_off(self, parent: Contract, child: Contract, quantity: Decimal, part: Decimal, *, words: str) -> None:
        """Receive units of ``child`` that take ``part`` of the parent's basis with them."""
        lots = self._book.lots(parent)
        held = self._book.position(parent)
        if not held:
            return
        trip = RoundTrip(contract=child, side=1 if quantity > 0 else -1, opened=self.moment, opening="")
        self._book.trips.append(trip)
        children, left_quantity, moved_cost = [], quantity, ZERO
        for number, lot in enumerate(lots):
            units = left_quantity if number == len(lots) - 1 else (quantity * lot.quantity / held).quantize(MICRO)
            left_quantity -= units
            cost, earned = (lot.cost * part).quantize(MICRO), (lot.earned_cost * part).quantize(MICRO)
            lot.cost -= cost
            lot.earned_cost -= earned
            moved_cost += cost
            children.append(
                Lot(
                    contract=child,
                    transaction_id="",
                    opened=lot.opened,
                    quantity=units,
                    cost=cost,
                    earned_cost=earned,
                    rate=lot.rate,
                    trip=trip,
                )
            )
        self._book.take_in(child, children)
        self._row(child, "SO", words, quantity, cost_basis=moved_cost)

    # -- transfers -------------------------------------------------------------------------------------------------

    def _transfer_row(  # noqa: PLR0917 - the columns of a row in their order
        self, contract: Contract | None, type_: str, direction: str, peer: str, quantity: Decimal, cash: Decimal, currency: str
    ) -> None:
        desk = self.desk
        value = quantity * desk.market.mark(contract, desk.day) * contract.point_value if contract is not None else ZERO
        desk.transfers.append(
            TransferRow(
                contract=contract,
                type=type_,
                direction=direction,
                peer=peer,
                transaction_id=desk.new_transaction_id(),
                moment=desk.moment(0, 0),
                report_date=desk.day,
                quantity=quantity,
                value=value,
                cash=cash,
                currency=currency,
                rate=desk.market.rate(currency, desk.base, desk.day),
            )
        )
        if contract is not None and not contract.settled_daily:
            desk.books.move_value(value, currency, "assetTransfers")

    def come_from_outside(self, contract: Contract, quantity: Decimal, cost: Decimal) -> None:
        """Receive a position from another broker; the report does not say what it had cost."""
        change = Change(
            contract=contract,
            quantity=quantity,
            money=-cost,
            moment=self.desk.moment(0, 0),
            id="",
            rate=self._rate(contract),
        )
        self._book.open(change, quantity, cost, cost)
        self._transfer_row(contract, "FOP", "IN", "--", quantity, ZERO, contract.currency)

    def leave(self, contract: Contract) -> None:
        """Give a position to another broker: no result."""
        lots = self._book.take_out(contract)
        if lots:
            lots[0].trip.closed = self.desk.moment(0, 0)
            quantity = sum((lot.quantity for lot in lots), ZERO)
            self._transfer_row(contract, "FOP", "OUT", "--", -quantity, ZERO, contract.currency)

    def hand_over(self, contract: Contract, peer: Registrar) -> None:
        """Move a position to another account of the same owner: lots keep their cost and dates."""
        moved = self._leave_to(contract, peer)
        if moved:
            quantity = sum((lot.quantity for lot in moved), ZERO)
            self._transfer_row(contract, "INTERNAL", "OUT", peer.desk.account, -quantity, ZERO, contract.currency)
            peer._transfer_row(contract, "INTERNAL", "IN", self.desk.account, quantity, ZERO, contract.currency)

    def _leave_to(self, contract: Contract, peer: Registrar) -> list[Lot]:
        moved = self._book.take_out(contract)
        if moved:
            self._book.trips.remove(moved[0].trip)
            peer._book.take_in(contract, moved)
        return moved

    def hand_over_cash(self, amount: Decimal, currency: str, peer: Registrar) -> None:
        """Move cash to another account of the same owner."""
        self._move_cash(-amount, currency, peer, "internalCashTransfers", "internalTransfers")
        self._transfer_row(None, "INTERNAL", "OUT", peer.desk.account, ZERO, -amount, currency)
        peer._move_cash(amount, currency, self, "internalCashTransfers", "internalTransfers")
        peer._transfer_row(None, "INTERNAL", "IN", self.desk.account, ZERO, amount, currency)

    def _move_cash(self, amount: Decimal, currency: str, peer: Registrar, nav_name: str, cash_name: str) -> None:
        desk = self.desk
        words = f"Transfer {'From' if amount > 0 else 'To'} {peer.desk.account}"
        moved = CashRow(
            transaction_id="",
            type="",
            currency=currency,
            amount=amount,
            moment=desk.moment(20, 20),
            report_date=desk.day,
            settle_date=desk.day,
            description=words,
            rate=desk.market.rate(currency, desk.base, desk.day),
        )
        desk.books.add_cash(moved, nav_name=nav_name, cash_name=cash_name, code="DEP" if amount > 0 else "WITH")

    def renumber(self, successor: Registrar) -> None:
        """Move everything to the account's new number. No row tells of it but the linking adjustments of the sums."""
        desk, new = self.desk, successor.desk
        for contract in desk.books.open_contracts():
            moved = self._leave_to(contract, successor)
            if not contract.settled_daily:
                before = next(held.mark for held in desk.books.closes[-1].holdings if held.contract.conid == contract.conid)
                value = sum((lot.quantity for lot in moved), ZERO) * before * contract.point_value
                desk.books.move_value(-value, contract.currency, "linkingAdjustments")
                new.books.move_value(value, contract.currency, "linkingAdjustments")
        for currency in ("EUR", "USD"):
            cash = desk.books.cash(currency)
            if cash:
                self._move_cash(-cash, currency, successor, "linkingAdjustments", "linkingAdjustments")
                successor._move_cash(cash, currency, self, "linkingAdjustments", "linkingAdjustments")
            desk.books.hand_over_accruals(new.books, currency)
