"""What a trade belongs to: the strategies that its fills opened, and its campaign."""

from __future__ import annotations

from dataclasses import dataclass

from ibjournal.domain.trade import TradeKey
from ibjournal.services.campaigns import CampaignDetail, CampaignService
from ibjournal.services.strategies import StrategyRow, StrategyService


@dataclass(frozen=True, slots=True, kw_only=True)
class TradeLinks:
    """Where a trade can be followed to."""

    strategies: tuple[StrategyRow, ...] = ()
    campaign: CampaignDetail | None = None


def links_of(strategies: StrategyService | None, campaigns: CampaignService | None, key: TradeKey) -> TradeLinks:
    """Read what a trade belongs to; belongs into the background."""
    return TradeLinks(
        strategies=strategies.of_trade(key) if strategies is not None else (),
        campaign=campaigns.of_trade(key) if campaigns is not None else None,
    )
