-- The history is the catalogue: a change holds the entity as it stood after it, and the newest
-- change of an entity is the entity. Everything else here is an index into `changes`.

-- What tells this catalogue from every other one; one row.
CREATE TABLE catalogue (
    identity TEXT NOT NULL
);

-- Every canonical id that was ever given, and the version of its newest change.
CREATE TABLE entities (
    id      TEXT    NOT NULL PRIMARY KEY,
    version INTEGER NOT NULL,
    created INTEGER NOT NULL -- microseconds since 1970
) WITHOUT ROWID;

-- One row a version, without gaps.
CREATE TABLE changes (
    version         INTEGER NOT NULL PRIMARY KEY,
    change_id       INTEGER NOT NULL, -- the first version of those made together
    entity_id       TEXT    NOT NULL REFERENCES entities (id),
    kind            TEXT    NOT NULL,
    state           TEXT    NOT NULL,
    type            TEXT    NOT NULL,
    country         TEXT    NOT NULL,
    dataset         TEXT    NOT NULL,
    actor           TEXT    NOT NULL,
    comment         TEXT    NOT NULL,
    dataset_version TEXT    NOT NULL, -- of the import that made it
    time            INTEGER NOT NULL, -- microseconds since 1970
    format          INTEGER NOT NULL, -- of the body
    body            TEXT    NOT NULL  -- the entity after the change, JSON
);

CREATE INDEX changes_by_entity ON changes (entity_id, version);

-- The names of active entities, NFC and case folded.
CREATE TABLE names (
    key       TEXT NOT NULL,
    entity_id TEXT NOT NULL REFERENCES entities (id),
    PRIMARY KEY (key, entity_id)
) WITHOUT ROWID;

-- The external ids of active entities.
CREATE TABLE external_ids (
    scheme    TEXT NOT NULL,
    value     TEXT NOT NULL,
    entity_id TEXT NOT NULL REFERENCES entities (id),
    PRIMARY KEY (scheme, value, entity_id)
) WITHOUT ROWID;

-- Calls that minted ids, so that a repeated call mints none.
CREATE TABLE requests (
    request_id TEXT    NOT NULL PRIMARY KEY,
    hash       TEXT    NOT NULL, -- XXH3-128 of the entity as it was asked for
    version    INTEGER NOT NULL, -- the change the call made
    time       INTEGER NOT NULL
) WITHOUT ROWID;

CREATE INDEX requests_by_time ON requests (time);
