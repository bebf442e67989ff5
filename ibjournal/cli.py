"""The command line: the window by default, and the same services for scripts and checks.

``--json`` and exports go to standard output, progress and errors to standard error. Exit status: 0 done; 1 a known failure,
one clear line on standard error; 2 wrong usage; 130 interrupted.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import logging
import os
import sys
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import NoReturn

import ibjournal
from ibjournal import bootstrap
from ibjournal.commands import care, depots, figures, reports, sync
from ibjournal.commands.output import Output
from ibjournal.domain.depot import AccountId
from ibjournal.domain.errors import Cancelled, JournalError, StoreError, UsageError
from ibjournal.domain.file_errors import file_error
from ibjournal.flex.answers import is_loopback
from ibjournal.log import guard_errors, redact, start_logging, stop_logging
from ibjournal.paths import Paths
from ibjournal.services.autosync import OFF
from ibjournal.services.credentials import clean_token, is_query_id
from ibjournal.services.export import KINDS
from ibjournal.services.rescue import rescue
from ibjournal.services.salvage import BroughtOver

_INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program and return its exit status; without ``arguments`` as the process that it is."""
    if arguments is None:
        guard_errors()
        _leave_no_core()
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.command == "depot" and options.action != "list" and not options.name:
        parser.error(f"depot {options.action}: NAME is missing")
    if options.command == "depot" and options.action == "renew" and options.expires and options.expires < date.today():  # noqa: DTZ011 - the user's own day
        parser.error("depot renew: the day of --expires is over")
    if options.command == "restore" and (options.file is None) is not options.from_archive:
        parser.error("restore: either FILE or --from-archive")
    _write_utf_8()
    output = Output(language=options.lang, json=getattr(options, "json", False))
    windowed = options.command is None or (options.command == "demo" and options.tour is None)
    try:
        if windowed and not _has_display():
            raise UsageError("no_display")
        status = _run(options, output)
        if sys.stdout is not None:  # a program without a console has none
            sys.stdout.flush()
    except JournalError as error:
        output.error(error)
        if windowed and _has_display():
            # who started us by a double click sees no standard error
            from ibjournal.gui.fatal import tell  # noqa: PLC0415 - Qt is loaded for what needs it alone

            if tell(error, options.lang, Paths.at(options.data_dir) if options.command is None else None):
                return main(arguments)
        return 1
    except (Cancelled, KeyboardInterrupt):
        return _INTERRUPTED
    except BrokenPipeError:
        # whoever read our output has enough of it
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    else:
        return status
    finally:
        output.end_bar()


class _Parser(argparse.ArgumentParser):
    """Says what is wrong with the arguments, without a token that stands among them."""

    def error(self, message: str) -> NoReturn:
        """End with the message."""
        super().error(redact(message))


def _leave_no_core() -> None:
    """Let the system keep no picture of our memory should the process die: a token may be in it."""
    with contextlib.suppress(ImportError, ValueError, OSError):  # a system without such limits
        import resource  # noqa: PLC0415 - there is none on Windows

        resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))


def _write_utf_8() -> None:
    """Let data be the same on every system; a file name that is no text is escaped as JSON escapes it."""
    if isinstance(sys.stdout, io.TextIOWrapper) and not sys.stdout.isatty():
        sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")


