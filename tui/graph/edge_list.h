/* Edge lists: graphs as plain text.
 *
 *     # the pipeline
 *     fetch train        an edge, and the two tasks if they are new
 *     report             a task without edges
 *
 * Names are UTF-8 without blanks and control characters; a word that begins with # and what follows it on the
 * line are a comment. Lines end in LF or CRLF. */
#ifndef TUI_GRAPH_EDGE_LIST_H
#define TUI_GRAPH_EDGE_LIST_H

#include <stddef.h>

#include "flow/error.h"
#include "tui/graph/layout.h"

#define EDGE_LIST_TASKS_MAX 100000u
#define EDGE_LIST_EDGES_MAX 1000000u
#define EDGE_LIST_NAME_MAX  1000u /* bytes */

/* Adds what the text says to the layout, without placing it; names are found again by their labels. FLOW_OK,
 * FLOW_EFORMAT and FLOW_ELIMIT (the error names the line), FLOW_ENOMEM. After a failure what came before it
 * is there. */
int graph_edge_list_read(struct graph_layout *g, const char *text, size_t length, struct flow_error *err);

#endif
