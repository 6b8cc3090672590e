/* Events in words. */
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "trace/state.h"

/* Longest piece of a value or a text that is printed, in bytes. */
enum { PIECE_MAX = 200 };

/* Text into a buffer that may be too small: `length` counts what it would need. */
struct sink {
    char *buffer;
    size_t size;
    size_t length;
};

static void put_bytes(struct sink *sink, const char *bytes, size_t count)
{
    if (sink->length + 1 < sink->size) {
        size_t room = sink->size - 1 - sink->length;
        memcpy(sink->buffer + sink->length, bytes, count < room ? count : room);
    }
    sink->length += count;
}

static void put(struct sink *sink, const char *text)
{
    put_bytes(sink, text, strlen(text));
}

static void putf(struct sink *sink, const char *fmt, ...) FLOW_PRINTF(2, 3);
static void putf(struct sink *sink, const char *fmt, ...)
{
    char text[128];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    put(sink, text);
}

/* Ends the text. A character that the end of the buffer would cut in two goes altogether. */
static size_t finish(struct sink *sink)
{
    if (sink->size == 0)
        return sink->length;
    size_t end = sink->length < sink->size ? sink->length : sink->size - 1;
    if (end < sink->length) {
        size_t start = end;
        while (start > 0 && ((unsigned char)sink->buffer[start - 1] & 0xc0) == 0x80)
            start--;
        if (start > 0 && (unsigned char)sink->buffer[start - 1] >= 0xc0) {
            unsigned cp;
            if (utf8_decode(sink->buffer + start - 1, end - start + 1, &cp) == 0)
                end = start - 1;
        }
    }
    sink->buffer[end] = '\0';
    return sink->length;
}

/* Control characters, and those that turn the direction of the text around them or hide. */
static bool is_unprintable(unsigned cp)
{
    return cp < 0x20 || (cp >= 0x7f && cp < 0xa0) || cp == 0x061c || (cp >= 0x200b && cp <= 0x200f) ||
           (cp >= 0x2028 && cp <= 0x202e) || (cp >= 0x2060 && cp <= 0x206f) || cp == 0xfeff;
}

static void put_escaped(struct sink *sink, const char *text, size_t length)
{
    for (size_t i = 0; i < length;) {
        unsigned cp = 0;
        size_t size = utf8_decode(text + i, length - i, &cp);
        if (size == 0)
            putf(sink, "\\x%02x", (unsigned)(unsigned char)text[i]);
        else if (cp == '\n' || cp == '\t' || cp == '\r')
            put(sink, cp == '\n' ? "\\n" : cp == '\t' ? "\\t" : "\\r");
        else if (cp < 0x80 && is_unprintable(cp))
            putf(sink, "\\x%02x", cp);
        else if (is_unprintable(cp))
            putf(sink, "\\u{%x}", cp);
        else
            put_bytes(sink, text + i, size);
        i += size ? size : 1;
    }
}

/* The largest length up to `limit` that does not cut a character. */
static size_t cut_length(const char *text, size_t length, size_t limit)
{
    if (length <= limit)
        return length;
    while (limit > 0 && ((unsigned char)text[limit] & 0xc0) == 0x80)
        limit--;
    return limit;
}

static void put_text(struct sink *sink, const char *text, size_t length)
{
    size_t shown = cut_length(text, length, PIECE_MAX);
    put_escaped(sink, text, shown);
    if (shown < length)
        put(sink, "...");
}

static void put_value(struct sink *sink, struct flow_value value)
{
    char text[PIECE_MAX + 4];
    size_t length = flow_value_print(value, text, sizeof text);
    if (length < sizeof text) {
        put_escaped(sink, text, length);
        return;
    }
    put_escaped(sink, text, cut_length(text, sizeof text - 1, PIECE_MAX));
    put(sink, "...");
}

static void put_task(struct sink *sink, const struct trace_state *state, flow_task task, uint32_t iteration)
{
    const char *id = trace_state_task_id(state, task);
    put_text(sink, id, strlen(id));
    if (iteration > 1)
        putf(sink, "#%u", iteration);
}

