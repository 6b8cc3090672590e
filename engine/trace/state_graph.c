/* Tasks, edges and joins. */
#include <assert.h>
#include <string.h>

#include "base/str.h"
#include "trace/state_private.h"

/* An edge is found by the bytes of its first three members. */
enum { EDGE_NAME_SIZE = offsetof(struct trace_edge, kind) + 1 };
static_assert(
    offsetof(struct trace_edge, to) == sizeof(flow_task) && EDGE_NAME_SIZE == 2 * sizeof(flow_task) + 1,
    "from, to and kind lie side by side");

static struct map_name task_name(const void *user, uint32_t index)
{
    const struct trace_state *state = user;
    const char *id = state->tasks.at[index].id;
    return (struct map_name){id, strlen(id)};
}

static struct map_name edge_name(const void *user, uint32_t index)
{
    const struct trace_state *state = user;
    return (struct map_name){(const char *)&state->edges.at[index], EDGE_NAME_SIZE};
}

void state_graph_init(struct trace_state *state)
{
    state->task_index = (struct map){.name_of = task_name, .user = state};
    state->edge_index = (struct map){.name_of = edge_name, .user = state};
}

void state_graph_finish(struct trace_state *state)
{
    vec_foreach (struct trace_task, task, &state->tasks) {
        mem_free(task->id);
        mem_free(task->location);
        vec_finish(&task->arrivals);
    }
    vec_finish(&state->tasks);
    map_finish(&state->task_index);
    vec_finish(&state->edges);
    map_finish(&state->edge_index);
    vec_foreach (struct trace_blocked, blocked, &state->blocked)
        mem_free(blocked->why);
    vec_finish(&state->blocked);
}

/* A member of the map that a task-added event carries, if it is a number that fits; else 0. */
static uint32_t number_of(struct flow_value map, const char *name)
{
    struct flow_value v;
    if (flow_map_get(map, name, strlen(name), &v) != FLOW_OK || v.type != FLOW_TYPE_INT || v.as.integer < 0 ||
        v.as.integer > UINT32_MAX)
        return 0;
    return (uint32_t)v.as.integer;
}

static enum flow_join join_of(struct flow_value map)
{
    struct flow_value v;
    const char *word =
        flow_map_get(map, "join", strlen("join"), &v) == FLOW_OK ? flow_value_text(v, NULL) : NULL;
    return word && strcmp(word, "all") == 0 ? FLOW_JOIN_ALL : FLOW_JOIN_EACH;
}

static int check_task_added(
    const struct trace_state *state, const struct flow_event *event, struct flow_error *err)
{
    if (event->task != state->tasks.count)
        return fold_refuse(
            event, err, "task %u, but the next one is %zu", (unsigned)event->task, state->tasks.count);
    if (event->other != FLOW_TASK_NONE && !fold_is_task(state, event->other))
        return fold_refuse(event, err, "the creator, task %u, does not exist", (unsigned)event->other);
    if (event->text_length == 0)
        return fold_refuse(event, err, "a task without an id");
    if (map_find(&state->task_index, event->text, event->text_length) != MAP_NONE)
        return fold_refuse(event, err, "a second task with the id of another");
    return FLOW_OK;
}

int fold_task_added(struct trace_state *state, const struct flow_event *event, struct flow_error *err)
{
    char *id = NULL, *location = NULL;
    int status = check_task_added(state, event, err);
    if (status == FLOW_OK)
        status = fold_copy_text(event, event->text, event->text_length, &id, err);
    if (status == FLOW_OK)
        status = fold_copy_text(event, event->detail, event->detail_length, &location, err);
    if (status < 0)
        goto fail;
    if (vec_reserve(&state->tasks, 1) < 0 ||
        map_add(&state->task_index, id, event->text_length, event->task) < 0) {
        status = fold_no_memory(event, err);
        goto fail;
    }
    state->tasks.at[state->tasks.count++] = (struct trace_task){
        .id = id,
        .location = location,
        .creator = event->other,
        .born = event->number,
        .born_step = event->step,
        .join = join_of(event->value),
        .max_cycles = number_of(event->value, "max_cycles"),
        .max_retries = number_of(event->value, "max_retries"),
        .skipped_by = FLOW_TASK_NONE,
    };
    return FLOW_OK;
fail:
    mem_free(location);
    mem_free(id);
    return status;
}

