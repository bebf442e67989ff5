"""The rows of Trades (fills, and on demand orders and closed lots) and of TradeConfirms."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from ibjournal.demo.desk import Desk
from ibjournal.demo.ledger import ZERO, Fill
from ibjournal.demo.lot_book import ClosedLot, WashSale
from ibjournal.demo.statement_window import StatementWindow
from ibjournal.demo.xml_rows import Value, account_attributes, contract_attributes, row

_CONFIRMED_TICK = Decimal("0.0001")


def trade_rows(window: StatementWindow, *, orders: bool, lots: bool) -> Iterator[str]:
    """Yield the fills by kind of instrument and symbol, as reports are sorted: not in the order of their time.

    ``lots`` adds, after the fill that closed them, the lots and the losses that were disallowed; ``orders`` adds a row that sums
    up an order before its first fill.
    """
    fills = sorted(window.fills, key=lambda fill: (fill.order.contract.category, fill.order.contract.symbol))
    by_order: dict[tuple[str, str], list[Fill]] = {}
    for fill in fills:
        by_order.setdefault((fill.order.contract.conid, fill.order.order_id), []).append(fill)
    closed: dict[str, list[ClosedLot]] = {}
    washed: dict[str, list[WashSale]] = {}
    if lots:
        for sale in window.desk.books.wash_sales:
            washed.setdefault(sale.closing, []).append(sale)
        for lot in window.desk.books.closed_lots:
            closed.setdefault(lot.closing, []).append(lot)
    for fill in fills:
        same_order = by_order[fill.order.contract.conid, fill.order.order_id]
        if orders and same_order[0] is fill and fill.order.kind != "BookTrade":
            yield _order_row(window, same_order)
        yield row("Trade", window.head() | _fill_attributes(fill))
        for lot in closed.get(fill.order.transaction_id, ()):
            yield _lot_row(window, fill, lot)
        for sale in washed.get(fill.order.transaction_id, ()):
            yield _wash_sale_row(window, fill, sale)


def _fill_attributes(fill: Fill) -> dict[str, Value]:
    order = fill.order
    return {
        "currency": order.contract.currency,
        "fxRateToBase": fill.rate,
        **contract_attributes(order.contract),
        "tradeID": order.trade_id,
        "relatedTradeID": "",
        "reportDate": order.report_date,
        "dateTime": order.moment,
        "tradeDate": order.trade_date,
        "settleDateTarget": order.settle_date,
        "transactionType": order.kind,
        "exchange": order.venue,
        "quantity": order.quantity,
        "tradePrice": order.price,
        "tradeMoney": fill.traded_money,
        "proceeds": fill.proceeds,
        "taxes": order.taxes,
        "ibCommission": order.commission,
        "ibCommissionCurrency": order.commission_currency,
        "netCash": fill.net_cash,
        "closePrice": fill.close_price,
        "openCloseIndicator": fill.open_close,
        "notes": ";".join(order.codes),
        "cost": fill.cost,
        "fifoPnlRealized": fill.realized,
        "mtmPnl": fill.mark_to_market,
        "origTradePrice": ZERO,
        "origTradeDate": "",
        "origTradeID": order.original_trade_id,
        "origOrderID": "0",
        "origTransactionID": "0",
        "buySell": fill.side,
        "clearingFirmID": "",
        "ibOrderID": order.order_id,
        "transactionID": order.transaction_id,
        "ibExecID": order.exec_id,
        "relatedTransactionID": "",
        "rtn": "",
        "brokerageOrderID": order.brokerage_order_id,
        "orderReference": "",
        "volatilityOrderLink": "",
        "exchOrderId": "N/A",
        "extExecID": "N/A",
        "orderTime": order.moment if order.kind != "BookTrade" else "",
        "openDateTime": "",
        "holdingPeriodDateTime": "",
        "whenRealized": "",
        "whenReopened": "",
        "levelOfDetail": "EXECUTION",
        "changeInPrice": ZERO,
        "changeInQuantity": ZERO,
        "orderType": order.order_type,
        "traderID": "",
        "isAPIOrder": "N",
        "accruedInt": order.accrued_interest,
        "initialInvestment": "",
        "positionActionID": order.action_id,
    }


def _order_row(window: StatementWindow, fills: list[Fill]) -> str:
    """Sum up an order: it has no ids of fills and no transaction type."""
    last = fills[-1]
    quantity = sum((fill.order.quantity for fill in fills), ZERO)
    money = sum((fill.traded_money for fill in fills), ZERO)
    attributes = _fill_attributes(last) | {
        "tradeID": "",
        "transactionID": "",
        "ibExecID": "",
        "transactionType": "",
        "exchange": "",
        "origTradeID": "",
        "quantity": quantity,
        "tradePrice": money / quantity / last.order.contract.point_value if quantity else ZERO,
        "tradeMoney": money,
        "proceeds": -money,
        "taxes": sum((fill.order.taxes for fill in fills), ZERO),
        "ibCommission": sum((fill.order.commission for fill in fills), ZERO),
        "netCash": sum((fill.net_cash for fill in fills), ZERO),
        "cost": sum((fill.cost for fill in fills), ZERO),
        "fifoPnlRealized": sum((fill.realized for fill in fills), ZERO),
        "mtmPnl": sum((fill.mark_to_market for fill in fills), ZERO),
        "openCloseIndicator": "-",
        "notes": ";".join(part for part in (last.open_close, *last.order.codes) if part),
        "levelOfDetail": "ORDER",
    }
    return row("Order", window.head() | attributes)


def _lot_row(window: StatementWindow, fill: Fill, lot: ClosedLot) -> str:
    """A lot that a fill closed: its id is the opening's, its time the closing's."""
    attributes = _fill_attributes(fill) | {
        "tradeID": "",
        "ibExecID": "",
        "ibOrderID": "",
        "brokerageOrderID": "",
        "transactionID": lot.lot_transaction_id,
        "quantity": lot.quantity,
        "taxes": ZERO,
        "ibCommission": ZERO,
        "netCash": ZERO,
        "proceeds": ZERO,
        "tradeMoney": ZERO,
        "cost": lot.cost,
        "fifoPnlRealized": lot.realized,
        "mtmPnl": ZERO,
        "notes": "ST;LD" if lot.adjusted else "ST",
        "openDateTime": lot.opened,
        "holdingPeriodDateTime": lot.opened,
        "levelOfDetail": "CLOSED_LOT",
    }
    return row("Lot", window.head() | attributes)


def _wash_sale_row(window: StatementWindow, fill: Fill, sale: WashSale) -> str:
    """A loss that does not count: what was realised, and the purchase that it went into."""
    attributes = _fill_attributes(fill) | {
        "tradeID": "",
        "ibExecID": "",
        "ibOrderID": "",
        "brokerageOrderID": "",
        "transactionID": sale.replacement,
        "quantity": sale.quantity,
        "taxes": ZERO,
        "ibCommission": ZERO,
        "netCash": ZERO,
        "proceeds": ZERO,
        "tradeMoney": ZERO,
        "cost": ZERO,
        "fifoPnlRealized": sale.disallowed,
        "mtmPnl": ZERO,
        "notes": "",
        "whenRealized": fill.order.moment,
        "whenReopened": sale.reopened,
        "levelOfDetail": "WASH_SALE",
    }
    return row("WashSale", window.head() | attributes)


def confirmation_row(desk: Desk, fill: Fill) -> str:
    """Return the fill as a confirmation tells it: no row id, no rate, no cost, no result, and the commission as first charged."""
    order = fill.order
    commission = order.commission.quantize(_CONFIRMED_TICK)
    if order.contract.is_currency_pair:
        net = ZERO
    elif order.contract.settled_daily:
        net = commission  # the day's variation is not known before the close
    else:
        net = fill.proceeds + commission + order.taxes
    attributes: dict[str, Value] = {
        "currency": order.contract.currency,
        **contract_attributes(order.contract),
        "transactionType": order.kind,
        "tradeID": order.trade_id,
        "orderID": order.order_id,
        "execID": order.exec_id,
        "brokerageOrderID": order.brokerage_order_id,
        "orderReference": "",
        "volatilityOrderLink": "",
        "clearingFirmID": "",
        "origTradePrice": ZERO,
        "origTradeDate": "",
        "origTradeID": order.original_trade_id,
        "extExecID": "N/A",
        "blockID": "0",
        "orderTime": order.moment if order.kind != "BookTrade" else "",
        "dateTime": order.moment,
        "reportDate": order.trade_date,
        "settleDate": order.settle_date,
        "tradeDate": order.trade_date,
        "exchange": order.venue,
        "buySell": fill.side,
        "quantity": order.quantity,
        "price": order.price,
        "amount": fill.traded_money,
        "proceeds": fill.proceeds,
        "netCash": net,
        "netCashWithBillable": net,
        "commission": commission,
        "brokerExecutionCommission": commission,
        "brokerClearingCommission": ZERO,
        "thirdPartyExecutionCommission": ZERO,
        "thirdPartyClearingCommission": ZERO,
        "thirdPartyRegulatoryCommission": ZERO,
        "otherCommission": ZERO,
        "commissionCurrency": order.commission_currency,
        "tax": order.taxes,
        "salesTax": ZERO,
        "tradeCharge": ZERO,
        "otherTax": ZERO,
        "code": _confirmation_code(fill),
        "orderType": order.order_type,
        "levelOfDetail": "EXECUTION",
        "traderID": "",
        "isAPIOrder": "N",
        "allocatedTo": "",
        "accruedInt": ZERO,
        "rfqID": "",
        "positionActionID": order.action_id,
    }
    return row("TradeConfirm", account_attributes(desk.account) | attributes)


def _confirmation_code(fill: Fill) -> str:
    """Confirmations put open or close and the notes into one list; an assignment stands first, an expiry last."""
    parts = [fill.open_close, *fill.order.codes]
    if fill.order.codes[:1] in {("A",), ("Ex",)}:
        parts = [*fill.order.codes, fill.open_close]
    return ";".join(part for part in parts if part)
