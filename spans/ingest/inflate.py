"""Content-Encoding: gzip, with a limit on what comes out."""

import zlib

from spans.formats.otlp import BadBatch
from spans.limits import BODY_BYTES_MAX, MIB

GZIP = 31  # zlib's wbits for the gzip wrapper, 15 + 16
PIECE_BYTES = 64 << 10  # fed at once: the end of a member copies what is left of its piece, not of the body
MEMBERS_MAX = 10_000  # a body of 64 MiB can hold three million empty members


def inflate(body: bytes, *, bytes_max: int = BODY_BYTES_MAX) -> bytes:
    """The bytes of all members of a gzip body, one after another; nothing when the body is empty.

    Stops at the first byte past `bytes_max`: 1 MiB of zeros can hold 1 GiB, and is never inflated further.
    Raises: BadBatch 400 for what is not gzip or is cut short, 413 for what is larger than `bytes_max`.
    """
    view, place = memoryview(body), 0
    parts: list[bytes] = []
    members, left_bytes = 0, bytes_max
    while place < len(view):
        members += 1
        if members > MEMBERS_MAX:
            raise BadBatch(413, f"the gzip body has more than {MEMBERS_MAX:,} members")
        member = zlib.decompressobj(GZIP)
        while not member.eof and place < len(view):
            piece = view[place : place + PIECE_BYTES]
            part = _decompress(member, piece, left_bytes + 1)
            left_bytes -= len(part)
            if left_bytes < 0:
                raise BadBatch(413, f"the body inflates to more than {bytes_max / MIB:g} MiB")
            parts.append(part)
            place += len(piece) - len(member.unused_data)
        if not member.eof:
            raise BadBatch(400, "the gzip body is cut short")
    return b"".join(parts)


def _decompress(member: "zlib._Decompress", piece: memoryview, bytes_max: int) -> bytes:
    try:
        return member.decompress(piece, bytes_max)
    except zlib.error as error:
        raise BadBatch(
            400, f"the body is not the gzip that its Content-Encoding promises: {error}"
        ) from error
