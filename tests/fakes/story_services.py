"""Services for strategies and campaigns under test: they answer from what a test gives, and remember what they were told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ibjournal.domain.campaign import CampaignKey
from ibjournal.domain.filters import TradeFilter
from ibjournal.domain.strategy import StrategyKey
from ibjournal.domain.trade import TradeKey
from ibjournal.services.campaigns import CampaignDetail, CampaignRow, CampaignSuggestion
from ibjournal.services.changes import Changes
from ibjournal.services.strategies import StrategyDetail, StrategyRow


@dataclass
class FakeStrategies:
    """Answers from ``rows``."""

    rows: tuple[StrategyRow, ...] = ()
    calls: list[tuple[Any, ...]] = field(default_factory=list)

    def list(self, where: TradeFilter) -> tuple[StrategyRow, ...]:
        return self.rows

    def to_review(self, where: TradeFilter) -> tuple[StrategyRow, ...]:
        return tuple(row for row in self.rows if not row.strategy.certain)

    def of_trade(self, trade: TradeKey) -> tuple[StrategyRow, ...]:
        return tuple(row for row in self.rows if any(trade in leg.trades for leg in row.strategy.legs))

    def detail(self, key: StrategyKey) -> StrategyDetail | None:
        row = next((row for row in self.rows if row.strategy.key == key), None)
        return None if row is None else StrategyDetail(row=row, trades=(), payoff=None, rolls=())


@dataclass
class FakeCampaigns:
    """Answers from ``details`` and ``waiting``."""

    details: tuple[CampaignDetail, ...] = ()
    waiting: tuple[CampaignSuggestion, ...] = ()
    calls: list[tuple[Any, ...]] = field(default_factory=list)

    def list(self, where: TradeFilter) -> tuple[CampaignRow, ...]:
        return tuple(detail.row for detail in self.details)

    def suggestions(self, where: TradeFilter) -> tuple[CampaignSuggestion, ...]:
        return self.waiting

    def detail(self, key: CampaignKey) -> CampaignDetail | None:
        return next((detail for detail in self.details if detail.row.campaign.chain.key == key), None)

    def of_trade(self, key: TradeKey) -> CampaignDetail | None:
        return next((detail for detail in self.details if key in detail.row.campaign.chain.trades), None)

    def link(self, keys: Sequence[TradeKey], name: str | None = None) -> Changes:
        self.calls.append(("link", tuple(keys)))
        return Changes(trades=True)

    def keep_apart(self, earlier: TradeKey, later: TradeKey) -> Changes:
        self.calls.append(("keep_apart", earlier, later))
        return Changes(trades=True)

    def unlink(self, key: TradeKey) -> Changes:
        self.calls.append(("unlink", key))
        return Changes(trades=True)

    def rename(self, key: CampaignKey, name: str) -> Changes:
        self.calls.append(("rename", key, name))
        return Changes(trades=True)
