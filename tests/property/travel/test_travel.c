/* Moving about in recordings of random workflows: wherever one goes, forwards and backwards, by any command,
 * what is shown is what folding from the start gives there; and the places where going on stops are those
 * that a plain look at every event finds. */
#include "tests/unit/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "base/vec.h"
#include "debug/session.h"
#include "tests/support/random_workflow.h"
#include "trace/writer.h"

enum { WORKFLOWS = 300, MOVES = 60 };

/* What is known of the place after each event, from the fold alone. */
struct place {
    char *text;
    bool is_boundary;
    flow_task first; /* at the front of the queue there, or none */
    flow_task ended; /* the step that has just ended, or none */
};

struct recording {
    uint64_t seed;
    int fd;
    char path[64];
    struct random_source random;
    struct {
        VEC(struct place);
    } places;
    struct dbg_session *session;
    struct trace_writer *writer;
    uint64_t here; /* where the session should stand */
};

static void check(const struct recording *r, int status, const struct flow_error *err, const char *what)
{
    if (status != FLOW_OK)
        fail_msg("seed %llu, event %llu: %s: %d %s", (unsigned long long)r->seed, (unsigned long long)r->here,
            what, status, err->text);
}

static void add_value(struct str *out, struct flow_value value)
{
    char text[2000];
    flow_value_print(value, text, sizeof text);
    str_add(out, text);
}

static void add_tasks(struct str *out, const struct trace_state *state)
{
    for (flow_task t = 0; t < state->tasks.count; t++) {
        const struct trace_task *task = &state->tasks.at[t];
        str_addf(out, "task %s %s by %u runs %llu %llu %llu %llu queued %llu last %llu skipped %llu arrived",
            task->id, task->location ? task->location : "-", task->creator, (unsigned long long)task->runs,
            (unsigned long long)task->completed, (unsigned long long)task->failures,
            (unsigned long long)task->iterations, (unsigned long long)task->queued,
            (unsigned long long)task->last_start_event, (unsigned long long)task->skipped_event);
        vec_foreach (const struct trace_arrival, arrival, &task->arrivals)
            str_addf(out, " %u", arrival->from);
        str_addf(out, " of %u: %s\n", task->needed, trace_status_name(trace_state_task_status(state, t)));
    }
    vec_foreach (const struct trace_edge, edge, &state->edges)
        str_addf(out, "edge %u %u %u %llu %llu\n", edge->from, edge->to, edge->kind,
            (unsigned long long)edge->count, (unsigned long long)edge->last);
}

static void add_queue(struct str *out, const struct trace_state *state)
{
    vec_foreach (const struct trace_entry, entry, &state->queue) {
        str_addf(out, "entry %llu %u %u %u %u %llu %u ", (unsigned long long)entry->number, entry->task,
            entry->reason, entry->origin, entry->source, (unsigned long long)entry->cause, entry->iteration);
        add_value(out, entry->data);
        str_add_char(out, '\n');
    }
    vec_foreach (const struct trace_held, held, &state->held)
        str_addf(out, "held %u %u %d\n", held->successor, held->source, held->is_abandoned);
    vec_foreach (const struct trace_blocked, blocked, &state->blocked)
        str_addf(
            out, "blocked %u %u %s\n", blocked->join, blocked->missing, blocked->why ? blocked->why : "");
}

static void add_channel(struct str *out, const struct trace_state *state)
{
    vec_foreach (const flow_key, at, &state->order) {
        const struct trace_key *key = &state->keys.at[*at];
        str_addf(out, "key %s writes %llu event %llu by %u changed %d was %d ", key->name,
            (unsigned long long)key->writes, (unsigned long long)key->event, key->writer, key->changed,
            key->was_set);
        add_value(out, key->value);
        str_add(out, " before ");
        add_value(out, key->before);
        str_add_char(out, '\n');
    }
}

/* Everything a person can see of a state. */
static char *describe(const struct trace_state *state)
{
    struct str out = {0};
    str_addf(&out, "event %llu step %llu phase %u current %u attempt %u outcome %u culprit %u %s\n",
        (unsigned long long)state->event, (unsigned long long)state->step, state->phase, state->current,
        state->current_attempt, state->outcome, state->culprit, state->message ? state->message : "-");
    str_addf(&out, "errors %llu at %llu %s actions %llu\n", (unsigned long long)state->errors,
        (unsigned long long)state->error_event, state->error ? state->error : "-",
        (unsigned long long)state->user_actions);
    add_tasks(&out, state);
    add_queue(&out, state);
    add_channel(&out, state);
    return str_take(&out);
}

