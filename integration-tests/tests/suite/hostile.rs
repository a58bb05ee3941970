//! What no client of ours sends: garbage, lies about lengths, floods, half a greeting. The process
//! stays up, answers others, and holds no more memory than before.
//!
//! Inputs come from tables ([`inputs`]), as bytes on a socket ([`frames`]); each is sent on a
//! connection of its own. Most end with the end of sending; some are held open until all were sent.

mod frames;
mod inputs;

use std::{collections::HashSet, sync::Arc};

use integration_tests::{
    PATIENCE, Process, Processes, Service,
    secured::{Shown, code, methods},
    until,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::Semaphore,
    task::JoinSet,
    time::timeout,
};
use tonic::Code;

use inputs::{End, Input};

/// Connections at a time.
const AT_A_TIME: usize = 16;

/// What a process may hold more after two more rounds than after the first. An allocator keeps
/// some of what it got, and a round sends some 30 MiB to each service.
const GROWTH_BYTES_MAX: usize = 32 << 20;

/// Sends an input. Whatever the server does is right, as long as it ends the connection.
async fn send(address: &str, input: &Input) -> Option<TcpStream> {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let (mut reading, mut writing) = stream.split();
    let mut answer = vec![0; 1 << 16];
    let write = async {
        // Fails where the server has had enough, which is what we want of it.
        let _ = writing.write_all(&input.bytes).await;
        if input.end == End::Shut {
            let _ = writing.shutdown().await;
        }
    };
    // Reading goes on meanwhile: a server that answers must not wait for us, nor we for it.
    let read = async { while matches!(reading.read(&mut answer).await, Ok(1..)) {} };
    if input.end == End::Held {
        // Until all is sent, or the server does not take it.
        let _ = timeout(PATIENCE, async {
            tokio::select! { () = write => {}, () = read => {} }
        })
        .await;
        return Some(stream);
    }
    let both = timeout(PATIENCE, async { tokio::join!(write, read) }).await;
    assert!(both.is_ok(), "the server keeps a connection that is over: {}", input.name);
    None
}

async fn send_all(address: &str, inputs: &Arc<Vec<Input>>) {
    let turns = Arc::new(Semaphore::new(AT_A_TIME));
    let mut sending = JoinSet::new();
    for at in 0..inputs.len() {
        let (inputs, address) = (Arc::clone(inputs), address.to_owned());
        let turn = Arc::clone(&turns).acquire_owned().await.unwrap();
        sending.spawn(async move {
            let held = send(&address, &inputs[at]).await;
            drop(turn);
            held
        });
    }
    // What is held is let go when the last one was sent.
    let held: Vec<_> = sending.join_all().await;
    drop(held);
}

async fn answers(processes: &Processes, service: Service) {
    let channel = Shown::default().channel(&processes.address(service));
    let path = "/grpc.health.v1.Health/Check";
    assert_eq!(timeout(PATIENCE, code(channel, path)).await.unwrap(), Code::Ok, "{service:?}");
}

/// Memory after the connections of a round are gone.
async fn settled(process: &Process) -> usize {
    let gone = async || process.metric("hawiya_connections", "").await == 0.0;
    until("all connections are gone", gone).await;
    process.resident_bytes()
}

async fn withstands(service: Service) {
    let mut processes = Processes::prepare(vec![("HAWIYA_HANDSHAKE_TIMEOUT", "1s".to_owned())]);
    processes.spawn(service);
    let address = processes.address(service).replace("http://", "");
    let paths: Vec<_> = methods(service).into_iter().map(|method| method.path).collect();
    let inputs = Arc::new(inputs::all(&paths));
    let distinct: HashSet<_> = inputs.iter().map(|input| (&input.bytes, input.end)).collect();
    assert!(distinct.len() >= 100 && distinct.len() == inputs.len(), "{} inputs", distinct.len());
    send_all(&address, &inputs).await;
    answers(&processes, service).await;
    let before = settled(processes.process(service)).await;
    for _ in 0..2 {
        send_all(&address, &inputs).await;
        answers(&processes, service).await;
    }
    let process = processes.process(service);
    let after = settled(process).await;
    let grown = after.saturating_sub(before);
    assert!(grown < GROWTH_BYTES_MAX, "{service:?} grew by {grown} bytes from {before}");
    assert_eq!(process.logged("panicked"), 0, "{}", process.log());
}

#[tokio::test]
async fn the_normalizer_withstands_hostile_clients() {
    withstands(Service::Normalizer).await;
}

#[tokio::test]
async fn the_matcher_withstands_hostile_clients() {
    withstands(Service::Matcher).await;
}

#[tokio::test]
async fn the_registry_withstands_hostile_clients() {
    withstands(Service::Registry).await;
}

#[tokio::test]
async fn the_resolver_withstands_hostile_clients() {
    withstands(Service::Resolver).await;
}
