-- Made by version 2 of the schema; never changed.
BEGIN TRANSACTION;
CREATE TABLE account_links (
    old_account TEXT PRIMARY KEY,
    new_account TEXT NOT NULL,
    changed_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO "account_links" VALUES('U7000001','U7000002',1773219600);
CREATE TABLE accounts (
    account TEXT PRIMARY KEY,
    depot INTEGER REFERENCES depots (id) ON DELETE SET NULL,
    base_currency TEXT NOT NULL DEFAULT '',
    information TEXT NOT NULL DEFAULT '{}',
    information_generated INTEGER NOT NULL DEFAULT 0
) STRICT;
INSERT INTO "accounts" VALUES('U7000001',1,'EUR','{"accountId": "U7000001", "currency": "EUR"}',1773219600);
CREATE TABLE campaign_choices (
    id INTEGER PRIMARY KEY,
    account TEXT NOT NULL,
    underlying TEXT NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    executions TEXT NOT NULL,
    changed_at INTEGER NOT NULL
) STRICT;
INSERT INTO "campaign_choices" VALUES(1,'U7000001','111','together','mine','[["111","0000aaaa.00000001.01"]]',1773219600);
CREATE TABLE campaign_suggestions (
    account TEXT NOT NULL,
    underlying TEXT NOT NULL,
    earlier TEXT NOT NULL,
    later TEXT NOT NULL,
    data TEXT NOT NULL,
    PRIMARY KEY (account, underlying, earlier, later)
) STRICT, WITHOUT ROWID;
CREATE TABLE campaigns (
    key TEXT PRIMARY KEY,
    account TEXT NOT NULL,
    underlying TEXT NOT NULL,
    kind TEXT NOT NULL,
    opened_at INTEGER NOT NULL,
    closed_at INTEGER,
    data TEXT NOT NULL
) STRICT, WITHOUT ROWID;
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
INSERT INTO "cash_entries" VALUES('U7000001','801',2,3,1773219600,'Dividends','100','USD','0.9',1772587200,'2026-03-03','2026-03-03',NULL,'','ACME CASH DIVIDEND','801','',NULL);
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
INSERT INTO "corporate_actions" VALUES('U7000001','4711','222',2,8,1773219600,'FS',1772760300,NULL,'3',NULL,NULL,NULL,'USD','BETA','','','4711','{"accountId": "U7000001", "conid": "222", "symbol": "BETA", "type": "FS", "quantity": "3", "dateTime": "20260305;202500", "currency": "USD", "transactionID": "4711"}');
CREATE TABLE coverage (
    report INTEGER NOT NULL REFERENCES reports (id) ON DELETE CASCADE,
    account TEXT NOT NULL,
    type TEXT NOT NULL,
    query_name TEXT NOT NULL,
    from_date TEXT NOT NULL,
    to_date TEXT NOT NULL,
    generated_at INTEGER NOT NULL,
    has_trades INTEGER NOT NULL, sections TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (report, account, from_date, to_date)
) STRICT, WITHOUT ROWID;
INSERT INTO "coverage" VALUES(1,'U7000001','TCF','Today','2026-03-02','2026-03-02',1772492400,0,'');
INSERT INTO "coverage" VALUES(2,'U7000001','AF','Journal','2026-03-01','2026-03-10',1773219600,1,'');
CREATE TABLE depots (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    activity_query TEXT NOT NULL DEFAULT '',
    confirmation_query TEXT NOT NULL DEFAULT '',
    token_expires TEXT,
    paused INTEGER NOT NULL DEFAULT 0,
    position INTEGER NOT NULL DEFAULT 0,
    from_files INTEGER NOT NULL DEFAULT 0
, color TEXT NOT NULL DEFAULT '') STRICT;
INSERT INTO "depots" VALUES(1,'U7000001','','',NULL,0,0,1,'');
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
INSERT INTO "equity_days" VALUES('U7000001','2026-03-02','1000.5','1000.5',NULL,NULL,2,4,1773219600,'{"accountId": "U7000001", "reportDate": "20260302", "total": "1000.5", "cash": "1000.5"}');
INSERT INTO "equity_days" VALUES('U7000001','2026-03-03','1010','1010',NULL,NULL,2,5,1773219600,'{"accountId": "U7000001", "reportDate": "20260303", "total": "1010", "cash": "1010"}');
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
INSERT INTO "executions" VALUES(1,'U7000001','111','active','0000aaaa.00000001.01',1772463660,'2026-03-02','AF','STK','USD','100','10','1','2026-03-02',NULL,'-1','USD',NULL,NULL,NULL,'0.9','O','','501','9001','0000aaaa.00000001.01.01','T:9001',0,2,1,1773219600,1773219700,1773219600,'Journal','ACME',NULL,NULL,'ExchTrade','BUY','71','','','',NULL,'','','','',NULL,NULL,NULL,NULL,NULL);
INSERT INTO "executions" VALUES(2,'U7000001','111','vanished','0000aaaa.00000002.01',1772463720,'2026-03-02','TCF','STK','USD','-40','11','1','2026-03-02',NULL,'-0.95','USD',NULL,NULL,NULL,NULL,'C','C','502','','0000aaaa.00000002.01.01','C:0000aaaa.00000002.01.01',1,1,1,1772492400,1773219700,1772492400,'Today','ACME',NULL,NULL,'ExchTrade','SELL','72','','','',NULL,'','','','',NULL,NULL,NULL,NULL,NULL);
INSERT INTO "executions" VALUES(3,'U7000001','111','active','0000aaaa.00000003.01',1772463780,'2026-03-02','AF','STK','USD','-60','12','1','2026-03-02',NULL,'-1','USD',NULL,NULL,NULL,'0.9','C','','503','9003','0000aaaa.00000003.01.01','T:9003',0,2,2,1773219600,1773219700,1773219600,'Journal','ACME',NULL,NULL,'ExchTrade','SELL','73','','','',NULL,'','','','',NULL,NULL,NULL,NULL,NULL);
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
INSERT INTO "fill_changes" VALUES(1,'U7000001','111','0000aaaa.00000001.01','final','commission','-1','-1.05',1,1,1773219600);
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
INSERT INTO "instruments" VALUES('111','STK','ACME','ACME CORP','USD','1',NULL,'','','',NULL,NULL,'',1773219600);
INSERT INTO "instruments" VALUES('222','','BETA','','USD','1',NULL,'','','',NULL,NULL,'',1773219600);
CREATE TABLE matchings (
    account TEXT NOT NULL,
    instrument TEXT NOT NULL,
    open_lots TEXT NOT NULL,
    problems TEXT NOT NULL,
    PRIMARY KEY (account, instrument)
) STRICT, WITHOUT ROWID;
INSERT INTO "matchings" VALUES('U7000001','111','[["0000aaaa.00000001.01", "40", "10", "400.4000000000", 1772463660]]','[]');
CREATE TABLE missing_rates (
    account TEXT NOT NULL,
    instrument TEXT NOT NULL,
    currency TEXT NOT NULL,
    day TEXT NOT NULL,
    PRIMARY KEY (account, instrument, currency, day)
) STRICT, WITHOUT ROWID;
CREATE TABLE notes (
    account TEXT NOT NULL,
    instrument TEXT NOT NULL,
    execution TEXT NOT NULL,
    text TEXT NOT NULL,
    changed_at INTEGER NOT NULL,
    PRIMARY KEY (account, instrument, execution)
) STRICT, WITHOUT ROWID;
INSERT INTO "notes" VALUES('U7000001','111','0000aaaa.00000001.01','bought the dip — Kauf im Rücksetzer',1773219800);
CREATE TABLE position_facts (
    account TEXT NOT NULL,
    instrument TEXT NOT NULL,
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    data TEXT NOT NULL,
    PRIMARY KEY (account, instrument, kind, id)
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
INSERT INTO "positions" VALUES('U7000001','2026-03-10','xf3cf98b76cf73b1528a27345#1','222','SUMMARY','7','3',NULL,NULL,NULL,NULL,'USD',NULL,2,6,1773219600,'{"accountId": "U7000001", "conid": "222", "symbol": "BETA", "currency": "USD", "position": "7", "markPrice": "3"}');
CREATE TABLE rates (
    day TEXT NOT NULL,
    from_currency TEXT NOT NULL,
    to_currency TEXT NOT NULL,
    rate TEXT NOT NULL,
    generated_at INTEGER NOT NULL,
    PRIMARY KEY (from_currency, to_currency, day)
) STRICT, WITHOUT ROWID;
INSERT INTO "rates" VALUES('2026-03-02','USD','EUR','0.92',1773219600);
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
INSERT INTO "reports" VALUES(1,'6f3958078366b9a0536aa921b6f3a954b371f8ea0f6daaa6abc7e9a29050a035','files/20261121T040041Z-6f395807.xml.gz','TCF','Today',1772492400,'2026-03-02','2026-03-02','["U7000001"]','[["TradeConfirms", 2]]',2,'[]',NULL,1058,1773219700,NULL,1);
INSERT INTO "reports" VALUES(2,'025386bbc789ab308cf2a9eccd2be5cc9129baec69516e4b4abb7e4464551ffe','files/20261121T040041Z-025386bb.xml.gz','AF','Journal',1773219600,'2026-03-01','2026-03-10','["U7000001"]','[["AccountInformation", 1], ["Trades", 2], ["CashTransactions", 1], ["EquitySummaryInBase", 2], ["OpenPositions", 1], ["ConversionRates", 1], ["CorporateActions", 1], ["ChangeInNAV", 1]]',2,'[{"code": "fills_vanished", "values": {"count": 1}}]',NULL,2284,1773219700,NULL,1);
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
, confirmed INTEGER NOT NULL DEFAULT 0, changed INTEGER NOT NULL DEFAULT 0) STRICT;
INSERT INTO "run_files" VALUES(1,1,1,'report.xml',2,0,0,'[]',NULL,0,0);
INSERT INTO "run_files" VALUES(2,2,2,'report.xml',1,1,0,'[{"code": "fills_vanished", "values": {"count": 1}}]',NULL,0,0);
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
INSERT INTO "section_rows" VALUES(1,'U7000001','ChangeInNAV','ChangeInNAV','2026-03-01/2026-03-10','440992257f2e896b70b1bd42bcd90861#1','2026-03-01','2026-03-10',NULL,2,9,1773219600,'{"accountId": "U7000001", "twr": "0.05"}');
CREATE TABLE settings (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
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
INSERT INTO "strategy_choices" VALUES(1,'U7000001','111','together','mine','custom','[["111","0000aaaa.00000001.01"]]',1773219600);
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
INSERT INTO "sync_runs" VALUES(1,'import',NULL,'',1773219700,1773219701,'ok',NULL,'[]');
INSERT INTO "sync_runs" VALUES(2,'import',NULL,'',1773219700,1773219701,'ok',NULL,'[]');
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
INSERT INTO "token_uses" VALUES(1,1,'One',1773219600,'sync','activity','1001','2026-02-25','2026-03-10','ok',1);
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
INSERT INTO "told_basis" VALUES('U7000001','111','t1','1000','USD','2020-01-02',1773219600);
CREATE TABLE traded_currencies (
    account TEXT NOT NULL,
    instrument TEXT NOT NULL,
    changed_at INTEGER NOT NULL,
    PRIMARY KEY (account, instrument)
) STRICT, WITHOUT ROWID;
INSERT INTO "traded_currencies" VALUES('U7000001','12087792',1773219600);
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
, booked TEXT, currency_effect TEXT) STRICT, WITHOUT ROWID;
INSERT INTO "trades" VALUES('U7000001/111/0000aaaa.00000001.01','U7000001','111','long','open',1772463660,NULL,'2026-03-02',NULL,'100','40','10','12','120.0000000000','-1.6000000000','118.4000000000','106.56000000000','USD',1,0,'','[["0000aaaa.00000001.01","opening","100","-1"],["0000aaaa.00000003.01","closing","-60","-1"]]',NULL,NULL);
CREATE INDEX run_files_by_run ON run_files (run);
CREATE INDEX coverage_by_account ON coverage (account, type, generated_at);
CREATE INDEX executions_by_instrument ON executions (account, instrument);
CREATE INDEX corporate_actions_by_instrument ON corporate_actions (account, instrument);
CREATE INDEX cash_entries_by_day ON cash_entries (account, value_date);
CREATE INDEX trades_by_closing ON trades (account, closed_on);
CREATE INDEX executions_unnumbered ON executions (account) WHERE transaction_id='' OR source<>'AF';
CREATE INDEX executions_unusual ON executions (account, instrument)
    WHERE status<>'active' OR gone<>0 OR extra IS NOT NULL
    OR kind='TradeCancel' OR kind='FracShareCancel' OR kind='TradeCorrect'
    OR instr(buy_sell, '(Ca.)') OR instr(codes, 'Ca') OR (exec_id<>'' AND substr(exec_id, -3)<>'.01');
CREATE INDEX fill_changes_by_instrument ON fill_changes (account, instrument);
CREATE INDEX strategies_by_underlying ON strategies (account, underlying);
CREATE INDEX campaigns_by_underlying ON campaigns (account, underlying);
CREATE INDEX strategy_choices_by_underlying ON strategy_choices (account, underlying);
CREATE INDEX campaign_choices_by_underlying ON campaign_choices (account, underlying);
CREATE INDEX executions_booked ON executions (account, instrument)
    WHERE kind<>'ExchTrade' AND (kind='BookTrade' OR codes<>'');
CREATE INDEX corporate_actions_by_time ON corporate_actions (account, effective_at);
CREATE INDEX token_uses_by_depot ON token_uses (depot);
COMMIT;
PRAGMA user_version=2;
