//! `StreamResolve` served with answers as their bytes; every other call goes to the generated server.
//!
//! The generated server encodes messages of the contract. What this one sends is the same on the
//! wire, see `answer`, and costs a copy.

use std::{
    convert::Infallible,
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use chassis::streams;
use prost::Message;
use proto::resolution::v1::{self as wire, resolution_service_server::ResolutionServiceServer};
use tonic::{
    Request, Response, Status, Streaming,
    body::Body,
    codec::{Codec, EncodeBuf, Encoder},
    server::{Grpc, NamedService, StreamingService},
};
use tonic_prost::ProstDecoder;

use super::{Service, answer::MessageAnswer};

/// Where the call goes.
const PATH: &str = "/hawiya.resolution.v1.ResolutionService/StreamResolve";

/// `ResolutionService` as it is served.
#[derive(Clone)]
pub(crate) struct Served {
    service: Arc<Service>,
    generated: ResolutionServiceServer<Service>,
}

impl Served {
    pub(super) fn new(service: Service) -> Self {
        let service = Arc::new(service);
        Self { generated: ResolutionServiceServer::from_arc(Arc::clone(&service)), service }
    }
}

impl NamedService for Served {
    const NAME: &'static str = <ResolutionServiceServer<Service> as NamedService>::NAME;
}

type Answering<T> = Pin<Box<dyn Future<Output = T> + Send>>;

impl tower::Service<http::Request<Body>> for Served {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = Answering<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        if request.uri().path() != PATH {
            return self.generated.call(request);
        }
        let call = StreamResolve(Arc::clone(&self.service));
        Box::pin(async move { Ok(Grpc::new(AnswerCodec).streaming(call, request).await) })
    }
}

struct StreamResolve(Arc<Service>);

impl StreamingService<wire::StreamResolveRequest> for StreamResolve {
    type Response = MessageAnswer;
    type ResponseStream = streams::Answers<MessageAnswer>;
    type Future = Answering<Result<Response<Self::ResponseStream>, Status>>;

    fn call(&mut self, request: Request<Streaming<wire::StreamResolveRequest>>) -> Self::Future {
        let answers = self.0.answer_stream(request);
        Box::pin(async { Ok(Response::new(answers)) })
    }
}

/// Reads and writes like tonic's codec. It knows how long an answer of hundreds of kilobytes is
/// before it writes it, and does not have it moved as it grows.
struct AnswerCodec;

impl Codec for AnswerCodec {
    type Encode = MessageAnswer;
    type Decode = wire::StreamResolveRequest;
    type Encoder = AnswerEncoder;
    type Decoder = ProstDecoder<wire::StreamResolveRequest>;

    fn encoder(&mut self) -> Self::Encoder {
        AnswerEncoder
    }

    fn decoder(&mut self) -> Self::Decoder {
        ProstDecoder::default()
    }
}

struct AnswerEncoder;

impl Encoder for AnswerEncoder {
    type Item = MessageAnswer;
    type Error = Status;

    fn encode(&mut self, answer: MessageAnswer, buffer: &mut EncodeBuf<'_>) -> Result<(), Status> {
        buffer.reserve(answer.encoded_len());
        answer.encode_raw(buffer);
        Ok(())
    }
}
