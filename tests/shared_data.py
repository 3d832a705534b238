"""Real traces and hostile input, kept beside the project. Tests that need them skip where they are absent."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

SHARED = Path(__file__).resolve().parent.parent.parent / "shared" / "data"
needs_shared_data = pytest.mark.skipif(not SHARED.is_dir(), reason=f"no test data at {SHARED}")


def shared_bytes(name: str) -> bytes:
    """The content of one file, gunzipped when it is .gz."""
    content = (SHARED / name).read_bytes()
    return gzip.decompress(content) if name.endswith(".gz") else content


def shared_json(name: str) -> Any:
    return json.loads(shared_bytes(name))


def otlp_files() -> list[str]:
    """Names of all captures in OTLP's formats; [] where the data is absent."""
    return sorted(path.name for path in SHARED.glob("*.otlp.*"))
