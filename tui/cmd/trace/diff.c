/* flowdbg trace diff: where two runs part. Times, places in files and notes do not count. */
#include <inttypes.h>
#include <string.h>

#include "tui/cmd/trace/trace.h"

/* One thread of the story: the runs agree in it when its events are the same, one after the other, whatever
 * happens between them. */
struct aspect {
    const char *name;
    uint64_t kinds;
};
#define BIT(name) (UINT64_C(1) << FLOW_EV_##name)
static const struct aspect aspects[] = {
    {"graph", BIT(TASK_ADDED) | BIT(TASK_REDEFINED) | BIT(EDGE_ADDED)},
    {"order", BIT(DEQUEUED) | BIT(STEP_STARTED)},
    {"queue", BIT(ENQUEUED) | BIT(DROPPED) | BIT(MOVED) | BIT(WITHDRAWN) | BIT(ABANDONED) | BIT(SKIPPED) |
                  BIT(HELD) | BIT(RELEASED) | BIT(JOIN_ARRIVED) | BIT(JOIN_ABSORBED)},
    {"channels", BIT(CHANNEL_SET) | BIT(CHANNEL_DELETED)},
    {"results", BIT(RETURNED) | BIT(STEP_ENDED) | BIT(ERROR) | BIT(RETRY) | BIT(LIMIT) | BIT(BLOCKED)},
    {"requests", BIT(REQUEST) | BIT(INPUT) | BIT(USER_ACTION)},
    {"end", BIT(RUN_ENDED)},
};

/* Goes to the next event of the aspect. False: there is none. */
static bool advance(struct trace_source *source, const struct aspect *aspect)
{
    while (trace_source_next(source))
        if (source->event.kind < 64 && aspect->kinds >> source->event.kind & 1)
            return true;
    return false;
}

static bool same_task(const struct trace_source *a, const struct trace_source *b, flow_task x, flow_task y)
{
    if (x == FLOW_TASK_NONE || y == FLOW_TASK_NONE)
        return x == y;
    return strcmp(trace_state_task_id(&a->state, x), trace_state_task_id(&b->state, y)) == 0;
}

static bool same_numbers(const struct flow_event *x, const struct flow_event *y, uint32_t fields)
{
    return (!(fields & FLOW_F_ENTRY) || x->entry == y->entry) &&
           (!(fields & FLOW_F_ITERATION) || x->iteration == y->iteration) &&
           (!(fields & FLOW_F_REASON) || x->reason == y->reason) &&
           (!(fields & FLOW_F_CAUSE) || x->cause == y->cause) &&
           (!(fields & FLOW_F_POSITION) || x->position == y->position) &&
           (!(fields & FLOW_F_COUNT) || x->count == y->count) &&
           (!(fields & FLOW_F_CODE) || x->code == y->code);
}

static bool same_text(const struct flow_event *x, const struct flow_event *y)
{
    return x->text_length == y->text_length &&
           (x->text_length == 0 || memcmp(x->text, y->text, x->text_length) == 0);
}

static bool same_event(const struct trace_source *a, const struct trace_source *b)
{
    const struct flow_event *x = &a->event, *y = &b->event;
    const struct flow_event_info *info = flow_event_info(x->kind);
    uint32_t fields = info ? info->fields : 0;
    if (x->kind != y->kind || x->origin != y->origin || x->step != y->step || !same_numbers(x, y, fields))
        return false;
    if (fields & FLOW_F_TASK && !same_task(a, b, x->task, y->task))
        return false;
    if (fields & FLOW_F_OTHER && !same_task(a, b, x->other, y->other))
        return false;
    if (fields & FLOW_F_VALUE && !flow_value_equal(x->value, y->value))
        return false;
    if (fields & FLOW_F_KEY)
        return strcmp(trace_state_key_name(&a->state, x->key), trace_state_key_name(&b->state, y->key)) == 0;
    return !(fields & FLOW_F_TEXT) || same_text(x, y);
}

static void add_side(struct str *out, const struct trace_source *source, const char *name, bool has_event)
{
    char text[600];
    if (!has_event) {
        str_addf(out, "    %s: nothing more\n", name);
        return;
    }
    trace_print_event(&source->state, &source->event, text, sizeof text);
    str_addf(out, "    %s: event %" PRIu64 ", step %" PRIu64 ": %s\n", name, source->event.number,
        source->event.step, text);
}

struct comparison {
    struct trace_args *args;
    struct str *out;
    uint64_t first; /* event of the first run at which any aspect parts; 0: none does */
    const char *first_name;
};

/* Compares one aspect of both, from the start. Returns the exit code. */
static int compare(struct comparison *c, const struct aspect *aspect)
{
    struct trace_source a, b;
    uint64_t count = 0;
    int code = TRACE_CANNOT;
    bool is_open = trace_source_open(&a, c->args->operands[0]);
    is_open = trace_source_open(&b, c->args->operands[1]) && is_open;
    bool has_a = is_open && advance(&a, aspect), has_b = is_open && advance(&b, aspect);
    while (has_a && has_b && same_event(&a, &b)) {
        count++;
        has_a = advance(&a, aspect);
        has_b = advance(&b, aspect);
    }
    if (is_open && (a.status < 0 || b.status < 0)) {
        trace_source_end(a.status < 0 ? &a : &b);
    } else if (is_open && !has_a && !has_b) {
        code = TRACE_FINE;
        str_addf(c->out, "%-9s same (%" PRIu64 " events)\n", aspect->name, count);
    } else if (is_open) {
        code = TRACE_DIFFERS;
        str_addf(c->out, "%-9s differs after %" PRIu64 " that are the same\n", aspect->name, count);
        add_side(c->out, &a, "a", has_a);
        add_side(c->out, &b, "b", has_b);
        uint64_t at = has_a ? a.event.number : a.state.event;
        if (!c->first_name || at < c->first) {
            c->first = at;
            c->first_name = aspect->name;
        }
    }
    trace_source_finish(&a);
    trace_source_finish(&b);
    return code;
}

static int run(struct trace_args *args)
{
    struct trace_out out;
    int code = TRACE_FINE;
    if (!trace_out_open(&out, NULL, false, NULL))
        return TRACE_CANNOT;
    struct comparison c = {.args = args, .out = &out.buffer};
    for (size_t i = 0; code != TRACE_CANNOT && i < sizeof aspects / sizeof *aspects; i++) {
        int found = compare(&c, &aspects[i]);
        code = found > code ? found : code;
    }
    if (code == TRACE_DIFFERS)
        str_addf(&out.buffer, "they part first in: %s, at event %" PRIu64 " of a\n", c.first_name, c.first);
    else if (code == TRACE_FINE)
        str_add(&out.buffer, "the runs are the same\n");
    return trace_out_close(&out, code);
}

static const struct trace_option *const options[] = {NULL};

const struct trace_command trace_diff = {
    .name = "diff",
    .operands = "A B",
    .least = 2,
    .most = 2,
    .summary = "where two runs part: order, queue, channels",
    .options = options,
    .more = "Compares two runs by what happened, not when: times, notes and places in files do not count, "
            "and tasks\n"
            "and keys are the same when their names are. For each of graph, order of execution, queue, "
            "channels,\n"
            "results, requests and end it names the first difference. Exit code 0: the runs are the same; 1: "
            "they\n"
            "differ.",
    .run = run,
};
