-- The servers that a document names, as OpenAPI writes them; the webhooks that it describes; and
-- whether its references may lead into other files of its own folder or origin.
ALTER TABLE service ADD COLUMN servers TEXT NOT NULL DEFAULT '[]';
ALTER TABLE service ADD COLUMN webhooks TEXT NOT NULL DEFAULT '[]';
ALTER TABLE service ADD COLUMN allows_references INTEGER NOT NULL DEFAULT 0;
ALTER TABLE document ADD COLUMN last_modified TEXT;

-- What a person has set on a route over what its document says, by field of the operation.
ALTER TABLE route ADD COLUMN edits TEXT NOT NULL DEFAULT '{}';
-- Whether a person made the route: then no document takes it away.
ALTER TABLE route ADD COLUMN is_by_hand INTEGER NOT NULL DEFAULT 0;

-- The words of a route, best first at a search; rowid is the route's own.
CREATE VIRTUAL TABLE route_text USING fts5 (
    reference, operation_id, name, path, summary, tags, description,
    tokenize = 'porter unicode61'
);
