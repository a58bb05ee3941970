-- The same tables as those of SQLite after its last step. Texts are compared byte by byte, as
-- SQLite does, so that both list in one order.

-- What tells this catalogue from every other one; one row.
CREATE TABLE catalogue (
    identity     TEXT NOT NULL,
    keys_version TEXT NOT NULL DEFAULT '' -- how the keys were made
);

-- Every canonical id that was ever given, and the version of its newest change.
CREATE TABLE entities (
    number  BIGINT NOT NULL PRIMARY KEY, -- the version that created it
    id      TEXT   NOT NULL COLLATE "C" UNIQUE,
    version BIGINT NOT NULL
);

-- The history: one row a version, without gaps.
CREATE TABLE changes (
    version         BIGINT NOT NULL PRIMARY KEY,
    entity          BIGINT NOT NULL, -- its number
    change_id       BIGINT NOT NULL, -- the first version of those made together
    reverted        BIGINT NOT NULL, -- the change id that it took back; 0: none
    kind            TEXT   NOT NULL,
    state           TEXT   NOT NULL,
    links           TEXT   NOT NULL, -- ids it redirects to or was split into, by spaces
    held            BIGINT NOT NULL, -- what people decided and an import leaves alone, as bits
    type            TEXT   NOT NULL,
    country         TEXT   NOT NULL,
    dataset         TEXT   NOT NULL,
    actor           TEXT   NOT NULL,
    comment         TEXT   NOT NULL,
    dataset_version TEXT   NOT NULL, -- of the import that made it
    created         BIGINT NOT NULL, -- when the entity was, microseconds since 1970
    time            BIGINT NOT NULL, -- microseconds since 1970
    format          BIGINT NOT NULL, -- of the body
    body            TEXT   NOT NULL  -- the entity after the change, JSON
);

CREATE INDEX changes_by_entity ON changes (entity, version);

-- What active entities are found by: XXH3-64 of a folded name or of an external id.
CREATE TABLE keys (
    key    BIGINT NOT NULL,
    entity BIGINT NOT NULL, -- its number
    PRIMARY KEY (key, entity)
);

-- The newest of them. They come in random order, and each would rewrite a page of a large table;
-- here they wait until there are so many that the pages are shared.
CREATE TABLE fresh_keys (
    key    BIGINT NOT NULL,
    entity BIGINT NOT NULL,
    PRIMARY KEY (key, entity)
);

-- Calls that minted ids, so that a repeated call mints none.
CREATE TABLE requests (
    request_id TEXT   NOT NULL COLLATE "C" PRIMARY KEY,
    hash       TEXT   NOT NULL, -- XXH3-128 of what was asked for
    version    BIGINT NOT NULL, -- what the call made
    time       BIGINT NOT NULL
);

CREATE INDEX requests_by_time ON requests (time);

-- What people decided about mentions.
CREATE TABLE decisions (
    number        BIGINT NOT NULL PRIMARY KEY,
    text          TEXT   NOT NULL,
    form          TEXT   NOT NULL COLLATE "C",
    rules_version TEXT   NOT NULL, -- that made the form
    entity_id     TEXT   NOT NULL, -- empty: about none
    kind          TEXT   NOT NULL,
    scope         TEXT   NOT NULL,
    actor         TEXT   NOT NULL,
    comment       TEXT   NOT NULL,
    time          BIGINT NOT NULL, -- microseconds since 1970
    expires       BIGINT NOT NULL  -- microseconds since 1970; 0: never
);

CREATE INDEX decisions_by_form ON decisions (form, number);
