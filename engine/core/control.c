/* What a body asks for while it runs. Requests take effect when called: entries are in the queue at once. */
#include "core/emit.h"
#include "core/run.h"

struct queue_entry run_new_entry(const struct flow_run *run, flow_task task, enum flow_reason reason)
{
    bool is_user = run->origin == FLOW_ORIGIN_USER;
    return (struct queue_entry){
        .cause = is_user ? 0 : run->step,
        .data = flow_null(),
        .task = task,
        .source = is_user && !run_is_in_body(run) ? FLOW_TASK_NONE : run->execution.entry.task,
        .via = FLOW_TASK_NONE,
        .iteration = 1,
        .reason = (uint8_t)reason,
        .origin = (uint8_t)(is_user ? FLOW_ORIGIN_USER : FLOW_ORIGIN_ENGINE),
    };
}

void run_make_tentative(struct flow_run *run, struct queue_entry *entry)
{
    struct execution *x = &run->execution;
    if (!(x->entry.flags & MADE_ENTRIES)) {
        x->entry.flags |= MADE_ENTRIES;
        x->entries_before = run->entry_count;
        x->gotos = 0;
    }
    entry->is_tentative = true;
}

static void ask_to_skip(struct flow_run *run, enum flow_request request)
{
    struct execution *x = &run->execution;
    if (!(x->entry.flags & ASKED_SKIP))
        x->skip_request = (int32_t)request;
    x->entry.flags |= ASKED_SKIP;
}

/* Does a next_task with this target skip the successors, as goto does? In the package, when the target is in
 * the graph already. A task that was made for the call is, too, while the workflow's block is open. */
static bool target_skips(const struct flow_run *run, bool is_new)
{
    if (!run->profile->known_target_skips)
        return false;
    return !is_new || (run->profile->tasks_join_when_made && !run->is_closed);
}

int run_request_next(struct flow_run *run, flow_task target, enum flow_next how, bool is_new)
{
    struct execution *x = &run->execution;
    bool is_goto = how == FLOW_NEXT_GOTO;
    enum flow_request request = is_goto ? FLOW_REQUEST_GOTO : FLOW_REQUEST_NEXT_TASK;
    size_t position = queue_count(&run->queue);
    struct queue_entry entry = run_new_entry(run, target, is_goto ? FLOW_REASON_GOTO : FLOW_REASON_NEXT_TASK);
    if (queue_reserve(&run->queue) < 0)
        return FLOW_ENOMEM;
    run_make_tentative(run, &entry);
    if (is_goto && run->profile->goto_jumps_queue) {
        /* The n-th goto of a step goes to position n: they run in the order in which they were asked for. */
        position = x->gotos < queue_count(&run->queue) ? x->gotos : queue_count(&run->queue);
        x->gotos++;
    }
    if (is_goto || target_skips(run, is_new))
        ask_to_skip(run, request);
    emit_request(run, request, target, NULL, flow_null());
    return run_enqueue(run, &entry, position);
}

int run_request_iteration(struct flow_run *run, struct flow_value data, struct flow_error *err)
{
    struct execution *x = &run->execution;
    flow_task task = x->entry.task;
    uint32_t limit = run_resolve_max_cycles(run, run_spec(run, task));
    int status;
    if ((x->entry.flags & ASKED_ITERATION) && !run->profile->allows_many_iterations) {
        status = flow_error_set(err, FLOW_ESTATE,
            "next_iteration was called already in this execution of '%s'", run_id(run, task));
        goto fail;
    }
    if (run->profile->cycles_used(run) >= limit) {
        emit_task_count(run, FLOW_EV_LIMIT, FLOW_LIMIT_MAX_CYCLES, task, limit);
        status = flow_error_set(err, FLOW_ELIMIT, "cycle limit: task '%s' has used %u of its %u cycles",
            run_id(run, task), run->profile->cycles_used(run), limit);
        goto fail;
    }
    status = run->profile->iterate(run, &x->entry, data, &x->iteration_entry);
    if (status < 0)
        return flow_error_set(err, status, "out of memory");
    if (target_skips(run, true))
        ask_to_skip(run, FLOW_REQUEST_NEXT_ITERATION);
    x->entry.flags |= ASKED_ITERATION;
    return FLOW_OK;
fail:
    value_unref(data);
    return status;
}

/* Cancel beats terminate, whichever came first; within one of them the last message stands. */
void run_request_end(struct flow_run *run, bool is_cancel, const char *message)
{
    struct execution *x = &run->execution;
    struct str clean = {0};
    run_copy_text(&clean, message);
    if (is_cancel || !(x->entry.flags & ASKED_CANCEL)) {
        run_copy_text(&run->end_message, str_text(&clean));
        x->end_origin = run->origin;
    }
    x->entry.flags |= is_cancel ? ASKED_CANCEL : ASKED_TERMINATE;
    emit_request(run, is_cancel ? FLOW_REQUEST_CANCEL : FLOW_REQUEST_TERMINATE, FLOW_TASK_NONE,
        str_text(&clean), flow_null());
    str_finish(&clean);
}