int fold_task_redefined(struct trace_state *state, const struct flow_event *event, struct flow_error *err)
{
    char *location = NULL;
    int status = fold_check_task(state, event, err);
    if (status == FLOW_OK)
        status = fold_copy_text(event, event->detail, event->detail_length, &location, err);
    if (status < 0)
        return status;
    fold_replace_text(&state->tasks.at[event->task].location, location);
    return FLOW_OK;
}

struct trace_edge *state_find_edge(
    const struct trace_state *state, flow_task from, flow_task to, uint8_t kind)
{
    struct trace_edge edge = {.from = from, .to = to, .kind = kind};
    uint32_t index = map_find(&state->edge_index, (const char *)&edge, EDGE_NAME_SIZE);
    return index == MAP_NONE ? NULL : &state->edges.at[index];
}

void state_drop_edges(struct trace_state *state, size_t count)
{
    while (state->edges.count > count) {
        map_remove(&state->edge_index, (const char *)&vec_last(&state->edges), EDGE_NAME_SIZE);
        state->edges.count--;
    }
}

struct trace_edge *state_need_edge(
    struct trace_state *state, flow_task from, flow_task to, uint8_t kind, uint64_t event)
{
    struct trace_edge *found = state_find_edge(state, from, to, kind);
    if (found)
        return found;
    struct trace_edge edge = {.from = from, .to = to, .kind = kind, .born = event};
    if (vec_reserve(&state->edges, 1) < 0 ||
        map_add(&state->edge_index, (const char *)&edge, EDGE_NAME_SIZE, (uint32_t)state->edges.count) < 0)
        return NULL;
    state->edges.at[state->edges.count] = edge;
    return &state->edges.at[state->edges.count++];
}

int fold_edge_added(struct trace_state *state, const struct flow_event *event, struct flow_error *err)
{
    int status = fold_check_task(state, event, err);
    if (status == FLOW_OK)
        status = fold_check_other(state, event, err);
    if (status < 0)
        return status;
    if (state_find_edge(state, event->task, event->other, TRACE_EDGE_STATIC))
        return fold_refuse(event, err, "the edge exists already");
    if (!state_need_edge(state, event->task, event->other, TRACE_EDGE_STATIC, event->number))
        return fold_no_memory(event, err);
    state->tasks.at[event->other].needed++;
    return FLOW_OK;
}

int fold_join_arrived(struct trace_state *state, const struct flow_event *event, struct flow_error *err)
{
    int status = fold_check_task(state, event, err);
    if (status == FLOW_OK)
        status = fold_check_other(state, event, err);
    if (status < 0)
        return status;
    struct trace_task *task = &state->tasks.at[event->task];
    vec_foreach (struct trace_arrival, arrival, &task->arrivals) {
        if (arrival->from == event->other)
            return fold_refuse(event, err, "a second arrival from task %u", (unsigned)event->other);
    }
    struct trace_edge *edge = state_find_edge(state, event->other, event->task, TRACE_EDGE_STATIC);
    if (!edge)
        return fold_refuse(event, err, "an arrival along an edge that does not exist");
    struct trace_arrival arrival = {.from = event->other, .event = event->number};
    if (vec_push(&task->arrivals, arrival) < 0)
        return fold_no_memory(event, err);
    edge->count++;
    edge->last = event->number;
    return FLOW_OK;
}

int fold_join_absorbed(struct trace_state *state, const struct flow_event *event, struct flow_error *err)
{
    int status = fold_check_task(state, event, err);
    return status < 0 ? status : fold_check_other(state, event, err);
}

int fold_blocked(struct trace_state *state, const struct flow_event *event, struct flow_error *err)
{
    char *why = NULL;
    int status = fold_check_task(state, event, err);
    if (status == FLOW_OK)
        status = fold_check_other(state, event, err);
    if (status == FLOW_OK)
        status = fold_copy_text(event, event->text, event->text_length, &why, err);
    if (status < 0)
        return status;
    struct trace_blocked blocked = {.join = event->task, .missing = event->other, .why = why};
    if (vec_push(&state->blocked, blocked) < 0) {
        mem_free(why);
        return fold_no_memory(event, err);
    }
    return FLOW_OK;
}
