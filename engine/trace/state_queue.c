/* The queue and the successors that are held. */
#include <string.h>

#include "trace/state_private.h"

/* queue.at points into one allocation, queue_slack places behind its start, so that taking an entry from the
 * front and putting one there cost the same as at the back. queue.capacity counts from queue.at. */
static struct trace_entry *queue_base(const struct trace_state *state)
{
    return state->queue.at ? state->queue.at - state->queue_slack : NULL;
}

void state_queue_finish(struct trace_state *state)
{
    vec_foreach (struct trace_entry, entry, &state->queue)
        flow_value_unref(entry->data);
    mem_free(queue_base(state));
    state->queue.at = NULL;
    state->queue.count = state->queue.capacity = state->queue_slack = 0;
    vec_finish(&state->held);
}

/* Makes room for one more entry. FLOW_OK or FLOW_ENOMEM. */
static int queue_reserve(struct trace_state *state)
{
    if (state->queue.count < state->queue.capacity)
        return FLOW_OK;
    struct trace_entry *base = queue_base(state);
    if (state->queue_slack > state->queue.count) {
        memmove(base, state->queue.at, state->queue.count * sizeof *base);
        state->queue.at = base;
        state->queue.capacity += state->queue_slack;
        state->queue_slack = 0;
        return FLOW_OK;
    }
    size_t places = state->queue_slack + state->queue.capacity;
    places = places ? places * 2 : 16;
    base = mem_array(base, places, sizeof *base);
    if (!base)
        return FLOW_ENOMEM;
    state->queue.at = base + state->queue_slack;
    state->queue.capacity = places - state->queue_slack;
    return FLOW_OK;
}

/* Puts an entry before `position`; there is room. */
static void queue_insert(struct trace_state *state, size_t position, const struct trace_entry *entry)
{
    if (position < state->queue.count / 2 + 1 && position < state->queue.count && state->queue_slack) {
        state->queue.at--;
        state->queue.capacity++;
        state->queue_slack--;
        memmove(state->queue.at, state->queue.at + 1, position * sizeof *entry);
    } else {
        memmove(state->queue.at + position + 1, state->queue.at + position,
            (state->queue.count - position) * sizeof *entry);
    }
    state->queue.at[position] = *entry;
    state->queue.count++;
}

/* Takes an entry out and hands over its reference. */
struct trace_entry state_queue_take(struct trace_state *state, size_t position)
{
    struct trace_entry entry = state->queue.at[position];
    if (position == 0) {
        state->queue.at++;
        state->queue.count--;
        state->queue.capacity--;
        state->queue_slack++;
    } else {
        vec_remove(&state->queue, position);
    }
    return entry;
}

void state_queue_clear(struct trace_state *state)
{
    vec_foreach (struct trace_entry, entry, &state->queue)
        flow_value_unref(entry->data);
    vec_clear(&state->queue);
}

int state_queue_push(struct trace_state *state, const struct trace_entry *entry)
{
    if (queue_reserve(state) < 0)
        return FLOW_ENOMEM;
    queue_insert(state, state->queue.count, entry);
    return FLOW_OK;
}

void state_queue_put_back(struct trace_state *state, const struct trace_entry *entry)
{
    if (state->queue_slack) {
        state->queue.at--;
        state->queue.capacity++;
        state->queue_slack--;
    } else {
        memmove(state->queue.at + 1, state->queue.at, state->queue.count * sizeof *entry);
    }
    state->queue.at[0] = *entry;
    state->queue.count++;
}

/* The position of the entry that the event names, which must be of the task it names. */
static int find_entry(
    const struct trace_state *state, const struct flow_event *event, size_t *position, struct flow_error *err)
{
    for (size_t i = 0; i < state->queue.count; i++) {
        if (state->queue.at[i].number != event->entry)
            continue;
        if (state->queue.at[i].task != event->task)
            return fold_refuse(event, err, "entry %llu is not of task %u", (unsigned long long)event->entry,
                (unsigned)event->task);
        *position = i;
        return FLOW_OK;
    }
    return fold_refuse(event, err, "entry %llu is not in the queue", (unsigned long long)event->entry);
}

