/* The examples that people can run do what they say. */
#include "tests/unit/plugins/lua_play.h"

#include <stdio.h>
#include <string.h>

static const char *folder;

static struct play play_example(const char *name, const struct play_options *options)
{
    char path[1024];
    snprintf(path, sizeof path, "%s/%s.lua", folder, name);
    return play_file(path, options);
}

struct example_row {
    const char *name;
    struct play_options options;
    const char *output;
    enum flow_outcome outcome;
    const char *message;
};

static void check_examples(const struct example_row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct play play = play_example(rows[i].name, &rows[i].options);
        print_message("# %s\n", rows[i].name);
        if (rows[i].output)
            assert_string_equal(play.output, rows[i].output);
        assert_string_equal(play.error, rows[i].message);
        assert_int_equal(play.outcome, rows[i].outcome);
        play_finish(&play);
    }
}
#define CHECK_EXAMPLES(rows) check_examples(rows, sizeof rows / sizeof *(rows))

#define OPTIMIZED                                                                                            \
    "Iteration 0: accuracy=0.65\nIteration 1: accuracy=0.78\nIteration 2: accuracy=0.88\n"                   \
    "Iteration 3: accuracy=0.96\nConverged!\n"

static void examples_of_the_page_print_what_the_page_says(void **state)
{
    (void)state;
    static const struct example_row rows[] = {
        {"page/error_handling", {.workflow = "error_handling", .seed = 1},
            "Operation succeeded\nContinuing normal flow\n", FLOW_OUTCOME_COMPLETED, ""},
        {"page/error_handling", {.workflow = "error_handling", .seed = 2}, "Emergency handler activated!\n",
            FLOW_OUTCOME_COMPLETED, ""},
        {"page/enqueue_demo", {.workflow = "enqueue_demo"},
            "Main processing\nExtra logging task\nNormal continuation\n", FLOW_OUTCOME_COMPLETED, ""},
        {"page/optimization", {.workflow = "optimization"}, OPTIMIZED, FLOW_OUTCOME_COMPLETED, ""},
        {"page/caching", {.workflow = "caching"}, "Cache hit: cached value\n", FLOW_OUTCOME_TERMINATED,
            "Data found in cache"},
        {"page/caching", {.workflow = "caching", .args = {"other_key"}},
            "Cache miss, proceeding...\nExpensive processing...\n", FLOW_OUTCOME_COMPLETED, ""},
        {"page/validation", {.workflow = "validation"}, "", FLOW_OUTCOME_CANCELLED, "Data validation failed"},
    };
    CHECK_EXAMPLES(rows);
}

/* As the Python package was observed: next_task on a task of the graph skips successors. */
static void examples_of_the_page_run_in_the_package_profile(void **state)
{
    (void)state;
#define PACKAGE .profile = FLOW_PROFILE_PACKAGE
    static const struct example_row rows[] = {
        {"page/error_handling", {PACKAGE, .seed = 1, .start = "risky_operation"},
            "Operation succeeded\nContinuing normal flow\n", FLOW_OUTCOME_COMPLETED, ""},
        {"page/error_handling", {PACKAGE, .seed = 2, .start = "risky_operation"},
            "Emergency handler activated!\n", FLOW_OUTCOME_COMPLETED, ""},
        {"page/enqueue_demo", {PACKAGE}, "Main processing\nExtra logging task\n", FLOW_OUTCOME_COMPLETED, ""},
        {"page/optimization", {PACKAGE}, OPTIMIZED, FLOW_OUTCOME_COMPLETED, ""},
        {"page/caching", {PACKAGE}, "Cache hit: cached value\n", FLOW_OUTCOME_TERMINATED,
            "Data found in cache"},
        {"page/validation", {PACKAGE}, "", FLOW_OUTCOME_CANCELLED, "Data validation failed"},
    };
    CHECK_EXAMPLES(rows);
}

static void publish_of_the_etl_runs_only_when_more_is_tolerated(void **state)
{
    (void)state;
    static const struct example_row rows[] = {
        {"etl", {0},
            "extract: page 1, 2 rows so far\nextract: page 2, 4 rows so far\nextract: page 3, 6 rows so far\n"
            "validate: 1 of 6 rows are bad\nquarantine:\t[{amount: -7.0, id: 3, region: \"eu\"}]\n"
            "report: finished at step 9\n",
            FLOW_OUTCOME_COMPLETED, ""},
        {"etl", {.args = {"0.5"}},
            "extract: page 1, 2 rows so far\nextract: page 2, 4 rows so far\nextract: page 3, 6 rows so far\n"
            "validate: 1 of 6 rows are bad\nload_asia: 1 rows\nload_eu: 2 rows\nload_us: 2 rows\n"
            "publish:\t{asia: 15.25, eu: 413.0, us: 122.5}\nreport: finished at step 13\n",
            FLOW_OUTCOME_COMPLETED, ""},
    };
    CHECK_EXAMPLES(rows);
}

static void the_agent_answers_within_its_budget(void **state)
{
    (void)state;
    static const struct example_row rows[] = {
        {"agent", {0}, NULL, FLOW_OUTCOME_COMPLETED, ""},
        {"agent", {.args = {"2"}}, NULL, FLOW_OUTCOME_TERMINATED, "budget spent"},
    };
    CHECK_EXAMPLES(rows);
    struct play play = play_example("agent", NULL);
    assert_non_null(strstr(play.output, "answer: it is 3.8 people per km2.\n"));
    assert_non_null(strstr(play.events, "task added remember"));
    play_finish(&play);
}

static void the_connection_closes_or_fails_as_the_seed_wants(void **state)
{
    (void)state;
    static const struct example_row rows[] = {
        {"state_machine", {.seed = 1}, NULL, FLOW_OUTCOME_TERMINATED, "closed"},
        {"state_machine", {.seed = 5}, NULL, FLOW_OUTCOME_CANCELLED, "no connection after 3 attempts"},
    };
    CHECK_EXAMPLES(rows);
}

static void two_runs_give_the_same_events(void **state)
{
    (void)state;
    static const char *const names[] = {"page/error_handling", "page/enqueue_demo", "page/optimization",
        "page/caching", "page/validation", "etl", "agent", "state_machine"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const struct play_options options = {.seed = 3};
        struct play first = play_example(names[i], &options), second = play_example(names[i], &options);
        assert_string_equal(first.events, second.events);
        assert_string_equal(first.output, second.output);
        play_finish(&first);
        play_finish(&second);
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(examples_of_the_page_print_what_the_page_says),
        cmocka_unit_test(examples_of_the_page_run_in_the_package_profile),
        cmocka_unit_test(publish_of_the_etl_runs_only_when_more_is_tolerated),
        cmocka_unit_test(the_agent_answers_within_its_budget),
        cmocka_unit_test(the_connection_closes_or_fails_as_the_seed_wants),
        cmocka_unit_test(two_runs_give_the_same_events),
    };
    if (argc != 3)
        return 2;
    play_plugin = argv[1];
    folder = argv[2];
    return RUN_TESTS(tests);
}
