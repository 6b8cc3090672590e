/* One step: take the front entry, execute its task, draw the consequences.
 *
 * The order of events inside a step is part of the contract (flow/event.h). The usual step, of a task with
 * one successor that completes without asking for anything, is written out twice: perform_watched() tells it
 * event by event, perform_quietly() knows nothing of events. Everything else goes through finish_unusual() to
 * conclude(), which is the table of what follows from how a body came back. */
#include "core/emit.h"
#include "core/run.h"

/* The engine itself is out of memory: the run cannot go on. */
static int end_without_memory(struct flow_run *run, struct flow_error *err)
{
    run_end(run, FLOW_OUTCOME_FAILED, "out of memory", FLOW_TASK_NONE, FLOW_ORIGIN_ENGINE);
    return flow_error_set(err, FLOW_ENOMEM, "out of memory in step %llu", (unsigned long long)run->step);
}

/* Nothing is left to take: completed, unless a join still waits for some of its predecessors. */
static int end_empty(struct flow_run *run)
{
    struct str message = {0};
    if (run_is_blocked(run, false, &message)) {
        struct str full = {0};
        str_addf(&full, "join %s", str_text(&message));
        run_end(run, FLOW_OUTCOME_BLOCKED, str_text(&full), FLOW_TASK_NONE, FLOW_ORIGIN_ENGINE);
        str_finish(&full);
    } else {
        run_end(run, FLOW_OUTCOME_COMPLETED, "", FLOW_TASK_NONE, FLOW_ORIGIN_ENGINE);
    }
    str_finish(&message);
    return FLOW_END;
}

/* max_steps is reached with work left. */
static int end_at_limit(struct flow_run *run)
{
    struct str message = {0};
    str_addf(&message, "%llu steps taken, %zu left in the queue", (unsigned long long)run->max_steps,
        queue_count(&run->queue));
    run->phase = RUN_BUSY;
    if (run->profile->limit_loses_entry) {
        struct queue_entry lost = queue_remove(&run->queue, 0);
        emit_entry_event(run, FLOW_EV_DEQUEUED, &lost, 0);
        value_unref(lost.data);
    }
    emit_task_count(run, FLOW_EV_LIMIT, FLOW_LIMIT_MAX_STEPS, FLOW_TASK_NONE, run->max_steps);
    run_end(run, FLOW_OUTCOME_STEP_LIMIT, str_text(&message), FLOW_TASK_NONE, FLOW_ORIGIN_ENGINE);
    str_finish(&message);
    return FLOW_END;
}

/* What few tasks need before their body runs. The rest of the step needs nothing of it but its status: a
 * parameter without a value fails the execution before the body is called. */
static int prepare(struct flow_run *run)
{
    flow_task task = run->execution.entry.task;
    if (run_is_join(run, task))
        run_clear_arrivals(run, task);
    if (run->profile->count_start)
        run->profile->count_start(run, task);
    return run->tasks.at[task].flags & TASK_HAS_PARAMS ? run_resolve_args(run) : FLOW_OK;
}

int run_enter_prepared(struct flow_ctx *ctx, void *user, struct flow_value *result)
{
    int status = prepare(ctx->run);
    return status < 0 ? status : run_spec(ctx->run, ctx->run->execution.entry.task)->fn(ctx, user, result);
}

static void store_result(struct flow_run *run, struct flow_value result)
{
    run_put(run, run->tasks.at[run->execution.entry.task].result_key, result);
}

/* Gives a failure its words where the body did not: those of the call that failed, or of the status. */
static void complete_failure(struct flow_run *run, int status)
{
    const char *kind = "error", *text = flow_status_name(status);
    if (run->execution.entry.flags & SAID_FAILURE)
        return;
    if ((run->execution.entry.flags & CALL_FAILED) && run->call_error.code == status)
        text = run->call_error.text;
    if (status == FLOW_ELIMIT)
        kind = run->profile->cycle_limit_kind;
    else if (status == FLOW_EEXIST)
        kind = run->profile->duplicate_kind;
    run_set_failure(&run->failure, kind, NULL, "%s", text);
}

