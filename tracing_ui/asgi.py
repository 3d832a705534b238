"""Django behind a limit on how many views run at once. More would only wait for the same few connections."""

import asyncio
import os
from typing import Any

from django.core.asgi import get_asgi_application

from tracing_ui.static_first import StaticFirst

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tracing_ui.settings")

WAIT_SECONDS_MAX = 5
UNLIMITED = ("/healthz",)  # cheap, and a load balancer must not take "busy" for "dead"
BUSY = b"The server is busy: all its views are at work. Try again in a few seconds.\n"


class LimitedViews:
    """An ASGI application that lets `views_max` requests into `inner`; others wait, then get 503."""

    def __init__(self, inner: Any, *, views_max: int, wait_seconds_max: float = WAIT_SECONDS_MAX) -> None:
        self.inner = inner
        self.wait_seconds_max = wait_seconds_max
        self.free = asyncio.Semaphore(views_max)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http" or scope["path"].startswith(UNLIMITED):
            await self.inner(scope, receive, send)
            return
        try:
            await asyncio.wait_for(self.free.acquire(), self.wait_seconds_max)
        except TimeoutError:
            await _answer_busy(send)
            return
        try:
            await self.inner(scope, receive, send)
        finally:
            self.free.release()


async def _answer_busy(send: Any) -> None:
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(BUSY)).encode()),
        (b"retry-after", str(WAIT_SECONDS_MAX).encode()),
        (b"cache-control", b"no-store"),
    ]
    await send({"type": "http.response.start", "status": 503, "headers": headers})
    await send({"type": "http.response.body", "body": BUSY})


def _make_application() -> StaticFirst:
    inner = get_asgi_application()  # sets Django up, hence before the settings
    from django.conf import settings

    limited = LimitedViews(inner, views_max=settings.WEB_THREADS)
    return StaticFirst(limited, folder=settings.STATIC_ROOT, prefix=settings.STATIC_URL)


application = _make_application()
