/* Straight ways for a new long line through a drawing that stands still.
 *
 * From rank to rank the free columns near the line are cut with those of the next one, for as long as
 * something is left; what is left last can be passed straight through all of them. */
#include "tui/graph/model.h"

#include <limits.h>
#include <stdlib.h>

/* How far a line goes out of its way for a straight stretch, in columns. */
#define REACH 16

#define STRETCHES_MAX (2 * REACH + 2)

/* Free columns, as disjoint stretches from left to right. */
struct free_columns {
    struct {
        int32_t low, high;
    } at[STRETCHES_MAX];
    uint32_t count;
};

static void add_stretch(struct free_columns *f, int32_t low, int32_t high)
{
    if (low <= high && f->count < STRETCHES_MAX) {
        f->at[f->count].low = low;
        f->at[f->count++].high = high;
    }
}

/* Where a dummy fits into a rank between `low` and `high` without moving anything. */
static void find_free(
    const struct graph_layout *g, const struct rank *rank, int32_t low, int32_t high, struct free_columns *f)
{
    const struct item dummy = {.node = NONE};
    uint32_t first = 0, end = (uint32_t)rank->items.count;
    int32_t from = (g->origin + UNIT - 1) / UNIT;
    f->count = 0;
    /* The first item at or beyond `low`; the one before it counts too. */
    for (uint32_t mid; first < end;) {
        mid = (first + end) / 2;
        if (g->items.at[rank->items.at[mid]].column < low)
            first = mid + 1;
        else
            end = mid;
    }
    if (first > 0) {
        const struct item *left = &g->items.at[rank->items.at[first - 1]];
        from = left->column + graph_separation(g, left, &dummy);
    }
    from = from < low ? low : from;
    for (uint32_t i = first; i < rank->items.count && from <= high; i++) {
        const struct item *item = &g->items.at[rank->items.at[i]];
        int32_t to = item->column - graph_separation(g, &dummy, item);
        add_stretch(f, from, to < high ? to : high);
        from = item->column + graph_separation(g, item, &dummy);
    }
    add_stretch(f, from, high);
}

static struct free_columns cut(const struct free_columns *a, const struct free_columns *b)
{
    struct free_columns out = {.count = 0};
    for (uint32_t i = 0, k = 0; i < a->count && k < b->count;) {
        int32_t low = a->at[i].low > b->at[k].low ? a->at[i].low : b->at[k].low;
        int32_t high = a->at[i].high < b->at[k].high ? a->at[i].high : b->at[k].high;
        add_stretch(&out, low, high);
        if (a->at[i].high < b->at[k].high)
            i++;
        else
            k++;
    }
    return out;
}

static int32_t nearest(const struct free_columns *f, int32_t wish)
{
    int32_t best = f->at[0].low;
    for (uint32_t i = 0; i < f->count; i++) {
        int32_t at = wish < f->at[i].low ? f->at[i].low : wish > f->at[i].high ? f->at[i].high : wish;
        if (abs(at - wish) < abs(best - wish))
            best = at;
    }
    return best;
}

uint32_t graph_find_corridor(
    const struct graph_layout *g, uint32_t rank, uint32_t end, int32_t wish, int32_t *column)
{
    struct free_columns left = {.count = 1}, here;
    uint32_t r = rank;
    left.at[0].low = wish - REACH;
    left.at[0].high = wish + REACH;
    for (; r < end; r++) {
        find_free(g, &g->ranks.at[r], wish - REACH, wish + REACH, &here);
        here = cut(&left, &here);
        if (here.count == 0)
            break;
        left = here;
    }
    *column = r > rank ? nearest(&left, wish) : wish;
    return r;
}
