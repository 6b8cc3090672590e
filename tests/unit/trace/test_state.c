/* engine/trace/state*.c: what is derived from events, and events that do not fit. The fold as a whole is
 * tested against the engine in tests/property/fold. */
#include "tests/unit/test.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "tests/unit/trace/samples.h"
#include "trace/state.h"

/* A state with tasks a, b, c, d, edges a-b, a-c, b-d, c-d, d joining all, and the start enqueued. */
struct scene {
    struct trace_state state;
    struct flow_value joins;
};

static int apply(struct scene *s, struct flow_event event)
{
    event.number = s->state.event + 1;
    if (!event.text)
        event.text = "";
    if (!event.detail)
        event.detail = "";
    return trace_state_apply(&s->state, &event, NULL);
}

#define DO(...)     assert_int_equal(apply(s, (struct flow_event){__VA_ARGS__}), FLOW_OK)
#define REFUSE(...) assert_int_equal(apply(s, (struct flow_event){__VA_ARGS__}), FLOW_EFORMAT)

enum { A, B, C, D };

static void add_task(struct scene *s, flow_task task, const char *id, bool is_join)
{
    DO(.kind = FLOW_EV_TASK_ADDED, .task = task, .other = FLOW_TASK_NONE, .text = id, .text_length = 1,
        .value = is_join ? s->joins : flow_null());
}

static void enqueue(struct scene *s, uint64_t entry, flow_task task, flow_task from, enum flow_reason reason,
    uint64_t position)
{
    DO(.kind = FLOW_EV_ENQUEUED, .entry = entry, .task = task, .other = from, .reason = (uint8_t)reason,
        .position = position, .iteration = 1, .step = s->state.step, .cause = s->state.step);
}

static struct scene *scene_begin(void)
{
    struct scene *s = mem_zalloc(sizeof *s);
    struct flow_member member;
    trace_state_init(&s->state);
    assert_int_equal(flow_string(&member.key, "join"), FLOW_OK);
    assert_int_equal(flow_string(&member.value, "all"), FLOW_OK);
    assert_int_equal(flow_map_create(&s->joins, &member, 1), FLOW_OK);
    DO(.kind = FLOW_EV_RUN_STARTED, .text = "demo", .text_length = 4, .value = flow_null());
    add_task(s, A, "a", false);
    add_task(s, B, "b", false);
    add_task(s, C, "c", false);
    add_task(s, D, "d", true);
    static const flow_task edges[][2] = {{A, B}, {A, C}, {B, D}, {C, D}};
    for (int i = 0; i < 4; i++)
        DO(.kind = FLOW_EV_EDGE_ADDED, .task = edges[i][0], .other = edges[i][1]);
    enqueue(s, 1, A, FLOW_TASK_NONE, FLOW_REASON_START, 0);
    assert_int_equal(s->state.phase, TRACE_PHASE_BOUNDARY);
    return s;
}

static void scene_end(struct scene *s)
{
    trace_state_finish(&s->state);
    flow_value_unref(s->joins);
    mem_free(s);
}

static void start_step(struct scene *s)
{
    const struct trace_entry entry = s->state.queue.at[0];
    uint64_t step = s->state.step + 1;
    DO(.kind = FLOW_EV_DEQUEUED, .task = entry.task, .entry = entry.number, .step = step);
    DO(.kind = FLOW_EV_STEP_STARTED, .task = entry.task, .entry = entry.number, .step = step,
        .iteration = entry.iteration, .count = 1);
}

static void leave_body(struct scene *s, enum flow_step_outcome outcome)
{
    DO(.kind = FLOW_EV_RETURNED, .task = s->state.current, .code = (int32_t)outcome, .step = s->state.step);
}

static void end_step(struct scene *s, enum flow_step_outcome outcome)
{
    DO(.kind = FLOW_EV_STEP_ENDED, .task = s->state.current, .code = (int32_t)outcome, .step = s->state.step);
}

static void arrive(struct scene *s, flow_task from, uint64_t count)
{
    DO(.kind = FLOW_EV_JOIN_ARRIVED, .task = D, .other = from, .count = count, .step = s->state.step);
}

#define STATUS(task, word)                                                                                   \
    assert_string_equal(trace_status_name(trace_state_task_status(&s->state, task)), word)

