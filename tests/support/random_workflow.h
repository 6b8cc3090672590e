/* Random workflows for property tests: everything follows from a seed.
 *
 * The graph, the limits, the parameters and the initial channel are drawn when the workflow is made. What a
 * body does is drawn from (seed, body, step number) and from nothing else, so bodies have no state of their
 * own: a run can be repeated, stepped, forked or continued from a checkpoint and does the same. Bodies use
 * the whole of flow/task.h, also in ways that fail; most failures of a call are caught, some fail the body.
 * Runs end soon: max_steps is at most 60. */
#ifndef TESTS_SUPPORT_RANDOM_WORKFLOW_H
#define TESTS_SUPPORT_RANDOM_WORKFLOW_H

#include <stdint.h>

#include "flow/flow.h"

/* Small deterministic numbers (splitmix64), for tests that need more of them. */
struct random_source {
    uint64_t state;
};
uint64_t random_next(struct random_source *random);
/* 0 ... limit - 1; limit > 0. */
uint32_t random_below(struct random_source *random, uint32_t limit);

/* A value of any type, nested at most `depth` deep; owned by the caller. Null when out of memory. */
struct flow_value random_value(struct random_source *random, unsigned depth);

struct random_workflow;

/* Never NULL: a failure is a bug of the test or of the engine, and aborts with words. */
struct random_workflow *random_workflow_create(uint64_t seed);
/* After the runs of it. NULL is fine. Aborts when some definition was not released exactly once. */
void random_workflow_destroy(struct random_workflow *random);
const struct flow_workflow *random_workflow_get(const struct random_workflow *random);
uint64_t random_workflow_seed(const struct random_workflow *random);
/* Start, seed, limits and initial channel of its runs; borrowed from `random`. Hooks and clocks are the
 * caller's to add. */
struct flow_run_options random_workflow_options(
    const struct random_workflow *random, enum flow_profile profile);

/* One random edit of a run, as a person might make it from a hook; some name tasks and entries that are not
 * there. Returns what flow_run_edit did. */
int random_edit(struct random_source *random, struct flow_run *run);

#endif
