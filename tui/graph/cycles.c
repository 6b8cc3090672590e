/* Which edges are drawn against the direction of reading.
 *
 * A depth-first walk from the entry in the order of declaration, not a minimum feedback set: that would
 * reverse fewer edges, but a person reads a workflow from where it starts. Gotos do not take part in the
 * walk, unless they are all that leads to a task: they jump, they do not say what comes first. */
#include "tui/graph/model.h"

#include "flow/error.h"

struct walk {
    struct graph_layout *g;
    uint32_t *start, *edges; /* edges out of each node that take part, in order */
    uint32_t *stack, *next;
    uint8_t *state;   /* 0 new, 1 on the stack, 2 done */
    uint32_t *finish; /* node -> when it was done */
    uint32_t finished;
};

static void walk_from(struct walk *w, uint32_t root)
{
    uint32_t depth = 0;
    if (w->state[root] != 0)
        return;
    w->state[root] = 1;
    w->stack[depth++] = root;
    w->next[root] = w->start[root];
    while (depth > 0) {
        uint32_t v = w->stack[depth - 1];
        if (w->next[v] == w->start[v + 1]) {
            w->state[v] = 2;
            w->finish[v] = w->finished++;
            depth--;
            continue;
        }
        struct edge *e = &w->g->edges.at[w->edges[w->next[v]++]];
        uint32_t to = e->key.to;
        e->reversed = w->state[to] == 1;
        if (w->state[to] != 0)
            continue;
        w->state[to] = 1;
        w->stack[depth++] = to;
        w->next[to] = w->start[to];
    }
}

static bool takes_part(const struct edge *e, const uint8_t *has_static_in)
{
    return e->key.from != e->key.to && (e->key.kind != GRAPH_GOTO || !has_static_in[e->key.to]);
}

int graph_break_cycles(struct graph_layout *g, struct scratch *s)
{
    size_t n = g->nodes.count, m = g->edges.count;
    struct walk w = {.g = g};
    w.start = SCRATCH(s, uint32_t, n + 2);
    w.edges = SCRATCH(s, uint32_t, m);
    w.stack = SCRATCH(s, uint32_t, n);
    w.next = SCRATCH(s, uint32_t, n);
    w.finish = SCRATCH(s, uint32_t, n);
    w.state = SCRATCH(s, uint8_t, n);
    uint8_t *has_static_in = SCRATCH(s, uint8_t, n), *has_in = SCRATCH(s, uint8_t, n);
    if (s->failed)
        return FLOW_ENOMEM;
    vec_foreach (struct edge, e, &g->edges) {
        if (e->key.from == e->key.to)
            continue;
        has_in[e->key.to] = 1;
        if (e->key.kind != GRAPH_GOTO)
            has_static_in[e->key.to] = 1;
    }
    if (g->entry < n)
        has_static_in[g->entry] = 1; /* nothing leads to the entry in earnest */
    vec_foreach (struct edge, e, &g->edges)
        if (takes_part(e, has_static_in))
            w.start[e->key.from + 2]++;
    for (size_t v = 0; v < n; v++)
        w.start[v + 2] += w.start[v + 1];
    for (uint32_t i = 0; i < m; i++)
        if (takes_part(&g->edges.at[i], has_static_in))
            w.edges[w.start[g->edges.at[i].key.from + 1]++] = i;
    if (g->entry < n)
        walk_from(&w, g->entry);
    for (uint32_t v = 0; v < n; v++)
        if (!has_in[v])
            walk_from(&w, v);
    for (uint32_t v = 0; v < n; v++)
        walk_from(&w, v);
    vec_foreach (struct edge, e, &g->edges)
        if (!takes_part(e, has_static_in))
            e->reversed = w.finish[e->key.from] <= w.finish[e->key.to];
    return FLOW_OK;
}
