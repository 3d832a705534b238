"""Static files ahead of Django: a page loads about sixty, and each would pass the whole middleware chain.

WhiteNoise makes the answers either way.
"""

from http import HTTPStatus
from pathlib import Path
from typing import Any

from whitenoise import WhiteNoise

HASHED_NAME = r"\.[0-9a-f]{12}\.[^/]+$"  # may be kept for ever: another content has another name
WIRE_NAMES = {b"accept-encoding", b"if-none-match", b"if-modified-since", b"range"}


class StaticFirst:
    """An ASGI application that answers for files in `folder`, and passes all else to `inner`."""

    def __init__(self, inner: Any, *, folder: Path, prefix: str) -> None:
        self.inner = inner
        self.files: dict[str, Any] = {}
        if folder.is_dir():
            self.files = WhiteNoise(None, str(folder), prefix, immutable_file_test=HASHED_NAME).files

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        file = self.files.get(scope["path"]) if scope["type"] == "http" else None
        if file is None:
            await self.inner(scope, receive, send)
            return
        answer = file.get_response(scope["method"], _as_wsgi_names(scope["headers"]))
        headers = [(name.lower().encode(), value.encode()) for name, value in answer.headers]
        await send({"type": "http.response.start", "status": HTTPStatus(answer.status), "headers": headers})
        body = b""
        if answer.file is not None:
            with answer.file as opened:
                body = opened.read()
        await send({"type": "http.response.body", "body": body})


def _as_wsgi_names(headers: list[tuple[bytes, bytes]]) -> dict[str, str]:
    return {
        f"HTTP_{name.decode().upper().replace('-', '_')}": value.decode("latin-1")
        for name, value in headers
        if name in WIRE_NAMES
    }
