/* What the phases of the layout share: the graph, and its layered form.
 *
 * The layered form ("proper hierarchy" in Sugiyama 1981) replaces every edge by a chain of links between
 * neighbouring ranks, through dummy items that keep a place free for the line. A drawing is: ranks of items,
 * each with a column, and between them channels in which links run along tracks.
 *
 * Two axes, whatever the direction of the drawing: *across* (the order within a rank; x when it runs down)
 * and *along* (from rank to rank; y when it runs down). Columns count across in units of two cells, so that
 * every line has a free cell at its side. */
#ifndef TUI_GRAPH_MODEL_H
#define TUI_GRAPH_MODEL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/map.h"
#include "base/vec.h"
#include "tui/graph/layout.h"
#include "tui/graph/scratch.h"

#define NONE GRAPH_NONE
#define UNIT 2 /* cells of a column */

/* A task, as given. `item` is NONE until it is placed. */
struct node {
    char *label;
    int32_t label_width; /* columns, cut to label_max */
    uint32_t item;
    uint32_t loop; /* the edge to itself, or NONE */
    bool hidden;
};

/* An edge, as given. Its links run from the upper rank to the lower one; a reversed edge runs against them.
 * first_link is NONE for a self-loop and until it is placed. */
struct edge {
    struct edge_key {
        uint32_t from, to, kind; /* enum graph_edge_kind */
    } key;
    bool hidden, reversed;
    uint8_t emphasis;
    uint32_t first_link;
};

/* Something that has a place in a rank: a box (node) or a line passing by (edge; node is NONE). */
struct item {
    uint32_t node, edge;
    uint32_t rank, order;
    int32_t column;        /* of its centre */
    int32_t before, after; /* cells across, without the centre */
    uint16_t ports[2];     /* how many pins each side needs: towards the rank above, below */
};

/* Links of these classes may share a track when they share an end: the line can be followed still. */
enum link_class {
    LINK_FORWARD,
    LINK_BACK,
    LINK_GOTO,
    LINK_GOTO_BACK,
    LINK_CLASSES,
};

/* One step of an edge through one channel, from an item above to one below; or, `flat`, between two items of
 * the rank above the channel, both left by their lower side. pin: columns from the centre of the item. The
 * way is: upper pin, track[0], jog (cells across), track[1], lower pin; both tracks are the same without a
 * jog. A straight link has no track. */
struct link {
    uint32_t upper, lower;
    uint32_t edge;
    uint32_t next; /* link of the same edge, or NONE */
    enum link_class class;
    bool flat;
    bool bumps; /* its pins should leave the column of another net */
    int32_t pin[2];
    uint32_t net; /* within its channel */
    int32_t track[2];
    int32_t jog;
};

#define TRACK_STRAIGHT (-1)

struct id_list {
    VEC(uint32_t);
};

/* A rank and the channel below it. */
struct rank {
    struct id_list items; /* in order */
    struct id_list links; /* of the channel below */
    int32_t start, depth; /* cells along */
    int32_t tracks;       /* of the channel below; grows only, until all is laid out anew */
    int32_t room;         /* cells along of the channel; the same */
    bool head_room[2];    /* a row for heads at its start (back edges), at its end */
    bool dirty;           /* the channel must be routed */
};

struct graph_layout {
    struct graph_layout_options options;
    struct {
        VEC(struct node);
    } nodes;
    struct {
        VEC(struct edge);
    } edges;
    struct map edge_index; /* by the bytes of from, to, kind */
    uint32_t entry;
    uint32_t placed_nodes, placed_edges; /* a prefix of each was there at the last update */

    struct {
        VEC(struct item);
    } items;
    struct {
        VEC(struct link);
    } links;
    struct {
        VEC(struct rank);
    } ranks;
    int32_t across, along; /* cells in all */
    int32_t origin;        /* cell across of the drawing's edge: 0, or 1 when no box reaches column 0 */
    bool growing;          /* boxes do not shrink */
};

