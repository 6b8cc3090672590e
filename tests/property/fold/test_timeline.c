/* Moving about in a trace: seeking in any order gives what folding from zero gives, a step back and one
 * forward lead to where one was, and what is searched for is what a reader of the whole trace would have
 * found. */
#include "tests/unit/test.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/support/random_workflow.h"
#include "trace/keyframe.h"
#include "trace/reader_private.h"
#include "trace/timeline.h"
#include "trace/writer.h"

enum { WORKFLOWS = 400, MOVES = 150 };

static size_t keyframes; /* in all files */

/* A recorded run, and what is true of it: for each event itself and the state after it, as a hash. */
struct recorded {
    uint64_t seed;
    int fd;
    struct trace_ring *ring;
    struct trace_writer *writer;
    uint64_t count;
    uint64_t *states;          /* [0..count] */
    struct flow_event *events; /* [1..count], of which only numbers are used */
    struct record_codec *codec;
    struct wire_out bytes;
};

static void check(
    const struct recorded *r, int status, const struct flow_error *err, const char *what, uint64_t at)
{
    if (status < 0)
        fail_msg(
            "seed %llu: %s %llu: %s", (unsigned long long)r->seed, what, (unsigned long long)at, err->text);
}

static void on_event(void *user, struct flow_run *run, const struct flow_event *event)
{
    struct recorded *r = user;
    trace_writer_append(r->writer, event);
}

static void on_boundary(void *user, struct flow_run *run)
{
    struct recorded *r = user;
    struct random_source random = {r->seed + flow_run_event_count(run)};
    if (r->seed % 3 == 0 && random_below(&random, 4) == 0)
        random_edit(&random, run);
}

static int64_t tick(void *user)
{
    int64_t *now = user;
    return *now += 100;
}

static void record(struct recorded *r)
{
    struct flow_error err = FLOW_ERROR_INIT;
    struct flow_run *run;
    int64_t now = 0;
    r->fd = memfd_create("trace", MFD_CLOEXEC);
    check(r, trace_ring_create(&r->ring, 16 << 10, &err), &err, "ring", 0);
    struct trace_writer_options writing = {.size = sizeof writing,
        .ring = r->ring,
        .fd = r->fd,
        .block_size = 100 + r->seed % 7 * 50,
        .segment_size = 1 + r->seed % 3 * 300};
    check(r, trace_writer_create(&r->writer, &writing, &err), &err, "writer", 0);
    struct random_workflow *random = random_workflow_create(r->seed);
    struct flow_run_options options =
        random_workflow_options(random, r->seed % 2 ? FLOW_PROFILE_DOCUMENTED : FLOW_PROFILE_PACKAGE);
    options.hooks = (struct flow_hooks){.size = sizeof options.hooks,
        .user = r,
        .on_event = on_event,
        .on_boundary = on_boundary,
        .notes = UINT64_MAX};
    options.clock_ns = tick;
    options.clock_user = &now;
    check(r, flow_run_create(&run, random_workflow_get(random), &options, &err), &err, "creating", 0);
    check(r, flow_run_start(run, &err), &err, "starting", 0);
    while (flow_run_step(run, &err) == FLOW_OK)
        continue;
    flow_run_destroy(run);
    random_workflow_destroy(random);
}

/* Two states that give the same bytes are the same, but for how many entries of each task are queued, which
 * is counted in. */
static uint64_t hash_state(struct recorded *r, const struct trace_state *state)
{
    r->bytes.length = 0;
    assert_int_equal(keyframe_put(r->codec, state, &r->bytes), FLOW_OK);
    uint64_t hash = hash_bytes(r->bytes.bytes, r->bytes.length);
    vec_foreach (struct trace_task, task, &state->tasks)
        hash = hash * 31 + task->queued;
    return hash;
}

static void fold_from_zero(struct recorded *r, struct trace_ring *ring)
{
    struct flow_error err = FLOW_ERROR_INIT;
    struct trace_reader *reader;
    struct trace_state state;
    struct flow_event event;
    int status;
    check(r, trace_reader_create(&reader, r->fd, ring, &err), &err, "opening", 0);
    uint64_t count = trace_reader_count(reader);
    r->states = calloc(count + 1, sizeof *r->states);
    r->events = calloc(count + 1, sizeof *r->events);
    trace_state_init(&state);
    r->states[0] = hash_state(r, &state);
    while ((status = trace_reader_next(reader, &event, &err)) == FLOW_OK) {
        if (flow_event_is_note(event.kind))
            continue;
        check(r, trace_state_apply(&state, &event, &err), &err, "folding", event.number);
        r->states[state.event] = hash_state(r, &state);
        r->events[state.event] = event;
    }
    check(r, status, &err, "reading", state.event);
    r->count = state.event;
    vec_foreach (struct block_place, place, &reader->table.blocks)
        keyframes += place->keyframe != 0;
    assert_int_equal(r->count, count);
    trace_state_finish(&state);
    trace_reader_destroy(reader);
}

