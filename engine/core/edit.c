/* Manual control. An edit is checked first, so that one that is refused leaves no trace; then it is told
 * (`user action`) and done, everything with origin user.
 *
 * Edits apply at a boundary and in a body between its calls. Made elsewhere (in a hook, as a rule) they are
 * kept, in order, for the first such moment. */
#include <string.h>

#include "core/emit.h"
#include "core/run.h"

static int check_task(const struct flow_run *run, const struct flow_edit *edit, struct flow_error *err)
{
    if (run_has_task(run, edit->task))
        return FLOW_OK;
    return flow_error_set(err, FLOW_ENOENT, "there is no such task");
}

static int check_entry(const struct flow_run *run, const struct flow_edit *edit, struct flow_error *err)
{
    if (queue_find(&run->queue, edit->entry) != QUEUE_NONE)
        return FLOW_OK;
    return flow_error_set(
        err, FLOW_ENOENT, "there is no entry %llu in the queue", (unsigned long long)edit->entry);
}

static int check_key(const struct flow_run *run, const struct flow_edit *edit, struct flow_error *err)
{
    if (edit->key && channel_name_is_valid(edit->key, strlen(edit->key)))
        return FLOW_OK;
    return flow_error_set(err, FLOW_EINVAL, "a channel key must be a text that is not empty, in UTF-8");
}

static int check_set_key(const struct flow_run *run, const struct flow_edit *edit, struct flow_error *err)
{
    int status = check_key(run, edit, err);
    if (status < 0)
        return status;
    flow_key key = channel_find(&run->channel, edit->key, strlen(edit->key));
    if (key != FLOW_KEY_NONE && channel_is_set(&run->channel, key))
        return FLOW_OK;
    return flow_error_set(err, FLOW_ENOENT, "the channel has no key '%s'", edit->key);
}

static size_t clamp(const struct flow_run *run, uint64_t position)
{
    return position < queue_count(&run->queue) ? (size_t)position : queue_count(&run->queue);
}

/* Takes an entry out that will not be executed. The arrivals that made a join's entry are used up with it. */
static struct queue_entry take_out(struct flow_run *run, size_t position, bool is_skip)
{
    struct queue_entry entry = queue_remove(&run->queue, position);
    if (run_is_join(run, entry.task) && entry.reason == FLOW_REASON_SUCCESSOR)
        run_clear_arrivals(run, entry.task);
    emit_entry_event(run, FLOW_EV_DROPPED, &entry, is_skip);
    return entry;
}

/* The iteration that the running body has asked for. Until the body returns, what the chain holds belongs to
 * the body's execution, which is the chain's last one when this entry goes. */
static bool is_of_running_chain(const struct flow_run *run, const struct queue_entry *entry)
{
    const struct execution *x = &run->execution;
    return run_is_in_body(run) && run->profile->holds_successors && (x->entry.flags & ASKED_ITERATION) &&
           entry->number == x->iteration_entry;
}

static void drop(struct flow_run *run, size_t position)
{
    struct queue_entry entry = take_out(run, position, false);
    if (!is_of_running_chain(run, &entry))
        run_give_up_held(run, &entry);
    value_unref(entry.data);
}

/* In a body: as if the task had called it. At a boundary: instead of the first entry. */
static int do_goto(struct flow_run *run, const struct flow_edit *edit, struct flow_error *err)
{
    if (run_is_in_body(run))
        return run_request_next(run, edit->task, FLOW_NEXT_GOTO, false);
    struct queue_entry entry = run_new_entry(run, edit->task, FLOW_REASON_MANUAL);
    if (queue_reserve(&run->queue) < 0)
        return FLOW_ENOMEM;
    if (queue_count(&run->queue))
        drop(run, 0);
    return run_enqueue(run, &entry, 0);
}

static int do_enqueue(struct flow_run *run, const struct flow_edit *edit, struct flow_error *err)
{
    struct queue_entry entry = run_new_entry(run, edit->task, FLOW_REASON_MANUAL);
    return run_enqueue(run, &entry, clamp(run, edit->position));
}

static int do_drop(struct flow_run *run, const struct flow_edit *edit, struct flow_error *err)
{
    drop(run, queue_find(&run->queue, edit->entry));
    return FLOW_OK;
}

static int do_move(struct flow_run *run, const struct flow_edit *edit, struct flow_error *err)
{
    struct queue_entry entry = queue_remove(&run->queue, queue_find(&run->queue, edit->entry));
    size_t position = clamp(run, edit->position);
    queue_insert(&run->queue, position, &entry);
    emit_moved(run, &entry, position);
    return FLOW_OK;
}

