"""How many bytes of requests are inside, from their first byte to their answer."""

from types import TracebackType

from spans.limits import QUEUE_BYTES_MAX


class QueueFull(Exception):
    """There is no room for (the rest of) a request; its sender is to try again."""


class Room:
    """Bytes that all requests hold together, at most `bytes_max`. Belongs to one event loop."""

    def __init__(self, bytes_max: int = QUEUE_BYTES_MAX) -> None:
        self.bytes_max = bytes_max
        self.held_bytes = 0

    @property
    def is_full(self) -> bool:
        return self.held_bytes >= self.bytes_max

    def enter(self) -> "Hold":
        """The place of one request: `with room.enter() as hold:`."""
        return Hold(self)


class Hold:
    """Bytes that one request holds.

    Free at the end of the `with`; once the request is handed to the writer, when that releases them.
    """

    def __init__(self, room: Room) -> None:
        self.room = room
        self.bytes = 0
        self.is_handed_over = False

    def set_bytes(self, bytes_now: int) -> None:
        """Raises: QueueFull when that is more than there is room for. A request that is alone always fits."""
        others_bytes = self.room.held_bytes - self.bytes
        if others_bytes and bytes_now > self.bytes and others_bytes + bytes_now > self.room.bytes_max:
            raise QueueFull
        self.room.held_bytes = others_bytes + bytes_now
        self.bytes = bytes_now

    def release(self) -> None:
        self.room.held_bytes -= self.bytes
        self.bytes = 0

    def __enter__(self) -> "Hold":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self.is_handed_over:
            self.release()
