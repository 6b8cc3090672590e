/* The overview map: the whole plane of a layout in a few cells, every box a speck, and the part that the view
 * shows framed.
 *
 *     struct graph_map map = {.cols = 24, .rows = 10, .view = window, .class_of = task_class, .user = view};
 *     graph_map_draw(g, &map, cells);
 *
 * A cell of the map has 2 x 4 dots (braille). Both axes are scaled on their own, so that a long thin graph
 * uses the room there is, and never magnified: the map of a small plane leaves cells free on the right and
 * below. */
#ifndef TUI_GRAPH_MAP_H
#define TUI_GRAPH_MAP_H

#include <stdbool.h>

#include "tui/graph/layout.h"

struct graph_map {
    int32_t cols, rows;
    struct graph_rect view; /* the window onto the plane; empty: no frame */
    enum graph_glyphs glyphs;
    /* What a box stands for, larger numbers are shown before smaller ones; NULL: 0 for all. */
    uint8_t (*class_of)(const void *user, uint32_t node);
    const void *user;
};

struct graph_map_cell {
    uint32_t glyph;  /* ' ' when there is nothing */
    uint8_t class;   /* the largest of the boxes in it */
    bool has_nodes;  /* glyph is dots of boxes, not of the frame */
    bool is_frame;   /* on the edge of the view */
    bool is_in_view; /* on the edge or inside */
};

/* Fills cols x rows cells, row by row. The cost is that of looking at every shown node once. */
void graph_map_draw(const struct graph_layout *g, const struct graph_map *map, struct graph_map_cell *cells);
/* The point of the plane in the middle of a cell of the map: where a click leads. */
struct graph_point graph_map_point(
    const struct graph_layout *g, const struct graph_map *map, int32_t col, int32_t row);

#endif
