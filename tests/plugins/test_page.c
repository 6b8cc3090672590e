/* The native plugin with the page's examples: loaded as any plugin, each workflow does what the page says. */
#include "tests/unit/test.h"

#include <stdio.h>
#include <string.h>

#include "flow/flow.h"

static const char *plugin_path;

struct printed {
    char text[1024];
    size_t length;
};

static int keep_output(void *user, struct flow_run *run, int stream, const void *bytes, size_t length)
{
    struct printed *printed = user;
    (void)run, (void)stream;
    assert_true(printed->length + length < sizeof printed->text);
    memcpy(printed->text + printed->length, bytes, length);
    printed->length += length;
    return FLOW_OK;
}

/* Runs a workflow of the plugin to its end. The loader must outlive the run. */
static struct flow_run *play(
    struct flow_loader *loader, const char *name, uint64_t seed, struct printed *printed)
{
    struct flow_error err = FLOW_ERROR_INIT;
    struct flow_run *run = NULL;
    const struct flow_workflow *wf = flow_loader_find(loader, name);
    const struct flow_run_options options = {
        .size = sizeof options,
        .seed = seed,
        .hooks = {.size = sizeof options.hooks, .user = printed, .on_print = keep_output},
    };
    *printed = (struct printed){0};
    assert_non_null(wf);
    if (flow_run_create(&run, wf, &options, &err) != FLOW_OK || flow_run_start(run, &err) != FLOW_OK)
        fail_msg("%s: %s", name, err.text);
    while (flow_run_step(run, &err) == FLOW_OK)
        ;
    return run;
}

static struct flow_loader *load_plugin(void)
{
    struct flow_error err = FLOW_ERROR_INIT;
    struct flow_loader *loader = NULL;
    if (flow_loader_create(&loader, &err) != FLOW_OK ||
        flow_loader_add_plugin(loader, plugin_path, &err) != FLOW_OK)
        fail_msg("%s", err.text);
    return loader;
}

static void examples_print_and_end_as_the_page_says(void **state)
{
    (void)state;
    static const struct {
        const char *workflow, *output;
        enum flow_outcome outcome;
        const char *message;
    } rows[] = {
        {"enqueue_demo", "Main processing\nExtra logging task\nNormal continuation\n", FLOW_OUTCOME_COMPLETED,
            ""},
        {"optimization",
            "Iteration 0: accuracy=0.65\nIteration 1: accuracy=0.78\nIteration 2: accuracy=0.88\n"
            "Iteration 3: accuracy=0.96\nConverged!\n",
            FLOW_OUTCOME_COMPLETED, ""},
        {"caching", "Cache hit: cached value\n", FLOW_OUTCOME_TERMINATED, "Data found in cache"},
        {"validation", "", FLOW_OUTCOME_CANCELLED, "Data validation failed"},
    };
    struct flow_loader *loader = load_plugin();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct printed printed;
        struct flow_run *run = play(loader, rows[i].workflow, 0, &printed);
        print_message("# %s\n", rows[i].workflow);
        assert_string_equal(printed.text, rows[i].output);
        assert_int_equal(flow_run_outcome(run), rows[i].outcome);
        assert_string_equal(flow_run_message(run), rows[i].message);
        flow_run_destroy(run);
    }
    flow_loader_destroy(loader);
}

static void the_seed_chooses_the_branch_of_error_handling(void **state)
{
    (void)state;
    int emergencies = 0, successes = 0;
    struct flow_loader *loader = load_plugin();
    for (uint64_t seed = 0; seed < 100; seed++) {
        struct printed printed;
        struct flow_run *run = play(loader, "error_handling", seed, &printed);
        assert_int_equal(flow_run_outcome(run), FLOW_OUTCOME_COMPLETED);
        if (strcmp(printed.text, "Emergency handler activated!\n") == 0)
            emergencies++;
        else if (strcmp(printed.text, "Operation succeeded\nContinuing normal flow\n") == 0)
            successes++;
        else
            fail_msg("seed %d printed: %s", (int)seed, printed.text);
        flow_run_destroy(run);
    }
    flow_loader_destroy(loader);
    assert_in_range(emergencies, 15, 45); /* three in ten */
    assert_int_equal(emergencies + successes, 100);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(examples_print_and_end_as_the_page_says),
        cmocka_unit_test(the_seed_chooses_the_branch_of_error_handling),
    };
    if (argc != 2)
        return 2;
    plugin_path = argv[1];
    return RUN_TESTS(tests);
}
