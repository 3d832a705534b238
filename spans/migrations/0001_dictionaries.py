"""Names by hash id: they prune and suggest, nothing depends on them."""

from django.db import migrations

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
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
