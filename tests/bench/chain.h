/* The chain that the benchmarks run: 1,000 native tasks with small bodies of four kinds, so that a branch
 * predictor that knows one does not know all. */
#ifndef TESTS_BENCH_CHAIN_H
#define TESTS_BENCH_CHAIN_H

#include "flow/flow.h"

#define CHAIN_LENGTH 1000

/* What bodies count on. */
struct chain_sums {
    uint64_t sum;
    uint64_t calls;
};

/* The body of the index-th task; its user pointer is a struct chain_sums. */
flow_task_fn chain_body(size_t index);
/* Exits with words when it cannot. */
struct flow_workflow *chain_create(struct chain_sums *sums);
/* A started run of it; hooks may be all zero. */
struct flow_run *chain_start(const struct flow_workflow *wf, struct flow_hooks hooks);
/* At most `steps` steps; returns how many were done. */
uint64_t chain_step(struct flow_run *run, uint64_t steps);

#endif
