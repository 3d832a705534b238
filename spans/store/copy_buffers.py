"""numpy columns → PostgreSQL's binary COPY format. A column is encoded once a flush, rows take slices of it.

Source: PostgreSQL documentation, COPY, "Binary Format"; array_send().
"""

import struct
from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike

START, END = b"PGCOPY\n\xff\r\n\0" + bytes(8), b"\xff\xff"
OIDS = {"int2": (21, 2), "int4": (23, 4), "int8": (20, 8)}
Part = bytes | memoryview  # of a row
_pack_array_head = struct.Struct(">iiiiii").pack
_pack_length = struct.Struct(">i").pack


def elements(values: ArrayLike, dtype: str) -> memoryview:
    """Array elements as the wire has them: length, value."""
    wire = np.dtype(dtype)
    array = np.asarray(values)
    out = np.empty(len(array), [("length", ">i4"), ("value", wire)])
    out["length"], out["value"] = wire.itemsize, array
    return memoryview(out.tobytes())


def array_head(kind: str, count: int) -> bytes:
    """What stands before the `count` elements of an array field, its length included."""
    oid, size = OIDS[kind]
    if not count:
        return struct.pack(">iiii", 12, 0, 0, oid)
    return _pack_array_head(20 + (4 + size) * count, 1, 0, oid, count, 1)


def fixed_rows(columns: Mapping[str, tuple[str, ArrayLike]], count: int) -> bytes:
    """Rows of fixed-width columns: {name: (wire type, values)}."""
    layout: list[tuple[str, str]] = [("fields", ">i2")]
    for name, (dtype, _) in columns.items():
        layout += [(f"{name}_length", ">i4"), (name, dtype)]
    out = np.empty(count, layout)
    out["fields"] = len(columns)
    for name, (dtype, values) in columns.items():
        out[f"{name}_length"], out[name] = np.dtype(dtype).itemsize, values
    return out.tobytes()


def bytes_field(value: bytes) -> bytes:
    """A bytea field."""
    return _pack_length(len(value)) + value
