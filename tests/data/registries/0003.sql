-- A registry of version 3, as the ouro of that time left it.
PRAGMA foreign_keys = OFF;
BEGIN;
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
, servers TEXT NOT NULL DEFAULT '[]', webhooks TEXT NOT NULL DEFAULT '[]', allows_references INTEGER NOT NULL DEFAULT 0, is_base_url_given INTEGER NOT NULL DEFAULT 0) STRICT;
CREATE TABLE document (
    service_id TEXT PRIMARY KEY REFERENCES service (id),
    sha256 TEXT NOT NULL,
    media_type TEXT NOT NULL,
    etag TEXT,
    fetched_at TEXT NOT NULL,
    data BLOB NOT NULL
, last_modified TEXT) STRICT;
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
    archived_at TEXT, edits TEXT NOT NULL DEFAULT '{}', is_by_hand INTEGER NOT NULL DEFAULT 0, text_row INTEGER,
    UNIQUE (service_id, method, path),
    UNIQUE (user_id, slug)
) STRICT;
CREATE TABLE credential (
    service_id TEXT NOT NULL REFERENCES service (id),
    scheme TEXT NOT NULL,
    origin TEXT NOT NULL,
    place TEXT NOT NULL,
    created_at TEXT NOT NULL, oauth TEXT, token_place TEXT NOT NULL DEFAULT '', binding TEXT NOT NULL DEFAULT '',
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
CREATE TABLE event (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    action_id TEXT NOT NULL REFERENCES action (id),
    at TEXT NOT NULL,
    kind TEXT NOT NULL,
    level TEXT NOT NULL,
    message TEXT NOT NULL
) STRICT;
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
CREATE VIRTUAL TABLE event_text USING fts5 (words, content = '');
CREATE VIRTUAL TABLE route_text USING fts5 (
    name, summary, reference, operation_id, path, tags, description,
    tokenize = 'porter unicode61'
);
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
CREATE TABLE action_asset (
    action_id TEXT NOT NULL REFERENCES action (id),
    direction TEXT NOT NULL CHECK (direction IN ('input', 'output')),
    name TEXT NOT NULL,
    asset_id TEXT NOT NULL REFERENCES asset (id),
    is_primary INTEGER NOT NULL,
    PRIMARY KEY (action_id, direction, name)
) STRICT;
CREATE TABLE declaration (
    route_id TEXT NOT NULL REFERENCES route (id),
    direction TEXT NOT NULL CHECK (direction IN ('input', 'output')),
    name TEXT NOT NULL,
    asset_type TEXT NOT NULL,
    words TEXT NOT NULL,
    PRIMARY KEY (route_id, direction, name, asset_type)
) STRICT, WITHOUT ROWID;
CREATE TABLE fetch (
    action_id TEXT NOT NULL REFERENCES action (id),
    name TEXT NOT NULL,
    payload TEXT NOT NULL,
    owner TEXT,
    attempts INTEGER NOT NULL,
    next_at TEXT NOT NULL,
    PRIMARY KEY (action_id, name)
) STRICT;
CREATE TABLE link (
    token_hash TEXT PRIMARY KEY,
    asset_id TEXT NOT NULL REFERENCES asset (id),
    action_id TEXT NOT NULL REFERENCES action (id),
    expires_at TEXT
) STRICT;
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
INSERT INTO migration VALUES (1, '0001_registry.sql', '75312c368c76d42e6edf1cc8710203fdf09b3d444803a0b0b3c2d0a577387546', '2026-11-25T01:53:06.654018+00:00');
INSERT INTO migration VALUES (2, '0002_documents.sql', '64a92c67a1fd3eb2c3f9b18485e8265465536bbc7661d17e277731af39aefe2d', '2026-11-25T01:53:06.750667+00:00');
INSERT INTO migration VALUES (3, '0003_assets.sql', '14d5d75806209705cce478d5a66474bbb04eaf861587f4ec84447b78c1f71bdb', '2026-11-25T01:53:06.752203+00:00');
INSERT INTO person VALUES ('01a21068-16d0-76a1-bb07-f7c550afa3f3', 'ada', '2026-11-25T01:53:06.767708+00:00');
INSERT INTO service VALUES ('01a21068-16d0-76e1-ba26-64675765cbd3', '01a21068-16d0-76a1-bb07-f7c550afa3f3', 'lab', 'Test', '', '1', '3.1.0', 'http://127.0.0.1:9', 'openapi.json', 'None', '{}', NULL, '[{"pointer":"#/paths/~1later/post","message":"x-ouro-input-assets/structure: asset_type None is none of comment, dataset, file, post, route"}]', '2026-11-25T01:53:06.767708+00:00', '2026-11-25T01:53:06.767708+00:00', NULL, '[]', '[]', 0, 1);
INSERT INTO document VALUES ('01a21068-16d0-76e1-ba26-64675765cbd3', '3c117310e90372e5f296b763cb901e115456112f62329800835e3d721187823e', 'application/json', NULL, '2026-11-25T01:53:06.767708+00:00', X'7B226F70656E617069223A2022332E312E30222C2022696E666F223A207B227469746C65223A202254657374222C202276657273696F6E223A202231227D2C20227061746873223A207B222F6E6F77223A207B22706F7374223A207B2273756D6D617279223A20224E6F77222C20226465736372697074696F6E223A2022416E7377657273206174206F6E63652E222C202274616773223A205B22717569636B225D2C20226F7065726174696F6E4964223A20226E6F77222C202272657175657374426F6479223A207B227265717569726564223A20747275652C2022636F6E74656E74223A207B226170706C69636174696F6E2F6A736F6E223A207B22736368656D61223A207B2274797065223A20226F626A656374222C202270726F70657274696573223A207B2278223A207B2274797065223A2022696E7465676572227D7D7D7D7D7D7D7D2C20222F6661696C223A207B22706F7374223A207B2273756D6D617279223A20224661696C222C202272657175657374426F6479223A207B227265717569726564223A20747275652C2022636F6E74656E74223A207B226170706C69636174696F6E2F6A736F6E223A207B22736368656D61223A207B2274797065223A20226F626A656374222C202270726F70657274696573223A207B2278223A207B2274797065223A2022696E7465676572227D7D7D7D7D7D7D7D2C20222F6974656D732F7B69647D223A207B22676574223A207B2273756D6D617279223A20224974656D222C2022706172616D6574657273223A205B7B226E616D65223A20226964222C2022696E223A202270617468222C20227265717569726564223A20747275652C2022736368656D61223A207B2274797065223A2022737472696E67227D7D5D7D7D2C20222F6C61746572223A207B22706F7374223A207B2273756D6D617279223A20224C61746572222C202272657175657374426F6479223A207B227265717569726564223A20747275652C2022636F6E74656E74223A207B226170706C69636174696F6E2F6A736F6E223A207B22736368656D61223A207B2274797065223A20226F626A656374222C202270726F70657274696573223A207B2278223A207B2274797065223A2022696E7465676572227D7D7D7D7D7D2C2022782D6F75726F2D657865637574696F6E2D6D6F6465223A20226173796E63222C2022782D6F75726F2D696E7075742D617373657473223A207B22737472756374757265223A207B2261737365745479706573223A205B2266696C65225D2C202266696C65457874656E73696F6E73223A205B22636966225D2C20226F7074696F6E616C223A20747275657D7D7D7D7D7D', NULL);
INSERT INTO route VALUES ('01a21068-16d9-7124-977c-e5a3c06f55be', '01a21068-16d0-76e1-ba26-64675765cbd3', '01a21068-16d0-76a1-bb07-f7c550afa3f3', 'Now', 'now-post', 'POST', '/now', 'now', 'Now', '{"method":"POST","path":"/now","summary":"Now","description":"Answers at once.","operation_id":"now","tags":["quick"],"parameters":[],"request_body":{"required":true,"content":{"application/json":{"schema":{"type":"object","properties":{"x":{"type":"integer"}}}}}},"responses":{},"security":null,"execution_mode":"sync","input_assets":{},"output_assets":{},"pricing":null,"fills_properties":[],"response_charts":[],"extensions":{},"servers":[],"callbacks":[],"deprecated":false}', '2026-11-25T01:53:06.767708+00:00', '2026-11-25T01:53:06.767708+00:00', NULL, '{}', 0, 1);
INSERT INTO route VALUES ('01a21068-16d9-725f-a438-fe49f2d807a9', '01a21068-16d0-76e1-ba26-64675765cbd3', '01a21068-16d0-76a1-bb07-f7c550afa3f3', 'Fail', 'fail-post', 'POST', '/fail', '', 'Fail', '{"method":"POST","path":"/fail","summary":"Fail","description":"","operation_id":"","tags":[],"parameters":[],"request_body":{"required":true,"content":{"application/json":{"schema":{"type":"object","properties":{"x":{"type":"integer"}}}}}},"responses":{},"security":null,"execution_mode":"sync","input_assets":{},"output_assets":{},"pricing":null,"fills_properties":[],"response_charts":[],"extensions":{},"servers":[],"callbacks":[],"deprecated":false}', '2026-11-25T01:53:06.767708+00:00', '2026-11-25T01:53:06.767708+00:00', NULL, '{}', 0, 2);
INSERT INTO route VALUES ('01a21068-16d9-72ae-b047-d0d4775f8f24', '01a21068-16d0-76e1-ba26-64675765cbd3', '01a21068-16d0-76a1-bb07-f7c550afa3f3', 'Item', 'item-get', 'GET', '/items/{id}', '', 'Item', '{"method":"GET","path":"/items/{id}","summary":"Item","description":"","operation_id":"","tags":[],"parameters":[{"name":"id","in":"path","required":true,"schema":{"type":"string"}}],"request_body":null,"responses":{},"security":null,"execution_mode":"sync","input_assets":{},"output_assets":{},"pricing":null,"fills_properties":[],"response_charts":[],"extensions":{},"servers":[],"callbacks":[],"deprecated":false}', '2026-11-25T01:53:06.767708+00:00', '2026-11-25T01:53:06.767708+00:00', NULL, '{}', 0, 3);
INSERT INTO route VALUES ('01a21068-16d9-72f6-99d3-043816662874', '01a21068-16d0-76e1-ba26-64675765cbd3', '01a21068-16d0-76a1-bb07-f7c550afa3f3', 'Later', 'later-post', 'POST', '/later', '', 'Later', '{"method":"POST","path":"/later","summary":"Later","description":"","operation_id":"","tags":[],"parameters":[],"request_body":{"required":true,"content":{"application/json":{"schema":{"type":"object","properties":{"x":{"type":"integer"}}}}}},"responses":{},"security":null,"execution_mode":"async","input_assets":{},"output_assets":{},"pricing":null,"fills_properties":[],"response_charts":[],"extensions":{"x-ouro-execution-mode":"async","x-ouro-input-assets":{"structure":{"assetTypes":["file"],"fileExtensions":["cif"],"optional":true}}},"servers":[],"callbacks":[],"deprecated":false}', '2026-11-25T01:53:06.767708+00:00', '2026-11-25T01:53:06.767708+00:00', NULL, '{}', 0, 4);
INSERT INTO action VALUES (1, '01a21068-1b6c-7ee5-bc35-98cc6c0adcc9', '01a21068-16d9-7124-977c-e5a3c06f55be', '01a21068-16d0-76a1-bb07-f7c550afa3f3', 'success', '{"body":{"x":1},"parameters":null,"query":null}', NULL, 'host/00000000-0000-4000-8000-000000000000/12721/1398431', '96d57fbc039222d21c81c8bb6314bc6f1cb1b094be2efe059b16a05885bdff98', 'http://127.0.0.1:9/actions/01a21068-1b6c-7ee5-bc35-98cc6c0adcc9/response', NULL, 200, 'response', '2026-11-25T01:53:07.948914+00:00', '2026-11-25T01:53:08.017525+00:00', '2026-11-25T01:53:08.212340+00:00', '2026-11-25T01:53:08.017525+00:00', '2026-11-25T01:53:08.212340+00:00', '2026-11-25T01:53:08.212340+00:00', 'application/json', X'7B226D616465223A20226174206F6E6365222C20226F66223A20224665324E69227D');
INSERT INTO action VALUES (2, '01a21068-1f41-73e0-9d2c-8930bccec290', '01a21068-16d9-725f-a438-fe49f2d807a9', '01a21068-16d0-76a1-bb07-f7c550afa3f3', 'error', '{"body":{"x":2},"parameters":null,"query":null}', NULL, 'host/00000000-0000-4000-8000-000000000000/12753/1398574', 'f72a005f9d9d34ed05fcecdf7a89e24ba5579e4077d23cf58a2735a1b2fb955d', 'http://127.0.0.1:9/actions/01a21068-1f41-73e0-9d2c-8930bccec290/response', NULL, 500, 'response', '2026-11-25T01:53:08.929228+00:00', '2026-11-25T01:53:08.950760+00:00', '2026-11-25T01:53:09.135269+00:00', '2026-11-25T01:53:08.950760+00:00', '2026-11-25T01:53:09.135269+00:00', '2026-11-25T01:53:09.135269+00:00', 'application/json', X'7B22737461747573436F6465223A203530302C20226572726F72223A207B2274797065223A202265787465726E616C5F736572766963655F6572726F72222C2022636F6465223A202265787465726E616C5F736572766963655F6572726F72222C20226D657373616765223A20226E6F206C75636B222C2022737461747573223A203530302C20227365727669636555726C223A2022687474703A2F2F3132372E302E302E313A3337393937222C2022726574727961626C65223A20747275652C2022757073747265616D537461747573223A203530302C2022626F6479223A207B226572726F72223A207B226D657373616765223A20226E6F206C75636B227D7D7D7D');
INSERT INTO action VALUES (3, '01a21068-233e-7652-b87f-77bce483a1c5', '01a21068-16d9-72f6-99d3-043816662874', '01a21068-16d0-76a1-bb07-f7c550afa3f3', 'success', '{"body":{"x":3},"parameters":null,"query":null}', NULL, 'host/00000000-0000-4000-8000-000000000000/12775/1398667', '962e4fe02e733bfe7ced4dfbfd0738bde8dd4253d11d42b75f6e0fd3a39d8ec1', 'http://127.0.0.1:9/actions/01a21068-233e-7652-b87f-77bce483a1c5/response', NULL, 202, 'webhook', '2026-11-25T01:53:09.950377+00:00', '2026-11-25T01:53:10.009552+00:00', '2026-11-25T01:53:10.131825+00:00', '2026-11-25T01:53:10.708016+00:00', '2026-11-25T01:53:10.758750+00:00', '2026-11-25T01:53:10.758750+00:00', 'application/json', X'7B226E223A20317D');
INSERT INTO action VALUES (4, '01a21068-28e7-7d6d-97ac-90784eb5c70d', '01a21068-16d9-72ae-b047-d0d4775f8f24', '01a21068-16d0-76a1-bb07-f7c550afa3f3', 'success', '{"body":null,"parameters":{"id":"7"},"query":null}', NULL, 'host/00000000-0000-4000-8000-000000000000/12810/1398831', '6c9340b52e1971920029ff2f20c718d813b1e8f558fcea4009ab3abc1f84ed20', 'http://127.0.0.1:9/actions/01a21068-28e7-7d6d-97ac-90784eb5c70d/response', NULL, 200, 'response', '2026-11-25T01:53:11.399823+00:00', '2026-11-25T01:53:11.412873+00:00', '2026-11-25T01:53:11.599555+00:00', '2026-11-25T01:53:11.412873+00:00', '2026-11-25T01:53:11.599555+00:00', '2026-11-25T01:53:11.599555+00:00', 'application/json', X'7B226D616465223A20226174206F6E6365222C20226F66223A20224665324E69227D');
DELETE FROM sqlite_sequence;
INSERT INTO sqlite_sequence VALUES ('action', 4);
INSERT INTO sqlite_sequence VALUES ('event', 14);
INSERT INTO sqlite_sequence VALUES ('asset', 1);
INSERT INTO event VALUES (1, '01a21068-1b6c-7ee5-bc35-98cc6c0adcc9', '2026-11-25T01:53:07.948914+00:00', 'queued', 'info', 'queued');
INSERT INTO event VALUES (2, '01a21068-1b6c-7ee5-bc35-98cc6c0adcc9', '2026-11-25T01:53:08.017725+00:00', 'sent', 'info', 'sent to http://127.0.0.1:9');
INSERT INTO event VALUES (3, '01a21068-1b6c-7ee5-bc35-98cc6c0adcc9', '2026-11-25T01:53:08.212340+00:00', 'finished', 'info', 'succeeded');
INSERT INTO event VALUES (4, '01a21068-1f41-73e0-9d2c-8930bccec290', '2026-11-25T01:53:08.929228+00:00', 'queued', 'info', 'queued');
INSERT INTO event VALUES (5, '01a21068-1f41-73e0-9d2c-8930bccec290', '2026-11-25T01:53:08.950953+00:00', 'sent', 'info', 'sent to http://127.0.0.1:9');
INSERT INTO event VALUES (6, '01a21068-1f41-73e0-9d2c-8930bccec290', '2026-11-25T01:53:09.135269+00:00', 'finished', 'error', 'failed: no luck');
INSERT INTO event VALUES (7, '01a21068-233e-7652-b87f-77bce483a1c5', '2026-11-25T01:53:09.950377+00:00', 'queued', 'info', 'queued');
INSERT INTO event VALUES (8, '01a21068-233e-7652-b87f-77bce483a1c5', '2026-11-25T01:53:10.009732+00:00', 'sent', 'info', 'sent to http://127.0.0.1:9');
INSERT INTO event VALUES (9, '01a21068-233e-7652-b87f-77bce483a1c5', '2026-11-25T01:53:10.131825+00:00', 'accepted', 'info', 'accepted; the result comes later');
INSERT INTO event VALUES (10, '01a21068-233e-7652-b87f-77bce483a1c5', '2026-11-25T01:53:10.708016+00:00', 'log', 'info', 'half way');
INSERT INTO event VALUES (11, '01a21068-233e-7652-b87f-77bce483a1c5', '2026-11-25T01:53:10.758750+00:00', 'finished', 'info', 'succeeded');
INSERT INTO event VALUES (12, '01a21068-28e7-7d6d-97ac-90784eb5c70d', '2026-11-25T01:53:11.399823+00:00', 'queued', 'info', 'queued');
INSERT INTO event VALUES (13, '01a21068-28e7-7d6d-97ac-90784eb5c70d', '2026-11-25T01:53:11.412998+00:00', 'sent', 'info', 'sent to http://127.0.0.1:9');
INSERT INTO event VALUES (14, '01a21068-28e7-7d6d-97ac-90784eb5c70d', '2026-11-25T01:53:11.599555+00:00', 'finished', 'info', 'succeeded');
INSERT INTO receipt VALUES ('01a21068-2667-75bb-802e-51d08d480313', '01a21068-233e-7652-b87f-77bce483a1c5', '2026-11-25T01:53:10.759377+00:00', 'settled', 'c9890fd1a9986c24699af44d112a86ffb97de84f3e5837f134780ff27fadf673', 'application/json', X'7B22737461747573223A2022636F6D706C65746564222C2022726573706F6E7365223A207B226E223A20317D7D');
DELETE FROM event_text_data;
INSERT INTO event_text_data VALUES (1, X'0950');
INSERT INTO event_text_data VALUES (10, X'000000000109090009010101020101030101040101050101060101070101080101090101');
INSERT INTO event_text_data VALUES (137438953473, X'0000003C0230310102040104626F647901020201046E756C6C01040604010A706172616D6574657273010205010571756572790102070101780102030406090A0F0A');
INSERT INTO event_text_data VALUES (274877906945, X'0000003B0330617403020401056665326E6903020701046D61646503020301026F6603020602036E6365030205010973756363656564656403020204070A090708');
INSERT INTO event_text_data VALUES (412316860417, X'0000003C0230320402040104626F647904020201046E756C6C04040604010A706172616D6574657273040205010571756572790402070101780402030406090A0F0A');
INSERT INTO event_text_data VALUES (549755813889, X'000000E70230300604180301013106021A020232370602170105333739393706021B0103353030060606100D0104626F64790602200104636F646506020C01056572726F720608070606140207787465726E616C0604090601066661696C656406020201046874747006021601046C75636B060604101401076D6573736167650604101401026E6F06060310140109726574727961626C6506021C01077365727669636506040A06080375726C060215020574617475730602130704636F646506020501047472756506021D0203797065060208010E757073747265616D73746174757306021E040706070A0A09090D0D0B090B0D090E0D080A090908');
INSERT INTO event_text_data VALUES (687194767361, X'0000003C0230330702040104626F647907020201046E756C6C07040604010A706172616D6574657273070205010571756572790702070101780702030406090A0F0A');
INSERT INTO event_text_data VALUES (824633720833, X'00000015053068616C660A020201037761790A02030409');
INSERT INTO event_text_data VALUES (962072674305, X'0000001E0230310B020401016E0B020301097375636365656465640B0202040606');
INSERT INTO event_text_data VALUES (1099511627777, X'0000003D0230370C02060104626F64790C0202010269640C020501046E756C6C0C040307010A706172616D65746572730C0204010571756572790C0207040609070A0F');
INSERT INTO event_text_data VALUES (1236950581249, X'0000003B033061740E020401056665326E690E020701046D6164650E020301026F660E020602036E63650E020501097375636365656465640E020204070A090708');
DELETE FROM event_text_idx;
INSERT INTO event_text_idx VALUES (1, X'', 2);
INSERT INTO event_text_idx VALUES (2, X'', 2);
INSERT INTO event_text_idx VALUES (3, X'', 2);
INSERT INTO event_text_idx VALUES (4, X'', 2);
INSERT INTO event_text_idx VALUES (5, X'', 2);
INSERT INTO event_text_idx VALUES (6, X'', 2);
INSERT INTO event_text_idx VALUES (7, X'', 2);
INSERT INTO event_text_idx VALUES (8, X'', 2);
INSERT INTO event_text_idx VALUES (9, X'', 2);
DELETE FROM event_text_docsize;
INSERT INTO event_text_docsize VALUES (1, X'07');
INSERT INTO event_text_docsize VALUES (3, X'06');
INSERT INTO event_text_docsize VALUES (4, X'07');
INSERT INTO event_text_docsize VALUES (6, X'23');
INSERT INTO event_text_docsize VALUES (7, X'07');
INSERT INTO event_text_docsize VALUES (10, X'02');
INSERT INTO event_text_docsize VALUES (11, X'03');
INSERT INTO event_text_docsize VALUES (12, X'07');
INSERT INTO event_text_docsize VALUES (14, X'06');
DELETE FROM event_text_config;
INSERT INTO event_text_config VALUES ('version', 4);
DELETE FROM route_text_data;
INSERT INTO route_text_data VALUES (1, X'0404040802050103');
INSERT INTO route_text_data VALUES (10, X'000000000104040004010101020101030101040101');
INSERT INTO route_text_data VALUES (137438953473, X'0000004F0730616E737765720106010602020174010601060301036E6F77011C020101020102020103020301040201036F6E6301060106040104706F737401060102030105717569636B0106010502040D08150A0B');
INSERT INTO route_text_data VALUES (274877906945, X'0000002105306661696C0214020101020102020104020104706F737402060102030412');
INSERT INTO route_text_data VALUES (412316860417, X'0000002804306765740306010203010269640306010403020374656D031402010102010202010402040A09');
INSERT INTO route_text_data VALUES (549755813889, X'0000002206306C617465720414020101020102020104020104706F737404060102030413');
DELETE FROM route_text_idx;
INSERT INTO route_text_idx VALUES (1, X'', 2);
INSERT INTO route_text_idx VALUES (2, X'', 2);
INSERT INTO route_text_idx VALUES (3, X'', 2);
INSERT INTO route_text_idx VALUES (4, X'', 2);
DELETE FROM route_text_content;
INSERT INTO route_text_content VALUES (1, 'Now', 'Now', 'now-post', 'now now', '/now', 'quick', 'Answers at once.');
INSERT INTO route_text_content VALUES (2, 'Fail', 'Fail', 'fail-post', ' ', '/fail', '', '');
INSERT INTO route_text_content VALUES (3, 'Item', 'Item', 'item-get', ' ', '/items/{id}', '', '');
INSERT INTO route_text_content VALUES (4, 'Later', 'Later', 'later-post', ' ', '/later', '', '');
DELETE FROM route_text_docsize;
INSERT INTO route_text_docsize VALUES (1, X'01010202010103');
INSERT INTO route_text_docsize VALUES (2, X'01010200010000');
INSERT INTO route_text_docsize VALUES (3, X'01010200020000');
INSERT INTO route_text_docsize VALUES (4, X'01010200010000');
DELETE FROM route_text_config;
INSERT INTO route_text_config VALUES ('version', 4);
INSERT INTO asset VALUES (1, '01a21068-2ae9-75a3-b9c3-5cfc7a946f3b', '01a21068-16d0-76a1-bb07-f7c550afa3f3', 'file', 'a.cif', 'acif', '', 'a.cif', 'cif', 'chemical/x-cif', 24, 'baae7e8bf49c2efd62c89eae00e81671d6c6f33f4edab688401fd47f9615482a', '{"classification":{"kind":"crystal","inspector":"cif"}}', 'private', 'ARR', NULL, 'new', NULL, NULL, '2026-11-25T01:53:11.913335+00:00', '2026-11-25T01:53:11.913335+00:00', NULL);
DELETE FROM asset_text_data;
INSERT INTO asset_text_data VALUES (1, X'01020200');
INSERT INTO asset_text_data VALUES (10, X'000000000101010001010101');
INSERT INTO asset_text_data VALUES (137438953473, X'0000001802306101080201010201036369660108030101030409');
DELETE FROM asset_text_idx;
INSERT INTO asset_text_idx VALUES (1, X'', 2);
DELETE FROM asset_text_content;
INSERT INTO asset_text_content VALUES (1, 'a.cif', 'a.cif', '');
DELETE FROM asset_text_docsize;
INSERT INTO asset_text_docsize VALUES (1, X'020200');
DELETE FROM asset_text_config;
INSERT INTO asset_text_config VALUES ('version', 4);
DELETE FROM sqlite_sequence;
INSERT INTO sqlite_sequence VALUES ('action', 4);
INSERT INTO sqlite_sequence VALUES ('event', 14);
INSERT INTO sqlite_sequence VALUES ('asset', 1);
CREATE INDEX route_operation_id ON route (operation_id);
CREATE INDEX action_open ON action (seq) WHERE status IN ('queued', 'in-progress');
CREATE INDEX action_status ON action (status, seq);
CREATE INDEX action_route ON action (route_id, seq);
CREATE INDEX action_user ON action (user_id, seq);
CREATE INDEX action_created ON action (created_at);
CREATE INDEX event_action ON event (action_id, seq);
CREATE INDEX receipt_action ON receipt (action_id, received_at);
CREATE UNIQUE INDEX route_text_row ON route (text_row);
CREATE INDEX asset_type ON asset (asset_type, seq);
CREATE INDEX asset_extension ON asset (extension, seq);
CREATE INDEX asset_sha256 ON asset (sha256);
CREATE INDEX asset_action ON asset (action_id) WHERE action_id IS NOT NULL;
CREATE INDEX asset_source ON asset (source_id) WHERE source_id IS NOT NULL;
CREATE INDEX action_asset_asset ON action_asset (asset_id, direction);
CREATE INDEX declaration_type ON declaration (direction, asset_type);
CREATE INDEX link_action ON link (action_id);
PRAGMA user_version = 3;
COMMIT;
