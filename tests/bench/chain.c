#include "tests/bench/chain.h"

#include <stdio.h>
#include <stdlib.h>

static int add_one(struct flow_ctx *ctx, void *user, struct flow_value *result)
{
    struct chain_sums *sums = user;
    (void)ctx, (void)result;
    sums->sum += 1;
    return FLOW_OK;
}

static int shift(struct flow_ctx *ctx, void *user, struct flow_value *result)
{
    struct chain_sums *sums = user;
    (void)ctx, (void)result;
    sums->sum ^= sums->sum << 7;
    return FLOW_OK;
}

static int count_call(struct flow_ctx *ctx, void *user, struct flow_value *result)
{
    struct chain_sums *sums = user;
    (void)ctx, (void)result;
    sums->calls++;
    return FLOW_OK;
}

static int multiply(struct flow_ctx *ctx, void *user, struct flow_value *result)
{
    struct chain_sums *sums = user;
    (void)ctx, (void)result;
    sums->sum = sums->sum * 3 + 1;
    return FLOW_OK;
}

flow_task_fn chain_body(size_t index)
{
    static const flow_task_fn bodies[] = {add_one, shift, count_call, multiply};
    return bodies[(index * 0x9e3779b1u >> 16) % 4];
}

static void give_up(const struct flow_error *err)
{
    fprintf(stderr, "bench: %s\n", err->text);
    exit(2);
}

struct flow_workflow *chain_create(struct chain_sums *sums)
{
    struct flow_error err = FLOW_ERROR_INIT;
    struct flow_workflow *wf;
    flow_task previous = FLOW_TASK_NONE;
    int status = flow_workflow_create(&wf, "chain", &err);
    for (size_t i = 0; status == FLOW_OK && i < CHAIN_LENGTH; i++) {
        char id[16];
        flow_task task;
        snprintf(id, sizeof id, "task%zu", i);
        const struct flow_task_def def = {.size = sizeof def, .id = id, .fn = chain_body(i), .user = sums};
        status = flow_workflow_add_task(wf, &def, &task, &err);
        if (status == FLOW_OK && i > 0)
            status = flow_workflow_add_edge(wf, previous, task, &err);
        previous = task;
    }
    if (status != FLOW_OK)
        give_up(&err);
    return wf;
}

struct flow_run *chain_start(const struct flow_workflow *wf, struct flow_hooks hooks)
{
    struct flow_error err = FLOW_ERROR_INIT;
    struct flow_run *run;
    hooks.size = sizeof hooks;
    const struct flow_run_options options = {.size = sizeof options, .hooks = hooks};
    if (flow_run_create(&run, wf, &options, &err) != FLOW_OK || flow_run_start(run, &err) != FLOW_OK)
        give_up(&err);
    return run;
}

uint64_t chain_step(struct flow_run *run, uint64_t steps)
{
    uint64_t done = 0;
    while (done < steps && flow_run_step(run, NULL) == FLOW_OK)
        done++;
    return done;
}
