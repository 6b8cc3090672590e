/* A task graph drawn in character cells: where every box and every line goes, and which glyph each cell
 * shows.
 *
 *     struct graph_layout *g;
 *     graph_layout_create(&g, &(struct graph_layout_options){.zoom = GRAPH_BOX});
 *     graph_layout_add_node(g, "fetch", &fetch);
 *     graph_layout_add_node(g, "train", &train);
 *     graph_layout_add_edge(g, fetch, train, GRAPH_STATIC, NULL);
 *     graph_layout_update(g);                                  // places what was added since the last update
 *     graph_layout_draw(g, window, GRAPH_UNICODE, cells);      // any window of the plane, as cells
 *
 * The first update lays out everything; later ones place what is new into the cheapest gap and move the rest
 * as little as they can. graph_layout_tidy() forgets the history: its result is a pure function of the graph.
 * Nothing depends on time or addresses: the same calls give the same picture. Nodes and edges are never
 * removed; a view that steps back hides them, and nothing moves.
 *
 * The plane has x to the right and y down, in cells; everything drawn lies within 0 <= x < width, 0 <= y <
 * height. Ids are dense, from 0, in the order of adding. Functions that return int return FLOW_OK, or
 * FLOW_ENOMEM having changed nothing that can be seen, except where noted. */
#ifndef TUI_GRAPH_LAYOUT_H
#define TUI_GRAPH_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct graph_layout;

#define GRAPH_NONE UINT32_MAX

/* What an edge stands for. Kinds never share a line, except STATIC with NEXT of the same task. */
enum graph_edge_kind {
    GRAPH_STATIC,    /* wired before the run: light line */
    GRAPH_NEXT,      /* next_task of a dynamic task: dashed where straight */
    GRAPH_GOTO,      /* a jump: double line */
    GRAPH_ITERATION, /* next_iteration: from == to, a mark in the box */
};

enum graph_zoom {
    GRAPH_BOX,  /* three rows and more: border, label, rows for the drawer, border */
    GRAPH_LINE, /* one row: [label] */
    GRAPH_DOT,  /* one cell or a little more, no label */
};

enum graph_direction {
    GRAPH_DOWN,  /* edges run from top to bottom; any graph */
    GRAPH_RIGHT, /* edges run from left to right; meant for chains */
};

enum graph_glyphs {
    GRAPH_UNICODE,
    GRAPH_ASCII,
};

struct graph_layout_options {
    enum graph_zoom zoom;
    enum graph_direction direction;
    int extra_rows; /* GRAPH_BOX: blank rows below the label, for the drawer */
    int spare_rows; /* left free between ranks (more where it is busy), for lines that come later */
    int label_max;  /* columns after which a label is cut with an ellipsis; 0: never */
    int (*char_width)(uint32_t code_point); /* columns, < 0 for a control character; NULL: wcwidth */
};

struct graph_rect {
    int32_t x, y, w, h;
};

struct graph_point {
    int32_t x, y;
};

/* What a cell shows, so that the drawer can colour it. */
enum graph_role {
    GRAPH_EMPTY,    /* nothing: a drawer may write counts here */
    GRAPH_BORDER,   /* id: node. Port cells (┬ ┴) of a box too */
    GRAPH_INSIDE,   /* id: node. Blank cells of a box */
    GRAPH_LABEL,    /* id: node */
    GRAPH_MARK,     /* id: node. The self-loop mark */
    GRAPH_LINE_RUN, /* id: edge */
    GRAPH_HEAD,     /* id: edge. An arrow head */
    GRAPH_CROSSING, /* id: the edge on top; under: the one that passes below it. They have nothing in common
                     */
};

/* Where edges share a cell, id is the one with the highest emphasis, then the lowest id. */
struct graph_cell {
    uint32_t glyph; /* a code point; ' ' when empty; 0: the right half of the wide character before it */
    uint32_t id;    /* of a node or an edge, by role; GRAPH_NONE when empty */
    uint32_t under; /* GRAPH_CROSSING only; GRAPH_NONE otherwise */
    uint8_t role;   /* enum graph_role */
    uint8_t kind;   /* enum graph_edge_kind, of the edge `id`; 0 for nodes */
};

/* --- building --- */

