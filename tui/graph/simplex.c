#include "tui/graph/simplex.h"

#include <assert.h>
#include <limits.h>
#include <stdbool.h>

#include "flow/error.h"

#define NO_EDGE UINT32_MAX

/* How many negative cut values are compared before one leaves: the paper's cyclic search with a window. */
#define LEAVE_WINDOW 30

/* Numbering a node means a walk over its edges, all over the memory. */
#define NUMBERING_COST 4

/* One run. The tree is rooted at `root`; `up[v]` is the tree edge to v's parent; low/lim number the nodes in
 * post order, so that v's subtree is low[v]..lim[v]. cut[] is indexed by the child end of a tree edge. */
struct simplex {
    uint32_t node_count, edge_count;
    const struct simplex_edge *edges;
    int32_t *value;
    uint32_t *start;  /* node -> first entry of `around` */
    uint32_t *around; /* edges around each node */
    uint32_t *up;     /* node -> tree edge to its parent, NO_EDGE at the root */
    uint32_t *parent; /* node -> parent */
    uint32_t *low, *lim;
    uint32_t *by_lim;       /* lim -> node */
    int64_t *cut;           /* node -> cut value of up[node] */
    bool *in_tree;          /* edge -> is a tree edge */
    uint32_t *stack, *next; /* of the depth-first walks */
    uint64_t spent;
    uint32_t leave_at;
};

static int32_t slack(const struct simplex *x, uint32_t e)
{
    const struct simplex_edge *edge = &x->edges[e];
    return x->value[edge->head] - x->value[edge->tail] - edge->min;
}

static uint32_t other_end(const struct simplex *x, uint32_t e, uint32_t v)
{
    return x->edges[e].tail == v ? x->edges[e].head : x->edges[e].tail;
}

static bool init(struct simplex *x, struct scratch *s)
{
    uint32_t n = x->node_count, m = x->edge_count;
    x->start = SCRATCH(s, uint32_t, n + 2);
    x->around = SCRATCH(s, uint32_t, (size_t)m * 2);
    x->up = SCRATCH(s, uint32_t, n);
    x->parent = SCRATCH(s, uint32_t, n);
    x->low = SCRATCH(s, uint32_t, n);
    x->lim = SCRATCH(s, uint32_t, n);
    x->by_lim = SCRATCH(s, uint32_t, n);
    x->cut = SCRATCH(s, int64_t, n);
    x->in_tree = SCRATCH(s, bool, m);
    x->stack = SCRATCH(s, uint32_t, n);
    x->next = SCRATCH(s, uint32_t, n);
    if (s->failed)
        return false;
    for (uint32_t e = 0; e < m; e++) {
        x->start[x->edges[e].tail + 2]++;
        x->start[x->edges[e].head + 2]++;
    }
    for (uint32_t v = 0; v < n; v++)
        x->start[v + 2] += x->start[v + 1];
    for (uint32_t e = 0; e < m; e++) {
        x->around[x->start[x->edges[e].tail + 1]++] = e;
        x->around[x->start[x->edges[e].head + 1]++] = e;
    }
    return true;
}

/* Labels the nodes that hang together by tight edges and marks those edges as tree edges. */
static uint32_t label_tight_parts(struct simplex *x, uint32_t *part)
{
    uint32_t parts = 0;
    for (uint32_t v = 0; v < x->node_count; v++)
        part[v] = UINT32_MAX;
    for (uint32_t first = 0; first < x->node_count; first++) {
        if (part[first] != UINT32_MAX)
            continue;
        uint32_t depth = 0;
        x->stack[depth++] = first;
        part[first] = parts;
        while (depth > 0) {
            uint32_t v = x->stack[--depth];
            for (uint32_t i = x->start[v]; i < x->start[v + 1]; i++) {
                uint32_t e = x->around[i], w = other_end(x, e, v);
                if (part[w] == UINT32_MAX && slack(x, e) == 0) {
                    part[w] = parts;
                    x->in_tree[e] = true;
                    x->stack[depth++] = w;
                }
            }
        }
        parts++;
    }
    return parts;
}

