"""Where spans live: partitioned by the day they arrive. The server makes the partitions, not a migration."""

from django.db import migrations

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
DROP TABLE spans_token_run;
DROP TABLE spans_trace_chunk;
DROP TABLE spans_block;
DROP TABLE spans_chunk;
"""


class Migration(migrations.Migration):
    dependencies = [("spans", "0001_dictionaries")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
