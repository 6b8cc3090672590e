#include "trace/state.h"

#include <string.h>

#include "base/str.h"
#include "trace/state_private.h"

void trace_state_init(struct trace_state *state)
{
    *state = (struct trace_state){
        .info = flow_null(),
        .current = FLOW_TASK_NONE,
        .current_entry = {.task = FLOW_TASK_NONE, .source = FLOW_TASK_NONE, .data = flow_null()},
        .culprit = FLOW_TASK_NONE,
        .error_task = FLOW_TASK_NONE,
    };
    state_graph_init(state);
    state_channel_init(state);
}

void trace_state_finish(struct trace_state *state)
{
    state_graph_finish(state);
    state_queue_finish(state);
    state_channel_finish(state);
    flow_value_unref(state->current_entry.data);
    flow_value_unref(state->info);
    mem_free(state->workflow);
    mem_free(state->message);
    mem_free(state->error);
}

int fold_refuse(const struct flow_event *event, struct flow_error *err, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    flow_error_setv(err, FLOW_EFORMAT, fmt, args);
    va_end(args);
    const struct flow_event_info *info = flow_event_info(event->kind);
    flow_error_prefix(
        err, "event %llu (%s)", (unsigned long long)event->number, info ? info->name : "unknown");
    return FLOW_EFORMAT;
}

int fold_no_memory(const struct flow_event *event, struct flow_error *err)
{
    return flow_error_set(err, FLOW_ENOMEM, "event %llu: out of memory", (unsigned long long)event->number);
}

int fold_check_task(const struct trace_state *state, const struct flow_event *event, struct flow_error *err)
{
    if (fold_is_task(state, event->task))
        return FLOW_OK;
    return fold_refuse(event, err, "task %u does not exist", (unsigned)event->task);
}

int fold_check_other(const struct trace_state *state, const struct flow_event *event, struct flow_error *err)
{
    if (fold_is_task(state, event->other))
        return FLOW_OK;
    return fold_refuse(event, err, "task %u does not exist", (unsigned)event->other);
}

int fold_copy_text(
    const struct flow_event *event, const char *text, size_t length, char **out, struct flow_error *err)
{
    *out = NULL;
    if (length == 0)
        return FLOW_OK;
    if (memchr(text, '\0', length) || !utf8_is_valid(text, length))
        return fold_refuse(event, err, "a text that is not UTF-8");
    *out = mem_strndup(text, length);
    return *out ? FLOW_OK : fold_no_memory(event, err);
}

void fold_replace_text(char **place, char *text)
{
    mem_free(*place);
    *place = text;
}

/* The number of a profile's word; the first profile for a word that is not known. */
static enum flow_profile profile_of(struct flow_value info)
{
    struct flow_value v;
    const char *word =
        flow_map_get(info, "profile", strlen("profile"), &v) == FLOW_OK ? flow_value_text(v, NULL) : NULL;
    if (word && strcmp(word, flow_profile_name(FLOW_PROFILE_PACKAGE)) == 0)
        return FLOW_PROFILE_PACKAGE;
    return FLOW_PROFILE_DOCUMENTED;
}

static int fold_run_started(struct trace_state *state, const struct flow_event *event, struct flow_error *err)
{
    if (state->phase != TRACE_PHASE_EMPTY)
        return fold_refuse(event, err, "the run has started already");
    char *name;
    int status = fold_copy_text(event, event->text, event->text_length, &name, err);
    if (status < 0)
        return status;
    fold_replace_text(&state->workflow, name);
    state->info = flow_value_ref(event->value);
    state->profile = profile_of(event->value);
    state->phase = TRACE_PHASE_STARTING;
    state->start_ns = event->has_time ? event->time_ns : 0;
    return FLOW_OK;
}