static void put_id(struct sink *sink, const struct trace_state *state, flow_task task)
{
    put_task(sink, state, task, 1);
}

static void put_key(struct sink *sink, const struct trace_state *state, const struct flow_event *event)
{
    const char *name = trace_state_key_name(state, event->key);
    if (event->key < state->keys.count && state->keys.at[event->key].name)
        put_text(sink, name, strlen(name));
    else if (event->text_length) /* the state is from before the key's first event */
        put_text(sink, event->text, event->text_length);
    else
        put(sink, name);
}

/* ": text", or nothing for an empty text. */
static void put_message(struct sink *sink, const struct flow_event *event)
{
    if (event->text_length == 0)
        return;
    put(sink, ": ");
    put_text(sink, event->text, event->text_length);
}

/* The iteration of an entry that is in the queue or runs; 1 where it is not known. */
static uint32_t iteration_of(const struct trace_state *state, uint64_t entry)
{
    if (state->current_entry.number == entry)
        return state->current_entry.iteration;
    for (size_t i = 0; i < state->queue.count; i++)
        if (state->queue.at[i].number == entry)
            return state->queue.at[i].iteration;
    return 1;
}

static void put_entry(struct sink *sink, const struct trace_state *state, const struct flow_event *event)
{
    put_task(sink, state, event->task, iteration_of(state, event->entry));
}

typedef void (*print_fn)(struct sink *sink, const struct trace_state *state, const struct flow_event *event);

static void print_run_started(
    struct sink *sink, const struct trace_state *state, const struct flow_event *event)
{
    put(sink, "run of ");
    put_text(sink, event->text, event->text_length);
    put(sink, " started");
    static const char *const members[] = {"profile", "seed"};
    bool is_first = true;
    for (size_t i = 0; i < 2; i++) {
        struct flow_value v;
        if (flow_map_get(event->value, members[i], strlen(members[i]), &v) != FLOW_OK)
            continue;
        size_t length;
        const char *text = flow_value_text(v, &length);
        put(sink, is_first ? " (" : ", ");
        is_first = false;
        putf(sink, "%s ", members[i]);
        if (text)
            put_text(sink, text, length);
        else
            put_value(sink, v);
    }
    if (!is_first)
        put(sink, ")");
}

static void print_run_ended(
    struct sink *sink, const struct trace_state *state, const struct flow_event *event)
{
    putf(sink, "run ended: %s", flow_outcome_name((unsigned)event->code));
    if (event->task != FLOW_TASK_NONE) {
        put(sink, " by ");
        put_id(sink, state, event->task);
    } else if (event->origin == FLOW_ORIGIN_USER) {
        put(sink, " by user");
    }
    put_message(sink, event);
}

static void print_task_added(
    struct sink *sink, const struct trace_state *state, const struct flow_event *event)
{
    put(sink, "task ");
    put_text(sink, event->text, event->text_length);
    put(sink, " added");
    if (event->other != FLOW_TASK_NONE) {
        put(sink, " by ");
        put_id(sink, state, event->other);
    }
    if (event->detail_length) {
        put(sink, " (");
        put_text(sink, event->detail, event->detail_length);
        put(sink, ")");
    }
}

static void print_task_redefined(
    struct sink *sink, const struct trace_state *state, const struct flow_event *event)
{
    put(sink, "task ");
    put_id(sink, state, event->task);
    put(sink, " redefined");
    if (event->other != FLOW_TASK_NONE) {
        put(sink, " by ");
        put_id(sink, state, event->other);
    }
}

static void print_edge_added(
    struct sink *sink, const struct trace_state *state, const struct flow_event *event)
{
    put(sink, "edge ");
    put_id(sink, state, event->task);
    put(sink, " -> ");
    put_id(sink, state, event->other);
}

