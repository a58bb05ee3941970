//! What each setting is for, in a sentence. A test keeps this table and the code together.

/// Variables and what they are for, in the order in which they are listed.
pub(super) const MEANINGS: &[(&str, &str)] = &[
    (
        "HAWIYA_LISTEN",
        "where the service listens; `up`: the resolver, and the others on the next three ports",
    ),
    (
        "HAWIYA_NORMALIZER_URL",
        "where the normalizer is: one address, or several with commas between; a name stands for every machine it resolves to",
    ),
    ("HAWIYA_MATCHER_URL", "where the matcher is, likewise"),
    ("HAWIYA_REGISTRY_URL", "where the registry is, likewise"),
    ("DATABASE_URL", "the registry's store; unset: the file `catalogue.db` in `HAWIYA_DATA_DIR`"),
    (
        "HAWIYA_DATA_DIR",
        "the folder of the catalogue and the index; unset in `up` and commands: `hawiya` in the user's data folder",
    ),
    (
        "HAWIYA_INDEX_DIR",
        "where a matcher keeps its index, one folder a process; unset: `index` in `HAWIYA_DATA_DIR`",
    ),
    (
        "REDIS_URL",
        "the shared cache, `redis://[user[:password]@]host[:port][/db]`, or `redis-cluster://[user[:password]@]host[:port][,host[:port]…]` with some nodes of a cluster; unset: each process for itself",
    ),
    ("HAWIYA_CACHE_BUDGET", "what a request may lose to Redis in all"),
    ("HAWIYA_METRICS_LISTEN", "where `/metrics` is served, Prometheus text; unset: nowhere"),
    ("HAWIYA_LOG", "which events are logged, such as `matcher=debug,info`"),
    ("HAWIYA_LOG_FORMAT", "how they are written: for people or one JSON object a line"),
    (
        "HAWIYA_DRAIN_DELAY",
        "how long calls are still taken after SIGTERM, so that load balancers notice",
    ),
    ("HAWIYA_DRAIN_TIMEOUT", "how long calls under way may take to end after that"),
    (
        "HAWIYA_CONNECTION_AGE_MAX",
        "how old a connection grows before its client is asked to make a new one",
    ),
    (
        "HAWIYA_WORK_MAX",
        "how many calls of one item a server works on at a time, those of larger requests counting for more; unset: 32 for each processor",
    ),
    ("HAWIYA_CONNECTIONS_MAX", "how many connections a port may have open"),
    (
        "HAWIYA_HANDSHAKE_TIMEOUT",
        "how long a connection may take for its TLS handshake and HTTP/2 greeting",
    ),
    ("HAWIYA_STREAM_IDLE", "how long a stream of requests may be silent before it is ended"),
    ("HAWIYA_REQUEST_BYTES_MAX", "bytes that all unfinished requests of a port may hold together"),
    (
        "HAWIYA_TLS_CERT",
        "PEM file with the certificate of the server; set: its port speaks TLS only",
    ),
    ("HAWIYA_TLS_KEY", "PEM file with its private key"),
    ("HAWIYA_TLS_CLIENT_CA", "PEM file with the authorities of client certificates"),
    (
        "HAWIYA_TLS_CLIENT",
        "whether clients have to show a certificate, where HAWIYA_TLS_CLIENT_CA is set",
    ),
    (
        "HAWIYA_API_KEYS_FILE",
        "TOML file of callers and what they may do; with it or HAWIYA_JWKS_FILE, who is not known is refused",
    ),
    ("HAWIYA_JWKS_FILE", "JWKS file with the keys that sign tokens"),
    ("HAWIYA_JWT_ISSUER", "who has to have issued a token"),
    ("HAWIYA_JWT_AUDIENCE", "for whom a token has to be"),
    ("HAWIYA_CALLS_PER_SECOND", "quota of a caller that has none of its own; unset: no limit"),
    (
        "HAWIYA_CALLS_BURST",
        "how many calls such a caller may make at once; unset: as many as in a second",
    ),
    (
        "HAWIYA_AUDIT_FILE",
        "file to which every call that writes is appended, one JSON object a line",
    ),
    ("HAWIYA_TLS_CA", "PEM file with the authorities to trust at `https` addresses"),
    ("HAWIYA_TLS_CLIENT_CERT", "PEM file with the certificate that is shown to servers"),
    ("HAWIYA_TLS_CLIENT_KEY", "PEM file with its private key"),
    ("HAWIYA_TOKEN_FILE", "file with the API key or token that goes with calls to servers"),
    ("HAWIYA_TOKEN", "the API key or token itself, where there is no file"),
    ("HAWIYA_SERVER", "`--server` of the commands: the running suite they ask"),
];
