#include "trace/state_undo.h"

#include <string.h>

#include "trace/state_private.h"

enum { CHANGES_MAX = 256 }; /* keys changed in a step, for taking the start of the next one back */

static void save_run(struct state_undo *undo, const struct trace_state *state)
{
    undo->run.event = state->event;
    undo->run.step = state->step;
    undo->run.phase = state->phase;
    undo->run.time_ns = state->time_ns;
    undo->run.step_start_ns = state->step_start_ns;
    undo->run.last = state->last;
    undo->run.current = state->current;
    undo->run.attempt = state->current_attempt;
    undo->run.user_actions = state->user_actions;
}

static void restore_run(const struct state_undo *undo, struct trace_state *state)
{
    state->event = undo->run.event;
    state->step = undo->run.step;
    state->phase = undo->run.phase;
    state->time_ns = undo->run.time_ns;
    state->step_start_ns = undo->run.step_start_ns;
    state->last = undo->run.last;
    state->current = undo->run.current;
    state->current_attempt = undo->run.attempt;
    state->user_actions = undo->run.user_actions;
}

static bool save_task(struct state_undo *undo, const struct trace_state *state, flow_task task)
{
    if (!fold_is_task(state, task))
        return false;
    undo->task = state->tasks.at[task];
    return true;
}

static void restore_task(const struct state_undo *undo, struct trace_state *state, flow_task index)
{
    struct trace_task *task = &state->tasks.at[index], before = undo->task;
    before.id = task->id;
    before.location = task->location;
    before.arrivals.at = task->arrivals.at;
    before.arrivals.count = task->arrivals.count;
    before.arrivals.capacity = task->arrivals.capacity;
    *task = before;
}

static bool save_started(
    struct state_undo *undo, const struct trace_state *state, const struct flow_event *event)
{
    if (!save_task(undo, state, event->task) || undo->task.arrivals.count ||
        state->changed.count > CHANGES_MAX)
        return false;
    undo->entry = state->current_entry;
    if (state->changed.count == 0)
        return true;
    undo->changes = mem_array(NULL, state->changed.count, sizeof *undo->changes);
    if (!undo->changes)
        return false;
    vec_foreach (flow_key, changed, &state->changed) {
        const struct trace_key *key = &state->keys.at[*changed];
        undo->changes[undo->change_count++] = (struct undo_change){
            .key = *changed, .was_set = key->was_set, .before = flow_value_ref(key->before)};
    }
    return true;
}

static void restore_started(
    struct state_undo *undo, struct trace_state *state, const struct flow_event *event)
{
    restore_task(undo, state, event->task);
    state->current_entry.iteration = undo->entry.iteration;
    for (size_t i = 0; i < undo->change_count; i++) {
        struct undo_change *change = &undo->changes[i];
        struct trace_key *key = &state->keys.at[change->key];
        key->changed = true;
        key->was_set = change->was_set;
        key->before = change->before;
        state->changed.at[state->changed.count++] = change->key; /* the room is still there */
    }
    undo->change_count = 0;
}

static bool save_key(struct state_undo *undo, const struct trace_state *state, const struct flow_event *event)
{
    if (event->key >= state->keys.count || !state->keys.at[event->key].name)
        return false;
    undo->key = state->keys.at[event->key];
    undo->key.value = flow_value_ref(undo->key.value);
    undo->has_key = true;
    undo->order = state->order.count;
    undo->changed = state->changed.count;
    return true;
}

static void restore_key(struct state_undo *undo, struct trace_state *state, const struct flow_event *event)
{
    struct trace_key *key = &state->keys.at[event->key];
    flow_value_unref(key->value);
    if (key->changed && !undo->key.changed) {
        flow_value_unref(key->before);
        undo->key.before = flow_null();
    }
    *key = undo->key;
    undo->has_key = false;
    state->order.count = undo->order;
    state->changed.count = undo->changed;
}

static bool save_enqueued(
    struct state_undo *undo, const struct trace_state *state, const struct flow_event *event)
{
    if (!save_task(undo, state, event->task))
        return false;
    struct trace_edge *edge = state_entry_edge(state, event);
    undo->edges = state->edges.count;
    undo->edge = edge ? (size_t)(edge - state->edges.at) : SIZE_MAX;
    if (edge) {
        undo->edge_count = edge->count;
        undo->edge_last = edge->last;
    }
    return true;
}

