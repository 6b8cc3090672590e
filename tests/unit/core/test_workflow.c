#include "tests/unit/test.h"

#include <string.h>

#include "flow/flow.h"

static int do_nothing(struct flow_ctx *ctx, void *user, struct flow_value *result)
{
    (void)ctx, (void)user, (void)result;
    return FLOW_OK;
}

static void count_release(void *user)
{
    ++*(int *)user;
}

static void a_wrong_definition_is_refused_with_words_and_released(void **state)
{
    (void)state;
    static const struct flow_param nameless = {.name = NULL};
    static const struct {
        struct flow_task_def def;
        int status;
        const char *words;
    } rows[] = {
        {{.size = 8}, FLOW_EINVAL, "task definition of 8 bytes: set .size = sizeof(struct flow_task_def)"},
        {{.size = sizeof(struct flow_task_def), .fn = do_nothing}, FLOW_EINVAL, "a task needs an id"},
        {{.size = sizeof(struct flow_task_def), .id = "", .fn = do_nothing}, FLOW_EINVAL,
            "a task needs an id"},
        {{.size = sizeof(struct flow_task_def), .id = "\xff", .fn = do_nothing}, FLOW_EINVAL,
            "a task's id must be UTF-8"},
        {{.size = sizeof(struct flow_task_def), .id = "a"}, FLOW_EINVAL, "task 'a' has no function"},
        {{.size = sizeof(struct flow_task_def),
             .id = "a",
             .fn = do_nothing,
             .params = &nameless,
             .param_count = 1},
            FLOW_EINVAL, "task 'a': parameter 1 has no name in UTF-8"},
        {{.size = sizeof(struct flow_task_def), .id = "taken", .fn = do_nothing, .file = "b.lua", .line = 2},
            FLOW_EEXIST,
            "task 'taken' is defined at a.lua:1 and again at b.lua:2: ids are unique in a workflow"},
    };
    struct flow_workflow *wf;
    int released = 0;
    assert_int_equal(flow_workflow_create(&wf, "w", NULL), FLOW_OK);
    struct flow_task_def taken = {
        .size = sizeof taken, .id = "taken", .fn = do_nothing, .file = "a.lua", .line = 1};
    assert_int_equal(flow_workflow_add_task(wf, &taken, NULL, NULL), FLOW_OK);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct flow_error err = FLOW_ERROR_INIT;
        struct flow_task_def def = rows[i].def;
        int before = released;
        def.release = count_release;
        def.user = &released;
        assert_int_equal(flow_workflow_add_task(wf, &def, NULL, &err), rows[i].status);
        assert_string_equal(err.text, rows[i].words);
        assert_int_equal(released - before, def.size > 8);
    }
    flow_workflow_destroy(wf);
}

/* A plugin compiled for a later minor version may hand over a longer struct. */
static void a_longer_definition_is_understood(void **state)
{
    (void)state;
    struct {
        struct flow_task_def def;
        char more[64];
    } later = {.def = {.size = sizeof later, .id = "a", .fn = do_nothing}};
    struct flow_workflow *wf;
    assert_int_equal(flow_workflow_create(&wf, "w", NULL), FLOW_OK);
    assert_int_equal(flow_workflow_add_task(wf, &later.def, NULL, NULL), FLOW_OK);
    assert_int_equal(flow_workflow_find(wf, "a"), 0);
    flow_workflow_destroy(wf);
}

static void tasks_that_are_not_there_are_refused(void **state)
{
    (void)state;
    struct flow_workflow *wf;
    struct flow_error err = FLOW_ERROR_INIT;
    assert_int_equal(flow_workflow_create(&wf, "", &err), FLOW_EINVAL);
    assert_int_equal(flow_workflow_create(&wf, "w\xff", &err), FLOW_EINVAL);
    assert_int_equal(flow_workflow_create(&wf, "w", &err), FLOW_OK);
    assert_int_equal(flow_workflow_add_edge(wf, 0, 0, &err), FLOW_EINVAL);
    assert_string_equal(err.text, "workflow 'w' has no task number 0");
    assert_int_equal(flow_workflow_set_start(wf, 3, &err), FLOW_EINVAL);
    assert_int_equal(flow_workflow_find(wf, "none"), FLOW_TASK_NONE);
    assert_null(flow_workflow_task_id(wf, 0));
    flow_workflow_destroy(wf);
    flow_workflow_destroy(NULL);
}

/* Everything that the definition pointed to may go after the call. */
static void definitions_are_copied_and_released_once(void **state)
{
    (void)state;
    struct flow_workflow *wf;
    char id[] = "a", name[] = "rate", file[] = "f.lua";
    int released = 0;
    struct flow_value bound;
    assert_int_equal(flow_string(&bound, "x"), FLOW_OK);
    struct flow_param param = {.name = name, .is_bound = true, .bound = bound};
    struct flow_task_def def = {.size = sizeof def,
        .id = id,
        .fn = do_nothing,
        .user = &released,
        .release = count_release,
        .params = &param,
        .param_count = 1,
        .file = file,
        .line = 3};
    assert_int_equal(flow_workflow_create(&wf, "w", NULL), FLOW_OK);
    assert_int_equal(flow_workflow_add_task(wf, &def, NULL, NULL), FLOW_OK);
    flow_value_unref(bound);
    memset(id, 'x', 1);
    memset(name, 'x', 4);
    memset(file, 'x', 5);
    assert_int_equal(flow_workflow_find(wf, "a"), 0);
    struct flow_run *run;
    assert_int_equal(flow_run_create(&run, wf, NULL, NULL), FLOW_OK);
    struct flow_task_info info;
    assert_int_equal(flow_run_task_info(run, 0, &info), FLOW_OK);
    assert_string_equal(info.file, "f.lua");
    assert_int_equal(info.max_cycles, 100);
    flow_run_destroy(run);
    assert_int_equal(released, 0);
    flow_workflow_destroy(wf);
    assert_int_equal(released, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_wrong_definition_is_refused_with_words_and_released),
        cmocka_unit_test(a_longer_definition_is_understood),
        cmocka_unit_test(tasks_that_are_not_there_are_refused),
        cmocka_unit_test(definitions_are_copied_and_released_once),
    };
    return RUN_TESTS(tests);
}
