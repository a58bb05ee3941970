//! What a cache is made from, and the one way making it can fail.

use std::fmt;
use std::time::Duration;

use crate::target::Target;
use crate::tls::Tls;

/// How a service caches. The defaults suit all of ours; only `redis_url` differs between places.
#[derive(Clone)]
pub struct CacheConfig {
    /// `redis://[user[:password]@]host[:port][/db]`, or for a cluster
    /// `redis-cluster://[user[:password]@]host[:port][,host[:port]…]` with some of its nodes; by TLS
    /// `rediss` and `rediss-cluster`; `None` keeps values in this process only.
    pub redis_url: Option<String>,

    /// What TLS is spoken with; needed where the url says `rediss`.
    pub tls: Option<Tls>,

    /// What one call may lose to Redis in all, waiting included. Past it the call computes.
    pub budget: Duration,

    /// Bytes of the in-process level, its bookkeeping included; the coldest values leave first.
    pub local_bytes_max: u64,

    /// Longest life of a value in the in-process level when Redis is behind it.
    ///
    /// Short, because a hot value should be found here and a changed one soon there. Without
    /// Redis a value lives here as long as its [`Space`](crate::Space) says.
    pub local_ttl: Duration,

    /// Longest time a call waits in all for other calls that compute its keys; then it computes
    /// them itself. A value much longer than one computation, much shorter than a deadline.
    pub follow_max: Duration,
}

impl CacheConfig {
    /// Whether a cache can be made of it; for whoever wants to know before a socket opens.
    pub fn check(&self) -> Result<(), CacheError> {
        if let Some(url) = &self.redis_url {
            Target::read(url, self.tls.as_ref())?;
        }
        Ok(())
    }
}

impl Default for CacheConfig {
    fn default() -> Self {
        CacheConfig {
            redis_url: None,
            tls: None,
            budget: Duration::from_millis(50),
            local_bytes_max: 64 << 20,
            local_ttl: Duration::from_secs(60),
            follow_max: Duration::from_secs(2),
        }
    }
}

// By hand, because the url carries the password and a config is what people print.
impl fmt::Debug for CacheConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CacheConfig")
            .field("redis_url", &self.redis_url.as_ref().map(|_| "set, not shown"))
            .field("tls", &self.tls)
            .field("budget", &self.budget)
            .field("local_bytes_max", &self.local_bytes_max)
            .field("local_ttl", &self.local_ttl)
            .field("follow_max", &self.follow_max)
            .finish()
    }
}

/// Why a cache could not be made. A Redis that is away is not a reason.
#[derive(Debug, thiserror::Error)]
pub enum CacheError {
    /// The url cannot be read as one. Its text is left out: it may hold a password.
    #[error("`REDIS_URL` is not a redis url: {cause}")]
    Url {
        /// What is wrong with it, in words that quote none of it.
        cause: String,
    },
    /// The url says `rediss`, and no authority is there to believe a certificate by.
    #[error("`REDIS_URL` begins with `rediss`, and it is not said which authorities to trust")]
    NobodyTrusted,
    /// There are authorities to trust, and the url does not say `rediss`: a password would go in the clear.
    #[error("`REDIS_URL` does not begin with `rediss`, and it is said which authorities to trust")]
    InTheClear,
}

impl From<redis::RedisError> for CacheError {
    fn from(error: redis::RedisError) -> Self {
        // The client's text is `description - Kind: detail`; only the detail can quote the url.
        let text = error.to_string();
        let cause = text.split(" - ").next().unwrap_or_default().to_owned();
        CacheError::Url { cause }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_printed_config_does_not_show_the_password() {
        let redis_url = Some("redis://hawiya:s3cret@cache:6379/0".to_owned());
        let printed = format!("{:?}", CacheConfig { redis_url, ..CacheConfig::default() });
        assert!(!printed.contains("s3cret"), "{printed}");
    }

    #[test]
    fn no_malformed_url_is_quoted_in_its_error() {
        for url in [
            "s3cret",
            "http://:s3cret@cache",
            "redis://:s3cret@",
            "redis://:s3/cret@cache",
            "redis://:s3cret@cache/s3cret",
            "redis://:s3cret@cache:s3cret",
            "redis://cache?protocol=s3cret",
            "redis://:%ff%fes3cret@cache",
            "redis-cluster://:s3cret@cache,:s3cret@",
            "redis-cluster://:s3cret@cache:s3cret,b",
            "rediss://:s3cret@cache:s3cret",
        ] {
            let Err(error) = Target::read(url, None) else { panic!("{url}") };
            assert!(!error.to_string().contains("s3cret"), "{url}: {error}");
            assert!(!format!("{error:?}").contains("s3cret"), "{url}: {error:?}");
        }
    }
}