/* No task is current any more. */
static void leave_step(struct trace_state *state)
{
    state->current = FLOW_TASK_NONE;
    flow_value_unref(state->current_entry.data);
    state->current_entry =
        (struct trace_entry){.task = FLOW_TASK_NONE, .source = FLOW_TASK_NONE, .data = flow_null()};
    state->current_attempt = 0;
}

static int fold_run_ended(struct trace_state *state, const struct flow_event *event, struct flow_error *err)
{
    if (event->code < 0 || event->code > FLOW_OUTCOME_CRASHED)
        return fold_refuse(event, err, "outcome %d is not known", (int)event->code);
    if (state->phase == TRACE_PHASE_ENDED)
        return fold_refuse(event, err, "the run has ended already");
    if (event->task != FLOW_TASK_NONE && !fold_is_task(state, event->task))
        return fold_refuse(event, err, "task %u does not exist", (unsigned)event->task);
    char *message;
    int status = fold_copy_text(event, event->text, event->text_length, &message, err);
    if (status < 0)
        return status;
    fold_replace_text(&state->message, message);
    state->outcome = (enum flow_outcome)event->code;
    state->culprit = event->task;
    if (state->phase == TRACE_PHASE_BODY) {
        /* It was cut off: a crash, a kill. */
        struct trace_task *task = &state->tasks.at[state->current];
        task->has_outcome = true;
        task->last_outcome = FLOW_STEP_FAILED;
        task->failures++;
    }
    leave_step(state);
    state->phase = TRACE_PHASE_ENDED;
    return FLOW_OK;
}

static int fold_step_started(
    struct trace_state *state, const struct flow_event *event, struct flow_error *err)
{
    if (state->phase != TRACE_PHASE_TAKEN || event->task != state->current ||
        event->entry != state->current_entry.number)
        return fold_refuse(event, err, "its entry was not taken from the queue");
    if (event->step != state->step + 1)
        return fold_refuse(event, err, "step %llu after step %llu", (unsigned long long)event->step,
            (unsigned long long)state->step);
    struct trace_task *task = &state->tasks.at[event->task];
    task->runs++;
    if (state->current_entry.reason == FLOW_REASON_ITERATION)
        task->iterations++;
    task->last_step = event->step;
    task->last_start_event = event->number;
    vec_clear(&task->arrivals);
    state_channel_new_step(state);
    state->current_entry.iteration = event->iteration;
    state->current_attempt = event->count > UINT32_MAX ? UINT32_MAX : (uint32_t)event->count;
    state->step = event->step;
    state->step_start_ns = event->has_time ? event->time_ns : state->time_ns;
    state->phase = TRACE_PHASE_BODY;
    return FLOW_OK;
}

static int check_step_event(
    const struct trace_state *state, const struct flow_event *event, struct flow_error *err)
{
    if (event->code < 0 || event->code > FLOW_STEP_RETRIED)
        return fold_refuse(event, err, "step outcome %d is not known", (int)event->code);
    if (state->current == FLOW_TASK_NONE || event->task != state->current)
        return fold_refuse(event, err, "it is not task %u that runs", (unsigned)event->task);
    return FLOW_OK;
}

static int fold_returned(struct trace_state *state, const struct flow_event *event, struct flow_error *err)
{
    int status = check_step_event(state, event, err);
    if (status < 0)
        return status;
    if (state->phase != TRACE_PHASE_BODY)
        return fold_refuse(event, err, "no body was running");
    struct trace_task *task = &state->tasks.at[event->task];
    task->has_outcome = true;
    task->last_outcome = (uint8_t)event->code;
    if (event->code == FLOW_STEP_COMPLETED || event->code == FLOW_STEP_TERMINATED)
        task->completed++;
    state->phase = TRACE_PHASE_FINISHING;
    return FLOW_OK;
}

