"""`python -m tracing_ui.demo`: the shop sends to a receiver until it is told to stop."""

import argparse
import logging
import signal
import sys
import threading
import time

from tracing_ui.demo.sender import TRY_THIS, Sender, Target, end_process

PATIENCE_S = 1.6  # after a signal; then the process ends however it stands


def main() -> None:
    options = _options()
    logging.getLogger("opentelemetry").setLevel(logging.ERROR)  # a retry is not worth a line
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: _stop(stop))
    target = Target(http=options.endpoint, grpc=options.grpc, web=options.web)
    sender = Sender(target, seed=options.seed, began_ns=time.time_ns(), stop=stop)
    sys.stdout.write(TRY_THIS)
    sys.stdout.flush()
    sender.run()
    sender.close()
    end_process()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tracing_ui.demo", description=__doc__)
    parser.add_argument("--endpoint", default="http://127.0.0.1:4318", help="OTLP over HTTP")
    parser.add_argument("--grpc", default="127.0.0.1:4317", help="OTLP over gRPC")
    parser.add_argument("--web", default="", help="the API that says which minutes are stored already")
    parser.add_argument("--seed", type=int, default=42)
    return parser.parse_args()


def _stop(stop: threading.Event) -> None:
    if not stop.is_set():
        stop.set()
        timer = threading.Timer(PATIENCE_S, end_process)
        timer.daemon = True
        timer.start()


if __name__ == "__main__":
    main()
