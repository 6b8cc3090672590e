#include "tui/graph/layout.h"

#include <string.h>
#include <wchar.h>

#include "base/mem.h"
#include "base/str.h"
#include "flow/error.h"
#include "tui/graph/label.h"
#include "tui/graph/model.h"

#define MENDING_ROUNDS 2

static struct map_name edge_name(const void *user, uint32_t index)
{
    const struct graph_layout *g = user;
    return (struct map_name){(const char *)&g->edges.at[index].key, sizeof(struct edge_key)};
}

int graph_layout_create(struct graph_layout **out, const struct graph_layout_options *options)
{
    struct graph_layout *g = mem_zalloc(sizeof *g);
    if (!g)
        return FLOW_ENOMEM;
    if (options)
        g->options = *options;
    g->edge_index.name_of = edge_name;
    g->edge_index.user = g;
    g->entry = NONE;
    *out = g;
    return FLOW_OK;
}

void graph_layout_destroy(struct graph_layout *g)
{
    if (!g)
        return;
    graph_drop_layers(g);
    vec_finish(&g->ranks);
    vec_finish(&g->links);
    vec_finish(&g->items);
    map_finish(&g->edge_index);
    vec_finish(&g->edges);
    vec_foreach (struct node, n, &g->nodes)
        mem_free(n->label);
    vec_finish(&g->nodes);
    mem_free(g);
}

int graph_layout_add_node(struct graph_layout *g, const char *label, uint32_t *id)
{
    struct node n = {.label = mem_strdup(label), .item = NONE, .loop = NONE};
    if (!n.label)
        return FLOW_ENOMEM;
    n.label_width = graph_label_width(&g->options, label);
    if (vec_push(&g->nodes, n) < 0) {
        mem_free(n.label);
        return FLOW_ENOMEM;
    }
    if (id)
        *id = (uint32_t)g->nodes.count - 1;
    return FLOW_OK;
}

int graph_layout_add_edge(
    struct graph_layout *g, uint32_t from, uint32_t to, enum graph_edge_kind kind, uint32_t *id)
{
    if (from >= g->nodes.count || to >= g->nodes.count)
        return FLOW_EINVAL;
    struct edge e = {.key = {from, to, from == to ? GRAPH_ITERATION : kind}, .first_link = NONE};
    uint32_t at = map_find(&g->edge_index, (const char *)&e.key, sizeof e.key);
    if (at == MAP_NONE) {
        at = (uint32_t)g->edges.count;
        if (vec_push(&g->edges, e) < 0)
            return FLOW_ENOMEM;
        if (map_add(&g->edge_index, (const char *)&e.key, sizeof e.key, at) < 0) {
            g->edges.count--;
            return FLOW_ENOMEM;
        }
        if (from == to)
            g->nodes.at[from].loop = at;
    }
    if (id)
        *id = at;
    return FLOW_OK;
}

void graph_layout_set_entry(struct graph_layout *g, uint32_t node)
{
    g->entry = node;
}

/* The phases that follow once ranks and order stand. Routing shows which nets are in each other's way; then
 * pins, columns and tracks are done once more. */
static int place(struct graph_layout *g, struct scratch *s)
{
    bool again;
    int status;
    if ((status = graph_group_links(g, s)) < 0 || (status = graph_assign_columns(g, s)) < 0 ||
        (status = graph_slide_pins(g, s)) < 0 || (status = graph_route_channels(g, s, &again)) < 0)
        return status;
    for (int left = MENDING_ROUNDS; again; left--) {
        if ((status = graph_place_dirty_pins(g, s)) < 0 || (status = graph_adjust_columns(g, s)) < 0)
            return status;
        again = false;
        vec_foreach (struct rank, r, &g->ranks) {
            r->dirty = true;
            r->tracks = 0;
        }
        if ((status = graph_slide_pins(g, s)) < 0 || (status = graph_bump_pins(g, s)) < 0 ||
            (status = graph_route_channels(g, s, left > 1 ? &again : NULL)) < 0)
            return status;
    }
    graph_place_along(g);
    return FLOW_OK;
}

static int lay_out_anew(struct graph_layout *g, struct scratch *s)
{
    int32_t *rank_of_node = SCRATCH(s, int32_t, g->nodes.count);
    int status;
    if (s->failed)
        return FLOW_ENOMEM;
    graph_drop_layers(g);
    if ((status = graph_break_cycles(g, s)) < 0 || (status = graph_assign_ranks(g, s, rank_of_node)) < 0 ||
        (status = graph_build_layers(g, s, rank_of_node)) < 0 || (status = graph_order_ranks(g, s)) < 0)
        return status;
    return place(g, s);
}

