#include "tests/support/fold_compare.h"

#include <stdio.h>
#include <string.h>

typedef bool (*compare_fn)(
    const struct trace_state *state, const struct flow_run *run, struct str *difference);

static bool same_number(
    struct str *difference, const char *what, size_t index, unsigned long long folded, unsigned long long run)
{
    if (folded != run)
        str_addf(difference, "%s %zu: folded %llu, engine %llu", what, index, folded, run);
    return folded == run;
}

static bool same_text(
    struct str *difference, const char *what, size_t index, const char *folded, const char *run)
{
    folded = folded ? folded : "";
    run = run ? run : "";
    bool is_same = strcmp(folded, run) == 0;
    if (!is_same)
        str_addf(difference, "%s %zu: folded '%s', engine '%s'", what, index, folded, run);
    return is_same;
}

static bool same_value(
    struct str *difference, const char *what, size_t index, struct flow_value folded, struct flow_value run)
{
    if (flow_value_equal(folded, run))
        return true;
    char a[200], b[200];
    flow_value_print(folded, a, sizeof a);
    flow_value_print(run, b, sizeof b);
    str_addf(difference, "%s %zu: folded %s, engine %s", what, index, a, b);
    return false;
}

static bool same_counters(const struct trace_state *state, const struct flow_run *run, struct str *difference)
{
    /* For the engine a step begins when its entry is taken, for the fold when it starts; the package profile
     * takes one entry too many where it reaches its step limit. */
    uint64_t step = flow_run_step_count(run);
    if (state->phase == TRACE_PHASE_TAKEN && step == state->step + 1)
        step--;
    return same_number(difference, "event", 0, state->event, flow_run_event_count(run)) &&
           same_number(difference, "step", 0, state->step, step);
}

/* The engine decides how a run ends before it tells so; in between only the fold is behind. */
static bool same_end(const struct trace_state *state, const struct flow_run *run, struct str *difference)
{
    if (state->phase != TRACE_PHASE_ENDED)
        return same_number(difference, "outcome", 0, state->outcome, FLOW_OUTCOME_UNFINISHED);
    return same_number(difference, "outcome", 0, state->outcome, flow_run_outcome(run)) &&
           same_number(difference, "culprit", 0, state->culprit, flow_run_culprit(run)) &&
           same_text(difference, "message", 0, state->message, flow_run_message(run));
}

static bool same_task(
    const struct trace_state *state, const struct flow_run *run, flow_task index, struct str *difference)
{
    const struct trace_task *task = &state->tasks.at[index];
    struct flow_task_info info;
    char place[1100] = "";
    if (flow_run_task_info(run, index, &info) != FLOW_OK) {
        str_addf(difference, "task %u: the engine has none", index);
        return false;
    }
    if (info.file && info.line)
        snprintf(place, sizeof place, "%s:%u", info.file, info.line);
    else if (info.file)
        snprintf(place, sizeof place, "%s", info.file);
    /* An iteration node (package) has the definition of its task, which may join; but nothing leads to it. */
    return same_text(difference, "id of task", index, task->id, info.id) &&
           same_text(difference, "place of task", index, task->location, place) &&
           same_number(difference, "creator of task", index, task->creator, info.creator) &&
           (task->needed == 0 || same_number(difference, "join of task", index, task->join, info.join)) &&
           same_number(difference, "max_cycles of task", index, task->max_cycles, info.max_cycles) &&
           same_number(difference, "max_retries of task", index, task->max_retries, info.max_retries) &&
           same_number(difference, "completions of task", index, task->completed, info.completed) &&
           same_number(difference, "lookup of task", index, trace_state_find_task(state, info.id), index);
}

/* The workflow's own graph is there before it is announced, task by task and edge by edge. */
static bool is_being_announced(const struct trace_state *state)
{
    return state->phase == TRACE_PHASE_STARTING;
}

static bool same_tasks(const struct trace_state *state, const struct flow_run *run, struct str *difference)
{
    if (is_being_announced(state))
        return true;
    if (!same_number(difference, "tasks", 0, state->tasks.count, flow_run_task_count(run)))
        return false;
    for (flow_task i = 0; i < state->tasks.count; i++)
        if (!same_task(state, run, i, difference))
            return false;
    return true;
}