/* Takes back what the failed attempt put into the queue and nobody has taken out of it. */
static void withdraw_entries(struct flow_run *run)
{
    if (!(run->execution.entry.flags & MADE_ENTRIES))
        return;
    for (size_t i = 0; i < queue_count(&run->queue);) {
        struct queue_entry *entry = queue_at(&run->queue, i);
        if (!entry->is_tentative || entry->number <= run->execution.entries_before) {
            i++;
            continue;
        }
        struct queue_entry withdrawn = queue_remove(&run->queue, i);
        emit_entry_event(run, FLOW_EV_WITHDRAWN, &withdrawn, 0);
        value_unref(withdrawn.data);
    }
}

static uint32_t retries_used(const struct flow_run *run)
{
    const struct queue_entry *entry = &run->execution.entry;
    return run->profile->retries_belong_to_task ? run->tasks.at[entry->task].retry_count : entry->retries;
}

/* The retry keeps iteration, data and what the chain holds; it is a step, not a cycle. */
static int enqueue_retry(struct flow_run *run)
{
    const struct queue_entry *failed = &run->execution.entry;
    struct queue_entry entry = run_new_entry(run, failed->task, FLOW_REASON_RETRY);
    entry.retries = retries_used(run) + 1;
    entry.iteration = failed->iteration;
    entry.held = failed->held;
    entry.via = failed->via;
    entry.data = value_ref(failed->data);
    entry.flags = failed->flags & IS_LADEN;
    run->tasks.at[failed->task].retry_count++;
    emit_task_count(run, FLOW_EV_RETRY, 0, failed->task, entry.retries);
    return run_enqueue(run, &entry, queue_count(&run->queue));
}

/* In the package the exception is the failed task's result. */
static int store_failure(struct flow_run *run)
{
    struct flow_value error;
    int status = flow_opaque_create(&error, str_text(&run->failure.kind), str_text(&run->failure.message));
    if (status == FLOW_OK)
        store_result(run, error);
    return status;
}

/* Where the limit counts completed executions, this one does not count. */
static void do_not_count(struct flow_run *run)
{
    if (run->profile->limit_counts_completed && run->last_step < UINT64_MAX)
        run->last_step++;
}

/* The retry forgets what the failed attempt asked for, but not that a person asked for the end meanwhile. */
static int end_as_person_asked(struct flow_run *run)
{
    bool is_cancel = run->execution.entry.flags & ASKED_CANCEL;
    if (!(run->execution.entry.flags & (ASKED_CANCEL | ASKED_TERMINATE)) ||
        run->execution.end_origin != FLOW_ORIGIN_USER)
        return FLOW_OK;
    run_end(run, is_cancel ? FLOW_OUTCOME_CANCELLED : FLOW_OUTCOME_TERMINATED, str_text(&run->end_message),
        FLOW_TASK_NONE, FLOW_ORIGIN_USER);
    return FLOW_END;
}

static int conclude_failed(struct flow_run *run, int status, struct flow_error *err)
{
    flow_task task = run->execution.entry.task;
    uint32_t budget = run_spec(run, task)->max_retries;
    bool is_retried = retries_used(run) < budget;
    enum flow_step_outcome outcome = is_retried ? FLOW_STEP_RETRIED : FLOW_STEP_FAILED;
    complete_failure(run, status);
    do_not_count(run);
    emit_returned(run, outcome, flow_null());
    emit_error(run, task, status, &run->failure);
    status = run->profile->stores_failures ? store_failure(run) : FLOW_OK;
    if (is_retried) {
        if (run->profile->withdraws_entries)
            withdraw_entries(run);
        if (status == FLOW_OK)
            status = enqueue_retry(run);
        emit_step_ended(run, outcome);
        return status < 0 ? end_without_memory(run, err) : end_as_person_asked(run);
    }
    if (budget > 0) {
        if (run->profile->retries_belong_to_task)
            run->tasks.at[task].retry_count++; /* the package counts the retry it refuses, too */
        emit_task_count(run, FLOW_EV_LIMIT, FLOW_LIMIT_MAX_RETRIES, task, budget);
    }
    emit_step_ended(run, outcome);
    struct str message = {0};
    str_addf(&message, "task '%s' failed: %s", run_id(run, task), str_text(&run->failure.message));
    run_end(run, FLOW_OUTCOME_FAILED, str_text(&message), task, FLOW_ORIGIN_ENGINE);
    str_finish(&message);
    return FLOW_END;
}

