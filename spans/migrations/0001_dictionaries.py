"""Names by hash id: they prune and suggest, nothing depends on them."""

from django.db import migrations, models

FORWARD = """
SET LOCAL lock_timeout = '5s';

CREATE TABLE spans_service (
  id          bigint PRIMARY KEY,
  project_id  int    NOT NULL,
  name        text   NOT NULL
);
CREATE INDEX spans_service_name ON spans_service (project_id, name);

CREATE TABLE spans_operation (
  id          bigint PRIMARY KEY,
  project_id  int    NOT NULL,
  service_id  bigint NOT NULL,
  name        text   NOT NULL
);
CREATE INDEX spans_operation_service ON spans_operation (project_id, service_id);

CREATE TABLE spans_resource (
  id          bigint PRIMARY KEY,
  project_id  int    NOT NULL,
  service_id  bigint NOT NULL,
  raw         bytea  NOT NULL,
  day         date   NOT NULL
);
CREATE INDEX spans_resource_day ON spans_resource (project_id, day);

CREATE TABLE spans_attribute_key (
  id          bigint PRIMARY KEY,
  project_id  int    NOT NULL,
  key         text   NOT NULL
);

CREATE TABLE spans_attribute_value (
  id          bigint PRIMARY KEY,
  project_id  int    NOT NULL,
  key_id      bigint NOT NULL,
  value       text   NOT NULL
);
CREATE INDEX spans_attribute_value_key ON spans_attribute_value (project_id, key_id);
"""

BACKWARD = """
DROP TABLE spans_attribute_value;
DROP TABLE spans_attribute_key;
DROP TABLE spans_resource;
DROP TABLE spans_operation;
DROP TABLE spans_service;
"""


class Migration(migrations.Migration):
    initial = True
    dependencies: list[tuple[str, str]] = []
    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(FORWARD, BACKWARD)],
            state_operations=[
                migrations.CreateModel(
                    name="Service",
                    fields=[
                        ("id", models.BigIntegerField(primary_key=True, serialize=False)),
                        ("project_id", models.IntegerField()),
                        ("name", models.TextField()),
                    ],
                    options={
                        "db_table": "spans_service",
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
                    },
                ),
                migrations.CreateModel(
                    name="AttributeKey",
                    fields=[
                        ("id", models.BigIntegerField(primary_key=True, serialize=False)),
                        ("project_id", models.IntegerField()),
                        ("key", models.TextField()),
                    ],
                    options={
                        "db_table": "spans_attribute_key",
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
                    },
                ),
            ],
        ),
    ]