static int fold_step_ended(struct trace_state *state, const struct flow_event *event, struct flow_error *err)
{
    int status = check_step_event(state, event, err);
    if (status < 0)
        return status;
    if (state->phase != TRACE_PHASE_FINISHING)
        return fold_refuse(event, err, "its body has not returned");
    struct trace_task *task = &state->tasks.at[event->task];
    task->has_outcome = true;
    task->last_outcome = (uint8_t)event->code;
    if (event->code == FLOW_STEP_FAILED || event->code == FLOW_STEP_RETRIED)
        task->failures++;
    leave_step(state);
    state->phase = TRACE_PHASE_BOUNDARY;
    return FLOW_OK;
}

static int fold_skipped(struct trace_state *state, const struct flow_event *event, struct flow_error *err)
{
    int status = fold_check_task(state, event, err);
    if (status == FLOW_OK)
        status = fold_check_other(state, event, err);
    if (status < 0)
        return status;
    state->tasks.at[event->task].skipped_event = event->number;
    state->tasks.at[event->task].skipped_by = event->other;
    return FLOW_OK;
}

static int fold_error(struct trace_state *state, const struct flow_event *event, struct flow_error *err)
{
    if (event->task != FLOW_TASK_NONE && !fold_is_task(state, event->task))
        return fold_refuse(event, err, "task %u does not exist", (unsigned)event->task);
    char *text;
    int status = fold_copy_text(event, event->text, event->text_length, &text, err);
    if (status < 0)
        return status;
    fold_replace_text(&state->error, text);
    state->error_task = event->task;
    state->error_event = event->number;
    state->errors++;
    return FLOW_OK;
}

static int fold_user_action(struct trace_state *state, const struct flow_event *event, struct flow_error *err)
{
    state->user_actions++;
    return FLOW_OK;
}

/* Happens without changing what is shown. */
static int fold_nothing(struct trace_state *state, const struct flow_event *event, struct flow_error *err)
{
    return FLOW_OK;
}

static const fold_fn handlers[FLOW_EV_FIRST_NOTE] = {
    [FLOW_EV_RUN_STARTED] = fold_run_started,
    [FLOW_EV_RUN_ENDED] = fold_run_ended,
    [FLOW_EV_TASK_ADDED] = fold_task_added,
    [FLOW_EV_TASK_REDEFINED] = fold_task_redefined,
    [FLOW_EV_EDGE_ADDED] = fold_edge_added,
    [FLOW_EV_ENQUEUED] = fold_enqueued,
    [FLOW_EV_DEQUEUED] = fold_dequeued,
    [FLOW_EV_DROPPED] = fold_removed,
    [FLOW_EV_MOVED] = fold_moved,
    [FLOW_EV_WITHDRAWN] = fold_removed,
    [FLOW_EV_ABANDONED] = fold_abandoned,
    [FLOW_EV_STEP_STARTED] = fold_step_started,
    [FLOW_EV_RETURNED] = fold_returned,
    [FLOW_EV_STEP_ENDED] = fold_step_ended,
    [FLOW_EV_SKIPPED] = fold_skipped,
    [FLOW_EV_HELD] = fold_held,
    [FLOW_EV_RELEASED] = fold_released,
    [FLOW_EV_JOIN_ARRIVED] = fold_join_arrived,
    [FLOW_EV_JOIN_ABSORBED] = fold_join_absorbed,
    [FLOW_EV_BLOCKED] = fold_blocked,
    [FLOW_EV_CHANNEL_SET] = fold_channel_set,
    [FLOW_EV_CHANNEL_DELETED] = fold_channel_deleted,
    [FLOW_EV_REQUEST] = fold_nothing,
    [FLOW_EV_RETRY] = fold_nothing,
    [FLOW_EV_LIMIT] = fold_nothing,
    [FLOW_EV_ERROR] = fold_error,
    [FLOW_EV_INPUT] = fold_nothing,
    [FLOW_EV_USER_ACTION] = fold_user_action,
    [FLOW_EV_BRANCH] = fold_nothing,
};

