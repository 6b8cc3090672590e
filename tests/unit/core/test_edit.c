/* Manual control: what each edit does at a boundary and in a body, and when it is kept. */
#include "tests/unit/core/play.h"

#include <stdio.h>
#include <string.h>

static int edit(struct play *play, const struct flow_edit *edit)
{
    struct flow_error err = FLOW_ERROR_INIT;
    int status = flow_run_edit(play->run, edit, &err);
    if (status < 0)
        assert_int_equal(err.code, status);
    return status;
}

static struct flow_edit of_task(struct play *play, enum flow_edit_kind kind, const char *id)
{
    return (struct flow_edit){.kind = kind, .task = play_task(play, id), .position = FLOW_BACK};
}

static struct flow_edit of_entry(
    struct play *play, enum flow_edit_kind kind, const char *id, uint64_t position)
{
    return (struct flow_edit){.kind = kind, .entry = play_entry(play, id), .position = position};
}

/* One edit at the boundary after `steps` steps, and what comes of it. */
static void at_a_boundary_an_edit_applies_at_once(void **state)
{
    (void)state;
    static const struct {
        const char *tasks, *edges, *script;
        int steps;
        enum flow_edit_kind kind;
        const char *what; /* task, or the task of an entry */
        uint64_t position;
        const char *expected;
    } rows[] = {
        {"a b c", "a>b", "", 1, FLOW_EDIT_GOTO, "c", 0,
            "+a | a: +b user 'goto' drop b +c | c: | = completed"},
        {"a b c", "a>b", "", 0, FLOW_EDIT_ENQUEUE, "c", 0,
            "+a user 'enqueue' +c@0 | c: | a: +b | b: | = completed"},
        {"a b c", "a>b", "", 0, FLOW_EDIT_ENQUEUE, "c", FLOW_BACK,
            "+a user 'enqueue' +c | a: +b | c: | b: | = completed"},
        {"a b c", "a>b a>c", "", 1, FLOW_EDIT_DROP, "b", 0,
            "+a | a: +b +c user 'drop' drop b | c: | = completed"},
        {"a b c", "a>b a>c", "", 1, FLOW_EDIT_MOVE, "c", 0,
            "+a | a: +b +c user 'move' move c@0 | c: | b: | = completed"},
        {"a b c", "a>b a>c", "", 1, FLOW_EDIT_MOVE, "b", FLOW_BACK,
            "+a | a: +b +c user 'move' move b@1 | c: | b: | = completed"},
        {"a b c", "a>b b>c", "", 1, FLOW_EDIT_SKIP, "b", 0,
            "+a | a: +b user 'skip' pass b +c | c: | = completed"},
        {"a b", "a>b", "a: iter", 1, FLOW_EDIT_DROP, "a", 0,
            "+a | a: +a hold b user 'drop' drop a free b skip b | = completed"},
        {"a b", "a>b", "a: iter", 1, FLOW_EDIT_SKIP, "a", 0,
            "+a | a: +a hold b user 'skip' pass a free b +b | b: | = completed"},
        {"a b c:join", "a>b a>c b>c", "", 2, FLOW_EDIT_DROP, "c", 0,
            "+a | a: +b c 1 from a | b: c 2 from b +c user 'drop' drop c | = completed"},
        {"a b c d:join", "a>b a>c b>d c>d", "b: goto a", 3, FLOW_EDIT_SKIP, "c", 0,
            "+a | a: +b +c | b: +a@0 skip d | a: +b +c user 'skip' pass c d 1 from c | b: d 2 from b +d | c: "
            "d again | "
            "d: | = completed"},
        {"a b", "a>b", "", 1, FLOW_EDIT_ITERATE, "a", 0,
            "+a | a: +b user 'iterate' +a | b: | a#2: +b | b: | = completed"},
        {"a b", "a>b", "", 1, FLOW_EDIT_CANCEL, NULL, 0,
            "+a | a: +b user 'cancel' left b | = cancelled 'enough'"},
        {"a b", "a>b", "", 1, FLOW_EDIT_TERMINATE, NULL, 0,
            "+a | a: +b user 'terminate' left b | = terminated 'enough'"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct play play = {0};
        struct play_spec spec = {"row", rows[i].tasks, rows[i].edges, rows[i].script, .start = "a"};
        play_start(&play, &spec);
        for (int s = 0; s < rows[i].steps; s++)
            assert_int_equal(flow_run_step(play.run, NULL), FLOW_OK);
        bool is_of_entry = rows[i].kind == FLOW_EDIT_DROP || rows[i].kind == FLOW_EDIT_MOVE ||
                           rows[i].kind == FLOW_EDIT_SKIP;
        struct flow_edit change = {.kind = rows[i].kind};
        if (is_of_entry)
            change = of_entry(&play, rows[i].kind, rows[i].what, rows[i].position);
        else if (rows[i].what)
            change = of_task(&play, rows[i].kind, rows[i].what);
        change.position = rows[i].position;
        change.message = "enough";
        assert_int_equal(edit(&play, &change), FLOW_OK);
        play_run(&play);
        if (strcmp(str_text(&play.log) + 1, rows[i].expected) != 0)
            fail_msg("row %zu:\n# expected %s\n# got      %s", i, rows[i].expected, str_text(&play.log) + 1);
        play_finish(&play);
    }
}

static void the_channel_can_be_set_and_unset(void **state)
{
    (void)state;
    struct play play = {0};
    static const struct play_spec spec = {"set", "a b:param", "a>b", "a: set k 1; b: arg"};
    play_start(&play, &spec);
    play.shows_results = true;
    assert_int_equal(
        edit(&play, &(struct flow_edit){.kind = FLOW_EDIT_SET, .key = "p", .value = flow_int(9)}), FLOW_OK);
    assert_int_equal(flow_run_step(play.run, NULL), FLOW_OK);
    assert_int_equal(edit(&play, &(struct flow_edit){.kind = FLOW_EDIT_UNSET, .key = "k"}), FLOW_OK);
    play_run(&play);
    assert_string_equal(str_text(&play.log) + 1,
        "+a user 'set' p=9 | a: k=1 a.__result__=null +b user 'unset' delete k | "
        "b: b.__result__=9 | = completed");
    play_finish(&play);
}

static void an_impossible_edit_leaves_no_trace(void **state)
{
    (void)state;
    struct play play = {0};
    struct flow_value text = flow_null();
    static const struct play_spec spec = {"impossible", "a", "", ""};
    play_start(&play, &spec);
    assert_int_equal(flow_string(&text, "taken over on failure too"), FLOW_OK);
    static const struct {
        struct flow_edit edit;
        int status;
    } rows[] = {
        {{.kind = FLOW_EDIT_GOTO, .task = 7}, FLOW_ENOENT},
        {{.kind = FLOW_EDIT_ENQUEUE, .task = FLOW_TASK_NONE}, FLOW_ENOENT},
        {{.kind = FLOW_EDIT_DROP, .entry = 99}, FLOW_ENOENT},
        {{.kind = FLOW_EDIT_MOVE, .entry = 0}, FLOW_ENOENT},
        {{.kind = FLOW_EDIT_SKIP, .entry = 2}, FLOW_ENOENT},
        {{.kind = FLOW_EDIT_UNSET, .key = "none"}, FLOW_ENOENT},
        {{.kind = FLOW_EDIT_SET, .key = ""}, FLOW_EINVAL},
        {{.kind = FLOW_EDIT_SET, .key = "\xff"}, FLOW_EINVAL},
        {{.kind = (enum flow_edit_kind)77}, FLOW_EINVAL},
    };
    uint64_t events = flow_run_event_count(play.run);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct flow_edit change = rows[i].edit;
        change.value = flow_value_ref(text);
        assert_int_equal(edit(&play, &change), rows[i].status);
    }
    assert_int_equal(flow_run_event_count(play.run), events);
    flow_value_unref(text);
    play_run(&play);
    assert_int_equal(edit(&play, &(struct flow_edit){.kind = FLOW_EDIT_CANCEL}), FLOW_ESTATE);
    play_finish(&play);
}

