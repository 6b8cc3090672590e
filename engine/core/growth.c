/* How a run's graph grows: tasks and edges that bodies make. */
#include <string.h>

#include "core/emit.h"
#include "core/run.h"

uint32_t run_resolve_max_cycles(const struct flow_run *run, const struct task_spec *spec)
{
    if (spec->max_cycles == FLOW_MAX_CYCLES_NONE)
        return 0;
    return spec->max_cycles ? spec->max_cycles : run->profile->default_max_cycles;
}

/* What a step needs of the definition. */
static void set_definition(struct flow_run *run, struct run_task *task, const struct task_spec *spec)
{
    task->user = spec->user;
    task->flags &= ~(unsigned)(TASK_HAS_PARAMS | TASK_HAS_START_WORK);
    if (spec->param_count)
        task->flags |= TASK_HAS_PARAMS;
    if ((task->flags & (TASK_IS_JOIN | TASK_HAS_PARAMS)) || run->profile->count_start)
        task->flags |= TASK_HAS_START_WORK;
    task->enter = task->flags & TASK_HAS_START_WORK ? run_enter_prepared : spec->fn;
}

/* The key of a task's result is named when the task joins, so that storing a result never allocates. */
int run_track_task(struct flow_run *run, const struct task_spec *spec, const char *id, size_t id_length)
{
    struct str key = {0};
    struct run_task task = {
        .result_key = FLOW_KEY_NONE,
        .only_successor = SUCCESSORS_UNUSUAL,
        .creator = FLOW_TASK_NONE,
        .base = (flow_task)run->tasks.count,
        .flags = spec->join == FLOW_JOIN_ALL ? TASK_IS_JOIN : 0,
    };
    set_definition(run, &task, spec);
    if (str_add_bytes(&key, id, id_length) == FLOW_OK && str_add(&key, ".__result__") == FLOW_OK)
        task.result_key = channel_intern(&run->channel, key.text, key.length);
    str_finish(&key);
    if (task.result_key == FLOW_KEY_NONE || vec_reserve(&run->cycle_counts, 1) < 0 ||
        vec_push(&run->tasks, task) < 0)
        return FLOW_ENOMEM;
    return vec_push(&run->cycle_counts, 0);
}

static void untrack_last_task(struct flow_run *run)
{
    run->tasks.count--;
    run->cycle_counts.count--;
}

int run_track_edge(struct flow_run *run, uint32_t edge)
{
    struct graph_edge ends = run->graph.edges.at[edge];
    struct run_task *from = &run->tasks.at[ends.from];
    if (vec_push(&run->edge_states, EDGE_UNUSED) < 0)
        return FLOW_ENOMEM;
    bool is_usual = run->graph.tasks.at[ends.from].link_count == 1 && !run_is_join(run, ends.to);
    from->only_successor = is_usual ? ends.to : SUCCESSORS_UNUSUAL;
    return FLOW_OK;
}

/* Adds a task whose id is free. spec NULL: an iteration node of `base` named own_id. Takes spec and own_id
 * over on success only. */
static int add_node(struct flow_run *run, struct task_spec *spec, char *own_id, flow_task base,
    flow_task creator, flow_task *out)
{
    const struct task_spec *definition = spec ? spec : run_spec(run, base);
    const char *id = own_id ? own_id : spec->id;
    struct flow_value about;
    flow_task added;
    if (describe_task(run, definition, &about) < 0)
        return FLOW_ENOMEM;
    if (run_track_task(run, definition, id, strlen(id)) < 0)
        goto fail;
    if (graph_add_task(&run->graph, definition, id, strlen(id), &added) < 0) {
        untrack_last_task(run);
        goto fail;
    }
    run->execution.entry.flags |= GREW_GRAPH;
    struct run_task *task = &run->tasks.at[added];
    task->creator = creator;
    if (own_id) {
        task->base = base;
        task->flags &= ~(unsigned)TASK_IS_JOIN; /* nothing can arrive at it: it has no edges */
        task->flags |= TASK_OWNS_ID;
    } else {
        task->flags |= TASK_OWNS_SPEC;
    }
    emit_task_added(run, added, about);
    value_unref(about);
    *out = added;
    return FLOW_OK;
fail:
    value_unref(about);
    return FLOW_ENOMEM;
}

int run_add_iteration_node(
    struct flow_run *run, char *own_id, flow_task base, flow_task creator, flow_task *out)
{
    return add_node(run, NULL, own_id, base, creator, out);
}

/* The new definition takes the old one's place, and its id text, which the graph points to. Join and limits
 * stay: they belong to the task. Takes spec over. */
static void redefine(struct flow_run *run, flow_task task, struct task_spec *spec)
{
    struct task_spec *old = (struct task_spec *)run_spec(run, task); /* a run-time task's spec is the run's */
    char *id = old->id;
    old->id = spec->id;
    spec->id = id;
    spec->join = old->join;
    spec->max_cycles = old->max_cycles;
    spec->max_retries = old->max_retries;
    run->graph.tasks.at[task].spec = spec;
    set_definition(run, &run->tasks.at[task], spec);
    emit_task_redefined(run, task);
    task_spec_destroy(old);
}

int run_add_dynamic_task(struct flow_run *run, const struct flow_task_def *def, flow_task *out, bool *is_new,
    struct flow_error *err)
{
    struct task_spec *spec = NULL;
    flow_task creator = run->execution.entry.task;
    int status = task_spec_create(&spec, def, err);
    if (status < 0)
        return status;
    flow_task taken = graph_find(&run->graph, spec->id, spec->id_length);
    *is_new = taken == FLOW_TASK_NONE;
    if (*is_new) {
        status = add_node(run, spec, NULL, FLOW_TASK_NONE, creator, out);
        if (status < 0)
            flow_error_set(err, status, "out of memory adding task '%s'", spec->id);
    } else if (run->profile->can_redefine && run->tasks.at[taken].creator == creator) {
        redefine(run, taken, spec);
        *out = taken;
    } else {
        status = workflow_id_is_taken(run_spec(run, taken), def, err);
    }
    if (status < 0)
        task_spec_destroy(spec);
    return status;
}

int run_add_edge(struct flow_run *run, flow_task from, flow_task to)
{
    if (graph_find_edge(&run->graph, from, to) != MAP_NONE)
        return FLOW_OK;
    if (vec_reserve(&run->edge_states, 1) < 0 || graph_add_edge(&run->graph, from, to) < 0)
        return FLOW_ENOMEM;
    run->execution.entry.flags |= GREW_GRAPH;
    run_track_edge(run, (uint32_t)run->graph.edges.count - 1); /* room was made */
    emit_task_event(run, FLOW_EV_EDGE_ADDED, from, to);
    return FLOW_OK;
}
