/* Ranks: as little edge length as possible, by network simplex from a longest-path start. */
#include "tui/graph/model.h"

#include <limits.h>

#include "flow/error.h"
#include "tui/graph/simplex.h"

/* Operations per node and in all; past them the ranks are good enough. */
/* How much fuller a rank may be for a task to stand higher up, near what it waits for. */
#define CROWD 2

#define BUDGET_EACH 4000u
#define BUDGET_MAX  60000000u

uint32_t graph_edge_upper(const struct edge *e)
{
    return e->reversed ? e->key.to : e->key.from;
}

uint32_t graph_edge_lower(const struct edge *e)
{
    return e->reversed ? e->key.from : e->key.to;
}

struct ranking {
    uint32_t node_count, edge_count; /* without the root */
    struct simplex_edge *edges;      /* from upper to lower; then one from the root to each part */
    int32_t *value;
    uint32_t *part; /* node -> connected part */
    uint32_t part_count;
};

/* Longest path from the tops, by Kahn's walk. */
static bool rank_by_longest_path(const struct ranking *r, struct scratch *s)
{
    uint32_t n = r->node_count, m = r->edge_count, head = 0, tail = 0;
    uint32_t *start = SCRATCH(s, uint32_t, n + 2), *out = SCRATCH(s, uint32_t, m);
    uint32_t *waiting = SCRATCH(s, uint32_t, n), *queue = SCRATCH(s, uint32_t, n);
    if (s->failed)
        return false;
    for (uint32_t e = 0; e < m; e++) {
        start[r->edges[e].tail + 2]++;
        waiting[r->edges[e].head]++;
    }
    for (uint32_t v = 0; v < n; v++)
        start[v + 2] += start[v + 1];
    for (uint32_t e = 0; e < m; e++)
        out[start[r->edges[e].tail + 1]++] = r->edges[e].head;
    for (uint32_t v = 0; v < n; v++)
        if (waiting[v] == 0)
            queue[tail++] = v;
    while (head < tail) {
        uint32_t v = queue[head++];
        for (uint32_t i = start[v]; i < start[v + 1]; i++) {
            uint32_t w = out[i];
            if (r->value[w] < r->value[v] + 1)
                r->value[w] = r->value[v] + 1;
            if (--waiting[w] == 0)
                queue[tail++] = w;
        }
    }
    return true;
}

static uint32_t find_root(uint32_t *part, uint32_t v)
{
    while (part[v] != v)
        v = part[v] = part[part[v]];
    return v;
}

/* Parts by union-find: each is named by its first node. */
static void find_parts(struct ranking *r)
{
    for (uint32_t v = 0; v < r->node_count; v++)
        r->part[v] = v;
    for (uint32_t e = 0; e < r->edge_count; e++) {
        uint32_t a = find_root(r->part, r->edges[e].tail), b = find_root(r->part, r->edges[e].head);
        if (a != b)
            r->part[a > b ? a : b] = a < b ? a : b;
    }
    for (uint32_t v = 0; v < r->node_count; v++) {
        r->part[v] = find_root(r->part, v);
        r->part_count += r->part[v] == v;
    }
}

/* Every part starts at rank 0. */
static bool normalize(const struct ranking *r, struct scratch *s)
{
    int32_t *lowest = SCRATCH(s, int32_t, r->node_count);
    if (s->failed)
        return false;
    for (uint32_t v = 0; v < r->node_count; v++)
        lowest[v] = INT32_MAX;
    for (uint32_t v = 0; v < r->node_count; v++)
        if (r->value[v] < lowest[r->part[v]])
            lowest[r->part[v]] = r->value[v];
    for (uint32_t v = 0; v < r->node_count; v++)
        r->value[v] -= lowest[r->part[v]];
    return true;
}

/* The highest of the ranks that is not much fuller than the emptiest. */
static int32_t choose_rank(const uint32_t *population, int32_t low, int32_t high)
{
    uint32_t least = UINT32_MAX;
    for (int32_t at = low; at <= high; at++)
        least = population[at] < least ? population[at] : least;
    while (population[low] > least + CROWD)
        low++;
    return low;
}

/* Nodes with as many edges up as down cost the same on several ranks: they go where few are. */
static bool balance(const struct ranking *r, struct scratch *s)
{
    uint32_t n = r->node_count;
    int32_t *pull = SCRATCH(s, int32_t, n);
    uint32_t *population = SCRATCH(s, uint32_t, n + 1);
    uint32_t *start = SCRATCH(s, uint32_t, n + 2), *around = SCRATCH(s, uint32_t, (size_t)r->edge_count * 2);
    if (s->failed)
        return false;
    for (uint32_t e = 0; e < r->edge_count; e++) {
        pull[r->edges[e].tail]++;
        pull[r->edges[e].head]--;
        start[r->edges[e].tail + 2]++;
        start[r->edges[e].head + 2]++;
    }
    for (uint32_t v = 0; v < n; v++) {
        population[r->value[v]]++;
        start[v + 2] += start[v + 1];
    }
    for (uint32_t e = 0; e < r->edge_count; e++) {
        around[start[r->edges[e].tail + 1]++] = e;
        around[start[r->edges[e].head + 1]++] = e;
    }
    for (uint32_t v = 0; v < n; v++) {
        if (pull[v] != 0 || start[v] == start[v + 1])
            continue;
        int32_t low = 0, high = INT32_MAX, best;
        for (uint32_t i = start[v]; i < start[v + 1]; i++) {
            const struct simplex_edge *e = &r->edges[around[i]];
            if (e->tail == v && r->value[e->head] - 1 < high)
                high = r->value[e->head] - 1;
            else if (e->head == v && r->value[e->tail] + 1 > low)
                low = r->value[e->tail] + 1;
        }
        population[r->value[v]]--;
        best = choose_rank(population, low, high);
        population[best]++;
        r->value[v] = best;
    }
    return true;
}

static bool collect(const struct graph_layout *g, struct ranking *r, struct scratch *s)
{
    uint32_t n = r->node_count;
    r->edges = SCRATCH(s, struct simplex_edge, g->edges.count + n);
    r->part = SCRATCH(s, uint32_t, n);
    if (s->failed)
        return false;
    vec_foreach (struct edge, e, &g->edges) {
        if (e->key.from == e->key.to)
            continue;
        r->edges[r->edge_count++] = (struct simplex_edge){
            .tail = graph_edge_upper(e), .head = graph_edge_lower(e), .min = 1, .weight = 1};
    }
    find_parts(r);
    return true;
}

int graph_assign_ranks(const struct graph_layout *g, struct scratch *s, int32_t *rank_of_node)
{
    uint32_t n = (uint32_t)g->nodes.count, m;
    struct ranking r = {.node_count = n};
    r.value = SCRATCH(s, int32_t, n + 1);
    if (s->failed || !collect(g, &r, s) || !rank_by_longest_path(&r, s))
        return FLOW_ENOMEM;
    /* A root without weight makes one connected graph of the parts. */
    m = r.edge_count;
    for (uint32_t v = 0; v < n; v++)
        if (r.part[v] == v)
            r.edges[m++] = (struct simplex_edge){.tail = n, .head = v};
    uint64_t budget = (uint64_t)n * BUDGET_EACH;
    int status =
        graph_simplex(s, n + 1, r.edges, m, r.value, false, budget < BUDGET_MAX ? budget : BUDGET_MAX);
    if (status < 0)
        return status;
    if (!normalize(&r, s) || !balance(&r, s))
        return FLOW_ENOMEM;
    for (uint32_t v = 0; v < n; v++)
        rank_of_node[v] = r.value[v];
    return FLOW_OK;
}
