"""Placing an order: the shop's most important trace, and the one that becomes slow with acme."""

from collections.abc import Sequence

from opentelemetry.trace import SpanContext

from tracing_ui.demo.calls import NETWORK_MS, external, grpc, http, publish, redis, sql
from tracing_ui.demo.faults import GO_STOCK, JAVA_DECLINED, JAVA_TIMEOUT
from tracing_ui.demo.fulfilment import ship
from tracing_ui.demo.gateway import visit
from tracing_ui.demo.script import Stage, Step
from tracing_ui.demo.visitors import Visitor, order_id, product

ACME, SIFT = "acme-fraud-api", "sift-eu"
ACME_SHARE = 0.72
CHARGE_TRIES_MAX = 3
BACKOFF_MS = 60.0  # doubled after each try
FLAKY_SHARE = 0.004  # of the charges
CHARGE_URL = "https://api.cardpay.example/v1/charges"
FRAUD_URLS = {ACME: "https://api.acme-fraud.example/v2/score", SIFT: "https://eu.sift.example/v205/events"}
FRAUD_MS = {ACME: 15.0, SIFT: 12.0}
ACME_SLOW_MS = 370.0


class Declined(Exception):
    """The order ends here; the spans say why."""


def place_order(stage: Stage, now_ns: int) -> SpanContext | None:
    """`POST /checkout` through seven services. Returns what announced the order; None when it failed."""
    order, items = order_id(stage.rng), [product(stage.rng) for _ in range(stage.rng.randint(1, 5))]
    announced = None
    with visit(stage, now_ns, "POST", "/checkout") as (root, who):
        with http(root, "checkout", "POST", "/api/orders") as checkout:
            checkout.set(order__id=order, user__id=who.user_id, order__items=len(items))
            evaluate_flag(checkout)
            try:
                announced = _order(checkout, who, order, items)
            except Declined as reason:
                checkout.set(http__response__status_code=402)
                checkout.event("order.declined", {"order.id": order, "reason": str(reason)})
        if announced is None:
            root.set(http__response__status_code=402)
    return announced


def evaluate_flag(step: Step) -> None:
    variant = "on" if step.stage.chance(0.5) else "off"
    flag = {"feature_flag.key": "checkout-one-page", "feature_flag.result.variant": variant}
    step.event("feature_flag.evaluation", {**flag, "feature_flag.provider.name": "flagd"})
    step.span.set_attribute("feature_flag.checkout-one-page", variant)
    step.work(0.3)


def _order(checkout: Step, who: Visitor, order: str, items: Sequence[str]) -> SpanContext:
    """Raises: Declined."""
    with checkout.step("load cart") as load, grpc(load, "cart", "shop.cart.v1.CartService/GetCart") as cart:
        redis(cart, "HGETALL", f"cart:{who.user_id}")
        cart.work(0.4)
    with checkout.step("prepare order", attributes={"order.id": order}) as prepare:
        prepare.together(lambda step: _quote(step, items), lambda step: _reserve(step, order, items))
        prepare.work(0.8)
    total = round(sum(9.9 + len(item) * checkout.stage.rng.random() * 7 for item in items), 2)
    checkout.set(order__total=total, order__currency="EUR")
    _pay(checkout, who, order, total)
    with checkout.step("store order") as store:
        _store(store, order, items)
    sent = publish(checkout, "orders.placed", order)
    with grpc(checkout, "cart", "shop.cart.v1.CartService/EmptyCart", waits=False) as cart:
        redis(cart, "DEL", f"cart:{who.user_id}", typical_ms=1.5)
    ship(sent, order)
    return sent.context


def _quote(step: Step, items: Sequence[str]) -> None:
    with grpc(step, "pricing", "shop.pricing.v1.PricingService/Quote") as pricing:
        pricing.set(pricing__items=len(items), pricing__currency="EUR")
        redis(pricing, "MGET", " ".join(f"price:{item}" for item in items))
        with pricing.step("apply discounts", attributes={"pricing.rules.matched": len(items) % 3}) as rules:
            rules.work(2.2)
        with pricing.step("compute tax", attributes={"tax.country": "DE", "tax.rate": 0.19}) as tax:
            tax.work(0.9)


def _reserve(step: Step, order: str, items: Sequence[str]) -> None:
    """Holds the stock; what is sold out is delivered later and does not end the order."""
    with grpc(step, "inventory", "shop.inventory.v1.StockService/Reserve") as stock:
        stock.set(order__id=order)
        select = "SELECT sku, free FROM stock WHERE sku = ANY($1) FOR UPDATE"
        sql(stock, select, table="stock", typical_ms=1.9, rows=len(items), db="inventory")
        if stock.stage.chance(0.006):
            reason = f"{items[0]} is out of stock"
            stock.throw("*stock.OutOfStockError", reason, GO_STOCK)
            stock.set(rpc__response__status_code="FAILED_PRECONDITION")
            step.fail(reason)
        else:
            for _ in items:
                update = "UPDATE stock SET free = free - $2, held = held + $2 WHERE sku = $1"
                sql(stock, update, table="stock", typical_ms=0.9, db="inventory")
            sql(stock, "COMMIT", table="", typical_ms=0.7, db="inventory")