static int conclude_cancelled(struct flow_run *run, struct flow_value result)
{
    flow_task task = run->execution.entry.task;
    do_not_count(run);
    emit_returned(run, FLOW_STEP_CANCELLED, result);
    if (run->profile->stores_failures)
        store_result(run, result);
    else
        value_unref(result);
    emit_step_ended(run, FLOW_STEP_CANCELLED);
    run_end(run, FLOW_OUTCOME_CANCELLED, str_text(&run->end_message), task, run->execution.end_origin);
    return FLOW_END;
}

static int conclude_terminated(struct flow_run *run, struct flow_value result)
{
    flow_task task = run->execution.entry.task;
    run->tasks.at[task].completed++;
    emit_returned(run, FLOW_STEP_TERMINATED, result);
    store_result(run, result);
    emit_step_ended(run, FLOW_STEP_TERMINATED);
    run_end(run, FLOW_OUTCOME_TERMINATED, str_text(&run->end_message), task, run->execution.end_origin);
    return FLOW_END;
}

/* Completed, with a goto, an iteration, or something held since an earlier execution of the chain. */
static int conclude_completed(struct flow_run *run, struct flow_value result, struct flow_error *err)
{
    struct execution *x = &run->execution;
    struct queue_entry *iteration = NULL;
    enum follow how;
    if ((x->entry.flags & ASKED_ITERATION) && run->profile->holds_successors) {
        /* A person may have dropped it meanwhile: then this was the chain's last execution. */
        size_t position = queue_find(&run->queue, x->iteration_entry);
        iteration = position == QUEUE_NONE ? NULL : queue_at(&run->queue, position);
    }
    run->tasks.at[x->entry.task].completed++;
    emit_returned(run, FLOW_STEP_COMPLETED, result);
    store_result(run, result);
    if (x->entry.flags & ASKED_SKIP) {
        how = iteration ? FOLLOW_SKIP_OWN : FOLLOW_SKIP;
    } else if (iteration) {
        how = FOLLOW_HOLD;
        iteration->held = run->graph.tasks.at[x->entry.task].link_count;
        iteration->flags |= IS_LADEN;
    } else {
        how = FOLLOW_ENQUEUE;
    }
    int status = run_follow(run, &x->entry, how, x->skip_request);
    emit_step_ended(run, FLOW_STEP_COMPLETED);
    return status < 0 ? end_without_memory(run, err) : FLOW_OK;
}

/* The table of SEMANTICS, "after it returns": the first match wins. Takes result over. */
static int conclude(struct flow_run *run, int status, struct flow_value result, struct flow_error *err)
{
    if (status < 0) {
        value_unref(result);
        return conclude_failed(run, status, err);
    }
    if (run->execution.entry.flags & ASKED_CANCEL)
        return conclude_cancelled(run, result);
    if (run->execution.entry.flags & ASKED_TERMINATE)
        return conclude_terminated(run, result);
    return conclude_completed(run, result, err);
}

/* What the body left behind. */
static void clean_up(struct flow_run *run)
{
    struct run_task *task = &run->tasks.at[run->execution.entry.task];
    task->unusual_at = task->completed;
    task->unusual_iteration = run->execution.entry.iteration;
    run_release_args(run);
    vec_foreach (struct flow_value, value, &run->replaced)
        value_unref(*value);
    vec_clear(&run->replaced);
    value_unref(run->execution.entry.data);
    run->execution.entry.data = flow_null();
}

/* The step of an execution that is not the usual one, from the return of the body on. */
static __attribute__((noinline)) int finish_unusual(
    struct flow_run *run, int status, struct flow_value result, struct flow_error *err)
{
    run->phase = RUN_BUSY;
    status = conclude(run, status, result, err);
    clean_up(run);
    if (status != FLOW_OK)
        return status;
    run_enter_boundary(run);
    return run->phase == RUN_BOUNDARY ? FLOW_OK : FLOW_END;
}

/* The front entry becomes the execution. */
static inline __attribute__((always_inline)) struct run_task *take(struct flow_run *run)
{
    struct queue *q = &run->queue;
    struct execution *x = &run->execution;
    x->entry = q->at[q->head++ & q->mask];
    run->step++;
    return &run->tasks.at[x->entry.task];
}

/* Enqueues the only successor of a task that is no join. There is room: where its own entry was. */
static inline __attribute__((always_inline)) struct queue_entry *follow_plainly(
    struct flow_run *run, flow_task successor)
{
    flow_task source = run->execution.entry.task;
    struct queue *q = &run->queue;
    struct queue_entry *entry = &q->at[q->tail++ & q->mask];
    *entry = (struct queue_entry){
        .number = ++run->entry_count,
        .cause = run->step,
        .task = successor,
        .source = source,
        .via = source,
        .iteration = 1,
        .reason = FLOW_REASON_SUCCESSOR,
    };
    return entry;
}

