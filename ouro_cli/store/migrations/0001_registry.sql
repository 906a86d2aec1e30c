CREATE TABLE migration (
    number INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    applied_at TEXT NOT NULL
) STRICT;

CREATE TABLE person (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    created_at TEXT NOT NULL
) STRICT;

CREATE TABLE service (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES person (id),
    name TEXT NOT NULL UNIQUE,
    title TEXT NOT NULL,
    description TEXT NOT NULL,
    version TEXT NOT NULL,
    openapi TEXT NOT NULL,
    base_url TEXT NOT NULL,
    source TEXT NOT NULL,
    authentication TEXT NOT NULL
        CHECK (authentication IN ('None', 'Ouro', 'Personal Access Token', 'OAuth 2.0')),
    security_schemes TEXT NOT NULL,
    security TEXT,
    warnings TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    archived_at TEXT
) STRICT;

CREATE TABLE document (
    service_id TEXT PRIMARY KEY REFERENCES service (id),
    sha256 TEXT NOT NULL,
    media_type TEXT NOT NULL,
    etag TEXT,
    fetched_at TEXT NOT NULL,
    data BLOB NOT NULL
) STRICT;

-- What the schemas of a service's routes refer to, by reference: '#/components/schemas/Pet'.
CREATE TABLE component (
    service_id TEXT NOT NULL REFERENCES service (id),
    reference TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (service_id, reference)
) STRICT;

CREATE TABLE route (
    id TEXT PRIMARY KEY,
    service_id TEXT NOT NULL REFERENCES service (id),
    user_id TEXT NOT NULL REFERENCES person (id),
    name TEXT NOT NULL,
    slug TEXT NOT NULL,
    method TEXT NOT NULL,
    path TEXT NOT NULL,
    operation_id TEXT NOT NULL,
    summary TEXT NOT NULL,
    operation TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    archived_at TEXT,
    UNIQUE (service_id, method, path),
    UNIQUE (user_id, slug)
) STRICT;

CREATE INDEX route_operation_id ON route (operation_id);

-- Where a credential lies; the secret itself is never in the registry.
CREATE TABLE credential (
    service_id TEXT NOT NULL REFERENCES service (id),
    scheme TEXT NOT NULL,
    origin TEXT NOT NULL,
    place TEXT NOT NULL,
    created_at TEXT NOT NULL,
    PRIMARY KEY (service_id, scheme)
) STRICT;

CREATE TABLE action (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    route_id TEXT NOT NULL REFERENCES route (id),
    user_id TEXT NOT NULL REFERENCES person (id),
    status TEXT NOT NULL
        CHECK (status IN ('queued', 'in-progress', 'success', 'error', 'timed-out')),
    request TEXT NOT NULL,
    silence_seconds REAL,
    owner TEXT,
    token_hash TEXT,
    callback_url TEXT,
    poll_url TEXT,
    upstream_status_code INTEGER,
    ended_by TEXT,
    created_at TEXT NOT NULL,
    started_at TEXT,
    ack_at TEXT,
    last_activity_at TEXT,
    finished_at TEXT,
    last_updated TEXT NOT NULL,
    response_type TEXT,
    response BLOB
) STRICT;

CREATE INDEX action_open ON action (seq) WHERE status IN ('queued', 'in-progress');
CREATE INDEX action_status ON action (status, seq);
CREATE INDEX action_route ON action (route_id, seq);
CREATE INDEX action_user ON action (user_id, seq);
CREATE INDEX action_created ON action (created_at);

-- An action's story. Its seq is also the row of the search index.
CREATE TABLE event (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    action_id TEXT NOT NULL REFERENCES action (id),
    at TEXT NOT NULL,
    kind TEXT NOT NULL,
    level TEXT NOT NULL,
    message TEXT NOT NULL
) STRICT;

CREATE INDEX event_action ON event (action_id, seq);

CREATE TABLE receipt (
    id TEXT PRIMARY KEY,
    action_id TEXT NOT NULL REFERENCES action (id),
    received_at TEXT NOT NULL,
    verdict TEXT NOT NULL
        CHECK (verdict IN ('settled', 'duplicate', 'late', 'unreadable')),
    sha256 TEXT NOT NULL,
    media_type TEXT NOT NULL,
    data BLOB NOT NULL
) STRICT;

CREATE INDEX receipt_action ON receipt (action_id, received_at);

-- The words of requests, responses and log lines; the text itself lies where it belongs.
CREATE VIRTUAL TABLE event_text USING fts5 (words, content = '');
