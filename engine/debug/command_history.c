/* What led to what is shown: writes of a key, entries of a task. Looked up in the trace, as far as what is
 * shown reaches. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "debug/command_private.h"
#include "debug/session_private.h"

#define BIT(kind) (1ull << (kind))

enum { CHAIN_MOST = 40, HISTORY_MOST = 1000 };

/* Looks for events and reads them. Names are the tip's: a key may be asked for before its first write. */
struct look {
    struct dbg_session *session;
    struct dbg_reply *reply;
    struct flow_error err;
    bool is_interrupted;
};

static bool look_begin(struct look *look)
{
    if (dbg_tip(look->session)->event == 0)
        dbg_fail(look->reply, "nothing has happened yet");
    else if (dbg_timeline_open(look->session, &look->err) < 0)
        dbg_fail(look->reply, "reading the trace: %s", look->err.text);
    return !look->reply->is_error;
}

/* Reads an event; it is borrowed until the next one is read. */
static bool read_event(struct look *look, uint64_t number, struct flow_event *event)
{
    struct trace_reader *reader = dbg_session_history(look->session);
    int status = reader ? trace_reader_seek(reader, number - 1, &look->err) : FLOW_NOT_FOUND;
    do {
        if (status == FLOW_OK)
            status = trace_reader_next(reader, event, &look->err);
    } while (status == FLOW_OK && flow_event_is_note(event->kind));
    return status == FLOW_OK;
}

/* The last event before `before` that is one of the kinds and about the task. */
static bool find_back(
    struct look *look, struct trace_search *search, uint64_t before, struct flow_event *event)
{
    uint64_t number;
    int status = trace_timeline_search_back(look->session->past, search, before, &number, &look->err);
    look->is_interrupted = look->is_interrupted || status == FLOW_AGAIN;
    return status == FLOW_OK && read_event(look, number, event);
}

static const char *task_id(const struct look *look, flow_task task)
{
    return trace_state_task_id(dbg_tip(look->session), task);
}

static void say_event(struct look *look, const struct flow_event *event, const char *before)
{
    char text[400];
    trace_print_event(dbg_tip(look->session), event, text, sizeof text);
    dbg_cut_utf8(text);
    if (event->step)
        dbg_say(
            look->reply, "%s%6" PRIu64 "  step %-4" PRIu64 "  %s", before, event->number, event->step, text);
    else
        dbg_say(look->reply, "%s%6" PRIu64 "  start      %s", before, event->number, text);
}

static void say_writer(struct look *look, const struct flow_event *event)
{
    struct flow_event started;
    struct trace_search search = TRACE_SEARCH_INIT;
    search.kinds[0] = BIT(FLOW_EV_STEP_STARTED);
    if (event->origin == FLOW_ORIGIN_USER)
        dbg_say(look->reply, "written by you");
    else if (event->step == 0)
        dbg_say(look->reply, "given before the first step");
    else if (find_back(look, &search, event->number, &started))
        dbg_say(look->reply, "written by %s in step %" PRIu64, task_id(look, started.task), started.step);
}

/* A key that any event of the trace names. */
static flow_key find_key(struct look *look, const char *name)
{
    flow_key key = trace_state_find_key(dbg_tip(look->session), name);
    if (key == FLOW_KEY_NONE)
        dbg_find_key(look->session, name, look->reply); /* says what there is */
    return key;
}

/* The writes of the key up to `position`, latest first, into `numbers`; returns how many. */
static size_t collect_writes(
    struct look *look, flow_key key, uint64_t position, uint64_t *numbers, size_t most)
{
    size_t count = 0;
    while (count < most && position > 0 && !dbg_is_interrupted(look->session) &&
           trace_timeline_last_writer(look->session->past, key, position, &numbers[count], &look->err) ==
               FLOW_OK)
        position = numbers[count++] - 1;
    return count;
}