/* "enqueued b (successor of a)" */
static void print_enqueued(struct sink *sink, const struct trace_state *state, const struct flow_event *event)
{
    put(sink, "enqueued ");
    put_task(sink, state, event->task, event->iteration);
    putf(sink, " (%s", flow_reason_name(event->reason));
    if (event->origin == FLOW_ORIGIN_USER) {
        put(sink, " by user");
    } else if (event->other != FLOW_TASK_NONE && event->other != event->task) {
        put(sink, event->reason == FLOW_REASON_SUCCESSOR ? " of " : " by ");
        put_id(sink, state, event->other);
    }
    if (event->value.type != FLOW_TYPE_NULL) {
        put(sink, ", data ");
        put_value(sink, event->value);
    }
    put(sink, ")");
}

static void print_dequeued(struct sink *sink, const struct trace_state *state, const struct flow_event *event)
{
    put(sink, "took ");
    put_entry(sink, state, event);
    put(sink, " from the queue");
}

static void print_dropped(struct sink *sink, const struct trace_state *state, const struct flow_event *event)
{
    put(sink, event->code ? "skipped " : "dropped ");
    put_entry(sink, state, event);
    put(sink, event->code ? ": it will not run, its successors are enqueued" : ": it will not run");
}

static void print_moved(struct sink *sink, const struct trace_state *state, const struct flow_event *event)
{
    put(sink, "moved ");
    put_entry(sink, state, event);
    if (event->position == 0)
        put(sink, " to the front");
    else
        putf(sink, " to position %llu", (unsigned long long)event->position);
}

static void print_withdrawn(
    struct sink *sink, const struct trace_state *state, const struct flow_event *event)
{
    put(sink, "withdrew ");
    put_entry(sink, state, event);
    put(sink, ", enqueued by an attempt that failed");
}

static void print_abandoned(
    struct sink *sink, const struct trace_state *state, const struct flow_event *event)
{
    put(sink, "abandoned ");
    if (event->entry) {
        put_entry(sink, state, event);
        return;
    }
    put_id(sink, state, event->task);
    put(sink, ", a held successor of ");
    put_id(sink, state, event->other);
}

static void print_step_started(
    struct sink *sink, const struct trace_state *state, const struct flow_event *event)
{
    putf(sink, "step %llu started: ", (unsigned long long)event->step);
    put_task(sink, state, event->task, event->iteration);
    if (event->count > 1)
        putf(sink, " (attempt %llu)", (unsigned long long)event->count);
}

/* The iteration of the step that runs, for events that do not carry it. */
static uint32_t current_iteration(const struct trace_state *state, const struct flow_event *event)
{
    return state->current == event->task ? state->current_entry.iteration : 1;
}

static void print_returned(struct sink *sink, const struct trace_state *state, const struct flow_event *event)
{
    put_task(sink, state, event->task, current_iteration(state, event));
    if (event->code == FLOW_STEP_FAILED || event->code == FLOW_STEP_RETRIED) {
        put(sink, " failed");
        return;
    }
    put(sink, " returned ");
    put_value(sink, event->value);
}

static void print_step_ended(
    struct sink *sink, const struct trace_state *state, const struct flow_event *event)
{
    putf(sink, "step %llu ended: ", (unsigned long long)event->step);
    put_task(sink, state, event->task, current_iteration(state, event));
    putf(sink, " %s", flow_step_outcome_name((unsigned)event->code));
}

static void print_skipped(struct sink *sink, const struct trace_state *state, const struct flow_event *event)
{
    put(sink, "skipped ");
    put_id(sink, state, event->task);
    put(sink, ", successor of ");
    put_id(sink, state, event->other);
    if (event->origin == FLOW_ORIGIN_USER)
        put(sink, " (by hand)");
    else
        putf(sink, " (%s)", flow_request_name((unsigned)event->code));
}

static void print_held(struct sink *sink, const struct trace_state *state, const struct flow_event *event)
{
    put(sink, "held ");
    put_id(sink, state, event->task);
    put(sink, " until the last iteration of ");
    put_id(sink, state, event->other);
}

static void print_released(struct sink *sink, const struct trace_state *state, const struct flow_event *event)
{
    put(sink, "released ");
    put_id(sink, state, event->task);
    put(sink, ", held by ");
    put_id(sink, state, event->other);
}

