/* Graphs for the tests of tui/graph, from short texts: "a b" an edge, "a" a task, ";" between them. */
#ifndef TESTS_UNIT_TUI_GRAPH_BUILD_H
#define TESTS_UNIT_TUI_GRAPH_BUILD_H

#include "base/str.h"
#include "tui/graph/layout.h"

/* Adds what the text says; names are found again by their labels. A third word is the kind: next or goto. */
void graph_build_add(struct graph_layout *g, const char *text);
/* Reads an edge list from a file (lines instead of ";", comments from "#"). */
void graph_build_add_file(struct graph_layout *g, const char *path);
/* A new layout of the text, updated. */
struct graph_layout *graph_build(const char *text, enum graph_zoom zoom, enum graph_direction direction);
/* The node with the label; fails the test if there is none. */
uint32_t graph_build_node(const struct graph_layout *g, const char *label);
uint32_t graph_build_edge(const struct graph_layout *g, const char *from, const char *to);
/* The drawing as lines of text without trailing blanks. */
void graph_build_text(const struct graph_layout *g, enum graph_glyphs glyphs, struct str *out);

#endif
