-- One run of a workflow. What it was made of is kept whole, so that it can go on whatever becomes of
-- its file: `document` is the workflow file (Arazzo) as JSON, `sha256` that of the file as it was
-- read, `services` which service stands for which of its sources. `owner` is the process at it.
-- `edits` tells what a person changed when it went on. A workflow that is a step of another has the
-- chain that it is part of.
CREATE TABLE chain (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    user_id TEXT NOT NULL REFERENCES person (id),
    status TEXT NOT NULL CHECK (status IN ('in-progress', 'success', 'error')),
    document TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    source TEXT NOT NULL,
    workflow TEXT NOT NULL,
    services TEXT NOT NULL,
    inputs TEXT NOT NULL,
    outputs TEXT,
    error TEXT,
    edits TEXT NOT NULL DEFAULT '[]',
    owner TEXT,
    parent_id TEXT REFERENCES chain (id),
    created_at TEXT NOT NULL,
    finished_at TEXT,
    last_updated TEXT NOT NULL
) STRICT;

CREATE INDEX chain_open ON chain (seq) WHERE status = 'in-progress';
CREATE INDEX chain_parent ON chain (parent_id) WHERE parent_id IS NOT NULL;

-- Each time that a step is at its turn: `visit` counts from 1, once more for each repetition. The
-- action or the chain that it became is written in the same transaction, so that it is never begun
-- twice. `reached_by` says why: in turn, goto, retry, resume; `not_before` when it may begin;
-- `decision` what follows from its end, as JSON.
CREATE TABLE chain_step (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    chain_id TEXT NOT NULL REFERENCES chain (id),
    step TEXT NOT NULL,
    visit INTEGER NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('waiting', 'in-progress', 'success', 'error')),
    reached_by TEXT NOT NULL,
    action_id TEXT REFERENCES action (id) ON DELETE SET NULL,
    child_id TEXT REFERENCES chain (id) ON DELETE SET NULL,
    outputs TEXT,
    message TEXT NOT NULL DEFAULT '',
    decision TEXT,
    not_before TEXT,
    started_at TEXT,
    finished_at TEXT,
    UNIQUE (chain_id, step, visit)
) STRICT;

CREATE INDEX chain_step_action ON chain_step (action_id) WHERE action_id IS NOT NULL;
CREATE INDEX chain_step_child ON chain_step (child_id) WHERE child_id IS NOT NULL;

-- A route or a workflow run once for each row of a table. `key` is made of the table's content, of
-- what is run and of what it is run with: whoever says the same again goes on with it. `plan` is how
-- it is run, as JSON; `taken` how many rows were read so far, `total` how many there are.
CREATE TABLE batch (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    key TEXT NOT NULL,
    user_id TEXT NOT NULL REFERENCES person (id),
    route_id TEXT REFERENCES route (id),
    status TEXT NOT NULL CHECK (status IN ('in-progress', 'stopped', 'done')),
    source TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    plan TEXT NOT NULL,
    total INTEGER,
    taken INTEGER NOT NULL DEFAULT 0,
    into_name TEXT,
    into_id TEXT REFERENCES asset (id) ON DELETE SET NULL,
    owner TEXT,
    created_at TEXT NOT NULL,
    finished_at TEXT,
    last_updated TEXT NOT NULL
) STRICT;

CREATE INDEX batch_key ON batch (key);

-- What became of a row, counted from 1: the action or chain that it started, written in the same
-- transaction; `error` where it could not be started.
CREATE TABLE batch_row (
    batch_id TEXT NOT NULL REFERENCES batch (id),
    row INTEGER NOT NULL,
    action_id TEXT REFERENCES action (id) ON DELETE SET NULL,
    chain_id TEXT REFERENCES chain (id) ON DELETE SET NULL,
    error TEXT,
    PRIMARY KEY (batch_id, row)
) STRICT, WITHOUT ROWID;

CREATE INDEX batch_row_action ON batch_row (action_id) WHERE action_id IS NOT NULL;
CREATE INDEX batch_row_chain ON batch_row (chain_id) WHERE chain_id IS NOT NULL;

-- When the next call of a kind may start, so that a limit holds across processes and restarts.
CREATE TABLE pace (
    key TEXT PRIMARY KEY,
    started_at TEXT NOT NULL,
    next_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- The requests that are out, found without a look at each open action.
CREATE INDEX attempt_out ON attempt (action_id) WHERE outcome IS NULL;
