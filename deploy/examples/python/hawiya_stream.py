"""Resolves names over Hawiya's streaming API. Needs an address, and no generated code.

    with Hawiya("127.0.0.1:7700") as hawiya:
        for name, answer in hawiya.resolve(names):
            ...

Answers come in the order of the names. What the stream costs is independent of how many names there
are: at most WINDOW messages of ITEMS names are on their way, in either direction. When a replica goes
away, what it has not answered is asked again elsewhere; to ask twice changes nothing.
"""

import collections
import itertools
import queue
import time

import grpc
from google.protobuf import descriptor_pool, message_factory
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import (
    ProtoReflectionDescriptorDatabase,
)

SERVICE = "hawiya.resolution.v1.ResolutionService"

# Limits of the contract: items of a message, and messages of a stream that are worked on at a time.
ITEMS = 1_000
WINDOW = 8

# Codes after which it is worth asking again.
PASSING = {
    grpc.StatusCode.UNAVAILABLE,
    grpc.StatusCode.UNKNOWN,
    grpc.StatusCode.CANCELLED,
    grpc.StatusCode.INTERNAL,
    grpc.StatusCode.RESOURCE_EXHAUSTED,
    grpc.StatusCode.DEADLINE_EXCEEDED,
}

Answer = collections.namedtuple("Answer", "verdict canonical_id name score reason form")


class Hawiya:
    """A connection to a resolver."""

    def __init__(self, address, retry_for_s=60):
        self.retry_for_s = retry_for_s
        self.channel = grpc.insecure_channel(
            address, options=[("grpc.max_receive_message_length", 32 << 20)]
        )
        database = ProtoReflectionDescriptorDatabase(self.channel)
        service = descriptor_pool.DescriptorPool(database).FindServiceByName(SERVICE)
        method = service.methods_by_name["StreamResolve"]
        self.request = message_factory.GetMessageClass(method.input_type)
        self.response = message_factory.GetMessageClass(method.output_type)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.channel.close()

    def resolve(self, names):
        """Yields each name with its answer, in order."""
        messages = batches(names, ITEMS)
        waiting = collections.deque()
        lost_at = None
        while True:
            try:
                for names_of_message, answers in self._stream(messages, waiting):
                    lost_at = None
                    yield from zip(names_of_message, answers)
                return
            except grpc.RpcError as error:
                lost_at = lost_at or time.monotonic()
                is_over = time.monotonic() - lost_at > self.retry_for_s
                if error.code() not in PASSING or is_over:
                    raise
                time.sleep(0.2)

    def _stream(self, messages, waiting):
        """One stream. `waiting` has the messages that are not answered; they are asked first."""
        to_server = queue.SimpleQueue()
        method = f"/{SERVICE}/StreamResolve"
        answers = self.channel.stream_stream(
            method,
            request_serializer=self.request.SerializeToString,
            response_deserializer=self.response.FromString,
        )(iter(to_server.get, None))
        try:
            for names in waiting:
                to_server.put(self._message(names))
            while True:
                for names in itertools.islice(messages, WINDOW - len(waiting)):
                    waiting.append(names)
                    to_server.put(self._message(names))
                if not waiting:
                    return
                try:
                    outcomes = next(answers).outcomes
                except StopIteration:
                    raise Ended() from None
                yield waiting.popleft(), [read(outcome) for outcome in outcomes]
        finally:
            # Ends our side, which ends the stream.
            to_server.put(None)
            answers.cancel()

    def _message(self, names):
        items = [{"query": {"text": name}} for name in names]
        return self.request(items=items, options={"candidates_max": 2})


class Ended(grpc.RpcError):
    """The server ended the stream before everything was answered."""

    def code(self):
        return grpc.StatusCode.UNAVAILABLE

    def details(self):
        return "the server ended the stream early"


VERDICTS = {1: "match", 2: "ambiguous", 3: "no_match"}


def read(outcome):
    if outcome.WhichOneof("outcome") == "error":
        return Answer("error", "", "", None, outcome.error.message, "")
    it = outcome.resolution
    verdict = VERDICTS.get(it.verdict, "")
    return Answer(verdict, it.canonical_id, it.entity.name, it.score, it.reason, it.form)


def batches(items, size):
    items = iter(items)
    while batch := list(itertools.islice(items, size)):
        yield batch
