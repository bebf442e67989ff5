"""Depots: add, change, remove, test; renew a token for every depot that shares it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path

from ibjournal.domain.depot import Depot, DepotId
from ibjournal.domain.errors import CredentialError, FlexError, UsageError
from ibjournal.flex.client import FlexClient
from ibjournal.flex.pacing import Clock, SystemClock
from ibjournal.flex.secret import Secret
from ibjournal.services.changes import Changes
from ibjournal.services.credentials import CredentialStore, clean_token, holds_token
from ibjournal.services.fetch_plan import forget_fetched
from ibjournal.services.jobs import CancelToken, ProgressSink, no_progress
from ibjournal.services.mended import note_mended
from ibjournal.services.query_test import QueryTest, QueryTester, TestSink, tell_nobody
from ibjournal.services.schedule import new_york_day
from ibjournal.services.token_ends import read_ends, write_end
from ibjournal.services.token_log import TokenLog, TokenUse, TokenUser
from ibjournal.store.database import Database
from ibjournal.store.depots import delete_depot, find_depot, get_depot, insert_depot, list_depots, set_order, update_depot
from ibjournal.store.sync_runs import list_runs

__all__ = ["DepotDraft", "DepotService", "DepotState", "QueryTest"]

_RUNS_TO_LOOK_AT = 20
_TOKEN_IS_FINE = frozenset(
    {
        "not_available",
        "incomplete",
        "settlement_not_ready",
        "fifo_not_ready",
        "mtm_not_ready",
        "mtm_fifo_not_ready",
        "legacy_query",
        "query_invalid",
        "account_invalid",
    }
)
"""Failures that IBKR names only after it has taken the token."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DepotDraft:
    """What the user typed. ``token`` empty means: keep the one that is there. Spaces and line ends are taken out.

    Attributes:
        name: what the user calls it.
        activity_query: id of the Activity Flex Query.
        confirmation_query: id of the Trade Confirmation Flex Query.
        token: as pasted.
        token_expires: its last day as the user told it.
        token_ends: the very minute, an aware instant, of a token that lives a day or less; else None.
        token_of: take the token of this depot, and its last day: one login at IBKR has one token for all its accounts.
        color: as in `Depot`; None keeps the one that is there.
        from_files: a new depot is to be fed by files alone.
    """

    name: str
    activity_query: str = ""
    confirmation_query: str = ""
    token: str = field(default="", repr=False)
    token_expires: date | None = None
    token_ends: datetime | None = None
    token_of: DepotId | None = None
    color: str | None = None
    from_files: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DepotState:
    """A depot as the depot page shows it. ``shares_token_with`` are the other depots that hold the same token.

    ``credential_error`` is the keyring's, when it could not be asked.
    """

    depot: Depot
    has_token: bool
    token_digits: int
    token_kept: bool
    """Whether the token will be there after a restart (False: for this session only)."""
    shares_token_with: tuple[DepotId, ...] = ()
    last_error: str = ""
    """Code of the error that the last sync ended with, empty when it worked."""
    credential_error: CredentialError | None = None
    token_ends: datetime | None = None
    """The minute at which its token ends (UTC), where that is known: that of tokens which live a day or less."""


