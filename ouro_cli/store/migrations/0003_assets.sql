-- Typed things that routes take and make. The bytes of a file and of a post lie beside the
-- registry under their sha256; a dataset's rows lie in a SQLite file of its own.
CREATE TABLE asset (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    user_id TEXT NOT NULL REFERENCES person (id),
    asset_type TEXT NOT NULL CHECK (asset_type IN ('file', 'dataset', 'post')),
    name TEXT NOT NULL,
    slug TEXT NOT NULL,
    description TEXT NOT NULL,
    filename TEXT NOT NULL,
    extension TEXT NOT NULL,
    media_type TEXT NOT NULL,
    size INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    facts TEXT NOT NULL,
    visibility TEXT NOT NULL,
    license TEXT NOT NULL,
    action_id TEXT REFERENCES action (id),
    lineage_role TEXT NOT NULL CHECK (lineage_role IN ('new', 'version', 'result', 'supporting')),
    source_id TEXT REFERENCES asset (id),
    family_id TEXT REFERENCES asset (id),
    created_at TEXT NOT NULL,
    last_updated TEXT NOT NULL,
    removed_at TEXT
) STRICT;

CREATE INDEX asset_type ON asset (asset_type, seq);
CREATE INDEX asset_extension ON asset (extension, seq);
CREATE INDEX asset_sha256 ON asset (sha256);
CREATE INDEX asset_action ON asset (action_id) WHERE action_id IS NOT NULL;
CREATE INDEX asset_source ON asset (source_id) WHERE source_id IS NOT NULL;

-- Which assets a run took and made, by the name that its route gives them.
CREATE TABLE action_asset (
    action_id TEXT NOT NULL REFERENCES action (id),
    direction TEXT NOT NULL CHECK (direction IN ('input', 'output')),
    name TEXT NOT NULL,
    asset_id TEXT NOT NULL REFERENCES asset (id),
    is_primary INTEGER NOT NULL,
    PRIMARY KEY (action_id, direction, name)
) STRICT;

CREATE INDEX action_asset_asset ON action_asset (asset_id, direction);

-- What routes that can be run take and make, a row for each type of asset that fits, so that the
-- routes for an asset are found without reading all. `words` is the declaration as JSON.
CREATE TABLE declaration (
    route_id TEXT NOT NULL REFERENCES route (id),
    direction TEXT NOT NULL CHECK (direction IN ('input', 'output')),
    name TEXT NOT NULL,
    asset_type TEXT NOT NULL,
    words TEXT NOT NULL,
    PRIMARY KEY (route_id, direction, name, asset_type)
) STRICT, WITHOUT ROWID;

CREATE INDEX declaration_type ON declaration (direction, asset_type);

INSERT INTO declaration (route_id, direction, name, asset_type, words)
    SELECT DISTINCT route.id, direction, declared.key, kind.value, declared.value
    FROM route
    CROSS JOIN (SELECT 'input' AS direction UNION SELECT 'output')
    CROSS JOIN json_each(coalesce(
        json_extract(route.edits, '$.' || direction || '_assets'),
        json_extract(route.operation, '$.' || direction || '_assets')
    )) AS declared
    CROSS JOIN json_each(coalesce(
        json_extract(declared.value, '$.asset_types'),
        json_array(json_extract(declared.value, '$.asset_type'))
    )) AS kind
    WHERE route.archived_at IS NULL;

-- Result addresses that are still to be fetched; `owner` is the process that is at it.
CREATE TABLE fetch (
    action_id TEXT NOT NULL REFERENCES action (id),
    name TEXT NOT NULL,
    payload TEXT NOT NULL,
    owner TEXT,
    attempts INTEGER NOT NULL,
    next_at TEXT NOT NULL,
    PRIMARY KEY (action_id, name)
) STRICT;

-- Addresses at which a service may fetch an input; of a token only its hash is kept. Without a
-- time of its own, an address lives for as long as its action, and an hour more.
CREATE TABLE link (
    token_hash TEXT PRIMARY KEY,
    asset_id TEXT NOT NULL REFERENCES asset (id),
    action_id TEXT NOT NULL REFERENCES action (id),
    expires_at TEXT
) STRICT;

CREATE INDEX link_action ON link (action_id);

-- What a run found out about its subject.
CREATE TABLE property (
    id TEXT PRIMARY KEY,
    asset_id TEXT NOT NULL REFERENCES asset (id),
    action_id TEXT NOT NULL REFERENCES action (id),
    property TEXT NOT NULL,
    method TEXT NOT NULL,
    value TEXT NOT NULL,
    unit TEXT,
    uncertainty TEXT,
    conditions TEXT NOT NULL,
    created_at TEXT NOT NULL,
    UNIQUE (asset_id, action_id, property, method)
) STRICT;

CREATE VIRTUAL TABLE asset_text USING fts5 (
    name, filename, description, tokenize = 'porter unicode61'
);