def _has_display() -> bool:
    """Tell whether a window can be opened: Qt itself would end the process without a word for the user."""
    if not sys.platform.startswith("linux") or os.environ.get("QT_QPA_PLATFORM"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _run(options: argparse.Namespace, output: Output) -> int:
    command = options.command
    if command == "doctor":
        return reports.doctor(options.paths, output)
    if command == "diagnose":
        return care.diagnose(bootstrap.diagnosis(Paths.at(options.data_dir)), output)
    if command == "self-test":
        from ibjournal.gui.self_test import run  # noqa: PLC0415 - Qt is loaded for what needs it alone

        return run(output.write_json if output.json else None)
    if command == "demo":
        return _demo(options, output)
    paths = Paths.at(options.data_dir)
    services = _build(options, paths, output)
    with _logging(paths):
        try:
            return _with_services(options, output, services, paths)
        finally:
            services.maintenance.close()


def _build(options: argparse.Namespace, paths: Paths, output: Output) -> bootstrap.Services:
    def build() -> bootstrap.Services:
        return bootstrap.build(paths, flex_url=options.flex_url) if options.flex_url else bootstrap.build(paths)

    try:
        return build()
    except StoreError as error:
        if options.command != "restore" or error.code != "database_corrupt":
            raise

    def tell(brought: BroughtOver) -> None:
        for line in output.brought_over(brought, ()):
            output.note(line)

    with _alone(paths):
        rescue(paths, options.file, told=tell)  # what cannot be opened cannot be copied either: it is put aside as it is
    return build()


def _with_services(options: argparse.Namespace, output: Output, services: bootstrap.Services, paths: Paths) -> int:
    account = AccountId(options.account) if getattr(options, "account", None) else None
    match options.command:
        case "import":
            status = reports.import_files(services, options.paths, output)
            care.back_up_if_due(services, output)
            return status
        case "depot":
            return depots.depot(services, options, output)
        case "sync":
            status = sync.sync(services, options.depot, output)
            care.back_up_if_due(services, output)
            return status
        case "export":
            return figures.export(
                services, options.kind, format_=options.format, account=account, target=options.output, output=output
            )
        case "performance":
            return figures.performance(
                services, output, account=account, start=options.start, end=options.end, convention=options.convention
            )
        case "reconcile":
            return figures.reconcile(services, account, output)
        case "backup":
            return care.list_backups(services, output) if options.list else care.backup(services, options.file, output)
        case "restore":
            return care.restore(services, paths, options.file, output, as_it_was=options.as_it_was)
        case "data-folder":
            return care.data_folder(services, paths, options.folder, output, forget=options.forget_former)
        case "rebuild":
            return care.rebuild(services, output)
        case "check":
            return care.check(services, output)
        case _:
            from ibjournal.gui.app import main as window  # noqa: PLC0415 - Qt is loaded for what needs it alone

            return window(services, paths, language=options.lang, hidden=options.hidden)


def _demo(options: argparse.Namespace, output: Output) -> int:
    paths = Paths.at(options.data_dir) if options.data_dir else Paths.of_demo()
    as_of = options.as_of or bootstrap.today_in_new_york()
    with contextlib.ExitStack() as alone_while_made, contextlib.ExitStack() as stack:
        try:
            alone_while_made.enter_context(_alone(paths))
        except StoreError as error:
            # the first demo has the folder open: nothing may be made anew below it
            if error.code == "database_locked" and options.tour is None and _raise_other(paths):
                return 0
            raise
        session = stack.enter_context(bootstrap.demo(paths, as_of=as_of, progress=output.progress))
        stack.enter_context(_logging(paths))
        if options.tour is not None:
            os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")  # pictures need no display
            from ibjournal.gui.tour import run_tour  # noqa: PLC0415 - Qt is loaded for what needs it alone

            for picture in run_tour(
                options.tour, session.services, language=options.lang, mode=options.theme, today=lambda: as_of, sync=True
            ):
                output.line(str(picture))
            return 0
        from ibjournal.gui.app import main as window  # noqa: PLC0415 - Qt is loaded for what needs it alone

        session.services.autosync.propose(OFF)  # the demo waits for whoever looks at it
        alone_while_made.close()  # the window takes the folder for itself
        return window(session.services, paths, language=options.lang, mode=options.theme, today=lambda: as_of)


@contextlib.contextmanager
def _alone(paths: Paths) -> Iterator[None]:
    from ibjournal.gui.single_instance import alone  # noqa: PLC0415 - Qt is loaded for what needs it alone

    try:
        paths.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise file_error(error, paths.data) from error
    with alone(paths.lock, paths.database):
        yield


def _raise_other(paths: Paths) -> bool:
    """Show the window of the process that has a folder open; return whether it answered."""
    from ibjournal.gui.app import make_application  # noqa: PLC0415 - Qt is loaded for what needs it alone
    from ibjournal.gui.single_instance import SingleInstance  # noqa: PLC0415 - Qt is loaded for what needs it alone

    make_application()
    return SingleInstance(paths.lock).raise_other()


@contextlib.contextmanager
def _logging(paths: Paths) -> Iterator[None]:
    handler = None
    with contextlib.suppress(OSError):  # a log that cannot be written stops nobody's work
        handler = start_logging(paths.logs)
    try:
        yield
    finally:
        if handler is not None:
            stop_logging(handler)
        logging.getLogger().setLevel(logging.WARNING)


def _parser() -> argparse.ArgumentParser:
    common = _Parser(add_help=False)
    common.add_argument("--data-dir", type=Path, metavar="DIR", default=argparse.SUPPRESS, help="folder of the journal")
    common.add_argument("--lang", choices=("en", "de"), default=argparse.SUPPRESS, help="language")
    common.add_argument(
        "--flex-url", type=_loopback, metavar="URL", default=argparse.SUPPRESS, help="another Flex service, on loopback only"
    )
    as_json = _Parser(add_help=False, parents=[common])
    as_json.add_argument("--json", action="store_true", help="JSON on standard output")

    parser = _Parser(prog="ibjournal", description="A trading journal for people who trade at Interactive Brokers.")
    parser.add_argument("--version", action="version", version=f"ibjournal {ibjournal.__version__}")
    parser.add_argument("--data-dir", type=Path, metavar="DIR", default=None, help="folder of the journal")
    parser.add_argument("--lang", choices=("en", "de"), default=None, help="language")
    parser.add_argument("--flex-url", type=_loopback, metavar="URL", default=None, help="another Flex service, on loopback only")
    parser.add_argument("--hidden", action="store_true", help="begin in the tray, where there is one")
    parser.set_defaults(command=None)
    sub = parser.add_subparsers(metavar="COMMAND")

    def add(name: str, help_text: str, *, json: bool = True) -> argparse.ArgumentParser:
        child = sub.add_parser(name, help=help_text, description=help_text, parents=[as_json if json else common])
        child.set_defaults(command=name)
        return child

    demo = add("demo", "the program on synthetic depots", json=False)
    demo.add_argument("--tour", type=Path, metavar="OUT_DIR", help="write every screen to OUT_DIR/NAME.png and end")
    demo.add_argument("--as-of", type=_day, metavar="DATE", help="the day the demo plays on (today)")
    demo.add_argument("--theme", choices=("light", "dark"))
    files = add("import", "take in Flex XML files, plain or .gz, and folders of them")
    files.add_argument("paths", nargs="+", type=Path, metavar="PATH")
    depot = add("depot", "depots: the token is read from standard input or asked for, and is never an argument")
    depot.add_argument("action", choices=("list", "add", "edit", "renew", "test", "remove"))
    depot.add_argument("name", nargs="?", metavar="NAME")
    depot.add_argument("--activity-query", type=_query_id, metavar="ID")
    depot.add_argument("--confirmation-query", type=_query_id, metavar="ID")
    depot.add_argument("--expires", type=_day, metavar="DATE", help="the token's last day")
    depot.add_argument("--unchecked", action="store_true", help="renew: keep the token also when IBKR cannot be asked about it")
    depot.add_argument("--yes", action="store_true", help="remove without asking")
    sync = add("sync", "fetch both queries of each depot")
    sync.add_argument("--depot", metavar="NAME")
    export = add("export", "rows for other programs", json=False)
    export.add_argument("kind", choices=KINDS)
    export.add_argument("--format", choices=("csv", "json"), default="csv")
    export.add_argument("--account", metavar="ID")
    export.add_argument("-o", "--output", type=Path, metavar="FILE")
    performance = add("performance", "returns and statistics")
    performance.add_argument("--account", metavar="ID")
    performance.add_argument("--from", dest="start", type=_day, metavar="D")
    performance.add_argument("--to", dest="end", type=_day, metavar="D")
    performance.add_argument("--convention", choices=("ibkr", "pp", "start"), default="ibkr")
    add("reconcile", "our figures beside IBKR's").add_argument("--account", metavar="ID")
    add("doctor", "what reports lack, and which screen suffers").add_argument("paths", nargs="+", type=Path, metavar="PATH")
    backup = add("backup", "write a checked copy of the database; without FILE into the journal's own backups")
    backup.add_argument("file", nargs="?", type=Path, metavar="FILE")
    backup.add_argument("--list", action="store_true", help="show the journal's own backups")
    restore = add("restore", "put a backup in the place of the data, then take in the reports that came since")
    restore.add_argument("file", nargs="?", type=Path, metavar="FILE")
    restore.add_argument("--as-it-was", action="store_true", help="leave out the reports that came and the notes written since")
    restore.add_argument("--from-archive", action="store_true", help="without a backup: from the archive and what can be read")
    add("rebuild", "make everything that comes of reports again from the archive; notes are not touched")
    add("check", "look whether database and archive are sound")
    folder = add("data-folder", "show where the journal lies, or move it to another folder")
    folder.add_argument("folder", nargs="?", type=Path, metavar="FOLDER")
    folder.add_argument("--forget-former", action="store_true", help="delete the journal in the folder that it was moved from")
    add("diagnose", "a report without tokens, account numbers and amounts, for whoever is to help")
    add("self-test", "look whether this installation works")
    return parser


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no date (YYYY-MM-DD)") from None


def _query_id(text: str) -> str:
    plain = clean_token(text)
    if plain and not is_query_id(plain):
        # whatever it is, it is not said again: it may be a token
        raise argparse.ArgumentTypeError("the id of a query has digits only, and fewer than a token")
    return plain


def _loopback(text: str) -> str:
    if not is_loopback(text):
        raise argparse.ArgumentTypeError("only addresses on loopback are taken")
    return text