class DepotService:
    """What the user can do with depots. Thread-safe. Whatever touches a token may wait for the keyring.

    Args:
        database: the journal.
        credentials: where the tokens are.
        client: IBKR's service.
        folder: for reports that a test fetches.
        clock: where the time comes from.
    """

    def __init__(
        self, *, database: Database, credentials: CredentialStore, client: FlexClient, folder: Path, clock: Clock | None = None
    ) -> None:
        self._database = database
        self._credentials = credentials
        self._client = client
        self._folder = folder
        self._clock = clock or SystemClock()
        self._log = TokenLog(database=database, clock=self._clock)

    def list_depots(self) -> tuple[Depot, ...]:
        """Return the depots in the user's order; never touches the keyring."""
        with self._database.reading() as db:
            return list_depots(db)

    def depot_states(self) -> tuple[DepotState, ...]:
        """Return the depots with the state of their tokens; asks the keyring, so call it in the background."""
        with self._database.reading() as db:
            depots = list_depots(db)
            ends = read_ends(db, depots)
        tokens: dict[DepotId, Secret] = {}
        errors: dict[DepotId, CredentialError] = {}
        for depot in depots:
            try:
                token = self._credentials.get(depot.id)
            except CredentialError as error:
                errors[depot.id] = error
            else:
                if token:
                    tokens[depot.id] = token
        return tuple(
            DepotState(
                depot=depot,
                has_token=depot.id in tokens,
                token_digits=len(tokens[depot.id]) if depot.id in tokens else 0,
                token_kept=depot.id in tokens and self._credentials.keeps(depot.id),
                shares_token_with=_same_token(tokens, depot.id),
                last_error=self._last_error(depot.id),
                credential_error=errors.get(depot.id),
                token_ends=ends.get(depot.id),
            )
            for depot in depots
        )

    def _last_error(self, depot: DepotId) -> str:
        with self._database.reading() as db:
            runs = list_runs(db, depot=depot, limit=_RUNS_TO_LOOK_AT)
        last = next((run for run in runs if run["kind"] == "sync" and run["ended_at"] is not None), None)
        return str(last["error"]["code"]) if last is not None and last["error"] else ""

    def add(self, draft: DepotDraft) -> tuple[DepotId, Changes]:
        """Make a depot.

        Raises:
            UsageError: ``name_missing``, ``name_taken``, ``name_is_token``.
            CredentialError: the token cannot be kept, or that of ``token_of`` not be had; there is no depot then.
        """
        name = _name(draft)
        token, expires, ends = self._given_token(draft)
        with self._database.transaction() as db:
            if find_depot(db, name) is not None:
                raise UsageError("name_taken", name=name)
            depot = insert_depot(
                db,
                name=name,
                activity_query=clean_token(draft.activity_query),
                confirmation_query=clean_token(draft.confirmation_query),
                token_expires=expires,
                from_files=draft.from_files,
                color=draft.color or "",
            )
            write_end(db, (depot,), ends)
        try:
            if token:
                self._credentials.set(depot, token)
            else:
                self._credentials.delete(depot)  # what an older depot of the same number may have left
        except CredentialError:
            if token:
                with self._database.transaction() as db:
                    delete_depot(db, depot)
                raise
        forget_fetched(self._database, depot)
        self._forgive(depot)
        return depot, Changes(depots=True)

    def edit(self, depot: DepotId, draft: DepotDraft) -> Changes:
        """Change a depot. The token comes first: when it cannot be kept, nothing is changed.

        Raises:
            UsageError: ``unknown_depot``, ``name_missing``, ``name_taken``, ``name_is_token``.
            CredentialError: the token cannot be kept.
        """
        name = _name(draft)
        with self._database.reading() as db:
            known = _known(get_depot(db, depot), depot)
            other = find_depot(db, name)
        if other is not None and other.id != depot:
            raise UsageError("name_taken", name=name)
        token, expires, ends = self._given_token(draft)
        if token:
            self._credentials.set(depot, token)
        changed = replace(
            known,
            name=name,
            activity_query=clean_token(draft.activity_query),
            confirmation_query=clean_token(draft.confirmation_query),
            token_expires=expires,
            color=known.color if draft.color is None else draft.color,
        )
        changed = replace(changed, from_files=known.from_files and not (changed.activity_query or changed.confirmation_query))
        with self._database.transaction() as db:
            update_depot(db, changed)
            if token or _queries(changed) != _queries(known):
                note_mended(db, (depot,), self._clock.now())
            if token or ends is not None or expires != known.token_expires:
                write_end(db, (depot,), ends)
        self._forgive(depot)
        return Changes(depots=True)

    def _given_token(self, draft: DepotDraft) -> tuple[Secret, date | None, datetime | None]:
        """Return the token that a draft brings, which may be empty, its last day, and its last minute where that is known."""
        token = Secret(clean_token(draft.token))
        if token or draft.token_of is None:
            return token, draft.token_expires, draft.token_ends
        with self._database.reading() as db:
            other = _known(get_depot(db, draft.token_of), draft.token_of)
            ends = read_ends(db, (other,)).get(other.id)
        shared = self._credentials.get(draft.token_of)
        if not shared:
            raise CredentialError("token_missing", depot=other.name)
        return shared, other.token_expires, ends

    def _forgive(self, depot: DepotId) -> None:
        """Let requests through again that were held back after too many failures: the user mended something."""
        try:
            token = self._credentials.get(depot)
        except CredentialError:
            return
        if token:
            self._client.pacing.of(token).forgive()

    def remove(self, depot: DepotId) -> Changes:
        """Remove a depot and its token; its accounts, trades and notes stay on file as a depot fed by files.

        Raises:
            UsageError: ``unknown_depot``.
            CredentialError: the token cannot be taken out of the keyring; nothing is changed then.
        """
        with self._database.reading() as db:
            known = _known(get_depot(db, depot), depot)
        self._credentials.delete(depot)
        forget_fetched(self._database, depot)
        with self._database.transaction() as db:
            if known.accounts:
                update_depot(
                    db,
                    replace(known, activity_query="", confirmation_query="", token_expires=None, paused=False, from_files=True),
                )
            else:
                delete_depot(db, depot)
        return Changes(depots=True)

    def reorder(self, order: tuple[DepotId, ...]) -> Changes:
        """Put the depots in this order; those that are not named come behind, in the order they had."""
        with self._database.transaction() as db:
            known = [depot.id for depot in list_depots(db)]
            named = [depot for depot in dict.fromkeys(order) if depot in known]
            set_order(db, (*named, *(depot for depot in known if depot not in named)))
        return Changes(depots=True)

    def pause(self, depot: DepotId, *, paused: bool) -> Changes:
        """Leave a depot out of syncs, or take it in again (UsageError ``unknown_depot``)."""
        with self._database.transaction() as db:
            update_depot(db, replace(_known(get_depot(db, depot), depot), paused=paused))
        return Changes(depots=True)

    def test(
        self,
        draft: DepotDraft,
        *,
        depot: DepotId | None = None,
        cancel: CancelToken | None = None,
        progress: ProgressSink = no_progress,
        told: TestSink = tell_nobody,
    ) -> tuple[QueryTest, ...]:
        """Ask IBKR for both queries of a draft and say what it found; of the draft nothing is kept.

        Args:
            draft: what the user typed; without a token, the one that ``depot`` holds is used.
            depot: the depot that is being edited.
            cancel: ends it within a moment.
            progress: steps as in a sync, with the draft's name as subject.
            told: hears of each query's result as soon as it is there, in the thread that tests.

        Raises:
            CredentialError: there is no token (``token_missing``), or the keyring cannot be asked.
            UsageError: ``name_is_token``.
            Cancelled: somebody cancelled.
        """
        if holds_token(draft.name):  # it stands in what is told of the test
            raise UsageError("name_is_token")
        token: Secret | None = Secret(clean_token(draft.token))
        if not token and depot is not None:
            token = self._credentials.get(depot)
        if not token:
            raise CredentialError("token_missing", depot=draft.name)
        self._client.pacing.of(token).forgive()  # the user asks for it; IBKR's own lock-out still holds
        tester = QueryTester(
            client=self._client,
            token=token,
            folder=self._folder,
            today=new_york_day(self._clock.now()),
            cancel=cancel or CancelToken(),
            progress=progress,
            subject=draft.name,
            log=self._log,
            user=TokenUser(depot=depot, name=draft.name, purpose="test"),
            told=told,
        )
        results = tester.test(activity=clean_token(draft.activity_query), confirmation=clean_token(draft.confirmation_query))
        for each in results:
            if isinstance(each.error, FlexError):
                if draft.name:
                    each.error.values.setdefault("depot", draft.name)
                each.error.values.setdefault("query", each.query)
        if depot is not None and results and all(each.error is None for each in results):
            with self._database.transaction() as db:  # what was mended at IBKR shows here for the first time
                note_mended(db, (depot,), self._clock.now())
        return results

    def renew(
        self,
        depots: tuple[DepotId, ...],
        token: str,
        expires: date | None,
        *,
        ends: datetime | None = None,
        check: bool = True,
        cancel: CancelToken | None = None,
    ) -> Changes:
        """Check a new token against IBKR, then keep it for all ``depots``.

        Args:
            depots: those that get the token.
            token: as pasted.
            expires: the token's last day as the user told it.
            ends: the very minute, an aware instant, of a token that lives a day or less; else None.
            check: ask IBKR with one request first; depots without queries cannot be checked.
            cancel: ends it within a moment.

        Raises:
            FlexError: IBKR refuses the token, or cannot be reached; nothing is kept then.
            CredentialError: ``token_missing`` for an empty one; or it cannot be kept, and all depots have their old one still.
            UsageError: ``unknown_depot``.
            Cancelled: somebody cancelled.
        """
        new = Secret(clean_token(token))
        with self._database.reading() as db:
            known = [_known(get_depot(db, depot), depot) for depot in depots]
        if not new:
            raise CredentialError("token_missing", depot=", ".join(depot.name for depot in known))
        asked = next((depot for depot in known if _has_query(depot)), None)
        if check and asked is not None:
            try:
                self._check(new, asked, cancel or CancelToken())
            except FlexError as error:
                error.values.setdefault("depot", ", ".join(depot.name for depot in known))
                raise
        self._keep_for_all(known, new)
        with self._database.transaction() as db:
            for depot in known:
                update_depot(db, replace(_known(get_depot(db, depot.id), depot.id), token_expires=expires))
            write_end(db, depots, ends)
            note_mended(db, depots, self._clock.now())
        return Changes(depots=True)

    def _check(self, token: Secret, depot: Depot, cancel: CancelToken) -> None:
        self._client.pacing.of(token).forgive()  # the user asks for it; IBKR's own lock-out still holds
        user = TokenUser(depot=depot.id, name=depot.name, purpose="renewal")
        slot, query = ("activity", depot.activity_query) if depot.activity_query else ("confirmation", depot.confirmation_query)
        try:
            with self._log.use(user, slot, query):
                self._client.probe(token, query, folder=self._folder, cancel=cancel)
        except FlexError as error:
            if error.code not in _TOKEN_IS_FINE:
                raise

    def _keep_for_all(self, depots: list[Depot], token: Secret) -> None:
        before: list[tuple[DepotId, Secret | None]] = []
        try:
            for depot in depots:
                before.append((depot.id, self._credentials.get(depot.id)))
                self._credentials.set(depot.id, token)
        except CredentialError:
            for depot_id, old in before:
                self._put_back(depot_id, old)
            raise

    def _put_back(self, depot: DepotId, old: Secret | None) -> None:
        try:
            if old:
                self._credentials.set(depot, old)
            else:
                self._credentials.delete(depot)
        except CredentialError:
            return  # the first failure is the one to tell

    def token_uses(self, depot: DepotId | None = None, *, limit: int = 200) -> tuple[TokenUse, ...]:
        """Return what the token of a depot, or of all, was used for, newest first; never touches the keyring."""
        return self._log.uses(depot, limit=limit)

    def sharing_token(self, depot: DepotId) -> tuple[DepotId, ...]:
        """Return the other depots that hold the same token as ``depot`` (CredentialError when the keyring cannot be asked)."""
        tokens = {}
        for each in self.list_depots():
            token = self._credentials.get(each.id)
            if token:
                tokens[each.id] = token
        return _same_token(tokens, depot)


def _same_token(tokens: dict[DepotId, Secret], depot: DepotId) -> tuple[DepotId, ...]:
    own = tokens.get(depot)
    return tuple(other for other, token in tokens.items() if own is not None and other != depot and token == own)


def _has_query(depot: Depot) -> bool:
    return bool(depot.activity_query or depot.confirmation_query)


def _name(draft: DepotDraft) -> str:
    name = " ".join(draft.name.split())
    if not name or holds_token(name):
        raise UsageError("name_is_token" if name else "name_missing")
    return name


def _known(depot: Depot | None, asked: DepotId) -> Depot:
    if depot is None:
        raise UsageError("unknown_depot", depot=asked)
    return depot


def _queries(depot: Depot) -> tuple[str, str]:
    return depot.activity_query, depot.confirmation_query
