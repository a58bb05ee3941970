//! A real Redis Cluster of three primaries on loopback, made and reshaped by Redis's own tool.

use std::process::{Command, Stdio};

use crate::{Redis, free_port, until};

/// Three servers that share the slots, without replicas.
#[derive(Debug)]
pub struct RedisCluster {
    /// The primaries.
    pub nodes: Vec<Redis>,
}

impl RedisCluster {
    /// Starts one that goes on serving what is left when a node is lost, or says loudly that there
    /// is none to start.
    pub async fn start() -> Option<Self> {
        let mut nodes = Vec::new();
        for _ in 0..3 {
            nodes.push(Redis::start_with(options()).await?);
        }
        let cluster = Self { nodes };
        let addresses = cluster.nodes.iter().map(Redis::address);
        cluster.administer(std::iter::once("create".to_owned()).chain(addresses));
        for node in &cluster.nodes {
            until("the cluster is whole", async || node.is_in_a_whole_cluster()).await;
        }
        Some(cluster)
    }

    /// What services are told of it.
    #[must_use]
    pub fn url(&self) -> String {
        let addresses: Vec<String> = self.nodes.iter().map(Redis::address).collect();
        format!("redis-cluster://{}", addresses.join(","))
    }

    /// How many keys its nodes have.
    #[must_use]
    pub fn key_count(&self) -> i64 {
        self.nodes.iter().map(Redis::key_count).sum()
    }

    /// Moves slots with what is in them until the nodes have them in these proportions.
    pub fn rebalance(&self, weights: [u32; 3]) {
        let command =
            ["rebalance".to_owned(), self.nodes[0].address(), "--cluster-weight".to_owned()];
        let weights = self.nodes.iter().zip(weights);
        let weights = weights.map(|(node, weight)| format!("{}={weight}", node.id()));
        self.administer(command.into_iter().chain(weights));
    }

    fn administer(&self, arguments: impl Iterator<Item = String>) {
        let mut command = Command::new("redis-cli");
        command.arg("--cluster").args(arguments).arg("--cluster-yes").stdin(Stdio::null());
        let done = command.output().unwrap();
        assert!(done.status.success(), "{done:?}");
    }
}

fn options() -> Vec<String> {
    // By default the nodes talk on a port 10,000 higher, which may be taken.
    let bus = free_port().to_string();
    let options = [
        ("--cluster-enabled", "yes"),
        ("--cluster-node-timeout", "1000"),
        ("--cluster-require-full-coverage", "no"),
        ("--cluster-port", &bus),
    ];
    options.into_iter().flat_map(|(name, value)| [name.to_owned(), value.to_owned()]).collect()
}
