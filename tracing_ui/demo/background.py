"""What runs without visitors: jobs, health checks, a trace whose beginning is missing."""

from opentelemetry.trace import SpanContext, SpanKind, TraceFlags

from tracing_ui.demo.calls import HTTP_SCOPES, answer, external, grpc, http, redis, served, sql
from tracing_ui.demo.faults import PYTHON_DEADLOCK
from tracing_ui.demo.purchase import charge
from tracing_ui.demo.script import Stage, begin
from tracing_ui.demo.visitors import order_id

CHECKED = ("web-gateway", "checkout", "payments", "catalog")
REPORT_PAGES, REPORT_ROWS = 60, 24  # about 1,500 spans


def health_check(stage: Stage, now_ns: int) -> None:
    service = stage.rng.choice(CHECKED)
    attributes = served("GET", "/healthz", "/healthz", host="10.0.0.1", client="10.0.0.2")
    agent = {"user_agent.original": "kube-probe/1.34"}
    probe = begin(
        stage, service, "GET /healthz",
        now_ns=now_ns, kind=SpanKind.SERVER, scope=HTTP_SCOPES["server"], attributes={**attributes, **agent},
    )  # fmt: skip
    sql(probe, "SELECT 1", table="", typical_ms=0.4)
    answer(probe, status=200)
    probe.end()


def renew_subscriptions(stage: Stage, now_ns: int) -> None:
    """A cron job that charges cards; the card company often needs several tries."""
    job = begin(
        stage, "scheduler", "cron renew-subscriptions",
        now_ns=now_ns, attributes={"cron.schedule": "* * * * *", "cron.job.name": "renew-subscriptions"},
    )  # fmt: skip
    due = "SELECT id, user_id, amount FROM subscription WHERE renews_at <= now() LIMIT 10"
    sql(job, due, table="subscription", typical_ms=3.0, rows=2)
    for _ in range(2):
        order = order_id(stage.rng)
        with http(job, "payments", "POST", "/payments/recurring", status=201) as payments:
            payments.set(order__id=order, payment__method="card_on_file")
            if charge(payments, order, flaky=0.5):
                answer(payments, status=503)
    job.end()


def import_prices(stage: Stage, now_ns: int) -> None:
    """A small nightly-style job that sometimes runs into a deadlock."""
    job = begin(
        stage, "scheduler", "cron import-prices", now_ns=now_ns, attributes={"cron.job.name": "import-prices"}
    )
    with external(job, "GET", "https://feeds.supplier.example/prices.csv") as download:
        download.work(160.0)
    with job.step("parse feed", attributes={"feed.rows": stage.rng.randrange(500, 4000)}) as parse:
        parse.work(35.0)
    with job.step("store prices") as store:
        upsert = "INSERT INTO price (sku, amount) VALUES ($1, $2) ON CONFLICT (sku) DO UPDATE SET amount = $2"
        for _ in range(6):
            sql(store, upsert, table="price", typical_ms=14.0, db="pricing")
        if stage.chance(0.25):
            store.throw("psycopg.errors.DeadlockDetected", "deadlock detected", PYTHON_DEADLOCK)
            job.fail("1 of 6 batches failed")
    job.end()


def sales_report(stage: Stage, now_ns: int) -> None:
    """A large trace: about 1,500 spans."""
    job = begin(
        stage, "scheduler", "report daily-sales", now_ns=now_ns, attributes={"report.name": "daily-sales"}
    )
    for page in range(REPORT_PAGES):
        with job.step("page", attributes={"report.page": page}) as step:
            select = "SELECT * FROM orders WHERE placed_at >= $1 ORDER BY id LIMIT 20 OFFSET $2"
            sql(step, select, table="orders", typical_ms=8.0, rows=REPORT_ROWS)
            for _ in range(REPORT_ROWS - 4):
                redis(step, "HGET", "rates EUR")
            with grpc(step, "pricing", "shop.pricing.v1.PricingService/Convert") as pricing:
                pricing.work(1.2)
    job.end()


def orphan(stage: Stage, now_ns: int) -> None:
    """A worker's spans whose parent was never sent: an old client without an exporter."""
    flags = TraceFlags(TraceFlags.SAMPLED)
    lost = SpanContext(stage.shop.ids.generate_trace_id(), stage.shop.ids.generate_span_id(), True, flags)  # noqa: FBT003 - the SDK's signature
    attributes = served("POST", "/api/legacy/stock", "/api/legacy/stock", host="inventory", client="10.9.0.4")
    step = begin(
        stage, "inventory", "POST /api/legacy/stock",
        now_ns=now_ns, parent=lost, is_remote=True, kind=SpanKind.SERVER, scope=HTTP_SCOPES["server"],
        attributes=attributes,
    )  # fmt: skip
    sql(step, "UPDATE stock SET free = $2 WHERE sku = $1", table="stock", typical_ms=2.0, db="inventory")
    answer(step, status=204)
    step.end()
