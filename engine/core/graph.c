#include "core/graph.h"

#include <string.h>

static struct map_name id_of(const void *user, uint32_t index)
{
    const struct graph *g = user;
    const struct graph_task *task = &g->tasks.at[index];
    return (struct map_name){task->id, task->id_length};
}

void graph_init(struct graph *g)
{
    *g = (struct graph){.ids = {.name_of = id_of, .user = g}};
}

void graph_finish(struct graph *g)
{
    vec_finish(&g->tasks);
    vec_finish(&g->edges);
    vec_finish(&g->links);
    map_finish(&g->ids);
    mem_free(g->edge_slots);
    g->edge_slots = NULL;
    g->edge_slot_count = 0;
}

flow_task graph_find(const struct graph *g, const char *id, size_t id_length)
{
    return map_find(&g->ids, id, id_length); /* MAP_NONE is FLOW_TASK_NONE */
}

int graph_add_task(
    struct graph *g, const struct task_spec *spec, const char *id, size_t id_length, flow_task *out)
{
    struct graph_task task = {.spec = spec, .id = id, .id_length = (uint32_t)id_length};
    if (g->tasks.count >= FLOW_TASK_NONE || vec_push(&g->tasks, task) < 0)
        return FLOW_ENOMEM;
    uint32_t index = (uint32_t)(g->tasks.count - 1);
    if (map_add(&g->ids, id, id_length, index) < 0) {
        g->tasks.count--;
        return FLOW_ENOMEM;
    }
    *out = index;
    return FLOW_OK;
}

/* Where the search for an edge ends: its slot, or the free one. edge_slot_count must not be 0. */
static uint32_t edge_slot(const struct graph *g, flow_task from, flow_task to)
{
    uint64_t key = ((uint64_t)from << 32 | to) * 0x9e3779b97f4a7c15u;
    uint32_t mask = g->edge_slot_count - 1, i = (uint32_t)(key >> 32) & mask;
    for (; g->edge_slots[i] != MAP_NONE; i = (i + 1) & mask) {
        const struct graph_edge *edge = &g->edges.at[g->edge_slots[i]];
        if (edge->from == from && edge->to == to)
            break;
    }
    return i;
}

uint32_t graph_find_edge(const struct graph *g, flow_task from, flow_task to)
{
    return g->edge_slot_count ? g->edge_slots[edge_slot(g, from, to)] : MAP_NONE;
}

/* Keeps the slots at most half full. */
static int grow_edge_slots(struct graph *g)
{
    if ((g->edges.count + 1) * 2 <= g->edge_slot_count)
        return FLOW_OK;
    uint32_t count = g->edge_slot_count ? g->edge_slot_count * 2 : 16;
    uint32_t *slots = g->edges.count < UINT32_MAX / 4 ? mem_array(NULL, count, sizeof *slots) : NULL;
    if (!slots)
        return FLOW_ENOMEM;
    memset(slots, 0xff, count * sizeof *slots); /* all MAP_NONE */
    mem_free(g->edge_slots);
    g->edge_slots = slots;
    g->edge_slot_count = count;
    for (size_t i = 0; i < g->edges.count; i++)
        slots[edge_slot(g, g->edges.at[i].from, g->edges.at[i].to)] = (uint32_t)i;
    return FLOW_OK;
}

/* Makes room for one more link of a task. */
static int grow_links(struct graph *g, struct graph_task *task)
{
    if (task->link_count < task->link_capacity)
        return FLOW_OK;
    uint32_t capacity = task->link_capacity ? task->link_capacity * 2 : 2;
    if (g->links.count + capacity > UINT32_MAX || vec_reserve(&g->links, capacity) < 0)
        return FLOW_ENOMEM;
    struct graph_link *moved = g->links.at + g->links.count;
    if (task->link_count)
        memcpy(moved, g->links.at + task->first_link, task->link_count * sizeof *moved);
    task->first_link = (uint32_t)g->links.count;
    task->link_capacity = capacity;
    g->links.count += capacity;
    return FLOW_OK;
}

int graph_add_edge(struct graph *g, flow_task from, flow_task to)
{
    if (graph_find_edge(g, from, to) != MAP_NONE)
        return FLOW_END;
    struct graph_task *task = &g->tasks.at[from];
    struct graph_edge edge = {from, to};
    if (grow_edge_slots(g) < 0 || grow_links(g, task) < 0 || vec_push(&g->edges, edge) < 0)
        return FLOW_ENOMEM;
    uint32_t index = (uint32_t)(g->edges.count - 1);
    g->edge_slots[edge_slot(g, from, to)] = index;
    g->links.at[task->first_link + task->link_count++] = (struct graph_link){to, index};
    g->tasks.at[to].in_degree++;
    return FLOW_OK;
}

int graph_copy(struct graph *g, const struct graph *from)
{
    for (size_t i = 0; i < from->tasks.count; i++) {
        const struct graph_task *task = &from->tasks.at[i];
        flow_task index;
        if (graph_add_task(g, task->spec, task->id, task->id_length, &index) < 0)
            return FLOW_ENOMEM;
    }
    for (size_t i = 0; i < from->edges.count; i++)
        if (graph_add_edge(g, from->edges.at[i].from, from->edges.at[i].to) < 0)
            return FLOW_ENOMEM;
    return FLOW_OK;
}
