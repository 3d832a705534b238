"""Every limit: its unit in the name, its reason beside it."""

MIB = 1 << 20

# What is taken in.
BODY_BYTES_MAX = 64 * MIB  # the OTLP specification's own default, counted after decompression
QUEUE_BYTES_MAX = 64 * MIB  # decompressed bytes that wait for a flush; more is refused, to be sent again
FLUSH_BYTES_MAX = 16 * MIB  # raw bytes of one transaction: bounds memory and the time until the first answer
FLUSH_SPANS_MAX = 100_000  # spans of one transaction; a request larger than this is a flush of its own
REQUEST_SPANS_MAX = 1_000_000  # a body of 64 MiB can hold three million empty spans
START_NS_MAX = 4_102_444_800 * 10**9  # 2100-01-01; a broken clock would sort before everything
LINGER_SPANS = 2_000  # a flush below this waits TRACING_UI_LINGER_MS: its fixed cost is 2-3 ms
RETRY_AFTER_S = 1  # asked of a sender when the queue is full

# What a chunk and a flush hold.
CHUNK_SPANS_MAX = 512  # the SDK's own batch; larger saves 4 B a span and makes single spans dearer to read
CHUNK_RAW_BYTES_MAX = MIB
CHUNKS_PER_FLUSH_MAX = 4_096  # 12 bits of the chunk id
WRITERS_MAX = 512  # 9 bits of the chunk id
LATE_NS = 600 * 10**9  # a span that started earlier than this before its flush goes to part 1
EARLY_NS = 60 * 10**9  # and one that starts later than this after it

# Names kept for pruning and suggestions; past a cap the id is 0 = other and spans are found by recheck.
SERVICES_MAX = 1_000
OPERATIONS_PER_SERVICE_MAX = 2_000
OPERATIONS_MAX = 50_000
RESOURCES_PER_DAY_MAX = 10_000
ATTRIBUTE_KEYS_MAX = 2_000
ATTRIBUTE_VALUES_PER_KEY_MAX = 1_000
NAME_CHARACTERS_MAX = 1_000  # of a name in a dictionary; the span keeps all of it

# Reading.
CHUNKS_DECODED_AT_ONCE = 64  # ≤ 64 MiB raw
RESULTS_MAX = 1_000  # traces in one answer of the API
PAGE_TRACES = 40  # traces on one page of the list
SEARCH_PAGE_BUDGET_MS = 2_000
SEARCH_API_BUDGET_MS = 10_000
TOTAL_EXACT_MAX = 10_000  # traces counted before the total becomes "≥ n"
QUERY_CHARACTERS_MAX = 4_000
QUERY_DEPTH_MAX = 50  # nested parentheses
CHART_POINTS_MAX = 5_000  # Plotly stays quick below this
TRACE_SPANS_MAX = 1_000_000  # of one trace in the waterfall; the first million by start, and a notice
EVENT_MARKS_PER_SPAN_MAX = 50  # diamonds drawn on one bar
TABLE_ROWS = 200  # rows of the span table on one page
VALUE_CHARACTERS_SHOWN = 4_000  # of one attribute value in the drawer before "show all"
