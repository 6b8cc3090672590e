/* Where the value of a parameter comes from, and which place wins. */
#include "tests/unit/core/play.h"

#include <string.h>

/* Each place that may have a value for parameter `p` of task `b` has a number of its own. */
enum {
    DATA = 1,
    BOUND = 2,
    KEY = 3,
    RESULT = 4,
    DEFAULT = 5,
    PREDECESSOR = 6,
};

struct places {
    bool data, bound, key, result, fallback, other;
};

static int give(struct flow_ctx *ctx, void *user, struct flow_value *result)
{
    const struct places *places = user;
    if (strcmp(flow_ctx_task_id(ctx), "p") == 0) {
        *result = flow_int(RESULT);
    } else {
        *result = flow_int(PREDECESSOR);
        if (places->key)
            return flow_ctx_set(ctx, "p", flow_int(KEY));
    }
    return FLOW_OK;
}

/* With data: once more, and only that execution counts. */
static int take(struct flow_ctx *ctx, void *user, struct flow_value *result)
{
    const struct places *places = user;
    *result = flow_value_ref(flow_ctx_arg(ctx, 0));
    if (places->data && flow_ctx_iteration(ctx) == 1)
        return flow_ctx_next_iteration(ctx, flow_int(DATA));
    return FLOW_OK;
}

/* p >> a >> b, or a >> b. Returns what `b` got; 0: the run failed. */
static int64_t value_that_b_gets(const struct places *places, enum flow_profile profile)
{
    struct flow_workflow *wf;
    struct flow_run *run;
    struct flow_value got = flow_int(0);
    void *user = (void *)places;
    const struct flow_param params[] = {
        {.name = "p",
            .is_bound = places->bound,
            .bound = flow_int(BOUND),
            .has_default = places->fallback,
            .default_value = flow_int(DEFAULT)},
        {.name = "q"},
    };
    const struct flow_task_def p = {.size = sizeof p, .id = "p", .fn = give, .user = user};
    const struct flow_task_def a = {.size = sizeof a, .id = "a", .fn = give, .user = user};
    const struct flow_task_def b = {.size = sizeof b,
        .id = "b",
        .fn = take,
        .user = user,
        .params = params,
        .param_count = places->other ? 2 : 1};
    const struct flow_run_options options = {
        .size = sizeof options, .profile = profile, .start = places->result ? "p" : "a"};
    flow_task from, to;
    assert_int_equal(flow_workflow_create(&wf, "params", NULL), FLOW_OK);
    assert_int_equal(flow_workflow_add_task(wf, &a, &from, NULL), FLOW_OK);
    assert_int_equal(flow_workflow_add_task(wf, &b, &to, NULL), FLOW_OK);
    assert_int_equal(flow_workflow_add_edge(wf, from, to, NULL), FLOW_OK);
    if (places->result) {
        assert_int_equal(flow_workflow_add_task(wf, &p, &to, NULL), FLOW_OK);
        assert_int_equal(flow_workflow_add_edge(wf, to, from, NULL), FLOW_OK);
    }
    assert_int_equal(flow_run_create(&run, wf, &options, NULL), FLOW_OK);
    assert_int_equal(flow_run_start(run, NULL), FLOW_OK);
    while (flow_run_step(run, NULL) == FLOW_OK)
        continue;
    if (flow_run_outcome(run) == FLOW_OUTCOME_COMPLETED)
        for (flow_key key = 0; key < flow_run_key_count(run); key++)
            if (strncmp(flow_run_key_name(run, key), "b", 1) == 0)
                assert_int_equal(flow_run_key_value(run, key, &got), FLOW_OK);
    flow_run_destroy(run);
    flow_workflow_destroy(wf);
    return got.as.integer;
}

static void the_first_place_that_has_a_value_wins(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        struct places places;
        int64_t documented, package;
    } rows[] = {
        {"iteration data beats everything", {true, true, true, true, true}, DATA, DATA},
        {"a bound argument beats the channel", {false, true, true, true, true}, BOUND, BOUND},
        {"key or result of that name: the profile says", {false, false, true, true, true}, KEY, RESULT},
        {"the key alone", {false, false, true, false, true}, KEY, KEY},
        {"the result alone", {false, false, false, true, true}, RESULT, RESULT},
        {"the default beats the predecessor", {false, false, false, false, true}, DEFAULT, DEFAULT},
        {"a single one takes the predecessor's result", {false}, PREDECESSOR, 0},
        {"so does the one of two that is left", {false, true, .other = true}, BOUND, 0},
        {"two that are left are an error", {.other = true}, 0, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int64_t documented = value_that_b_gets(&rows[i].places, FLOW_PROFILE_DOCUMENTED);
        int64_t package = value_that_b_gets(&rows[i].places, FLOW_PROFILE_PACKAGE);
        if (documented != rows[i].documented || package != rows[i].package)
            fail_msg("%s: expected %d and %d, got %d and %d", rows[i].name, (int)rows[i].documented,
                (int)rows[i].package, (int)documented, (int)package);
    }
}

static void data_is_bound_to_the_first_parameter_and_survives_a_retry(void **state)
{
    (void)state;
    struct play play = {.shows_results = true};
    static const struct play_spec spec = {
        "data", "a:retries=1 b:retries=1,param", "a>b", "b: arg, iter 7 | fail f | arg"};
    play_start(&play, &spec);
    play_run(&play);
    assert_string_equal(str_text(&play.log) + 1,
        "+a | a: a.__result__=null +b | b: +b b.__result__=null | b#2: error 'error: f' retry 1 +b | b#2!2: "
        "b.__result__=7 | = completed");
    play_finish(&play);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_place_that_has_a_value_wins),
        cmocka_unit_test(data_is_bound_to_the_first_parameter_and_survives_a_retry),
    };
    return RUN_TESTS(tests);
}
