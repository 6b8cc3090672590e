/* Growing: what is new finds a place, and what is there stays.
 *
 * Ranks, orders and columns stand. A new task goes below the tasks that lead to it, into the gap where it
 * pushes least and is near its neighbours; lines get dummies the same way. A jump to the same rank runs as a
 * flat link, one to a rank above as a back edge. Boxes never shrink and channels never get shallower, so that
 * little moves. */
#include "tui/graph/model.h"

#include <limits.h>
#include <stdlib.h>

#include "flow/error.h"

/* Gaps to either side of the wished place that are looked at. */
#define GAPS_NEAR 24

/* Ranks that a line must get through straight to go out of its way for it. */
#define CORRIDOR_LEAST 5

/* What moving a box or a passing line by a column costs, in columns that the new item is off its wished
 * place. */
#define PUSH_BOX  6
#define PUSH_LINE 1
#define CROSSING  3

/* Links of a new item that count when a gap is chosen; more do not make it better. */
#define ENDS_MAX 16

struct gap {
    uint32_t at; /* the item comes before the one that is there now */
    int32_t column;
    bool leftwards; /* room is made to the left */
    int64_t cost;
};

struct growth {
    struct graph_layout *g;
    struct scratch *s;
    uint32_t first_edge; /* edges from here on are new */
};

static void make_dirty(struct graph_layout *g, uint32_t rank)
{
    g->ranks.at[rank].dirty = true;
    if (rank > 0)
        g->ranks.at[rank - 1].dirty = true;
}

static struct item *item_at(const struct graph_layout *g, const struct rank *rank, size_t i)
{
    return &g->items.at[rank->items.at[i]];
}

static int32_t least_column(const struct graph_layout *g, const struct item *item)
{
    return (item->before + g->origin + UNIT - 1) / UNIT;
}

/* Moves items from `i` on to the right until they stand apart. */
static void push_right(struct graph_layout *g, uint32_t r, size_t i)
{
    const struct rank *rank = &g->ranks.at[r];
    for (; i < rank->items.count; i++) {
        struct item *item = item_at(g, rank, i);
        int32_t least =
            i == 0 ? least_column(g, item)
                   : item_at(g, rank, i - 1)->column + graph_separation(g, item_at(g, rank, i - 1), item);
        if (item->column >= least)
            continue;
        item->column = least;
        make_dirty(g, r);
    }
}

/* Moves items before `i` to the left until they stand apart from it; there is room. */
static void push_left(struct graph_layout *g, uint32_t r, size_t i)
{
    const struct rank *rank = &g->ranks.at[r];
    for (; i > 0; i--) {
        struct item *item = item_at(g, rank, i - 1);
        int32_t most = item_at(g, rank, i)->column - graph_separation(g, item, item_at(g, rank, i));
        if (item->column <= most)
            return;
        item->column = most;
        make_dirty(g, r);
    }
}

static int64_t push_cost(const struct item *item, int32_t by)
{
    return (int64_t)by * (item->node != NONE ? PUSH_BOX : PUSH_LINE);
}

/* What it costs when the items from `i` on must start at `column`. */
static int64_t cost_rightwards(
    const struct graph_layout *g, const struct rank *rank, size_t i, const struct item *left, int32_t column)
{
    int64_t cost = 0;
    for (; i < rank->items.count; i++) {
        const struct item *item = item_at(g, rank, i);
        column += graph_separation(g, left, item);
        if (item->column >= column)
            break;
        cost += push_cost(item, column - item->column);
        left = item;
    }
    return cost;
}

/* The same to the left of `column`; INT64_MAX when there is no room at all. */
static int64_t cost_leftwards(
    const struct graph_layout *g, const struct rank *rank, size_t i, const struct item *right, int32_t column)
{
    int64_t cost = 0;
    for (; i > 0; i--) {
        const struct item *item = item_at(g, rank, i - 1);
        column -= graph_separation(g, item, right);
        if (item->column <= column)
            break;
        if (column < least_column(g, item))
            return INT64_MAX;
        cost += push_cost(item, item->column - column);
        right = item;
    }
    return cost;
}