/* Which edge of the drawing an entry came along; false: none. */
static bool edge_of_entry(
    const struct trace_state *state, const struct flow_event *event, flow_task *from, uint8_t *kind)
{
    *from = event->other;
    *kind = TRACE_EDGE_MANUAL;
    bool is_manual = event->origin == FLOW_ORIGIN_USER;
    switch ((enum flow_reason)event->reason) {
    case FLOW_REASON_SUCCESSOR:
        *kind = TRACE_EDGE_STATIC;
        return state->tasks.at[event->task].join != FLOW_JOIN_ALL; /* those count their arrivals */
    case FLOW_REASON_NEXT_TASK: *kind = is_manual ? TRACE_EDGE_MANUAL : TRACE_EDGE_NEXT_TASK; break;
    case FLOW_REASON_GOTO: *kind = is_manual ? TRACE_EDGE_MANUAL : TRACE_EDGE_GOTO; break;
    case FLOW_REASON_ITERATION:
        *kind = TRACE_EDGE_ITERATION;
        if (!fold_is_task(state, *from))
            *from = event->task;
        return true;
    case FLOW_REASON_MANUAL: break;
    case FLOW_REASON_START:
    case FLOW_REASON_RETRY: return false;
    }
    return *kind == TRACE_EDGE_MANUAL || fold_is_task(state, *from);
}

struct trace_edge *state_entry_edge(const struct trace_state *state, const struct flow_event *event)
{
    flow_task from;
    uint8_t kind;
    return edge_of_entry(state, event, &from, &kind) ? state_find_edge(state, from, event->task, kind) : NULL;
}

static int check_enqueued(
    const struct trace_state *state, const struct flow_event *event, struct flow_error *err)
{
    int status = fold_check_task(state, event, err);
    if (status == FLOW_OK && event->other != FLOW_TASK_NONE)
        status = fold_check_other(state, event, err);
    if (status < 0)
        return status;
    if (event->position > state->queue.count)
        return fold_refuse(event, err, "position %llu in a queue of %zu", (unsigned long long)event->position,
            state->queue.count);
    if (event->reason > FLOW_REASON_MANUAL)
        return fold_refuse(event, err, "reason %u is not known", event->reason);
    return FLOW_OK;
}

/* Finds (static edges) or makes (all others) the edge an entry came along; *edge is NULL where there is none.
 */
static int edge_for(struct trace_state *state, const struct flow_event *event, struct trace_edge **edge)
{
    flow_task from;
    uint8_t kind;
    *edge = NULL;
    if (!edge_of_entry(state, event, &from, &kind))
        return FLOW_OK;
    if (kind == TRACE_EDGE_STATIC) {
        *edge = state_find_edge(state, from, event->task, kind);
        return FLOW_OK;
    }
    *edge = state_need_edge(state, from, event->task, kind, event->number);
    return *edge ? FLOW_OK : FLOW_ENOMEM;
}

int fold_enqueued(struct trace_state *state, const struct flow_event *event, struct flow_error *err)
{
    int status = check_enqueued(state, event, err);
    if (status < 0)
        return status;
    struct trace_edge *edge;
    if (queue_reserve(state) < 0 || edge_for(state, event, &edge) < 0)
        return fold_no_memory(event, err);
    if (edge) {
        edge->count++;
        edge->last = event->number;
    }
    struct trace_entry entry = {
        .number = event->entry,
        .task = event->task,
        .reason = event->reason,
        .origin = event->origin,
        .source = event->other,
        .cause = event->cause,
        .iteration = event->iteration,
        .event = event->number,
        .data = flow_value_ref(event->value),
    };
    queue_insert(state, (size_t)event->position, &entry);
    state->tasks.at[event->task].queued++;
    if (state->phase == TRACE_PHASE_STARTING && event->reason == FLOW_REASON_START)
        state->phase = TRACE_PHASE_BOUNDARY;
    return FLOW_OK;
}

