/* Columns: close to one's neighbours above and below, long lines straight, nothing wider than it must be.
 *
 * Rows are settled one after the other, each optimally for its neighbours' present places (pool adjacent
 * violators), in sweeps down and up. That is the start for network simplex (Gansner 1993), which sees all
 * rows at once. */
#include "tui/graph/model.h"

#include <limits.h>

#include "flow/error.h"
#include "tui/graph/simplex.h"

#define SWEEPS   8
#define FRACTION 64 /* steps of a column while settling */

/* What one column of the drawing's width is worth, in columns that a line between boxes is off. */
#define NARROWNESS 2
#define BUDGET     20000000u

/* How much a straight link is worth, by how many of its ends are boxes. */
static const int32_t straightness[3] = {8, 2, 1};

struct settling {
    struct graph_layout *g;
    struct adjacency around;
    int64_t *offset; /* least distance from the first of the row */
    struct pool {
        int64_t sum, weight; /* of wish - offset */
        uint32_t first;
    } * pools;
};

static int32_t link_weight(const struct graph_layout *g, const struct link *l)
{
    return straightness[(g->items.at[l->upper].node != NONE) + (g->items.at[l->lower].node != NONE)];
}

/* Weighted sum of where the links on one side of an item would be straight. */
static void add_wishes(struct settling *t, uint32_t v, int side, int64_t *sum, int64_t *weight)
{
    const struct graph_layout *g = t->g;
    for (uint32_t k = t->around.start[side][v]; k < t->around.start[side][v + 1]; k++) {
        const struct link *l = &g->links.at[t->around.links[side][k]];
        uint32_t other = side == 0 ? l->upper : l->lower;
        int32_t straight =
            g->items.at[other].column + (side == 0 ? l->pin[0] - l->pin[1] : l->pin[1] - l->pin[0]);
        int32_t w = link_weight(g, l);
        *sum += (int64_t)w * straight;
        *weight += w;
    }
}

static int64_t floor_div(int64_t a, int64_t b)
{
    return a >= 0 ? a / b : -((-a + b - 1) / b);
}

/* Settles one row: weighted least squares under the separations. */
static void settle_row(struct settling *t, const struct rank *rank, bool up, bool down)
{
    struct graph_layout *g = t->g;
    uint32_t n = (uint32_t)rank->items.count, pools = 0;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t v = rank->items.at[i];
        int64_t sum = 0, weight = 0;
        t->offset[i] = i == 0 ? 0
                              : t->offset[i - 1] +
                                    graph_separation(g, &g->items.at[rank->items.at[i - 1]], &g->items.at[v]);
        if (up)
            add_wishes(t, v, 0, &sum, &weight);
        if (down)
            add_wishes(t, v, 1, &sum, &weight);
        if (weight == 0) {
            weight = 1;
            sum = g->items.at[v].column;
        }
        struct pool pool = {sum * FRACTION - t->offset[i] * weight * FRACTION, weight, i};
        while (pools > 0) {
            const struct pool *left = &t->pools[pools - 1];
            if (left->sum * pool.weight <= pool.sum * left->weight)
                break;
            pool = (struct pool){pool.sum + left->sum, pool.weight + left->weight, left->first};
            pools--;
        }
        t->pools[pools++] = pool;
    }
    for (uint32_t p = 0; p < pools; p++) {
        uint32_t end = p + 1 < pools ? t->pools[p + 1].first : n;
        int64_t at =
            floor_div(t->pools[p].sum + t->pools[p].weight * FRACTION / 2, t->pools[p].weight * FRACTION);
        for (uint32_t i = t->pools[p].first; i < end; i++)
            g->items.at[rank->items.at[i]].column = (int32_t)(at + t->offset[i]);
    }
}

static void pack_left(struct graph_layout *g)
{
    vec_foreach (struct rank, rank, &g->ranks) {
        for (size_t i = 0; i < rank->items.count; i++) {
            struct item *item = &g->items.at[rank->items.at[i]];
            const struct item *left = i == 0 ? NULL : &g->items.at[rank->items.at[i - 1]];
            item->column = left ? left->column + graph_separation(g, left, item) : (item->before + 1) / UNIT;
        }
    }
}

