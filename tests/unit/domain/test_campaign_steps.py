"""Steps of a campaign that are rare: parts of positions, flips, events, rates that nobody knows, contracts without terms."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from ibjournal.domain.campaign import CampaignChoice, ChoiceKind, StepKind
from ibjournal.domain.campaign_chain import find_campaigns
from ibjournal.domain.campaign_figures import campaign_of
from ibjournal.domain.campaign_steps import steps_of
from ibjournal.domain.corporate_action import CorporateAction
from ibjournal.domain.instrument import AssetClass
from ibjournal.domain.matching import match_group
from ibjournal.domain.position_event import Place
from ibjournal.domain.reorganisation import position_events
from tests.fakes.builders import ACCOUNT
from tests.unit.domain.campaign_story import SHARES, Story, legs, moment, names, text, told


def together(*fills: tuple[str, str]) -> CampaignChoice:
    return CampaignChoice(kind=ChoiceKind.TOGETHER, executions=fills)  # type: ignore[arg-type]


@pytest.mark.parametrize(("code", "kind"), [("A", StepKind.ASSIGNED), ("Ex", StepKind.EXERCISED), ("Ep", StepKind.EXPIRED)])
def test_the_end_of_a_part_of_an_option_is_named_by_its_codes(code: str, kind: StepKind) -> None:
    """No shares came of it and the trade goes on: the row's codes alone tell what it was."""
    story = Story()
    story.fill("P50", -1, 1, 0)
    story.roll("P50", "P49", (2, 2), 5, quantities=(1, 2))
    story.fill("P49", 1, 0, 9, codes=(code,), kind="BookTrade", commission=Decimal(0))
    assert story.campaign().steps[-1].kind is kind


def test_an_execution_that_flips_a_position_gives_each_step_its_part_of_the_proceeds() -> None:
    story = Story()
    story.fill("P50", -1, 1, 0)
    story.fill("P50", 3, 2, 5, proceeds=-600, order_id="flip")
    story.fill("P49", -1, 4, 5, order_id="flip")
    steps = story.campaign(together(("P50", "E1"), ("P49", "E3"))).steps
    assert [legs(step) for step in steps] == [["P50 -1 @ 1"], ["P50 +1 @ 2", "P49 -1 @ 4"]]
    assert [text(step.cash.premium) for step in steps] == ["100", "200"]  # a third of the 600 that the three cost, and 400


def test_what_shares_were_paid_out_for_is_a_step_of_its_own() -> None:
    """A takeover for cash closes the shares without a fill."""
    story = Story()
    story.fill("P50", -1, 1, 0)
    story.exercise("P50", 1, 5)
    takeover = CorporateAction(
        id="takeover", account=ACCOUNT, instrument=SHARES, type="TC", effective_at=moment(20, 300), quantity=Decimal(-100),
        proceeds=Decimal(5600), currency="USD", description="ACME(US1) MERGED(Acquisition) FOR USD 56 PER SHARE",
        report_date=moment(20, 0).date(),
    )  # fmt: skip
    place = Place(ACCOUNT, SHARES)
    story.matched()[SHARES] = match_group({place: story._executions[SHARES]}, position_events([takeover]))[place]
    campaign = story.campaign()
    assert told(campaign.steps) == [("opened", "0"), ("assigned", "99"), ("event", "600")]
    step = campaign.steps[-1]
    assert (legs(step), step.day, step.at) == (["111 -100 @ 56"], moment(20, 0).date(), moment(20, 300))
    assert step.realized_base is None  # no rate of that day is known
    assert campaign.net == Decimal(699)


def test_what_a_step_realised_in_the_base_currency_needs_a_rate() -> None:
    story = Story()
    story.fill("P50", -1, 1, 0)
    story.fill("P50", 1, 2, 5, order_id="roll", fx_rate_to_base=None)
    story.fill("P49", -1, 2, 5, order_id="roll")
    rolled = story.campaign().steps[-1]
    assert (rolled.kind, text(rolled.realized.total), rolled.realized_base) == (StepKind.ROLLED, "-102", None)


