"""The shapes of the JSON that the API answers with."""

from typing import Any

from rest_framework import serializers


class ErrorDetail(serializers.Serializer[Any]):
    reason = serializers.CharField()
    column = serializers.IntegerField(required=False, help_text="Where `q` could not be read, from 1.")


class Error(serializers.Serializer[Any]):
    error = ErrorDetail()


class Services(serializers.Serializer[Any]):
    services = serializers.ListField(child=serializers.CharField())


class Operations(serializers.Serializer[Any]):
    service = serializers.CharField()
    operations = serializers.ListField(child=serializers.CharField())


class ServiceInTrace(serializers.Serializer[Any]):
    name = serializers.CharField()
    share = serializers.FloatField(help_text="Its share of the critical path, 0 to 1.")
    spans = serializers.IntegerField()
    errors = serializers.IntegerField()  # type: ignore[assignment]  # Serializer.errors is another thing


class MatchedSpan(serializers.Serializer[Any]):
    service = serializers.CharField()
    name = serializers.CharField()
    span_id = serializers.CharField()
    start_ns = serializers.CharField(help_text="Unix nanoseconds, as text: a JSON number would lose digits.")
    duration_ns = serializers.IntegerField()
    is_error = serializers.BooleanField()


class TraceInList(serializers.Serializer[Any]):
    trace_id = serializers.CharField()
    root_service = serializers.CharField()
    root_name = serializers.CharField()
    root_is_missing = serializers.BooleanField()
    start_ns = serializers.CharField(help_text="Unix nanoseconds, as text: a JSON number would lose digits.")
    duration_ns = serializers.IntegerField()
    spans = serializers.IntegerField()
    errors = serializers.IntegerField()  # type: ignore[assignment]  # Serializer.errors is another thing
    services = ServiceInTrace(many=True)
    matched = MatchedSpan(help_text="The span that placed this trace in the order asked for.")
    matches = serializers.IntegerField(help_text="Spans of the trace that match.")


class Total(serializers.Serializer[Any]):
    count = serializers.IntegerField()
    is_exact = serializers.BooleanField(help_text="False: there are at least `count`.")


class TraceList(serializers.Serializer[Any]):
    traces = TraceInList(many=True)
    next_cursor = serializers.CharField(allow_null=True)
    searched_back_to = serializers.CharField(
        allow_null=True,
        help_text="Unix nanoseconds where the time allowed ended; `next_cursor` goes on.",
    )
    total = Total()
