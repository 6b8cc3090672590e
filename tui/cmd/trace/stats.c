/* flowdbg trace stats: how often and how long. */
#include <inttypes.h>
#include <string.h>

#include "base/vec.h"
#include "debug/text.h"
#include "tui/cmd/trace/trace.h"

struct task_time {
    int64_t total_ns, longest_ns;
    uint64_t timed;
};

struct stats {
    struct trace_source source;
    uint64_t kinds[FLOW_EV_FIRST_UNUSED];
    struct {
        VEC(struct task_time);
    } times; /* by task */
    uint64_t longest_queue;
};

/* The time of a step, when it ends. */
static bool count_time(struct stats *stats)
{
    const struct flow_event *event = &stats->source.event;
    const struct trace_state *state = &stats->source.state;
    while (stats->times.count <= event->task)
        if (vec_push(&stats->times, (struct task_time){0}) < 0)
            return false;
    if (event->has_time) {
        struct task_time *time = &stats->times.at[event->task];
        int64_t taken = event->time_ns - state->step_start_ns;
        time->total_ns += taken;
        time->timed++;
        if (taken > time->longest_ns)
            time->longest_ns = taken;
    }
    return true;
}

static bool read_all(struct stats *stats)
{
    while (trace_source_next(&stats->source)) {
        stats->kinds[stats->source.event.kind]++;
        if (stats->source.state.queue.count > stats->longest_queue)
            stats->longest_queue = stats->source.state.queue.count;
        if (stats->source.event.kind == FLOW_EV_STEP_ENDED && !count_time(stats))
            return trace_complain(NULL, "out of memory"), false;
    }
    trace_progress_end(&stats->source.progress);
    return true;
}

static void add_name(struct str *out, const char *name)
{
    struct str safe = {0};
    dbg_escape(&safe, name, strlen(name));
    str_addf(out, "%-24s", str_text(&safe));
    str_finish(&safe);
}

static void add_time(struct str *out, int64_t ns)
{
    struct str text = {0};
    trace_add_duration(&text, ns);
    str_addf(out, " %11s", str_text(&text));
    str_finish(&text);
}

static void add_tasks(struct str *out, const struct stats *stats)
{
    const struct trace_state *state = &stats->source.state;
    str_addf(out, "%-24s %8s %8s %8s %8s %11s %11s %11s\n", "task", "runs", "done", "failed", "again", "time",
        "mean", "longest");
    for (size_t i = 0; i < state->tasks.count; i++) {
        const struct trace_task *task = &state->tasks.at[i];
        struct task_time time = i < stats->times.count ? stats->times.at[i] : (struct task_time){0};
        add_name(out, task->id);
        str_addf(out, " %8" PRIu64 " %8" PRIu64 " %8" PRIu64 " %8" PRIu64, task->runs, task->completed,
            task->failures, task->iterations);
        add_time(out, time.total_ns);
        add_time(out, time.timed ? time.total_ns / (int64_t)time.timed : 0);
        add_time(out, time.longest_ns);
        str_add(out, "\n");
    }
}

static void add_keys(struct str *out, const struct trace_state *state)
{
    str_addf(out, "\n%-24s %8s  value\n", "key", "writes");
    vec_foreach (const struct trace_key, key, &state->keys) {
        char text[60] = "(deleted)";
        if (!key->name)
            continue;
        add_name(out, key->name);
        if (key->is_set)
            flow_value_print(key->value, text, sizeof text);
        dbg_cut_utf8(text);
        str_addf(out, " %8" PRIu64 "  ", key->writes);
        dbg_escape(out, text, strlen(text));
        str_add(out, "\n");
    }
}

static void add_kinds(struct str *out, const struct stats *stats)
{
    str_addf(out, "\n%-24s %8s\n", "kind of event", "count");
    for (unsigned kind = 0; kind < FLOW_EV_FIRST_UNUSED; kind++) {
        const struct flow_event_info *info = flow_event_info(kind);
        if (stats->kinds[kind])
            str_addf(out, "%-24s %8" PRIu64 "\n", info ? info->name : "(not known)", stats->kinds[kind]);
    }
    str_addf(out, "\nlongest queue            %8" PRIu64 "\n", stats->longest_queue);
}

static int run(struct trace_args *args)
{
    struct stats stats = {.longest_queue = 0};
    struct trace_out out;
    int code = TRACE_CANNOT;
    if (trace_source_open(&stats.source, args->operands[0]) && trace_out_open(&out, NULL, false, NULL)) {
        if (read_all(&stats)) {
            add_tasks(&out.buffer, &stats);
            add_keys(&out.buffer, &stats.source.state);
            add_kinds(&out.buffer, &stats);
            code = TRACE_FINE;
        }
        code = trace_out_close(&out, code);
        if (code == TRACE_FINE)
            code = trace_source_end(&stats.source);
    }
    trace_source_finish(&stats.source);
    vec_finish(&stats.times);
    return code;
}

static const struct trace_option *const options[] = {NULL};

const struct trace_command trace_stats = {
    .name = "stats",
    .operands = "FILE",
    .least = 1,
    .most = 1,
    .summary = "how often tasks ran and how long, what was written",
    .options = options,
    .more = "Prints a table of tasks (executions, completed, failed, iterations, times), one of channel keys "
            "and one\n"
            "of kinds of events.",
    .run = run,
};
