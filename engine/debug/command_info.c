/* info: what is known, as aligned text that reads well line by line. */
#include <string.h>

#include "base/mem.h"
#include "debug/command_private.h"
#include "debug/session_private.h"

static const char *task_name(
    const struct trace_state *state, flow_task task, uint32_t iteration, char *buffer, size_t size)
{
    trace_print_task(state, task, iteration, buffer, size);
    return buffer;
}

static void info_queue(struct dbg_session *s, uint64_t count, struct dbg_reply *reply)
{
    const struct trace_state *state = dbg_shown(s);
    char name[200], source[200];
    if (state->queue.count == 0)
        dbg_say(reply, "the queue is empty");
    else
        dbg_say(reply, "place  entry  task                  reason     from");
    for (size_t i = 0; i < state->queue.count; i++) {
        const struct trace_entry *e = &state->queue.at[i];
        const char *from = e->origin == FLOW_ORIGIN_USER ? "you"
                           : e->source == FLOW_TASK_NONE
                               ? "-"
                               : task_name(state, e->source, 1, source, sizeof source);
        dbg_say(reply, "%-5zu  %-5llu  %-20s  %-9s  %s", i + 1, (unsigned long long)e->number,
            task_name(state, e->task, e->iteration, name, sizeof name), flow_reason_name(e->reason), from);
    }
    vec_foreach (const struct trace_held, held, &state->held)
        dbg_say(reply, "held: %s, until the last iteration of %s has ended",
            trace_state_task_id(state, held->successor), trace_state_task_id(state, held->source));
    for (flow_task t = 0; t < state->tasks.count; t++) {
        if (trace_state_task_status(state, t) == TRACE_STATUS_WAITING)
            dbg_say(reply, "waiting: %s, %zu of %u predecessors have arrived", state->tasks.at[t].id,
                state->tasks.at[t].arrivals.count, state->tasks.at[t].needed);
    }
    vec_foreach (const struct trace_blocked, b, &state->blocked)
        dbg_say(reply, "blocked: %s waits for %s: %s", trace_state_task_id(state, b->join),
            trace_state_task_id(state, b->missing), b->why ? b->why : "");
}

static void info_channels(struct dbg_session *s, uint64_t count, struct dbg_reply *reply)
{
    const struct trace_state *state = dbg_shown(s);
    size_t width = 3;
    if (state->order.count == 0)
        dbg_say(reply, "no channel key has a value");
    vec_foreach (const flow_key, key, &state->order) {
        size_t length = strlen(state->keys.at[*key].name);
        width = length > width && length <= 30 ? length : width;
    }
    vec_foreach (const flow_key, key, &state->order) {
        const struct trace_key *k = &state->keys.at[*key];
        char value[200];
        if (flow_value_print(k->value, value, sizeof value) >= sizeof value) {
            dbg_cut_utf8(value);
            dbg_say(reply, "%-*s  %s...%s", (int)width, k->name, value, k->changed ? "  (changed)" : "");
        } else {
            dbg_say(reply, "%-*s  %s%s", (int)width, k->name, value, k->changed ? "  (changed)" : "");
        }
    }
}

static void info_graph(struct dbg_session *s, uint64_t count, struct dbg_reply *reply)
{
    const struct trace_state *state = dbg_shown(s);
    if (state->tasks.count == 0)
        dbg_say(reply, "no task is known");
    for (flow_task t = 0; t < state->tasks.count; t++) {
        struct str line = {0};
        str_addf(
            &line, "%s (%s)", state->tasks.at[t].id, trace_status_name(trace_state_task_status(state, t)));
        const char *arrow = " -> ";
        vec_foreach (const struct trace_edge, edge, &state->edges) {
            if (edge->from != t)
                continue;
            str_addf(&line, "%s%s", arrow, trace_state_task_id(state, edge->to));
            if (edge->kind != TRACE_EDGE_STATIC)
                str_addf(&line, " (%s)", trace_edge_kind_name(edge->kind));
            if (edge->count > 1)
                str_addf(&line, " x%llu", (unsigned long long)edge->count);
            arrow = ", ";
        }
        dbg_say(reply, "%s", str_text(&line));
        str_finish(&line);
    }
}

static void info_tasks(struct dbg_session *s, uint64_t count, struct dbg_reply *reply)
{
    const struct trace_state *state = dbg_shown(s);
    if (state->tasks.count == 0)
        dbg_say(reply, "no task is known");
    else
        dbg_say(reply, "task                  status     runs  made by               where");
    for (flow_task t = 0; t < state->tasks.count; t++) {
        const struct trace_task *task = &state->tasks.at[t];
        dbg_say(reply, "%-20s  %-9s  %4llu  %-20s  %s", task->id,
            trace_status_name(trace_state_task_status(state, t)), (unsigned long long)task->runs,
            task->creator == FLOW_TASK_NONE ? "workflow" : trace_state_task_id(state, task->creator),
            task->location ? task->location : "-");
    }
}

static void info_breakpoints(struct dbg_session *s, uint64_t count, struct dbg_reply *reply)
{
    dbg_info_breakpoints(s, reply);
}

