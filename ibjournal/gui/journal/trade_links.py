"""What a trade belongs to, and what befell it: read in the background once its head is shown."""

from __future__ import annotations

from dataclasses import dataclass, field

from ibjournal.domain.trade import TradeKey
from ibjournal.services.campaigns import CampaignDetail, CampaignService
from ibjournal.services.journal import JournalService
from ibjournal.services.strategies import StrategyRow, StrategyService
from ibjournal.services.trade_story import TradeStory


@dataclass(frozen=True, slots=True, kw_only=True)
class TradeLinks:
    """Where a trade can be followed to, and its story."""

    strategies: tuple[StrategyRow, ...] = ()
    campaign: CampaignDetail | None = None
    story: TradeStory = field(default_factory=TradeStory)


def links_of(
    journal: JournalService, strategies: StrategyService | None, campaigns: CampaignService | None, key: TradeKey
) -> TradeLinks:
    """Read what a trade belongs to; belongs into the background."""
    return TradeLinks(
        strategies=strategies.of_trade(key) if strategies is not None else (),
        campaign=campaigns.of_trade(key) if campaigns is not None else None,
        story=journal.trade_story(key) or TradeStory(),
    )