static void a_diamond_with_a_join_shows_every_status(void **unused)
{
    struct scene *s = scene_begin();
    STATUS(A, "queued");
    STATUS(D, "not run");
    start_step(s);
    STATUS(A, "running");
    leave_body(s, FLOW_STEP_COMPLETED);
    enqueue(s, 2, B, A, FLOW_REASON_SUCCESSOR, 0);
    enqueue(s, 3, C, A, FLOW_REASON_SUCCESSOR, 1);
    end_step(s, FLOW_STEP_COMPLETED);
    STATUS(A, "done");
    STATUS(B, "queued");
    start_step(s);
    leave_body(s, FLOW_STEP_COMPLETED);
    arrive(s, B, 1);
    end_step(s, FLOW_STEP_COMPLETED);
    STATUS(D, "waiting");
    start_step(s);
    leave_body(s, FLOW_STEP_COMPLETED);
    arrive(s, C, 2);
    enqueue(s, 4, D, C, FLOW_REASON_SUCCESSOR, 0);
    end_step(s, FLOW_STEP_COMPLETED);
    STATUS(D, "queued");
    start_step(s);
    assert_int_equal(s->state.tasks.at[D].arrivals.count, 0);
    leave_body(s, FLOW_STEP_FAILED);
    end_step(s, FLOW_STEP_FAILED);
    STATUS(D, "failed");
    DO(.kind = FLOW_EV_RUN_ENDED, .code = FLOW_OUTCOME_FAILED, .task = D, .step = 4);
    assert_int_equal(s->state.phase, TRACE_PHASE_ENDED);
    assert_int_equal(s->state.culprit, D);
    for (size_t i = 0; i < 4; i++) /* every edge was travelled once, those into the join by arrival */
        assert_int_equal(s->state.edges.at[i].count, 1);
    assert_int_equal(s->state.edges.count, 4);
    scene_end(s);
}

static const struct trace_edge *edge_of_kind(const struct scene *s, enum trace_edge_kind kind)
{
    for (size_t i = 0; i < s->state.edges.count; i++)
        if (s->state.edges.at[i].kind == kind)
            return &s->state.edges.at[i];
    return NULL;
}