static void compare(struct recorded *r, struct trace_timeline *tl, const char *move)
{
    const struct trace_state *state = trace_timeline_state(tl);
    uint64_t position = trace_timeline_position(tl);
    assert_int_equal(position, state->event);
    if (hash_state(r, state) != r->states[position])
        fail_msg("seed %llu: after %s: the state at event %llu of %llu is another",
            (unsigned long long)r->seed, move, (unsigned long long)position, (unsigned long long)r->count);
}

static void step_forward(struct recorded *r, struct trace_timeline *tl)
{
    struct flow_error err = FLOW_ERROR_INIT;
    struct flow_event event;
    uint64_t position = trace_timeline_position(tl);
    int status;
    do
        status = trace_timeline_next(tl, &event, &err);
    while (status == FLOW_OK && flow_event_is_note(event.kind));
    check(r, status, &err, "next after", position);
    assert_int_equal(status, position == r->count ? FLOW_END : FLOW_OK);
    if (status == FLOW_OK) {
        assert_int_equal(event.number, position + 1);
        assert_int_equal(event.kind, r->events[position + 1].kind);
    }
    compare(r, tl, "a step forward");
}

static void step_back(struct recorded *r, struct trace_timeline *tl)
{
    struct flow_error err = FLOW_ERROR_INIT;
    struct flow_event event;
    uint64_t position = trace_timeline_position(tl);
    int status = trace_timeline_back(tl, &event, &err);
    check(r, status, &err, "back from", position);
    assert_int_equal(status, position == 0 ? FLOW_END : FLOW_OK);
    if (status == FLOW_OK) {
        assert_int_equal(event.number, position);
        assert_int_equal(event.kind, r->events[position].kind);
        assert_int_equal(trace_timeline_position(tl), position - 1);
    }
    compare(r, tl, "a step back");
}

static void seek(struct recorded *r, struct trace_timeline *tl, uint64_t number)
{
    struct flow_error err = FLOW_ERROR_INIT;
    check(r, trace_timeline_seek(tl, number, &err), &err, "seeking", number);
    assert_int_equal(trace_timeline_position(tl), number);
    compare(r, tl, "a seek");
}

static void seek_step(struct recorded *r, struct trace_timeline *tl, uint64_t step)
{
    struct flow_error err = FLOW_ERROR_INIT;
    uint64_t position = trace_timeline_position(tl), taken = 0, expected = UINT64_MAX;
    for (uint64_t n = 1; n <= r->count && expected == UINT64_MAX; n++) {
        if (r->events[n].kind == FLOW_EV_DEQUEUED)
            taken = n;
        if (r->events[n].kind == FLOW_EV_STEP_STARTED && r->events[n].step == step)
            expected = taken - 1;
    }
    int status = trace_timeline_seek_step(tl, step, &err);
    check(r, status, &err, "seeking step", step);
    assert_int_equal(status, expected == UINT64_MAX ? FLOW_NOT_FOUND : FLOW_OK);
    assert_int_equal(trace_timeline_position(tl), expected == UINT64_MAX ? position : expected);
    compare(r, tl, "a seek to a step");
}

static void seek_time(struct recorded *r, struct trace_timeline *tl, int64_t time_ns)
{
    struct flow_error err = FLOW_ERROR_INIT;
    uint64_t expected = r->count;
    for (uint64_t n = r->count; n >= 1; n--)
        if (r->events[n].has_time && r->events[n].time_ns > time_ns)
            expected = n - 1;
    check(r, trace_timeline_seek_time(tl, time_ns, &err), &err, "seeking time", (uint64_t)time_ns);
    assert_int_equal(trace_timeline_position(tl), expected);
    compare(r, tl, "a seek to a time");
}

static bool writes(const struct flow_event *event, flow_key key)
{
    return (event->kind == FLOW_EV_CHANNEL_SET || event->kind == FLOW_EV_CHANNEL_DELETED) &&
           event->key == key;
}

static void find_writer(struct recorded *r, struct trace_timeline *tl, flow_key key, uint64_t position)
{
    struct flow_error err = FLOW_ERROR_INIT;
    uint64_t expected = position, found;
    while (expected > 0 && !writes(&r->events[expected], key))
        expected--;
    int status = trace_timeline_last_writer(tl, key, position, &found, &err);
    check(r, status, &err, "last writer before", position);
    assert_int_equal(status, expected ? FLOW_OK : FLOW_NOT_FOUND);
    if (expected)
        assert_int_equal(found, expected);
}

