/* A profile: the questions on which the documentation and the published package give different answers. The
 * engine asks them here and nowhere else tests which profile it runs.
 *
 * profile_documented.c and profile_package.c each hold one table of answers. */
#ifndef CORE_PROFILE_H
#define CORE_PROFILE_H

#include "core/queue.h"
#include "flow/run.h"

/* Where the value of a parameter that is not bound may come from. */
enum param_source {
    PARAM_FROM_KEY,    /* the channel key of that name */
    PARAM_FROM_RESULT, /* the result of the task of that name */
};

struct profile {
    enum flow_profile id;

    /* Starting. */
    bool isolated_tasks_are_candidates; /* a task without any edge may be what the run starts with */

    /* Control flow. */
    bool goto_jumps_queue;     /* a goto's target runs next; or goes to the back like any other */
    bool known_target_skips;   /* next_task to a task that is in the graph skips successors, as goto does */
    bool tasks_join_when_made; /* ... and a new task is in the graph before next_task sees it (see is_closed)
                                */
    bool can_redefine;         /* a task made twice at run time by the same creator replaces its function */

    /* Iterations. */
    uint32_t default_max_cycles;
    uint32_t (*cycles_used)(const struct flow_run *run); /* of the execution that runs */
    uint32_t (*iteration)(
        const struct flow_run *run); /* of the execution that runs; 1 is the first of a chain */
    /* One more execution after that of `from`, whose limit was checked. Takes data over. Writes the new
     * entry's number. FLOW_OK or FLOW_ENOMEM. */
    int (*iterate)(
        struct flow_run *run, const struct queue_entry *from, struct flow_value data, uint64_t *entry);
    bool allows_many_iterations; /* several calls in one execution */
    bool holds_successors;       /* until the chain's last execution, which decides for all */
    /* An execution of this task starts. NULL: nothing to count. */
    void (*count_start)(struct flow_run *run, flow_task task);

    /* Failures. */
    bool retries_belong_to_task; /* the budget is the task's, never refilled; or each entry's */
    bool withdraws_entries;      /* what a failed attempt enqueued goes when it is retried */
    bool stores_failures;        /* a failed execution's error, and a cancelled one's value, are its result */
    const char *cycle_limit_kind; /* the error's class when a body does not handle it */
    const char *duplicate_kind;

    /* The step limit. */
    bool limit_counts_completed; /* executions that completed; or every step */
    bool limit_loses_entry;      /* it is tested after the next entry was taken, which is then lost */

    /* Parameters. */
    enum param_source param_order[2];
    bool uses_predecessor_result; /* a single unresolved one takes the result of the task whose edge led here
                                   */
};

extern const struct profile profile_documented, profile_package;

#endif
