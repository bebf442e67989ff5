"""``import`` and ``doctor``: files that the user has."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ibjournal.bootstrap import Services
from ibjournal.commands.interrupt import interruptible
from ibjournal.commands.output import Output
from ibjournal.flex.query_doctor import diagnose
from ibjournal.services.importing import ImportedFile


def import_files(services: Services, paths: Sequence[Path], output: Output) -> int:
    """``import``: the shape of its JSON is part of the contract."""
    files = interruptible(lambda cancel: services.importing.import_paths(paths, cancel=cancel, progress=output.progress))
    if output.json:
        output.write_json({"files": [file_as_json(each, output) for each in files]})
    for each in files:
        if each.error is not None:
            output.error(each.error)
        elif not output.json:
            output.line(f"{Path(each.file).name}: +{each.new} ~{each.updated} ={each.unchanged}")
            for warning in each.warnings:
                output.note(f"ibjournal: {Path(each.file).name}: {output.warning(warning)['text']}")
    return 1 if any(each.error for each in files) else 0


def file_as_json(file: ImportedFile, output: Output) -> dict[str, object]:
    """Return what came of a file in the shape that is part of the contract."""
    return {
        "file": file.file,
        "sha256": file.sha256,
        "type": file.type.value if file.type else None,
        "accounts": list(file.accounts),
        "from": file.from_date,
        "to": file.to_date,
        "sections": dict(file.sections),
        "executions": {"new": file.new, "updated": file.updated, "unchanged": file.unchanged},
        "warnings": [output.warning(each) for each in file.warnings],
        "error": output.failure(file.error),
    }


def doctor(paths: Sequence[Path], output: Output) -> int:
    """``doctor``: what these reports lack."""
    diagnoses = [diagnose(path) for path in paths]
    if output.json:
        output.write_json(
            {
                "reports": [
                    {
                        "file": each.file,
                        "type": each.type or None,
                        "findings": [output.finding(found, each.type) for found in each.findings],
                        "error": output.failure(each.error),
                    }
                    for each in diagnoses
                ]
            }
        )
    for each in diagnoses:
        if each.error is not None:
            output.error(each.error)
        if output.json:
            continue
        for found in each.findings:
            words = output.finding_text(found, each.type)
            output.line(f"{Path(each.file).name}\t{found.code}\t{found.section}\t{found.screen}\t{words.sentence}")
            for number, click in enumerate(words.clicks, 1):
                output.line(f"    {number}. {click}")
    return 1 if any(each.error for each in diagnoses) else 0
