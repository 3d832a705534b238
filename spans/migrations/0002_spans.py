"""Where spans live: partitioned by the day they arrive. The server makes the partitions, not a migration."""

import django.contrib.postgres.fields
from django.db import migrations, models

FORWARD = """
SET LOCAL lock_timeout = '5s';

CREATE TABLE spans_chunk (
  project_id  int    NOT NULL,
  cid         bigint NOT NULL,
  head        bytea  NOT NULL,
  body        bytea  NOT NULL,
  PRIMARY KEY (cid)
) PARTITION BY RANGE (cid);
ALTER TABLE spans_chunk ALTER head SET STORAGE EXTERNAL, ALTER body SET STORAGE EXTERNAL;

CREATE TABLE spans_block (
  project_id       int        NOT NULL,
  cid              bigint     NOT NULL,
  service_id       bigint     NOT NULL,
  part             smallint   NOT NULL,
  spans            int        NOT NULL,
  start_min_ns     bigint     NOT NULL,
  start_max_ns     bigint     NOT NULL,
  duration_max_ns  bigint     NOT NULL,
  ok_durations     bigint     NOT NULL,
  error_durations  bigint     NOT NULL,
  operations       bigint[]   NOT NULL,
  resources        bigint[]   NOT NULL,
  start_ns         bigint[]   NOT NULL,
  duration_ns      bigint[]   NOT NULL,
  status           smallint[] NOT NULL,
  kind             smallint[] NOT NULL,
  operation        smallint[] NOT NULL,
  resource         smallint[] NOT NULL,
  trace_low        bigint[]   NOT NULL,
  span_id          bigint[]   NOT NULL,
  parent_id        bigint[]   NOT NULL,
  chunk            smallint[] NOT NULL,
  PRIMARY KEY (cid, service_id, part)
) PARTITION BY RANGE (cid);
CREATE INDEX spans_block_service_start ON spans_block (service_id, start_max_ns)
  INCLUDE (start_min_ns, ok_durations, error_durations, cid, part);
CREATE INDEX spans_block_start ON spans_block (start_max_ns);
CREATE INDEX spans_block_service_duration ON spans_block (service_id, duration_max_ns);
CREATE INDEX spans_block_duration ON spans_block (duration_max_ns);

CREATE TABLE spans_trace_chunk (
  project_id    int    NOT NULL,
  trace_low     bigint NOT NULL,
  trace_high    bigint NOT NULL,
  cid           bigint NOT NULL,
  spans         int    NOT NULL,
  errors        int    NOT NULL,
  start_min_ns  bigint NOT NULL,
  end_max_ns    bigint NOT NULL,
  PRIMARY KEY (project_id, trace_low, trace_high, cid)
) PARTITION BY RANGE (cid);

CREATE TABLE spans_token_run (
  project_id  int        NOT NULL,
  cid         bigint     NOT NULL,
  prefix      smallint   NOT NULL,
  tokens      int[]      NOT NULL,
  chunks      smallint[] NOT NULL,
  PRIMARY KEY (prefix, cid)
) PARTITION BY RANGE (cid);
"""

BACKWARD = """
DROP TABLE spans_token_run;
DROP TABLE spans_trace_chunk;
DROP TABLE spans_block;
DROP TABLE spans_chunk;
"""


class Migration(migrations.Migration):
    dependencies = [("spans", "0001_dictionaries")]
    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(FORWARD, BACKWARD)],
            state_operations=[
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
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.BigIntegerField(), size=None
                            ),
                        ),
                        (
                            "resources",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.BigIntegerField(), size=None
                            ),
                        ),
                        (
                            "start_ns",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.BigIntegerField(), size=None
                            ),
                        ),
                        (
                            "duration_ns",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.BigIntegerField(), size=None
                            ),
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
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.BigIntegerField(), size=None
                            ),
                        ),
                        (
                            "span_id",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.BigIntegerField(), size=None
                            ),
                        ),
                        (
                            "parent_id",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.BigIntegerField(), size=None
                            ),
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
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.IntegerField(), size=None
                            ),
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
                    },
                ),
            ],
        ),
    ]
