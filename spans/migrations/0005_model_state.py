"""What the models look like. The tables are made by the SQL before; here Django only learns of them."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("spans", "0004_tracing_spans"),
    ]

    operations = [
        migrations.CreateModel(
            name="AttributeKey",
            fields=[
                ("id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("project_id", models.IntegerField()),
                ("key", models.TextField()),
            ],
            options={
                "db_table": "spans_attribute_key",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="AttributeValue",
            fields=[
                ("id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("project_id", models.IntegerField()),
                ("key_id", models.BigIntegerField()),
                ("value", models.TextField()),
            ],
            options={
                "db_table": "spans_attribute_value",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="Block",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "cid",
                        "service_id",
                        "part",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("project_id", models.IntegerField()),
                ("cid", models.BigIntegerField()),
                ("service_id", models.BigIntegerField()),
                ("part", models.SmallIntegerField()),
                ("spans", models.IntegerField()),
                ("start_min_ns", models.BigIntegerField()),
                ("start_max_ns", models.BigIntegerField()),
                ("duration_max_ns", models.BigIntegerField()),
                ("ok_durations", models.BigIntegerField()),
                ("error_durations", models.BigIntegerField()),
                (
                    "operations",
                    django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None),
                ),
                (
                    "resources",
                    django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None),
                ),
                (
                    "start_ns",
                    django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None),
                ),
                (
                    "duration_ns",
                    django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None),
                ),
                (
                    "status",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.SmallIntegerField(), size=None
                    ),
                ),
                (
                    "kind",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.SmallIntegerField(), size=None
                    ),
                ),
                (
                    "operation",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.SmallIntegerField(), size=None
                    ),
                ),
                (
                    "resource",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.SmallIntegerField(), size=None
                    ),
                ),
                (
                    "trace_low",
                    django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None),
                ),
                (
                    "span_id",
                    django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None),
                ),
                (
                    "parent_id",
                    django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None),
                ),
                (
                    "chunk",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.SmallIntegerField(), size=None
                    ),
                ),
            ],
            options={
                "db_table": "spans_block",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="Chunk",
            fields=[
                ("cid", models.BigIntegerField(primary_key=True, serialize=False)),
                ("project_id", models.IntegerField()),
                ("head", models.BinaryField()),
                ("body", models.BinaryField()),
            ],
            options={
                "db_table": "spans_chunk",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="IngestRequest",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "hash", "day", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("hash", models.UUIDField()),
                ("day", models.DateField()),
                ("project_id", models.IntegerField()),
            ],
            options={
                "db_table": "spans_ingest_request",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="Operation",
            fields=[
                ("id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("project_id", models.IntegerField()),
                ("service_id", models.BigIntegerField()),
                ("name", models.TextField()),
            ],
            options={
                "db_table": "spans_operation",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="PartitionMeta",
            fields=[
                ("day", models.DateField(primary_key=True, serialize=False)),
                ("sealed", models.BooleanField()),
                ("start_min_ns", models.BigIntegerField(null=True)),
                ("start_max_ns", models.BigIntegerField(null=True)),
            ],
            options={
                "db_table": "spans_partition_meta",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="Resource",
            fields=[
                ("id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("project_id", models.IntegerField()),
                ("service_id", models.BigIntegerField()),
                ("raw", models.BinaryField()),
                ("day", models.DateField()),
            ],
            options={
                "db_table": "spans_resource",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="Service",
            fields=[
                ("id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("project_id", models.IntegerField()),
                ("name", models.TextField()),
            ],
            options={
                "db_table": "spans_service",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="TokenRun",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "prefix", "cid", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("project_id", models.IntegerField()),
                ("cid", models.BigIntegerField()),
                ("prefix", models.SmallIntegerField()),
                (
                    "tokens",
                    django.contrib.postgres.fields.ArrayField(base_field=models.IntegerField(), size=None),
                ),
                (
                    "chunks",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.SmallIntegerField(), size=None
                    ),
                ),
            ],
            options={
                "db_table": "spans_token_run",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="TraceChunk",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "project_id",
                        "trace_low",
                        "trace_high",
                        "cid",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("project_id", models.IntegerField()),
                ("trace_low", models.BigIntegerField()),
                ("trace_high", models.BigIntegerField()),
                ("cid", models.BigIntegerField()),
                ("spans", models.IntegerField()),
                ("errors", models.IntegerField()),
                ("start_min_ns", models.BigIntegerField()),
                ("end_max_ns", models.BigIntegerField()),
            ],
            options={
                "db_table": "spans_trace_chunk",
                "managed": False,
            },
        ),
    ]
