/* Defining workflows: a named graph of tasks and ordered edges, before any run of it.
 *
 * A workflow is built once and then only read: runs copy the graph they change. It must outlive its runs. */
#ifndef FLOW_WORKFLOW_H
#define FLOW_WORKFLOW_H

#include "flow/event.h"

#ifdef __cplusplus
extern "C" {
#endif

struct flow_workflow;
struct flow_ctx;

/* A task's body. *result is null at entry; a value written there is owned by the engine afterwards, whatever
 * is returned. Returns FLOW_OK, or a negative status: the execution failed (say why with flow_ctx_fail).
 * Called on the run's thread; it must not longjmp out of the engine. */
typedef int (*flow_task_fn)(struct flow_ctx *ctx, void *user, struct flow_value *result);

/* A parameter of a body, in the order of the body's arguments after ctx. It is resolved before each
 * execution: iteration data (first parameter only), else the bound argument, else the channel key of that
 * name, else the result of the task of that name, else the default; see flow_ctx_arg. */
struct flow_param {
    const char *name;
    bool is_bound;
    bool has_default;
    struct flow_value bound; /* borrowed by the call that takes the definition, which refs it */
    struct flow_value default_value;
};

enum flow_join {
    FLOW_JOIN_EACH, /* each completion of a predecessor enqueues the task */
    FLOW_JOIN_ALL,  /* it waits for one arrival along every incoming edge */
};

#define FLOW_MAX_CYCLES_NONE UINT32_MAX /* no iteration at all is allowed */

/* What a task is. Zero-initialise and set what differs: {.size = sizeof(struct flow_task_def), .id = ..., .fn
 * = ...}. All texts, values and arrays are copied or referenced by the call that takes the definition. */
struct flow_task_def {
    size_t size;    /* sizeof(struct flow_task_def): the struct grows at its end */
    const char *id; /* UTF-8, not empty, unique in the workflow */
    flow_task_fn fn;
    void *user; /* handed to fn */
    void (*release)(
        void *user); /* called once when the task goes; also when adding it fails. NULL: nothing to release */
    const struct flow_param *params;
    size_t param_count;
    enum flow_join join;
    uint32_t
        max_cycles; /* executions beyond the first of a chain; 0: the profile's default (100; package: 10) */
    uint32_t max_retries; /* per entry (package: per task) */
    const char *file;     /* where it is defined, for people; NULL if unknown */
    uint32_t line;
};

/* FLOW_OK, FLOW_ENOMEM, FLOW_EINVAL (name empty or not UTF-8). */
FLOW_PUBLIC int flow_workflow_create(struct flow_workflow **out, const char *name, struct flow_error *err);
/* NULL is fine. */
FLOW_PUBLIC void flow_workflow_destroy(struct flow_workflow *wf);

/* Adds a task; *out (may be NULL) is its handle, which runs keep. FLOW_EEXIST: the id is taken (the message
 * names both places); FLOW_EINVAL: no id, not UTF-8, no fn; FLOW_ENOMEM. */
FLOW_PUBLIC int flow_workflow_add_task(
    struct flow_workflow *wf, const struct flow_task_def *def, flow_task *out, struct flow_error *err);
/* Adds an edge at the end of the order; adding one that exists does nothing. FLOW_EINVAL: no such task. */
FLOW_PUBLIC int flow_workflow_add_edge(
    struct flow_workflow *wf, flow_task from, flow_task to, struct flow_error *err);
/* Where runs start unless told otherwise. FLOW_EINVAL: no such task. */
FLOW_PUBLIC int flow_workflow_set_start(struct flow_workflow *wf, flow_task task, struct flow_error *err);

FLOW_PUBLIC const char *flow_workflow_name(const struct flow_workflow *wf);
FLOW_PUBLIC size_t flow_workflow_task_count(const struct flow_workflow *wf);
FLOW_PUBLIC const char *flow_workflow_task_id(const struct flow_workflow *wf, flow_task task);
/* The handle of an id, or FLOW_TASK_NONE. */
FLOW_PUBLIC flow_task flow_workflow_find(const struct flow_workflow *wf, const char *id);

#ifdef __cplusplus
}
#endif

#endif