/* The nearest neighbour: the edge with least slack that leaves the list of nodes starting at `v`. */
static uint32_t tightest_leaving(struct simplex *x, const uint32_t *part, const uint32_t *chain, uint32_t v)
{
    uint32_t mine = part[v], best = NO_EDGE;
    int32_t best_slack = INT32_MAX;
    for (; v != UINT32_MAX; v = chain[v]) {
        for (uint32_t i = x->start[v]; i < x->start[v + 1]; i++) {
            uint32_t e = x->around[i];
            if (part[other_end(x, e, v)] == mine)
                continue;
            int32_t s = slack(x, e);
            if (s < best_slack) {
                best_slack = s;
                best = e;
            }
        }
        x->spent += x->start[v + 1] - x->start[v];
    }
    return best;
}

/* Joins the tight parts into one spanning tree: each part in turn moves to its nearest neighbour, in rounds
 * that at least halve their number. */
static bool span(struct simplex *x, struct scratch *s)
{
    uint32_t n = x->node_count;
    uint32_t *part = SCRATCH(s, uint32_t, n), *chain = SCRATCH(s, uint32_t, n);
    uint32_t *first = SCRATCH(s, uint32_t, n), *last = SCRATCH(s, uint32_t, n),
             *size = SCRATCH(s, uint32_t, n);
    if (s->failed)
        return false;
    uint32_t parts = label_tight_parts(x, part), left = parts;
    for (uint32_t p = 0; p < parts; p++)
        first[p] = UINT32_MAX;
    for (uint32_t v = n; v-- > 0;) {
        uint32_t p = part[v];
        chain[v] = first[p];
        if (first[p] == UINT32_MAX)
            last[p] = v;
        first[p] = v;
        size[p]++;
    }
    for (uint32_t p = 0; left > 1; p = (p + 1) % parts) {
        if (size[p] == 0)
            continue;
        uint32_t e = tightest_leaving(x, part, chain, first[p]);
        assert(e != NO_EDGE && "the graph is connected");
        bool outwards = part[x->edges[e].tail] == p;
        int32_t shift = outwards ? slack(x, e) : -slack(x, e);
        uint32_t q = part[outwards ? x->edges[e].head : x->edges[e].tail];
        for (uint32_t v = first[p]; v != UINT32_MAX; v = chain[v])
            x->value[v] += shift;
        uint32_t into = size[q] >= size[p] ? q : p, from = into == q ? p : q;
        for (uint32_t v = first[from]; v != UINT32_MAX; v = chain[v])
            part[v] = into;
        chain[last[into]] = first[from];
        last[into] = last[from];
        size[into] += size[from];
        size[from] = 0;
        x->in_tree[e] = true;
        left--;
    }
    return true;
}

/* Numbers the subtree below `root` in post order from `number` on and sets the parents within it. */
static void number_subtree(struct simplex *x, uint32_t root, uint32_t number)
{
    uint32_t depth = 0;
    x->stack[depth++] = root;
    x->next[root] = x->start[root];
    x->low[root] = number;
    while (depth > 0) {
        uint32_t v = x->stack[depth - 1];
        if (x->next[v] == x->start[v + 1]) {
            x->by_lim[number] = v;
            x->lim[v] = number++;
            depth--;
            continue;
        }
        uint32_t e = x->around[x->next[v]++];
        if (!x->in_tree[e] || e == x->up[v])
            continue;
        uint32_t w = other_end(x, e, v);
        x->up[w] = e;
        x->parent[w] = v;
        x->low[w] = number;
        x->next[w] = x->start[w];
        x->stack[depth++] = w;
    }
    x->spent += (uint64_t)(number - x->low[root]) * NUMBERING_COST;
}

static bool is_below(const struct simplex *x, uint32_t v, uint32_t top)
{
    return x->low[top] <= x->lim[v] && x->lim[v] <= x->lim[top];
}

