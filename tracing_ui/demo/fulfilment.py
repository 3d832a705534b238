"""What happens after an order was announced: shipping and e-mail, both fed by Kafka."""

from collections.abc import Sequence

from opentelemetry.trace import SpanContext, SpanKind

from tracing_ui.demo.calls import KAFKA_SCOPE, consuming, external, http, sql
from tracing_ui.demo.faults import NODE_RESET
from tracing_ui.demo.script import Stage, Step, begin, links_to

TOPIC = "orders.placed"
CARRIER_URL = "https://api.parcels.example/v3/labels"


def ship(sent: Step, order: str) -> None:
    """Consumes the order in the same trace, some time after its parent has ended."""
    sent.pause(sent.stage.about(9.0, 0.5))
    with sent.step(
        f"process {TOPIC}",
        service="shipping",
        kind=SpanKind.CONSUMER,
        scope=KAFKA_SCOPE,
        attributes={**consuming(TOPIC, "shipping"), "order.id": order},
    ) as consumer:
        insert = "INSERT INTO shipment (id, order_id, carrier, state) VALUES ($1, $2, $3, 'new')"
        sql(consumer, insert, table="shipment", typical_ms=1.5, db="shipping")
        with external(consumer, "POST", CARRIER_URL, status=201) as call:
            call.pause(call.stage.about(38.0, 0.3))
        update = "UPDATE shipment SET label_url = $2, state = 'labelled' WHERE id = $1"
        sql(consumer, update, table="shipment", db="shipping")


def notify(stage: Stage, now_ns: int, orders: Sequence[SpanContext]) -> None:
    """One poll of the notification worker: a trace of its own that links to every order's producer."""
    worker = begin(
        stage, "notifications", f"process {TOPIC}",
        now_ns=now_ns, kind=SpanKind.CONSUMER, scope=KAFKA_SCOPE,
        attributes=consuming(TOPIC, "notifications", batch=len(orders)), links=links_to(orders),
    )  # fmt: skip
    worker.work(0.8)
    for number, _ in enumerate(orders):
        with worker.step("send confirmation", attributes={"notification.channel": "email"}) as mail:
            with mail.step(
                "render template", attributes={"template.name": "order-confirmation.mjml"}
            ) as page:
                page.work(3.2)
            with external(mail, "POST", "https://api.mailer.example/v1/messages", status=202) as call:
                call.pause(stage.about(21.0, 0.25))
                if stage.chance(0.02):
                    call.throw("Error", "read ECONNRESET", NODE_RESET)
            mail.set(messaging__batch__index=number)
    with http(worker, "web-gateway", "POST", "/internal/push", status=204) as push:
        push.work(0.9)
    sql(worker, "UPDATE outbox SET sent_at = now() WHERE id = ANY($1)", table="outbox", db="notifications")
    worker.event("offsets.committed", {"messaging.kafka.offset": stage.rng.randrange(10**6)})
    worker.end()