void dbg_command_history(DBG_COMMAND_ARGS)
{
    struct look look = {.session = session, .reply = reply, .err = FLOW_ERROR_INIT};
    uint64_t numbers[HISTORY_MOST];
    if (argc != 1) {
        dbg_fail(reply, "the history of which key? history KEY");
        return;
    }
    flow_key key = look_begin(&look) ? find_key(&look, argv[0]) : FLOW_KEY_NONE;
    if (key == FLOW_KEY_NONE)
        return;
    uint64_t here = dbg_shown(session)->event;
    size_t count = collect_writes(&look, key, dbg_tip(session)->event, numbers, HISTORY_MOST);
    if (count == HISTORY_MOST)
        dbg_say(reply, "the last %d writes:", HISTORY_MOST);
    for (size_t i = count; i-- > 0;) {
        struct flow_event event;
        bool is_latest = numbers[i] <= here && (i == 0 || numbers[i - 1] > here);
        if (read_event(&look, numbers[i], &event))
            say_event(&look, &event, is_latest ? ">" : " ");
    }
    if (count == 0)
        dbg_say(reply, "%s was never written", argv[0]);
}

void dbg_command_last(DBG_COMMAND_ARGS)
{
    struct look look = {.session = session, .reply = reply, .err = FLOW_ERROR_INIT};
    struct flow_event event;
    uint64_t number;
    if (argc != 1) {
        dbg_fail(reply, "the last write of which key? last KEY");
        return;
    }
    flow_key key = look_begin(&look) ? find_key(&look, argv[0]) : FLOW_KEY_NONE;
    if (key == FLOW_KEY_NONE)
        return;
    if (collect_writes(&look, key, dbg_shown(session)->event, &number, 1) == 0) {
        dbg_say(reply, "%s has not been written yet, at event %" PRIu64, argv[0], dbg_shown(session)->event);
    } else if (read_event(&look, number, &event)) {
        say_event(&look, &event, " ");
        say_writer(&look, &event);
    }
}

static void why_key(struct look *look, flow_key key)
{
    uint64_t numbers[CHAIN_MOST + 1];
    const struct trace_state *shown = dbg_shown(look->session);
    size_t count = collect_writes(look, key, shown->event, numbers, CHAIN_MOST + 1);
    const char *name = trace_state_key_name(dbg_tip(look->session), key);
    if (count == 0)
        dbg_say(look->reply, "%s has not been written yet, at event %" PRIu64, name, shown->event);
    for (size_t i = 0; i < count && i < CHAIN_MOST; i++) {
        struct flow_event event;
        if (!read_event(look, numbers[i], &event))
            break;
        say_event(look, &event, " ");
        if (read_event(look, numbers[i], &event)) {
            struct flow_event copy = {
                .number = event.number, .step = event.step, .origin = event.origin, .kind = event.kind};
            say_writer(look, &copy);
        }
    }
    if (count > CHAIN_MOST)
        dbg_say(look->reply, "... and earlier ones: history %s shows them", name);
}

struct entry_wanted {
    flow_task task;
    uint64_t entry; /* 0: any */
    uint64_t step;  /* 0: any */
};

static bool is_entry(void *user, const struct flow_event *event)
{
    const struct entry_wanted *wanted = user;
    return event->task == wanted->task && (!wanted->entry || event->entry == wanted->entry) &&
           (!wanted->step || event->step == wanted->step);
}

/* The last event of that kind about an entry of the task. */
static bool find_entry(
    struct look *look, unsigned kind, struct entry_wanted wanted, uint64_t before, struct flow_event *event)
{
    struct trace_search search = TRACE_SEARCH_INIT;
    search.kinds[0] = BIT(kind);
    search.task = wanted.task;
    search.matches = is_entry;
    search.user = &wanted;
    return find_back(look, &search, before, event);
}

