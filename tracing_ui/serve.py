"""The parent of the receiver and web processes: starts them, restarts what crashes, stops them in order."""

import functools
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.conf import settings

from tracing_ui.parent_death import die_with_parent
from tracing_ui.prepare import CanNotStart, prepare
from tracing_ui.wakeups import Wakeups

LOOK_SECONDS = 0.5
LOOK_SECONDS_WHILE_STARTING = 0.05
RESTART_SECONDS_MAX = 30.0
STEADY_SECONDS = 60.0  # after that long a child has recovered: the next crash waits a second again
STOP_SECONDS_MAX = 30.0


@dataclass(frozen=True, slots=True)
class Child:
    """A process of ours. With `ports` it has started when they take connections; without, at once."""

    name: str
    command: tuple[str, ...]
    ports: tuple[int, ...] = ()


@dataclass(slots=True)
class Running:
    """A child and what became of it."""

    child: Child
    process: subprocess.Popen[bytes]
    started_s: float = field(default_factory=time.monotonic)
    is_ready: bool = False
    restart_at_s: float | None = None
    crashes: int = 0


def run(*, web: bool = True, receivers: int = 1, extra_children: Sequence[Child] = ()) -> int:
    """Serves until SIGINT or SIGTERM. Returns the exit code; what went wrong has been said on stderr."""
    children = [_receiver(number) for number in range(receivers)]
    children += [_web()] if web else []
    ports = {port for child in children for port in child.ports}
    try:
        prepare(ports=sorted(ports))
    except CanNotStart as error:
        sys.stderr.write(f"tracing-ui can't start: {error}\n")
        return 1
    # Extra children last: they use what the others offer. Stopped in the reverse order, but the receiver
    # before the web process, so that a page can be read until the last span is stored.
    return Parent(receivers=receivers).run(children, extra_children)


def python(*arguments: str) -> tuple[str, ...]:
    """A command that runs Python with these arguments in the project's folder."""
    return (sys.executable, *arguments)


def _receiver(number: int) -> Child:
    ports = (settings.OTLP_HTTP_PORT, settings.OTLP_GRPC_PORT)
    return Child(f"receiver {number + 1}", python("manage.py", "receive"), ports)


def _web() -> Child:
    return Child("web", python("-m", "tracing_ui.web"), (settings.PORT,))


class Parent:
    """Watches over its children."""

    def __init__(self, *, receivers: int) -> None:
        self.environ = {**os.environ, "TRACING_UI_RECEIVERS": str(max(receivers, 1))}
        self.running: list[Running] = []
        self.wakeups = Wakeups(signal.SIGINT, signal.SIGTERM)

    def run(self, children: Sequence[Child], extra_children: Sequence[Child]) -> int:
        self.running = [self._start(child) for child in children]
        exit_code = self._wait_until_ready()
        if exit_code is None:
            announce([one.child for one in self.running])
            self.running += [self._start(child) for child in extra_children]
            self._watch()
            exit_code = 0
        for group in (extra_children, children):  # receivers come before web in `children`
            for child in group:
                self._stop(child)
        return exit_code

    def _start(self, child: Child) -> Running:
        process = subprocess.Popen(
            child.command,
            stdin=subprocess.DEVNULL,
            cwd=settings.BASE_DIR,
            env=self.environ,
            start_new_session=True,  # Ctrl-C in a terminal is for the parent, which stops us in order
            # Killed with its parent: what isn't stored hasn't been answered, so its sender sends it again.
            preexec_fn=functools.partial(die_with_parent, os.getpid(), signal.SIGKILL),
        )
        return Running(child, process)

    def _wait_until_ready(self) -> int | None:
        """Returns None when all children serve, else the exit code: of the child that could not start."""
        while not all(one.is_ready for one in self.running):
            if self.wakeups.stops:
                return 0
            for one in self.running:
                if one.process.poll() is not None:
                    sys.stderr.write(f"{one.child.name} ended before it was ready ({_how(one.process)})\n")
                    return 1
                one.is_ready = one.is_ready or all(_takes_connections(port) for port in one.child.ports)
            self.wakeups.wait(LOOK_SECONDS_WHILE_STARTING)
        return None

    def _watch(self) -> None:
        while not self.wakeups.stops:
            self.wakeups.wait(LOOK_SECONDS)
            for place, one in enumerate(self.running):
                self.running[place] = self._revive(one)

    def _revive(self, one: Running) -> Running:
        """The child as it is, or its successor when it crashed a while ago."""
        now_s = time.monotonic()
        if one.process.poll() is None:
            return one
        if one.restart_at_s is None:
            crashes = 1 if now_s - one.started_s > STEADY_SECONDS else one.crashes + 1
            wait_s = min(2.0 ** (crashes - 1), RESTART_SECONDS_MAX)
            how = _how(one.process)
            sys.stderr.write(f"{one.child.name} ended ({how}); it is started again in {wait_s:.0f} s\n")
            one.crashes, one.restart_at_s = crashes, now_s + wait_s
        if now_s < one.restart_at_s:
            return one
        successor = self._start(one.child)
        successor.crashes = one.crashes
        return successor

    def _stop(self, child: Child) -> None:
        """Asks the child to end, and waits; a second signal to us, or patience's end, kills it."""
        end_s = time.monotonic() + STOP_SECONDS_MAX
        for one in (one for one in self.running if one.child == child):
            if one.process.poll() is None:
                one.process.terminate()
            while one.process.poll() is None and self.wakeups.stops < 2 and time.monotonic() < end_s:
                self.wakeups.wait(LOOK_SECONDS)
            if one.process.poll() is None:
                one.process.kill()
                one.process.wait()


def announce(children: Sequence[Child]) -> None:
    """Tells the operator where to look and where to send."""
    host = "localhost" if settings.HOST in ("0.0.0.0", "::", "127.0.0.1") else settings.HOST  # noqa: S104
    names = {child.name.split(" ")[0] for child in children}
    lines = []
    if "web" in names:
        lines.append(f"tracing-ui     http://{host}:{settings.PORT}")
    if "receiver" in names:
        lines.append(f"send spans to  http://{host}:{settings.OTLP_HTTP_PORT} (OTLP over HTTP)")
        lines.append(f"               http://{host}:{settings.OTLP_GRPC_PORT} (OTLP over gRPC)")
    sys.stdout.write("\n".join(["", *lines, "", ""]))
    sys.stdout.flush()


def _takes_connections(port: int) -> bool:
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.HOST, settings.HOST)  # noqa: S104
    try:
        socket.create_connection((host, port), timeout=1).close()
    except OSError:
        return False
    return True


def _how(process: subprocess.Popen[bytes]) -> str:
    code = process.returncode
    return f"exit code {code}" if code >= 0 else f"killed by {signal.Signals(-code).name}"