/* The cut value of v's tree edge, from those of its children: what the objective loses per unit of slack
 * given to it. Positive contributions run in the direction of the tree edge. */
static int64_t cut_value(const struct simplex *x, uint32_t v)
{
    const struct simplex_edge *edges = x->edges;
    bool v_is_tail = edges[x->up[v]].tail == v;
    int64_t sum = edges[x->up[v]].weight;
    for (uint32_t i = x->start[v]; i < x->start[v + 1]; i++) {
        uint32_t e = x->around[i];
        if (e == x->up[v])
            continue;
        bool out = edges[e].tail == v;
        int64_t along = out == v_is_tail ? 1 : -1; /* does e leave v's side the way the tree edge does? */
        sum += along * edges[e].weight;
        uint32_t w = other_end(x, e, v);
        if (x->in_tree[e] && x->parent[w] == v && x->up[w] == e)
            sum -= along * x->cut[w];
    }
    return sum;
}

static void number_tree(struct simplex *x)
{
    x->up[0] = NO_EDGE;
    x->parent[0] = UINT32_MAX;
    number_subtree(x, 0, 0);
    for (uint32_t i = 0; i + 1 < x->node_count; i++)
        x->cut[x->by_lim[i]] = cut_value(x, x->by_lim[i]);
}

/* A node whose tree edge should leave, or UINT32_MAX at the optimum. */
static uint32_t find_leaving(struct simplex *x)
{
    uint32_t best = UINT32_MAX, found = 0, at = x->leave_at;
    for (uint32_t i = 0; i < x->node_count && found < LEAVE_WINDOW; i++) {
        uint32_t v = at;
        at = at + 1 == x->node_count ? 0 : at + 1;
        x->spent++;
        if (x->up[v] == NO_EDGE || x->cut[v] >= 0)
            continue;
        found++;
        if (best == UINT32_MAX || x->cut[v] < x->cut[best])
            best = v;
    }
    x->leave_at = at;
    return best;
}

/* The edge with least slack that crosses the cut below `v` against its tree edge. Searches whichever side of
 * the cut has fewer nodes. */
static uint32_t find_entering(struct simplex *x, uint32_t v)
{
    bool below_is_tail = x->edges[x->up[v]].tail == v;
    uint32_t low = x->low[v], lim = x->lim[v], inside = lim - low + 1;
    bool search_below = inside * 2 <= x->node_count;
    uint32_t from = search_below ? low : 0, to = search_below ? lim : x->node_count - 1, best = NO_EDGE;
    int32_t best_slack = INT32_MAX;
    for (uint32_t i = from; i <= to; i++) {
        if (!search_below && i == low) {
            i = lim;
            continue;
        }
        uint32_t w = x->by_lim[i];
        for (uint32_t k = x->start[w]; k < x->start[w + 1]; k++) {
            uint32_t e = x->around[k];
            bool out = x->edges[e].tail == w;
            if (x->in_tree[e] || out == (search_below == below_is_tail))
                continue;
            uint32_t o = x->lim[other_end(x, e, w)];
            bool other_below = low <= o && o <= lim;
            if (other_below == search_below)
                continue;
            int32_t s = slack(x, e);
            if (s < best_slack) {
                best_slack = s;
                best = e;
            }
        }
        x->spent += x->start[w + 1] - x->start[w];
        if (best_slack == 0)
            break;
    }
    return best;
}

/* Moves the smaller side of the cut below `v` so that the entering edge becomes tight. */
static void shift_side(struct simplex *x, uint32_t v, int32_t by)
{
    uint32_t low = x->low[v], lim = x->lim[v], inside = lim - low + 1;
    if (inside * 2 <= x->node_count) {
        for (uint32_t i = low; i <= lim; i++)
            x->value[x->by_lim[i]] += by;
    } else {
        for (uint32_t i = 0; i < low; i++)
            x->value[x->by_lim[i]] -= by;
        for (uint32_t i = lim + 1; i < x->node_count; i++)
            x->value[x->by_lim[i]] -= by;
    }
    x->spent += inside * 2 <= x->node_count ? inside : x->node_count - inside;
}

