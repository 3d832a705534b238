"""The one door for spans: requests over HTTP and gRPC, and files."""

import asyncio
import time
from dataclasses import replace

from spans.formats.otlp import BadBatch, Batch, parse_batch, request_hash
from spans.formats.otlp_json import to_protobuf
from spans.ingest.inflate import inflate
from spans.ingest.reply import DATABASE_AWAY, QUEUE_FULL, Answer, Wire
from spans.ingest.room import Hold, QueueFull, Room
from spans.ingest.writer import Writer
from spans.limits import MIB

ON_THE_LOOP_BYTES_MAX = MIB  # a larger body is decoded beside the event loop: 16 MiB would hold it for 0.2 s
INFLATED_ON_THE_LOOP_BYTES_MAX = 16 << 10  # of gzip: can become 16 MiB, 25 ms
DECODERS_MAX = 2  # large bodies decoded at once: each may take 64 MiB until it is counted


class Gate:
    """Where requests come in: refuses what there is no room for, decodes, waits for the flush."""

    def __init__(self, writer: Writer, room: Room) -> None:
        self.writer = writer
        self.room = room
        self._decoders = asyncio.Semaphore(DECODERS_MAX)

    def refusal(self) -> Answer | None:
        """The answer to whoever comes now, before anything of the request is read; None: come in."""
        if self.writer.is_away:
            return DATABASE_AWAY
        return QUEUE_FULL if self.room.is_full else None

    async def submit(self, body: bytes, hold: Hold, *, wire: Wire, is_gzip: bool = False) -> Answer:
        """What became of a request. Its bytes are held until it is stored."""
        try:
            if is_gzip:
                body = await self._inflate(body)
            hold.set_bytes(len(body))
            batch = await self._decode(body, wire)
        except QueueFull:
            return QUEUE_FULL
        except BadBatch as error:
            return Answer(error.status, reason=error.reason)
        stored = await self.writer.write(batch, hold) if batch.spans else Answer(200)
        return (
            replace(stored, rejected=batch.rejected, reason=batch.rejected_reason)
            if stored.status == 200
            else stored
        )

    async def _inflate(self, body: bytes) -> bytes:
        if len(body) <= INFLATED_ON_THE_LOOP_BYTES_MAX:
            return inflate(body)
        async with self._decoders:
            return await asyncio.to_thread(inflate, body)

    async def _decode(self, body: bytes, wire: Wire) -> Batch:
        if len(body) <= ON_THE_LOOP_BYTES_MAX:
            return batch_of(body, wire=wire, is_keyed=True)
        async with self._decoders:
            return await asyncio.to_thread(batch_of, body, wire=wire, is_keyed=True)


def batch_of(body: bytes, *, wire: Wire, is_keyed: bool) -> Batch:
    """The batch that a request body holds.

    `is_keyed`: a second request of equal bytes is a retry and will not be stored again. Files are not keyed:
    whoever imports a file twice means it, and equal spans are dropped on reading.
    Raises: BadBatch.
    """
    key = request_hash(body, format=wire.name.lower()) if is_keyed else None
    if wire is Wire.PROTOBUF:
        return parse_batch(body, arrival_ns=time.time_ns(), request_hash=key)
    converted, rejects = to_protobuf(body)
    return parse_batch(converted, arrival_ns=time.time_ns(), request_hash=key, rejects=rejects)
