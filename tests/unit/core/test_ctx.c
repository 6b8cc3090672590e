/* The calls of a body, from inside a body: each test is one task. */
#include "tests/unit/test.h"

#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "flow/flow.h"

/* What a run told: one line an event, "kind origin text". */
static struct str told;

static void tell(void *user, struct flow_run *run, const struct flow_event *event)
{
    const struct flow_event_info *info = flow_event_info(event->kind);
    bool has_text = (info->fields & FLOW_F_TEXT) && event->text;
    str_addf(&told, "%d %s %s%s%.*s\n", (int)event->number, flow_origin_name(event->origin), info->name,
        has_text ? ": " : "", has_text ? (int)event->text_length : 0, has_text ? event->text : "");
}

static int64_t wall(void *user)
{
    (void)user;
    return 1234567890;
}

static int64_t ticks(void *user)
{
    return ++*(int64_t *)user;
}

/* Runs one task named "body" and gives the run back, ended. */
static struct flow_run *play(struct flow_workflow **wf, flow_task_fn fn, void *user, uint64_t notes)
{
    static int64_t now;
    struct flow_run *run;
    const struct flow_task_def def = {.size = sizeof def, .id = "body", .fn = fn, .user = user};
    const struct flow_run_options options = {.size = sizeof options,
        .seed = 42,
        .clock_ns = ticks,
        .wall_ns = wall,
        .clock_user = &now,
        .hooks = {.size = sizeof options.hooks, .on_event = tell, .notes = notes}};
    str_clear(&told);
    assert_int_equal(flow_workflow_create(wf, "w", NULL), FLOW_OK);
    assert_int_equal(flow_workflow_add_task(*wf, &def, NULL, NULL), FLOW_OK);
    assert_int_equal(flow_run_create(&run, *wf, &options, NULL), FLOW_OK);
    assert_int_equal(flow_run_start(run, NULL), FLOW_OK);
    while (flow_run_step(run, NULL) == FLOW_OK)
        ;
    return run;
}

static void play_and_forget(flow_task_fn fn, uint64_t notes)
{
    struct flow_workflow *wf;
    struct flow_run *run = play(&wf, fn, NULL, notes);
    if (flow_run_outcome(run) != FLOW_OUTCOME_COMPLETED)
        fail_msg("%s", flow_run_message(run));
    flow_run_destroy(run);
    flow_workflow_destroy(wf);
}

static int use_channel(struct flow_ctx *ctx, void *user, struct flow_value *result)
{
    struct flow_value v = flow_null();
    size_t cursor = 0;
    const char *key;
    assert_int_equal(flow_ctx_get(ctx, "x", &v), FLOW_NOT_FOUND);
    assert_int_equal(flow_ctx_delete(ctx, "x"), FLOW_NOT_FOUND);
    assert_int_equal(flow_ctx_set(ctx, "x", flow_int(1)), FLOW_OK);
    assert_int_equal(flow_ctx_set(ctx, "y", flow_int(2)), FLOW_OK);
    flow_key x = flow_ctx_key(ctx, "x");
    assert_int_equal(flow_ctx_get_key(ctx, x, &v), FLOW_OK);
    assert_int_equal(v.as.integer, 1);
    assert_int_equal(flow_ctx_delete(ctx, "x"), FLOW_OK);
    assert_int_equal(flow_ctx_get_key(ctx, x, &v), FLOW_NOT_FOUND);
    assert_int_equal(flow_ctx_set_key(ctx, x, flow_int(3)), FLOW_OK); /* now after y */
    assert_int_equal(flow_ctx_next_key(ctx, &cursor, &key, &v), FLOW_OK);
    assert_string_equal(key, "y");
    assert_int_equal(flow_ctx_next_key(ctx, &cursor, &key, &v), FLOW_OK);
    assert_string_equal(key, "x");
    assert_int_equal(v.as.integer, 3);
    assert_int_equal(flow_ctx_next_key(ctx, &cursor, &key, &v), FLOW_END);
    assert_string_equal(flow_ctx_error(ctx), "");
    assert_int_equal(flow_ctx_set(ctx, "", flow_int(1)), FLOW_EINVAL);
    assert_int_equal(flow_ctx_set(ctx, "\xff", flow_int(1)), FLOW_EINVAL);
    assert_string_equal(flow_ctx_error(ctx), "a channel key must be a text that is not empty, in UTF-8");
    assert_int_equal(flow_ctx_key(ctx, ""), FLOW_KEY_NONE);
    assert_int_equal(flow_ctx_result(ctx, "body", &v), FLOW_NOT_FOUND);
    return FLOW_OK;
}

static void the_channel_is_read_written_and_walked(void **state)
{
    (void)state;
    play_and_forget(use_channel, 0);
}

static int read_and_write(struct flow_ctx *ctx, void *user, struct flow_value *result)
{
    struct flow_value v;
    flow_ctx_get(ctx, "k", &v);
    flow_ctx_set(ctx, "k", flow_int(1));
    flow_ctx_set(ctx, "k", flow_int(2));
    flow_ctx_get(ctx, "k", &v);
    if (flow_ctx_wants(ctx, FLOW_EV_SOURCE_LINE))
        flow_ctx_line(ctx, "w.lua", 7);
    flow_ctx_print(ctx, 1, "hello", 5);
    return FLOW_OK;
}