static void on_event(void *user, struct flow_run *run, const struct flow_event *event)
{
    trace_writer_append(((struct recording *)user)->writer, event);
}

static void on_boundary(void *user, struct flow_run *run)
{
    struct recording *r = user;
    if (r->seed % 3 == 0 && random_below(&r->random, 4) == 0)
        random_edit(&r->random, run);
}

static void record(struct recording *r)
{
    struct flow_error err = FLOW_ERROR_INIT;
    struct trace_ring *ring;
    struct flow_run *run;
    r->fd = memfd_create("trace", 0);
    assert_true(r->fd >= 0);
    snprintf(r->path, sizeof r->path, "/proc/self/fd/%d", r->fd);
    check(r, trace_ring_create(&ring, 16 << 10, &err), &err, "ring");
    struct trace_writer_options to = {.size = sizeof to, .ring = ring, .fd = r->fd};
    check(r, trace_writer_create(&r->writer, &to, &err), &err, "writer");
    struct random_workflow *random = random_workflow_create(r->seed);
    struct flow_run_options options = random_workflow_options(random, FLOW_PROFILE_DOCUMENTED);
    options.hooks = (struct flow_hooks){.size = sizeof options.hooks,
        .user = r,
        .on_event = on_event,
        .on_boundary = on_boundary,
        .notes = UINT64_MAX};
    check(r, flow_run_create(&run, random_workflow_get(random), &options, &err), &err, "creating");
    check(r, flow_run_start(run, &err), &err, "starting");
    while (flow_run_step(run, &err) == FLOW_OK)
        continue;
    flow_run_destroy(run);
    random_workflow_destroy(random);
    trace_writer_destroy(r->writer);
    trace_ring_destroy(ring);
}

/* Folds the whole of it and remembers each place. */
static void survey(struct recording *r)
{
    struct flow_error err = FLOW_ERROR_INIT;
    struct trace_reader *reader;
    struct trace_state state;
    struct flow_event event = {0};
    int status;
    trace_state_init(&state);
    check(r, trace_reader_open(&reader, r->path, &err), &err, "opening");
    struct place start = {.text = describe(&state), .first = FLOW_TASK_NONE, .ended = FLOW_TASK_NONE};
    check(r, vec_push(&r->places, start), &err, "memory");
    while ((status = trace_reader_next(reader, &event, &err)) == FLOW_OK) {
        if (flow_event_is_note(event.kind))
            continue;
        struct place *before = &vec_last(&r->places);
        check(r, trace_state_apply(&state, &event, &err), &err, "folding");
        if (event.kind == FLOW_EV_DEQUEUED)
            before->is_boundary = true, before->first = event.task;
        struct place place = {.text = describe(&state), .first = FLOW_TASK_NONE, .ended = FLOW_TASK_NONE};
        if (event.kind == FLOW_EV_STEP_ENDED &&
            (event.code == FLOW_STEP_COMPLETED || event.code == FLOW_STEP_RETRIED))
            place.ended = event.task;
        place.is_boundary = state.phase == TRACE_PHASE_BOUNDARY && state.queue.count == 0;
        check(r, vec_push(&r->places, place), &err, "memory");
        before = &r->places.at[r->places.count - 2];
        if (event.kind != FLOW_EV_RUN_ENDED && event.kind != FLOW_EV_DEQUEUED)
            before->is_boundary = false; /* the queue was filled, or the end has a cause */
    }
    assert_int_equal(status, FLOW_END);
    vec_last(&r->places).is_boundary = false;
    trace_reader_destroy(reader);
    trace_state_finish(&state);
}

static void open_session(struct recording *r)
{
    struct flow_error err = FLOW_ERROR_INIT;
    struct dbg_config config = {.file = r->path, .is_replay = true};
    check(r, dbg_session_create(&r->session, &config, &err), &err, "a session");
    check(r, dbg_session_start(r->session, &err), &err, "starting it");
    r->here = dbg_session_state(r->session)->event;
}

static void assert_here(const struct recording *r, const char *how)
{
    char *text = describe(dbg_session_state(r->session));
    if (strcmp(text, r->places.at[r->here].text) != 0)
        fail_msg("seed %llu, %s, at event %llu: shown\n%s\nbut the fold gives\n%s",
            (unsigned long long)r->seed, how, (unsigned long long)r->here, text, r->places.at[r->here].text);
    mem_free(text);
}