int fold_dequeued(struct trace_state *state, const struct flow_event *event, struct flow_error *err)
{
    if (state->phase != TRACE_PHASE_BOUNDARY)
        return fold_refuse(event, err, "an entry is taken, but not between steps");
    if (state->queue.count == 0 || state->queue.at[0].number != event->entry ||
        state->queue.at[0].task != event->task)
        return fold_refuse(
            event, err, "entry %llu is not at the front of the queue", (unsigned long long)event->entry);
    state->current_entry = state_queue_take(state, 0);
    state->current = state->current_entry.task;
    state->current_attempt = 0;
    state->tasks.at[state->current].queued--;
    state->phase = TRACE_PHASE_TAKEN;
    return FLOW_OK;
}

/* Dropped, skipped or withdrawn. */
int fold_removed(struct trace_state *state, const struct flow_event *event, struct flow_error *err)
{
    size_t position;
    int status = find_entry(state, event, &position, err);
    if (status < 0)
        return status;
    struct trace_entry entry = state_queue_take(state, position);
    struct trace_task *task = &state->tasks.at[entry.task];
    flow_value_unref(entry.data);
    task->queued--;
    if (task->join == FLOW_JOIN_ALL && entry.reason == FLOW_REASON_SUCCESSOR)
        vec_clear(&task->arrivals); /* they made the entry and are used up with it */
    return FLOW_OK;
}

int fold_moved(struct trace_state *state, const struct flow_event *event, struct flow_error *err)
{
    size_t from;
    int status = find_entry(state, event, &from, err);
    if (status < 0)
        return status;
    if (event->position >= state->queue.count)
        return fold_refuse(event, err, "position %llu in a queue of %zu", (unsigned long long)event->position,
            state->queue.count);
    struct trace_entry entry = state->queue.at[from];
    vec_remove(&state->queue, from);
    queue_insert(state, (size_t)event->position, &entry);
    return FLOW_OK;
}

int fold_held(struct trace_state *state, const struct flow_event *event, struct flow_error *err)
{
    int status = fold_check_task(state, event, err);
    if (status == FLOW_OK)
        status = fold_check_other(state, event, err);
    if (status < 0)
        return status;
    struct trace_held held = {.successor = event->task, .source = event->other};
    return vec_push(&state->held, held) < 0 ? fold_no_memory(event, err) : FLOW_OK;
}

/* The held successor that the event names and that has not been abandoned, or NULL. */
static struct trace_held *find_held(const struct trace_state *state, const struct flow_event *event)
{
    vec_foreach (struct trace_held, held, &state->held)
        if (held->successor == event->task && held->source == event->other && !held->is_abandoned)
            return held;
    return NULL;
}

static int refuse_held(const struct flow_event *event, struct flow_error *err)
{
    return fold_refuse(
        event, err, "task %u is not held for task %u", (unsigned)event->task, (unsigned)event->other);
}

int fold_released(struct trace_state *state, const struct flow_event *event, struct flow_error *err)
{
    struct trace_held *held = find_held(state, event);
    if (!held)
        return refuse_held(event, err);
    vec_remove(&state->held, (size_t)(held - state->held.at));
    return FLOW_OK;
}

int fold_abandoned(struct trace_state *state, const struct flow_event *event, struct flow_error *err)
{
    if (event->entry == 0) {
        struct trace_held *held = find_held(state, event);
        if (!held)
            return refuse_held(event, err);
        held->is_abandoned = true;
        return FLOW_OK;
    }
    size_t position;
    int status = find_entry(state, event, &position, err);
    if (status == FLOW_OK)
        state->queue.at[position].is_abandoned = true;
    return status;
}