def test_links_and_matches_of_other_trades_are_passed_over() -> None:
    story = Story()
    story.fill("P50", -1, 1, 0)
    story.roll("P50", "P49", (2, 2), 5)
    chain = story.only()
    (link,) = chain.links
    lost = replace(chain, links=(link, replace(link, closing=(), opening=())))
    assert steps_of(lost, story.family(), matches=story.matches()) == steps_of(chain, story.family(), matches=story.matches())


def test_trades_of_two_currencies_are_not_put_together() -> None:
    story = Story()
    story.contract("P48", currency="EUR")
    story.fill("P50", -1, 1, 0)
    story.fill("P48", -1, 1, 5, currency="EUR")
    assert story.found(together(("P50", "E1"), ("P48", "E2"))).chains == ()


def test_a_contract_that_no_report_tells_of_is_left_out() -> None:
    story = Story()
    story.fill("P50", -1, 1, 0)
    story.roll("P50", "P49", (2, 2), 5)
    family = story.family()
    known = {name: each for name, each in family.instruments.items() if name != "P49"}
    assert {group.instrument.id for group in replace(family, instruments=known).groups} == {"P50"}
    assert find_campaigns(replace(family, instruments=known), ()).chains == ()


def test_a_fill_that_is_not_known_is_left_out() -> None:
    story = Story()
    story.fill("P50", -1, 1, 0)
    story.roll("P50", "P49", (2, 2), 5)
    family = story.family()
    lost = replace(family, fills={key: fill for key, fill in family.fills.items() if key[1] != "E3"})
    assert [group.executions for group in lost.groups] == [("E1",), ("E2",)]


def test_what_has_no_order_is_tied_by_the_order_at_the_broker() -> None:
    story = Story()
    story.fill("P50", -1, 1, 0)
    story.fill("P50", 1, 2, 5, minute=0, order_id="", brokerage_order_id="b1")
    story.fill("P49", -1, 2, 5, minute=200, order_id="", brokerage_order_id="b1")
    assert names(story.only().links) == [("P50", "P49", "same_brokerage_order")]


def test_one_contract_bought_back_and_sold_again_is_no_roll() -> None:
    """In one order, within seconds, and later on the day."""
    for order in ("one", ""):
        story = Story()
        story.fill("P50", -1, 1, 0)
        story.fill("P50", 1, 2, 5, at=moment(5, 0), order_id=order)
        story.fill("P50", -1, 2, 5, at=moment(5, 0) + timedelta(seconds=5), order_id=order)
        assert story.found() == type(story.found())()


def test_a_bond_of_the_same_name_is_exercised_by_nobody() -> None:
    story = Story()
    story.contract("bond", AssetClass.BOND)
    story.fill("bond", 10, 99, 0)
    story.fill("P50", -1, 1, 0)
    story.exercise("P50", 1, 5)
    assert names(story.only().links) == [("P50", SHARES, "trade_ids")]


def test_a_split_after_the_shares_are_gone_covers_nothing() -> None:
    story = Story()
    story.fill(SHARES, 100, 50, 0)
    story.fill(SHARES, -100, 51, 1)
    story.split(0, 3)
    story.fill("C55", -1, 1, 4)
    assert names(story.found().suggestions) == []
    assert story.found().chains == ()


def test_what_is_open_and_cost_nobody_knows_what_leaves_basis_and_credit_open() -> None:
    story = Story()
    story.fill("P50", -1, 1, 0)
    story.exercise("P50", 1, 5)
    story.fill("C55", -1, 1, 6)
    family, chain = story.family(), story.only()
    known = campaign_of(chain, family, lots=story.lots())
    assert (known.share_cost, known.open_premium, known.credit) == (Decimal(5000), Decimal(99), Decimal(198))
    bare = campaign_of(chain, family, lots={})
    assert (bare.share_cost, bare.open_premium, bare.credit, bare.basis) == (None, None, None, None)
    assert bare.shares == Decimal(100)
