/* flowdbg trace info: what a trace is of, in a few lines. */
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

#include "debug/text.h"
#include "tui/cmd/trace/trace.h"

static void add_escaped(struct str *out, const char *label, const char *text)
{
    str_addf(out, "%-10s", label);
    dbg_escape(out, text, strlen(text));
    str_add(out, "\n");
}

static void add_member(struct str *out, const struct trace_state *state, const char *name)
{
    char text[300];
    struct flow_value value;
    if (flow_map_get(state->info, name, strlen(name), &value) != FLOW_OK)
        return;
    flow_value_print(value, text, sizeof text);
    dbg_cut_utf8(text);
    add_escaped(out, name, text);
}

static void add_outcome(struct str *out, const struct trace_state *state)
{
    str_addf(out, "%-10s%s", "outcome", flow_outcome_name(state->outcome));
    if (state->culprit != FLOW_TASK_NONE) {
        str_add(out, " by ");
        const char *id = trace_state_task_id(state, state->culprit);
        dbg_escape(out, id, strlen(id));
    }
    if (state->message && *state->message) {
        str_add(out, ": ");
        dbg_escape(out, state->message, strlen(state->message));
    }
    str_add(out, "\n");
}

static void describe(struct str *out, const struct trace_source *source, uint64_t notes)
{
    const struct trace_state *state = &source->state;
    struct stat st;
    size_t keys = state->order.count;
    add_escaped(out, "trace", source->path);
    if (stat(source->path, &st) == 0)
        str_addf(out, "%-10s%" PRIu64 " bytes, %.1f an event\n", "size", (uint64_t)st.st_size,
            state->event ? (double)st.st_size / (double)state->event : 0.0);
    add_escaped(out, "workflow", state->workflow ? state->workflow : "(not started)");
    add_member(out, state, "profile");
    add_member(out, state, "seed");
    add_member(out, state, "start");
    add_member(out, state, "max_steps");
    str_addf(out, "%-10s%" PRIu64 " and %" PRIu64 " notes\n", "events", state->event, notes);
    str_addf(out, "%-10s%" PRIu64 "\n", "steps", state->step);
    str_addf(out, "%-10s", "time");
    trace_add_duration(out, state->time_ns - state->start_ns);
    str_addf(out, "\n%-10s%zu, %zu edges\n", "tasks", state->tasks.count, state->edges.count);
    str_addf(out, "%-10s%zu set\n", "keys", keys);
    str_addf(out, "%-10s%zu entries\n", "queue", state->queue.count);
    str_addf(out, "%-10s%" PRIu64 "\n", "errors", state->errors);
    if (state->user_actions)
        str_addf(out, "%-10s%" PRIu64 "\n", "edits", state->user_actions);
    add_outcome(out, state);
}

static int run(struct trace_args *args)
{
    struct trace_source source;
    struct trace_out out;
    uint64_t notes = 0;
    int code = TRACE_CANNOT;
    if (trace_source_open(&source, args->operands[0]) && trace_out_open(&out, NULL, false, NULL)) {
        while (trace_source_next(&source))
            notes += source.note > 0;
        trace_progress_end(&source.progress);
        describe(&out.buffer, &source, notes);
        code = trace_out_close(&out, TRACE_FINE);
        if (code == TRACE_FINE)
            code = trace_source_end(&source);
    }
    trace_source_finish(&source);
    return code;
}

static const struct trace_option *const options[] = {NULL};

const struct trace_command trace_info = {
    .name = "info",
    .operands = "FILE",
    .least = 1,
    .most = 1,
    .summary = "what it is a trace of, and how the run ended",
    .options = options,
    .more =
        "Prints workflow, size, steps and outcome. Exit code 1: something of the file is missing or damaged.",
    .run = run,
};
