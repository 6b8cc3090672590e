/* The `documented` profile: what the page says. */
#include "core/emit.h"
#include "core/run.h"

/* max_cycles limits a chain: its first execution is no cycle yet. */
static uint32_t cycles_used(const struct flow_run *run)
{
    return run->execution.entry.iteration - 1;
}

static uint32_t iteration(const struct flow_run *run)
{
    return run->execution.entry.iteration;
}

/* An iteration is an entry of the same task, at the back, that continues the chain: it inherits what the
 * chain holds and the edge along which the chain was entered. */
static int iterate(
    struct flow_run *run, const struct queue_entry *from, struct flow_value data, uint64_t *number)
{
    struct queue_entry entry = run_new_entry(run, from->task, FLOW_REASON_ITERATION);
    entry.data = data;
    entry.iteration = from->iteration + 1;
    entry.held = from->held;
    entry.via = from->via;
    entry.flags = IS_LADEN;
    if (queue_reserve(&run->queue) < 0) {
        value_unref(data);
        return FLOW_ENOMEM;
    }
    if (from == &run->execution.entry) /* else a person asked for it, of another task */
        run_make_tentative(run, &entry);
    emit_request(run, FLOW_REQUEST_NEXT_ITERATION, from->task, NULL, data);
    int status = run_enqueue(run, &entry, queue_count(&run->queue));
    *number = entry.number;
    return status;
}

const struct profile profile_documented = {
    .id = FLOW_PROFILE_DOCUMENTED,
    .isolated_tasks_are_candidates = false,
    .goto_jumps_queue = true,
    .known_target_skips = false,
    .tasks_join_when_made = false,
    .can_redefine = true,
    .default_max_cycles = 100,
    .cycles_used = cycles_used,
    .iteration = iteration,
    .iterate = iterate,
    .allows_many_iterations = false,
    .holds_successors = true,
    .count_start = NULL,
    .retries_belong_to_task = false,
    .withdraws_entries = true,
    .stores_failures = false,
    .cycle_limit_kind = "cycle limit",
    .duplicate_kind = "duplicate task",
    .limit_counts_completed = false,
    .limit_loses_entry = false,
    .param_order = {PARAM_FROM_KEY, PARAM_FROM_RESULT},
    .uses_predecessor_result = true,
};
