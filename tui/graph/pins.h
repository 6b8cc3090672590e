/* The ends of a channel's links, box by box, in the order in which they lead away. */
#ifndef TUI_GRAPH_PINS_H
#define TUI_GRAPH_PINS_H

#include "tui/graph/model.h"

/* One end of a link at the side of an item. */
struct link_end {
    uint32_t item, link;
    uint32_t far; /* place of the other end in its rank */
    uint8_t class;
    uint8_t end; /* 0: the item is the upper end */
};

/* Lists the ends at the items above the channel of `upper` (side 1) or below it (side 0), sorted by item and
 * then from left to right. `ends` has room for two per link. Returns how many. */
uint32_t graph_collect_ends(
    const struct graph_layout *g, const struct rank *upper, int side, struct link_end *ends);

#endif