/* Asks for `asked` once, at the first event of kind `at`. */
static struct {
    enum flow_event_kind at;
    struct flow_edit asked;
    int status;
    bool is_done;
} plan;

static void ask_once(struct play *play, const struct flow_event *event)
{
    if (plan.is_done || event->kind != plan.at || event->step == 0)
        return;
    plan.is_done = true;
    plan.status = edit(play, &plan.asked);
}

/* From a hook an edit waits: for the body to begin, for the end of the call, for the boundary. */
static void asked_for_in_a_hook_an_edit_waits_for_its_moment(void **state)
{
    (void)state;
    static const struct {
        enum flow_event_kind at;
        const char *expected;
    } rows[] = {
        {FLOW_EV_DEQUEUED, "+a | a: user 'goto' +c k=1 +x skip b | c: | x: | = completed"},
        {FLOW_EV_STEP_STARTED, "+a | a: user 'goto' +c k=1 +x skip b | c: | x: | = completed"},
        {FLOW_EV_CHANNEL_SET, "+a | a: k=1 user 'goto' +c +x skip b | c: | x: | = completed"},
        {FLOW_EV_ENQUEUED, "+a | a: k=1 +x user 'goto' +c@0 skip b | c: | x: | = completed"},
        {FLOW_EV_RETURNED, "+a | a: k=1 +x +b user 'goto' drop x +c@0 | c: | b: | = completed"},
        {FLOW_EV_STEP_ENDED, "+a | a: k=1 +x +b user 'goto' drop x +c@0 | c: | b: | = completed"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct play play = {.on_event = ask_once};
        static const struct play_spec spec = {"kept", "a b c x", "a>b", "a: set k 1, next x", .start = "a"};
        plan.at = rows[i].at;
        plan.is_done = false;
        plan.asked = (struct flow_edit){.kind = FLOW_EDIT_GOTO, .task = 2};
        play_start(&play, &spec);
        play_run(&play);
        assert_int_equal(plan.status, FLOW_AGAIN);
        if (strcmp(str_text(&play.log) + 1, rows[i].expected) != 0)
            fail_msg("row %zu:\n# expected %s\n# got      %s", i, rows[i].expected, str_text(&play.log) + 1);
        play_finish(&play);
    }
}

static void a_kept_edit_that_became_impossible_is_told(void **state)
{
    (void)state;
    struct play play = {.on_event = ask_once};
    static const struct play_spec spec = {"late", "a", "", "a: set k 1"};
    plan.at = FLOW_EV_STEP_ENDED;
    plan.is_done = false;
    plan.asked = (struct flow_edit){.kind = FLOW_EDIT_DROP, .entry = 1, .command = "drop 1"};
    play_start(&play, &spec);
    play_run(&play);
    assert_string_equal(str_text(&play.log) + 1,
        "+a | a: k=1 error 'error: drop 1: there is no entry 1 in the queue' | = completed");
    play_finish(&play);

    struct play ended = {.on_event = ask_once};
    static const struct play_spec failing = {"ended", "a", "", "a: fail f"};
    plan.is_done = false;
    plan.asked = (struct flow_edit){.kind = FLOW_EDIT_SET, .key = "k", .value = flow_int(1)};
    play_start(&ended, &failing);
    play_run(&ended);
    assert_string_equal(str_text(&ended.log) + 1, "+a | a: error 'error: f' error 'error: set: the run ended "
                                                  "before' | = failed 'task 'a' failed: f' a");
    play_finish(&ended);
}

static void take_third_out(struct play *play, const struct flow_event *event)
{
    if (event->kind != FLOW_EV_ENQUEUED || event->iteration != 3)
        return;
    plan.asked.entry = event->entry;
    plan.status = edit(play, &plan.asked);
}

/* What the chain holds is the running execution's until it returns: without a next one it is the last. */
static void an_iteration_taken_out_in_its_body_leaves_the_chain_to_end_there(void **state)
{
    (void)state;
    static const struct {
        enum flow_edit_kind kind;
        const char *script, *expected;
    } rows[] = {
        {FLOW_EDIT_DROP, "a: iter | iter",
            "+a | a: +a hold b | a#2: +a user 'drop' drop a free b +b | b: | = completed"},
        {FLOW_EDIT_SKIP, "a: iter | iter",
            "+a | a: +a hold b | a#2: +a user 'skip' pass a free b +b | b: | = completed"},
        {FLOW_EDIT_DROP, "a: iter | iter, goto c",
            "+a | a: +a hold b | a#2: +a user 'drop' drop a +c free b skip b | c: | = completed"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct play play = {.on_event = take_third_out};
        struct play_spec spec = {"taken out", "a b c", "a>b", rows[i].script, .start = "a"};
        plan.asked = (struct flow_edit){.kind = rows[i].kind};
        play_start(&play, &spec);
        play_run(&play);
        assert_int_equal(plan.status, FLOW_AGAIN);
        if (strcmp(str_text(&play.log) + 1, rows[i].expected) != 0)
            fail_msg("row %zu:\n# expected %s\n# got      %s", i, rows[i].expected, str_text(&play.log) + 1);
        play_finish(&play);
    }
}

/* In a body: cancel as if the task had called it; it is not lost with a failed attempt. */
static void a_persons_cancel_survives_a_retry(void **state)
{
    (void)state;
    struct play play = {.on_event = ask_once};
    static const struct play_spec spec = {"cancel", "a:retries=5", "", "a: set k 1, fail f"};
    plan.at = FLOW_EV_CHANNEL_SET;
    plan.is_done = false;
    plan.asked = (struct flow_edit){.kind = FLOW_EDIT_CANCEL, .message = "stop"};
    play_start(&play, &spec);
    play_run(&play);
    assert_string_equal(str_text(&play.log) + 1,
        "+a | a: k=1 user 'cancel' error 'error: f' retry 1 +a left a | = cancelled 'stop'");
    play_finish(&play);
}

/* What a person adds is not the failed attempt's, which withdraws only its own. */
static void what_a_person_adds_in_a_body_survives_a_retry(void **state)
{
    (void)state;
    static const enum flow_edit_kind rows[] = {FLOW_EDIT_ENQUEUE, FLOW_EDIT_ITERATE};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char expected[200];
        struct play play = {.on_event = ask_once};
        static const struct play_spec spec = {
            "added", "a:retries=1 b c", "", "a: set k 1, next c, fail f", .start = "a"};
        plan.at = FLOW_EV_CHANNEL_SET;
        plan.is_done = false;
        plan.asked = (struct flow_edit){.kind = rows[i], .task = 1, .position = FLOW_BACK};
        play_start(&play, &spec);
        play_run(&play);
        snprintf(expected, sizeof expected,
            "+a | a: k=1 user '%s' +b +c error 'error: f' -c retry 1 +a | b: | a!2: | = completed",
            flow_edit_name(rows[i]));
        assert_string_equal(str_text(&play.log) + 1, expected);
        play_finish(&play);
    }
}

static void go_elsewhere(struct play *play)
{
    if (flow_run_step_count(play->run) == 1 && !plan.is_done) {
        plan.is_done = true;
        plan.status = edit(play, &plan.asked);
    }
}

static void in_the_boundary_hook_the_queue_is_read_again(void **state)
{
    (void)state;
    struct play play = {.on_boundary = go_elsewhere};
    static const struct play_spec spec = {"hook", "a b c", "a>b", "", .start = "a"};
    plan.is_done = false;
    plan.asked = (struct flow_edit){.kind = FLOW_EDIT_GOTO, .task = 2};
    play_start(&play, &spec);
    play_run(&play);
    assert_int_equal(plan.status, FLOW_OK);
    assert_string_equal(str_text(&play.log) + 1, "+a | a: +b user 'goto' drop b +c | c: | = completed");
    play_finish(&play);
}

/* "Once more when the queue is empty": a person may put something into it. */
static void the_boundary_before_the_end_is_offered(void **state)
{
    (void)state;
    struct play play = {.on_boundary = go_elsewhere};
    static const struct play_spec spec = {"end", "a c", "", "", .start = "a"};
    plan.is_done = false;
    plan.asked = (struct flow_edit){.kind = FLOW_EDIT_ENQUEUE, .task = 1};
    play_start(&play, &spec);
    play_run(&play);
    assert_string_equal(str_text(&play.log) + 1, "+a | a: user 'enqueue' +c | c: | = completed");
    play_finish(&play);
}

static void the_host_can_end_a_run_at_a_boundary_and_in_a_body(void **state)
{
    (void)state;
    struct play play = {0};
    static const struct play_spec spec = {"host", "a b", "a>b", ""};
    play_start(&play, &spec);
    assert_int_equal(flow_run_end(play.run, FLOW_OUTCOME_KILLED, "bye"), FLOW_OK);
    assert_int_equal(flow_run_end(play.run, FLOW_OUTCOME_KILLED, "bye"), FLOW_ESTATE);
    play_run(&play);
    assert_string_equal(str_text(&play.log) + 1, "+a left a | = killed 'bye'");
    play_finish(&play);
}

static void time_out(struct play *play, const struct flow_event *event)
{
    if (event->kind == FLOW_EV_CHANNEL_SET && event->origin == FLOW_ORIGIN_TASK)
        assert_int_equal(flow_run_end(play->run, FLOW_OUTCOME_TIMED_OUT, "too slow"), FLOW_OK);
}

static void a_run_ended_in_a_body_ends_when_the_step_does(void **state)
{
    (void)state;
    struct play play = {.on_event = time_out};
    static const struct play_spec spec = {"host", "a b", "a>b", "a: set k 1, set l 2"};
    play_start(&play, &spec);
    assert_int_equal(flow_run_step(play.run, NULL), FLOW_END);
    assert_int_equal(flow_run_outcome(play.run), FLOW_OUTCOME_TIMED_OUT);
    assert_string_equal(str_text(&play.log) + 1, "+a | a: k=1 l=2 +b left b | = timed out 'too slow'");
    play_finish(&play);
}

/* A body that borrowed a value still reads it after a person replaced it. */
static int borrow(struct flow_ctx *ctx, void *user, struct flow_value *result)
{
    struct flow_value borrowed, number;
    assert_int_equal(flow_string(&borrowed, "long lived"), FLOW_OK);
    assert_int_equal(flow_ctx_set(ctx, "k", borrowed), FLOW_OK);
    assert_int_equal(flow_ctx_get(ctx, "k", &borrowed), FLOW_OK);
    flow_ctx_random(ctx); /* its event asks for the edit */
    assert_string_equal(flow_value_text(borrowed, NULL), "long lived");
    assert_int_equal(flow_ctx_get(ctx, "k", &number), FLOW_OK);
    assert_int_equal(number.as.integer, 3);
    return FLOW_OK;
}

static void replace_k(void *user, struct flow_run *run, const struct flow_event *event)
{
    struct flow_edit change = {.kind = FLOW_EDIT_SET, .key = "k", .value = flow_int(3)};
    if (event->kind == FLOW_EV_INPUT)
        assert_int_equal(flow_run_edit(run, &change, NULL), FLOW_AGAIN);
}

static void a_borrowed_value_outlives_an_edit(void **state)
{
    (void)state;
    struct flow_workflow *wf;
    struct flow_run *run;
    const struct flow_task_def def = {.size = sizeof def, .id = "a", .fn = borrow};
    const struct flow_run_options options = {
        .size = sizeof options, .hooks = {.size = sizeof options.hooks, .on_event = replace_k}};
    assert_int_equal(flow_workflow_create(&wf, "borrow", NULL), FLOW_OK);
    assert_int_equal(flow_workflow_add_task(wf, &def, NULL, NULL), FLOW_OK);
    assert_int_equal(flow_run_create(&run, wf, &options, NULL), FLOW_OK);
    assert_int_equal(flow_run_start(run, NULL), FLOW_OK);
    assert_int_equal(flow_run_step(run, NULL), FLOW_OK);
    assert_int_equal(flow_run_step(run, NULL), FLOW_END);
    assert_int_equal(flow_run_outcome(run), FLOW_OUTCOME_COMPLETED);
    flow_run_destroy(run);
    flow_workflow_destroy(wf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(at_a_boundary_an_edit_applies_at_once),
        cmocka_unit_test(the_channel_can_be_set_and_unset),
        cmocka_unit_test(an_impossible_edit_leaves_no_trace),
        cmocka_unit_test(asked_for_in_a_hook_an_edit_waits_for_its_moment),
        cmocka_unit_test(a_kept_edit_that_became_impossible_is_told),
        cmocka_unit_test(an_iteration_taken_out_in_its_body_leaves_the_chain_to_end_there),
        cmocka_unit_test(a_persons_cancel_survives_a_retry),
        cmocka_unit_test(what_a_person_adds_in_a_body_survives_a_retry),
        cmocka_unit_test(in_the_boundary_hook_the_queue_is_read_again),
        cmocka_unit_test(the_boundary_before_the_end_is_offered),
        cmocka_unit_test(the_host_can_end_a_run_at_a_boundary_and_in_a_body),
        cmocka_unit_test(a_run_ended_in_a_body_ends_when_the_step_does),
        cmocka_unit_test(a_borrowed_value_outlives_an_edit),
    };
    return RUN_TESTS(tests);
}