static int settle(struct graph_layout *g, struct scratch *s)
{
    struct settling t = {.g = g};
    size_t widest = 0;
    vec_foreach (struct rank, r, &g->ranks)
        if (r->items.count > widest)
            widest = r->items.count;
    t.offset = SCRATCH(s, int64_t, widest);
    t.pools = SCRATCH(s, struct pool, widest);
    if (s->failed || graph_adjacency(g, s, &t.around) < 0)
        return FLOW_ENOMEM;
    pack_left(g);
    for (int i = 0; i < SWEEPS; i++) {
        bool both = i >= SWEEPS / 2;
        for (size_t r = 0; r < g->ranks.count; r++)
            settle_row(&t, &g->ranks.at[r], true, both);
        for (size_t r = g->ranks.count; r-- > 0;)
            settle_row(&t, &g->ranks.at[r], both, true);
    }
    return FLOW_OK;
}

/* The whole as one network: items, one auxiliary node for each link (it stands at the smaller of the two
 * pins), and the left and right edge of the drawing. */
static int optimize(struct graph_layout *g, struct scratch *s)
{
    uint32_t n = (uint32_t)g->items.count, m = (uint32_t)g->links.count, count = 0;
    uint32_t left = n + m, right = left + 1, nodes = right + 1;
    struct simplex_edge *edges = SCRATCH(s, struct simplex_edge, (size_t)n + m * 2 + g->ranks.count * 2 + 1);
    int32_t *value = SCRATCH(s, int32_t, nodes);
    if (s->failed)
        return FLOW_ENOMEM;
    for (uint32_t i = 0; i < n; i++)
        value[i] = g->items.at[i].column;
    for (uint32_t i = 0; i < m; i++) {
        const struct link *l = &g->links.at[i];
        int32_t upper = value[l->upper] + l->pin[0], lower = value[l->lower] + l->pin[1],
                w = link_weight(g, l);
        value[n + i] = upper < lower ? upper : lower;
        edges[count++] = (struct simplex_edge){n + i, l->upper, -l->pin[0], w};
        edges[count++] = (struct simplex_edge){n + i, l->lower, -l->pin[1], w};
    }
    value[left] = INT32_MAX;
    value[right] = INT32_MIN;
    vec_foreach (struct rank, rank, &g->ranks) {
        const uint32_t *row = rank->items.at;
        if (rank->items.count == 0)
            continue;
        uint32_t first = row[0], last = row[rank->items.count - 1];
        int32_t before = (g->items.at[first].before + UNIT - 1) / UNIT;
        int32_t after = (g->items.at[last].after + UNIT - 1) / UNIT;
        edges[count++] = (struct simplex_edge){left, first, before, 0};
        edges[count++] = (struct simplex_edge){last, right, after, 0};
        if (value[first] - before < value[left])
            value[left] = value[first] - before;
        if (value[last] + after > value[right])
            value[right] = value[last] + after;
        for (size_t i = 1; i < rank->items.count; i++)
            edges[count++] = (struct simplex_edge){
                row[i - 1], row[i], graph_separation(g, &g->items.at[row[i - 1]], &g->items.at[row[i]]), 0};
    }
    edges[count++] = (struct simplex_edge){left, right, 0, NARROWNESS};
    if (graph_simplex(s, nodes, edges, count, value, true, BUDGET) < 0)
        return FLOW_ENOMEM;
    for (uint32_t i = 0; i < n; i++)
        g->items.at[i].column = value[i];
    return FLOW_OK;
}

/* The leftmost cell becomes 0. */
static void shift_to_zero(struct graph_layout *g)
{
    int32_t least = INT32_MAX;
    vec_foreach (struct item, item, &g->items)
        if (item->column * UNIT - item->before < least)
            least = item->column * UNIT - item->before;
    int32_t shift = (int32_t)floor_div(least, UNIT);
    vec_foreach (struct item, item, &g->items)
        item->column -= shift;
    g->origin = least - shift * UNIT;
}

int graph_assign_columns(struct graph_layout *g, struct scratch *s)
{
    if (g->items.count == 0)
        return FLOW_OK;
    if (settle(g, s) < 0 || optimize(g, s) < 0)
        return FLOW_ENOMEM;
    shift_to_zero(g);
    return FLOW_OK;
}

/* Pushes to the right what stands too close. */
static void make_room(struct graph_layout *g)
{
    vec_foreach (struct rank, rank, &g->ranks) {
        for (size_t i = 1; i < rank->items.count; i++) {
            const struct item *left = &g->items.at[rank->items.at[i - 1]];
            struct item *item = &g->items.at[rank->items.at[i]];
            int32_t least = left->column + graph_separation(g, left, item);
            item->column = item->column < least ? least : item->column;
        }
    }
}

int graph_adjust_columns(struct graph_layout *g, struct scratch *s)
{
    make_room(g);
    if (optimize(g, s) < 0)
        return FLOW_ENOMEM;
    shift_to_zero(g);
    return FLOW_OK;
}
