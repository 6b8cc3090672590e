/* What follows an execution: successors are enqueued, delivered to a join, skipped, held or released. */
#include "core/emit.h"
#include "core/run.h"

int run_enqueue(struct flow_run *run, struct queue_entry *entry, size_t position)
{
    if (queue_reserve(&run->queue) < 0) {
        value_unref(entry->data);
        return FLOW_ENOMEM;
    }
    entry->number = ++run->entry_count;
    queue_insert(&run->queue, position, entry);
    emit_enqueued(run, entry, position);
    return FLOW_OK;
}

void run_put(struct flow_run *run, flow_key key, struct flow_value value)
{
    bool had_value = channel_is_set(&run->channel, key);
    struct flow_value old = channel_put(&run->channel, key, value);
    emit_channel_set(run, key, old, had_value);
    value_unref(old);
}

static int enqueue_successor(struct flow_run *run, flow_task successor, flow_task source)
{
    struct queue_entry entry = run_new_entry(run, successor, FLOW_REASON_SUCCESSOR);
    entry.source = source;
    entry.via = source;
    return run_enqueue(run, &entry, queue_count(&run->queue));
}

/* A join counts arrivals along edges. The one that makes them complete enqueues it; a second one along the
 * same edge before the join has started tells it nothing new. */
static int arrive(struct flow_run *run, const struct graph_link *link, flow_task source)
{
    struct run_task *join = &run->tasks.at[link->to];
    if (run->edge_states.at[link->edge] == EDGE_ARRIVED) {
        emit_task_event(run, FLOW_EV_JOIN_ABSORBED, link->to, source);
        return FLOW_OK;
    }
    if (vec_push(&run->arrivals, link->edge) < 0)
        return FLOW_ENOMEM;
    run->edge_states.at[link->edge] = EDGE_ARRIVED;
    join->arrivals++;
    emit_join_arrived(run, link->to, source, join->arrivals);
    if (join->arrivals < run->graph.tasks.at[link->to].in_degree)
        return FLOW_OK;
    return enqueue_successor(run, link->to, source);
}

static int deliver(struct flow_run *run, const struct graph_link *link, flow_task source)
{
    if (run_is_join(run, link->to))
        return arrive(run, link, source);
    return enqueue_successor(run, link->to, source);
}

static void skip(struct flow_run *run, const struct graph_link *link, flow_task source, int request)
{
    uint8_t *state = &run->edge_states.at[link->edge];
    if (*state != EDGE_ARRIVED)
        *state = EDGE_SKIPPED;
    emit_skipped(run, link->to, source, request);
}

static int hold(struct flow_run *run, flow_task successor, flow_task source)
{
    if (vec_push(&run->held, (struct held_successor){successor, source}) < 0)
        return FLOW_ENOMEM;
    emit_task_event(run, FLOW_EV_HELD, successor, source);
    return FLOW_OK;
}

/* Two chains of one task may hold the same successor: then there are two equal pairs, and either will do. */
static void release(struct flow_run *run, flow_task successor, flow_task source)
{
    size_t i = 0;
    while (run->held.at[i].successor != successor || run->held.at[i].source != source)
        i++;
    vec_remove(&run->held, i);
    emit_task_event(run, FLOW_EV_RELEASED, successor, source);
}

int run_follow(struct flow_run *run, const struct queue_entry *entry, enum follow how, int skip_request)
{
    flow_task source = entry->task;
    uint32_t first = run->graph.tasks.at[source].first_link, count = run->graph.tasks.at[source].link_count;
    bool chain_goes_on = how == FOLLOW_HOLD || how == FOLLOW_SKIP_OWN;
    int status = FLOW_OK;
    for (uint32_t i = 0; i < count && status == FLOW_OK; i++) {
        const struct graph_link *link = &run->graph.links.at[first + i];
        bool is_held = i < entry->held;
        if (is_held && chain_goes_on)
            continue;
        if (is_held)
            release(run, link->to, source);
        switch (how) {
        case FOLLOW_ENQUEUE: status = deliver(run, link, source); break;
        case FOLLOW_HOLD: status = hold(run, link->to, source); break;
        case FOLLOW_SKIP:
        case FOLLOW_SKIP_OWN: skip(run, link, source, skip_request); break;
        }
    }
    return status;
}

void run_give_up_held(struct flow_run *run, const struct queue_entry *entry)
{
    uint32_t first = run->graph.tasks.at[entry->task].first_link;
    for (uint32_t i = 0; i < entry->held; i++) {
        const struct graph_link *link = &run->graph.links.at[first + i];
        release(run, link->to, entry->task);
        skip(run, link, entry->task, -1);
    }
}

void run_clear_arrivals(struct flow_run *run, flow_task join)
{
    size_t kept = 0;
    for (size_t i = 0; i < run->arrivals.count; i++) {
        uint32_t edge = run->arrivals.at[i];
        if (run->graph.edges.at[edge].to == join)
            run->edge_states.at[edge] = EDGE_SPENT;
        else
            run->arrivals.at[kept++] = edge;
    }
    run->arrivals.count = kept;
    run->tasks.at[join].arrivals = 0;
}

/* Why an edge has not delivered, as a person would say it. */
static void say_why(const struct flow_run *run, uint32_t edge, struct str *why)
{
    const char *from = run_id(run, run->graph.edges.at[edge].from);
    const char *to = run_id(run, run->graph.edges.at[edge].to);
    switch ((enum edge_state)run->edge_states.at[edge]) {
    case EDGE_SKIPPED: str_addf(why, "'%s' skipped '%s' when it last ran", from, to); break;
    case EDGE_SPENT: str_addf(why, "'%s' has not completed again since '%s' last started", from, to); break;
    case EDGE_UNUSED:
    case EDGE_ARRIVED:
        if (run_last_iteration(run, run->graph.edges.at[edge].from))
            str_addf(why, "'%s' has not completed since this edge was made", from);
        else
            str_addf(why, "'%s' never ran", from);
        break;
    }
}

bool run_is_blocked(struct flow_run *run, bool is_telling, struct str *first)
{
    bool is_blocked = false;
    if (run->arrivals.count == 0)
        return false;
    for (uint32_t edge = 0; edge < run->graph.edges.count; edge++) {
        struct graph_edge ends = run->graph.edges.at[edge];
        const struct run_task *join = &run->tasks.at[ends.to];
        if (join->arrivals == 0 || run->edge_states.at[edge] == EDGE_ARRIVED)
            continue;
        struct str why = {0};
        say_why(run, edge, &why);
        if (is_telling)
            emit_blocked(run, ends.to, ends.from, str_text(&why));
        if (first && !is_blocked)
            str_addf(first, "'%s' waits for '%s': %s", run_id(run, ends.to), run_id(run, ends.from),
                str_text(&why));
        is_blocked = true;
        str_finish(&why);
    }
    return is_blocked;
}