/* Crossings of a new link from item `end`, in the rank above (side 0) or below, to each gap of rank `r`. */
static void add_crossings(
    const struct graph_layout *g, uint32_t r, uint32_t end, int side, int32_t *crossings)
{
    const struct rank *rank = &g->ranks.at[r], *channel = side == 0 ? rank - 1 : rank;
    uint32_t order = g->items.at[end].order;
    vec_foreach (uint32_t, i, &channel->links) {
        const struct link *l = &g->links.at[*i];
        uint32_t far = g->items.at[side == 0 ? l->upper : l->lower].order;
        uint32_t near = g->items.at[side == 0 ? l->lower : l->upper].order;
        if (l->flat || far == order)
            continue;
        /* Left of the new link at its far end: crosses it in the gaps up to its near end; and the other way.
         */
        uint32_t from = far < order ? 0 : near + 1, to = far < order ? near : (uint32_t)rank->items.count;
        crossings[from]++;
        crossings[to + 1]--;
    }
}

/* The best place for `item` in the gap before place `i`. */
static struct gap look_at_gap(
    const struct graph_layout *g, const struct rank *rank, uint32_t i, const struct item *item, int32_t wish)
{
    struct gap gap = {.at = i, .column = wish};
    int32_t low = least_column(g, item), high = INT32_MAX;
    if (i > 0)
        low = item_at(g, rank, i - 1)->column + graph_separation(g, item_at(g, rank, i - 1), item);
    if (i < rank->items.count)
        high = item_at(g, rank, i)->column - graph_separation(g, item, item_at(g, rank, i));
    if (gap.column > high)
        gap.column = high;
    if (gap.column < low)
        gap.column = low;
    if (low <= high) {
        gap.cost = abs(gap.column - wish);
        return gap;
    }
    int64_t right = cost_rightwards(g, rank, i, item, low);
    int64_t left = high < least_column(g, item) ? INT64_MAX : cost_leftwards(g, rank, i, item, high);
    gap.leftwards = left < right;
    gap.column = gap.leftwards ? high : low;
    gap.cost = (gap.leftwards ? left : right) + abs(gap.column - wish);
    return gap;
}

/* Near the wished column, or at the right end of the rank. */
static struct gap find_gap(const struct graph_layout *g, const struct rank *rank, const struct item *item,
    int32_t wish, const int32_t *crossings)
{
    uint32_t n = (uint32_t)rank->items.count, low = 0, high = n;
    while (low < high) {
        uint32_t mid = (low + high) / 2;
        if (item_at(g, rank, mid)->column < wish)
            low = mid + 1;
        else
            high = mid;
    }
    struct gap best = look_at_gap(g, rank, n, item, wish);
    best.cost += (int64_t)crossings[n] * CROSSING;
    for (uint32_t i = low > GAPS_NEAR ? low - GAPS_NEAR : 0; i < n && i <= low + GAPS_NEAR; i++) {
        struct gap gap = look_at_gap(g, rank, i, item, wish);
        gap.cost += (int64_t)crossings[i] * CROSSING;
        if (gap.cost < best.cost)
            best = gap;
    }
    return best;
}

/* What is to be inserted: where it wishes to be, and the items on the ranks next to it that it will be linked
 * to. */
struct newcomer {
    uint32_t rank, node, edge;
    int32_t wish;
    uint32_t ends[ENDS_MAX];
    uint32_t end_count;
};

static void add_end(struct newcomer *n, uint32_t item)
{
    if (n->end_count < ENDS_MAX)
        n->ends[n->end_count++] = item;
}

