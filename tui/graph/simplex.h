/* Network simplex (Gansner, Koutsofios, North, Vo 1993): whole numbers with minimal differences, as cheap as
 * can be.
 *
 * Finds values that minimise the sum of weight * (value[head] - value[tail]) over all edges while
 * value[head] - value[tail] >= min. Ranks and columns are both such problems. */
#ifndef TUI_GRAPH_SIMPLEX_H
#define TUI_GRAPH_SIMPLEX_H

#include <stdbool.h>
#include <stdint.h>

#include "tui/graph/scratch.h"

struct simplex_edge {
    uint32_t tail, head;
    int32_t min;
    int32_t weight;
};

/* The graph must be connected and without cycles; `value` holds a feasible solution and is improved in place.
 * centred: of equally good values the middle ones, roughly. Stops at the optimum or when about `budget`
 * operations are spent (the result is feasible then too). FLOW_OK or FLOW_ENOMEM (values still feasible). */
int graph_simplex(struct scratch *s, uint32_t node_count, const struct simplex_edge *edges,
    uint32_t edge_count, int32_t *value, bool centred, uint64_t budget);

#endif