static void search(
    struct recorded *r, struct trace_timeline *tl, unsigned kind, flow_task task, uint64_t from)
{
    struct flow_error err = FLOW_ERROR_INIT;
    struct trace_search what = {.kinds = {UINT64_C(1) << kind}, .task = task, .key = FLOW_KEY_NONE};
    uint64_t before = 0, after = 0, found;
    for (uint64_t n = 1; n <= r->count; n++) {
        const struct flow_event *event = &r->events[n];
        uint32_t fields = flow_event_info(event->kind)->fields;
        bool names = task == FLOW_TASK_NONE || (fields & FLOW_F_TASK && event->task == task) ||
                     (fields & FLOW_F_OTHER && event->other == task);
        if (event->kind != kind || !names)
            continue;
        if (n < from)
            before = n;
        if (n > from && !after)
            after = n;
    }
    int status = trace_timeline_search_back(tl, &what, from, &found, &err);
    check(r, status, &err, "searching back from", from);
    assert_int_equal(status, before ? FLOW_OK : FLOW_NOT_FOUND);
    if (before)
        assert_int_equal(found, before);
    status = trace_timeline_search_forward(tl, &what, from, &found, &err);
    check(r, status, &err, "searching forward from", from);
    assert_int_equal(status, after ? FLOW_OK : FLOW_NOT_FOUND);
    if (after)
        assert_int_equal(found, after);
}

static void move_about(struct recorded *r, struct trace_timeline *tl)
{
    static const unsigned kinds[] = {FLOW_EV_CHANNEL_SET, FLOW_EV_STEP_STARTED, FLOW_EV_ERROR,
        FLOW_EV_ENQUEUED, FLOW_EV_TASK_ADDED, FLOW_EV_RUN_ENDED};
    struct random_source random = {r->seed * 7 + 1};
    for (int i = 0; i < MOVES; i++) {
        uint64_t number = random_next(&random) % (r->count + 1);
        switch (random_below(&random, 8)) {
        case 0: seek(r, tl, number); break;
        case 1: seek_step(r, tl, number / 8); break;
        case 2: seek_time(r, tl, (int64_t)number * 50); break;
        case 3: find_writer(r, tl, random_below(&random, 12), number); break;
        case 4:
            search(r, tl, kinds[random_below(&random, 6)],
                random_below(&random, 2) ? FLOW_TASK_NONE : random_below(&random, 8), number);
            break;
        case 5:
            for (uint32_t n = random_below(&random, 30); n > 0; n--)
                step_forward(r, tl);
            break;
        default:
            for (uint32_t n = random_below(&random, 30); n > 0; n--)
                step_back(r, tl);
            break;
        }
    }
    struct flow_error err = FLOW_ERROR_INIT;
    check(r, trace_timeline_seek_end(tl, &err), &err, "going to the end", r->count);
    assert_int_equal(trace_timeline_position(tl), r->count);
    while (trace_timeline_position(tl) > 0)
        step_back(r, tl);
    step_back(r, tl);
    assert_int_equal(trace_timeline_seek(tl, r->count + 1, &err), FLOW_NOT_FOUND);
    assert_int_equal(trace_timeline_seek(tl, UINT64_MAX, &err), FLOW_NOT_FOUND);
    compare(r, tl, "a seek to nowhere");
}

static void visit(uint64_t seed, bool is_live)
{
    struct recorded r = {.seed = seed, .codec = mem_zalloc(sizeof *r.codec)};
    struct flow_error err = FLOW_ERROR_INIT;
    struct trace_reader *reader;
    struct trace_timeline *tl;
    record(&r);
    if (is_live) /* some of it is in the ring only */
        fold_from_zero(&r, r.ring);
    else
        trace_writer_destroy(r.writer);
    if (!is_live)
        fold_from_zero(&r, NULL);
    check(&r, trace_reader_create(&reader, r.fd, is_live ? r.ring : NULL, &err), &err, "opening", 0);
    check(&r, trace_timeline_create(&tl, reader, &err), &err, "opening", 0);
    move_about(&r, tl);
    trace_timeline_destroy(tl);
    if (is_live)
        trace_writer_destroy(r.writer);
    trace_ring_destroy(r.ring);
    close(r.fd);
    record_codec_finish(r.codec);
    mem_free(r.codec);
    mem_free(r.bytes.bytes);
    free(r.states);
    free(r.events);
}

static void seeking_in_any_order_is_folding_from_zero(void **state)
{
    const char *only = getenv("FOLD_SEED");
    for (uint64_t seed = 1; seed <= WORKFLOWS; seed++)
        if (!only || strtoull(only, NULL, 10) == seed)
            visit(seed, false);
    assert_true(only || keyframes > WORKFLOWS);
}

static void so_it_is_behind_a_ring(void **state)
{
    for (uint64_t seed = 1; seed <= WORKFLOWS / 4; seed++)
        visit(seed, true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(seeking_in_any_order_is_folding_from_zero),
        cmocka_unit_test(so_it_is_behind_a_ring),
    };
    return RUN_TESTS(tests);
}