/* What put the task into the queue, what had put that one there, and so on to the start. */
static void why_task(struct look *look, flow_task task)
{
    struct entry_wanted wanted = {.task = task};
    uint64_t before = dbg_shown(look->session)->event + 1;
    struct flow_event event;
    for (unsigned depth = 0; depth < CHAIN_MOST; depth++) {
        if (dbg_is_interrupted(look->session) ||
            !find_entry(look, FLOW_EV_ENQUEUED, wanted, before, &event)) {
            if (depth == 0)
                dbg_say(look->reply, "%s has not been in the queue yet; whynot %s says more",
                    task_id(look, task), task_id(look, task));
            return;
        }
        say_event(look, &event, " ");
        bool is_first = event.other == FLOW_TASK_NONE || event.cause == 0;
        if (is_first)
            return;
        /* The step that caused it, and the entry which that step took. */
        struct entry_wanted cause = {.task = event.other, .step = event.cause};
        before = event.number;
        if (!find_entry(look, FLOW_EV_STEP_STARTED, cause, before, &event))
            return;
        wanted = (struct entry_wanted){.task = event.task, .entry = event.entry};
        before = event.number;
    }
    dbg_say(look->reply, "... and so on");
}

void dbg_command_why(DBG_COMMAND_ARGS)
{
    struct look look = {.session = session, .reply = reply, .err = FLOW_ERROR_INIT};
    if (argc != 1) {
        dbg_fail(reply, "why what? why KEY or why TASK");
        return;
    }
    if (!look_begin(&look))
        return;
    flow_key key = trace_state_find_key(dbg_tip(session), argv[0]);
    flow_task task = trace_state_find_task(dbg_tip(session), argv[0]);
    if (task != FLOW_TASK_NONE)
        why_task(&look, task);
    if (key != FLOW_KEY_NONE)
        why_key(&look, key);
    if (task == FLOW_TASK_NONE && key == FLOW_KEY_NONE)
        dbg_fail(reply, "there is no task and no channel key '%s'", argv[0]);
    if (look.is_interrupted)
        dbg_say(reply, "... interrupted");
}

/* Entries of it that were taken away again, and edges to it that were passed by. */
static bool say_losses(struct look *look, flow_task task)
{
    struct trace_search search = TRACE_SEARCH_INIT;
    struct entry_wanted wanted = {.task = task};
    struct flow_event event;
    unsigned count = 0;
    search.kinds[0] = BIT(FLOW_EV_SKIPPED) | BIT(FLOW_EV_DROPPED) | BIT(FLOW_EV_WITHDRAWN) |
                      BIT(FLOW_EV_ABANDONED) | BIT(FLOW_EV_BLOCKED);
    search.task = task;
    search.matches = is_entry;
    search.user = &wanted;
    uint64_t before = dbg_shown(look->session)->event + 1;
    for (; count < 10 && find_back(look, &search, before, &event); count++) {
        before = event.number;
        if (event.kind == FLOW_EV_SKIPPED)
            dbg_say(look->reply, "%s: skipped by %s of %s at step %" PRIu64 " (event %" PRIu64 ")",
                task_id(look, task), event.code >= 0 ? flow_request_name((unsigned)event.code) : "hand,",
                task_id(look, event.other), event.step, event.number);
        else
            say_event(look, &event, " ");
    }
    return count > 0;
}

static void say_end(struct look *look, flow_task task)
{
    const struct trace_state *state = dbg_shown(look->session);
    if (state->phase == TRACE_PHASE_ENDED)
        dbg_say(look->reply, "the run ended (%s%s%s) at step %" PRIu64, flow_outcome_name(state->outcome),
            state->culprit < state->tasks.count ? ", by " : "",
            state->culprit < state->tasks.count ? trace_state_task_id(state, state->culprit) : "",
            state->step);
}

