"""A journal whose database cannot be opened any more: another one is put in its place, and the damaged one is kept."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from ibjournal.domain.file_errors import file_error
from ibjournal.paths import Paths
from ibjournal.services.backups import BackupFile, list_backups
from ibjournal.services.salvage import BroughtOver, bring_over, damaged_name, salvage_all
from ibjournal.store.backup import UNFINISHED, replace_damaged, restore
from ibjournal.store.database import Database


def usable_backups(paths: Paths) -> tuple[BackupFile, ...]:
    """Return the journal's own backups, newest first; whether one is whole shows when it is put back."""
    return list_backups(paths.backups)


def rescue(paths: Paths, source: Path | None, *, told: Callable[[BroughtOver], None] = lambda _brought: None) -> Path:
    """Put a backup in the place of the damaged database, or start with an empty one, to be filled from the archive.

    Nobody may have the journal open. Reports that the backup does not know are taken in afterwards by `RecoveryService`. Notes that
    can still be read in the damaged one are taken over, and without a backup the depots as well.

    Args:
        paths: the data folder.
        source: the backup; None to begin with the archive.
        told: what came over from the damaged one, or could not be read in it; called when all is done.

    Returns:
        The file that keeps the damaged database.

    Raises:
        StoreError: ``backup_missing``, ``backup_invalid``, ``backup_too_new``, ``disk_full``, ``read_only``, ``store_failed``;
            nothing is changed then.
    """
    aside = damaged_name(paths.backups)
    model = next((each.path for each in usable_backups(paths)), None)
    try:
        paths.backups.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=UNFINISHED, dir=paths.backups) as folder:
            # ready in every detail before the damaged one makes room for it
            new = Database(Path(folder) / "journal.db")
            if source is None:
                brought = salvage_all(new, paths.database, model=model)
            else:
                restore(new, source)
                brought = bring_over(new, paths.database, model=model)
            new.checkpoint()
            replace_damaged(paths.database, new.path, aside)
    except OSError as error:
        raise file_error(error, paths.database) from error
    told(brought)
    return aside
