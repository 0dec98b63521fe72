"""A loopback gRPC server with one method that answers or refuses as told."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import grpc


class Refused(Exception):
    """What an answer raises to refuse with a status."""

    def __init__(self, code: grpc.StatusCode, result: str = "refused") -> None:
        super().__init__(result)
        self.code = code


@contextmanager
def serving(
    service: str, method: str, request: type, response: type, answer: Callable[[Any], Any]
) -> Iterator[grpc.Channel]:
    """Serve `/<service>/<method>` on loopback and yield a channel to it."""

    def handle(requested: Any, context: grpc.ServicerContext) -> Any:
        try:
            return answer(requested)
        except Refused as refused:
            context.abort(refused.code, str(refused))

    unary = grpc.unary_unary_rpc_method_handler(handle, request.deserialize, response.serialize)
    server = grpc.server(ThreadPoolExecutor(2))
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(service, {method: unary}),))
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield channel
    server.stop(0).wait()
