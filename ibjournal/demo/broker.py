"""The demo broker (first, thin version: one account with a few fills)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from ibjournal.demo.business_days import is_american_session, previous_report_day, report_days

DEFAULT_AS_OF = date(2026, 11, 19)
DEFAULT_SEED = 7

_FILL = (
    '<Trade accountId="{account}" currency="USD" fxRateToBase="0.86" assetCategory="STK" subCategory="COMMON" symbol="KO" '
    'description="COCA-COLA CO/THE" conid="8894" multiplier="1" tradeID="{n}" dateTime="{day};101500" tradeDate="{day}" '
    'reportDate="{day}" settleDateTarget="{day}" transactionType="ExchTrade" exchange="NYSE" quantity="{q}" tradePrice="70" '
    'tradeMoney="{money}" proceeds="{proceeds}" taxes="0" ibCommission="-1" ibCommissionCurrency="USD" netCash="{net}" '
    'closePrice="70.1" openCloseIndicator="{oc}" notes="" cost="{cost}" fifoPnlRealized="{pnl}" buySell="{side}" '
    'ibOrderID="{n}" transactionID="9{n}" ibExecID="0000e183.{n}.01.01" levelOfDetail="EXECUTION" orderType="LMT" />'
)
_CONFIRM = (
    '<TradeConfirm accountId="{account}" currency="USD" assetCategory="STK" subCategory="COMMON" symbol="KO" '
    'description="COCA-COLA CO/THE" conid="8894" multiplier="1" transactionType="ExchTrade" tradeID="{n}" orderID="{n}" '
    'execID="0000e183.{n}.01.01" dateTime="{day};101500" tradeDate="{day}" reportDate="{day}" settleDate="{day}" '
    'exchange="NYSE" buySell="{side}" quantity="{q}" price="70" amount="{money}" proceeds="{proceeds}" netCash="{net}" '
    'commission="-1" commissionCurrency="USD" tax="0" code="{oc}" orderType="LMT" levelOfDetail="EXECUTION" />'
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Broker:
    """A history up to ``as_of``."""

    as_of: date
    seed: int

    def activity_xml(self, accounts: Sequence[str], from_date: date, to_date: date, *, generated_at: datetime) -> bytes | None:
        """Return an Activity report."""
        days = report_days(max(from_date, date(2024, 1, 2)), min(to_date, previous_report_day(self.as_of)))
        if not days:
            return None
        return self._report("AF", "Trades", _FILL, accounts, days, generated_at)

    def confirmation_xml(self, accounts: Sequence[str], from_date: date, to_date: date, *, generated_at: datetime) -> bytes | None:
        """Return a Trade Confirmation report."""
        return self._report("TCF", "TradeConfirms", _CONFIRM, accounts, [min(max(from_date, to_date), self.as_of)], generated_at)

    def _report(  # noqa: PLR0917
        self, kind: str, section: str, row: str, accounts: Sequence[str], days: list[date], generated_at: datetime
    ) -> bytes:
        text = [f'<FlexQueryResponse queryName="Demo" type="{kind}">\n<FlexStatements count="{len(accounts)}">\n']
        for account in accounts:
            text.append(
                f'<FlexStatement accountId="{account}" fromDate="{days[0]:%Y%m%d}" toDate="{days[-1]:%Y%m%d}" period="" '
                f'whenGenerated="{generated_at:%Y%m%d;%H%M%S}">\n<{section}>\n'
            )
            for day in days:
                if is_american_session(day):
                    opens = (day.toordinal() % 2) == 0
                    text.append(
                        row.format(
                            account=account,
                            n=day.toordinal(),
                            day=f"{day:%Y%m%d}",
                            q=10 if opens else -10,
                            money=700 if opens else -700,
                            proceeds=-700 if opens else 700,
                            net=-701 if opens else 699,
                            cost=701 if opens else -701,
                            pnl=0 if opens else -2,
                            oc="O" if opens else "C",
                            side="BUY" if opens else "SELL",
                        )
                        + "\n"
                    )
            text.append(f"</{section}>\n</FlexStatement>\n")
        text.append("</FlexStatements>\n</FlexQueryResponse>\n")
        return "".join(text).encode()


def build(*, as_of: date = DEFAULT_AS_OF, seed: int = DEFAULT_SEED) -> Broker:
    """Return the broker for a day."""
    return Broker(as_of=as_of, seed=seed)
