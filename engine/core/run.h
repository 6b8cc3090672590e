/* A run, from the inside. The files around it, each with the rules it holds:
 *
 *   run.c       creating, starting and ending a run
 *   step.c      one step: take, execute, and what follows from how the body came back
 *   control.c   what a body asks for: next_task, goto, next_iteration, terminate, cancel, new tasks
 *   growth.c    tasks and edges that bodies make
 *   ctx*.c      the calls of a body
 *   follow.c    successors: delivering along edges, joins, skipping, holding and releasing
 *   params.c    where the values of parameters come from
 *   edit.c      manual control
 *   profile*.c  where the two profiles differ
 *   emit.c      telling the host, with the order and content of event.h
 *   inspect.c   reading a run from outside
 *
 * Every change of state is told by an event, after the change is complete: folding the events of a run must
 * give exactly this state. So nothing here changes state without an emit_* call close by. */
#ifndef CORE_RUN_H
#define CORE_RUN_H

#include "base/str.h"
#include "core/channel.h"
#include "core/graph.h"
#include "core/prng.h"
#include "core/profile.h"
#include "core/queue.h"
#include "core/workflow.h"
#include "flow/run.h"
#include "flow/task.h"

/* Where the run stands; decides when an edit may be applied. */
enum run_phase {
    RUN_NEW,      /* created, not started */
    RUN_BOUNDARY, /* between steps, nothing half done: edits apply at once */
    RUN_BODY,     /* a body runs its own code: edits apply at once */
    RUN_CALL,     /* a body called the engine: edits are kept until the call ends */
    RUN_BUSY,     /* the engine is at work: edits are kept until the next boundary, or the body begins */
    RUN_ENDING,   /* the outcome is decided: edits are refused */
    RUN_ENDED,
};

enum task_flag {
    TASK_IS_JOIN = 1 << 0,
    TASK_HAS_PARAMS = 1 << 1,
    TASK_HAS_START_WORK = 1 << 2, /* something is to be done before the body beside calling it */
    TASK_OWNS_SPEC = 1 << 3,      /* made at run time: its spec is the run's */
    TASK_OWNS_ID = 1 << 4,        /* an iteration node: its id is the run's */
};

/* Instead of a task's only successor: it has none, several, or one that is a join. */
#define SUCCESSORS_UNUSUAL (FLOW_TASK_NONE - 1)

/* A task as a step needs it, in 64 bytes: the usual step touches one of these and not the graph. */
struct run_task {
    flow_task_fn enter; /* the body; or, where there is start work, what does that and calls the body */
    void *user;         /* of the body */
    uint64_t completed;
    uint64_t unusual_at;        /* what `completed` was when its last unusual execution ended, */
    flow_key result_key;        /* of "ID.__result__" */
    flow_task only_successor;   /* or SUCCESSORS_UNUSUAL */
    uint32_t flags;             /* enum task_flag */
    uint32_t unusual_iteration; /* and which iteration that was; 0: there was none */
    flow_task creator;          /* or none: part of the workflow */
    flow_task base;             /* whose definition it executes: its own, but for iteration nodes (package) */
    uint32_t arrivals;          /* at a join, since it last started */
    uint32_t retry_count;
};

_Static_assert(sizeof(struct run_task) == 64 && sizeof(struct queue_entry) == 64, "one cache line each");

/* What became of an edge into a join. For the words of `blocked`. */
enum edge_state {
    EDGE_UNUSED,  /* its source has not delivered */
    EDGE_ARRIVED, /* delivered, and the join has not started since */
    EDGE_SPENT,   /* the join started after its last delivery */
    EDGE_SKIPPED, /* its source skipped it last */
};

/* A successor that waits for the last iteration of a chain of `source`. */
struct held_successor {
    flow_task successor;
    flow_task source;
};

/* What makes an execution more than the usual one. None is the common case, tested as one word. */
enum execution_flag {
    ASKED_SKIP = 1 << 0,      /* goto, or what counts as one: successors are skipped */
    ASKED_ITERATION = 1 << 1, /* next_iteration */
    ASKED_TERMINATE = 1 << 2,
    ASKED_CANCEL = 1 << 3,
    MADE_ENTRIES = 1 << 4,  /* entries_before and gotos are valid */
    SAID_FAILURE = 1 << 5,  /* flow_ctx_fail was called: run->failure is valid */
    CALL_FAILED = 1 << 6,   /* run->call_error is valid */
    HAS_LEFTOVERS = 1 << 7, /* args, or values that an edit replaced */
    WAS_EDITED = 1 << 8,    /* somebody asked for an edit, or for the end */
    GREW_GRAPH = 1 << 9,    /* tasks may have moved in memory */
    IS_LADEN = 1 << 10,     /* its entry has data, or is not the first of its chain: the entry's flag */
};

