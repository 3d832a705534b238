"""The web process: uvicorn on Django. `python -m tracing_ui.web`, a child of `manage.py serve`."""

import gc

import uvicorn
from django.conf import settings
from django.urls import get_resolver

DRAIN_SECONDS_MAX = 10


def main() -> None:
    from tracing_ui.asgi import application

    get_resolver().check()  # imports all views: what is broken stops the start
    gc.collect()
    gc.freeze()
    uvicorn.run(
        application,
        host=settings.HOST,
        port=settings.PORT,
        lifespan="off",
        log_config=None,  # Django's LOGGING has set it up
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=DRAIN_SECONDS_MAX,
    )


if __name__ == "__main__":
    main()
