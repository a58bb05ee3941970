//! What each setting is for, in a sentence. A test keeps this table and the code together.

/// Variables and what they are for, in the order in which they are listed.
pub(super) const MEANINGS: &[(&str, &str)] = &[
    (
        "HAWIYA_LISTEN",
        "where the service listens; `up`: the resolver, and the others on the next three ports",
    ),
    ("HAWIYA_NORMALIZER_URL", "where the normalizer is"),
    ("HAWIYA_MATCHER_URL", "where the matcher is"),
    ("HAWIYA_REGISTRY_URL", "where the registry is"),
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
        "the shared cache, `redis://[user[:password]@]host[:port][/db]`; unset: each process for itself",
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
    ("HAWIYA_SERVER", "`--server` of the commands: the running suite they ask"),
];