static int do_skip(struct flow_run *run, const struct flow_edit *edit, struct flow_error *err)
{
    struct queue_entry entry = take_out(run, queue_find(&run->queue, edit->entry), true);
    int status = is_of_running_chain(run, &entry) ? FLOW_OK : run_follow(run, &entry, FOLLOW_ENQUEUE, -1);
    value_unref(entry.data);
    return status;
}

/* A body may still read a value that it borrowed: what an edit takes from under it stays until it returns. */
static int keep_for_body(struct flow_run *run, flow_key key)
{
    if (!run_is_in_body(run) || !channel_is_set(&run->channel, key))
        return FLOW_OK;
    if (vec_reserve(&run->replaced, 1) < 0)
        return FLOW_ENOMEM;
    run->execution.entry.flags |= HAS_LEFTOVERS;
    return vec_push(&run->replaced, value_ref(run->channel.keys.at[key].value));
}

static int do_set(struct flow_run *run, const struct flow_edit *edit, struct flow_error *err)
{
    flow_key key = channel_intern(&run->channel, edit->key, strlen(edit->key));
    if (key == FLOW_KEY_NONE || keep_for_body(run, key) < 0)
        return FLOW_ENOMEM;
    run_put(run, key, value_ref(edit->value));
    return FLOW_OK;
}

static int do_unset(struct flow_run *run, const struct flow_edit *edit, struct flow_error *err)
{
    flow_key key = channel_find(&run->channel, edit->key, strlen(edit->key));
    if (keep_for_body(run, key) < 0)
        return FLOW_ENOMEM;
    struct flow_value old = channel_remove(&run->channel, key);
    emit_channel_deleted(run, key, old);
    value_unref(old);
    return FLOW_OK;
}

/* Of the task that runs: as if it had called next_iteration. Of another: one more after its latest execution,
 * by hand and therefore without limit. */
static int do_iterate(struct flow_run *run, const struct flow_edit *edit, struct flow_error *err)
{
    uint64_t number;
    struct queue_entry from = {
        .task = edit->task,
        .via = FLOW_TASK_NONE,
        .iteration = run_last_iteration(run, edit->task),
    };
    if (run_is_in_body(run) && edit->task == run->execution.entry.task)
        return run_request_iteration(run, value_ref(edit->value), err);
    return run->profile->iterate(run, &from, value_ref(edit->value), &number);
}

static int end_by_hand(struct flow_run *run, const struct flow_edit *edit, bool is_cancel)
{
    const char *message = edit->message ? edit->message : "";
    bool is_in_body = run_is_in_body(run);
    run_request_end(run, is_cancel, message);
    if (!is_in_body)
        run_end(run, is_cancel ? FLOW_OUTCOME_CANCELLED : FLOW_OUTCOME_TERMINATED, message, FLOW_TASK_NONE,
            FLOW_ORIGIN_USER);
    return FLOW_OK;
}

static int do_terminate(struct flow_run *run, const struct flow_edit *edit, struct flow_error *err)
{
    return end_by_hand(run, edit, false);
}

static int do_cancel(struct flow_run *run, const struct flow_edit *edit, struct flow_error *err)
{
    return end_by_hand(run, edit, true);
}

/* check: is it possible at all, now? NULL: always. */
static const struct edit_row {
    int (*check)(const struct flow_run *run, const struct flow_edit *edit, struct flow_error *err);
    int (*apply)(struct flow_run *run, const struct flow_edit *edit, struct flow_error *err);
} rows[] = {
    [FLOW_EDIT_GOTO] = {check_task, do_goto},
    [FLOW_EDIT_ENQUEUE] = {check_task, do_enqueue},
    [FLOW_EDIT_DROP] = {check_entry, do_drop},
    [FLOW_EDIT_MOVE] = {check_entry, do_move},
    [FLOW_EDIT_SKIP] = {check_entry, do_skip},
    [FLOW_EDIT_SET] = {check_key, do_set},
    [FLOW_EDIT_UNSET] = {check_set_key, do_unset},
    [FLOW_EDIT_ITERATE] = {check_task, do_iterate},
    [FLOW_EDIT_TERMINATE] = {NULL, do_terminate},
    [FLOW_EDIT_CANCEL] = {NULL, do_cancel},
};

/* Applies one edit at a boundary or in a body. What hooks ask for meanwhile is kept. Does not take the edit's
 * value over. */