static bool same_edges(const struct trace_state *state, const struct flow_run *run, struct str *difference)
{
    size_t count = 0;
    if (is_being_announced(state))
        return true;
    for (size_t i = 0; i < state->edges.count; i++) {
        const struct trace_edge *edge = &state->edges.at[i];
        flow_task from, to;
        if (edge->kind != TRACE_EDGE_STATIC)
            continue;
        if (count >= flow_run_edge_count(run)) {
            str_addf(difference, "edge %zu: the engine has none", count);
            return false;
        }
        flow_run_edge_at(run, count, &from, &to);
        if (!same_number(difference, "start of edge", count, edge->from, from) ||
            !same_number(difference, "end of edge", count, edge->to, to))
            return false;
        count++;
    }
    return same_number(difference, "edges", 0, count, flow_run_edge_count(run));
}

static bool same_queue(const struct trace_state *state, const struct flow_run *run, struct str *difference)
{
    uint64_t queued = 0;
    if (!same_number(difference, "queue length", 0, state->queue.count, flow_run_queue_length(run)))
        return false;
    for (size_t i = 0; i < state->queue.count; i++) {
        const struct trace_entry *folded = &state->queue.at[i];
        struct flow_entry entry;
        flow_run_queue_at(run, i, &entry);
        if (!same_number(difference, "number of entry", i, folded->number, entry.number) ||
            !same_number(difference, "task of entry", i, folded->task, entry.task) ||
            !same_number(difference, "reason of entry", i, folded->reason, entry.reason) ||
            !same_number(difference, "by hand: entry", i, folded->origin == FLOW_ORIGIN_USER,
                entry.origin == FLOW_ORIGIN_USER) ||
            !same_number(difference, "source of entry", i, folded->source, entry.source) ||
            !same_number(difference, "cause of entry", i, folded->cause, entry.cause) ||
            !same_number(difference, "iteration of entry", i, folded->iteration, entry.iteration) ||
            !same_value(difference, "data of entry", i, folded->data, entry.data))
            return false;
    }
    for (size_t i = 0; i < state->tasks.count; i++)
        queued += state->tasks.at[i].queued;
    return same_number(difference, "entries counted by task", 0, queued, state->queue.count);
}

static bool same_channel(const struct trace_state *state, const struct flow_run *run, struct str *difference)
{
    size_t cursor = 0, count = 0;
    flow_key key;
    struct flow_value value;
    for (; flow_run_next_key(run, &cursor, &key, &value) == FLOW_OK; count++) {
        if (count >= state->order.count) {
            str_addf(difference, "key %u is not set in the fold", key);
            return false;
        }
        if (!same_number(difference, "key at place", count, state->order.at[count], key) ||
            !same_text(difference, "name of key", key, trace_state_key_name(state, key),
                flow_run_key_name(run, key)) ||
            !same_value(difference, "value of key", key, state->keys.at[key].value, value) ||
            !same_number(difference, "is set: key", key, state->keys.at[key].is_set, true))
            return false;
    }
    return same_number(difference, "keys that are set", 0, state->order.count, count);
}

static bool same_held(const struct trace_state *state, const struct flow_run *run, struct str *difference)
{
    flow_task successor, source;
    size_t count = 0;
    for (; flow_run_held_at(run, count, &successor, &source) == FLOW_OK; count++) {
        if (count >= state->held.count) {
            str_addf(difference, "held successor %zu is not in the fold", count);
            return false;
        }
        if (!same_number(difference, "held successor", count, state->held.at[count].successor, successor) ||
            !same_number(difference, "source of held successor", count, state->held.at[count].source, source))
            return false;
    }
    return same_number(difference, "held successors", 0, state->held.count, count);
}

/* The engine keeps one list for all joins, the fold one for each. */
static bool same_arrivals(const struct trace_state *state, const struct flow_run *run, struct str *difference)
{
    flow_task join, from;
    size_t folded = 0, count = 0;
    for (; flow_run_arrival_at(run, count, &join, &from) == FLOW_OK; count++) {
        size_t before = 0;
        flow_task earlier, any;
        for (size_t i = 0; i < count && flow_run_arrival_at(run, i, &earlier, &any) == FLOW_OK; i++)
            before += earlier == join;
        const struct trace_task *task = &state->tasks.at[join];
        if (before >= task->arrivals.count || task->arrivals.at[before].from != from) {
            str_addf(
                difference, "arrival %zu at task %u from task %u is not in the fold", before, join, from);
            return false;
        }
    }
    for (size_t i = 0; i < state->tasks.count; i++)
        folded += state->tasks.at[i].arrivals.count;
    return same_number(difference, "arrivals", 0, folded, count);
}

bool fold_equals_run(const struct trace_state *state, const struct flow_run *run, struct str *difference)
{
    static const compare_fn parts[] = {
        same_counters, same_end, same_tasks, same_edges, same_queue, same_channel, same_held, same_arrivals};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (!parts[i](state, run, difference))
            return false;
    return true;
}
