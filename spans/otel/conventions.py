"""Semantic conventions that the product knows by name.

Source: OpenTelemetry semantic conventions 1.37, exceptions on spans.
"""

EXCEPTION_TYPE = "exception.type"
EXCEPTION_MESSAGE = "exception.message"
EXCEPTION_STACK = "exception.stacktrace"
