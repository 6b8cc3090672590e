#include "tui/graph/paths.h"

#include "flow/error.h"

static struct place upper_end(const struct graph_layout *g, uint32_t id, int32_t pin)
{
    const struct item *item = &g->items.at[id];
    struct place p = {graph_cell_across(g, item->column + pin), g->ranks.at[item->rank].start};
    if (item->node != NONE) {
        struct graph_rect box = graph_item_rect(g, item);
        p.along += g->options.direction == GRAPH_DOWN ? box.h : box.w;
    }
    return p;
}

static struct place lower_end(const struct graph_layout *g, uint32_t id, int32_t pin)
{
    const struct item *item = &g->items.at[id];
    struct place p = {graph_cell_across(g, item->column + pin), g->ranks.at[item->rank].start};
    if (item->node != NONE)
        p.along--;
    return p;
}

void graph_link_way(const struct graph_layout *g, const struct link *l, struct place *way)
{
    const struct rank *rank = &g->ranks.at[g->items.at[l->upper].rank];
    way[0] = upper_end(g, l->upper, l->pin[0]);
    way[5] = l->flat ? upper_end(g, l->lower, l->pin[1]) : lower_end(g, l->lower, l->pin[1]);
    way[1] = way[2] = way[3] = way[4] = way[0];
    if (l->track[0] == TRACK_STRAIGHT)
        return;
    way[1].along = way[2].along = graph_track_at(rank, l->track[0]);
    way[3].along = way[4].along = graph_track_at(rank, l->track[1]);
    way[4].across = way[5].across;
    way[2].across = way[3].across = l->jog >= 0 ? l->jog - g->origin : way[5].across;
}

static bool is_straight(struct graph_point a, struct graph_point b, struct graph_point c)
{
    return (a.x == b.x && b.x == c.x) || (a.y == b.y && b.y == c.y);
}

static int add_point(const struct graph_layout *g, struct graph_path *path, struct place p)
{
    bool down = g->options.direction == GRAPH_DOWN;
    struct graph_point point = {down ? p.across : p.along, down ? p.along : p.across};
    struct graph_point *at = path->at;
    size_t n = path->count;
    if (n > 0 && at[n - 1].x == point.x && at[n - 1].y == point.y)
        return FLOW_OK;
    if (n > 1 && is_straight(at[n - 2], at[n - 1], point)) {
        at[n - 1] = point;
        return FLOW_OK;
    }
    return vec_push(path, point);
}

int graph_layout_edge_path(const struct graph_layout *g, uint32_t edge, struct graph_path *path)
{
    const struct edge *e = &g->edges.at[edge];
    path->count = 0;
    for (uint32_t id = e->first_link; id != NONE; id = g->links.at[id].next) {
        struct place way[LINK_POINTS];
        graph_link_way(g, &g->links.at[id], way);
        for (int i = 0; i < LINK_POINTS; i++)
            if (add_point(g, path, way[i]) < 0)
                return FLOW_ENOMEM;
    }
    for (size_t i = 0, k = path->count; e->reversed && i + 1 < k; i++, k--) {
        struct graph_point p = path->at[i];
        path->at[i] = path->at[k - 1];
        path->at[k - 1] = p;
    }
    return FLOW_OK;
}
