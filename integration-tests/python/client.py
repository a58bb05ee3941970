"""A client of the resolver without generated code: all it knows it learns by reflection.

Usage: client.py HOST:PORT < names. Prints one JSON object. Written for python.rs, and to be read
by whoever wants to call Hawiya from Python without compiling protos.
"""

import json
import sys

import grpc
from google.protobuf import descriptor_pool, message_factory
from grpc_reflection.v1alpha import reflection_pb2
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import (
    ProtoReflectionDescriptorDatabase,
)

SERVICE = "hawiya.resolution.v1.ResolutionService"
TIMEOUT_S = 10


def main():
    address, names = sys.argv[1], sys.stdin.read().splitlines()
    with grpc.insecure_channel(address) as channel:
        database = ProtoReflectionDescriptorDatabase(channel)
        service = descriptor_pool.DescriptorPool(database).FindServiceByName(SERVICE)
        report = {
            "services": sorted(database.get_services()),
            "services_v1": sorted(services_v1(channel)),
            "methods": [method.name for method in service.methods],
            "unary": [resolve(channel, service, name) for name in names],
            "stream": resolve_stream(channel, service, names),
            "refused": refusal(channel, service),
        }
    json.dump(report, sys.stdout)


def caller(channel, service, name, arity):
    """A callable for a method, and the class of its request."""
    method = service.methods_by_name[name]
    request = message_factory.GetMessageClass(method.input_type)
    response = message_factory.GetMessageClass(method.output_type)
    call = arity(
        f"/{service.full_name}/{name}",
        request_serializer=request.SerializeToString,
        response_deserializer=response.FromString,
    )
    return call, request


def resolve(channel, service, name):
    call, request = caller(channel, service, "Resolve", channel.unary_unary)
    return told(call(request(query={"text": name}), timeout=TIMEOUT_S).resolution)


def resolve_stream(channel, service, names):
    call, request = caller(channel, service, "StreamResolve", channel.stream_stream)
    messages = (
        request(items=[{"item_number": number, "query": {"text": name}}])
        for number, name in enumerate(names)
    )
    outcomes = [
        outcome for answer in call(messages, timeout=TIMEOUT_S) for outcome in answer.outcomes
    ]
    return [{"item_number": outcome.item_number, **told(outcome.resolution)} for outcome in outcomes]


def told(resolution):
    return {
        "text": resolution.text,
        "canonical_id": resolution.canonical_id,
        "name": resolution.entity.name,
        "score": resolution.score,
    }


def refusal(channel, service):
    call, request = caller(channel, service, "Resolve", channel.unary_unary)
    try:
        call(request(query={"text": ""}), timeout=TIMEOUT_S)
    except grpc.RpcError as error:
        return {"code": error.code().name, "details": error.details()}
    return None


def services_v1(channel):
    """Asks the v1 service, whose messages are those of v1alpha; the package has no stub for it."""
    call = channel.stream_stream(
        "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
        request_serializer=reflection_pb2.ServerReflectionRequest.SerializeToString,
        response_deserializer=reflection_pb2.ServerReflectionResponse.FromString,
    )
    question = reflection_pb2.ServerReflectionRequest(list_services="")
    answer = next(call(iter([question]), timeout=TIMEOUT_S))
    return [service.name for service in answer.list_services_response.service]


if __name__ == "__main__":
    main()
