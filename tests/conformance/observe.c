/* What a run did, in the words of the recording.
 *
 * The recorded program reports `queued` for every entry but the first, and `dyn` after each call of a body
 * that made one; its iterations are named BASE_cycle_N_<hex> where ours are BASE#N+1. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/conformance/play.h"

/* "a#3" and "a#3.2" are "a_cycle_2_<hex>" there; other ids stay as they are. */
static json_t *name_of(const char *id)
{
    const char *mark = strchr(id, '#');
    if (!mark)
        return json_string(id);
    return json_sprintf("%.*s_cycle_%ld_<hex>", (int)(mark - id), id, strtol(mark + 1, NULL, 10) - 1);
}

static json_t *task_name(const struct flow_run *run, flow_task task)
{
    struct flow_task_info info;
    if (flow_run_task_info(run, task, &info) != FLOW_OK)
        return json_null();
    return name_of(info.id);
}

static json_t *queue_names(const struct flow_run *run)
{
    json_t *names = json_array();
    for (size_t i = 0; i < flow_run_queue_length(run); i++) {
        struct flow_entry entry;
        flow_run_queue_at(run, i, &entry);
        json_array_append_new(names, task_name(run, entry.task));
    }
    return names;
}

static json_t *value_json(struct flow_value value)
{
    char printed[1024];
    switch ((enum flow_type)value.type) {
    case FLOW_TYPE_NULL: return json_null();
    case FLOW_TYPE_BOOL: return json_boolean(value.as.boolean);
    case FLOW_TYPE_INT: return json_integer(value.as.integer);
    case FLOW_TYPE_DOUBLE: return json_real(value.as.number);
    case FLOW_TYPE_STRING: return json_string(flow_value_text(value, NULL));
    case FLOW_TYPE_BYTES:
    case FLOW_TYPE_LIST:
    case FLOW_TYPE_MAP:
    case FLOW_TYPE_OPAQUE:
    case FLOW_TYPE_COUNT: break;
    }
    flow_value_print(value, printed, sizeof printed);
    return json_string(printed);
}

static void add_event(struct observation *seen, const struct flow_run *run, const char *what, flow_task task)
{
    json_array_append_new(seen->events,
        json_pack("{s:s, s:o, s:o}", "ev", what, "task", task_name(run, task), "q", queue_names(run)));
}

static void see_enqueued(struct observation *seen, const struct flow_run *run, const struct flow_event *event)
{
    bool is_new = event->task == seen->newest && seen->is_closed;
    seen->newest = FLOW_TASK_NONE;
    if (event->reason == FLOW_REASON_START)
        return;
    add_event(seen, run, "queued", event->task);
    if (event->reason == FLOW_REASON_SUCCESSOR || event->reason == FLOW_REASON_RETRY)
        return;
    json_array_append_new(seen->events,
        json_pack("{s:s, s:o, s:o, s:b, s:b, s:b}", "ev", "dyn", "task", task_name(run, event->task),
            "parent", task_name(run, event->other), "is_iteration", event->reason == FLOW_REASON_ITERATION,
            "is_new_task", is_new, "goto", event->reason == FLOW_REASON_GOTO));
}

static void see_completed(struct observation *seen, const struct flow_run *run, flow_task task)
{
    seen->steps++;
    if (task >= seen->has_completed_size) {
        size_t size = (size_t)task * 2 + 16;
        char *grown = realloc(seen->has_completed, size);
        if (!grown)
            return;
        memset(grown + seen->has_completed_size, 0, size - seen->has_completed_size);
        seen->has_completed = grown;
        seen->has_completed_size = size;
    }
    if (!seen->has_completed[task])
        json_array_append_new(seen->completed, task_name(run, task));
    seen->has_completed[task] = true;
}

static void see_returned(struct observation *seen, const struct flow_run *run, const struct flow_event *event)
{
    add_event(seen, run, "end", event->task);
    seen->is_failed = event->code == FLOW_STEP_FAILED || event->code == FLOW_STEP_RETRIED;
    if (event->code == FLOW_STEP_COMPLETED || event->code == FLOW_STEP_TERMINATED)
        see_completed(seen, run, event->task);
}

/* The words of a failure come after `returned`; the recording has them on the `end`. */
static void see_error(struct observation *seen, const struct flow_event *event)
{
    static const char cycle_limit[] = "CycleLimitExceededError: ";
    json_t *end = json_array_get(seen->events, json_array_size(seen->events) - 1);
    if (!seen->is_failed || !end)
        return;
    json_object_set_new(end, "error", json_stringn(event->text, event->text_length));
    seen->is_cycle_limit = event->text_length >= sizeof cycle_limit - 1 &&
                           memcmp(event->text, cycle_limit, sizeof cycle_limit - 1) == 0;
}

