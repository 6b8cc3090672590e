/* Chrome's trace event format, which Perfetto opens: steps are slices, each with an arrow from the step that
 * caused it; what tasks ask for and errors are instants; queue length and numbers of the channel are
 * counters. https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU */
#include <inttypes.h>
#include <string.h>

#include "trace/text_write.h"
#include "tui/cmd/trace/export.h"

struct chrome {
    const struct trace_source *source;
    struct str *out;
    bool has_written;
    bool is_in_step;
};

/* Begins an event. Times are microseconds. */
static void begin(struct chrome *c, const char *phase, const char *name, size_t length)
{
    const struct trace_state *state = &c->source->state;
    int64_t ns = state->time_ns - state->start_ns;
    str_addf(c->out, "%s\n{\"ph\":\"%s\",\"pid\":1,\"tid\":1,\"ts\":%" PRId64 ".%03d",
        c->has_written ? "," : "", phase, ns / 1000, (int)(ns < 0 ? 0 : ns % 1000));
    c->has_written = true;
    if (name) {
        str_add(c->out, ",\"name\":");
        trace_text_write_bytes(c->out, name, length);
    }
}

static void begin_named(struct chrome *c, const char *phase, const char *name)
{
    begin(c, phase, name, strlen(name));
}

static void end_step(struct chrome *c, const char *outcome)
{
    if (!c->is_in_step)
        return;
    begin(c, "E", NULL, 0);
    if (outcome)
        str_addf(c->out, ",\"args\":{\"outcome\":\"%s\"}", outcome);
    str_add(c->out, "}");
    c->is_in_step = false;
}

static void start_step(struct chrome *c)
{
    const struct flow_event *event = &c->source->event;
    char name[300];
    end_step(c, NULL);
    trace_print_task(&c->source->state, event->task, event->iteration, name, sizeof name);
    begin_named(c, "B", name);
    str_addf(c->out,
        ",\"cat\":\"step\",\"args\":{\"step\":%" PRIu64 ",\"event\":%" PRIu64 ",\"attempt\":%" PRIu64
        ",\"reason\":\"%s\"}}",
        event->step, event->number, event->count, flow_reason_name(c->source->state.current_entry.reason));
    begin_named(c, "f", "queue");
    str_addf(c->out, ",\"cat\":\"queue\",\"bp\":\"e\",\"id\":%" PRIu64 "}", event->entry);
    c->is_in_step = true;
}

static void count_queue(struct chrome *c)
{
    begin_named(c, "C", "queue length");
    str_addf(c->out, ",\"args\":{\"entries\":%zu}}", c->source->state.queue.count);
}

static void count_key(struct chrome *c)
{
    const struct flow_event *event = &c->source->event;
    struct str name = {0};
    if (event->value.type != FLOW_TYPE_INT && event->value.type != FLOW_TYPE_DOUBLE)
        return;
    double number =
        event->value.type == FLOW_TYPE_INT ? (double)event->value.as.integer : event->value.as.number;
    if (number != number || number - number != 0) /* no counter shows these */
        return;
    str_addf(&name, "channel %s", trace_state_key_name(&c->source->state, event->key));
    begin(c, "C", str_text(&name), name.length);
    str_addf(c->out, ",\"args\":{\"value\":%.17g}}", number);
    str_finish(&name);
}

static void mark(struct chrome *c, const char *category)
{
    char text[1000];
    trace_print_event(&c->source->state, &c->source->event, text, sizeof text);
    begin_named(c, "i", text);
    str_addf(c->out, ",\"cat\":\"%s\",\"s\":\"t\",\"args\":{\"event\":%" PRIu64 "}}", category,
        c->source->event.number);
}

static void write_event(struct chrome *c)
{
    const struct flow_event *event = &c->source->event;
    switch (event->kind) {
    case FLOW_EV_STEP_STARTED: start_step(c); break;
    case FLOW_EV_STEP_ENDED: end_step(c, flow_step_outcome_name((unsigned)event->code)); break;
    case FLOW_EV_ENQUEUED:
        begin_named(c, "s", "queue");
        str_addf(c->out, ",\"cat\":\"queue\",\"id\":%" PRIu64 "}", event->entry);
        count_queue(c);
        break;
    case FLOW_EV_DEQUEUED:
    case FLOW_EV_DROPPED:
    case FLOW_EV_WITHDRAWN: count_queue(c); break;
    case FLOW_EV_CHANNEL_SET: count_key(c); break;
    case FLOW_EV_REQUEST: mark(c, "request"); break;
    case FLOW_EV_ERROR: mark(c, "error"); break;
    case FLOW_EV_USER_ACTION: mark(c, "user"); break;
    case FLOW_EV_LOG_POINT: mark(c, "log"); break;
    case FLOW_EV_RUN_ENDED:
        mark(c, "run");
        end_step(c, NULL);
        break;
    default: break;
    }
}

static int write_trace(struct trace_export *export)
{
    struct chrome c = {.source = &export->source, .out = &export->out.buffer};
    str_add(c.out, "{\"displayTimeUnit\":\"ms\",\"otherData\":{\"producer\":\"flowdbg " FLOWDBG_VERSION
                   "\"},\"traceEvents\":[");
    while (trace_source_next(&export->source)) {
        if (export->source.event.kind == FLOW_EV_RUN_STARTED) {
            begin_named(&c, "M", "process_name");
            str_add(c.out, ",\"args\":{\"name\":");
            trace_text_write_bytes(c.out, export->source.event.text, export->source.event.text_length);
            str_add(c.out, "}}");
            begin_named(&c, "M", "thread_name");
            str_add(c.out, ",\"args\":{\"name\":\"steps\"}}");
        }
        write_event(&c);
        if (!trace_out_flush_some(&export->out))
            return FLOW_END;
    }
    end_step(&c, NULL);
    str_add(c.out, "\n]}\n");
    return FLOW_OK;
}

const struct trace_format trace_format_chrome = {.name = "chrome", .ending = ".json", .write = write_trace};
