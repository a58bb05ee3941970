//! Calls every method there is, from the descriptors, so that a new one cannot be forgotten.
//!
//! Each text of a request is a given one, whatever it is the text of. Most requests are refused for
//! that, which is fine: what is asked is what a service does with the text meanwhile.

use std::collections::HashMap;

use bytes::Bytes;
use integration_tests::{Clients, Service};
use prost::{
    Message,
    encoding::{WireType, encode_key, encode_varint},
};
use prost_types::{
    DescriptorProto, FileDescriptorSet,
    field_descriptor_proto::{Label, Type},
};
use tonic::{Code, Request, client::Grpc, codegen::http::uri::PathAndQuery};

use crate::raw::Raw;

/// A method and what its request is made of.
#[derive(Debug)]
pub(crate) struct Method {
    service: Service,
    name: String,
    input: String,
    messages: HashMap<String, DescriptorProto>,
}

/// The methods of a service, but those that answer for ever.
pub(crate) fn of(service: Service) -> Vec<Method> {
    let files = FileDescriptorSet::decode(service.descriptors()).unwrap().file;
    let mut messages = HashMap::new();
    for file in &files {
        gather(&format!(".{}", file.package()), &file.message_type, &mut messages);
    }
    let (_, short) = service.wire_name().rsplit_once('.').unwrap();
    let services = files.iter().flat_map(|file| &file.service);
    let ours = services.filter(|descriptor| descriptor.name() == short);
    let methods = ours.flat_map(|descriptor| &descriptor.method);
    let ends = methods.filter(|method| method.name() != "WatchChanges");
    let method = |method: &prost_types::MethodDescriptorProto| Method {
        service,
        name: method.name().to_owned(),
        input: method.input_type().to_owned(),
        messages: messages.clone(),
    };
    ends.map(method).collect()
}

fn gather(scope: &str, found: &[DescriptorProto], messages: &mut HashMap<String, DescriptorProto>) {
    for message in found {
        let name = format!("{scope}.{}", message.name());
        gather(&name, &message.nested_type, messages);
        messages.insert(name, message.clone());
    }
}

/// Messages in messages are filled so deep.
const DEPTH_MAX: usize = 6;

impl Method {
    /// A method that nobody has.
    pub(crate) fn made_up(service: Service, name: &str) -> Self {
        let (name, input, messages) = (name.to_owned(), String::new(), HashMap::new());
        Self { service, name, input, messages }
    }

    /// Calls it with one message all of whose texts are `text`, and reads what is answered.
    pub(crate) async fn call(&self, clients: &Clients, text: &str) -> Code {
        let mut grpc = Grpc::new(clients.channel(self.service));
        grpc.ready().await.unwrap();
        let path = format!("/{}/{}", self.service.wire_name(), self.name);
        let path = PathAndQuery::try_from(path).unwrap();
        let message = tokio_stream::iter([self.message(&self.input, text, 0)]);
        match grpc.streaming(Request::new(message), path, Raw).await {
            Err(status) => status.code(),
            Ok(answer) => {
                let mut answers = answer.into_inner();
                loop {
                    match answers.message().await {
                        Ok(Some(_)) => {}
                        Ok(None) => return Code::Ok,
                        Err(status) => return status.code(),
                    }
                }
            }
        }
    }

    /// A message of a type whose texts are all `text`.
    fn message(&self, name: &str, text: &str, depth: usize) -> Bytes {
        let mut bytes = Vec::new();
        let fields = self.messages.get(name).map(|message| message.field.as_slice());
        let mut choices = Vec::new();
        for field in fields.unwrap_or_default() {
            // One of a choice can be set, the first.
            if let Some(choice) = field.oneof_index {
                if choices.contains(&choice) {
                    continue;
                }
                choices.push(choice);
            }
            let value = match field.r#type() {
                Type::String => Bytes::copy_from_slice(text.as_bytes()),
                Type::Message if depth < DEPTH_MAX && field.label() != Label::Required => {
                    self.message(field.type_name(), text, depth + 1)
                }
                _ => continue,
            };
            encode_key(field.number() as u32, WireType::LengthDelimited, &mut bytes);
            encode_varint(value.len() as u64, &mut bytes);
            bytes.extend_from_slice(&value);
        }
        bytes.into()
    }
}