/* Neighbours of items, as two compressed lists: by item, the links to the rank above and below. */
struct adjacency {
    uint32_t *start[2]; /* item -> first, in `links`; [0] up, [1] down */
    uint32_t *links[2];
};

/* --- the phases, in order; each FLOW_OK or FLOW_ENOMEM --- */

/* cycles.c: sets `reversed` of every edge so that the rest has no cycle. */
int graph_break_cycles(struct graph_layout *g, struct scratch *s);
/* ranks.c: a rank for every node, lower ends of edges below their upper ends. */
int graph_assign_ranks(const struct graph_layout *g, struct scratch *s, int32_t *rank_of_node);
/* layers.c: items, links and ranks from the ranks of the nodes, in an order that is not yet good. */
int graph_build_layers(struct graph_layout *g, struct scratch *s, const int32_t *rank_of_node);
/* order.c: the order within each rank, for few crossings. */
int graph_order_ranks(struct graph_layout *g, struct scratch *s);
/* nets.c: which links of a channel run together, and the pins of each item. Dirty channels only. */
int graph_group_links(struct graph_layout *g, struct scratch *s);
/* pins.c: where each link of the channel below a rank leaves its boxes; splits nets that would cross a line
 * of their own box. */
int graph_place_pins(struct graph_layout *g, uint32_t rank, uint32_t net_count, struct scratch *s);
/* The same for all dirty channels, with the nets as they are. */
int graph_place_dirty_pins(struct graph_layout *g, struct scratch *s);
/* columns.c: the column of every item. */
int graph_assign_columns(struct graph_layout *g, struct scratch *s);
/* The same, starting from the columns there are; items may have grown. */
int graph_adjust_columns(struct graph_layout *g, struct scratch *s);
/* slide.c: moves pins so that more links are straight. Dirty channels only. */
int graph_slide_pins(struct graph_layout *g, struct scratch *s);
/* slide.c: moves pins of links that bump out of the columns of others. Dirty channels only. */
int graph_bump_pins(struct graph_layout *g, struct scratch *s);
/* channels.c: tracks of the links of dirty channels. With `again`, nets that are in each other's way come
 * apart or are marked to bump; then their channels stay dirty, *again is set, and pins have to be placed
 * anew. */
int graph_route_channels(struct graph_layout *g, struct scratch *s, bool *again);
/* corridor.c: the column near `wish` in which a line gets farthest through the ranks from `rank` to `end`
 * without moving anything. Returns the first rank where it does not pass any more; `rank` itself if nowhere
 * (and *column is `wish`). */
uint32_t graph_find_corridor(
    const struct graph_layout *g, uint32_t rank, uint32_t end, int32_t wish, int32_t *column);
/* grow.c: places what is new, keeping the rest. */
int graph_grow(struct graph_layout *g, struct scratch *s);

/* --- helpers --- */

void graph_drop_layers(struct graph_layout *g);
/* Appends an item to its rank, or a link to the chain of its edge (*last: the link before, or NONE; then this
 * one). Both FLOW_OK or FLOW_ENOMEM. */
int graph_add_item(struct graph_layout *g, uint32_t rank, uint32_t node, uint32_t edge, uint32_t *id);
int graph_add_link(struct graph_layout *g, uint32_t edge, uint32_t upper, uint32_t lower, uint32_t *last);
int graph_adjacency(const struct graph_layout *g, struct scratch *s, struct adjacency *out);
void graph_size_item(const struct graph_layout *g, struct item *item);
void graph_place_along(struct graph_layout *g);
int32_t graph_track_at(const struct rank *rank, int32_t track);
int32_t graph_cell_across(const struct graph_layout *g, int32_t column);
struct graph_rect graph_item_rect(const struct graph_layout *g, const struct item *item);
/* Least distance between the centres of neighbours in a rank, in columns. */
int32_t graph_separation(const struct graph_layout *g, const struct item *left, const struct item *right);
uint32_t graph_edge_upper(const struct edge *e);
uint32_t graph_edge_lower(const struct edge *e);
enum link_class graph_link_class(const struct edge *e);

#endif
