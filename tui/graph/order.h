/* One run of ordering: shared by order.c (the phases), crossings.c (counting) and search.c (local search). */
#ifndef TUI_GRAPH_ORDER_H
#define TUI_GRAPH_ORDER_H

#include "tui/graph/model.h"

/* One connected part. Rows hold its items by rank; `near` its neighbours above and below, by item of the
 * graph. */
struct part {
    uint32_t row_count, item_count;
    uint32_t **rows;
    uint32_t *length;
    uint32_t *best; /* all rows, one after the other */
    uint64_t best_crossings;
    uint32_t *dirty, *touched; /* rows to sift; rows that differ from `best`, maybe */
    uint32_t dirty_count, touched_count;
    bool *is_dirty, *is_touched;
};

struct ordering {
    struct graph_layout *g;
    uint32_t *start[2], *near[2]; /* item -> neighbours above, below */
    uint32_t *place;              /* item -> place in its row */
    uint32_t *listed;             /* the items, part by part */
    uint32_t *queue;
    uint8_t *seen;
    uint32_t *tree; /* counts for crossings */
    struct sort_key {
        uint64_t key;
        uint32_t item;
    } * keys;
    uint32_t *scratch;
    uint64_t budget, spent;
    uint64_t random;
};

void graph_sort_places(uint32_t *at, uint32_t count);
uint64_t graph_count_crossings(struct ordering *o, const struct part *p);
/* Crossings between the edges of two neighbours in a row if u stands left of v, minus those if v does. */
int64_t graph_exchange_gain(struct ordering *o, uint32_t u, uint32_t v);

/* Sets the places of a row's items. */
void graph_renumber_row(struct ordering *o, const struct part *p, uint32_t r);
bool graph_keep_if_better(struct ordering *o, struct part *p);
void graph_restore_best(struct ordering *o, const struct part *p);
void graph_sift_all(struct ordering *o, struct part *p);
/* Improves `best` while the budget lasts; the rows end up as `best`. */
void graph_search_around(struct ordering *o, struct part *p);

#endif