static const char with_notes[] = "1 host run started: w\n"
                                 "2 engine task added: body\n"
                                 "3 engine enqueued\n"
                                 "4 engine dequeued\n"
                                 "5 engine step started\n"
                                 "5 task channel read: k\n"
                                 "6 task channel set: k\n"
                                 "7 task channel set\n"
                                 "7 task channel read\n"
                                 "7 task line: w.lua\n"
                                 "7 task output: hello\n"
                                 "8 engine returned\n"
                                 "9 engine channel set: body.__result__\n"
                                 "10 engine step ended\n"
                                 "11 engine run ended: \n";

static void notes_hang_on_the_last_event_and_never_announce_a_key(void **state)
{
    (void)state;
    play_and_forget(read_and_write, UINT64_MAX);
    assert_string_equal(str_text(&told), with_notes);
    play_and_forget(read_and_write, 0);
    assert_null(strstr(str_text(&told), "channel read"));
    assert_non_null(strstr(str_text(&told), "10 engine step ended\n"));
    str_finish(&told);
}

static int ask_outside(struct flow_ctx *ctx, void *user, struct flow_value *result)
{
    uint64_t *numbers = user;
    assert_int_equal(flow_ctx_wall_ns(ctx), 1234567890);
    numbers[0] = flow_ctx_random(ctx);
    numbers[1] = flow_ctx_random(ctx);
    assert_int_equal(flow_ctx_input(ctx, "reply", flow_bool(true)), FLOW_OK);
    assert_int_equal(flow_ctx_input(ctx, "\xff", flow_bool(true)), FLOW_EINVAL);
    return FLOW_OK;
}

static void inputs_are_recorded_and_random_numbers_come_from_the_seed(void **state)
{
    (void)state;
    struct flow_workflow *wf;
    uint64_t first[2], second[2];
    for (uint64_t *numbers = first; numbers; numbers = numbers == first ? second : NULL) {
        struct flow_run *run = play(&wf, ask_outside, numbers, 0);
        assert_int_equal(flow_run_outcome(run), FLOW_OUTCOME_COMPLETED);
        flow_run_destroy(run);
        flow_workflow_destroy(wf);
    }
    assert_memory_equal(first, second, sizeof first);
    assert_true(first[0] != first[1]);
    assert_non_null(strstr(str_text(&told), "task input: clock\n"));
    assert_non_null(strstr(str_text(&told), "task input: random\n"));
    assert_non_null(strstr(str_text(&told), "task input: reply\n"));
    str_finish(&told);
}

static int fail_badly(struct flow_ctx *ctx, void *user, struct flow_value *result)
{
    flow_ctx_fail(ctx, "First", NULL, "forgotten");
    return flow_ctx_fail(ctx, "Val\xffue", "at line 3", "bytes %s", "\x80!");
}

static int fail_silently(struct flow_ctx *ctx, void *user, struct flow_value *result)
{
    return FLOW_EIO;
}

static int fail_by_call(struct flow_ctx *ctx, void *user, struct flow_value *result)
{
    return flow_ctx_next_task(ctx, 99, FLOW_NEXT_GOTO);
}

