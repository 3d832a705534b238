"""The SQL door for people: tracing_spans(from_ts, to_ts, service, min_duration), one row a span.

One SELECT, stable and not strict, so that Postgres inlines it: the bounds reach the blocks' indexes, and the
trace id is looked up only when it is selected.
"""

from django.db import migrations

FORWARD = """
CREATE FUNCTION tracing_spans(
  from_ts timestamptz, to_ts timestamptz, service text DEFAULT NULL, min_duration interval DEFAULT '0')
RETURNS TABLE (
  trace_id text, span_id text, parent_span_id text, service_name text, name text, kind smallint,
  status smallint, start_time timestamptz, start_ns bigint, duration interval, duration_ns bigint, cid bigint)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT (SELECT lpad(to_hex(t.trace_high), 16, '0') || lpad(to_hex(t.trace_low), 16, '0')
            FROM spans_trace_chunk t
           WHERE t.project_id = b.project_id AND t.trace_low = s.trace_low AND t.cid = b.cid + s.chunk
           LIMIT 1),
         lpad(to_hex(s.span_id), 16, '0'),
         nullif(lpad(to_hex(s.parent_id), 16, '0'), '0000000000000000'),
         (SELECT v.name FROM spans_service v WHERE v.id = b.service_id),
         (SELECT o.name FROM spans_operation o WHERE o.id = b.operations[s.operation + 1]),
         s.kind,
         s.status,
         timestamptz 'epoch' + (s.start_ns / 1000) * interval '1 microsecond',
         s.start_ns,
         (s.duration_ns / 1000) * interval '1 microsecond',
         s.duration_ns,
         b.cid + s.chunk
    FROM spans_block b,
         unnest(b.start_ns, b.duration_ns, b.status, b.kind, b.operation, b.trace_low, b.span_id, b.parent_id,
                b.chunk)
           AS s (start_ns, duration_ns, status, kind, operation, trace_low, span_id, parent_id, chunk)
   WHERE b.project_id = 1
     AND b.start_max_ns >= (extract(epoch FROM from_ts) * 1000000000)::bigint
     AND b.start_min_ns < (extract(epoch FROM to_ts) * 1000000000)::bigint
     AND (tracing_spans.service IS NULL
          OR b.service_id = ANY (ARRAY(SELECT v.id FROM spans_service v
                                        WHERE v.project_id = 1 AND v.name = tracing_spans.service)))
     AND b.duration_max_ns >= (extract(epoch FROM min_duration) * 1000000000)::bigint
     AND s.start_ns >= (extract(epoch FROM from_ts) * 1000000000)::bigint
     AND s.start_ns < (extract(epoch FROM to_ts) * 1000000000)::bigint
     AND s.duration_ns >= (extract(epoch FROM min_duration) * 1000000000)::bigint
$$;
"""

BACKWARD = "DROP FUNCTION tracing_spans(timestamptz, timestamptz, text, interval);"


class Migration(migrations.Migration):
    dependencies = [("spans", "0004_array_storage")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
