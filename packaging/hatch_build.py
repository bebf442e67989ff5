"""Wheel hook: puts the resources into the package, catalogues compiled, so that an installed program speaks every language."""

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


class ResourcesHook(BuildHookInterface[Any]):
    """Runs before a wheel is put together. An editable install finds the checkout's own resources and needs nothing of this."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Put ``resources/`` into the package, every catalogue compiled, though git ignores those."""
        if version == "editable":
            return
        resources = Path(self.root) / "resources"
        compile_catalogues(resources / "translations")
        build_data["force_include"][str(resources)] = "ibjournal/resources"
