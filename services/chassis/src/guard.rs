//! The layer that every call passes: who calls, whether they may, how often, and how slowly.
//!
//! It stands before the services, so that no handler can forget it. What it finds out goes with the
//! request as extensions: the [`Caller`] where callers are known, and for a write the
//! [`Note`](crate::audit::Note) in which the handler says what it did.

use std::{
    collections::HashSet,
    future::Ready,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use futures_util::future::Either;
use http::{Request, Response};
use metrics::{counter, describe_counter};
use prost::Message;
use prost_types::FileDescriptorSet;
use tonic::{Status, body::Body};
use tower::{Layer, Service};

use crate::{
    Fault,
    audit::Audit,
    auth::Access,
    caller::Caller,
    incoming::Peer,
    patience::{Buffered, Patience, Patient, Payment},
    quota::{Buckets, Quota},
    scopes::{self, Need},
};

/// Says what the metrics mean.
pub(crate) fn describe_metrics() {
    describe_counter!(
        "hawiya_calls_refused_total",
        "calls refused for their caller, quota or size, by reason"
    );
    for reason in ["quota", "scope", "unauthenticated"] {
        counter!("hawiya_calls_refused_total", "reason" => reason).increment(0);
    }
}

/// Guards the calls of one server.
#[derive(Clone)]
pub(crate) struct GuardLayer(Arc<Guard>);

/// What calls are judged by.
pub(crate) struct Guard {
    pub(crate) access: Option<Arc<Access>>,
    pub(crate) audit: Audit,
    /// How long a stream of requests may send nothing.
    pub(crate) stream_idle: Duration,
    /// What all unfinished messages together may hold.
    pub(crate) buffered: Buffered,
    pub(crate) streaming: StreamingMethods,
    pub(crate) buckets: Buckets,
}

impl GuardLayer {
    pub(crate) fn new(guard: Guard) -> Self {
        Self(Arc::new(guard))
    }
}

impl<S> Layer<S> for GuardLayer {
    type Service = Guarded<S>;

    fn layer(&self, inner: S) -> Guarded<S> {
        Guarded { inner, guard: Arc::clone(&self.0) }
    }
}

/// A guarded service.
#[derive(Clone)]
pub(crate) struct Guarded<S> {
    inner: S,
    guard: Arc<Guard>,
}

type Boxed<E> = Pin<Box<dyn Future<Output = Result<Response<Body>, E>> + Send>>;

impl<S> Service<Request<Body>> for Guarded<S>
where
    S: Service<Request<Body>, Response = Response<Body>>,
    S::Future: Send + 'static,
    S::Error: 'static,
{
    type Response = Response<Body>;
    type Error = S::Error;
    type Future =
        Either<Ready<Result<Response<Body>, S::Error>>, Either<S::Future, Boxed<S::Error>>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        let admission = self.guard.admit(&request);
        let record = self.guard.audit.begin(&mut request, admission.as_ref().ok());
        let admitted = match admission {
            Ok(admitted) => admitted,
            Err(status) => {
                if let Some(record) = record {
                    record.refused(&status);
                }
                return Either::Left(std::future::ready(Ok(status.into_http())));
            }
        };
        let answer = self.inner.call(self.guard.prepare(request, admitted));
        match record {
            None => Either::Right(Either::Left(answer)),
            Some(record) => Either::Right(Either::Right(Box::pin(async move {
                answer.await.map(|response| record.watch(response))
            }))),
        }
    }
}

/// A call that may go on.
#[derive(Debug, Default)]
pub(crate) struct Admitted {
    /// Who calls, where that is known.
    pub(crate) caller: Option<Caller>,
    quota: Option<Quota>,
}

