"""When what happens in the shop: the same minute has the same traces for the same seed."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random

from opentelemetry.trace import SpanContext

from tracing_ui.demo import background, browsing
from tracing_ui.demo.faults import MINUTE_NS, is_acme_slow
from tracing_ui.demo.fulfilment import notify
from tracing_ui.demo.purchase import place_order
from tracing_ui.demo.script import Stage
from tracing_ui.demo.services import Shop

LIVE_PER_MINUTE = 200
NOTIFY_ORDERS = 6  # orders in one batch of e-mails
ORDER = "place order"
# Scene, how often among all.
SCENES: dict[str, tuple[Callable[[Stage, int], object], int]] = {
    ORDER: (place_order, 24),
    "home": (browsing.home, 17),
    "product": (browsing.product_page, 26),
    "search": (browsing.search_page, 9),
    "add to cart": (browsing.add_to_cart, 9),
    "sign in": (browsing.sign_in, 4),
    "order history": (browsing.order_history, 3),
    "health": (background.health_check, 7),
    "orphan": (background.orphan, 1),
}
JOBS: dict[str, Callable[[Stage, int], None]] = {
    "renew": background.renew_subscriptions,
    "import": background.import_prices,
    "report": background.sales_report,
}
EVERY_MINUTES = {"renew": 2, "import": 5, "report": 15}


@dataclass(frozen=True, slots=True)
class Moment:
    """A trace to be played."""

    start_ns: int
    scene: str


def moments(minute: int, *, seed: int, per_minute: int) -> list[Moment]:
    """The traces of a minute since the epoch, by start. Traffic comes and goes by a fifth."""
    rng = Random(f"{seed} {minute}")
    count = max(1, round(per_minute * rng.uniform(0.8, 1.2)))
    names, weights = list(SCENES), [weight for _, weight in SCENES.values()]
    start_ns = minute * MINUTE_NS
    found = [
        Moment(start_ns + rng.randrange(MINUTE_NS), name) for name in rng.choices(names, weights, k=count)
    ]
    for name, every in EVERY_MINUTES.items():
        if minute % every == 0:
            found.append(Moment(start_ns + rng.randrange(MINUTE_NS), name))
    return sorted(found, key=lambda moment: moment.start_ns)


class Player:
    """Plays moments in the shop. `began_ns`: when the demo was started, which decides when acme is slow."""

    def __init__(self, shop: Shop, *, seed: int, began_ns: int) -> None:
        self.shop, self.seed, self.began_ns = shop, seed, began_ns
        self.announced: list[SpanContext] = []

    def play(self, moment: Moment) -> None:
        now_ns = moment.start_ns
        rng = Random(f"{self.seed} {now_ns} {moment.scene}")
        stage = Stage(self.shop, rng, degraded=is_acme_slow(now_ns, began_ns=self.began_ns))
        scene = JOBS.get(moment.scene) or SCENES[moment.scene][0]
        order = scene(stage, now_ns)
        if isinstance(order, SpanContext):
            self.announced.append(order)
        if len(self.announced) >= NOTIFY_ORDERS:
            notify(stage, now_ns + MINUTE_NS // 60, self.announced)
            self.announced = []

    def play_minute(self, minute: int, *, per_minute: int) -> None:
        """A whole minute at once. Messages of other minutes are not mixed in."""
        self.announced, kept = [], self.announced
        for moment in moments(minute, seed=self.seed, per_minute=per_minute):
            self.play(moment)
        self.announced = kept


def live(*, seed: int, from_ns: int) -> Iterator[Moment]:
    """All moments from a time on, without end."""
    minute = from_ns // MINUTE_NS
    while True:
        for moment in moments(minute, seed=seed, per_minute=LIVE_PER_MINUTE):
            if moment.start_ns >= from_ns:
                yield moment
        minute += 1
