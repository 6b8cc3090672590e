/* The fold: what a run looks like after its first N events. Every view draws this and nothing else, live or
 * in replay.
 *
 * A trace_state is advanced one event at a time and holds copies: it never points into an engine or a trace.
 * Tasks and keys are arrays by flow_task / flow_key; queue entries are in order, front first. All members may
 * be read by anybody; only trace_state_apply() changes them. */
#ifndef TRACE_STATE_H
#define TRACE_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/map.h"
#include "base/vec.h"
#include "flow/run.h"

/* Where the run stands between events. */
enum trace_phase {
    TRACE_PHASE_EMPTY,     /* nothing has happened */
    TRACE_PHASE_STARTING,  /* run started, the graph is being announced */
    TRACE_PHASE_BOUNDARY,  /* between steps: the next event takes an entry, ends the run, or is an edit */
    TRACE_PHASE_TAKEN,     /* an entry was taken, its step has not started */
    TRACE_PHASE_BODY,      /* a task's body runs */
    TRACE_PHASE_FINISHING, /* the body returned, its consequences are being drawn */
    TRACE_PHASE_ENDED,
};

/* What a person sees of a task. Derived by trace_state_task_status(), most urgent first. */
#define TRACE_STATUSES(X)                                                                                    \
    X(RUNNING, "running")                                                                                    \
    X(FAILED, "failed")       /* its last execution */                                                       \
    X(CANCELLED, "cancelled") /* it cancelled the run */                                                     \
    X(QUEUED, "queued")                                                                                      \
    X(WAITING, "waiting") /* a join with some and not all arrivals */                                        \
    X(DONE, "done")       /* its last execution completed */                                                 \
    X(SKIPPED, "skipped") /* a goto passed it by, and it has not run since */                                \
    X(IDLE, "not run")
enum trace_status {
#define X(name, word) TRACE_STATUS_##name,
    TRACE_STATUSES(X)
#undef X
};

struct trace_arrival {
    flow_task from;
    uint64_t event;
};

struct trace_task {
    char *id;           /* owned */
    char *location;     /* "file:line", or NULL; owned */
    flow_task creator;  /* or none: part of the workflow */
    uint64_t born;      /* event number of its task-added event */
    uint64_t born_step; /* 0: with the workflow */
    enum flow_join join;
    uint32_t max_cycles;
    uint32_t max_retries;
    uint64_t runs; /* executions started */
    uint64_t completed;
    uint64_t failures;
    uint64_t iterations; /* executions that were iterations */
    uint64_t queued;     /* entries of it in the queue now */
    uint64_t last_step;  /* its latest execution, 0: none */
    uint64_t last_start_event;
    bool has_outcome;       /* last_outcome is set: an execution has ended */
    uint8_t last_outcome;   /* enum flow_step_outcome */
    uint64_t skipped_event; /* its latest skip, 0: none */
    flow_task skipped_by;
    struct {
        VEC(struct trace_arrival);
    } arrivals;      /* at a join, since its last start */
    uint32_t needed; /* arrivals a join needs: its incoming edges */
};

/* An edge that was wired, or a jump that was seen. One per (from, to, kind). */
#define TRACE_EDGE_KINDS(X)                                                                                  \
    X(STATIC, "edge")         /* wired: completion of `from` enqueues `to` */                                \
    X(NEXT_TASK, "next_task") /* `from` enqueued `to` at run time */                                         \
    X(GOTO, "goto")                                                                                          \
    X(ITERATION, "iteration") /* from == to, but in the package profile, where iterations are tasks */       \
    X(MANUAL, "manual") /* a person sent the run from `from` (the task that would have been next, or none)   \
                           to `to` */
enum trace_edge_kind {
#define X(name, word) TRACE_EDGE_##name,
    TRACE_EDGE_KINDS(X)
#undef X
};
struct trace_edge {
    flow_task from; /* may be none for manual edges */
    flow_task to;
    uint8_t kind; /* enum trace_edge_kind */
    /* Times taken: an entry came of it; of an edge into a task that joins all: arrivals along it. */
    uint64_t count;
    uint64_t born; /* event */
    uint64_t last; /* event of the latest time, 0: never */
};

struct trace_entry {
    uint64_t number;
    flow_task task;
    uint8_t reason;   /* enum flow_reason */
    uint8_t origin;   /* enum flow_origin */
    flow_task source; /* or none */
    uint64_t cause;   /* step, 0: start or user */
    uint32_t iteration;
    uint64_t event;    /* that enqueued it */
    bool is_abandoned; /* the run ended before it: it stays in the queue, so that one sees what was left */
    struct flow_value data; /* owned reference */
};