/* The execution that runs, or ran last. */
struct execution {
    struct queue_entry entry;    /* the one that was taken, with its flags; owns its data */
    uint32_t gotos;              /* so far: the next one's position in the queue */
    int32_t skip_request;        /* enum flow_request that ASKED_SKIP */
    uint64_t entries_before;     /* the last entry's number before it made its first */
    uint64_t iteration_entry;    /* the entry that ASKED_ITERATION made */
    enum flow_origin end_origin; /* who asked for terminate or cancel */
};

/* The words of a failure. */
struct failure {
    struct str kind, message, detail;
    bool has_detail;
};

/* An edit that waits for its moment; owns its texts and value. */
struct kept_edit {
    struct flow_edit edit;
    char *key, *message, *command;
};

struct flow_ctx {
    struct flow_run *run;
};

struct flow_run {
    union { /* read together by a step: the usual one is at a boundary and not hooked */
        struct {
            uint8_t phase;  /* enum run_phase */
            bool is_hooked; /* there is some hook that a step must think of */
        };
        uint16_t phase_and_hooks;
    };
    bool is_waiting; /* kept edits or a host's end wait for their moment */
    const struct profile *profile;
    struct flow_hooks hooks;
    enum flow_origin origin; /* of the events that are emitted now */
    uint64_t step;           /* of the current or, between steps, the last one */
    uint64_t event_count;    /* 0 for ever when nobody watches */
    uint64_t entry_count;    /* the last entry's number */
    uint64_t max_steps;
    uint64_t last_step; /* after this step no other is taken */

    struct queue queue;
    struct channel channel;
    struct graph graph;
    struct {
        VEC(struct run_task);
    } tasks;
    struct {
        VEC(uint32_t);
    } cycle_counts; /* by task; counted in the package profile only */
    struct {
        VEC(uint8_t);
    } edge_states; /* enum edge_state, by edge */
    struct {
        VEC(uint32_t);
    } arrivals; /* edges that have arrived at joins, in the order of arrival */
    struct {
        VEC(struct held_successor);
    } held;

    struct flow_ctx ctx;
    struct execution execution;
    struct {
        VEC(struct flow_value);
    } args;                       /* owned references, while a body runs */
    struct flow_error call_error; /* the last call of the body that failed */
    struct failure failure;
    struct str end_message; /* what terminate or cancel said */

    struct {
        VEC(struct kept_edit);
    } kept_edits;
    struct {
        VEC(struct flow_value);
    } replaced;        /* values an edit took from under a running body, which may still read them */
    bool has_host_end; /* flow_run_end was called where the run could not end at once */
    enum flow_outcome host_outcome;
    struct str host_message;

    struct prng prng;
    uint64_t printed[2]; /* bytes, by stream - 1 */
    uint64_t seed;
    bool is_closed;
    bool is_stamping_all;
    int64_t (*clock_ns)(void *user);
    int64_t (*wall_ns)(void *user);
    void *clock_user;

    const struct flow_workflow *workflow;
    flow_task start;
    struct flow_member *initial; /* channel values until the start: owned references */
    size_t initial_count;
    struct flow_value info;

    enum flow_outcome outcome;
    struct str message;
    flow_task culprit;
};

#define likely(x)   __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)

static inline bool run_is_watched(const struct flow_run *run)
{
    return unlikely(run->hooks.on_event != NULL);
}

/* run.c */
/* Ends the run: lists what is left, then tells the outcome. message is copied. */
void run_end(struct flow_run *run, enum flow_outcome outcome, const char *message, flow_task culprit,
    enum flow_origin origin);
/* The run stands at a boundary from now on: what waited for one is done. */
void run_enter_boundary(struct flow_run *run);

/* growth.c */
/* The limit of a definition: 0 is none at all. */
uint32_t run_resolve_max_cycles(const struct flow_run *run, const struct task_spec *spec);
/* What the run keeps of a task, or of an edge that is in the graph already. FLOW_OK or FLOW_ENOMEM. */
int run_track_task(struct flow_run *run, const struct task_spec *spec, const char *id, size_t id_length);
int run_track_edge(struct flow_run *run, uint32_t edge);
/* A task of the running body's: added, or redefined where the profile allows it. As flow_ctx_add_task. */
int run_add_dynamic_task(struct flow_run *run, const struct flow_task_def *def, flow_task *out, bool *is_new,
    struct flow_error *err);
/* A node that executes `base`, without edges. own_id is taken over on success. FLOW_OK or FLOW_ENOMEM. */
int run_add_iteration_node(
    struct flow_run *run, char *own_id, flow_task base, flow_task creator, flow_task *out);
