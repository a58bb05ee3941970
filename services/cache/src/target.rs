//! Which Redis a url means: one server, or the nodes of a cluster to begin with.
//!
//! A cluster is said in the url (`redis-cluster://`) and not found out at the first connection: a
//! server that cannot be asked yet would otherwise leave open what is being built.

use redis::{IntoConnectionInfo, RedisResult};

use crate::config::CacheError;
use crate::peer::Peer;
use crate::tls::Tls;

/// What a url begins with that names nodes of a cluster, and what one server's url has there.
const CLUSTER_SCHEME: (&str, &str) = ("redis-cluster://", "redis://");

/// What the name of each scheme begins with when it is spoken by TLS, and otherwise.
const TLS_SCHEME: (&str, &str) = ("rediss", "redis");

/// Where Redis is and how it is spoken to.
#[derive(Clone)]
pub(crate) enum Target {
    Server(Peer),
    Cluster(Seeds),
}

/// The nodes that a cluster is asked about itself; at least one.
#[derive(Clone)]
pub(crate) struct Seeds(Vec<Peer>);

impl Target {
    /// Reads `redis://[user[:password]@]host[:port][/db]`, or
    /// `redis-cluster://[user[:password]@]host[:port][,host[:port]…]`; with `rediss` for `redis`, what
    /// `tls` says.
    pub(crate) fn read(url: &str, tls: Option<&Tls>) -> Result<Target, CacheError> {
        let Some(rest) = url.strip_prefix(TLS_SCHEME.0) else {
            let read = Target::read_plain(url, None)?;
            return if tls.is_none() { Ok(read) } else { Err(CacheError::InTheClear) };
        };
        let tls = tls.ok_or(CacheError::NobodyTrusted)?;
        Ok(Target::read_plain(&format!("{}{rest}", TLS_SCHEME.1), Some(tls))?)
    }

    fn read_plain(url: &str, tls: Option<&Tls>) -> RedisResult<Target> {
        let peer = |url: &str| Ok(Peer::new(url.into_connection_info()?, tls.cloned()));
        let Some(rest) = url.strip_prefix(CLUSTER_SCHEME.0) else {
            return Ok(Target::Server(peer(url)?));
        };
        let (user, hosts) = match rest.rsplit_once('@') {
            Some((user, hosts)) => (format!("{user}@"), hosts),
            None => (String::new(), rest),
        };
        let seed = |host: &str| peer(&format!("{}{user}{host}", CLUSTER_SCHEME.1));
        let seeds: RedisResult<Vec<_>> = hosts.trim_end_matches('/').split(',').map(seed).collect();
        Ok(Target::Cluster(Seeds(seeds?)))
    }
}

impl Seeds {
    /// The nodes that the url names.
    pub(crate) fn all(&self) -> &[Peer] {
        &self.0
    }

    /// Another node of the same cluster, spoken to in the same way.
    pub(crate) fn node(&self, host: &str, port: u16) -> Peer {
        self.0[0].at(host, port)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unused() -> Tls {
        Tls::new(|| unreachable!("nothing is connected"))
    }

    fn addresses(url: &str) -> Vec<String> {
        let tls = url.starts_with(TLS_SCHEME.0).then(unused);
        match Target::read(url, tls.as_ref()).unwrap() {
            Target::Server(server) => vec![format!("one {}", server.address())],
            Target::Cluster(seeds) => {
                seeds.all().iter().map(|seed| seed.address().to_string()).collect()
            }
        }
    }

    #[test]
    fn a_url_names_one_server_or_nodes_of_a_cluster() {
        for (url, expected) in [
            ("redis://cache/0", vec!["one cache:6379"]),
            ("rediss://:pass@cache:6380", vec!["one cache:6380"]),
            ("redis-cluster://a", vec!["a:6379"]),
            ("rediss-cluster://a,b:7001", vec!["a:6379", "b:7001"]),
            ("redis-cluster://user:s3,cret@a:7000,b:7001,c/", vec!["a:7000", "b:7001", "c:6379"]),
        ] {
            assert_eq!(addresses(url), expected, "{url}");
        }
        for bad in ["redis-cluster://", "redis-cluster://a,", "redis-cluster://a:x"] {
            assert!(Target::read(bad, None).is_err(), "{bad}");
        }
    }

    #[test]
    fn tls_is_not_spoken_with_whoever_answers() {
        for url in ["rediss://cache", "rediss-cluster://a,b", "rediss://cache#insecure"] {
            let Err(refused) = Target::read(url, None) else { panic!("{url}") };
            assert!(matches!(refused, CacheError::NobodyTrusted), "{url}: {refused}");
        }
    }

    #[test]
    fn who_names_authorities_is_not_spoken_to_in_the_clear() {
        for url in ["redis://:s3cret@cache", "redis-cluster://:s3cret@a,b"] {
            let Err(refused) = Target::read(url, Some(&unused())) else { panic!("{url}") };
            assert!(matches!(refused, CacheError::InTheClear), "{url}: {refused}");
        }
    }
}
