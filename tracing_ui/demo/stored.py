"""What the server already has, asked over its own API."""

import json
import socket
from threading import Event
from urllib.error import URLError
from urllib.parse import urlencode, urlsplit
from urllib.request import urlopen

from tracing_ui.demo.faults import MINUTE_NS

ASK_TIMEOUT_S = 5.0
LOOK_AGAIN_S = 0.2


def is_stored(web: str, minute: int) -> bool:
    """Whether the gateway has sent anything in that minute. False too when nobody can tell."""
    window = {"start": minute * MINUTE_NS, "end": (minute + 1) * MINUTE_NS}
    query = urlencode({"q": "service=web-gateway", "limit": 1, **window})
    try:
        with urlopen(f"{web}/api/v1/traces?{query}", timeout=ASK_TIMEOUT_S) as answer:  # noqa: S310 - our own
            return bool(json.load(answer)["traces"])
    except (URLError, TimeoutError, json.JSONDecodeError):
        return False


def wait_for_receiver(endpoint: str, stop: Event) -> None:
    """Returns when somebody listens there, or when `stop` is set."""
    address = urlsplit(endpoint)
    while not stop.is_set():
        try:
            socket.create_connection((address.hostname or "", address.port or 80), timeout=1).close()
            return
        except OSError:
            stop.wait(LOOK_AGAIN_S)
