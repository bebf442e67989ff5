"""What the tests of the services share."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fakes.journal_folder import JournalFolder


@pytest.fixture
def journal(tmp_path: Path) -> JournalFolder:
    """Return an empty journal."""
    return JournalFolder(tmp_path / "data")
