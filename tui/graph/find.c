/* Which box is where: for the mouse and the arrow keys. */
#include "tui/graph/model.h"

#include <stdlib.h>

uint32_t graph_layout_node_at(const struct graph_layout *g, int32_t x, int32_t y)
{
    vec_foreach (struct rank, rank, &g->ranks) {
        int32_t along = g->options.direction == GRAPH_DOWN ? y : x;
        if (along < rank->start || along >= rank->start + rank->depth)
            continue;
        vec_foreach (uint32_t, i, &rank->items) {
            const struct item *item = &g->items.at[*i];
            if (item->node == NONE || g->nodes.at[item->node].hidden)
                continue;
            struct graph_rect b = graph_item_rect(g, item);
            if (x >= b.x && x < b.x + b.w && y >= b.y && y < b.y + b.h)
                return item->node;
        }
    }
    return NONE;
}

/* How far the middle of `to` is from that of `from` in a direction; sideways counts double (rows are twice as
 * high as columns are wide). INT64_MAX when it does not lie there. */
static int64_t distance(struct graph_rect from, struct graph_rect to, int dx, int dy)
{
    int64_t x = (to.x * 2 + to.w) - (from.x * 2 + from.w),
            y = ((to.y * 2 + to.h) - (from.y * 2 + from.h)) * 2;
    int64_t ahead = dx != 0 ? x * dx : y * dy, aside = llabs(dx != 0 ? y : x);
    if (ahead <= 0)
        return INT64_MAX;
    return ahead + 2 * aside;
}

uint32_t graph_layout_node_towards(const struct graph_layout *g, uint32_t node, int dx, int dy)
{
    struct graph_rect from = graph_layout_node_rect(g, node);
    uint32_t best = NONE;
    int64_t best_distance = INT64_MAX;
    for (uint32_t v = 0; v < g->nodes.count; v++) {
        if (v == node || g->nodes.at[v].hidden || g->nodes.at[v].item == NONE)
            continue;
        int64_t d = distance(from, graph_layout_node_rect(g, v), dx, dy);
        if (d < best_distance) {
            best_distance = d;
            best = v;
        }
    }
    return best;
}
