/* Counting crossings: of a whole order, and of two neighbours if they changed places. */
#include "tui/graph/order.h"

#include <stdlib.h>
#include <string.h>

static int compare_u32(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

void graph_sort_places(uint32_t *at, uint32_t count)
{
    if (count > 24) {
        qsort(at, count, sizeof *at, compare_u32);
        return;
    }
    for (uint32_t i = 1; i < count; i++) {
        uint32_t v = at[i], k = i;
        for (; k > 0 && at[k - 1] > v; k--)
            at[k] = at[k - 1];
        at[k] = v;
    }
}

/* Crossings between a row and the one below, by counting inversions in an accumulator tree (Barth, Jünger,
 * Mutzel 2002). */
static uint64_t crossings_below(struct ordering *o, const struct part *p, uint32_t r)
{
    uint32_t leaves = 1;
    uint64_t crossings = 0;
    while (leaves < p->length[r + 1])
        leaves *= 2;
    memset(o->tree, 0, sizeof *o->tree * leaves * 2);
    for (uint32_t i = 0; i < p->length[r]; i++) {
        uint32_t v = p->rows[r][i], count = 0;
        for (uint32_t k = o->start[1][v]; k < o->start[1][v + 1]; k++)
            o->scratch[count++] = o->place[o->near[1][k]];
        graph_sort_places(o->scratch, count);
        for (uint32_t k = 0; k < count; k++) {
            for (uint32_t at = o->scratch[k] + leaves; at > 0; at /= 2) {
                if (at > 1 && at % 2 == 0)
                    crossings += o->tree[at + 1];
                o->tree[at]++;
            }
        }
        o->spent += 2 + count * 8;
    }
    return crossings;
}

uint64_t graph_count_crossings(struct ordering *o, const struct part *p)
{
    uint64_t sum = 0;
    for (uint32_t r = 0; r + 1 < p->row_count; r++)
        sum += crossings_below(o, p, r);
    return sum;
}

/* Crossings between the edges of two neighbours in a row, if u stands left of v, minus those if v does. */
int64_t graph_exchange_gain(struct ordering *o, uint32_t u, uint32_t v)
{
    int64_t sum = 0;
    for (int side = 0; side < 2; side++) {
        const uint32_t *near = o->near[side];
        for (uint32_t i = o->start[side][u]; i < o->start[side][u + 1]; i++) {
            uint32_t a = o->place[near[i]];
            for (uint32_t k = o->start[side][v]; k < o->start[side][v + 1]; k++) {
                uint32_t b = o->place[near[k]];
                sum += (a > b) - (a < b);
            }
        }
        o->spent += (uint64_t)(o->start[side][u + 1] - o->start[side][u]) *
                    (o->start[side][v + 1] - o->start[side][v]);
    }
    o->spent += 4;
    return sum;
}
