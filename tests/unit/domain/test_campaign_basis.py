"""The adjusted basis after each step of a campaign, reckoned by hand; the last one is the campaign's own."""

from __future__ import annotations

from decimal import Decimal

from ibjournal.domain.campaign import StepKind
from ibjournal.domain.campaign_basis import StepBasis, running_basis
from ibjournal.domain.corporate_action import CorporateAction
from ibjournal.domain.instrument import AssetClass
from ibjournal.domain.matching import match_group
from ibjournal.domain.position_event import Place
from ibjournal.domain.reorganisation import position_events
from tests.fakes.builders import ACCOUNT
from tests.unit.domain.campaign_story import SHARES, Story, moment, text


def basis(story: Story) -> list[StepBasis]:
    campaign, family = story.campaign(), story.family()
    found = running_basis(campaign, family.by_key, family.instruments)
    assert len(found) == len(campaign.steps)
    if campaign.shares and all(instrument.asset_class is not AssetClass.FUT for instrument in family.instruments.values()):
        assert (found[-1].basis, found[-1].basis_with_dividends) == (campaign.basis, campaign.basis_with_dividends)
    return list(found)


def lines(story: Story) -> list[str]:
    """Return each step's shares, basis, and basis with dividends."""
    return [f"{each.shares:f} {text(each.basis)} {text(each.basis_with_dividends)}" for each in basis(story)]


def test_premiums_and_dividends_lower_the_basis_step_by_step() -> None:
    story = Story()
    story.fill("P50", -1, "1.20", 0)
    story.exercise("P50", 1, 7)
    story.fill("C52", -1, "0.80", 8)
    story.dividend(30, 20, ex=12, tax=-5)
    assert lines(story) == [
        "0 - -",
        "100 48.81 48.81",  # 5000 less 120 - 1
        "100 48.02 48.02",  # less 80 - 1 more
        "100 48.02 47.72",
        "100 48.02 47.77",
    ]


def test_shares_that_go_take_their_cost_and_their_part_of_the_fees_first_in_first_out() -> None:
    story = Story()
    story.fill(SHARES, 100, 50, 0, commission=Decimal(-2))
    story.fill(SHARES, 100, 54, 1, commission=Decimal(-2))
    story.fill("C55", -2, 1, 2)
    story.fill(SHARES, -50, 53, 3)
    story.fill(SHARES, -150, 53, 4)
    assert lines(story) == [
        "100 50.02 50.02",
        "200 52.02 52.02",
        "200 51.025 51.025",
        "150 51.36 51.36",  # 2500 + 5400, 3 of the fees of 4, less the whole premium of 199
        "0 - -",
    ]


def test_what_an_event_took_away_leaves_a_cost_that_nobody_reckons() -> None:
    """Forty of the hundred are paid out. Once all are gone the next shares have a basis again."""
    story = Story()
    story.fill("P50", -1, 1, 0)
    story.exercise("P50", 1, 5)
    story.fill(SHARES, -60, 52, 30)
    story.fill("P48", -1, 1, 30, order_id="again")
    story.exercise("P48", 1, 35)
    tender = CorporateAction(
        id="tender", account=ACCOUNT, instrument=SHARES, type="TC", effective_at=moment(20, 300), quantity=Decimal(-40),
        proceeds=Decimal(2240), currency="USD", description="ACME(US1) MERGED(Acquisition) FOR USD 56 PER SHARE",
    )  # fmt: skip
    place = Place(ACCOUNT, SHARES)
    story.matched()[SHARES] = match_group({place: story._executions[SHARES]}, position_events([tender]))[place]
    campaign, family = story.figures(story.found().chains[0]), story.family()
    found = running_basis(campaign, family.by_key, family.instruments)
    told = [(step.kind, text(each.shares), text(each.basis)) for step, each in zip(campaign.steps, found, strict=True)]
    assert told[:3] == [(StepKind.OPENED, "0", "-"), (StepKind.ASSIGNED, "100", "49.01"), (StepKind.EVENT, "60", "-")]
    assert told[3] == (StepKind.SOLD, "0", "-")


def test_a_dividend_whose_rate_nobody_knows_leaves_the_basis_with_dividends_open() -> None:
    story = Story()
    story.fill("P50", -1, 1, 0)
    story.exercise("P50", 1, 5)
    story.dividend(30, 20, ex=12, currency="CHF", fx_rate_to_base=None)
    story.dividend(30, 25, ex=22)
    assert lines(story)[1:] == ["100 49.01 49.01", "100 49.01 -", "100 49.01 -"]


def test_a_future_has_no_invested_cost_and_no_basis() -> None:
    story = Story()
    for name in ("ESH6", "ESM6"):
        story.contract(name, AssetClass.FUT, multiplier=Decimal(50))
    story.fill("ESH6", 2, 5000, 0)
    story.roll("ESH6", "ESM6", (5020, 5060), 10, quantities=(-2, -2))
    assert set(lines(story)) == {"0 - -"}
