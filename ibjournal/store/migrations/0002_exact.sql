-- Both views of a result, and the currency's part in it.
ALTER TABLE trades ADD COLUMN booked TEXT;
ALTER TABLE trades ADD COLUMN currency_effect TEXT;

-- By which a depot is recognised: a name among the series of the charts, '' for none.
ALTER TABLE depots ADD COLUMN color TEXT NOT NULL DEFAULT '';

-- Which sections a report holds for an account, empty ones too, as a JSON list; '' where an older program did not note it.
ALTER TABLE coverage ADD COLUMN sections TEXT NOT NULL DEFAULT '';

-- A fill is found by what it was traded in, and by its ids in memory: `store/same_fill.py`.
DROP INDEX executions_by_match;
ALTER TABLE executions DROP COLUMN match_key;
CREATE INDEX executions_unnumbered ON executions (account) WHERE transaction_id='' OR source<>'AF';
DROP INDEX executions_unusual;
-- Comparisons one by one: for a list SQLite makes a table of its own at every single row.
CREATE INDEX executions_unusual ON executions (account, instrument)
    WHERE status<>'active' OR gone<>0 OR extra IS NOT NULL
    OR kind='TradeCancel' OR kind='FracShareCancel' OR kind='TradeCorrect'
    OR instr(buy_sell, '(Ca.)') OR instr(codes, 'Ca') OR (exec_id<>'' AND substr(exec_id, -3)<>'.01');

-- Provisional fills that a file made final, and how many of them it told otherwise.
ALTER TABLE run_files ADD COLUMN confirmed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE run_files ADD COLUMN changed INTEGER NOT NULL DEFAULT 0;

-- Derived: what a later report changed in a fill that was there: a confirmation confirmed by Activity, a correction.
CREATE TABLE fill_changes (
    id INTEGER PRIMARY KEY,
    account TEXT NOT NULL,
    instrument TEXT NOT NULL,
    uid TEXT NOT NULL,
    kind TEXT NOT NULL,
    field TEXT NOT NULL,
    before TEXT,
    after TEXT,
    before_report INTEGER NOT NULL,
    after_report INTEGER NOT NULL,
    changed_at INTEGER NOT NULL
) STRICT;
CREATE INDEX fill_changes_by_instrument ON fill_changes (account, instrument);

-- Derived: found anew whenever their underlying is touched. `data` holds the legs.
CREATE TABLE strategies (
    key TEXT PRIMARY KEY,
    account TEXT NOT NULL,
    underlying TEXT NOT NULL,
    structure TEXT NOT NULL,
    certain INTEGER NOT NULL,
    opened_at INTEGER NOT NULL,
    closed_at INTEGER,
    data TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX strategies_by_underlying ON strategies (account, underlying);

CREATE TABLE campaigns (
    key TEXT PRIMARY KEY,
    account TEXT NOT NULL,
    underlying TEXT NOT NULL,
    kind TEXT NOT NULL,
    opened_at INTEGER NOT NULL,
    closed_at INTEGER,
    data TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX campaigns_by_underlying ON campaigns (account, underlying);

-- Links that are not certain and wait for the user.
CREATE TABLE campaign_suggestions (
    account TEXT NOT NULL,
    underlying TEXT NOT NULL,
    earlier TEXT NOT NULL,
    later TEXT NOT NULL,
    data TEXT NOT NULL,
    PRIMARY KEY (account, underlying, earlier, later)
) STRICT, WITHOUT ROWID;

-- What the user says. Anchored to executions and events, so that every rebuild finds it again.
CREATE TABLE strategy_choices (
    id INTEGER PRIMARY KEY,
    account TEXT NOT NULL,
    underlying TEXT NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    structure TEXT NOT NULL,
    executions TEXT NOT NULL,
    changed_at INTEGER NOT NULL
) STRICT;
CREATE INDEX strategy_choices_by_underlying ON strategy_choices (account, underlying);

CREATE TABLE campaign_choices (
    id INTEGER PRIMARY KEY,
    account TEXT NOT NULL,
    underlying TEXT NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    executions TEXT NOT NULL,
    changed_at INTEGER NOT NULL
) STRICT;
CREATE INDEX campaign_choices_by_underlying ON campaign_choices (account, underlying);

CREATE TABLE told_basis (
    account TEXT NOT NULL,
    instrument TEXT NOT NULL,
    event TEXT NOT NULL,
    cost TEXT NOT NULL,
    currency TEXT NOT NULL,
    opened_on TEXT,
    changed_at INTEGER NOT NULL,
    PRIMARY KEY (account, instrument, event)
) STRICT, WITHOUT ROWID;

CREATE TABLE account_links (
    old_account TEXT PRIMARY KEY,
    new_account TEXT NOT NULL,
    changed_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Currency pairs whose conversions the user calls trades.
CREATE TABLE traded_currencies (
    account TEXT NOT NULL,
    instrument TEXT NOT NULL,
    changed_at INTEGER NOT NULL,
    PRIMARY KEY (account, instrument)
) STRICT, WITHOUT ROWID;

-- Derived: what is known of positions beside the fills: events, exercises, settlements, what was held before. Made anew at every
-- rebuild; what differs from before tells which instruments must be matched again. `data` is JSON.
CREATE TABLE position_facts (
    account TEXT NOT NULL,
    instrument TEXT NOT NULL,
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    data TEXT NOT NULL,
    PRIMARY KEY (account, instrument, kind, id)
) STRICT, WITHOUT ROWID;

-- Derived: rates that a matching asked for and nobody knew.
CREATE TABLE missing_rates (
    account TEXT NOT NULL,
    instrument TEXT NOT NULL,
    currency TEXT NOT NULL,
    day TEXT NOT NULL,
    PRIMARY KEY (account, instrument, currency, day)
) STRICT, WITHOUT ROWID;

-- Bookings that are no fills of an exchange: expiry, exercise, assignment. `store/option_events.py` asks with the very same words.
CREATE INDEX executions_booked ON executions (account, instrument)
    WHERE kind<>'ExchTrade' AND (kind='BookTrade' OR codes<>'');
CREATE INDEX corporate_actions_by_time ON corporate_actions (account, effective_at);

-- What each token was used for: free of the token. `asked` is 0 where the program held the request back by itself.
CREATE TABLE token_uses (
    id INTEGER PRIMARY KEY,
    depot INTEGER REFERENCES depots (id) ON DELETE SET NULL,
    depot_name TEXT NOT NULL,
    used_at INTEGER NOT NULL,
    purpose TEXT NOT NULL,
    slot TEXT NOT NULL,
    query TEXT NOT NULL,
    from_date TEXT,
    to_date TEXT,
    result TEXT NOT NULL,
    asked INTEGER NOT NULL
) STRICT;
CREATE INDEX token_uses_by_depot ON token_uses (depot);