/* FLOW_OK (also when there is such an edge) or FLOW_ENOMEM. */
int run_add_edge(struct flow_run *run, flow_task from, flow_task to);

/* failure.c: texts of tasks; made UTF-8 where they are not. Without memory they are empty. */
void run_copy_text(struct str *to, const char *text);
/* detail may be NULL; kind NULL is "error". */
void run_set_failure(struct failure *failure, const char *kind, const char *detail, const char *fmt, ...)
    FLOW_PRINTF(4, 5);
void run_set_failure_v(
    struct failure *failure, const char *kind, const char *detail, const char *fmt, va_list args);
void failure_finish(struct failure *failure);

/* The definition that a task executes. */
static inline const struct task_spec *run_spec(const struct flow_run *run, flow_task task)
{
    return run->graph.tasks.at[task].spec;
}
static inline const char *run_id(const struct flow_run *run, flow_task task)
{
    return run->graph.tasks.at[task].id;
}
/* The iteration number of the task's latest execution; 0: it never ran. The usual step does not write it
 * down: it is the first of a chain, and `completed` has moved on since the last unusual one. */
static inline uint32_t run_last_iteration(const struct flow_run *run, flow_task task)
{
    const struct run_task *t = &run->tasks.at[task];
    return t->completed == t->unusual_at ? t->unusual_iteration : 1;
}
static inline bool run_has_task(const struct flow_run *run, flow_task task)
{
    return task < run->graph.tasks.count;
}
/* A body has begun and has not returned. */
static inline bool run_is_in_body(const struct flow_run *run)
{
    return run->phase == RUN_BODY || run->phase == RUN_CALL;
}

/* follow.c */
/* What becomes of the successors of an execution that completed. */
enum follow {
    FOLLOW_ENQUEUE, /* each is delivered to, held ones are released first */
    FOLLOW_SKIP,    /* none is, held ones are released first */
    FOLLOW_HOLD,    /* the chain goes on and holds them */
    FOLLOW_SKIP_OWN /* the chain goes on; what it holds stays held, the others are skipped */
};
/* skip_request: enum flow_request, or -1: by hand. FLOW_OK or FLOW_ENOMEM. */
int run_follow(struct flow_run *run, const struct queue_entry *entry, enum follow how, int skip_request);
/* Releases and skips what the chain of an entry holds, which will not be executed. */
void run_give_up_held(struct flow_run *run, const struct queue_entry *entry);
/* The join starts, or the entry its arrivals made is dropped: the arrivals are used up. */
void run_clear_arrivals(struct flow_run *run, flow_task join);
/* Some join has some and not all arrivals. When is_telling, emits `blocked` for each missing edge. first (may
 * be NULL) gets the words for the first of them. */
bool run_is_blocked(struct flow_run *run, bool is_telling, struct str *first);
/* Numbers the entry, puts it into the queue before `position` (at most the length) and tells so. FLOW_OK or
 * FLOW_ENOMEM; takes its data over either way. */
int run_enqueue(struct flow_run *run, struct queue_entry *entry, size_t position);
/* Stores a value under a key and tells so; takes it over. */
void run_put(struct flow_run *run, flow_key key, struct flow_value value);
static inline bool run_is_join(const struct flow_run *run, flow_task task)
{
    return run->tasks.at[task].flags & TASK_IS_JOIN;
}

/* control.c: what a body's call, or a person while it runs, asks for in this execution. */
/* An entry made by what happens now: cause, source and origin say who. */
struct queue_entry run_new_entry(const struct flow_run *run, flow_task task, enum flow_reason reason);
/* The entry belongs to the execution that runs: it goes should that fail and be retried. */
void run_make_tentative(struct flow_run *run, struct queue_entry *entry);
int run_request_next(struct flow_run *run, flow_task target, enum flow_next how, bool is_new);
int run_request_iteration(struct flow_run *run, struct flow_value data, struct flow_error *err);
void run_request_end(struct flow_run *run, bool is_cancel, const char *message);

/* step.c: what a task with start work has instead of its body. */
int run_enter_prepared(struct flow_ctx *ctx, void *user, struct flow_value *result);

/* params.c: fills run->args for the execution. FLOW_OK, FLOW_ENOMEM, or FLOW_ETASK with run->failure set. */
int run_resolve_args(struct flow_run *run);
void run_release_args(struct flow_run *run);

/* edit.c: applies the edits that were kept. The run must be at a boundary or in a body. */
void run_apply_kept_edits(struct flow_run *run);
/* Drops what was kept; tells that it came too late when is_telling. */
void run_forget_kept_edits(struct flow_run *run, bool is_telling);

#endif
