/* A workflow as the rest of core sees it. */
#ifndef CORE_WORKFLOW_H
#define CORE_WORKFLOW_H

#include "core/graph.h"

/* Owns the specs of all its tasks. */
struct flow_workflow {
    char *name;
    flow_task start; /* or FLOW_TASK_NONE */
    struct graph graph;
};

/* Says that the id of `def` is taken, naming both places. Returns FLOW_EEXIST. */
int workflow_id_is_taken(
    const struct task_spec *existing, const struct flow_task_def *def, struct flow_error *err);

#endif