/* An empty layout; the caller destroys it. options NULL: all zero. */
int graph_layout_create(struct graph_layout **out, const struct graph_layout_options *options);
/* NULL is fine. */
void graph_layout_destroy(struct graph_layout *g);

/* Adds a node; the label is UTF-8 and copied. id may be NULL. */
int graph_layout_add_node(struct graph_layout *g, const char *label, uint32_t *id);
/* Adds an edge; one that is there already (from, to and kind) is found, not doubled. id may be NULL. An edge
 * from a node to itself is a mark in its box, whatever its kind. FLOW_EINVAL: no such node. */
int graph_layout_add_edge(
    struct graph_layout *g, uint32_t from, uint32_t to, enum graph_edge_kind kind, uint32_t *id);
/* Where reading starts: put on top. Default: nodes without incoming edges, else the first node. */
void graph_layout_set_entry(struct graph_layout *g, uint32_t node);

/* Places what was added since the last update. Without anything new it does nothing. */
int graph_layout_update(struct graph_layout *g);
/* Lays out everything anew. */
int graph_layout_tidy(struct graph_layout *g);
/* Other box sizes or direction, same ranks and order, so that the eye keeps its place. */
int graph_layout_set_zoom(struct graph_layout *g, enum graph_zoom zoom);
int graph_layout_set_direction(struct graph_layout *g, enum graph_direction direction);

/* What the view shows; they move nothing. Everything is shown at first, emphasis is 0. A hidden node hides
 * its edges. */
void graph_layout_show_node(struct graph_layout *g, uint32_t node, bool shown);
void graph_layout_show_edge(struct graph_layout *g, uint32_t edge, bool shown);
void graph_layout_emphasize_edge(struct graph_layout *g, uint32_t edge, uint8_t emphasis);

/* --- the result, as of the last update --- */

uint32_t graph_layout_node_count(const struct graph_layout *g);
uint32_t graph_layout_edge_count(const struct graph_layout *g);
int32_t graph_layout_width(const struct graph_layout *g);
int32_t graph_layout_height(const struct graph_layout *g);
enum graph_zoom graph_layout_zoom(const struct graph_layout *g);
enum graph_direction graph_layout_direction(const struct graph_layout *g);

/* The box of a node; all zero before it was placed. */
struct graph_rect graph_layout_node_rect(const struct graph_layout *g, uint32_t node);
const char *graph_layout_node_label(const struct graph_layout *g, uint32_t node);
/* Row of the drawing (0 on top) and place within it (0 leftmost, lines passing by counted). */
uint32_t graph_layout_node_rank(const struct graph_layout *g, uint32_t node);
uint32_t graph_layout_node_order(const struct graph_layout *g, uint32_t node);
bool graph_layout_node_has_loop(const struct graph_layout *g, uint32_t node);
/* The shown node whose box covers the cell, or GRAPH_NONE. */
uint32_t graph_layout_node_at(const struct graph_layout *g, int32_t x, int32_t y);
/* The shown node nearest in a direction, (dx, dy) one of (±1, 0) and (0, ±1), or GRAPH_NONE: for the arrow
 * keys. */
uint32_t graph_layout_node_towards(const struct graph_layout *g, uint32_t node, int dx, int dy);

struct graph_edge_info {
    uint32_t from, to;
    enum graph_edge_kind kind;
    bool reversed; /* drawn against the direction of reading: a back edge */
};
struct graph_edge_info graph_layout_edge_info(const struct graph_layout *g, uint32_t edge);

/* A polyline that the caller owns (vec_finish it); zero it first, reuse it freely. */
struct graph_path {
    struct graph_point *at;
    size_t count;
    size_t capacity;
};
/* The corners of an edge from the cell next to its source to the cell next to its target (where the head is).
 * Empty for a self-loop and before it was placed. */
int graph_layout_edge_path(const struct graph_layout *g, uint32_t edge, struct graph_path *path);

/* Fills window.w x window.h cells, row by row, with the part of the plane that the window covers. Cost
 * depends on what is near the window, not on the graph. */
void graph_layout_draw(const struct graph_layout *g, struct graph_rect window, enum graph_glyphs glyphs,
    struct graph_cell *cells);

#endif
