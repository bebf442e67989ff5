"""Which tables come of reports, and which hold what no report can bring back."""

from __future__ import annotations

import sqlite3

DERIVED = (
    "trades", "matchings", "position_facts", "missing_rates", "strategies", "campaigns", "campaign_suggestions", "fill_changes",
    "coverage", "executions", "corporate_actions", "cash_entries", "equity_days", "positions", "rates", "section_rows",
    "instruments",
)  # fmt: skip
"""Rows that the archived reports tell of, and what is computed from them."""

KEPT = (
    "depots", "accounts", "sync_runs", "reports", "run_files", "notes", "settings", "strategy_choices", "campaign_choices",
    "told_basis", "account_links", "traded_currencies", "token_uses",
)  # fmt: skip
"""What the user set up or wrote, and the log of what was received and when."""


def drop_derived(db: sqlite3.Connection) -> None:
    """Remove everything that comes of reports; which account belongs to which depot stays."""
    for table in DERIVED:
        db.execute(f"DELETE FROM {table}")  # noqa: S608 - a constant
    db.execute("UPDATE accounts SET base_currency='', information='{}', information_generated=0")