static int check_event(
    const struct trace_state *state, const struct flow_event *event, struct flow_error *err)
{
    if (event->kind == FLOW_EV_BRANCH) {
        if (event->count != state->event || event->number <= state->event)
            return fold_refuse(event, err, "it continues from event %llu, but this is event %llu",
                (unsigned long long)event->count, (unsigned long long)state->event);
    } else if (event->number != state->event + 1) {
        return fold_refuse(event, err, "it does not follow event %llu", (unsigned long long)state->event);
    }
    if (event->origin > FLOW_ORIGIN_HOST)
        return fold_refuse(event, err, "origin %u is not known", event->origin);
    if (state->phase == TRACE_PHASE_EMPTY && event->kind != FLOW_EV_RUN_STARTED)
        return fold_refuse(event, err, "the run has not started");
    return FLOW_OK;
}

int trace_state_apply(struct trace_state *state, const struct flow_event *event, struct flow_error *err)
{
    if (flow_event_is_note(event->kind))
        return FLOW_OK;
    int status = check_event(state, event, err);
    if (status < 0)
        return status;
    fold_fn handler = handlers[event->kind];
    if (handler && (status = handler(state, event, err)) < 0)
        return status;
    state->event = event->number;
    if (event->has_time)
        state->time_ns = event->time_ns;
    state->last = (struct flow_event_brief){.kind = event->kind, .origin = event->origin};
    return FLOW_OK;
}

enum trace_status trace_state_task_status(const struct trace_state *state, flow_task index)
{
    if (!fold_is_task(state, index))
        return TRACE_STATUS_IDLE;
    const struct trace_task *task = &state->tasks.at[index];
    if (state->current == index)
        return TRACE_STATUS_RUNNING;
    if (task->has_outcome && task->last_outcome == FLOW_STEP_FAILED)
        return TRACE_STATUS_FAILED;
    if (task->has_outcome && task->last_outcome == FLOW_STEP_CANCELLED)
        return TRACE_STATUS_CANCELLED;
    if (task->queued && state->phase != TRACE_PHASE_ENDED)
        return TRACE_STATUS_QUEUED;
    if (task->join == FLOW_JOIN_ALL && task->arrivals.count && task->arrivals.count < task->needed)
        return TRACE_STATUS_WAITING;
    if (task->has_outcome) /* retried, but its next attempt is not in the queue any more: it failed */
        return task->last_outcome == FLOW_STEP_RETRIED ? TRACE_STATUS_FAILED : TRACE_STATUS_DONE;
    return task->skipped_event ? TRACE_STATUS_SKIPPED : TRACE_STATUS_IDLE;
}

const char *trace_status_name(enum trace_status status)
{
    static const char *const names[] = {
#define X(name, word) [TRACE_STATUS_##name] = word,
        TRACE_STATUSES(X)
#undef X
    };
    return (unsigned)status < sizeof names / sizeof *names ? names[status] : "?";
}

const char *trace_edge_kind_name(unsigned kind)
{
    static const char *const names[] = {
#define X(name, word) [TRACE_EDGE_##name] = word,
        TRACE_EDGE_KINDS(X)
#undef X
    };
    return kind < sizeof names / sizeof *names ? names[kind] : "?";
}

const char *trace_state_task_id(const struct trace_state *state, flow_task task)
{
    return fold_is_task(state, task) ? state->tasks.at[task].id : "-";
}

flow_task trace_state_find_task(const struct trace_state *state, const char *id)
{
    uint32_t index = map_find(&state->task_index, id, strlen(id));
    return index == MAP_NONE ? FLOW_TASK_NONE : index;
}

flow_key trace_state_find_key(const struct trace_state *state, const char *name)
{
    uint32_t index = map_find(&state->key_index, name, strlen(name));
    return index == MAP_NONE ? FLOW_KEY_NONE : index;
}

const char *trace_state_key_name(const struct trace_state *state, flow_key key)
{
    return key < state->keys.count && state->keys.at[key].name ? state->keys.at[key].name : "?";
}