static void info_run(struct dbg_session *s, uint64_t count, struct dbg_reply *reply)
{
    const struct trace_state *state = dbg_shown(s);
    dbg_say(reply, "workflow  %s (%s)", state->workflow ? state->workflow : "-", s->config.file);
    dbg_say(reply, "state     %s", dbg_session_status(s)->text);
    if (dbg_session_status(s)->is_past)
        dbg_say(reply, "position  step %llu of %llu, event %llu of %llu", (unsigned long long)state->step,
            (unsigned long long)dbg_tip(s)->step, (unsigned long long)state->event,
            (unsigned long long)dbg_tip(s)->event);
    else
        dbg_say(reply, "position  step %llu, event %llu", (unsigned long long)state->step,
            (unsigned long long)state->event);
    dbg_say(reply, "profile   %s", flow_profile_name(state->profile));
    if (s->config.is_replay) {
        dbg_say(reply, "run time  %.6f s so far", (double)(state->time_ns - state->start_ns) / 1e9);
    } else {
        dbg_say(reply, "seed      %llu", (unsigned long long)s->config.seed);
        dbg_say(reply, "run time  %.3f s", (double)dbg_run_time_ns(s) / 1e9);
    }
    if (s->status.pid > 0)
        dbg_say(reply, "process   %d", (int)s->status.pid);
    if (state->error)
        dbg_say(reply, "error     %s: %s", trace_state_task_id(state, state->error_task), state->error);
    if (s->status.crash)
        dbg_say(reply, "crash     %s", s->status.crash);
    if (s->status.problem)
        dbg_say(reply, "problem   %s", s->status.problem);
    if (s->config.record)
        dbg_say(reply, "recording %s", s->config.record);
}

static void info_events(struct dbg_session *s, uint64_t count, struct dbg_reply *reply)
{
    struct trace_reader *reader;
    struct flow_error err = FLOW_ERROR_INIT;
    struct flow_event event;
    uint64_t from = dbg_shown(s)->event > count ? dbg_shown(s)->event - count : 0;
    if (dbg_shown(s)->event == 0) {
        dbg_say(reply, "nothing has happened yet");
        return;
    }
    if (dbg_session_reader(s, &reader, &err) < 0 || trace_reader_seek(reader, from, &err) < 0) {
        dbg_fail(reply, "reading the trace: %s", err.text);
        return;
    }
    while (trace_reader_next(reader, &event, &err) == FLOW_OK && event.number <= dbg_shown(s)->event) {
        char text[400];
        if (flow_event_is_note(event.kind))
            continue;
        trace_print_event(dbg_shown(s), &event, text, sizeof text);
        dbg_cut_utf8(text);
        dbg_say(reply, "%6llu  %s", (unsigned long long)event.number, text);
    }
    trace_reader_destroy(reader);
}

static void add_output(struct dbg_session *s, const struct dbg_output_chunk *chunk, struct dbg_reply *reply)
{
    const size_t most = 64u << 10;
    uint64_t kept = chunk->length - chunk->dropped,
             shown = dbg_output_shown(s, chunk->stream) - chunk->offset;
    kept = shown < kept ? shown : kept;
    size_t size = kept < most ? (size_t)kept : most;
    char *bytes = mem_alloc(size);
    size_t got = bytes ? dbg_output_read(s, chunk->stream, chunk->offset, bytes, size) : 0;
    if (got > 0 && bytes[got - 1] == '\n')
        got--;
    dbg_say(reply,
        "%s, step %llu, %s:", chunk->step ? trace_state_task_id(dbg_shown(s), chunk->task) : "between tasks",
        (unsigned long long)chunk->step, chunk->stream == 1 ? "stdout" : "stderr");
    str_add_char(&reply->text, '\n');
    str_add_bytes(&reply->text, bytes ? bytes : "", got);
    if (kept > size)
        dbg_say(reply, "... %llu more bytes", (unsigned long long)(kept - size));
    if (chunk->dropped && shown >= chunk->length)
        dbg_say(reply, "... %llu bytes were not kept", (unsigned long long)chunk->dropped);
    mem_free(bytes);
}

/* Those that were begun where the shown state stands. */
static size_t count_chunks(const struct dbg_session *s)
{
    size_t count = dbg_output_count(s);
    struct dbg_output_chunk chunk;
    while (
        count > 0 && (dbg_output_at(s, count - 1, &chunk), chunk.offset >= dbg_output_shown(s, chunk.stream)))
        count--;
    return count;
}

static void info_output(struct dbg_session *s, uint64_t count, struct dbg_reply *reply)
{
    size_t chunks = count_chunks(s);
    if (chunks == 0)
        dbg_say(reply, "nothing was printed");
    for (size_t i = chunks > count ? chunks - count : 0; i < chunks; i++) {
        struct dbg_output_chunk chunk;
        dbg_output_at(s, i, &chunk);
        add_output(s, &chunk, reply);
    }
}

const char *const dbg_info_words[] = {
    "queue", "channels", "graph", "tasks", "breakpoints", "run", "events", "output", NULL};

static void (*const infos[])(struct dbg_session *s, uint64_t count, struct dbg_reply *reply) = {
    info_queue, info_channels, info_graph, info_tasks, info_breakpoints, info_run, info_events, info_output};

void dbg_command_info(DBG_COMMAND_ARGS)
{
    uint64_t count = 20;
    size_t length = argc ? strlen(argv[0]) : 0;
    if (argc > 2 || (argc == 2 && (!dbg_parse_number(argv[1], &count) || count == 0))) {
        dbg_fail(reply, "a count is a number from 1 on, not '%s'", argv[argc > 2 ? 2 : 1]);
        return;
    }
    for (size_t i = 0; length > 0 && dbg_info_words[i]; i++) {
        if (strncmp(dbg_info_words[i], argv[0], length) == 0) {
            infos[i](session, count, reply);
            return;
        }
    }
    dbg_fail(reply, "info about what? queue, channels, graph, tasks, breakpoints, run, events or output");
}
