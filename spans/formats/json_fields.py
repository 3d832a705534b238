"""Fields of ProtoJSON, taken in whatever form senders write them."""

import base64
import binascii
import math
import re
from collections.abc import Mapping
from functools import cache
from typing import Any

_CAPITAL = re.compile(r"(?=[A-Z])")
_WHOLE = re.compile(r"\s*[+-]?[0-9]{1,20}\s*")
SHOWN_CHARACTERS_MAX = 60


class BadField(ValueError):
    """A field holds what its type can't; the message names the field and the value."""


def member(source: dict[str, Any], name: str) -> Any:
    """The field by its lowerCamelCase name, else by its snake_case one; None when it is absent or null."""
    value = source.get(name)
    return value if value is not None else source.get(_snake_case(name))


@cache
def _snake_case(name: str) -> str:
    return _CAPITAL.sub("_", name).lower()


def items(source: dict[str, Any], name: str) -> list[Any]:
    """A repeated field. Raises: BadField when it is no array."""
    value = member(source, name)
    if value is None:
        return []
    if not isinstance(value, list):
        raise BadField(f"{name} is {shown(value)} instead of an array")
    return value


def object_at(value: Any, what: str) -> dict[str, Any]:
    """The value, which has to be an object. Raises: BadField."""
    if not isinstance(value, dict):
        raise BadField(f"{what} is {shown(value)} instead of an object")
    return value


def text(value: Any, what: str) -> bytes:
    """UTF-8; a lone surrogate becomes U+FFFD. Raises: BadField when it is no string."""
    if value is None:
        return b""
    if not isinstance(value, str):
        raise BadField(f"{what} is {shown(value)} instead of a string")
    try:
        return value.encode()
    except UnicodeEncodeError:
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode()


def identifier(source: dict[str, Any], name: str, size_bytes: int) -> bytes:
    """Hex of any case, else base64 of exactly `size_bytes`.

    Shape: hex of another length comes back as it is, to be rejected by name.

    Raises: BadField when it is neither.
    """
    digits = text(member(source, name), name)
    if len(digits) != 2 * size_bytes and (decoded := _base64(digits)) and len(decoded) == size_bytes:
        return decoded
    try:
        return binascii.unhexlify(digits)
    except binascii.Error as error:
        raise BadField(
            f"{name} is {shown(digits.decode())}, neither {2 * size_bytes} hex digits nor base64"
        ) from error


def whole(source: dict[str, Any], name: str, *, at_most: int, at_least: int = 0) -> int:
    """A whole number, exact, from a number or a string; 0 when it is absent. Raises: BadField."""
    value = member(source, name)
    if value is None or value == "":
        return 0
    number: int | None = None
    if isinstance(value, int) and not isinstance(value, bool):
        number = value
    elif (isinstance(value, float) and value.is_integer()) or (
        isinstance(value, str) and _WHOLE.fullmatch(value)
    ):
        number = int(value)
    if number is None or not at_least <= number <= at_most:
        raise BadField(f"{name} is {shown(value)} instead of a whole number from {at_least} to {at_most}")
    return number


def enum_number(value: Any, names: Mapping[str, int], *, prefix: str, what: str) -> int:
    """An enum by number, or by name with or without its prefix. Raises: BadField when it has no such name."""
    if isinstance(value, str) and not re.fullmatch(r"[0-9]{1,9}", value):
        name = value.strip().upper().removeprefix(prefix)
        if name not in names and name:
            raise BadField(f"{what} is {shown(value)}, not one of {', '.join(names)}")
        return names.get(name, 0)
    return whole({what: value}, what, at_most=2**31 - 1)


def to_bool(value: Any) -> bool:
    """Raises: BadField."""
    if isinstance(value, bool):
        return value
    if value in ("true", "false"):
        return bool(value == "true")
    raise BadField(f"boolValue is {shown(value)} instead of true or false")


def to_float(value: Any) -> float:
    """A number, or one as text: "NaN", "Infinity", "-Infinity" among them. Raises: BadField."""
    try:
        if isinstance(value, bool):
            raise TypeError
        return float(value)
    except OverflowError:
        return math.copysign(math.inf, value)
    except (TypeError, ValueError) as error:
        raise BadField(f"doubleValue is {shown(value)} instead of a number") from error


def base64_bytes(value: Any) -> bytes:
    """Raises: BadField."""
    decoded = _base64(text(value, "bytesValue"))
    if decoded is None:
        raise BadField(f"bytesValue is {shown(value)} instead of base64")
    return decoded


def shown(value: Any) -> str:
    """A value for a message: short, and of one line."""
    if isinstance(value, (dict, list)):
        return "an object" if isinstance(value, dict) else "an array"
    return repr(value)[:SHOWN_CHARACTERS_MAX]


def _base64(value: bytes) -> bytes | None:
    """Of either alphabet; None when it is none."""
    try:
        return base64.b64decode(value.replace(b"-", b"+").replace(b"_", b"/"), validate=True)
    except (binascii.Error, ValueError):
        return None
