"""``depot``: list, add, edit, renew, test, remove."""

from __future__ import annotations

import argparse
import getpass
import sys
from collections.abc import Sequence

from ibjournal.bootstrap import Services
from ibjournal.commands.interrupt import interruptible
from ibjournal.commands.output import Output
from ibjournal.domain.depot import Depot, DepotId
from ibjournal.domain.errors import CredentialError, FlexError, UsageError
from ibjournal.services.depots import DepotDraft
from ibjournal.services.tokens import leaves_open


def depot(services: Services, options: argparse.Namespace, output: Output) -> int:
    """``depot list|add|edit|renew|test|remove``."""
    depots = services.depots.list_depots()
    if options.action == "list":
        return _list_depots(depots, output)
    if not options.name:
        raise UsageError("name_missing")
    if options.action == "add":
        draft = DepotDraft(
            name=options.name,
            activity_query=options.activity_query or "",
            confirmation_query=options.confirmation_query or "",
            token=_read_token(),
            token_expires=options.expires,
        )
        number, _changes = services.depots.add(draft)
        _tell_if_not_kept(services, number, output)
        return _list_depots([each for each in services.depots.list_depots() if each.id == number], output)
    chosen = depot_named(depots, options.name)
    match options.action:
        case "edit":
            services.depots.edit(
                chosen.id,
                DepotDraft(
                    name=chosen.name,
                    activity_query=chosen.activity_query if options.activity_query is None else options.activity_query,
                    confirmation_query=(
                        chosen.confirmation_query if options.confirmation_query is None else options.confirmation_query
                    ),
                    token_expires=options.expires or chosen.token_expires,
                ),
            )
        case "renew":
            shared = services.depots.sharing_token(chosen.id)
            if not _renew(services, (chosen.id, *shared), options, output):
                return 1
            _tell_if_not_kept(services, chosen.id, output)
        case "test":
            return _test(services, chosen, output)
        case "remove":
            return _remove(services, chosen, output, sure=options.yes)
    return _list_depots([each for each in services.depots.list_depots() if each.id == chosen.id], output)


def _renew(services: Services, depots: tuple[DepotId, ...], options: argparse.Namespace, output: Output) -> bool:
    """Check a new token and keep it; unchecked only where IBKR cannot be asked and the user said so. Tell whether it is kept."""
    token = _read_token()
    try:
        interruptible(lambda cancel: services.depots.renew(depots, token, options.expires, cancel=cancel))
    except FlexError as error:
        if not leaves_open(error):
            raise
        if not options.unchecked:
            output.unchecked(error)
            return False
        services.depots.renew(depots, token, options.expires, check=False)
        output.unchecked(error, kept=True)
    return True


def _remove(services: Services, chosen: Depot, output: Output, *, sure: bool) -> int:
    """Say in counts what goes and what stays, ask, and remove."""
    plan = services.removal.plan(chosen.id)
    for line in () if output.json else output.removal(plan):
        output.note(line)
    if not sure and not output.ask():
        raise UsageError("not_confirmed", depot=chosen.name)
    services.depots.remove(chosen.id)
    if output.json:
        output.write_json({"removed": plan})
    return 0


def _list_depots(depots: Sequence[Depot], output: Output) -> int:
    rows = [
        {
            "name": each.name,
            "accounts": list(each.accounts),
            "activity_query": each.activity_query,
            "confirmation_query": each.confirmation_query,
            "token_expires": each.token_expires,
            "paused": each.paused,
            "from_files": each.from_files,
        }
        for each in depots
    ]
    if output.json:
        output.write_json({"depots": rows})
    else:
        for row, each in zip(rows, depots, strict=True):
            ids = " / ".join(part for part in (each.activity_query, each.confirmation_query) if part)
            output.line("  ".join(part for part in (str(row["name"]), ", ".join(each.accounts), ids) if part))
    return 0


def _test(services: Services, chosen: Depot, output: Output) -> int:
    draft = DepotDraft(name=chosen.name, activity_query=chosen.activity_query, confirmation_query=chosen.confirmation_query)
    results = interruptible(lambda cancel: services.depots.test(draft, depot=chosen.id, cancel=cancel, progress=output.progress))
    if output.json:
        output.write_json(
            {
                "queries": [
                    {
                        "slot": each.slot,
                        "query": each.query,
                        "type": each.type,
                        "accounts": list(each.accounts),
                        "from": each.from_date,
                        "to": each.to_date,
                        "sections": dict(each.sections),
                        "skipped": each.skipped,
                        "error": output.failure(each.error),
                    }
                    for each in results
                ]
            }
        )
    for each in results:
        if each.error is not None:
            output.error(each.error)
        elif not output.json and not each.skipped:
            output.line(f"{each.slot}: {each.type} {', '.join(each.accounts)} {each.from_date} – {each.to_date}")
    return 1 if any(each.error for each in results) else 0


def _read_token() -> str:
    """Return the token from standard input, or asked for without echo."""
    if sys.stdin is not None and not sys.stdin.isatty():
        return sys.stdin.readline().strip()
    try:
        return getpass.getpass("Token: ").strip()
    except EOFError:  # whoever closes the terminal's input gives none
        return ""


def _tell_if_not_kept(services: Services, number: int, output: Output) -> None:
    state = next((each for each in services.depots.depot_states() if each.depot.id == number), None)
    if state is not None and state.has_token and not state.token_kept:
        output.error(CredentialError(services.tokens.trouble() or "keyring_forgets"))


def depot_named(depots: Sequence[Depot], name: str) -> Depot:
    """Return the depot of that name, whatever its case (UsageError ``unknown_depot``)."""
    for each in depots:
        if each.name.casefold() == name.strip().casefold():
            return each
    raise UsageError("unknown_depot", depot=name)
