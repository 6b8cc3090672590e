/* The layered form: items, links, ranks, and the geometry that follows from them. */
#include "tui/graph/model.h"

#include <assert.h>

#include "base/mem.h"
#include "flow/error.h"

#define LINE_BRACKETS 2 /* cells of "[" and "]" */
#define BOX_PADDING   4 /* "│ " and " │" */
#define BOX_ROWS      3

/* Between two boxes, and between a box and a line. */
#define GAP_BOXES 2
#define GAP_LINE  1

/* Least depth of a channel with lines in it. */
#define CHANNEL_DOWN  2
#define CHANNEL_RIGHT 4

void graph_drop_layers(struct graph_layout *g)
{
    vec_foreach (struct rank, r, &g->ranks) {
        vec_finish(&r->items);
        vec_finish(&r->links);
    }
    vec_clear(&g->ranks);
    vec_clear(&g->links);
    vec_clear(&g->items);
    vec_foreach (struct node, n, &g->nodes)
        n->item = NONE;
    vec_foreach (struct edge, e, &g->edges)
        e->first_link = NONE;
    g->across = g->along = 0;
    g->placed_nodes = g->placed_edges = 0;
}

enum link_class graph_link_class(const struct edge *e)
{
    if (e->key.kind == GRAPH_GOTO)
        return e->reversed ? LINK_GOTO_BACK : LINK_GOTO;
    return e->reversed ? LINK_BACK : LINK_FORWARD;
}

/* Cells of a node's box: across and along the drawing. */
static void node_size(const struct graph_layout *g, const struct node *n, int32_t *across, int32_t *along)
{
    int32_t w = 1, h = 1;
    switch (g->options.zoom) {
    case GRAPH_BOX:
        w = n->label_width + BOX_PADDING;
        h = BOX_ROWS + g->options.extra_rows;
        break;
    case GRAPH_LINE: w = n->label_width + LINE_BRACKETS + (n->loop != NONE); break;
    case GRAPH_DOT: break;
    }
    bool down = g->options.direction == GRAPH_DOWN;
    *across = down ? w : h;
    *along = down ? h : w;
}

/* Room for the pins of both sides: they sit in columns round the centre, not on the box's corners. */
void graph_size_item(const struct graph_layout *g, struct item *item)
{
    if (item->node == NONE) {
        item->before = item->after = 0;
        return;
    }
    int32_t across, along, ports = item->ports[0] > item->ports[1] ? item->ports[0] : item->ports[1];
    node_size(g, &g->nodes.at[item->node], &across, &along);
    int32_t corner = g->options.zoom == GRAPH_DOT || across < 3 ? 0 : 1;
    int32_t left = (ports - 1) / 2 * UNIT + corner, right = ports / 2 * UNIT + corner;
    int32_t before = (across - 1) / 2, after = across / 2;
    if (g->growing &&
        item->before + item->after > 0) { /* it is drawn already: it may get longer on the right */
        before = item->before;
        after = across - 1 - before > item->after ? across - 1 - before : item->after;
    }
    item->before = ports > 1 && left > before ? left : before;
    item->after = ports > 1 && right > after ? right : after;
}

int32_t graph_separation(const struct graph_layout *g, const struct item *left, const struct item *right)
{
    /* To the right, a gap of one row is as good as two columns. */
    bool down = g->options.direction == GRAPH_DOWN;
    int32_t gap = left->node != NONE && right->node != NONE && down ? GAP_BOXES : GAP_LINE;
    return (left->after + right->before + gap + 1 + UNIT - 1) / UNIT;
}

int32_t graph_cell_across(const struct graph_layout *g, int32_t column)
{
    return column * UNIT - g->origin;
}

struct graph_rect graph_item_rect(const struct graph_layout *g, const struct item *item)
{
    int32_t across, along, at = g->ranks.at[item->rank].start;
    node_size(g, &g->nodes.at[item->node], &across, &along);
    int32_t first = graph_cell_across(g, item->column) - item->before;
    across = item->before + item->after + 1;
    if (g->options.direction == GRAPH_DOWN)
        return (struct graph_rect){first, at, across, along};
    return (struct graph_rect){at, first, along, across};
}

/* Spare rows come with a new layout, more where it is busy, and are used up as it grows. */
static int32_t channel_depth(const struct graph_layout *g, const struct rank *rank)
{
    int32_t least = g->options.direction == GRAPH_DOWN ? CHANNEL_DOWN : CHANNEL_RIGHT;
    if (rank->links.count == 0)
        return 0;
    int32_t depth = rank->head_room[0] + rank->tracks + rank->head_room[1];
    depth = depth < least ? least : depth;
    return g->growing ? depth : depth + g->options.spare_rows * (1 + rank->tracks / 3);
}

int32_t graph_track_at(const struct rank *rank, int32_t track)
{
    return rank->start + rank->depth + rank->head_room[0] + track;
}

/* The depth of the channel below a rank. One that grows pushes what is below it only until it meets channels
 * with rows to spare: *owed is by how much, so far. */
static int32_t room_below(const struct graph_layout *g, const struct rank *rank, int32_t *owed)
{
    int32_t depth = channel_depth(g, rank);
    if (!g->growing)
        return depth;
    if (depth > rank->room) {
        *owed += depth - rank->room;
        return depth;
    }
    int32_t given = rank->room - depth < *owed ? rank->room - depth : *owed;
    *owed -= given;
    return rank->room - given;
}

