"""At most so many views at once: the next one waits, and is told to come back when it has waited for long."""

import asyncio
from typing import Any

from tracing_ui.asgi import LimitedViews


class SlowViews:
    """Each request stays inside until `gate` opens."""

    def __init__(self) -> None:
        self.gate = asyncio.Event()
        self.inside = 0
        self.inside_max = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.inside += 1
        self.inside_max = max(self.inside_max, self.inside)
        if scope["path"] != "/healthz":
            await self.gate.wait()
        self.inside -= 1
        await send({"type": "http.response.start", "status": 200, "headers": []})


async def _ask(app: Any, path: str) -> dict[str, Any]:
    sent: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    await app({"type": "http", "path": path}, None, send)
    return sent[0]


def test_no_more_views_run_than_are_let_in() -> None:
    async def scenario() -> None:
        views = SlowViews()
        app = LimitedViews(views, views_max=2)
        asked = [asyncio.create_task(_ask(app, "/search")) for _ in range(5)]
        while views.inside < 2:
            await asyncio.sleep(0)
        views.gate.set()
        assert [answer["status"] for answer in await asyncio.gather(*asked)] == [200] * 5
        assert views.inside_max == 2

    asyncio.run(scenario())


def test_who_waited_for_long_gets_503_and_when_to_come_back() -> None:
    async def scenario() -> None:
        app = LimitedViews(SlowViews(), views_max=1, wait_seconds_max=0.01)
        first = asyncio.create_task(_ask(app, "/search"))
        await asyncio.sleep(0)
        answer = await _ask(app, "/search")
        assert answer["status"] == 503
        assert (b"retry-after", b"5") in answer["headers"]
        first.cancel()

    asyncio.run(scenario())


def test_health_does_not_wait() -> None:
    async def scenario() -> None:
        app = LimitedViews(SlowViews(), views_max=1, wait_seconds_max=60)
        busy = asyncio.create_task(_ask(app, "/search"))
        await asyncio.sleep(0)
        assert (await _ask(app, "/healthz"))["status"] == 200
        busy.cancel()

    asyncio.run(scenario())


def test_a_view_that_fails_frees_its_place() -> None:
    async def broken(scope: Any, receive: Any, send: Any) -> None:
        raise ValueError("broken")

    async def scenario() -> list[Any]:
        app = LimitedViews(broken, views_max=1, wait_seconds_max=0.01)
        asked = (_ask(app, "/search") for _ in range(3))
        return list(await asyncio.gather(*asked, return_exceptions=True))

    assert [type(answer) for answer in asyncio.run(scenario())] == [ValueError] * 3
