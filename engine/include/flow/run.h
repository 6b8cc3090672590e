/* Running a workflow. The engine is passive: flow_run_step() performs one step and returns. It has no loop,
 * thread, clock or random source of its own; the host gives them. Single-threaded: one run, one thread at a
 * time. */
#ifndef FLOW_RUN_H
#define FLOW_RUN_H

#include "flow/workflow.h"

#ifdef __cplusplus
extern "C" {
#endif

struct flow_run;

/* What watches a run. With no on_event an event costs the test of a pointer. Handlers are called
 * synchronously, after the change is complete. They may read the run and call flow_run_edit; nothing else. */
struct flow_hooks {
    size_t size; /* sizeof(struct flow_hooks) */
    void *user;
    /* Events, and those notes that `notes` asks for. */
    void (*on_event)(void *user, struct flow_run *run, const struct flow_event *event);
    /* A boundary: the next step would begin. Offered before every entry is taken, and once more when the
     * queue is empty and the run is about to end. The queue is read again afterwards. */
    void (*on_boundary)(void *user, struct flow_run *run);
    /* A body printed. NULL: bytes go nowhere. Returns FLOW_OK or a failure, which the print call returns. */
    int (*on_print)(void *user, struct flow_run *run, int stream, const void *bytes, size_t length);
    uint64_t notes; /* bit (kind - FLOW_EV_FIRST_NOTE) set: wanted */
};

/* Zero-initialise and set what differs. Everything is copied or referenced by flow_run_create. */
struct flow_run_options {
    size_t size; /* sizeof(struct flow_run_options) */
    enum flow_profile profile;
    const char *start;                 /* task id; NULL: the workflow's own, or the one that can be told */
    uint64_t seed;                     /* of flow_ctx_random */
    uint64_t max_steps;                /* 0: 10,000 */
    const struct flow_member *channel; /* initial values */
    size_t channel_count;
    struct flow_value info; /* a map that is merged into the value of the run-started event; null: nothing */
    bool is_stamping_all;   /* stamp every event, not only step starts and ends */
    int64_t (*clock_ns)(void *user); /* the run's clock, monotonic; NULL: no times */
    int64_t (*wall_ns)(void *user);  /* for tasks that ask for the time; NULL: 0 */
    void *clock_user;
    struct flow_hooks hooks;
    /* Package profile only: run as after the workflow's block was closed, where a task made in a body joins
     * the graph only when it is enqueued. False, the default, is as inside the block. */
    bool is_closed;
};

/* FLOW_OK, FLOW_ENOMEM; FLOW_EINVAL: the start is not a task, or cannot be told (the message names the
 * candidates). */
FLOW_PUBLIC int flow_run_create(struct flow_run **out, const struct flow_workflow *wf,
    const struct flow_run_options *options, struct flow_error *err);
FLOW_PUBLIC void flow_run_destroy(struct flow_run *run); /* NULL is fine */

/* Emits run started, the graph, the initial channel, and enqueues the start. Once, before the first step. */
FLOW_PUBLIC int flow_run_start(struct flow_run *run, struct flow_error *err);
/* Performs one step: takes the front entry, executes it, draws the consequences. FLOW_OK; FLOW_END: the run
 * has ended, see flow_run_outcome; FLOW_ENOMEM: the engine itself ran out of memory, the run has ended as
 * failed. */
FLOW_PUBLIC int flow_run_step(struct flow_run *run, struct flow_error *err);
/* Ends a run from outside, at a boundary or inside a body (then when it returns): origin host. FLOW_ESTATE:
 * ended already. */
FLOW_PUBLIC int flow_run_end(struct flow_run *run, enum flow_outcome outcome, const char *message);

/* Manual control. */
#define FLOW_EDITS(X)                                                                                        \
    X(GOTO, "goto")           /* task runs next; at a boundary the first entry is dropped */                 \
    X(ENQUEUE, "enqueue")     /* task, position (FLOW_BACK: the back) */                                     \
    X(DROP, "drop")           /* entry: removed, its successors are not enqueued */                          \
    X(MOVE, "move")           /* entry, position */                                                          \
    X(SKIP, "skip")           /* entry: taken off without running; its successors are enqueued */            \
    X(SET, "set")             /* key, value (taken over) */                                                  \
    X(UNSET, "unset")         /* key */                                                                      \
    X(ITERATE, "iterate")     /* task, value: one more execution, entry at the back */                       \
    X(TERMINATE, "terminate") /* message */                                                                  \
    X(CANCEL, "cancel")       /* message */
enum flow_edit_kind {
#define X(name, word) FLOW_EDIT_##name,
    FLOW_EDITS(X)
#undef X
};
#define FLOW_BACK UINT64_MAX

struct flow_edit {
    enum flow_edit_kind kind;
    flow_task task;
    uint64_t entry;
    uint64_t position;
    const char *key;
    struct flow_value value;
    const char *message;
    const char *command; /* what the person typed, for the user-action event; NULL: the kind's word */
};

/* Applies an edit at once where that is legal (at a boundary; in a body between its calls), otherwise keeps
 * it for the first moment at which it is: the end of the current call of the body, or the next boundary
 * before its hook. It emits a user-action event, then the effects, all with origin user; an edit that turns
 * out impossible when its time comes emits an error event with origin user. FLOW_OK: applied; FLOW_AGAIN:
 * kept; FLOW_ENOENT: no such task, entry or key; FLOW_ESTATE: the run has ended; FLOW_ENOMEM. */
FLOW_PUBLIC int flow_run_edit(struct flow_run *run, const struct flow_edit *edit, struct flow_error *err);
FLOW_PUBLIC const char *flow_edit_name(unsigned kind);

/* Reading a run: what keyframes and tests need; front ends fold the events instead. Texts and values are
 * borrowed until the run goes on. */
struct flow_entry {
    uint64_t number; /* counts from 1 */
    flow_task task;
    enum flow_reason reason;
    enum flow_origin origin; /* user: put there by hand */
    uint64_t cause;          /* the step that made it; 0: start or user */
    flow_task source;        /* the task that caused it, or none */
    uint32_t iteration;      /* 1 is the first execution of the chain */
    uint32_t retries;        /* used so far */
    struct flow_value data;
};
struct flow_task_info {
    const char *id;
    flow_task creator; /* or none: part of the workflow */
    enum flow_join join;
    uint32_t max_cycles; /* resolved */
    uint32_t max_retries;
    uint64_t completed;   /* completed executions */
    uint32_t cycle_count; /* package profile: of the task id */
    uint32_t retry_count;
    const char *file;
    uint32_t line;
};
FLOW_PUBLIC enum flow_outcome flow_run_outcome(const struct flow_run *run); /* UNFINISHED while it runs */
FLOW_PUBLIC const char *flow_run_message(const struct flow_run *run); /* with which it ended; "" if none */
FLOW_PUBLIC flow_task flow_run_culprit(const struct flow_run *run);   /* the task that ended it, or none */
FLOW_PUBLIC uint64_t flow_run_step_count(const struct flow_run *run);
FLOW_PUBLIC uint64_t flow_run_event_count(const struct flow_run *run);
FLOW_PUBLIC bool flow_run_is_in_body(const struct flow_run *run);
FLOW_PUBLIC size_t flow_run_task_count(const struct flow_run *run);
FLOW_PUBLIC int flow_run_task_info(const struct flow_run *run, flow_task task, struct flow_task_info *out);
FLOW_PUBLIC flow_task flow_run_find_task(const struct flow_run *run, const char *id); /* or FLOW_TASK_NONE */
FLOW_PUBLIC size_t flow_run_edge_count(const struct flow_run *run);
FLOW_PUBLIC void flow_run_edge_at(const struct flow_run *run, size_t index, flow_task *from, flow_task *to);
FLOW_PUBLIC size_t flow_run_queue_length(const struct flow_run *run);
FLOW_PUBLIC void flow_run_queue_at(
    const struct flow_run *run, size_t index, struct flow_entry *out); /* 0: front */
FLOW_PUBLIC size_t flow_run_key_count(const struct flow_run *run);     /* every key ever named */
FLOW_PUBLIC const char *flow_run_key_name(const struct flow_run *run, flow_key key);
FLOW_PUBLIC int flow_run_key_value(
    const struct flow_run *run, flow_key key, struct flow_value *out); /* FLOW_NOT_FOUND: unset */
/* As flow_ctx_next_key. */
FLOW_PUBLIC int flow_run_next_key(
    const struct flow_run *run, size_t *cursor, flow_key *key, struct flow_value *value);
/* Successors held for the end of a chain: FLOW_OK or FLOW_END past the last. */
FLOW_PUBLIC int flow_run_held_at(
    const struct flow_run *run, size_t index, flow_task *successor, flow_task *source);
/* Arrivals at joins: the index-th (join, predecessor) pair that has arrived. FLOW_OK or FLOW_END. */
FLOW_PUBLIC int flow_run_arrival_at(
    const struct flow_run *run, size_t index, flow_task *join, flow_task *from);

#ifdef __cplusplus
}
#endif

#endif