static struct gap choose_gap(const struct growth *w, const struct newcomer *n, int32_t *crossings)
{
    const struct graph_layout *g = w->g;
    const struct rank *rank = &g->ranks.at[n->rank];
    struct item probe = {.node = n->node, .edge = n->edge, .rank = n->rank};
    graph_size_item(g, &probe);
    for (uint32_t i = 0; i < n->end_count; i++) {
        uint32_t r = g->items.at[n->ends[i]].rank;
        if (r + 1 == n->rank || r == n->rank + 1)
            add_crossings(g, n->rank, n->ends[i], r > n->rank, crossings);
    }
    for (size_t i = 1; i <= rank->items.count; i++)
        crossings[i] += crossings[i - 1];
    return find_gap(g, rank, &probe, n->wish < 0 ? 0 : n->wish, crossings);
}

/* Adds an item near the wished column. Invalidates pointers to items. */
static int insert_item(const struct growth *w, const struct newcomer *n, uint32_t *id)
{
    struct graph_layout *g = w->g;
    int status;
    while (g->ranks.count <= n->rank)
        if ((status = vec_push(&g->ranks, (struct rank){.dirty = true})) < 0)
            return status;
    struct scratch_mark mark = scratch_mark(w->s);
    int32_t *crossings = SCRATCH(w->s, int32_t, g->ranks.at[n->rank].items.count + 2);
    if (!crossings)
        return FLOW_ENOMEM;
    struct gap gap = choose_gap(w, n, crossings);
    scratch_release(w->s, mark);
    if ((status = graph_add_item(g, n->rank, n->node, n->edge, id)) < 0)
        return status;
    struct rank *rank = &g->ranks.at[n->rank];
    for (size_t i = rank->items.count - 1; i > gap.at; i--) {
        rank->items.at[i] = rank->items.at[i - 1];
        item_at(g, rank, i)->order = (uint32_t)i;
    }
    rank->items.at[gap.at] = *id;
    g->items.at[*id].order = gap.at;
    g->items.at[*id].column = gap.column;
    make_dirty(g, n->rank);
    if (gap.leftwards)
        push_left(g, n->rank, gap.at);
    push_right(g, n->rank, gap.at + 1);
    return FLOW_OK;
}

/* --- new nodes --- */

static bool is_placed(const struct graph_layout *g, uint32_t node)
{
    return g->nodes.at[node].item != NONE;
}

static const struct item *placed_item(const struct graph_layout *g, uint32_t node)
{
    return &g->items.at[g->nodes.at[node].item];
}

/* Where a new node goes by its placed neighbours: below all that lead to it, else above all it leads to.
 * Returns whether it has any. */
static bool wish_for(const struct growth *w, struct newcomer *n)
{
    const struct graph_layout *g = w->g;
    uint32_t below = 0, above = UINT32_MAX, count = 0;
    int64_t sum = 0;
    n->end_count = 0;
    for (uint32_t i = w->first_edge; i < g->edges.count; i++) {
        const struct edge_key *e = &g->edges.at[i].key;
        uint32_t other = e->from == n->node ? e->to : e->from;
        if ((e->from != n->node && e->to != n->node) || e->from == e->to || !is_placed(g, other))
            continue;
        const struct item *item = placed_item(g, other);
        if (e->to == n->node && item->rank + 1 > below)
            below = item->rank + 1;
        if (e->from == n->node && item->rank < above)
            above = item->rank;
        sum += item->column;
        add_end(n, g->nodes.at[other].item);
        count++;
    }
    if (count == 0)
        return false;
    n->rank = below > 0 ? below : above > 0 ? above - 1 : 0;
    n->wish = (int32_t)(sum / count);
    return true;
}

/* First those that hang on something placed; a part of its own goes to the right of everything. */
static int place_nodes(const struct growth *w)
{
    struct graph_layout *g = w->g;
    for (uint32_t first = g->placed_nodes; first < g->nodes.count;) {
        if (is_placed(g, first)) {
            first++;
            continue;
        }
        struct newcomer n = {.edge = NONE};
        for (n.node = first; n.node < g->nodes.count; n.node++)
            if (!is_placed(g, n.node) && wish_for(w, &n))
                break;
        if (n.node == g->nodes.count)
            n = (struct newcomer){.node = first, .edge = NONE, .wish = g->across / UNIT + 1};
        int status = insert_item(w, &n, &g->nodes.at[n.node].item);
        if (status < 0)
            return status;
    }
    return FLOW_OK;
}

