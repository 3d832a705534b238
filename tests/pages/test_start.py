import re
import subprocess
import time

import pytest
from django.db import connection
from django.test import Client

from tests.builders import fresh_service, fresh_trace_id, make_span, request_of, store


@pytest.fixture
def empty(db):
    """Nothing is stored, until the test's transaction is rolled back."""
    with connection.cursor() as cursor:
        for table in (
            "spans_block",
            "spans_chunk",
            "spans_trace_chunk",
            "spans_token_run",
            "spans_service",
            "spans_operation",
        ):
            cursor.execute(f"DELETE FROM {table}")


def test_a_server_without_spans_shows_how_to_send_the_first(empty):
    page = Client().get("/search", headers={"Host": "traces.example:8000"}).content.decode()
    assert "Send the first span" in page
    assert "OTEL_EXPORTER_OTLP_ENDPOINT</span>=http://traces.example:4318" in page
    assert "endpoint: traces.example:4317" in page


def test_the_front_door_leads_to_search(db):
    assert Client().get("/")["Location"] == "/search"


def test_the_page_waits_while_nothing_has_arrived(empty):
    page = Client().get("/start/waiting", {"since": str(int(time.time()) - 42)}).content.decode()
    assert "Nothing has arrived in 42 s" in page or "in 43 s" in page
    assert 'hx-trigger="load delay:2s"' in page


@pytest.mark.django_db(transaction=True)
def test_the_first_trace_is_told_and_then_the_results_open():
    store(request_of(make_span(trace_id=fresh_trace_id()), service=fresh_service()))
    page = Client().get("/start/waiting").content.decode()
    assert "The first trace is here" in page
    assert re.search(r'href="/trace/[0-9a-f]{32}"', page)
    assert Client().get("/start/waiting", {"arrived": "1"})["HX-Redirect"] == "/search"


def test_the_curl_line_is_one_valid_request(empty):
    page = Client().get("/search").content.decode()
    line = page.split('id="snippet-curl"')[1].split(">", 1)[1].split("</pre>")[0].strip()
    assert "\n" not in line
    shell = line.replace("&#x27;", "'").replace("&quot;", '"').split(" -d ", 1)[1]
    body = subprocess.run(
        ["sh", "-c", f"printf %s {shell}"], capture_output=True, text=True, check=True
    ).stdout
    assert '"traceId":"000000000000' in body
    assert "$(" not in body
