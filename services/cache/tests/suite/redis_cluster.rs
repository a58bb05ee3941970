//! A real Redis Cluster of three primaries on loopback, made and reshaped by Redis's own tool.

use std::process::{Command, Stdio};

use crate::fixture::until;
use crate::redis_server::{RedisServer, free_port, redis_server};

pub(crate) struct RedisCluster {
    pub(crate) nodes: Vec<RedisServer>,
    /// How Redis's tool speaks to them.
    flags: Vec<String>,
}

/// A cluster with these options, or `None`, loudly, where Redis is not installed.
pub(crate) async fn redis_cluster(options: &[&str]) -> Option<RedisCluster> {
    let nodes: Option<Vec<RedisServer>> = (0..3).map(|_| node(options)).collect();
    let nodes = nodes?;
    let addresses: Vec<String> = nodes.iter().map(RedisServer::address).collect();
    Some(form(nodes, &addresses, Vec::new()).await)
}

/// Makes a cluster of these nodes, which know each other by these addresses.
pub(crate) async fn form(
    nodes: Vec<RedisServer>,
    addresses: &[String],
    flags: Vec<String>,
) -> RedisCluster {
    let cluster = RedisCluster { nodes, flags };
    cluster.administer(&[&["create".to_owned()], addresses].concat());
    for node in &cluster.nodes {
        until("the cluster is whole", || cluster_info(node).contains("cluster_state:ok")).await;
    }
    cluster
}

pub(crate) fn node(options: &[&str]) -> Option<RedisServer> {
    // By default the nodes talk on a port 10,000 higher, which may be none.
    let bus = free_port().to_string();
    let enabled =
        ["--cluster-enabled", "yes", "--cluster-node-timeout", "1000", "--cluster-port", &bus];
    redis_server(&[&enabled, options].concat())
}

impl RedisCluster {
    /// A url with the first of its nodes.
    pub(crate) fn url(&self) -> String {
        format!("redis-cluster://{}", self.nodes[0].address())
    }

    /// A url with all of its nodes.
    pub(crate) fn url_of_all(&self) -> String {
        let addresses: Vec<String> = self.nodes.iter().map(RedisServer::address).collect();
        format!("redis-cluster://{}", addresses.join(","))
    }

    /// How many values the nodes that answer hold.
    pub(crate) fn stored(&self) -> usize {
        self.nodes.iter().map(size).sum()
    }

    /// Moves so many slots with what is in them from one node to another, in the middle of whatever goes on.
    pub(crate) fn reshard(&self, from: usize, to: usize, slots: usize) {
        let id = |node: usize| -> String {
            redis::cmd("CLUSTER").arg("MYID").query(&mut self.nodes[node].raw()).unwrap()
        };
        let arguments = [
            "reshard",
            &self.nodes[0].address(),
            "--cluster-from",
            &id(from),
            "--cluster-to",
            &id(to),
            "--cluster-slots",
            &slots.to_string(),
        ];
        self.administer(&arguments.map(str::to_owned));
    }

    fn administer(&self, arguments: &[String]) {
        let mut command = Command::new("redis-cli");
        command
            .arg("--cluster")
            .args(arguments)
            .args(&self.flags)
            .arg("--cluster-yes")
            .stdin(Stdio::null());
        let done = command.output().unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stdout));
    }
}

pub(crate) fn size(node: &RedisServer) -> usize {
    redis::cmd("DBSIZE").query(&mut node.raw()).unwrap()
}

fn cluster_info(node: &RedisServer) -> String {
    redis::cmd("CLUSTER").arg("INFO").query(&mut node.raw()).unwrap()
}
