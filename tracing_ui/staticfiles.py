"""Static files under hashed names, also where one ES module imports another; collected when changed."""

import fcntl
import hashlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import AppDirectoriesFinder, get_finders
from django.core.files.storage import Storage
from django.core.management import call_command
from whitenoise.storage import CompressedManifestStaticFilesStorage

APP_FILES = ("django_htmx/htmx-2.min.js",)


class HashedStaticFiles(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Never goes stale in a browser: each name holds the hash of its content, so it may be kept for ever."""

    support_js_module_import_aggregation = True
    max_post_process_passes = (
        30  # each settles one more level of imports; a cycle never settles, and is refused
    )


class UsedAppFiles(AppDirectoriesFinder):
    """Of what Django's apps bring along, only what our pages load: not all of the rest can be hashed."""

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, Storage]]:
        for name, storage in super().list(ignore_patterns):
            if name in APP_FILES:
                yield name, storage


def collect_when_changed() -> bool:
    """Brings STATIC_ROOT up to date under a lock. Returns whether that was necessary.

    Files of older versions stay: a server that is running may still be asked for them.
    """
    root = Path(settings.STATIC_ROOT)
    mark = root / ".collected"
    wanted = _fingerprint()
    if mark.exists() and mark.read_text() == wanted:
        return False
    root.mkdir(parents=True, exist_ok=True)
    with (root / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if mark.exists() and mark.read_text() == wanted:
            return False
        for name, _ in _source_files():
            if (root / name).exists():
                os.utime(root / name, (0, 0))  # collectstatic passes over what looks newer than its source
        call_command("collectstatic", interactive=False, verbosity=0)
        aside = root / ".collected.new"
        aside.write_text(wanted)
        aside.rename(mark)
    return True


def _fingerprint() -> str:
    """A hash over names and contents: times of change differ between a checkout and an image made from it."""
    digest = hashlib.blake2b(digest_size=16)
    for name, path in sorted(_source_files()):
        digest.update(f"{name}\0{path.stat().st_size}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _source_files() -> Iterator[tuple[str, Path]]:
    for finder in get_finders():
        for name, storage in finder.list(["CVS", ".*", "*~"]):
            yield os.fspath(name), Path(storage.path(name))


if (
    __name__ == "__main__"
):  # while an image is built: DJANGO_SETTINGS_MODULE=… python -m tracing_ui.staticfiles
    import django

    django.setup()
    collect_when_changed()
