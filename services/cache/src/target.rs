//! Which Redis a url means: one server, or the nodes of a cluster to begin with.
//!
//! A cluster is said in the url (`redis-cluster://`) and not found out at the first connection: a
//! server that cannot be asked yet would otherwise leave open what is being built.

use redis::{Client, ConnectionAddr, ConnectionInfo, IntoConnectionInfo, RedisResult};

/// What a url begins with that names nodes of a cluster, and what one server's url has there.
const CLUSTER_SCHEME: (&str, &str) = ("redis-cluster://", "redis://");

/// Where Redis is and how it is spoken to.
#[derive(Clone)]
pub(crate) enum Target {
    Server(ConnectionInfo),
    Cluster(Seeds),
}

/// The nodes that a cluster is asked about itself; at least one.
#[derive(Clone)]
pub(crate) struct Seeds(Vec<ConnectionInfo>);

impl Target {
    /// Reads `redis://[user[:password]@]host[:port][/db]`, or
    /// `redis-cluster://[user[:password]@]host[:port][,host[:port]…]`.
    pub(crate) fn read(url: &str) -> RedisResult<Target> {
        let Some(rest) = url.strip_prefix(CLUSTER_SCHEME.0) else {
            return Ok(Target::Server(url.into_connection_info()?));
        };
        let (user, hosts) = match rest.rsplit_once('@') {
            Some((user, hosts)) => (format!("{user}@"), hosts),
            None => (String::new(), rest),
        };
        let seed = |host: &str| format!("{}{user}{host}", CLUSTER_SCHEME.1).into_connection_info();
        let seeds: RedisResult<Vec<_>> = hosts.trim_end_matches('/').split(',').map(seed).collect();
        Ok(Target::Cluster(Seeds(seeds?)))
    }
}

impl Seeds {
    /// The nodes that the url names.
    pub(crate) fn all(&self) -> &[ConnectionInfo] {
        &self.0
    }

    /// Another node of the same cluster, spoken to in the same way.
    pub(crate) fn node(&self, host: &str, port: u16) -> ConnectionInfo {
        self.0[0].clone().set_addr(ConnectionAddr::Tcp(host.to_owned(), port))
    }
}

/// A client of a server; connects to nothing yet.
pub(crate) fn client(server: &ConnectionInfo) -> RedisResult<Client> {
    Client::open(server.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addresses(url: &str) -> Vec<String> {
        match Target::read(url).unwrap() {
            Target::Server(server) => vec![format!("one {}", server.addr())],
            Target::Cluster(seeds) => {
                seeds.all().iter().map(|seed| seed.addr().to_string()).collect()
            }
        }
    }

    #[test]
    fn a_url_names_one_server_or_nodes_of_a_cluster() {
        for (url, expected) in [
            ("redis://cache/0", vec!["one cache:6379"]),
            ("redis-cluster://a", vec!["a:6379"]),
            ("redis-cluster://user:s3,cret@a:7000,b:7001,c/", vec!["a:7000", "b:7001", "c:6379"]),
        ] {
            assert_eq!(addresses(url), expected, "{url}");
        }
        for bad in ["redis-cluster://", "redis-cluster://a,", "redis-cluster://a:x"] {
            assert!(Target::read(bad).is_err(), "{bad}");
        }
    }
}