static void print_join_arrived(
    struct sink *sink, const struct trace_state *state, const struct flow_event *event)
{
    put_id(sink, state, event->other);
    put(sink, " arrived at ");
    put_id(sink, state, event->task);
    putf(sink, " (%llu", (unsigned long long)event->count);
    if (event->task < state->tasks.count)
        putf(sink, " of %u", state->tasks.at[event->task].needed);
    put(sink, ")");
}

static void print_join_absorbed(
    struct sink *sink, const struct trace_state *state, const struct flow_event *event)
{
    put_id(sink, state, event->other);
    put(sink, " arrived at ");
    put_id(sink, state, event->task);
    put(sink, " once more: absorbed");
}

static void print_blocked(struct sink *sink, const struct trace_state *state, const struct flow_event *event)
{
    put_id(sink, state, event->task);
    put(sink, " is blocked: it waits for ");
    put_id(sink, state, event->other);
    put_message(sink, event);
}

static void print_channel_set(
    struct sink *sink, const struct trace_state *state, const struct flow_event *event)
{
    put_key(sink, state, event);
    if (event->code) {
        put(sink, ": ");
        put_value(sink, event->old);
        put(sink, " -> ");
    } else {
        put(sink, " = ");
    }
    put_value(sink, event->value);
}

static void print_channel_deleted(
    struct sink *sink, const struct trace_state *state, const struct flow_event *event)
{
    put_key(sink, state, event);
    put(sink, " deleted, was ");
    put_value(sink, event->old);
}

/* The call as one writes it: "calls next_task(b, goto)". */
static void print_request(struct sink *sink, const struct trace_state *state, const struct flow_event *event)
{
    bool is_goto = event->code == FLOW_REQUEST_GOTO;
    putf(sink, "%s %s(", event->origin == FLOW_ORIGIN_USER ? "user calls" : "calls",
        flow_request_name(is_goto ? FLOW_REQUEST_NEXT_TASK : (unsigned)event->code));
    switch ((enum flow_request)event->code) {
    case FLOW_REQUEST_NEXT_TASK:
    case FLOW_REQUEST_GOTO:
        put_id(sink, state, event->task);
        put(sink, is_goto ? ", goto" : "");
        break;
    case FLOW_REQUEST_NEXT_ITERATION:
        if (event->value.type != FLOW_TYPE_NULL)
            put_value(sink, event->value);
        break;
    case FLOW_REQUEST_TERMINATE:
    case FLOW_REQUEST_CANCEL:
        put(sink, "\"");
        put_text(sink, event->text, event->text_length);
        put(sink, "\"");
        break;
    }
    put(sink, ")");
}

static void print_retry(struct sink *sink, const struct trace_state *state, const struct flow_event *event)
{
    put_id(sink, state, event->task);
    putf(sink, " will be retried (%llu", (unsigned long long)event->count);
    if (event->task < state->tasks.count && state->tasks.at[event->task].max_retries)
        putf(sink, " of %u", state->tasks.at[event->task].max_retries);
    put(sink, ")");
}

static void print_limit(struct sink *sink, const struct trace_state *state, const struct flow_event *event)
{
    putf(sink, "%s reached", flow_limit_name((unsigned)event->code));
    if (event->task != FLOW_TASK_NONE) {
        put(sink, " by ");
        put_id(sink, state, event->task);
    }
    putf(sink, ": %llu", (unsigned long long)event->count);
}

static void print_error(struct sink *sink, const struct trace_state *state, const struct flow_event *event)
{
    put(sink, "error");
    if (event->task != FLOW_TASK_NONE) {
        put(sink, " in ");
        put_id(sink, state, event->task);
    }
    put_message(sink, event);
}

static void print_input(struct sink *sink, const struct trace_state *state, const struct flow_event *event)
{
    put(sink, "input ");
    put_text(sink, event->text, event->text_length);
    put(sink, ": ");
    put_value(sink, event->value);
}

static void print_user_action(
    struct sink *sink, const struct trace_state *state, const struct flow_event *event)
{
    put(sink, "user");
    put_message(sink, event);
}

static void print_branch(struct sink *sink, const struct trace_state *state, const struct flow_event *event)
{
    putf(sink, "continued from event %llu", (unsigned long long)event->count);
}

