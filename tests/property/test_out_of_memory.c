/* Every allocation of a run may fail: the run then ends or goes on, and nothing is lost or damaged. */
#include "tests/unit/test.h"

#include <stdlib.h>
#include <string.h>

#include "tests/support/random_workflow.h"

/* An allocator that counts, and fails where it is told to. */
struct faulty_memory {
    uint64_t blocks;     /* alive */
    uint64_t requests;   /* that could fail, so far */
    uint64_t fails_at;   /* the request that fails, counted from 1; 0: none */
    bool fails_for_good; /* and all after it */
};

static void *faulty_resize(void *user, void *ptr, size_t size)
{
    struct faulty_memory *memory = user;
    if (size == 0) {
        memory->blocks -= ptr != NULL;
        free(ptr);
        return NULL;
    }
    memory->requests++;
    if (memory->fails_at && (memory->requests == memory->fails_at ||
                                (memory->fails_for_good && memory->requests > memory->fails_at)))
        return NULL;
    void *resized = realloc(ptr, size);
    memory->blocks += !ptr && resized;
    return resized;
}

static void look_away(void *user, struct flow_run *run, const struct flow_event *event)
{
    (void)user, (void)run, (void)event;
}

/* Plays one run; the memory's failure must have been set up. */
static void play(const struct random_workflow *random, enum flow_profile profile)
{
    struct flow_error err = FLOW_ERROR_INIT;
    struct flow_run *run = NULL;
    struct flow_run_options options = random_workflow_options(random, profile);
    options.hooks =
        (struct flow_hooks){.size = sizeof options.hooks, .on_event = look_away, .notes = UINT64_MAX};

    int status = flow_run_create(&run, random_workflow_get(random), &options, &err);
    if (status == FLOW_OK)
        status = flow_run_start(run, &err);
    for (int calls = 0; status == FLOW_OK; calls++) {
        assert_true(calls < 1000);
        status = flow_run_step(run, &err);
    }
    if (status != FLOW_END) {
        assert_int_equal(status, FLOW_ENOMEM);
        assert_int_equal(err.code, FLOW_ENOMEM);
        assert_true(err.text[0] != '\0');
        if (run && flow_run_step_count(run) > 0)
            assert_int_equal(flow_run_outcome(run), FLOW_OUTCOME_FAILED);
    }
    flow_run_destroy(run);
}

static void check_seed(struct faulty_memory *memory, uint64_t seed, enum flow_profile profile)
{
    struct random_workflow *random = random_workflow_create(seed);
    uint64_t blocks = memory->blocks;
    memory->requests = 0;
    play(random, profile);
    uint64_t requests = memory->requests;
    assert_true(memory->blocks == blocks);

    for (uint64_t at = 1; at <= requests; at++) {
        memory->requests = 0;
        memory->fails_at = at;
        memory->fails_for_good = at % 3 == 0;
        play(random, profile);
        memory->fails_at = 0;
        if (memory->blocks != blocks)
            fail_msg("seed %d, %s profile: request %d of %d fails: %d blocks more than before", (int)seed,
                flow_profile_name(profile), (int)at, (int)requests, (int)(memory->blocks - blocks));
    }
    random_workflow_destroy(random);
}

static void a_run_survives_the_failure_of_any_allocation(void **state)
{
    (void)state;
    struct faulty_memory memory = {0};
    flow_set_allocator(faulty_resize, &memory);
    for (uint64_t seed = 1; seed <= 100; seed++) {
        check_seed(&memory, seed, FLOW_PROFILE_DOCUMENTED);
        check_seed(&memory, seed, FLOW_PROFILE_PACKAGE);
    }
    assert_int_equal(memory.blocks, 0);
    flow_set_allocator(NULL, NULL);
}

static int return_nothing(struct flow_ctx *ctx, void *user, struct flow_value *result)
{
    (void)ctx, (void)user, (void)result;
    return FLOW_OK;
}

static void count_release(void *user)
{
    ++*(int *)user;
}

/* Returns the status of the first call that failed. */
static int build(struct flow_workflow **wf, int *released, struct flow_error *err)
{
    const struct flow_param params[] = {
        {.name = "rate", .has_default = true, .default_value = flow_double(0.5)}};
    struct flow_task_def def = {.size = sizeof def,
        .fn = return_nothing,
        .user = released,
        .release = count_release,
        .params = params,
        .param_count = 1,
        .file = "build.c",
        .line = 1};
    flow_task first, second;
    int status = flow_workflow_create(wf, "built", err);
    if (status < 0)
        return status;
    def.id = "first";
    if ((status = flow_workflow_add_task(*wf, &def, &first, err)) < 0)
        return status;
    def.id = "second";
    if ((status = flow_workflow_add_task(*wf, &def, &second, err)) < 0)
        return status;
    status = flow_workflow_add_edge(*wf, first, second, err);
    return status < 0 ? status : flow_workflow_set_start(*wf, second, err);
}

static void building_a_workflow_survives_the_failure_of_any_allocation(void **state)
{
    (void)state;
    struct faulty_memory memory = {0};
    int status = FLOW_ENOMEM;
    flow_set_allocator(faulty_resize, &memory);
    for (memory.fails_at = 1; status != FLOW_OK; memory.fails_at++) {
        struct flow_error err = FLOW_ERROR_INIT;
        struct flow_workflow *wf = NULL;
        int released = 0;
        memory.requests = 0;
        status = build(&wf, &released, &err);
        assert_true(status == FLOW_OK || (status == FLOW_ENOMEM && err.code == FLOW_ENOMEM));
        flow_workflow_destroy(wf);
        assert_in_range(released, 0, 2);
        assert_int_equal(memory.blocks, 0);
    }
    assert_true(memory.fails_at > 8);
    flow_set_allocator(NULL, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(building_a_workflow_survives_the_failure_of_any_allocation),
        cmocka_unit_test(a_run_survives_the_failure_of_any_allocation),
    };
    return RUN_TESTS(tests);
}
