"""The tables, for Django's eyes: fields and keys, no behaviour.

The schema itself is SQL in `migrations/`; every table of spans is partitioned by day of arrival and has no
foreign keys, so that it can be spread over several machines as it is. `docs/data-model.md` tells what each
column means.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models


class Service(models.Model):
    id = models.BigIntegerField(primary_key=True)
    project_id = models.IntegerField()
    name = models.TextField()

    class Meta:
        db_table = "spans_service"

    def __str__(self) -> str:
        return self.name


class Operation(models.Model):
    id = models.BigIntegerField(primary_key=True)
    project_id = models.IntegerField()
    service_id = models.BigIntegerField()
    name = models.TextField()

    class Meta:
        db_table = "spans_operation"

    def __str__(self) -> str:
        return self.name


class Resource(models.Model):
    id = models.BigIntegerField(primary_key=True)
    project_id = models.IntegerField()
    service_id = models.BigIntegerField()
    raw = models.BinaryField()
    day = models.DateField()

    class Meta:
        db_table = "spans_resource"

    def __str__(self) -> str:
        return str(self.pk)


class AttributeKey(models.Model):
    id = models.BigIntegerField(primary_key=True)
    project_id = models.IntegerField()
    key = models.TextField()

    class Meta:
        db_table = "spans_attribute_key"

    def __str__(self) -> str:
        return self.key


class AttributeValue(models.Model):
    id = models.BigIntegerField(primary_key=True)
    project_id = models.IntegerField()
    key_id = models.BigIntegerField()
    value = models.TextField()

    class Meta:
        db_table = "spans_attribute_value"

    def __str__(self) -> str:
        return self.value


class IngestRequest(models.Model):
    pk = models.CompositePrimaryKey("hash", "day")
    hash = models.UUIDField()
    day = models.DateField()
    project_id = models.IntegerField()

    class Meta:
        db_table = "spans_ingest_request"

    def __str__(self) -> str:
        return str(self.hash)


class Chunk(models.Model):
    cid = models.BigIntegerField(primary_key=True)
    project_id = models.IntegerField()
    head = models.BinaryField()
    body = models.BinaryField()

    class Meta:
        db_table = "spans_chunk"

    def __str__(self) -> str:
        return str(self.cid)


class Block(models.Model):
    pk = models.CompositePrimaryKey("cid", "service_id", "part")
    project_id = models.IntegerField()
    cid = models.BigIntegerField()
    service_id = models.BigIntegerField()
    part = models.SmallIntegerField()
    spans = models.IntegerField()
    start_min_ns = models.BigIntegerField()
    start_max_ns = models.BigIntegerField()
    duration_max_ns = models.BigIntegerField()
    ok_durations = models.BigIntegerField()
    error_durations = models.BigIntegerField()
    operations = ArrayField(models.BigIntegerField())
    resources = ArrayField(models.BigIntegerField())
    start_ns = ArrayField(models.BigIntegerField())
    duration_ns = ArrayField(models.BigIntegerField())
    status = ArrayField(models.SmallIntegerField())
    kind = ArrayField(models.SmallIntegerField())
    operation = ArrayField(models.SmallIntegerField())
    resource = ArrayField(models.SmallIntegerField())
    trace_low = ArrayField(models.BigIntegerField())
    span_id = ArrayField(models.BigIntegerField())
    parent_id = ArrayField(models.BigIntegerField())
    chunk = ArrayField(models.SmallIntegerField())

    class Meta:
        db_table = "spans_block"

    def __str__(self) -> str:
        return f"{self.cid} {self.service_id} {self.part}"


class TraceChunk(models.Model):
    pk = models.CompositePrimaryKey("project_id", "trace_low", "trace_high", "cid")
    project_id = models.IntegerField()
    trace_low = models.BigIntegerField()
    trace_high = models.BigIntegerField()
    cid = models.BigIntegerField()
    spans = models.IntegerField()
    errors = models.IntegerField()
    start_min_ns = models.BigIntegerField()
    end_max_ns = models.BigIntegerField()

    class Meta:
        db_table = "spans_trace_chunk"

    def __str__(self) -> str:
        return f"{self.trace_low} {self.cid}"


class TokenRun(models.Model):
    pk = models.CompositePrimaryKey("prefix", "cid")
    project_id = models.IntegerField()
    cid = models.BigIntegerField()
    prefix = models.SmallIntegerField()
    tokens = ArrayField(models.IntegerField())
    chunks = ArrayField(models.SmallIntegerField())

    class Meta:
        db_table = "spans_token_run"

    def __str__(self) -> str:
        return f"{self.cid} {self.prefix}"


class PartitionMeta(models.Model):
    """What a day of arrival holds: a cache; `pg_inherits` tells which partitions exist."""

    day = models.DateField(primary_key=True)
    sealed = models.BooleanField()
    start_min_ns = models.BigIntegerField(null=True)
    start_max_ns = models.BigIntegerField(null=True)

    class Meta:
        db_table = "spans_partition_meta"

    def __str__(self) -> str:
        return str(self.day)
