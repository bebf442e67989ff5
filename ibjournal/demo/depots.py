"""The demo's logins and depots: made-up tokens, query ids and account numbers."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoDepot:
    """One depot of the demo.

    ``login`` is the Client Portal login: depots of one login share ``token``. ``token_days_left`` counts from the demo's
    day to the token's last day; a negative number is a token that has expired. Money in reports is in ``currency``.
    """

    key: str
    name: str
    login: str
    token: str = field(repr=False)
    activity_query: str
    confirmation_query: str
    account: str
    currency: str
    token_days_left: int

    def token_expires(self, as_of: date) -> date:
        """Return the token's last day, seen from the demo's day."""
        return as_of + timedelta(days=self.token_days_left)

    @property
    def token_expired(self) -> bool:
        """Whether the service answers this token with 1012."""
        return self.token_days_left < 0


_SHARED_TOKEN = "100200300400500600700800"  # noqa: S105 - made up, valid at the loopback service only
_EXPIRED_TOKEN = "900800700600500400300200"  # noqa: S105 - made up
SPARE_TOKEN = "123412341234123412341234"  # noqa: S105 - made up; the new token of the login whose old one has expired

INCOME = DemoDepot(
    key="income",
    name="Income",
    login="demo-main",
    token=_SHARED_TOKEN,
    activity_query="1100101",
    confirmation_query="1100102",
    account="U7214408",
    currency="EUR",
    token_days_left=6,
)
LONG_TERM = DemoDepot(
    key="long_term",
    name="Long term",
    login="demo-main",
    token=_SHARED_TOKEN,
    activity_query="1100201",
    confirmation_query="1100202",
    account="U7214409",
    currency="EUR",
    token_days_left=6,
)
RETIREMENT = DemoDepot(
    key="retirement",
    name="Retirement",
    login="demo-retirement",
    token=_EXPIRED_TOKEN,
    activity_query="1100301",
    confirmation_query="1100302",
    account="U6630175",
    currency="USD",
    token_days_left=-2,
)
DEMO_DEPOTS: tuple[DemoDepot, ...] = (INCOME, LONG_TERM, RETIREMENT)