/* --- new edges --- */

/* Whether all links of l's net in the channel share the given end with `l`. */
static bool is_star(const struct graph_layout *g, const struct rank *rank, const struct link *l, int end)
{
    vec_foreach (uint32_t, i, &rank->links) {
        const struct link *m = &g->links.at[*i];
        if (m->net == l->net && (end == 0 ? m->upper != l->upper : m->lower != l->lower))
            return false;
    }
    return true;
}

/* A new link joins the fork or join that is there already; otherwise it is a net of its own. */
static void adopt(struct graph_layout *g, const struct rank *rank, struct link *l)
{
    uint32_t nets = 0, joined = NONE;
    l->net = NONE;
    vec_foreach (uint32_t, i, &rank->links) {
        const struct link *m = &g->links.at[*i];
        if (m == l)
            continue;
        if (m->net != NONE && m->net >= nets)
            nets = m->net + 1;
        if (joined != NONE || m->net == NONE || m->class != l->class || m->flat || l->flat)
            continue;
        if ((m->upper == l->upper && is_star(g, rank, m, 0)) ||
            (m->lower == l->lower && is_star(g, rank, m, 1)))
            joined = m->net;
    }
    l->net = joined != NONE ? joined : nets;
}

static int place_edge(const struct growth *w, uint32_t id)
{
    struct graph_layout *g = w->g;
    struct edge *e = &g->edges.at[id];
    uint32_t from = placed_item(g, e->key.from)->rank, to = placed_item(g, e->key.to)->rank, last = NONE,
             next;
    int status;
    e->reversed = from > to;
    uint32_t at = g->nodes.at[graph_edge_upper(e)].item, end = g->nodes.at[graph_edge_lower(e)].item;
    uint32_t bottom = g->items.at[end].rank;
    uint32_t straight_to = 0;
    int32_t column = g->items.at[at].column;
    for (uint32_t r = g->items.at[at].rank + 1; r < bottom; r++) {
        if (r >= straight_to)
            straight_to = graph_find_corridor(g, r, bottom, g->items.at[at].column, &column);
        struct newcomer n = {.rank = r, .node = NONE, .edge = id, .wish = column};
        if (straight_to < r + CORRIDOR_LEAST) { /* no way ahead: then what crosses least */
            straight_to = r;
            n.wish = g->items.at[at].column;
            add_end(&n, at);
            add_end(&n, end);
        }
        if ((status = insert_item(w, &n, &next)) < 0 || (status = graph_add_link(g, id, at, next, &last)) < 0)
            return status;
        adopt(g, &g->ranks.at[r - 1], &g->links.at[last]);
        at = next;
    }
    if ((status = graph_add_link(g, id, at, end, &last)) < 0)
        return status;
    adopt(g, &g->ranks.at[g->items.at[at].rank], &g->links.at[last]);
    return FLOW_OK;
}

static int grow(struct graph_layout *g, struct scratch *s)
{
    struct growth w = {.g = g, .s = s, .first_edge = g->placed_edges};
    int status = place_nodes(&w);
    for (uint32_t e = w.first_edge; e < g->edges.count && status >= 0; e++) {
        const struct edge_key *key = &g->edges.at[e].key;
        if (key->from != key->to)
            status = place_edge(&w, e);
        else
            graph_size_item(g, &g->items.at[g->nodes.at[key->from].item]); /* room for its mark */
    }
    if (status < 0 || (status = graph_place_dirty_pins(g, s)) < 0)
        return status;
    for (uint32_t r = 0; r < g->ranks.count; r++)
        push_right(g, r, 0);
    if ((status = graph_slide_pins(g, s)) < 0 || (status = graph_route_channels(g, s, NULL)) < 0)
        return status;
    graph_place_along(g);
    return FLOW_OK;
}

int graph_grow(struct graph_layout *g, struct scratch *s)
{
    g->growing = true;
    int status = grow(g, s);
    g->growing = false;
    return status;
}
