/* The way of a line in cells: what paths report and the drawing draws. */
#ifndef TUI_GRAPH_PATHS_H
#define TUI_GRAPH_PATHS_H

#include "tui/graph/model.h"

#define LINK_POINTS 6

/* A place by axes, whatever the direction of the drawing. */
struct place {
    int32_t across, along;
};

/* The corners of a link from its upper to its lower end, LINK_POINTS of them; neighbours may be equal. At a
 * box the way starts or ends in the cell next to it; at a dummy, in the first row of the dummy's rank. */
void graph_link_way(const struct graph_layout *g, const struct link *l, struct place *way);

#endif
