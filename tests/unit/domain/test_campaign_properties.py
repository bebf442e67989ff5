"""Whatever happens in an underlying: nothing of a campaign's result is lost, and nothing counts twice."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from ibjournal.domain.campaign import CampaignState, LinkKind
from ibjournal.domain.campaign_chain import find_campaigns
from ibjournal.domain.campaign_figures import campaign_of
from ibjournal.domain.campaign_fills import Family
from ibjournal.domain.trade import TradeKey, TradeStatus
from tests.unit.domain.campaign_story import SHARES, Story

_SPREAD = ("P45", "P48", "P50", "C52", "C55")


@st.composite
def stories(draw: st.DrawFn) -> Story:
    """Tell some days: open, roll in one order, close, expire, exercise, buy and sell shares, pay dividends."""
    story = Story()
    open_: Counter[str] = Counter()
    for day in range(draw(st.integers(2, 10))):
        act = draw(st.sampled_from(("open", "open", "roll", "close", "expire", "exercise", "shares", "dividend")))
        held = [name for name, quantity in sorted(open_.items()) if quantity]
        price = Decimal(draw(st.integers(1, 500))) / 100
        if act == "open":
            name, quantity = draw(st.sampled_from(_SPREAD)), draw(st.sampled_from((-3, -2, -1, -1, 1)))
            if open_[name] * quantity >= 0:
                story.fill(name, quantity, price, day)
                open_[name] += quantity
        elif act == "shares":
            story.fill(SHARES, draw(st.sampled_from((-100, 100, 200))), draw(st.integers(40, 60)), day)
        elif act == "dividend":
            story.dividend(draw(st.integers(1, 90)), day, ex=draw(st.none() | st.integers(0, day)), tax=-1)
        elif held:
            name = draw(st.sampled_from(held))
            quantity = draw(st.integers(1, abs(open_[name]))) * (1 if open_[name] < 0 else -1)
            open_[name] += quantity
            if act == "roll":
                new = draw(st.sampled_from([each for each in _SPREAD if each[0] == name[0] and each != name]))
                story.fill(name, quantity, price, day, order_id=f"roll{day}")
                if open_[new] * -quantity >= 0:
                    story.fill(new, -quantity, price + 1, day, order_id=f"roll{day}")
                    open_[new] -= quantity
            elif act == "close":
                story.fill(name, quantity, price, day)
            elif act == "expire":
                story.expire(name, quantity, day)
            else:
                story.exercise(name, quantity, day, code="A" if quantity > 0 else "Ex")
    return story


@given(stories())
def test_a_trade_serves_one_campaign_and_every_result_is_the_sum_of_its_trades_parts_and_steps(story: Story) -> None:
    if not story.matched():
        return
    family = story.family()
    chains = find_campaigns(family).chains
    keys = [key for chain in chains for key in chain.trades]
    assert len(keys) == len(set(keys))
    bookings = story.bookings()
    for chain in chains:
        campaign = story.figures(chain)
        income = sum((each.entry.amount for each in bookings if each.trade in chain.trades), Decimal(0))
        trades = [family.by_key[key] for key in chain.trades]
        assert campaign.net == sum((trade.net or Decimal(0) for trade in trades), income)
        assert campaign.net_base == sum((trade.net_base or Decimal(0) for trade in trades), income * story.rate)
        realized = [step.realized.total for step in campaign.steps]
        assert sum((each or Decimal(0) for each in realized), Decimal(0)) == campaign.net
        executions = [(leg.trade, each) for step in campaign.steps for leg in step.legs for each in leg.executions]
        assert len(executions) == len(set(executions)) == sum(len(trade.pieces) for trade in trades)
        flat = all(trade.status is TradeStatus.CLOSED for trade in trades)
        assert (campaign.state is CampaignState.FLAT) == flat == (chain.closed_at is not None)
        if flat:
            paid = sum((step.cash.total or Decimal(0) for step in campaign.steps), Decimal(0))
            assert paid == campaign.net
        assert all(link.certain and link.kind is not LinkKind.TOLD for link in chain.links)


@given(stories())
def test_the_order_of_the_trades_changes_nothing(story: Story) -> None:
    if not story.matched():
        return
    family = story.family()
    expected = find_campaigns(family)
    for order in list(permutations(family.trades[:4]))[:6]:
        shuffled = Family(
            account=family.account,
            underlying=family.underlying,
            trades=(*reversed(family.trades[4:]), *order),
            instruments=family.instruments,
            fills=family.fills,
            changes=family.changes,
        )
        assert find_campaigns(shuffled) == expected


@given(stories())
def test_what_all_campaigns_and_lone_trades_earned_is_what_all_trades_earned(story: Story) -> None:
    if not story.matched():
        return
    family = story.family()
    chains = find_campaigns(family).chains
    linked: set[TradeKey] = {key for chain in chains for key in chain.trades}
    alone = sum((trade.net or Decimal(0) for trade in family.trades if trade.key not in linked), Decimal(0))
    earned = sum((campaign_of(chain, family, lots=story.lots()).net or Decimal(0) for chain in chains), alone)
    assert earned == sum((trade.net or Decimal(0) for trade in family.trades), Decimal(0))
