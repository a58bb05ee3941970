-- Entities get a number, which is the version that created them, so that indexes hold numbers
-- instead of ids; a change says where its entity leads, what people hold in it and what it took
-- back; names and external ids are found by a hash of 64 bits, a third of their size.

ALTER TABLE catalogue ADD COLUMN keys_version TEXT NOT NULL DEFAULT ''; -- how the keys were made

CREATE TABLE numbered (
    number  INTEGER NOT NULL PRIMARY KEY, -- the version that created it
    id      TEXT    NOT NULL UNIQUE,
    version INTEGER NOT NULL              -- of its newest change
);
INSERT INTO numbered (number, id, version)
    SELECT (SELECT min(c.version) FROM changes c WHERE c.entity_id = e.id), e.id, e.version
    FROM entities e;

-- One row a version, without gaps.
CREATE TABLE history (
    version         INTEGER NOT NULL PRIMARY KEY,
    entity          INTEGER NOT NULL, -- its number
    change_id       INTEGER NOT NULL, -- the first version of those made together
    reverted        INTEGER NOT NULL, -- the change id that it took back; 0: none
    kind            TEXT    NOT NULL,
    state           TEXT    NOT NULL,
    links           TEXT    NOT NULL, -- ids it redirects to or was split into, by spaces
    held            INTEGER NOT NULL, -- what people decided and an import leaves alone, as bits
    type            TEXT    NOT NULL,
    country         TEXT    NOT NULL,
    dataset         TEXT    NOT NULL,
    actor           TEXT    NOT NULL,
    comment         TEXT    NOT NULL,
    dataset_version TEXT    NOT NULL, -- of the import that made it
    created         INTEGER NOT NULL, -- when the entity was, microseconds since 1970
    time            INTEGER NOT NULL, -- microseconds since 1970
    format          INTEGER NOT NULL, -- of the body
    body            TEXT    NOT NULL  -- the entity after the change, JSON
);
INSERT INTO history
    SELECT c.version, n.number, c.change_id, 0, c.kind, c.state, '', 0, c.type, c.country,
        c.dataset, c.actor, c.comment, c.dataset_version, e.created, c.time, c.format, c.body
    FROM changes c JOIN numbered n ON n.id = c.entity_id JOIN entities e ON e.id = c.entity_id;

DROP TABLE names;
DROP TABLE external_ids;
DROP TABLE changes;
DROP TABLE entities;
ALTER TABLE numbered RENAME TO entities;
ALTER TABLE history RENAME TO changes;
CREATE INDEX changes_by_entity ON changes (entity, version);

-- What active entities are found by: XXH3-64 of a folded name or of an external id.
CREATE TABLE keys (
    key    INTEGER NOT NULL,
    entity INTEGER NOT NULL, -- its number
    PRIMARY KEY (key, entity)
) WITHOUT ROWID;

-- The newest of them. They come in random order, and each would rewrite a page of a large table;
-- here they wait until there are so many that the pages are shared.
CREATE TABLE fresh_keys (
    key    INTEGER NOT NULL,
    entity INTEGER NOT NULL,
    PRIMARY KEY (key, entity)
) WITHOUT ROWID;

-- What people decided about mentions.
CREATE TABLE decisions (
    number        INTEGER NOT NULL PRIMARY KEY,
    text          TEXT    NOT NULL,
    form          TEXT    NOT NULL,
    rules_version TEXT    NOT NULL, -- that made the form
    entity_id     TEXT    NOT NULL, -- empty: about none
    kind          TEXT    NOT NULL,
    scope         TEXT    NOT NULL,
    actor         TEXT    NOT NULL,
    comment       TEXT    NOT NULL,
    time          INTEGER NOT NULL, -- microseconds since 1970
    expires       INTEGER NOT NULL  -- microseconds since 1970; 0: never
);

CREATE INDEX decisions_by_form ON decisions (form, number);
