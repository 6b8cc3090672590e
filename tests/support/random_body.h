/* The inside of a random workflow, shared by the files that draw it and the one that acts. */
#ifndef TESTS_SUPPORT_RANDOM_BODY_H
#define TESTS_SUPPORT_RANDOM_BODY_H

#include "tests/support/random_workflow.h"

#define RANDOM_MAX_TASKS   12
#define RANDOM_MADE_LATER  5 /* bodies of tasks that runs add: d0 ... d4 */
#define RANDOM_MAX_PARAMS  3
#define RANDOM_MAX_CHANNEL 3

struct random_body {
    struct random_workflow *workflow;
    uint32_t index;
    char id[8];
    enum flow_join join;
    uint32_t max_cycles;
    uint32_t max_retries;
    bool is_calm; /* it only touches the channel */
    struct flow_param params[RANDOM_MAX_PARAMS];
    size_t param_count;
};

struct random_workflow {
    uint64_t seed;
    struct flow_workflow *workflow;
    struct random_body bodies[RANDOM_MAX_TASKS + RANDOM_MADE_LATER];
    uint32_t task_count;
    uint32_t max_steps;
    long open_definitions; /* handed to the engine and not released yet */
    struct flow_member channel[RANDOM_MAX_CHANNEL];
    size_t channel_count;
};

int random_body_run(struct flow_ctx *ctx, void *user, struct flow_value *result);
/* Counts as an open definition from now on. */
struct flow_task_def random_body_def(struct random_body *body);

#endif
