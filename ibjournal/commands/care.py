"""``backup``, ``restore``, ``check`` and ``rebuild``: care for the data."""

from __future__ import annotations

from pathlib import Path

from ibjournal.bootstrap import Services
from ibjournal.commands.interrupt import interruptible
from ibjournal.commands.output import Output
from ibjournal.commands.reports import file_as_json
from ibjournal.domain.errors import StoreError
from ibjournal.paths import Paths
from ibjournal.services.backups import BackupFile
from ibjournal.services.diagnosis import DiagnosisService
from ibjournal.services.importing import ImportedFile
from ibjournal.services.salvage import BroughtOver
from ibjournal.services.stray_notes import LostNote


def backup(services: Services, target: Path | None, output: Output) -> int:
    """``backup``: a checked copy of the database, to a file or among the journal's own backups."""
    if target is None:
        target = services.backups.make().path
        if not output.json:
            output.line(str(target))
    else:
        services.maintenance.backup(target)
    if output.json:
        output.write_json({"backup": str(target)})
    return 0


def list_backups(services: Services, output: Output) -> int:
    """``backup --list``: the journal's own backups, newest first."""
    files = services.backups.list_backups()
    if output.json:
        output.write_json({"backups": [_as_json(each) for each in files]})
    else:
        for each in files:
            output.line(f"{each.made_at.astimezone():%Y-%m-%d %H:%M}\t{each.kind.value}\t{each.size}\t{each.path}")
    return 0


def _as_json(file: BackupFile) -> dict[str, object]:
    return {"file": str(file.path), "kind": file.kind, "made_at": file.made_at, "size": file.size}


def back_up_if_due(services: Services, output: Output) -> None:
    """Make today's backup after work that has changed something; where that fails, the work stands all the same."""
    try:
        services.backups.make_if_due()
    except StoreError as error:
        output.error(error)


def restore(services: Services, paths: Paths, source: Path | None, output: Output, *, as_it_was: bool = False) -> int:
    """``restore``: prints the file that keeps what was there before.

    Reports in the archive that are newer are taken in again, and notes that were written since are taken over, unless the journal
    is wanted as it was. Without a backup the archive and what can be read in the damaged database make it anew.
    """
    from ibjournal.gui.single_instance import alone  # noqa: PLC0415 - Qt is loaded for what needs it alone

    with alone(paths.lock, paths.database):  # a window that is open would go on with what is no longer there
        brought = BroughtOver()
        if source is None:
            before, _changes = services.maintenance.begin_anew()
        elif as_it_was:
            before, _changes = services.maintenance.restore(source)
        else:
            before, brought = services.maintenance.put_back(source)
        files: tuple[ImportedFile, ...] = ()
        if not as_it_was:
            files = interruptible(lambda cancel: services.recovery.take_in(cancel=cancel, progress=output.progress))
    lost = services.maintenance.notes_without_trade()
    if output.json:
        found = {"before": str(before), "files": [file_as_json(each, output) for each in files]}
        output.write_json(found | {"brought_over": brought, "notes_without_trade": [_note_as_json(each) for each in lost]})
    else:
        output.line(str(before))
        for each in files:
            output.line(f"{Path(each.file).name}: +{each.new} ~{each.updated} ={each.unchanged}")
        for line in output.brought_over(brought, lost):
            output.note(line)
    for each in files:
        if each.error is not None:
            output.error(each.error)
    return 0


def _note_as_json(note: LostNote) -> dict[str, object]:
    account, instrument, execution = note.anchor
    return {"account": account, "instrument": instrument, "execution": execution, "symbol": note.symbol, "text": note.text}


def check(services: Services, output: Output) -> int:
    """``check``: exit status 1 when something is wrong; reports that wait and notes that wait are no fault."""
    issues = services.maintenance.check()
    damaged = any(each.code == "database_damaged" for each in issues)
    unknown = () if damaged else services.recovery.unknown()
    lost = () if damaged else services.maintenance.notes_without_trade()
    if output.json:
        found: dict[str, object] = {"issues": [{"code": each.code, "detail": each.detail} for each in issues]}
        found |= {"unknown_reports": unknown} if unknown else {}
        output.write_json(found | ({"notes_without_trade": [_note_as_json(each) for each in lost]} if lost else {}))
    else:
        for each in issues:
            output.line(f"{each.code}\t{each.detail}")
        for name in unknown:
            output.line(f"report_not_in_journal\t{name}")
        for note in lost:
            output.line(f"note_without_trade\t{note.symbol}\t{' '.join(note.text.split())}")
    return 1 if issues else 0


def diagnose(diagnosis: DiagnosisService, output: Output) -> int:
    """``diagnose``: the report as text."""
    text = diagnosis.report()
    if output.json:
        output.write_json({"report": text.splitlines()})
    else:
        output.line(text.rstrip())
    return 0


def data_folder(services: Services, paths: Paths, target: Path | None, output: Output, *, forget: bool) -> int:
    """``data-folder``: where the journal lies, and where it lay before it was moved; or moves it."""
    if target is not None:
        from ibjournal.gui.single_instance import alone  # noqa: PLC0415 - Qt is loaded for what needs it alone

        with alone(paths.lock, paths.database):
            interruptible(lambda cancel: services.moving.move(target, cancel=cancel, progress=output.progress))
    elif forget:
        services.moving.forget_former()
    folder = Paths.at(None).data if target is not None else services.moving.folder
    former = paths.data if target is not None else services.moving.former()
    if output.json:
        output.write_json({"folder": str(folder), "former": str(former) if former else None})
    else:
        output.line(str(folder))
    return 0


def rebuild(services: Services, output: Output) -> int:
    """``rebuild``: everything that comes of reports is made again from the archive; what the user wrote is not touched."""
    output.expect_progress()
    interruptible(lambda cancel: services.maintenance.rebuild_from_archive(cancel=cancel, progress=output.progress))
    files = interruptible(lambda cancel: services.recovery.take_in(cancel=cancel, progress=output.progress))
    if output.json:
        output.write_json({"files": [file_as_json(each, output) for each in files]})
    for each in files:
        if each.error is not None:
            output.error(each.error)
        elif not output.json:
            output.line(f"{Path(each.file).name}: +{each.new} ~{each.updated} ={each.unchanged}")
    return 0