def _pay(checkout: Step, who: Visitor, order: str, total: float) -> None:
    """Raises: Declined."""
    with http(checkout, "payments", "POST", "/payments", status=201) as payments:
        payments.set(order__id=order, payment__method="card", payment__amount=total)
        provider = _assess(payments, who, total)
        payments.set(fraud__provider=provider)
        outcome = charge(payments, order)
        insert = "INSERT INTO payment (id, order_id, amount, state) VALUES ($1, $2, $3, $4)"
        sql(payments, insert, table="payment", typical_ms=1.4, db="payments")
        if outcome:
            payments.set(http__response__status_code=402)
    if outcome:
        raise Declined(outcome)


def _assess(payments: Step, who: Visitor, total: float) -> str:
    """The fraud check: which provider was asked."""
    stage = payments.stage
    provider = ACME if stage.chance(ACME_SHARE) else SIFT
    with grpc(payments, "fraud-check", "shop.fraud.v1.FraudService/Assess") as fraud:
        fraud.set(fraud__provider=provider, user__id=who.user_id, payment__amount=total)
        redis(fraud, "INCR", f"velocity:{who.user_id}")
        history = "SELECT outcome, amount FROM assessment WHERE user_id = $1 ORDER BY made_at DESC LIMIT 20"
        sql(fraud, history, table="assessment", typical_ms=1.3, rows=stage.rng.randrange(20), db="fraud")
        with external(fraud, "POST", FRAUD_URLS[provider], fraud__provider=provider) as call:
            _score(call, provider)
        with fraud.step("decide", attributes={"fraud.rules": 41, "fraud.decision": "accept"}) as decide:
            decide.work(0.8)
    return provider


def _score(call: Step, provider: str) -> None:
    stage = call.stage
    call.set(fraud__score=round(stage.rng.random() * 0.6, 3), fraud__model="cards-2026-10")
    if provider == ACME and stage.degraded:
        call.event("http.request.sent", {"http.request.body.size": 1_812})
        call.pause(stage.about(ACME_SLOW_MS, 0.13))
        call.event("provider.slow", {"fraud.provider": provider, "threshold_ms": 100})
        call.set(fraud__provider_region="us-east-1")
    else:
        call.pause(stage.about(FRAUD_MS[provider], 0.22))


def charge(payments: Step, order: str, *, flaky: float = FLAKY_SHARE) -> str:
    """Asks the card company, up to three times. "" when it worked, else the reason."""
    stage = payments.stage
    is_flaky = stage.chance(flaky)
    for attempt in range(1, CHARGE_TRIES_MAX + 1):
        fails = is_flaky and (attempt < CHARGE_TRIES_MAX or stage.chance(0.25))
        with external(payments, "POST", CHARGE_URL, status=503 if fails else 200, order__id=order) as call:
            if attempt > 1:
                call.set(http__request__resend_count=attempt - 1)
            call.pause(stage.about(55.0 if fails else 42.0, 0.2))
            if fails:
                call.throw("java.net.SocketTimeoutException", "Read timed out", JAVA_TIMEOUT)
        if not fails:
            return _outcome(payments)
        wait_ms = BACKOFF_MS * 2 ** (attempt - 1)
        if attempt < CHARGE_TRIES_MAX:
            payments.event("retry", {"retry.attempt": attempt, "retry.backoff_ms": wait_ms})
            payments.pause(wait_ms + NETWORK_MS)
    payments.throw("java.net.SocketTimeoutException", "Read timed out", JAVA_TIMEOUT)
    return "card company does not answer"


def _outcome(payments: Step) -> str:
    if payments.stage.chance(0.012):
        payments.throw("shop.payments.psp.CardDeclinedException", "insufficient_funds", JAVA_DECLINED)
        return "insufficient_funds"
    return ""


def _store(step: Step, order: str, items: Sequence[str]) -> None:
    step.set(order__id=order)
    sql(step, "BEGIN", table="", typical_ms=0.3)
    insert = "INSERT INTO orders (id, user_id, state, total, placed_at) VALUES ($1, $2, $3, $4, now())"
    sql(step, insert, table="orders", typical_ms=1.3)
    for _ in items:
        line = "INSERT INTO order_item (order_id, sku, quantity, price) VALUES ($1, $2, $3, $4)"
        sql(step, line, table="order_item", typical_ms=0.8)
    sql(step, "COMMIT", table="", typical_ms=2.1)
