/* A task's definition, copied: what flow_task_def says, owned by a workflow or (run-time tasks) by a run. */
#ifndef CORE_TASK_SPEC_H
#define CORE_TASK_SPEC_H

#include "flow/workflow.h"

struct task_spec {
    flow_task_fn fn;
    void *user;
    void (*release)(void *user); /* called by task_spec_destroy */
    struct flow_param *params;   /* names owned, values referenced */
    uint32_t param_count;
    enum flow_join join;
    uint32_t max_cycles; /* as given: 0 is the profile's default */
    uint32_t max_retries;
    uint32_t line;
    char *file; /* or NULL */
    char *id;
    size_t id_length;
};

/* Copies a definition and takes over its `user`: when this fails, release was called. FLOW_EINVAL: no id, not
 * UTF-8, no fn, a struct that is too small. */
int task_spec_create(struct task_spec **out, const struct flow_task_def *def, struct flow_error *err);
void task_spec_destroy(struct task_spec *spec); /* NULL is fine */

/* "file:line" into buffer, or "?" where the place is unknown. Returns buffer. */
const char *task_spec_place(const struct task_spec *spec, char *buffer, size_t size);

#endif