static void on_event(void *user, struct flow_run *run, const struct flow_event *event)
{
    struct observation *seen = user;
    switch (event->kind) {
    case FLOW_EV_STEP_STARTED:
        seen->is_failed = seen->is_cycle_limit = seen->is_retry_limit = false;
        add_event(seen, run, "start", event->task);
        break;
    case FLOW_EV_RETURNED: see_returned(seen, run, event); break;
    case FLOW_EV_ERROR: see_error(seen, event); break;
    case FLOW_EV_LIMIT: seen->is_retry_limit |= event->code == FLOW_LIMIT_MAX_RETRIES; break;
    case FLOW_EV_TASK_ADDED: seen->newest = event->task; break;
    case FLOW_EV_ENQUEUED: see_enqueued(seen, run, event); break;
    default: break;
    }
}

int observation_init(struct observation *seen, bool is_closed)
{
    *seen = (struct observation){
        .events = json_array(),
        .completed = json_array(),
        .is_closed = is_closed,
        .newest = FLOW_TASK_NONE,
    };
    return seen->events && seen->completed ? FLOW_OK : FLOW_ENOMEM;
}

void observation_finish(struct observation *seen)
{
    json_decref(seen->events);
    json_decref(seen->completed);
    free(seen->has_completed);
}

struct flow_hooks observation_hooks(struct observation *seen)
{
    return (struct flow_hooks){.size = sizeof(struct flow_hooks), .user = seen, .on_event = on_event};
}

/* The class that the recorded program would have raised. max_steps is reached silently there. */
static json_t *error_class(const struct observation *seen, const struct flow_run *run)
{
    switch (flow_run_outcome(run)) {
    case FLOW_OUTCOME_COMPLETED:
    case FLOW_OUTCOME_TERMINATED:
    case FLOW_OUTCOME_STEP_LIMIT: return json_null();
    case FLOW_OUTCOME_CANCELLED: return json_string("GraflowWorkflowCanceledError");
    case FLOW_OUTCOME_FAILED:
        if (seen->is_retry_limit)
            return json_string("RetryLimitExceededError");
        return json_string(seen->is_cycle_limit ? "CycleLimitExceededError" : "GraflowRuntimeError");
    case FLOW_OUTCOME_UNFINISHED:
    case FLOW_OUTCOME_BLOCKED:
    case FLOW_OUTCOME_TIMED_OUT:
    case FLOW_OUTCOME_KILLED:
    case FLOW_OUTCOME_CRASHED: break;
    }
    return json_string(flow_outcome_name(flow_run_outcome(run)));
}

static json_t *report_channel(const struct flow_run *run)
{
    json_t *channel = json_object();
    size_t cursor = 0;
    flow_key key;
    struct flow_value value;
    while (flow_run_next_key(run, &cursor, &key, &value) == FLOW_OK) {
        static const char suffix[] = ".__result__";
        const char *name = flow_run_key_name(run, key);
        const char *end = strstr(name, suffix);
        char id[256];
        snprintf(id, sizeof id, "%.*s", end ? (int)(end - name) : (int)strlen(name), name);
        json_t *shown = end ? name_of(id) : json_string(name);
        json_t *full = json_sprintf("%s%s", json_string_value(shown), end ? suffix : "");
        json_object_set_new(channel, json_string_value(full), value_json(value));
        json_decref(shown);
        json_decref(full);
    }
    return channel;
}

static json_t *report_counts(const struct flow_run *run, bool is_cycles)
{
    json_t *counts = json_object();
    for (flow_task t = 0; t < flow_run_task_count(run); t++) {
        struct flow_task_info info;
        flow_run_task_info(run, t, &info);
        uint32_t count = is_cycles ? info.cycle_count : info.retry_count;
        json_t *name = name_of(info.id);
        if (count > 0)
            json_object_set_new(counts, json_string_value(name), json_integer(count));
        json_decref(name);
    }
    return counts;
}

static json_t *report_nodes(const struct flow_run *run)
{
    json_t *nodes = json_array();
    for (flow_task t = 0; t < flow_run_task_count(run); t++)
        json_array_append_new(nodes, task_name(run, t));
    return nodes;
}

/* The recording lists edges by source, in the order of the nodes. */
static json_t *report_edges(const struct flow_run *run)
{
    json_t *edges = json_array();
    for (flow_task source = 0; source < flow_run_task_count(run); source++) {
        for (size_t i = 0; i < flow_run_edge_count(run); i++) {
            flow_task from, to;
            flow_run_edge_at(run, i, &from, &to);
            if (from == source)
                json_array_append_new(edges, json_pack("[o, o]", task_name(run, from), task_name(run, to)));
        }
    }
    return edges;
}

json_t *observation_report(const struct observation *seen, const struct flow_run *run)
{
    json_t *final = json_pack("{s:I, s:O, s:o, s:o, s:o, s:o, s:o, s:o}", "steps", (json_int_t)seen->steps,
        "completed", seen->completed, "queue_left", queue_names(run), "channel", report_channel(run),
        "cycle_counts", report_counts(run, true), "retry_counts", report_counts(run, false), "nodes",
        report_nodes(run), "edges", report_edges(run));
    return json_pack(
        "{s:O, s:o, s:o}", "events", seen->events, "error", error_class(seen, run), "final", final);
}
