-- Each time a request of an action goes out, written before it does. `outcome` is NULL while it is
-- out; 'unknown' where its sender died before an answer came. `facts` holds what is worth knowing
-- of the way it took, as JSON: the proxy, whether certificates were looked at.
CREATE TABLE attempt (
    action_id TEXT NOT NULL REFERENCES action (id),
    number INTEGER NOT NULL,
    owner TEXT NOT NULL,
    started_at TEXT NOT NULL,
    ended_at TEXT,
    outcome TEXT CHECK (outcome IN ('answered', 'unanswered', 'unsent', 'unknown')),
    status_code INTEGER,
    message TEXT NOT NULL DEFAULT '',
    facts TEXT NOT NULL DEFAULT '{}',
    PRIMARY KEY (action_id, number)
) STRICT, WITHOUT ROWID;

INSERT INTO attempt (action_id, number, owner, started_at, ended_at, outcome, status_code)
    SELECT id, 1, coalesce(owner, ''), started_at, coalesce(ack_at, finished_at),
        CASE WHEN ack_at IS NOT NULL THEN 'answered'
            WHEN finished_at IS NOT NULL THEN 'unanswered' END,
        upstream_status_code
    FROM action WHERE started_at IS NOT NULL;

-- When a request that failed may go out again; NULL where it is not to.
ALTER TABLE action ADD COLUMN next_attempt_at TEXT;

-- How the result is to be asked for, as JSON; `poll_owner` is the process that is at it.
ALTER TABLE action ADD COLUMN poll TEXT;
ALTER TABLE action ADD COLUMN poll_owner TEXT;
ALTER TABLE action ADD COLUMN next_poll_at TEXT;
ALTER TABLE action ADD COLUMN polls INTEGER NOT NULL DEFAULT 0;
CREATE INDEX action_asked ON action (next_poll_at)
    WHERE next_poll_at IS NOT NULL AND status = 'in-progress';

-- Which action this one repeats; when a person asked that it be kept; when it came from elsewhere.
ALTER TABLE action ADD COLUMN rerun_of TEXT;
CREATE INDEX action_rerun_of ON action (rerun_of) WHERE rerun_of IS NOT NULL;
ALTER TABLE action ADD COLUMN pinned_at TEXT;
ALTER TABLE action ADD COLUMN imported_at TEXT;

-- A response too large for a row lies beside the registry under its sha256.
ALTER TABLE action ADD COLUMN response_sha256 TEXT;
CREATE INDEX action_response ON action (response_sha256) WHERE response_sha256 IS NOT NULL;

-- How a result came that was kept as a receipt, what it says of the run, the sender's own id of
-- it, and when a person accepted it after the end.
ALTER TABLE receipt ADD COLUMN source TEXT NOT NULL DEFAULT 'webhook';
ALTER TABLE receipt ADD COLUMN status TEXT;
ALTER TABLE receipt ADD COLUMN webhook_id TEXT;
ALTER TABLE receipt ADD COLUMN accepted_at TEXT;
CREATE INDEX receipt_webhook ON receipt (action_id, webhook_id) WHERE webhook_id IS NOT NULL;
