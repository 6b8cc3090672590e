/* One workflow that uses everything, edits by hand included, with the n-th allocation failing, for every n:
 * no crash, no leak, and a run that either ends as it should or says that memory ran out. */
#include "tests/unit/test.h"

#include <stdlib.h>
#include <string.h>

#include "flow/flow.h"

static struct {
    long alive;
    long asked;
    long fails_at; /* 0: none */
} memory;

static void *resize(void *user, void *ptr, size_t size)
{
    (void)user;
    if (size == 0) {
        memory.alive -= ptr != NULL;
        free(ptr);
        return NULL;
    }
    if (++memory.asked == memory.fails_at)
        return NULL;
    void *resized = realloc(ptr, size);
    memory.alive += !ptr && resized;
    return resized;
}

static struct flow_value text(const char *bytes)
{
    struct flow_value v = flow_null(); /* stays null without memory */
    flow_string(&v, bytes);
    return v;
}

static int made(struct flow_ctx *ctx, void *user, struct flow_value *result)
{
    *result = text("a result that is not a scalar");
    return flow_ctx_attempt(ctx) < 2
               ? flow_ctx_fail(ctx, "Flaky", "at line 1", "attempt %u", flow_ctx_attempt(ctx))
               : FLOW_OK;
}

static int busy(struct flow_ctx *ctx, void *user, struct flow_value *result)
{
    const struct flow_param param = {.name = "p", .has_default = true, .default_value = flow_int(1)};
    const struct flow_task_def def = {.size = sizeof def,
        .id = "made",
        .fn = made,
        .params = &param,
        .param_count = 1,
        .max_retries = 2,
        .file = "busy.c",
        .line = 1};
    flow_task task;
    flow_ctx_set(ctx, "text", text("some text"));
    flow_ctx_set(ctx, "number", flow_int(1));
    flow_ctx_delete(ctx, "number");
    flow_ctx_random(ctx);
    flow_ctx_input(ctx, "reply", text("from outside"));
    flow_ctx_printf(ctx, "%s", "printed");
    if (flow_ctx_step(ctx) == 1) {
        if (flow_ctx_add_task(ctx, &def, &task) == FLOW_OK)
            flow_ctx_add_edge(ctx, flow_ctx_task(ctx), task);
        flow_ctx_next_new_task(ctx, &def, FLOW_NEXT_ENQUEUE, NULL);
    }
    if (flow_ctx_can_iterate(ctx))
        flow_ctx_next_iteration(ctx, text("data"));
    *result = text("result");
    return FLOW_OK;
}

static int last(struct flow_ctx *ctx, void *user, struct flow_value *result)
{
    return flow_ctx_terminate(ctx, "enough");
}

/* Asks for one edit after another, from inside hooks: they are kept, and copied for that. */
static void meddle(void *user, struct flow_run *run, const struct flow_event *event)
{
    int *count = user;
    const struct flow_edit edits[] = {
        {.kind = FLOW_EDIT_SET, .key = "by hand", .value = text("typed"), .command = "set"},
        {.kind = FLOW_EDIT_UNSET, .key = "text"},
        {.kind = FLOW_EDIT_ENQUEUE, .task = 1, .position = FLOW_BACK},
        {.kind = FLOW_EDIT_ITERATE, .task = 0, .value = text("more")},
        {.kind = FLOW_EDIT_MOVE, .entry = 2, .position = 0},
        {.kind = FLOW_EDIT_SKIP, .entry = 3},
        {.kind = FLOW_EDIT_DROP, .entry = 4},
        {.kind = FLOW_EDIT_GOTO, .task = 1},
    };
    const int kinds = (int)(sizeof edits / sizeof *edits);
    for (int i = 0; i < kinds; i++) {
        if (i == *count && event->kind != FLOW_EV_USER_ACTION && event->step > 0)
            flow_run_edit(run, &edits[i], NULL);
        else
            flow_value_unref(edits[i].value);
    }
    *count += event->step > 0;
}

/* Returns the status that ended it. */
static int play(const struct flow_workflow *wf, enum flow_profile profile)
{
    int count = 0;
    struct flow_error err = FLOW_ERROR_INIT;
    struct flow_run *run = NULL;
    const struct flow_run_options options = {.size = sizeof options,
        .profile = profile,
        .start = "busy",
        .max_steps = 40,
        .hooks = {.size = sizeof options.hooks, .user = &count, .on_event = meddle, .notes = UINT64_MAX}};
    int status = flow_run_create(&run, wf, &options, &err);
    if (status == FLOW_OK)
        status = flow_run_start(run, &err);
    while (status == FLOW_OK)
        status = flow_run_step(run, &err);
    if (status < 0)
        assert_int_equal(err.code, FLOW_ENOMEM);
    else
        assert_int_not_equal(flow_run_outcome(run), FLOW_OUTCOME_UNFINISHED);
    flow_run_destroy(run);
    return status;
}

static struct flow_workflow *create_workflow(void)
{
    struct flow_workflow *wf;
    static const struct {
        const char *id;
        flow_task_fn fn;
        enum flow_join join;
    } tasks[] = {
        {"busy", busy, FLOW_JOIN_EACH}, {"other", made, FLOW_JOIN_EACH}, {"last", last, FLOW_JOIN_ALL}};
    assert_int_equal(flow_workflow_create(&wf, "everything", NULL), FLOW_OK);
    for (size_t i = 0; i < 3; i++) {
        const struct flow_task_def def = {.size = sizeof def,
            .id = tasks[i].id,
            .fn = tasks[i].fn,
            .join = tasks[i].join,
            .max_cycles = 3,
            .max_retries = 3};
        assert_int_equal(flow_workflow_add_task(wf, &def, NULL, NULL), FLOW_OK);
    }
    assert_int_equal(flow_workflow_add_edge(wf, 0, 1, NULL), FLOW_OK);
    assert_int_equal(flow_workflow_add_edge(wf, 0, 2, NULL), FLOW_OK);
    assert_int_equal(flow_workflow_add_edge(wf, 1, 2, NULL), FLOW_OK);
    return wf;
}

static void any_allocation_of_a_meddled_run_may_fail(void **state)
{
    (void)state;
    flow_set_allocator(resize, NULL);
    struct flow_workflow *wf = create_workflow();
    for (int profile = FLOW_PROFILE_DOCUMENTED; profile <= FLOW_PROFILE_PACKAGE; profile++) {
        long before = memory.alive, all;
        memory.asked = memory.fails_at = 0;
        assert_int_equal(play(wf, (enum flow_profile)profile), FLOW_END);
        all = memory.asked;
        assert_true(all > 200);
        for (long n = 1; n <= all; n++) {
            memory.asked = 0;
            memory.fails_at = n;
            int status = play(wf, (enum flow_profile)profile);
            if (memory.alive != before)
                fail_msg("allocation %ld of %ld: %ld blocks are left", n, all, memory.alive - before);
            assert_true(status == FLOW_END || status == FLOW_ENOMEM);
        }
        memory.fails_at = 0;
    }
    flow_workflow_destroy(wf);
    assert_int_equal(memory.alive, 0);
    flow_set_allocator(NULL, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(any_allocation_of_a_meddled_run_may_fail)};
    return RUN_TESTS(tests);
}