static void print_output(struct sink *sink, const struct trace_state *state, const struct flow_event *event)
{
    put(sink, event->code == 2 ? "standard error" : "standard output");
    if (event->text_length)
        put_message(sink, event);
    else
        putf(sink, ": %llu bytes so far", (unsigned long long)event->count);
}

static void print_channel_read(
    struct sink *sink, const struct trace_state *state, const struct flow_event *event)
{
    put(sink, "reads ");
    put_key(sink, state, event);
}

static void print_source_line(
    struct sink *sink, const struct trace_state *state, const struct flow_event *event)
{
    put(sink, "line ");
    put_text(sink, event->text, event->text_length);
    putf(sink, ":%llu", (unsigned long long)event->count);
}

static void print_log_point(
    struct sink *sink, const struct trace_state *state, const struct flow_event *event)
{
    put(sink, "log");
    put_message(sink, event);
}

static void print_stopped(struct sink *sink, const struct trace_state *state, const struct flow_event *event)
{
    put(sink, "stopped");
    put_message(sink, event);
}

static const print_fn printers[FLOW_EV_FIRST_UNUSED] = {
    [FLOW_EV_RUN_STARTED] = print_run_started,
    [FLOW_EV_RUN_ENDED] = print_run_ended,
    [FLOW_EV_TASK_ADDED] = print_task_added,
    [FLOW_EV_TASK_REDEFINED] = print_task_redefined,
    [FLOW_EV_EDGE_ADDED] = print_edge_added,
    [FLOW_EV_ENQUEUED] = print_enqueued,
    [FLOW_EV_DEQUEUED] = print_dequeued,
    [FLOW_EV_DROPPED] = print_dropped,
    [FLOW_EV_MOVED] = print_moved,
    [FLOW_EV_WITHDRAWN] = print_withdrawn,
    [FLOW_EV_ABANDONED] = print_abandoned,
    [FLOW_EV_STEP_STARTED] = print_step_started,
    [FLOW_EV_RETURNED] = print_returned,
    [FLOW_EV_STEP_ENDED] = print_step_ended,
    [FLOW_EV_SKIPPED] = print_skipped,
    [FLOW_EV_HELD] = print_held,
    [FLOW_EV_RELEASED] = print_released,
    [FLOW_EV_JOIN_ARRIVED] = print_join_arrived,
    [FLOW_EV_JOIN_ABSORBED] = print_join_absorbed,
    [FLOW_EV_BLOCKED] = print_blocked,
    [FLOW_EV_CHANNEL_SET] = print_channel_set,
    [FLOW_EV_CHANNEL_DELETED] = print_channel_deleted,
    [FLOW_EV_REQUEST] = print_request,
    [FLOW_EV_RETRY] = print_retry,
    [FLOW_EV_LIMIT] = print_limit,
    [FLOW_EV_ERROR] = print_error,
    [FLOW_EV_INPUT] = print_input,
    [FLOW_EV_USER_ACTION] = print_user_action,
    [FLOW_EV_BRANCH] = print_branch,
    [FLOW_EV_OUTPUT] = print_output,
    [FLOW_EV_CHANNEL_READ] = print_channel_read,
    [FLOW_EV_SOURCE_LINE] = print_source_line,
    [FLOW_EV_LOG_POINT] = print_log_point,
    [FLOW_EV_STOPPED] = print_stopped,
};

int trace_print_task(
    const struct trace_state *state, flow_task task, uint32_t iteration, char *buffer, size_t size)
{
    struct sink sink = {buffer, size, 0};
    put_task(&sink, state, task, iteration);
    return (int)finish(&sink);
}

size_t trace_print_event(
    const struct trace_state *state, const struct flow_event *event, char *buffer, size_t size)
{
    struct sink sink = {buffer, size, 0};
    print_fn printer = event->kind < FLOW_EV_FIRST_UNUSED ? printers[event->kind] : NULL;
    if (printer)
        printer(&sink, state, event);
    else
        putf(&sink, "event of kind %u, which this program does not know", event->kind);
    return finish(&sink);
}