/* Runs a phase on scratch memory of its own. A picture that could not be finished is no picture. */
static int run(struct graph_layout *g, int (*phase)(struct graph_layout *, struct scratch *))
{
    struct scratch s = {0};
    int status = phase(g, &s);
    scratch_finish(&s);
    if (status < 0) {
        graph_drop_layers(g);
        return status;
    }
    g->placed_nodes = (uint32_t)g->nodes.count;
    g->placed_edges = (uint32_t)g->edges.count;
    return FLOW_OK;
}

int graph_layout_tidy(struct graph_layout *g)
{
    return run(g, lay_out_anew);
}

int graph_layout_update(struct graph_layout *g)
{
    if (g->placed_nodes == g->nodes.count && g->placed_edges == g->edges.count)
        return FLOW_OK;
    return run(g, g->placed_nodes == 0 ? lay_out_anew : graph_grow);
}

static int place_all(struct graph_layout *g, struct scratch *s)
{
    vec_foreach (struct rank, r, &g->ranks)
        r->dirty = true;
    vec_foreach (struct item, i, &g->items)
        graph_size_item(g, i);
    return place(g, s);
}

static int change_look(struct graph_layout *g, enum graph_zoom zoom, enum graph_direction direction)
{
    if (g->options.zoom == zoom && g->options.direction == direction)
        return FLOW_OK;
    int status = graph_layout_update(g);
    if (status < 0)
        return status;
    g->options.zoom = zoom;
    g->options.direction = direction;
    return run(g, place_all);
}

int graph_layout_set_zoom(struct graph_layout *g, enum graph_zoom zoom)
{
    return change_look(g, zoom, g->options.direction);
}

int graph_layout_set_direction(struct graph_layout *g, enum graph_direction direction)
{
    return change_look(g, g->options.zoom, direction);
}

void graph_layout_show_node(struct graph_layout *g, uint32_t node, bool shown)
{
    g->nodes.at[node].hidden = !shown;
}

void graph_layout_show_edge(struct graph_layout *g, uint32_t edge, bool shown)
{
    g->edges.at[edge].hidden = !shown;
}

void graph_layout_emphasize_edge(struct graph_layout *g, uint32_t edge, uint8_t emphasis)
{
    g->edges.at[edge].emphasis = emphasis;
}

uint32_t graph_layout_node_count(const struct graph_layout *g)
{
    return (uint32_t)g->nodes.count;
}

uint32_t graph_layout_edge_count(const struct graph_layout *g)
{
    return (uint32_t)g->edges.count;
}

int32_t graph_layout_width(const struct graph_layout *g)
{
    return g->options.direction == GRAPH_DOWN ? g->across : g->along;
}

int32_t graph_layout_height(const struct graph_layout *g)
{
    return g->options.direction == GRAPH_DOWN ? g->along : g->across;
}

enum graph_zoom graph_layout_zoom(const struct graph_layout *g)
{
    return g->options.zoom;
}

enum graph_direction graph_layout_direction(const struct graph_layout *g)
{
    return g->options.direction;
}

struct graph_rect graph_layout_node_rect(const struct graph_layout *g, uint32_t node)
{
    uint32_t at = g->nodes.at[node].item;
    return at == NONE ? (struct graph_rect){0} : graph_item_rect(g, &g->items.at[at]);
}

const char *graph_layout_node_label(const struct graph_layout *g, uint32_t node)
{
    return g->nodes.at[node].label;
}

uint32_t graph_layout_node_rank(const struct graph_layout *g, uint32_t node)
{
    uint32_t at = g->nodes.at[node].item;
    return at == NONE ? 0 : g->items.at[at].rank;
}

uint32_t graph_layout_node_order(const struct graph_layout *g, uint32_t node)
{
    uint32_t at = g->nodes.at[node].item;
    return at == NONE ? 0 : g->items.at[at].order;
}

bool graph_layout_node_has_loop(const struct graph_layout *g, uint32_t node)
{
    return g->nodes.at[node].loop != NONE;
}

struct graph_edge_info graph_layout_edge_info(const struct graph_layout *g, uint32_t edge)
{
    const struct edge *e = &g->edges.at[edge];
    return (struct graph_edge_info){e->key.from, e->key.to, (enum graph_edge_kind)e->key.kind, e->reversed};
}