static void a_failure_has_words_in_utf8(void **state)
{
    (void)state;
    static const struct {
        flow_task_fn fn;
        const char *error, *message;
    } rows[] = {
        {fail_badly, "error: Val\xef\xbf\xbdue: bytes \xef\xbf\xbd!\n",
            "task 'body' failed: bytes \xef\xbf\xbd!"},
        {fail_silently, "error: error: input/output error\n", "task 'body' failed: input/output error"},
        {fail_by_call, "error: error: next_task: there is no task number 99\n",
            "task 'body' failed: next_task: there is no task number 99"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct flow_workflow *wf;
        struct flow_run *run = play(&wf, rows[i].fn, NULL, 0);
        assert_int_equal(flow_run_outcome(run), FLOW_OUTCOME_FAILED);
        assert_string_equal(flow_run_message(run), rows[i].message);
        assert_int_equal(flow_run_culprit(run), 0);
        assert_non_null(strstr(str_text(&told), rows[i].error));
        flow_run_destroy(run);
        flow_workflow_destroy(wf);
    }
    str_finish(&told);
}

static int look_around(struct flow_ctx *ctx, void *user, struct flow_value *result)
{
    assert_string_equal(flow_ctx_task_id(ctx), "body");
    assert_int_equal(flow_ctx_task(ctx), 0);
    assert_int_equal(flow_ctx_step(ctx), 1);
    assert_int_equal(flow_ctx_iteration(ctx), 1);
    assert_int_equal(flow_ctx_attempt(ctx), 1);
    assert_int_equal(flow_ctx_cycle_count(ctx), 0);
    assert_int_equal(flow_ctx_max_cycles(ctx), 100);
    assert_true(flow_ctx_can_iterate(ctx));
    assert_int_equal(flow_ctx_data(ctx).type, FLOW_TYPE_NULL);
    assert_int_equal(flow_ctx_arg(ctx, 5).type, FLOW_TYPE_NULL);
    assert_int_equal(flow_ctx_find_task(ctx, "none"), FLOW_TASK_NONE);
    assert_null(flow_ctx_id_of(ctx, 99));
    assert_int_equal(flow_ctx_add_edge(ctx, 0, 99), FLOW_EINVAL);
    assert_int_equal(flow_ctx_print(ctx, 3, "x", 1), FLOW_EINVAL);
    assert_int_equal(flow_ctx_printf(ctx, "%d", 1), FLOW_OK);
    assert_false(flow_ctx_wants(ctx, FLOW_EV_OUTPUT));
    assert_false(flow_ctx_wants(ctx, FLOW_EV_ENQUEUED));
    return FLOW_OK;
}

static void a_body_can_look_around(void **state)
{
    (void)state;
    play_and_forget(look_around, 0);
    str_finish(&told);
}

static void the_run_says_how_it_was_made(void **state)
{
    (void)state;
    struct flow_workflow *wf;
    struct flow_run *run;
    struct flow_error err = FLOW_ERROR_INIT;
    assert_int_equal(flow_workflow_create(&wf, "w", NULL), FLOW_OK);
    static const struct {
        struct flow_run_options options;
        const char *words;
    } rows[] = {
        {{.size = 4}, "run options of 4 bytes: set .size = sizeof(struct flow_run_options)"},
        {{.size = sizeof(struct flow_run_options), .profile = (enum flow_profile)9},
            "there is no profile number 9"},
        {{.size = sizeof(struct flow_run_options), .info = {.type = FLOW_TYPE_INT}},
            "the run's info must be a map, not a int"},
        {{.size = sizeof(struct flow_run_options)}, "workflow 'w' has no tasks"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_int_equal(flow_run_create(&run, wf, &rows[i].options, &err), FLOW_EINVAL);
        assert_string_equal(err.text, rows[i].words);
    }
    flow_run_destroy(NULL);
    flow_workflow_destroy(wf);
}

static void remember_start(void *user, struct flow_run *run, const struct flow_event *event)
{
    if (event->kind == FLOW_EV_RUN_STARTED)
        flow_value_print(event->value, user, 200);
}

static void the_hosts_facts_are_merged_into_the_runs(void **state)
{
    (void)state;
    struct flow_workflow *wf;
    struct flow_run *run;
    char printed[200];
    struct flow_member facts[2], initial;
    struct flow_value info;
    assert_int_equal(flow_string(&facts[0].key, "argv"), FLOW_OK);
    facts[0].value = flow_int(1);
    assert_int_equal(flow_string(&facts[1].key, "seed"), FLOW_OK); /* ours stands */
    facts[1].value = flow_int(2);
    assert_int_equal(flow_map_create(&info, facts, 2), FLOW_OK);
    assert_int_equal(flow_string(&initial.key, "k"), FLOW_OK);
    initial.value = flow_int(5);
    const struct flow_task_def def = {.size = sizeof def, .id = "a", .fn = look_around};
    const struct flow_run_options options = {.size = sizeof options,
        .seed = 9,
        .info = info,
        .channel = &initial,
        .channel_count = 1,
        .hooks = {.size = sizeof options.hooks, .user = printed, .on_event = remember_start}};
    assert_int_equal(flow_workflow_create(&wf, "w", NULL), FLOW_OK);
    assert_int_equal(flow_workflow_add_task(wf, &def, NULL, NULL), FLOW_OK);
    assert_int_equal(flow_run_create(&run, wf, &options, NULL), FLOW_OK);
    flow_value_unref(info);
    flow_value_unref(initial.key);
    assert_int_equal(flow_run_step(run, NULL), FLOW_ESTATE);
    assert_int_equal(flow_run_start(run, NULL), FLOW_OK);
    assert_int_equal(flow_run_start(run, NULL), FLOW_ESTATE);
    assert_string_equal(
        printed, "{profile: \"documented\", seed: 9, max_steps: 10000, start: \"a\", argv: 1}");
    struct flow_value v;
    assert_string_equal(flow_run_key_name(run, 1), "k");
    assert_int_equal(flow_run_key_value(run, 1, &v), FLOW_OK);
    assert_int_equal(v.as.integer, 5);
    flow_run_destroy(run);
    flow_workflow_destroy(wf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_channel_is_read_written_and_walked),
        cmocka_unit_test(notes_hang_on_the_last_event_and_never_announce_a_key),
        cmocka_unit_test(inputs_are_recorded_and_random_numbers_come_from_the_seed),
        cmocka_unit_test(a_failure_has_words_in_utf8),
        cmocka_unit_test(a_body_can_look_around),
        cmocka_unit_test(the_run_says_how_it_was_made),
        cmocka_unit_test(the_hosts_facts_are_merged_into_the_runs),
    };
    return RUN_TESTS(tests);
}