static uint64_t last_event(const struct recording *r)
{
    return r->places.count - 1;
}

static void seek(struct recording *r)
{
    struct flow_error err = FLOW_ERROR_INIT;
    struct dbg_place place = {.kind = DBG_AT_EVENT, .number = random_next(&r->random) % (last_event(r) + 1)};
    check(r, dbg_session_seek(r->session, &place, &err), &err, "seeking");
    r->here = place.number;
    assert_here(r, "after a seek");
}

/* Does going on stop at this place? */
static bool stops_at(const struct recording *r, uint64_t at, enum dbg_mode mode, const char *pattern)
{
    const struct place *place = &r->places.at[at];
    const struct trace_state *tip = dbg_session_tip(r->session);
    if (mode == DBG_MODE_NEXT)
        return place->is_boundary;
    return place->first != FLOW_TASK_NONE && glob_matches(pattern, trace_state_task_id(tip, place->first));
}

static uint64_t find_stop(const struct recording *r, enum dbg_mode mode, const char *pattern, bool is_back)
{
    uint64_t first = 0;
    while (first < last_event(r) && r->places.at[first].first == FLOW_TASK_NONE)
        first++;
    if (!is_back) {
        for (uint64_t at = r->here + 1; at < r->places.count; at++)
            if (stops_at(r, at, mode, pattern))
                return at;
        return last_event(r);
    }
    for (uint64_t at = r->here; at-- > 0;)
        if (stops_at(r, at, mode, pattern))
            return at;
    return first < r->here ? first : 0;
}

static void go_on(struct recording *r)
{
    static const enum dbg_mode modes[] = {DBG_MODE_STEP, DBG_MODE_NEXT, DBG_MODE_UNTIL, DBG_MODE_FINISH};
    struct flow_error err = FLOW_ERROR_INIT;
    const struct trace_state *tip = dbg_session_tip(r->session);
    struct dbg_resume how = {
        .mode = modes[random_below(&r->random, 4)], .count = 1, .is_backwards = random_below(&r->random, 2)};
    flow_task task = random_below(&r->random, (uint32_t)tip->tasks.count);
    bool is_step = how.mode == DBG_MODE_STEP;
    how.until = how.mode == DBG_MODE_UNTIL ? trace_state_task_id(tip, task) : NULL;
    /* Names of random tasks may look like patterns: both sides read them as such. */
    uint64_t to = is_step && how.is_backwards ? (r->here ? r->here - 1 : 0)
                  : is_step                   ? (r->here < last_event(r) ? r->here + 1 : r->here)
                            : find_stop(r, how.mode == DBG_MODE_UNTIL ? DBG_MODE_UNTIL : DBG_MODE_NEXT,
                                  how.until, how.is_backwards);
    check(r, dbg_session_resume(r->session, &how, &err), &err, "going on");
    if (dbg_session_state(r->session)->event != to)
        fail_msg("seed %llu: mode %d, %s from event %llu: at %llu instead of %llu",
            (unsigned long long)r->seed, how.mode, how.is_backwards ? "back" : "on",
            (unsigned long long)r->here, (unsigned long long)dbg_session_state(r->session)->event,
            (unsigned long long)to);
    r->here = to;
    assert_here(r, how.is_backwards ? "going back" : "going on");
}

static void walk(uint64_t seed)
{
    struct recording r = {.seed = seed, .random = {seed}};
    record(&r);
    survey(&r);
    open_session(&r);
    assert_here(&r, "opened");
    for (int i = 0; i < MOVES; i++) {
        if (random_below(&r.random, 4) == 0)
            seek(&r);
        else
            go_on(&r);
    }
    dbg_session_destroy(r.session);
    vec_foreach (struct place, place, &r.places)
        mem_free(place->text);
    vec_finish(&r.places);
    close(r.fd);
}

static void wherever_one_goes_the_fold_is_shown(void **state)
{
    const char *only = getenv("TRAVEL_SEED");
    for (uint64_t seed = 1; seed <= WORKFLOWS; seed++)
        if (!only || strtoull(only, NULL, 10) == seed)
            walk(seed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wherever_one_goes_the_fold_is_shown),
    };
    return RUN_TESTS(tests);
}
