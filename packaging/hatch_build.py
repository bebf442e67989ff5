"""Wheel hook: makes the .qm catalogues out of the .ts files, so that an installed program speaks every language."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


def lrelease() -> Path:
    """Return Qt's compiler of catalogues, which PySide6 brings along."""
    import PySide6  # noqa: PLC0415 - only a real wheel needs it

    folder = Path(PySide6.__file__).parent
    return next(
        path for path in (folder / "lrelease", folder / "lrelease.exe", folder / "Qt" / "libexec" / "lrelease") if path.exists()
    )


def compile_catalogues(translations: Path) -> list[Path]:
    """Compile every .ts in a folder to a .qm beside it, where that is missing or older; return the .qm files."""
    made = []
    for source in sorted(translations.glob("*.ts")):
        target = source.with_suffix(".qm")
        if not target.exists() or target.stat().st_mtime < source.stat().st_mtime:
            subprocess.run([lrelease(), "-silent", source, "-qm", target], check=True)
        made.append(target)
    return made


class CatalogueHook(BuildHookInterface[Any]):
    """Runs before a wheel is put together; an editable install has the program compile them itself."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile the catalogues and let the wheel take them, though git ignores them."""
        if version == "editable":
            return
        for catalogue in compile_catalogues(Path(self.root) / "resources" / "translations"):
            build_data["force_include"][str(catalogue)] = f"ibjournal/resources/translations/{catalogue.name}"
