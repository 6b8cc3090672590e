/* Reading a run from outside (flow/run.h): nothing here changes anything. */
#include <assert.h>
#include <string.h>

#include "core/run.h"

enum flow_outcome flow_run_outcome(const struct flow_run *run)
{
    return run->outcome;
}

const char *flow_run_message(const struct flow_run *run)
{
    return str_text(&run->message);
}

flow_task flow_run_culprit(const struct flow_run *run)
{
    return run->culprit;
}

uint64_t flow_run_step_count(const struct flow_run *run)
{
    return run->step;
}

uint64_t flow_run_event_count(const struct flow_run *run)
{
    return run->event_count;
}

bool flow_run_is_in_body(const struct flow_run *run)
{
    return run_is_in_body(run);
}

size_t flow_run_task_count(const struct flow_run *run)
{
    return run->graph.tasks.count;
}

int flow_run_task_info(const struct flow_run *run, flow_task task, struct flow_task_info *out)
{
    if (!run_has_task(run, task))
        return FLOW_NOT_FOUND;
    const struct run_task *t = &run->tasks.at[task];
    const struct task_spec *spec = run_spec(run, task);
    *out = (struct flow_task_info){
        .id = run_id(run, task),
        .creator = t->creator,
        .join = run_is_join(run, task) ? FLOW_JOIN_ALL : FLOW_JOIN_EACH,
        .max_cycles = run_resolve_max_cycles(run, spec),
        .max_retries = spec->max_retries,
        .completed = t->completed,
        .cycle_count = run->cycle_counts.at[task],
        .retry_count = t->retry_count,
        .file = spec->file,
        .line = spec->line,
    };
    return FLOW_OK;
}

flow_task flow_run_find_task(const struct flow_run *run, const char *id)
{
    return graph_find(&run->graph, id, strlen(id));
}

size_t flow_run_edge_count(const struct flow_run *run)
{
    return run->graph.edges.count;
}

void flow_run_edge_at(const struct flow_run *run, size_t index, flow_task *from, flow_task *to)
{
    assert(index < run->graph.edges.count);
    *from = run->graph.edges.at[index].from;
    *to = run->graph.edges.at[index].to;
}

size_t flow_run_queue_length(const struct flow_run *run)
{
    return queue_count(&run->queue);
}

void flow_run_queue_at(const struct flow_run *run, size_t index, struct flow_entry *out)
{
    assert(index < queue_count(&run->queue));
    const struct queue_entry *entry = queue_at(&run->queue, index);
    *out = (struct flow_entry){
        .number = entry->number,
        .task = entry->task,
        .reason = (enum flow_reason)entry->reason,
        .origin = (enum flow_origin)entry->origin,
        .cause = entry->cause,
        .source = entry->source,
        .iteration = entry->iteration,
        .retries = entry->retries,
        .data = entry->data,
    };
}

size_t flow_run_key_count(const struct flow_run *run)
{
    return run->channel.keys.count;
}

const char *flow_run_key_name(const struct flow_run *run, flow_key key)
{
    return key < run->channel.keys.count ? run->channel.keys.at[key].name : NULL;
}

int flow_run_key_value(const struct flow_run *run, flow_key key, struct flow_value *out)
{
    if (key >= run->channel.keys.count || !channel_is_set(&run->channel, key))
        return FLOW_NOT_FOUND;
    *out = run->channel.keys.at[key].value;
    return FLOW_OK;
}

int flow_run_next_key(const struct flow_run *run, size_t *cursor, flow_key *key, struct flow_value *value)
{
    flow_key at;
    int status = channel_next(&run->channel, cursor, &at);
    if (status != FLOW_OK)
        return status;
    *key = at;
    *value = run->channel.keys.at[at].value;
    return FLOW_OK;
}

int flow_run_held_at(const struct flow_run *run, size_t index, flow_task *successor, flow_task *source)
{
    if (index >= run->held.count)
        return FLOW_END;
    *successor = run->held.at[index].successor;
    *source = run->held.at[index].source;
    return FLOW_OK;
}

int flow_run_arrival_at(const struct flow_run *run, size_t index, flow_task *join, flow_task *from)
{
    if (index >= run->arrivals.count)
        return FLOW_END;
    struct graph_edge edge = run->graph.edges.at[run->arrivals.at[index]];
    *join = edge.to;
    *from = edge.from;
    return FLOW_OK;
}