impl Guard {
    fn admit(&self, request: &Request<Body>) -> Result<Admitted, Status> {
        let Some(access) = &self.access else { return Ok(self.unknown_caller(request)) };
        let Some(need) = scopes::needed(request.uri().path()) else {
            // Also what callers make up: no metric may get a label of it.
            return Err(Status::unimplemented("there is no such method here"));
        };
        let Need::Scope(scope) = need else { return Ok(Admitted::default()) };
        let refused = |reason: &'static str, fault: Fault| {
            counter!("hawiya_calls_refused_total", "reason" => reason).increment(1);
            Status::from(fault)
        };
        let peer = request.extensions().get::<Peer>();
        let caller = access
            .identify(request.headers(), peer)
            .map_err(|refusal| refused("unauthenticated", refusal.into_fault()))?;
        if !caller.scopes().allow(scope) {
            return Err(refused("scope", missing_scope(&caller, scope.name())));
        }
        let quota = access.quota(&caller);
        if let Some(quota) = quota {
            let begun = self.buckets.begin(caller.charged(), quota);
            begun.map_err(|wait| refused("quota", over_quota(&caller, quota, wait)))?;
        }
        Ok(Admitted { caller: Some(caller), quota })
    }

    /// Where callers are not known, a certificate still says who it is.
    fn unknown_caller(&self, request: &Request<Body>) -> Admitted {
        let peer = request.extensions().get::<Peer>();
        let name = peer.and_then(|peer| peer.certificate.clone());
        let name = name.filter(|name| crate::caller::is_name(name));
        let caller = name.map(|name| Caller::new(name, Default::default()));
        Admitted { caller, quota: None }
    }

    /// The request as its handler gets it.
    fn prepare(&self, mut request: Request<Body>, admitted: Admitted) -> Request<Body> {
        let Admitted { caller, quota } = admitted;
        let patience = if self.streaming.contains(request.uri().path()) {
            Patience::BetweenMessages(self.stream_idle)
        } else {
            Patience::Whole(self.stream_idle.min(crate::deadline::LONGEST))
        };
        let payment = caller.as_ref().zip(quota).map(|(caller, quota)| Payment {
            buckets: self.buckets.clone(),
            caller: caller.charged().into(),
            quota,
        });
        if let Some(caller) = caller {
            request.extensions_mut().insert(caller);
        }
        let buffered = self.buffered.clone();
        request.map(|body| Body::new(Patient::new(body, patience, payment, buffered)))
    }
}

fn missing_scope(caller: &Caller, scope: &'static str) -> Fault {
    let text = format!(
        "`{caller}` lacks the scope `{scope}`: have it added to the caller's entry or token"
    );
    Fault::PermissionDenied { reason: "SCOPE_MISSING", text }
}

fn over_quota(caller: &Caller, quota: Quota, retry_after: Duration) -> Fault {
    let text = format!(
        "`{}` has used up its quota of {} calls a second: wait, or send batches",
        caller.charged(),
        quota.calls_per_second
    );
    Fault::ResourceExhausted { reason: "QUOTA", text, retry_after }
}

/// The methods whose callers send a stream.
#[derive(Debug, Default)]
pub(crate) struct StreamingMethods(HashSet<String>);

impl StreamingMethods {
    /// Those of an encoded `FileDescriptorSet`, and those of reflection.
    pub(crate) fn of(descriptors: &[u8]) -> Self {
        let set = FileDescriptorSet::decode(descriptors).unwrap_or_default();
        let mut paths = HashSet::new();
        for file in &set.file {
            for service in &file.service {
                let streaming = service.method.iter().filter(|method| method.client_streaming());
                paths.extend(streaming.map(|method| {
                    format!("/{}.{}/{}", file.package(), service.name(), method.name())
                }));
            }
        }
        for version in ["v1", "v1alpha"] {
            paths.insert(format!(
                "/grpc.reflection.{version}.ServerReflection/ServerReflectionInfo"
            ));
        }
        Self(paths)
    }

    fn contains(&self, path: &str) -> bool {
        self.0.contains(path)
    }
}