/* Exchanges the tree edge above `v` for `enter`: cut values change only on the path that `enter` closes,
 * numbers only below the top of that path. */
static void exchange(struct simplex *x, uint32_t v, uint32_t enter)
{
    uint32_t leave = x->up[v], inner = x->edges[enter].tail, outer = x->edges[enter].head;
    if (!is_below(x, inner, v)) {
        uint32_t swap = inner;
        inner = outer;
        outer = swap;
    }
    /* Cut values are sums over nodes (out minus in) of the tail's side, so the side that changes hands when
     * the cycle is cut elsewhere adds or takes away exactly the leaving edge's value. */
    int64_t cut = x->cut[v];
    uint32_t top = outer;
    bool enter_out_of_v = x->edges[enter].tail == inner;
    while (!is_below(x, v, top)) {
        bool up_leaves_outer = x->edges[x->up[top]].tail == top;
        x->cut[top] += enter_out_of_v == up_leaves_outer ? -cut : cut;
        top = x->parent[top];
    }
    for (uint32_t w = inner; w != top; w = x->parent[w]) {
        if (w == v)
            continue;
        bool up_leaves_inner = x->edges[x->up[w]].tail == w;
        x->cut[w] += enter_out_of_v == up_leaves_inner ? cut : -cut;
    }
    /* The path inner..v turns round: the cut value of an edge moves from its lower to its upper end. */
    uint32_t w = inner, edge = enter, above = outer;
    int64_t carried = -cut;
    for (;;) {
        uint32_t next = x->parent[w], next_edge = x->up[w];
        int64_t next_cut = x->cut[w];
        x->up[w] = edge;
        x->parent[w] = above;
        x->cut[w] = carried;
        if (w == v)
            break;
        above = w;
        edge = next_edge;
        carried = next_cut;
        w = next;
    }
    x->in_tree[leave] = false;
    x->in_tree[enter] = true;
    number_subtree(x, top, x->low[top]);
}

/* Where the objective does not mind (cut value 0), stand in the middle of what is possible. */
static void centre(struct simplex *x)
{
    for (uint32_t v = 0; v < x->node_count; v++) {
        if (x->up[v] == NO_EDGE || x->cut[v] != 0)
            continue;
        uint32_t e = find_entering(x, v);
        int32_t by = e == NO_EDGE ? 0 : slack(x, e) / 2;
        if (by > 0)
            shift_side(x, v, x->edges[x->up[v]].tail == v ? -by : by);
    }
}

int graph_simplex(struct scratch *s, uint32_t node_count, const struct simplex_edge *edges,
    uint32_t edge_count, int32_t *value, bool centred, uint64_t budget)
{
    if (node_count < 2)
        return FLOW_OK;
    struct simplex x = {.node_count = node_count, .edge_count = edge_count, .edges = edges, .value = value};
    struct scratch_mark mark = scratch_mark(s);
    if (!init(&x, s) || !span(&x, s))
        return FLOW_ENOMEM;
    number_tree(&x);
    x.spent = 0;
    for (;;) {
        uint32_t v = find_leaving(&x);
        if (v == UINT32_MAX || x.spent > budget)
            break;
        uint32_t enter = find_entering(&x, v);
        if (enter == NO_EDGE)
            break; /* unbounded: cannot happen with weights >= 0 */
        int32_t by = slack(&x, enter);
        bool below_is_tail = edges[x.up[v]].tail == v;
        /* The leaving edge gets longer: v's side moves away from its other end. */
        shift_side(&x, v, below_is_tail ? -by : by);
        exchange(&x, v, enter);
    }
    if (centred)
        centre(&x);
    scratch_release(s, mark);
    return FLOW_OK;
}