/* How it stands with the tasks that lead to it. */
static void say_ways(struct look *look, flow_task task)
{
    const struct trace_state *state = dbg_shown(look->session);
    bool has_way = false;
    vec_foreach (const struct trace_edge, edge, &state->edges) {
        if (edge->to != task || edge->kind != TRACE_EDGE_STATIC)
            continue;
        has_way = true;
        bool is_known = edge->from < state->tasks.count;
        if (is_known && state->tasks.at[edge->from].runs == 0 && say_losses(look, edge->from))
            continue; /* what became of that one says it */
        if (is_known)
            dbg_say(look->reply, "%s leads to it: %s", trace_state_task_id(state, edge->from),
                trace_status_name(trace_state_task_status(state, edge->from)));
    }
    if (!has_way)
        dbg_say(look->reply, "no edge leads to it: only goto, next_task or a person can make it run");
}

static bool say_waiting(struct look *look, flow_task task)
{
    const struct trace_state *state = dbg_shown(look->session);
    const struct trace_task *t = &state->tasks.at[task];
    bool is_said = false;
    vec_foreach (const struct trace_held, held, &state->held) {
        if (held->successor != task)
            continue;
        dbg_say(look->reply, "held until the last iteration of %s has ended",
            trace_state_task_id(state, held->source));
        is_said = true;
    }
    if (t->join != FLOW_JOIN_ALL || t->arrivals.count == 0)
        return is_said;
    struct str missing = {0};
    vec_foreach (const struct trace_edge, edge, &state->edges) {
        bool has_arrived = edge->to != task || edge->kind != TRACE_EDGE_STATIC;
        vec_foreach (const struct trace_arrival, arrival, &t->arrivals)
            has_arrived = has_arrived || arrival->from == edge->from;
        if (!has_arrived)
            str_addf(&missing, "%s%s", missing.length ? ", " : "", trace_state_task_id(state, edge->from));
    }
    dbg_say(look->reply, "%s, waiting for %s (%zu of %u have arrived)",
        state->phase == TRACE_PHASE_ENDED ? "blocked" : "joins", str_text(&missing), t->arrivals.count,
        t->needed);
    str_finish(&missing);
    return true;
}

static bool say_present(struct look *look, flow_task task)
{
    const struct trace_state *state = dbg_shown(look->session);
    const struct trace_task *t = &state->tasks.at[task];
    bool is_over = state->phase == TRACE_PHASE_ENDED;
    if (t->queued > 0 && !is_over)
        dbg_say(look->reply, "%s is in the queue: it will run", t->id);
    else if (state->current == task)
        dbg_say(look->reply, "%s is running, in step %" PRIu64, t->id, state->step);
    else if (t->runs > 0)
        dbg_say(look->reply, "%s has run, last in step %" PRIu64 "; why %s says what led to it", t->id,
            t->last_step, t->id);
    else
        return false;
    return true;
}

void dbg_command_whynot(DBG_COMMAND_ARGS)
{
    struct look look = {.session = session, .reply = reply, .err = FLOW_ERROR_INIT};
    if (argc != 1) {
        dbg_fail(reply, "why does which task not run? whynot TASK");
        return;
    }
    flow_task task = look_begin(&look) ? trace_state_find_task(dbg_tip(session), argv[0]) : FLOW_TASK_NONE;
    if (reply->is_error)
        return;
    if (task == FLOW_TASK_NONE) {
        dbg_find_task(session, argv[0], reply);
        return;
    }
    if (task >= dbg_shown(session)->tasks.count) {
        dbg_say(reply, "%s has not been added to the graph yet, at event %" PRIu64, argv[0],
            dbg_shown(session)->event);
        return;
    }
    bool is_there = say_present(&look, task);
    bool is_lost = say_losses(&look, task);
    bool is_waiting = say_waiting(&look, task);
    if (!is_there && !is_lost && !is_waiting)
        say_ways(&look, task);
    if (!is_there)
        say_end(&look, task);
    if (look.is_interrupted)
        dbg_say(reply, "... interrupted");
}