static int apply(struct flow_run *run, const struct flow_edit *edit, struct flow_error *err)
{
    const struct edit_row *row = &rows[edit->kind];
    uint8_t phase = run->phase;
    int status = row->check ? row->check(run, edit, err) : FLOW_OK;
    if (status < 0)
        return status;
    run->phase = phase == RUN_BODY ? RUN_CALL : RUN_BUSY;
    run->execution.entry.flags |= WAS_EDITED;
    run->origin = FLOW_ORIGIN_USER;
    emit_user_action(run, edit->command ? edit->command : flow_edit_name(edit->kind));
    status = row->apply(run, edit, err);
    if (status == FLOW_ENOMEM)
        flow_error_set(err, status, "out of memory");
    run->origin = FLOW_ORIGIN_ENGINE;
    if (run->phase != RUN_ENDED)
        run->phase = phase;
    return status;
}

static void kept_edit_finish(struct kept_edit *kept)
{
    mem_free(kept->key);
    mem_free(kept->message);
    mem_free(kept->command);
    value_unref(kept->edit.value);
}

static bool copy_text(char **to, const char *text)
{
    *to = text ? mem_strdup(text) : NULL;
    return !text || *to;
}

/* Takes the edit's value over. */
static int keep(struct flow_run *run, const struct flow_edit *edit, struct flow_error *err)
{
    struct kept_edit kept = {.edit = *edit};
    bool is_copied = copy_text(&kept.key, edit->key);
    is_copied &= copy_text(&kept.message, edit->message);
    is_copied &= copy_text(&kept.command, edit->command);
    kept.edit.key = kept.key;
    kept.edit.message = kept.message;
    kept.edit.command = kept.command;
    if (is_copied && vec_push(&run->kept_edits, kept) == FLOW_OK) {
        run->is_waiting = true;
        run->execution.entry.flags |= WAS_EDITED;
        return FLOW_AGAIN;
    }
    kept_edit_finish(&kept);
    return flow_error_set(err, FLOW_ENOMEM, "out of memory");
}

/* The person was told that the edit is pending; now they are told what became of it. */
static void tell_impossible(struct flow_run *run, const struct kept_edit *kept, int status, const char *why)
{
    struct failure failure = {0};
    enum flow_origin origin = run->origin;
    const char *command = kept->command ? kept->command : flow_edit_name(kept->edit.kind);
    if (!run_is_watched(run))
        return;
    run_set_failure(&failure, "error", NULL, "%s: %s", command, why);
    run->origin = FLOW_ORIGIN_USER;
    emit_error(run, FLOW_TASK_NONE, status, &failure);
    run->origin = origin;
    failure_finish(&failure);
}

void run_apply_kept_edits(struct flow_run *run)
{
    while (run->kept_edits.count && (run->phase == RUN_BOUNDARY || run->phase == RUN_BODY)) {
        struct flow_error err = FLOW_ERROR_INIT;
        struct kept_edit kept = run->kept_edits.at[0];
        vec_remove(&run->kept_edits, 0);
        int status = apply(run, &kept.edit, &err);
        if (status < 0) {
            uint8_t phase = run->phase;
            run->phase = phase == RUN_BODY ? RUN_CALL : RUN_BUSY;
            tell_impossible(run, &kept, status, err.text);
            run->phase = phase;
        }
        kept_edit_finish(&kept);
    }
    run->is_waiting = run->kept_edits.count || run->has_host_end;
}

void run_forget_kept_edits(struct flow_run *run, bool is_telling)
{
    for (size_t i = 0; i < run->kept_edits.count; i++) {
        if (is_telling)
            tell_impossible(run, &run->kept_edits.at[i], FLOW_ESTATE, "the run ended before");
        kept_edit_finish(&run->kept_edits.at[i]);
    }
    vec_clear(&run->kept_edits);
}

int flow_run_edit(struct flow_run *run, const struct flow_edit *edit, struct flow_error *err)
{
    int status;
    if ((unsigned)edit->kind >= sizeof rows / sizeof *rows) {
        status = flow_error_set(err, FLOW_EINVAL, "there is no edit number %u", (unsigned)edit->kind);
    } else if (run->phase == RUN_NEW) {
        status = flow_error_set(err, FLOW_ESTATE, "the run was not started");
    } else if (run->phase >= RUN_ENDING) {
        status = flow_error_set(err, FLOW_ESTATE, "the run has ended");
    } else if (run->phase == RUN_BOUNDARY || run->phase == RUN_BODY) {
        status = apply(run, edit, err);
        run_apply_kept_edits(run); /* what hooks asked for while it was told */
    } else {
        return keep(run, edit, err);
    }
    value_unref(edit->value);
    return status;
}
