"""A journal whose database cannot be opened any more: another one is put in its place, and the damaged one is kept."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from ibjournal.paths import Paths
from ibjournal.services.backups import BackupFile, list_backups
from ibjournal.store.backup import replace_damaged


def usable_backups(paths: Paths) -> tuple[BackupFile, ...]:
    """Return the journal's own backups, newest first; whether one is whole shows when it is put back."""
    return list_backups(paths.backups)


def rescue(paths: Paths, source: Path | None) -> Path:
    """Put a backup in the place of the damaged database, or start with an empty one, to be filled from the archive.

    Nobody may have the journal open. Reports that the backup does not know are taken in afterwards by `RecoveryService`.

    Args:
        paths: the data folder.
        source: the backup; None to begin with the archive alone, without notes and depots.

    Returns:
        The file that keeps the damaged database.

    Raises:
        StoreError: ``backup_missing``, ``backup_invalid``, ``database_too_new``, ``disk_full``, ``read_only``, ``store_failed``;
            nothing is changed then.
    """
    aside = paths.backups / f"damaged-{datetime.now(UTC):%Y%m%dT%H%M%S}.db"
    replace_damaged(paths.database, source, aside)
    return aside
