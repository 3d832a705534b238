"""Errors as JSON: {"error": {"reason": …}}, with the column where a query could not be read."""

from collections.abc import Mapping
from typing import Any

from rest_framework.exceptions import APIException
from rest_framework.response import Response
from rest_framework.views import exception_handler

from spans.limits import RETRY_AFTER_S
from spans.search.cursor import BadCursor
from spans.search.parse import ParseError
from spans.store.database import DatabaseAway, OutOfTime


class BadParameter(APIException):
    """A parameter of the address that can't be read."""

    status_code = 400


def answer(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """The answer to an error that the asker can do something about; None for our own faults."""
    if isinstance(error, ParseError):
        return _refuse(422, str(error.reason), column=error.column)
    if isinstance(error, BadCursor):
        return _refuse(400, "the cursor is not one of ours, or belongs to another search")
    if isinstance(error, OutOfTime):
        return _refuse(503, "the search took too long: narrow its time window or name a service", retry=True)
    if isinstance(error, DatabaseAway):
        return _refuse(503, "the database can't be reached", retry=True)
    known = exception_handler(error, dict(context))
    if known is None:
        return None
    return _refuse(known.status_code, str(getattr(error, "detail", "not found")))


def _refuse(status: int, reason: str, *, column: int | None = None, retry: bool = False) -> Response:
    place = {} if column is None else {"column": column}
    headers = {"Retry-After": str(RETRY_AFTER_S)} if retry else None
    return Response({"error": {"reason": reason, **place}}, status=status, headers=headers)