static void jumps_become_edges_that_count(void **unused)
{
    static const struct {
        enum flow_reason reason;
        enum flow_origin origin;
        flow_task to;
        enum trace_edge_kind kind;
    } rows[] = {
        {FLOW_REASON_NEXT_TASK, FLOW_ORIGIN_TASK, D, TRACE_EDGE_NEXT_TASK},
        {FLOW_REASON_GOTO, FLOW_ORIGIN_TASK, D, TRACE_EDGE_GOTO},
        {FLOW_REASON_ITERATION, FLOW_ORIGIN_TASK, A, TRACE_EDGE_ITERATION},
        {FLOW_REASON_MANUAL, FLOW_ORIGIN_USER, D, TRACE_EDGE_MANUAL},
        {FLOW_REASON_GOTO, FLOW_ORIGIN_USER, D, TRACE_EDGE_MANUAL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct scene *s = scene_begin();
        start_step(s);
        for (uint64_t round = 0; round < 3; round++)
            DO(.kind = FLOW_EV_ENQUEUED, .entry = 10 + round, .task = rows[i].to, .other = A,
                .reason = (uint8_t)rows[i].reason, .origin = (uint8_t)rows[i].origin, .iteration = 1);
        const struct trace_edge *edge = edge_of_kind(s, rows[i].kind);
        assert_non_null(edge);
        assert_int_equal(edge->from, A);
        assert_int_equal(edge->to, rows[i].to);
        assert_int_equal(edge->count, 3);
        assert_int_equal(edge->last, s->state.event);
        assert_int_equal(s->state.edges.count, 5);
        scene_end(s);
    }
}

static void a_task_that_a_goto_passed_by_is_skipped_until_it_runs(void **unused)
{
    struct scene *s = scene_begin();
    start_step(s);
    leave_body(s, FLOW_STEP_COMPLETED);
    DO(.kind = FLOW_EV_SKIPPED, .task = B, .other = A, .code = FLOW_REQUEST_GOTO);
    end_step(s, FLOW_STEP_COMPLETED);
    STATUS(B, "skipped");
    assert_int_equal(s->state.tasks.at[B].skipped_by, A);
    enqueue(s, 5, B, FLOW_TASK_NONE, FLOW_REASON_MANUAL, 0);
    STATUS(B, "queued");
    start_step(s);
    leave_body(s, FLOW_STEP_COMPLETED);
    end_step(s, FLOW_STEP_COMPLETED);
    STATUS(B, "done");
    scene_end(s);
}

static void a_retried_task_is_queued_and_failed_if_nobody_retries_it(void **unused)
{
    struct scene *s = scene_begin();
    start_step(s);
    leave_body(s, FLOW_STEP_FAILED);
    enqueue(s, 2, A, A, FLOW_REASON_RETRY, 0);
    end_step(s, FLOW_STEP_RETRIED);
    STATUS(A, "queued");
    assert_int_equal(s->state.tasks.at[A].failures, 1);
    DO(.kind = FLOW_EV_DROPPED, .task = A, .entry = 2);
    STATUS(A, "failed");
    scene_end(s);
}

static void a_crash_in_a_body_fails_its_task_and_leaves_the_queue(void **unused)
{
    struct scene *s = scene_begin();
    start_step(s);
    enqueue(s, 2, D, A, FLOW_REASON_NEXT_TASK, 0);
    DO(.kind = FLOW_EV_RUN_ENDED, .origin = FLOW_ORIGIN_HOST, .code = FLOW_OUTCOME_CRASHED, .task = A,
        .text = "signal 11", .text_length = 9);
    STATUS(A, "failed");
    STATUS(D, "not run");
    assert_int_equal(s->state.queue.count, 1);
    assert_int_equal(s->state.current, FLOW_TASK_NONE);
    assert_string_equal(s->state.message, "signal 11");
    REFUSE(.kind = FLOW_EV_DEQUEUED, .task = D, .entry = 2);
    scene_end(s);
}

static void set_key(struct scene *s, flow_key key, const char *name, int64_t value, enum flow_origin origin)
{
    DO(.kind = FLOW_EV_CHANNEL_SET, .key = key, .value = flow_int(value), .text = name,
        .text_length = strlen(name), .origin = (uint8_t)origin, .step = s->state.step);
}

static void changes_are_marked_against_the_value_before_the_step(void **unused)
{
    struct scene *s = scene_begin();
    set_key(s, 0, "x", 1, FLOW_ORIGIN_ENGINE);
    assert_false(s->state.keys.at[0].changed); /* given to the run: no step changed it */
    set_key(s, 1, "edited", 1, FLOW_ORIGIN_USER);
    assert_true(s->state.keys.at[1].changed);
    start_step(s);
    assert_false(s->state.keys.at[1].changed);
    set_key(s, 0, "", 2, FLOW_ORIGIN_TASK);
    set_key(s, 0, "", 3, FLOW_ORIGIN_TASK);
    const struct trace_key *x = &s->state.keys.at[0];
    assert_true(x->changed && x->was_set);
    assert_int_equal(x->before.as.integer, 1);
    assert_int_equal(x->writer, A);
    assert_int_equal(x->writes, 3);
    DO(.kind = FLOW_EV_CHANNEL_DELETED, .key = 0, .old = flow_int(3), .step = 1);
    assert_false(x->is_set);
    assert_int_equal(s->state.order.count, 1);
    set_key(s, 0, "", 4, FLOW_ORIGIN_TASK); /* back, but last in the order now */
    assert_int_equal(s->state.order.at[0], 1);
    assert_int_equal(s->state.order.at[1], 0);
    leave_body(s, FLOW_STEP_COMPLETED);
    end_step(s, FLOW_STEP_COMPLETED);
    assert_true(s->state.keys.at[0].changed); /* the step is over, its changes are still shown */
    scene_end(s);
}

static void keys_may_be_numbered_before_they_are_named(void **unused)
{
    struct scene *s = scene_begin();
    set_key(s, 5, "fifth", 1, FLOW_ORIGIN_ENGINE);
    assert_int_equal(s->state.keys.count, 6);
    assert_string_equal(trace_state_key_name(&s->state, 5), "fifth");
    assert_string_equal(trace_state_key_name(&s->state, 4), "?");
    assert_int_equal(trace_state_find_key(&s->state, "fifth"), 5);
    set_key(s, 4, "fourth", 1, FLOW_ORIGIN_ENGINE);
    REFUSE(.kind = FLOW_EV_CHANNEL_SET, .key = 3, .text = "fifth", .text_length = 5);
    REFUSE(.kind = FLOW_EV_CHANNEL_SET, .key = 2);
    REFUSE(.kind = FLOW_EV_CHANNEL_SET, .key = 1000000, .text = "far", .text_length = 3);
    scene_end(s);
}

/* The queue against a plain array, with entries coming and going at both ends and in the middle. */
static void the_queue_keeps_its_order_under_all_operations(void **unused)
{
    struct random_source random = {4};
    struct scene *s = scene_begin();
    uint64_t model[256] = {1}, next = 2;
    size_t count = 1;
    for (int round = 0; round < 20000; round++) {
        uint32_t what = count == 0 ? 0 : count > 200 ? 2 : random_below(&random, 4);
        size_t at = random_below(&random, 3) == 0 ? 0 : random_below(&random, (uint32_t)count + 1);
        if (what <= 1) {
            enqueue(s, next, A, FLOW_TASK_NONE, FLOW_REASON_MANUAL, at);
            memmove(model + at + 1, model + at, (count - at) * sizeof *model);
            model[at] = next++;
            count++;
        } else if (what == 2) {
            at = at < count ? at : count - 1;
            DO(.kind = FLOW_EV_DROPPED, .task = A, .entry = model[at]);
            count--;
            memmove(model + at, model + at + 1, (count - at) * sizeof *model);
        } else {
            at = at < count ? at : count - 1;
            size_t to = random_below(&random, (uint32_t)count);
            uint64_t moved = model[at];
            DO(.kind = FLOW_EV_MOVED, .task = A, .entry = moved, .position = to);
            memmove(model + at, model + at + 1, (count - at - 1) * sizeof *model);
            memmove(model + to + 1, model + to, (count - to - 1) * sizeof *model);
            model[to] = moved;
        }
        assert_int_equal(s->state.queue.count, count);
        for (size_t i = 0; i < count; i++)
            assert_int_equal(s->state.queue.at[i].number, model[i]);
    }
    scene_end(s);
}

static void events_that_do_not_fit_are_refused(void **unused)
{
    struct scene *s = scene_begin();
    REFUSE(.kind = FLOW_EV_RUN_STARTED);
    REFUSE(.kind = FLOW_EV_TASK_ADDED, .task = 9, .other = FLOW_TASK_NONE, .text = "z", .text_length = 1);
    REFUSE(.kind = FLOW_EV_TASK_ADDED, .task = 4, .other = FLOW_TASK_NONE, .text = "a", .text_length = 1);
    REFUSE(.kind = FLOW_EV_TASK_ADDED, .task = 4, .other = 77, .text = "z", .text_length = 1);
    REFUSE(.kind = FLOW_EV_TASK_ADDED, .task = 4, .other = A, .text = "\xff", .text_length = 1);
    REFUSE(.kind = FLOW_EV_TASK_ADDED, .task = 4, .other = A, .text = "z\0y", .text_length = 3);
    REFUSE(.kind = FLOW_EV_TASK_REDEFINED, .task = 4);
    REFUSE(.kind = FLOW_EV_EDGE_ADDED, .task = A, .other = 4);
    REFUSE(.kind = FLOW_EV_EDGE_ADDED, .task = A, .other = B);
    REFUSE(.kind = FLOW_EV_ENQUEUED, .entry = 2, .task = 4, .other = A);
    REFUSE(.kind = FLOW_EV_ENQUEUED, .entry = 2, .task = A, .other = 4);
    REFUSE(.kind = FLOW_EV_ENQUEUED, .entry = 2, .task = A, .other = A, .position = 2);
    REFUSE(.kind = FLOW_EV_ENQUEUED, .entry = 2, .task = A, .other = A, .reason = 7);
    REFUSE(.kind = FLOW_EV_DEQUEUED, .entry = 2, .task = A);
    REFUSE(.kind = FLOW_EV_DEQUEUED, .entry = 1, .task = B);
    REFUSE(.kind = FLOW_EV_DROPPED, .entry = 1, .task = B);
    REFUSE(.kind = FLOW_EV_MOVED, .entry = 1, .task = A, .position = 1);
    REFUSE(.kind = FLOW_EV_ABANDONED, .entry = 0, .task = A, .other = B);
    REFUSE(.kind = FLOW_EV_STEP_STARTED, .entry = 1, .task = A, .step = 1);
    REFUSE(.kind = FLOW_EV_RETURNED, .task = A);
    REFUSE(.kind = FLOW_EV_STEP_ENDED, .task = A);
    REFUSE(.kind = FLOW_EV_RELEASED, .task = A, .other = B);
    REFUSE(.kind = FLOW_EV_JOIN_ARRIVED, .task = D, .other = A);
    REFUSE(.kind = FLOW_EV_CHANNEL_DELETED, .key = 0);
    REFUSE(.kind = FLOW_EV_RUN_ENDED, .code = 99, .task = FLOW_TASK_NONE);
    REFUSE(.kind = FLOW_EV_RUN_ENDED, .code = 1, .task = 4);
    REFUSE(.kind = FLOW_EV_ERROR, .task = 4);
    REFUSE(.kind = FLOW_EV_INPUT, .origin = 4);
    REFUSE(.kind = FLOW_EV_BRANCH, .count = 3);
    struct flow_event late = {.kind = FLOW_EV_INPUT, .number = s->state.event + 2};
    assert_int_equal(trace_state_apply(&s->state, &late, NULL), FLOW_EFORMAT);
    assert_int_equal(s->state.event, 10); /* nothing of that counted */
    assert_int_equal(s->state.queue.count, 1);
    assert_int_equal(s->state.edges.count, 4);
    scene_end(s);
}

static void random_events_never_crash_the_fold(void **unused)
{
    struct random_source random = {31};
    for (int round = 0; round < 200; round++) {
        struct scene *s = scene_begin();
        uint64_t step = 1;
        for (int i = 0; i < 200; i++) {
            struct sample sample;
            uint64_t number = s->state.event;
            sample_draw(&sample, sample_kind(&random), &random, &number, &step);
            sample.event.task %= random_below(&random, 4) ? 4 : UINT32_MAX;
            sample.event.other %= random_below(&random, 4) ? 4 : UINT32_MAX;
            sample.event.entry = random_below(&random, 5);
            sample.event.number = s->state.event + 1;
            char words[100];
            trace_print_event(&s->state, &sample.event, words, sizeof words);
            trace_state_apply(&s->state, &sample.event, NULL);
            trace_state_task_status(&s->state, sample.event.task);
            sample_finish(&sample);
        }
        scene_end(s);
    }
}

/* Fails the n-th allocation from now on. */
static size_t countdown;
static void *failing_resize(void *user, void *ptr, size_t size)
{
    if (size == 0) {
        free(ptr);
        return NULL;
    }
    return countdown-- == 0 ? (countdown = 0, NULL) : realloc(ptr, size);
}

static void out_of_memory_leaves_the_state_as_it_was(void **unused)
{
    bool is_done = false;
    mem_set_allocator(failing_resize, NULL);
    for (size_t fail_at = 0; !is_done; fail_at++) {
        countdown = SIZE_MAX;
        struct scene *s = scene_begin();
        start_step(s);
        uint64_t before = s->state.event;
        struct flow_event rows[] = {
            {.kind = FLOW_EV_TASK_ADDED,
                .task = 4,
                .other = A,
                .text = "e",
                .text_length = 1,
                .detail = "f:1",
                .detail_length = 3},
            {.kind = FLOW_EV_ENQUEUED, .entry = 2, .task = D, .other = A, .reason = FLOW_REASON_GOTO},
            {.kind = FLOW_EV_CHANNEL_SET, .key = 9, .text = "key", .text_length = 3},
            {.kind = FLOW_EV_HELD, .task = B, .other = A},
            {.kind = FLOW_EV_JOIN_ARRIVED, .task = D, .other = B},
            {.kind = FLOW_EV_ERROR, .task = A, .text = "error: x", .text_length = 8},
        };
        size_t failures = 0;
        countdown = fail_at;
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
            int status = apply(s, rows[i]);
            if (status == FLOW_ENOMEM) {
                failures++;
                assert_int_equal(s->state.event, before);
                countdown = SIZE_MAX;
                status = apply(s, rows[i]); /* with memory again, the same event fits */
            }
            assert_int_equal(status, FLOW_OK);
            before++;
        }
        is_done = failures == 0;
        countdown = SIZE_MAX;
        scene_end(s);
    }
    mem_set_allocator(NULL, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_diamond_with_a_join_shows_every_status),
        cmocka_unit_test(jumps_become_edges_that_count),
        cmocka_unit_test(a_task_that_a_goto_passed_by_is_skipped_until_it_runs),
        cmocka_unit_test(a_retried_task_is_queued_and_failed_if_nobody_retries_it),
        cmocka_unit_test(a_crash_in_a_body_fails_its_task_and_leaves_the_queue),
        cmocka_unit_test(changes_are_marked_against_the_value_before_the_step),
        cmocka_unit_test(keys_may_be_numbered_before_they_are_named),
        cmocka_unit_test(the_queue_keeps_its_order_under_all_operations),
        cmocka_unit_test(events_that_do_not_fit_are_refused),
        cmocka_unit_test(random_events_never_crash_the_fold),
        cmocka_unit_test(out_of_memory_leaves_the_state_as_it_was),
    };
    return RUN_TESTS(tests);
}
