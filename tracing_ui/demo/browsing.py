"""Visits that buy nothing yet: pages, the cart, signing in, and the order history with its N+1 queries."""

from tracing_ui.demo.calls import answer, grpc, http, redis, sql
from tracing_ui.demo.faults import JAVA_NULL, PYTHON_KEY
from tracing_ui.demo.gateway import visit
from tracing_ui.demo.script import Stage, Step
from tracing_ui.demo.visitors import product

HISTORY_ORDERS = (30, 40)


def home(stage: Stage, now_ns: int) -> None:
    """The front page: catalogue and recommendations at the same time."""
    with visit(stage, now_ns, "GET", "/") as (root, who):
        root.set(page__template="home")
        root.together(lambda step: _listing(step, "/api/products"), lambda step: recommend(step, who.user_id))


def product_page(stage: Stage, now_ns: int) -> None:
    """One product, its price, its stock and what goes with it."""
    sku = product(stage.rng)
    with visit(stage, now_ns, "GET", "/products/{sku}", f"/products/{sku}") as (root, who):
        root.set(product__id=sku)
        with http(root, "catalog", "GET", "/api/products/{sku}", path=f"/api/products/{sku}") as catalog:
            redis(catalog, "GET", f"product:{sku}")
            if stage.chance(0.3):
                catalog.event("cache.miss", {"cache.key": f"product:{sku}"})
                select = "SELECT id, name, description, brand_id FROM product WHERE sku = $1"
                sql(catalog, select, table="product", typical_ms=2.4, rows=1, db="catalog")
                redis(catalog, "SETEX", f"product:{sku} 300")
            with catalog.step("render variants") as variants:
                variants.work(2.0)
                if stage.chance(0.012):
                    variants.throw("java.lang.NullPointerException", JAVA_NULL.split(": ")[1], JAVA_NULL)
                    answer(catalog, status=500)
        root.together(
            lambda step: _price(step, sku),
            lambda step: _stock(step, sku),
            lambda step: recommend(step, who.user_id),
        )


def search_page(stage: Stage, now_ns: int) -> None:
    words = stage.rng.choice(("rain jacket", "trail shoes", "tent 2p", "headlamp", "water filter"))
    path = f"/search?q={words.replace(' ', '+')}"
    with visit(stage, now_ns, "GET", "/search", path) as (root, _):
        root.set(url__query=f"q={words.replace(' ', '+')}")
        _listing(root, "/api/search", typical_ms=11.0)


def add_to_cart(stage: Stage, now_ns: int) -> None:
    sku = product(stage.rng)
    with visit(stage, now_ns, "POST", "/cart/items") as (root, who):
        with grpc(root, "cart", "shop.cart.v1.CartService/AddItem") as cart:
            cart.set(product__id=sku, user__id=who.user_id)
            _stock(cart, sku)
            redis(cart, "HSET", f"cart:{who.user_id} {sku} 1")
            redis(cart, "EXPIRE", f"cart:{who.user_id} 604800")
            cart.work(0.5)
        _price(root, sku)


def sign_in(stage: Stage, now_ns: int) -> None:
    with visit(stage, now_ns, "POST", "/login") as (root, who):
        root.set(auth__method="password")
        with grpc(root, "auth", "shop.auth.v1.LoginService/Login") as auth:
            select = "SELECT id, password_hash, locked_until FROM account WHERE email = $1"
            sql(auth, select, table="account", rows=1, db="auth")
            with auth.step("verify password", attributes={"crypto.algorithm": "argon2id"}) as verify:
                verify.work(48.0)
            if stage.chance(0.08):
                auth.set(rpc__response__status_code="UNAUTHENTICATED")
                auth.event("login.failed", {"reason": "wrong password", "user.id": who.user_id})
                root.set(http__response__status_code=401)
            else:
                redis(auth, "SETEX", f"session:{who.session_id[:8]}… 3600")


def order_history(stage: Stage, now_ns: int) -> None:
    """Loads the items of each order with a query of its own: 30 to 40 equal SELECTs where one would do."""
    count = stage.rng.randint(*HISTORY_ORDERS)
    with visit(stage, now_ns, "GET", "/account/orders") as (root, who):
        path = f"/api/users/{who.user_id}/orders"
        with http(root, "checkout", "GET", "/api/users/{id}/orders", path=path) as checkout:
            checkout.set(user__id=who.user_id)
            orders = (
                "SELECT id, state, total, placed_at FROM orders WHERE user_id = $1 ORDER BY placed_at DESC"
            )
            sql(checkout, orders, table="orders", typical_ms=2.8, rows=count)
            with checkout.step("serialize orders", attributes={"orders.count": count}) as serialize:
                for _ in range(count):
                    item = "SELECT sku, quantity, price FROM order_item WHERE order_id = $1"
                    sql(serialize, item, table="order_item", typical_ms=1.1, rows=stage.rng.randint(1, 5))
                    serialize.work(0.1)


def recommend(step: Step, user_id: str) -> None:
    """Related products; fails now and then without failing the page."""
    with grpc(step, "recommendations", "shop.reco.v1.RecommendationService/List") as reco:
        redis(reco, "ZREVRANGE", f"affinity:{user_id} 0 50")
        with reco.step(
            "rank candidates", attributes={"ml.model.name": "two-tower-12", "ml.candidates": 50}
        ) as rank:
            rank.work(7.5)
        if reco.stage.chance(0.018):
            reco.throw("KeyError", "'returning-b2b'", PYTHON_KEY)
            reco.set(rpc__response__status_code="INTERNAL")


def _listing(step: Step, route: str, typical_ms: float = 3.5) -> None:
    with http(step, "catalog", "GET", route) as catalog:
        redis(catalog, "GET", f"listing:{route}")
        select = "SELECT sku, name, price_from, image FROM product_listing WHERE tsv @@ $1 LIMIT 24"
        sql(catalog, select, table="product_listing", typical_ms=typical_ms, rows=24, db="catalog")
        with catalog.step("serialize products") as serialize:
            serialize.work(1.6)


def _price(step: Step, sku: str) -> None:
    with grpc(step, "pricing", "shop.pricing.v1.PricingService/Get") as pricing:
        redis(pricing, "GET", f"price:{sku}")
        pricing.work(0.6)


def _stock(step: Step, sku: str) -> None:
    with grpc(step, "inventory", "shop.inventory.v1.StockService/Get") as stock:
        stock.set(product__id=sku)
        sql(
            stock,
            "SELECT free FROM stock WHERE sku = $1",
            table="stock",
            typical_ms=0.9,
            rows=1,
            db="inventory",
        )
