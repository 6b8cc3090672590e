/* The `package` profile: what the published Python package (Graflow 0.1.9) was observed to do. The recorded
 * cases of the conformance suite decide. */
#include <stdlib.h>

#include "core/emit.h"
#include "core/run.h"

/* Cycles are counted by task id, the running execution included, and never reset. */
static uint32_t cycles_used(const struct flow_run *run)
{
    return run->cycle_counts.at[run->tasks.at[run->execution.entry.task].base];
}

/* An execution counts as a cycle only while its id has never been retried; iterations count for their base.
 */
static void count_start(struct flow_run *run, flow_task task)
{
    if (run->tasks.at[task].retry_count == 0)
        run->cycle_counts.at[run->tasks.at[task].base]++;
}

/* "a#3"; a second node of that number is "a#3.2". NULL: out of memory. */
static char *name_iteration(const struct flow_run *run, flow_task base)
{
    uint32_t number = run->cycle_counts.at[base] + 1;
    for (unsigned twin = 1;; twin++) {
        struct str id = {0};
        str_addf(&id, "%s#%u", run_id(run, base), number);
        if (twin > 1)
            str_addf(&id, ".%u", twin);
        if (id.failed || graph_find(&run->graph, id.text, id.length) == FLOW_TASK_NONE)
            return str_take(&id);
        str_finish(&id);
    }
}

/* The number in the node's id. Entries all say 1 here: the id says it already. */
static uint32_t iteration(const struct flow_run *run)
{
    flow_task task = run->execution.entry.task, base = run->tasks.at[task].base;
    if (task == base)
        return 1;
    return (uint32_t)strtoul(run_id(run, task) + run->graph.tasks.at[base].id_length + 1, NULL, 10);
}

/* An iteration is a new node without edges that executes the same body. */
static int iterate(
    struct flow_run *run, const struct queue_entry *from, struct flow_value data, uint64_t *number)
{
    flow_task base = run->tasks.at[from->task].base, node;
    char *id = name_iteration(run, base);
    if (!id || queue_reserve(&run->queue) < 0 ||
        run_add_iteration_node(run, id, base, from->task, &node) < 0) {
        mem_free(id);
        value_unref(data);
        return FLOW_ENOMEM;
    }
    emit_request(run, FLOW_REQUEST_NEXT_ITERATION, node, NULL, data);
    struct queue_entry entry = run_new_entry(run, node, FLOW_REASON_ITERATION);
    entry.data = data;
    entry.flags = data.type != FLOW_TYPE_NULL ? IS_LADEN : 0;
    int status = run_enqueue(run, &entry, queue_count(&run->queue));
    *number = entry.number;
    return status;
}

const struct profile profile_package = {
    .id = FLOW_PROFILE_PACKAGE,
    .isolated_tasks_are_candidates = true,
    .goto_jumps_queue = false,
    .known_target_skips = true,
    .tasks_join_when_made = true,
    .can_redefine = false,
    .default_max_cycles = 10,
    .cycles_used = cycles_used,
    .iteration = iteration,
    .iterate = iterate,
    .allows_many_iterations = true,
    .holds_successors = false,
    .count_start = count_start,
    .retries_belong_to_task = true,
    .withdraws_entries = false,
    .stores_failures = true,
    .cycle_limit_kind = "CycleLimitExceededError",
    .duplicate_kind = "DuplicateTaskError",
    .limit_counts_completed = true,
    .limit_loses_entry = true,
    .param_order = {PARAM_FROM_RESULT, PARAM_FROM_KEY},
    .uses_predecessor_result = false,
};
