"""A receiver on free ports in a thread of this process: real uvicorn, real grpc, real Postgres."""

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import uvloop

from spans.ingest.receiver import Addresses, Receiver
from spans.limits import QUEUE_BYTES_MAX


@dataclass(slots=True)
class Running:
    """A receiver and the loop that it lives on."""

    receiver: Receiver
    loop: asyncio.AbstractEventLoop

    @property
    def url(self) -> str:
        return self.receiver.http_address

    @property
    def traces_url(self) -> str:
        return f"{self.url}/v1/traces"

    @property
    def grpc_address(self) -> str:
        return self.receiver.grpc_address

    def on_loop(self, make: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
        return asyncio.run_coroutine_threadsafe(make(), self.loop).result(timeout=30)


@contextmanager
def running(*, queue_bytes_max: int = QUEUE_BYTES_MAX) -> Iterator[Running]:
    """Started on entry; on exit it has drained."""
    loop = uvloop.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="receiver")
    thread.start()

    async def start() -> Receiver:
        receiver = Receiver(Addresses("127.0.0.1", 0, 0), queue_bytes_max=queue_bytes_max)
        await receiver.start()
        return receiver

    try:
        started = Running(asyncio.run_coroutine_threadsafe(start(), loop).result(timeout=30), loop)
        try:
            yield started
        finally:
            started.on_loop(started.receiver.stop)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
