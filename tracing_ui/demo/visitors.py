"""Who visits the shop and what they want: made-up ids that look like real ones."""

from dataclasses import dataclass
from random import Random

USERS, PRODUCTS = 4_000, 900
WEBKIT = "AppleWebKit/605.1.15 (KHTML, like Gecko)"
AGENTS = (
    f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {WEBKIT} Version/26.1 Safari/605.1.15",
    f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {WEBKIT} Chrome/142.0.0.0 Safari/537.36",
    "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
    "ShopApp/7.12 (iPhone; iOS 26.1)",
    "ShopApp/7.12 (Android 16; Pixel 10)",
)
TIERS = ("standard", "standard", "standard", "plus", "business")


@dataclass(frozen=True, slots=True)
class Visitor:
    user_id: str
    session_id: str
    address: str
    agent: str
    tier: str


def visitor(rng: Random) -> Visitor:
    """A visitor; a few come often."""
    number = int(USERS ** rng.random())
    return Visitor(
        user_id=f"u-{number * 7919 % 100_000:05d}",
        session_id=f"{rng.getrandbits(64):016x}",
        address=f"203.0.113.{number % 250}",
        agent=AGENTS[number % len(AGENTS)],
        tier=TIERS[number % len(TIERS)],
    )


def product(rng: Random) -> str:
    return f"P-{int(PRODUCTS ** rng.random()) * 31 % 1000:04d}"


def order_id(rng: Random) -> str:
    return f"ORD-{rng.randrange(10**7):07d}"
