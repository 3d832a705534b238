"""Which requests were accepted, so that one sent again is stored once; and what each day of arrival holds."""

from django.db import migrations, models

FORWARD = """
SET LOCAL lock_timeout = '5s';

CREATE TABLE spans_ingest_request (
  hash        uuid NOT NULL,
  day         date NOT NULL,
  project_id  int  NOT NULL,
  PRIMARY KEY (hash, day)
) PARTITION BY RANGE (day);

CREATE TABLE spans_partition_meta (
  day           date    PRIMARY KEY,
  sealed        boolean NOT NULL,
  start_min_ns  bigint,
  start_max_ns  bigint
);
"""

BACKWARD = """
DROP TABLE spans_partition_meta;
DROP TABLE spans_ingest_request;
"""


class Migration(migrations.Migration):
    dependencies = [("spans", "0002_spans")]
    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(FORWARD, BACKWARD)],
            state_operations=[
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
                    },
                ),
            ],
        ),
    ]