/* Ranks as deep as their boxes, channels as deep as their tracks. */
void graph_place_along(struct graph_layout *g)
{
    int32_t at = 0, owed = 0, across, along;
    g->across = 0;
    vec_foreach (struct rank, rank, &g->ranks) {
        rank->start = at;
        rank->depth = 0;
        vec_foreach (uint32_t, i, &rank->items) {
            const struct item *item = &g->items.at[*i];
            int32_t end = graph_cell_across(g, item->column) + item->after + 1;
            if (end > g->across)
                g->across = end;
            if (item->node == NONE)
                continue;
            node_size(g, &g->nodes.at[item->node], &across, &along);
            if (along > rank->depth)
                rank->depth = along;
        }
        vec_foreach (uint32_t, i, &rank->links)
            if (g->links.at[*i].jog >= g->across)
                g->across = g->links.at[*i].jog + 1;
        rank->room = room_below(g, rank, &owed);
        at += rank->depth + rank->room;
    }
    g->along = at;
}

static int make_ranks(struct graph_layout *g, const int32_t *rank_of_node)
{
    size_t count = 0, dummies = 0, links = 0;
    for (size_t v = 0; v < g->nodes.count; v++)
        if ((size_t)rank_of_node[v] >= count)
            count = (size_t)rank_of_node[v] + 1;
    vec_foreach (struct edge, e, &g->edges) {
        if (e->key.from == e->key.to)
            continue;
        int32_t span = rank_of_node[graph_edge_lower(e)] - rank_of_node[graph_edge_upper(e)];
        assert(span > 0);
        links += (size_t)span;
        dummies += (size_t)span - 1;
    }
    if (vec_reserve(&g->ranks, count) < 0 || vec_reserve(&g->items, g->nodes.count + dummies) < 0 ||
        vec_reserve(&g->links, links) < 0)
        return FLOW_ENOMEM;
    while (g->ranks.count < count)
        g->ranks.at[g->ranks.count++] = (struct rank){.dirty = true};
    return FLOW_OK;
}

int graph_add_item(struct graph_layout *g, uint32_t rank, uint32_t node, uint32_t edge, uint32_t *id)
{
    struct id_list *items = &g->ranks.at[rank].items;
    struct item item = {.node = node, .edge = edge, .rank = rank, .order = (uint32_t)items->count};
    graph_size_item(g, &item);
    *id = (uint32_t)g->items.count;
    if (vec_push(&g->items, item) < 0)
        return FLOW_ENOMEM;
    return vec_push(items, *id);
}

int graph_add_link(struct graph_layout *g, uint32_t edge, uint32_t upper, uint32_t lower, uint32_t *last)
{
    struct link link = {.upper = upper, .lower = lower, .edge = edge, .next = NONE};
    uint32_t id = (uint32_t)g->links.count;
    link.class = graph_link_class(&g->edges.at[edge]);
    link.flat = g->items.at[upper].rank == g->items.at[lower].rank;
    link.track[0] = link.track[1] = TRACK_STRAIGHT;
    if (vec_push(&g->links, link) < 0)
        return FLOW_ENOMEM;
    if (*last == NONE)
        g->edges.at[edge].first_link = id;
    else
        g->links.at[*last].next = id;
    *last = id;
    struct rank *rank = &g->ranks.at[g->items.at[upper].rank];
    rank->dirty = true;
    return vec_push(&rank->links, id);
}

/* The chain of one edge, through a new dummy on every rank between its ends. */
static int add_chain(struct graph_layout *g, uint32_t edge)
{
    const struct edge *e = &g->edges.at[edge];
    uint32_t at = g->nodes.at[graph_edge_upper(e)].item, end = g->nodes.at[graph_edge_lower(e)].item;
    uint32_t last = NONE, next, bottom = g->items.at[end].rank;
    for (uint32_t r = g->items.at[at].rank + 1; r < bottom; r++) {
        if (graph_add_item(g, r, NONE, edge, &next) < 0 || graph_add_link(g, edge, at, next, &last) < 0)
            return FLOW_ENOMEM;
        at = next;
    }
    return graph_add_link(g, edge, at, end, &last);
}

int graph_build_layers(struct graph_layout *g, struct scratch *s, const int32_t *rank_of_node)
{
    (void)s;
    if (make_ranks(g, rank_of_node) < 0)
        return FLOW_ENOMEM;
    for (uint32_t v = 0; v < g->nodes.count; v++)
        if (graph_add_item(g, (uint32_t)rank_of_node[v], v, NONE, &g->nodes.at[v].item) < 0)
            return FLOW_ENOMEM;
    for (uint32_t e = 0; e < g->edges.count; e++)
        if (g->edges.at[e].key.from != g->edges.at[e].key.to && add_chain(g, e) < 0)
            return FLOW_ENOMEM;
    return FLOW_OK;
}

int graph_adjacency(const struct graph_layout *g, struct scratch *s, struct adjacency *out)
{
    size_t n = g->items.count, m = g->links.count;
    for (int side = 0; side < 2; side++) {
        out->start[side] = SCRATCH(s, uint32_t, n + 2);
        out->links[side] = SCRATCH(s, uint32_t, m);
    }
    if (s->failed)
        return FLOW_ENOMEM;
    vec_foreach (struct link, l, &g->links) {
        if (l->flat)
            continue;
        out->start[0][l->lower + 2]++;
        out->start[1][l->upper + 2]++;
    }
    for (size_t v = 0; v < n; v++) {
        out->start[0][v + 2] += out->start[0][v + 1];
        out->start[1][v + 2] += out->start[1][v + 1];
    }
    for (uint32_t i = 0; i < m; i++) {
        const struct link *l = &g->links.at[i];
        if (l->flat)
            continue;
        out->links[0][out->start[0][l->lower + 1]++] = i;
        out->links[1][out->start[1][l->upper + 1]++] = i;
    }
    return FLOW_OK;
}
