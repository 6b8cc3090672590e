/* A layout as text, for people and for programs. */
#ifndef TUI_GRAPH_PRINT_H
#define TUI_GRAPH_PRINT_H

#include <stdbool.h>
#include <stdio.h>

#include "tui/graph/layout.h"

/* Writes the whole drawing, lines without trailing blanks. Without is_utf8 every character outside of ASCII
 * becomes a question mark: for names, where the locale has no such characters. FLOW_OK or FLOW_ENOMEM;
 * whether `out` took it all, ferror() says. */
int graph_print_text(const struct graph_layout *g, enum graph_glyphs glyphs, bool is_utf8, FILE *out);

/* Writes where everything is, in cells, as one JSON object:
 *     {"name": ..., "tool": "flowdbg", "width": ..., "height": ...,
 *      "nodes": [{"id": label, "x":, "y":, "w":, "h":}, ...],
 *      "edges": [{"src": label, "dst": label, "type": "edge" | "next_task" | "goto" | "iteration",
 *                 "kind": "fwd" | "back" | "self", "points": [[x, y], ...]}, ...]}
 * points are the corners from the cell next to the source to the cell next to the target; none for "self",
 * which is a mark in the box. Bytes of a label that are not UTF-8 become U+FFFD. */
int graph_print_json(const struct graph_layout *g, const char *name, FILE *out);

#endif
