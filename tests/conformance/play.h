/* Playing one recorded case: build its workflow with scripted bodies, run it through libflow's public
 * interface, and write down what happened in the form of the recording. */
#ifndef TESTS_CONFORMANCE_PLAY_H
#define TESTS_CONFORMANCE_PLAY_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "flow/flow.h"

/* The function of one task of the case: what it does at its k-th execution stands in script[k]. Tasks that
 * share it (iterations, re-made tasks) share the count, as closures do in the recorded program. */
struct body {
    struct cast *cast;
    const char *id;
    json_t *script;
    size_t executions;
    uint32_t max_cycles;
    uint32_t max_retries;
};

/* All bodies of a case; owns the workflow built of them. */
struct cast {
    struct body *bodies;
    size_t count;
    struct flow_workflow *workflow;
};

/* FLOW_OK or a failure with words. The spec must outlive the cast. cast_finish takes half-built ones. */
int cast_init(struct cast *cast, json_t *spec, struct flow_error *err);
void cast_finish(struct cast *cast);

/* What a run did, in the words of the recording: {"events", "error", "final"}. */
struct observation {
    json_t *events;
    json_t *completed;
    uint64_t steps; /* completed executions */
    bool is_closed;
    bool is_failed;      /* the last execution failed */
    bool is_retry_limit; /* and had used its retries */
    bool is_cycle_limit; /* and did so on an uncaught cycle limit */
    flow_task newest;    /* the task added since the last request, or none */
    char *has_completed; /* by task: it stands in `completed` */
    size_t has_completed_size;
};

int observation_init(struct observation *seen, bool is_closed);
void observation_finish(struct observation *seen);
struct flow_hooks observation_hooks(struct observation *seen);
/* A new reference: the whole run, as the recording writes it. NULL: out of memory. */
json_t *observation_report(const struct observation *seen, const struct flow_run *run);

/* Prints each difference to stdout and returns how many there are. */
size_t compare_traces(const char *label, json_t *expected, json_t *got);

#endif
