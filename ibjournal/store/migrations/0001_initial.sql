-- Money and quantities are TEXT: exact decimals as IBKR wrote them. Days are TEXT yyyy-mm-dd.
-- Instants are INTEGER: seconds since 1970-01-01 UTC.

CREATE TABLE depots (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    activity_query TEXT NOT NULL DEFAULT '',
    confirmation_query TEXT NOT NULL DEFAULT '',
    token_expires TEXT,
    paused INTEGER NOT NULL DEFAULT 0,
    position INTEGER NOT NULL DEFAULT 0,
    from_files INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE accounts (
    account TEXT PRIMARY KEY,
    depot INTEGER REFERENCES depots (id) ON DELETE SET NULL,
    base_currency TEXT NOT NULL DEFAULT '',
    information TEXT NOT NULL DEFAULT '{}',
    information_generated INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE sync_runs (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    depot INTEGER REFERENCES depots (id) ON DELETE SET NULL,
    depot_name TEXT NOT NULL DEFAULT '',
    started_at INTEGER NOT NULL,
    ended_at INTEGER,
    result TEXT NOT NULL,
    error TEXT,
    steps TEXT NOT NULL DEFAULT '[]'
) STRICT;

CREATE TABLE reports (
    id INTEGER PRIMARY KEY,
    sha256 TEXT NOT NULL UNIQUE,
    archive_file TEXT NOT NULL,
    type TEXT,
    query_name TEXT NOT NULL DEFAULT '',
    generated_at INTEGER,
    from_date TEXT,
    to_date TEXT,
    accounts TEXT NOT NULL DEFAULT '[]',
    sections TEXT NOT NULL DEFAULT '[]',
    fills INTEGER NOT NULL DEFAULT 0,
    warnings TEXT NOT NULL DEFAULT '[]',
    error TEXT,
    size INTEGER NOT NULL,
    received_at INTEGER NOT NULL,
    depot INTEGER REFERENCES depots (id) ON DELETE SET NULL,
    reader_version INTEGER NOT NULL
) STRICT;

CREATE TABLE run_files (
    id INTEGER PRIMARY KEY,
    run INTEGER NOT NULL REFERENCES sync_runs (id) ON DELETE CASCADE,
    report INTEGER REFERENCES reports (id) ON DELETE SET NULL,
    file TEXT NOT NULL,
    new INTEGER NOT NULL DEFAULT 0,
    updated INTEGER NOT NULL DEFAULT 0,
    unchanged INTEGER NOT NULL DEFAULT 0,
    warnings TEXT NOT NULL DEFAULT '[]',
    error TEXT
) STRICT;
CREATE INDEX run_files_by_run ON run_files (run);

-- Which days of an account which report covers, and whether it tells of trades.
CREATE TABLE coverage (
    report INTEGER NOT NULL REFERENCES reports (id) ON DELETE CASCADE,
    account TEXT NOT NULL,
    type TEXT NOT NULL,
    query_name TEXT NOT NULL,
    from_date TEXT NOT NULL,
    to_date TEXT NOT NULL,
    generated_at INTEGER NOT NULL,
    has_trades INTEGER NOT NULL,
    PRIMARY KEY (report, account, from_date, to_date)
) STRICT, WITHOUT ROWID;
CREATE INDEX coverage_by_account ON coverage (account, type, generated_at);

CREATE TABLE instruments (
    instrument TEXT PRIMARY KEY,
    category TEXT NOT NULL,
    symbol TEXT NOT NULL,
    description TEXT NOT NULL,
    currency TEXT NOT NULL,
    multiplier TEXT NOT NULL,
    underlying TEXT,
    underlying_symbol TEXT NOT NULL,
    isin TEXT NOT NULL,
    exchange TEXT NOT NULL,
    expiry TEXT,
    strike TEXT,
    put_call TEXT NOT NULL,
    seen_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What matching reads stands first: SQLite does not look at the columns behind the last one it needs.
CREATE TABLE executions (
    id INTEGER PRIMARY KEY,
    account TEXT NOT NULL,
    instrument TEXT NOT NULL,
    status TEXT NOT NULL DEFAULT 'active',
    uid TEXT NOT NULL,
    executed_at INTEGER NOT NULL,
    trade_date TEXT NOT NULL,
    source TEXT NOT NULL,
    category TEXT NOT NULL,
    currency TEXT NOT NULL,
    quantity TEXT NOT NULL,
    price TEXT NOT NULL,
    multiplier TEXT NOT NULL,
    report_date TEXT,
    proceeds TEXT,
    commission TEXT,
    commission_currency TEXT NOT NULL,
    taxes TEXT,
    cost TEXT,
    realized TEXT,
    fx_rate_to_base TEXT,
    open_close TEXT NOT NULL,
    codes TEXT NOT NULL,
    trade_id TEXT NOT NULL,
    transaction_id TEXT NOT NULL,
    exec_id TEXT NOT NULL,
    row_key TEXT NOT NULL,
    match_key TEXT NOT NULL,
    gone INTEGER NOT NULL DEFAULT 0,
    report INTEGER NOT NULL,
    ordinal INTEGER NOT NULL,
    generated_at INTEGER NOT NULL,
    first_seen_at INTEGER NOT NULL,
    last_seen_at INTEGER NOT NULL,
    query_name TEXT NOT NULL,
    symbol TEXT NOT NULL,
    settle_date TEXT,
    net_cash TEXT,
    kind TEXT NOT NULL,
    buy_sell TEXT NOT NULL,
    order_id TEXT NOT NULL,
    brokerage_order_id TEXT NOT NULL,
    orig_trade_id TEXT NOT NULL,
    orig_transaction_id TEXT NOT NULL,
    orig_trade_date TEXT,
    position_action_id TEXT NOT NULL,
    order_type TEXT NOT NULL,
    exchange TEXT NOT NULL,
    order_reference TEXT NOT NULL,
    ordered_at INTEGER,
    close_price TEXT,
    mtm TEXT,
    accrued_interest TEXT,
    extra TEXT,
    UNIQUE (account, row_key)
) STRICT;
CREATE INDEX executions_by_match ON executions (account, match_key);
CREATE INDEX executions_by_instrument ON executions (account, instrument);
-- The few fills that can be a cancel, a correction, incomplete or gone; `store/status.py` asks with the very same words.
CREATE INDEX executions_unusual ON executions (account, instrument)
    WHERE status<>'active' OR gone<>0 OR extra IS NOT NULL OR kind IN ('TradeCancel', 'FracShareCancel')
    OR instr(buy_sell, '(Ca.)') OR instr(codes, 'Ca') OR (exec_id<>'' AND substr(exec_id, -3)<>'.01');

CREATE TABLE corporate_actions (
    account TEXT NOT NULL,
    row_key TEXT NOT NULL,
    instrument TEXT NOT NULL,
    report INTEGER NOT NULL,
    ordinal INTEGER NOT NULL,
    generated_at INTEGER NOT NULL,
    type TEXT NOT NULL,
    effective_at INTEGER NOT NULL,
    report_date TEXT,
    quantity TEXT,
    proceeds TEXT,
    value TEXT,
    realized TEXT,
    currency TEXT NOT NULL,
    symbol TEXT NOT NULL,
    description TEXT NOT NULL,
    action_id TEXT NOT NULL,
    transaction_id TEXT NOT NULL,
    data TEXT NOT NULL,
    PRIMARY KEY (account, row_key)
) STRICT, WITHOUT ROWID;
CREATE INDEX corporate_actions_by_instrument ON corporate_actions (account, instrument);

CREATE TABLE cash_entries (
    account TEXT NOT NULL,
    row_key TEXT NOT NULL,
    report INTEGER NOT NULL,
    ordinal INTEGER NOT NULL,
    generated_at INTEGER NOT NULL,
    type TEXT NOT NULL,
    amount TEXT NOT NULL,
    currency TEXT NOT NULL,
    fx_rate_to_base TEXT,
    booked_at INTEGER NOT NULL,
    value_date TEXT NOT NULL,
    report_date TEXT,
    instrument TEXT,
    symbol TEXT NOT NULL,
    description TEXT NOT NULL,
    transaction_id TEXT NOT NULL,
    action_id TEXT NOT NULL,
    extra TEXT,
    PRIMARY KEY (account, row_key)
) STRICT, WITHOUT ROWID;
CREATE INDEX cash_entries_by_day ON cash_entries (account, value_date);

CREATE TABLE equity_days (
    account TEXT NOT NULL,
    day TEXT NOT NULL,
    total TEXT NOT NULL,
    cash TEXT,
    stock TEXT,
    options TEXT,
    report INTEGER NOT NULL,
    ordinal INTEGER NOT NULL,
    generated_at INTEGER NOT NULL,
    data TEXT NOT NULL,
    PRIMARY KEY (account, day)
) STRICT, WITHOUT ROWID;

CREATE TABLE positions (
    account TEXT NOT NULL,
    day TEXT NOT NULL,
    row_key TEXT NOT NULL,
    instrument TEXT NOT NULL,
    level TEXT NOT NULL,
    quantity TEXT NOT NULL,
    mark_price TEXT,
    value TEXT,
    cost_price TEXT,
    cost_money TEXT,
    unrealized TEXT,
    currency TEXT NOT NULL,
    fx_rate_to_base TEXT,
    report INTEGER NOT NULL,
    ordinal INTEGER NOT NULL,
    generated_at INTEGER NOT NULL,
    data TEXT NOT NULL,
    PRIMARY KEY (account, day, row_key)
) STRICT, WITHOUT ROWID;

CREATE TABLE rates (
    day TEXT NOT NULL,
    from_currency TEXT NOT NULL,
    to_currency TEXT NOT NULL,
    rate TEXT NOT NULL,
    generated_at INTEGER NOT NULL,
    PRIMARY KEY (from_currency, to_currency, day)
) STRICT, WITHOUT ROWID;

-- Every other row of every section, known to us or not, as IBKR wrote it.
CREATE TABLE section_rows (
    id INTEGER PRIMARY KEY,
    account TEXT NOT NULL,
    section TEXT NOT NULL,
    tag TEXT NOT NULL,
    scope TEXT NOT NULL,
    row_key TEXT NOT NULL,
    from_date TEXT NOT NULL,
    to_date TEXT NOT NULL,
    instrument TEXT,
    report INTEGER NOT NULL,
    ordinal INTEGER NOT NULL,
    generated_at INTEGER NOT NULL,
    data TEXT NOT NULL,
    UNIQUE (account, section, scope, row_key)
) STRICT;

-- Derived: rebuilt from executions and corporate actions whenever their instrument is touched.
CREATE TABLE trades (
    key TEXT PRIMARY KEY,
    account TEXT NOT NULL,
    instrument TEXT NOT NULL,
    side TEXT NOT NULL,
    status TEXT NOT NULL,
    opened_at INTEGER NOT NULL,
    closed_at INTEGER,
    opened_on TEXT NOT NULL,
    closed_on TEXT,
    quantity TEXT NOT NULL,
    open_quantity TEXT NOT NULL,
    entry_price TEXT,
    exit_price TEXT,
    gross TEXT,
    fees TEXT NOT NULL,
    net TEXT,
    net_base TEXT,
    currency TEXT NOT NULL,
    entry_known INTEGER NOT NULL,
    provisional INTEGER NOT NULL,
    ended_by TEXT NOT NULL,
    pieces TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX trades_by_closing ON trades (account, closed_on);

-- What is open and what matching could not know. Lot matches are not kept: matching anew is as quick as reading them.
CREATE TABLE matchings (
    account TEXT NOT NULL,
    instrument TEXT NOT NULL,
    open_lots TEXT NOT NULL,
    problems TEXT NOT NULL,
    PRIMARY KEY (account, instrument)
) STRICT, WITHOUT ROWID;

-- What the user wrote. Anchored to the opening execution, so that a trade that is rebuilt otherwise still finds it.
CREATE TABLE notes (
    account TEXT NOT NULL,
    instrument TEXT NOT NULL,
    execution TEXT NOT NULL,
    text TEXT NOT NULL,
    changed_at INTEGER NOT NULL,
    PRIMARY KEY (account, instrument, execution)
) STRICT, WITHOUT ROWID;

CREATE TABLE settings (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
