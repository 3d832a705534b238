"""What goes wrong in the shop: stack traces, and when a provider is slow."""

JAVA_TIMEOUT = """java.net.SocketTimeoutException: Read timed out
	at java.base/sun.nio.ch.NioSocketImpl.timedRead(NioSocketImpl.java:278)
	at java.base/java.net.Socket$SocketInputStream.read(Socket.java:1099)
	at okhttp3.internal.http2.Http2Stream$FramingSource.read(Http2Stream.kt:377)
	at shop.payments.psp.CardClient.authorize(CardClient.java:88)
	at shop.payments.PaymentService.charge(PaymentService.java:141)
	at shop.payments.api.PaymentController.create(PaymentController.java:57)
	at org.springframework.web.servlet.FrameworkServlet.service(FrameworkServlet.java:903)
	at org.apache.tomcat.util.threads.ThreadPoolExecutor$Worker.run(ThreadPoolExecutor.java:659)
	at java.base/java.lang.Thread.run(Thread.java:1583)
"""
JAVA_DECLINED = """shop.payments.psp.CardDeclinedException: insufficient_funds
	at shop.payments.psp.CardClient.raiseForOutcome(CardClient.java:132)
	at shop.payments.psp.CardClient.authorize(CardClient.java:97)
	at shop.payments.PaymentService.charge(PaymentService.java:141)
	at shop.payments.api.PaymentController.create(PaymentController.java:57)
"""
JAVA_NULL = """java.lang.NullPointerException: Cannot invoke "Price.amount()" because "variant.price" is null
	at shop.catalog.render.ProductView.priceLine(ProductView.java:74)
	at shop.catalog.render.ProductView.render(ProductView.java:41)
	at shop.catalog.api.ProductController.show(ProductController.java:63)
	at org.springframework.web.method.support.InvocableHandlerMethod.doInvoke(InvocableHandlerMethod.java:258)
	... 38 more
"""
PYTHON_KEY = """Traceback (most recent call last):
  File "/app/recommendations/service.py", line 118, in list_recommendations
    ranked = self.ranker.rank(candidates, profile=profiles[user_id])
  File "/app/recommendations/ranking.py", line 52, in rank
    weights = self.model.weights[profile.segment]
              ~~~~~~~~~~~~~~~~~~^^^^^^^^^^^^^^^^^
KeyError: 'returning-b2b'
"""
PYTHON_DEADLOCK = """Traceback (most recent call last):
  File "/app/scheduler/jobs/prices.py", line 87, in import_prices
    cursor.executemany(UPSERT, rows)
  File "/usr/local/lib/python3.12/site-packages/psycopg/cursor.py", line 142, in executemany
    raise ex.with_traceback(None)
psycopg.errors.DeadlockDetected: deadlock detected
DETAIL:  Process 4711 waits for ShareLock on transaction 90125; blocked by process 4708.
Process 4708 waits for ShareLock on transaction 90126; blocked by process 4711.
"""
NODE_RESET = """Error: read ECONNRESET
    at TLSWrap.onStreamRead (node:internal/stream_base_commons:216:20)
    at async SmtpTransport.send (/app/node_modules/nodemailer/lib/smtp-transport/index.js:189:13)
    at async sendConfirmation (/app/src/mail/confirmation.js:44:3)
    at async processBatch (/app/src/consumer.js:71:7)
"""
GO_STOCK = """goroutine 8123 [running]:
shop.example/inventory/internal/stock.(*Store).Reserve(0xc0003f2180, {0x1d2f4a8, 0xc000a1c1e0})
	/src/internal/stock/store.go:162 +0x4c5
shop.example/inventory/internal/api.(*Server).Reserve(0xc00012a0f0, {0x1d2f4a8, 0xc000a1c1e0}, 0xc0009d0500)
	/src/internal/api/server.go:71 +0x1f8
google.golang.org/grpc.(*Server).processUnaryRPC(0xc0001c6000)
	/go/pkg/mod/google.golang.org/grpc@v1.76.0/server.go:1405 +0xe03
"""

MINUTE_NS = 60 * 10**9
SLOW_BEFORE_NS, SLOW_EVERY_NS, SLOW_FOR_NS = 25 * MINUTE_NS, 30 * MINUTE_NS, 10 * MINUTE_NS


def is_acme_slow(now_ns: int, *, began_ns: int) -> bool:
    """Whether the fraud provider acme is degraded: 25 minutes up to the start, then 10 of every 30.

    `began_ns`: when the demo was started.
    """
    since_ns = now_ns - began_ns
    if since_ns < 0:
        return since_ns >= -SLOW_BEFORE_NS
    return since_ns % SLOW_EVERY_NS < SLOW_FOR_NS