static void restore_enqueued(
    struct state_undo *undo, struct trace_state *state, const struct flow_event *event)
{
    restore_task(undo, state, event->task);
    struct trace_entry entry = state_queue_take(state, (size_t)event->position);
    flow_value_unref(entry.data);
    state_drop_edges(state, undo->edges);
    if (undo->edge == SIZE_MAX)
        return;
    state->edges.at[undo->edge].count = undo->edge_count;
    state->edges.at[undo->edge].last = undo->edge_last;
}

static bool save_redefined(
    struct state_undo *undo, const struct trace_state *state, const struct flow_event *event)
{
    if (!fold_is_task(state, event->task))
        return false;
    const char *location = state->tasks.at[event->task].location;
    undo->location = location ? mem_strndup(location, strlen(location)) : NULL;
    return undo->location || !location;
}

static bool save(struct state_undo *undo, const struct trace_state *state, const struct flow_event *event)
{
    switch (event->kind) {
    case FLOW_EV_REQUEST:
    case FLOW_EV_RETRY:
    case FLOW_EV_LIMIT:
    case FLOW_EV_INPUT:
    case FLOW_EV_USER_ACTION: return true;
    case FLOW_EV_DEQUEUED:
        undo->entry = state->current_entry; /* the empty one */
        return fold_is_task(state, event->task);
    case FLOW_EV_TASK_REDEFINED: return save_redefined(undo, state, event);
    case FLOW_EV_STEP_STARTED: return save_started(undo, state, event);
    case FLOW_EV_CHANNEL_SET: return save_key(undo, state, event);
    case FLOW_EV_ENQUEUED: return save_enqueued(undo, state, event);
    case FLOW_EV_RETURNED:
    case FLOW_EV_SKIPPED: return save_task(undo, state, event->task);
    case FLOW_EV_STEP_ENDED:
        undo->entry = state->current_entry;
        undo->entry.data = flow_value_ref(undo->entry.data);
        undo->owns_entry = true;
        return save_task(undo, state, event->task);
    default: return false;
    }
}

void state_undo_prepare(
    struct state_undo *undo, const struct trace_state *state, const struct flow_event *event)
{
    undo->owns_entry = undo->has_key = false;
    undo->changes = NULL;
    undo->change_count = 0;
    undo->location = NULL;
    save_run(undo, state);
    undo->is_possible = save(undo, state, event);
}

void state_undo_apply(struct state_undo *undo, struct trace_state *state, const struct flow_event *event)
{
    switch (event->kind) {
    case FLOW_EV_DEQUEUED:
        state_queue_put_back(state, &state->current_entry);
        state->current_entry = undo->entry;
        state->tasks.at[event->task].queued++;
        break;
    case FLOW_EV_TASK_REDEFINED:
        fold_replace_text(&state->tasks.at[event->task].location, undo->location);
        undo->location = NULL;
        break;
    case FLOW_EV_STEP_STARTED: restore_started(undo, state, event); break;
    case FLOW_EV_CHANNEL_SET: restore_key(undo, state, event); break;
    case FLOW_EV_ENQUEUED: restore_enqueued(undo, state, event); break;
    case FLOW_EV_RETURNED:
    case FLOW_EV_SKIPPED: restore_task(undo, state, event->task); break;
    case FLOW_EV_STEP_ENDED:
        restore_task(undo, state, event->task);
        state->current_entry = undo->entry;
        undo->owns_entry = false;
        break;
    default: break;
    }
    restore_run(undo, state);
    state_undo_drop(undo);
}

void state_undo_drop(struct state_undo *undo)
{
    if (undo->owns_entry)
        flow_value_unref(undo->entry.data);
    if (undo->has_key)
        flow_value_unref(undo->key.value);
    for (size_t i = 0; i < undo->change_count; i++)
        flow_value_unref(undo->changes[i].before);
    mem_free(undo->changes);
    mem_free(undo->location);
    undo->location = NULL;
    undo->owns_entry = undo->has_key = false;
    undo->changes = NULL;
    undo->change_count = 0;
}