struct trace_key {
    char *name; /* owned; NULL: not named by any event yet (then it was never set) */
    bool is_set;
    struct flow_value value; /* owned reference; null when unset */
    uint64_t writes;
    uint64_t event; /* of the latest write or deletion, 0: never */
    uint64_t step;
    flow_task writer; /* or none */
    uint8_t origin;
    /* The value before the first write in the current (or, between steps, the last) step; for "old -> new".
     */
    bool changed; /* written or deleted in that step, or by a person before the first one */
    bool was_set;
    struct flow_value before; /* owned reference */
};

struct trace_held {
    flow_task successor;
    flow_task source;
    bool is_abandoned;
};

struct trace_blocked {
    flow_task join;
    flow_task missing;
    char *why; /* owned */
};

struct trace_state {
    uint64_t event; /* number of the last folded event */
    uint64_t step;  /* of the last started step */
    enum trace_phase phase;
    int64_t time_ns; /* last time stamp seen */
    int64_t start_ns;
    struct flow_event_brief {
        uint16_t kind;
        uint8_t origin;
    } last; /* the last folded event */

    char *workflow;         /* name, or NULL before run started; owned */
    struct flow_value info; /* the run-started map; owned reference */
    enum flow_profile profile;

    struct {
        VEC(struct trace_task);
    } tasks;
    struct map task_index; /* id -> flow_task */
    struct {
        VEC(struct trace_edge);
    } edges;
    struct map edge_index; /* private to state_graph.c */
    struct {
        VEC(struct trace_entry);
    } queue;
    size_t
        queue_slack; /* private to state_queue.c: free places before queue.at, which is not an allocation */
    struct {
        VEC(struct trace_key);
    } keys;
    struct map key_index; /* name -> flow_key */
    struct {
        VEC(flow_key);
    } order; /* keys that are set, in the order in which they got a value */
    struct {
        VEC(flow_key);
    } changed; /* keys with `changed` set, in the order of their first change */
    struct {
        VEC(struct trace_held);
    } held;
    struct {
        VEC(struct trace_blocked);
    } blocked;

    flow_task current; /* the task of the step that runs (phases TAKEN to FINISHING), else none */
    struct trace_entry current_entry; /* the entry it came from */
    uint32_t current_attempt;         /* 1 unless it is being retried; 0 before its step has started */
    int64_t step_start_ns;

    enum flow_outcome outcome; /* UNFINISHED until run ended */
    char *message;             /* of the end, or NULL; owned */
    flow_task culprit;
    char *error; /* text of the latest error event, or NULL; owned */
    flow_task error_task;
    uint64_t error_event;
    uint64_t errors; /* error events so far */
    uint64_t user_actions;
};

/* The state must stay where it is from here on: its maps point into it. */
void trace_state_init(struct trace_state *state);
void trace_state_finish(struct trace_state *state);
/* Folds the next event (notes are ignored). FLOW_OK; FLOW_ENOMEM;
 * FLOW_EFORMAT: the event does not fit the state (a damaged or hostile trace: task out of range, entry not in
 * the queue, number out of order). After a failure the state is unchanged. An event of a kind that this
 * program does not know only counts. */
int trace_state_apply(struct trace_state *state, const struct flow_event *event, struct flow_error *err);

enum trace_status trace_state_task_status(const struct trace_state *state, flow_task task);
const char *trace_status_name(enum trace_status status);
const char *trace_edge_kind_name(unsigned kind);
const char *trace_state_task_id(
    const struct trace_state *state, flow_task task); /* "-" for none or unknown */
flow_task trace_state_find_task(const struct trace_state *state, const char *id); /* or FLOW_TASK_NONE */
flow_key trace_state_find_key(const struct trace_state *state, const char *name); /* or FLOW_KEY_NONE */
const char *trace_state_key_name(const struct trace_state *state, flow_key key);  /* "?" for unknown */

/* Printing escapes control and direction-changing characters and bytes that are not UTF-8, and cuts long
 * values and texts ("..."): the result may be written to a terminal. It always ends with a NUL where size >
 * 0. */
/* "optimize" for iteration 1, "optimize#3" for the third. Returns what snprintf would. */
int trace_print_task(
    const struct trace_state *state, flow_task task, uint32_t iteration, char *buffer, size_t size);
/* One event or note in words a person reads, without its number: "enqueued extra_logging (next_task by
 * process)", "total: 3 -> 7". The state is the one before or after the event (names must be known). Returns
 * the needed length. */
size_t trace_print_event(
    const struct trace_state *state, const struct flow_event *event, char *buffer, size_t size);

#endif
