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


-- Whether a person said where the API is: then no document moves it.
ALTER TABLE service ADD COLUMN is_base_url_given INTEGER NOT NULL DEFAULT 0;

-- How the access tokens of OAuth 2 are to be had, and where those that were are kept; never them.
ALTER TABLE credential ADD COLUMN oauth TEXT;
ALTER TABLE credential ADD COLUMN token_place TEXT NOT NULL DEFAULT '';
-- In which way it was sent when it was set: a document that wants it otherwise does not get it.
ALTER TABLE credential ADD COLUMN binding TEXT NOT NULL DEFAULT '';

-- The words of a route. The index has numbers of its own, since a table's may change at a VACUUM.
ALTER TABLE route ADD COLUMN text_row INTEGER;
CREATE UNIQUE INDEX route_text_row ON route (text_row);
CREATE VIRTUAL TABLE route_text USING fts5 (
    name, summary, reference, operation_id, path, tags, description,
    tokenize = 'porter unicode61'
);
UPDATE route SET text_row = rowid;
INSERT INTO route_text (rowid, name, summary, reference, operation_id, path, tags, description)
    SELECT text_row, name, summary, slug, operation_id, path, '',
        substr(json_extract(operation, '$.description'), 1, 1000)
    FROM route;
