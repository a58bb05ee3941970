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
        "HAWIYA_INDEX_STALENESS_MAX",
        "how long the registry may be away before health says NOT_SERVING (answers say that they are stale); 0s: for ever",
    ),
    (
        "REDIS_URL",
        "the shared cache, `redis://[user[:password]@]host[:port][/db]`, or `redis-cluster://[user[:password]@]host[:port][,host[:port]…]` with some nodes of a cluster; by TLS `rediss` and `rediss-cluster`; unset: each process for itself",
    ),
    ("HAWIYA_REDIS_CA", "authorities to trust when `REDIS_URL` begins with `rediss`"),
    ("HAWIYA_REDIS_CLIENT_CERT", "the certificate that is shown to such a Redis"),
    ("HAWIYA_REDIS_CLIENT_KEY", "the key of that certificate"),
    ("HAWIYA_CACHE_BUDGET", "what a request may lose to Redis in all"),
    ("HAWIYA_METRICS_LISTEN", "where `/metrics` is served, Prometheus text; unset: nowhere"),
    ("HAWIYA_LOG", "which events are logged, such as `matcher=debug,info`"),
    ("HAWIYA_LOG_FORMAT", "how they are written: for people or one JSON object a line"),
    (
        "HAWIYA_OTLP_ENDPOINT",
        "the OpenTelemetry collector to which traces are sent (OTLP over gRPC); unset: none are recorded",
    ),
    (
        "HAWIYA_TRACE_RATIO",
        "the share of the traces beginning here that is recorded; a caller's `traceparent` decides for its own",
    ),
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
        "how many calls of one item are worked on at a time, *n* KiB weigh 1 + *n*; unset: 32 for each processor",
    ),
    ("HAWIYA_TLS_CERT", "the certificate of the port and its chain; set: it speaks TLS only"),
    ("HAWIYA_TLS_KEY", "the key of that certificate"),
    ("HAWIYA_TLS_CLIENT_CA", "authorities of client certificates; set: who has none is not let in"),
    ("HAWIYA_TLS_CLIENT", "whether clients need a certificate, or are only known by one they have"),
    ("HAWIYA_API_KEYS_FILE", "callers and what they may do; set: who is not known is refused"),
    ("HAWIYA_JWKS_FILE", "keys of an identity provider; set: its tokens are taken"),
    ("HAWIYA_JWT_ISSUER", "the `iss` that tokens have to have"),
    ("HAWIYA_JWT_AUDIENCE", "the `aud` that tokens have to have"),
    ("HAWIYA_CALLS_PER_SECOND", "the quota of a caller who has none of its own; unset: no limit"),
    ("HAWIYA_CALLS_BURST", "how many calls of a quota can be saved; unset: those of a second"),
    ("HAWIYA_AUDIT_FILE", "where each call that writes is recorded, a JSON object a line"),
    ("HAWIYA_CONNECTIONS_MAX", "open connections of a port; one more is closed at once"),
    ("HAWIYA_HANDSHAKE_TIMEOUT", "how long a connection may take for TLS and its greeting"),
    (
        "HAWIYA_STREAM_IDLE",
        "how long a stream of requests may send nothing, and calls on a connection that is too old take nothing",
    ),
    ("HAWIYA_REQUEST_BYTES_MAX", "what all requests that have not come in whole may hold together"),
    ("HAWIYA_TLS_CA", "authorities to trust in calls to `https` addresses"),
    ("HAWIYA_TLS_CLIENT_CERT", "the certificate that is shown in such calls"),
    ("HAWIYA_TLS_CLIENT_KEY", "the key of that certificate"),
    ("HAWIYA_TOKEN_FILE", "a file with the API key or token that goes with calls to others"),
    ("HAWIYA_TOKEN", "the same, itself"),
    ("HAWIYA_SERVER", "`--server` of the commands: the running suite they ask"),
];