/* A step that somebody watches. */
static __attribute__((noinline)) int perform_watched(struct flow_run *run, struct flow_error *err)
{
    struct run_task *task = take(run);
    struct flow_value result = flow_null();
    run->phase = RUN_BUSY;
    tell_entry_event(run, FLOW_EV_DEQUEUED, &run->execution.entry, 0);
    int status = task->flags & TASK_HAS_START_WORK ? prepare(run) : FLOW_OK;
    tell_step_started(run);
    if (status == FLOW_OK) { /* else a parameter has no value, and the body is not called */
        const struct task_spec *spec = run_spec(run, run->execution.entry.task);
        run->phase = RUN_BODY;
        if (run->is_waiting)
            run_apply_kept_edits(run);
        status = spec->fn(&run->ctx, spec->user, &result);
    }
    task = &run->tasks.at[run->execution.entry.task];
    if (status < 0 || run->execution.entry.flags || task->only_successor == SUCCESSORS_UNUSUAL)
        return finish_unusual(run, status, result, err);
    run->phase = RUN_BUSY;
    task->completed++;
    tell_returned(run, FLOW_STEP_COMPLETED, result);
    run_put(run, task->result_key, result);
    struct queue_entry *entry = follow_plainly(run, task->only_successor);
    tell_enqueued(run, entry, queue_count(&run->queue) - 1);
    tell_step_ended(run, FLOW_STEP_COMPLETED);
    run_enter_boundary(run);
    return run->phase == RUN_BOUNDARY ? FLOW_OK : FLOW_END;
}

/* Nothing that the quiet step does not do itself: no request, no failure, no join, no old result to free. */
static inline __attribute__((always_inline)) bool is_usual(
    const struct flow_run *run, const struct run_task *task, int status)
{
    uint32_t is_failed = (uint32_t)status >> 31;
    return (run->execution.entry.flags | is_failed) == 0 && task->only_successor != SUCCESSORS_UNUSUAL &&
           flow_value_is_scalar(run->channel.keys.at[task->result_key].value);
}

/* A step that nobody watches: what an empty hook table costs is what is written here. Every line counts; the
 * bench in tests/bench says how much. */
static inline __attribute__((always_inline)) int perform_quietly(struct flow_run *run, struct flow_error *err)
{
    struct run_task *task = take(run);
    struct flow_value result = flow_null();
    run->phase = RUN_BODY;
    int status = task->enter(&run->ctx, task->user, &result);
    if (unlikely(!is_usual(run, task, status)))
        return finish_unusual(run, status, result, err);
    task->completed++;
    channel_put(&run->channel, task->result_key, result);
    follow_plainly(run, task->only_successor);
    run->phase = RUN_BOUNDARY;
    return FLOW_OK;
}

/* Something is unusual before the step: a hook, a wrong moment, nothing to take, the limit. */
static __attribute__((noinline)) int step_unusual(struct flow_run *run, struct flow_error *err)
{
    if (run->phase == RUN_ENDED)
        return FLOW_END;
    if (run->phase == RUN_NEW)
        return flow_error_set(err, FLOW_ESTATE, "the run was not started");
    if (run->phase != RUN_BOUNDARY)
        return flow_error_set(err, FLOW_ESTATE, "the run is inside a step already");
    if (run->hooks.on_boundary) {
        run->hooks.on_boundary(run->hooks.user, run);
        if (run->phase != RUN_BOUNDARY)
            return FLOW_END;
    }
    if (queue_count(&run->queue) == 0)
        return end_empty(run);
    if (run->step >= run->last_step)
        return end_at_limit(run);
    return run_is_watched(run) ? perform_watched(run, err) : perform_quietly(run, err);
}

int flow_run_step(struct flow_run *run, struct flow_error *err)
{
    static const struct flow_run usual = {.phase = RUN_BOUNDARY, .is_hooked = false};
    if (unlikely(run->phase_and_hooks != usual.phase_and_hooks))
        return step_unusual(run, err);
    if (unlikely(queue_count(&run->queue) == 0 || run->step >= run->last_step))
        return step_unusual(run, err);
    return perform_quietly(run, err);
}
