/* The order within ranks, for few crossings: sweeps of weighted median and barycenter (Gansner 1993; Sugiyama
 * 1981), neighbours exchanged while that helps, and sifting of single items (Matuszewski, Schönfeld, Molitor
 * 1999).
 *
 * Every connected part is ordered on its own, and the parts stand side by side. */
#include "tui/graph/order.h"

#include <stdlib.h>
#include <string.h>

#include "flow/error.h"

#define STARTS      3
#define PATIENCE    6  /* sweeps without improvement before a start is given up */
#define SWEEPS      32 /* at most, per start */
#define TRANSPOSES  3  /* passes over all ranks, at most, per sweep */
#define BUDGET_BASE 60000u
#define BUDGET_ITEM 4500u
#define BUDGET_MAX  60000000u

/* Exchanges neighbours while that saves crossings. `equal` also exchanges where it costs nothing, to get away
 * from plateaus. */
static void transpose(struct ordering *o, const struct part *p, bool equal)
{
    bool better = true;
    for (int pass = 0; pass < TRANSPOSES && better && o->spent < o->budget; pass++) {
        better = false;
        for (uint32_t r = 0; r < p->row_count; r++) {
            uint32_t *row = p->rows[r];
            for (uint32_t i = 0; i + 1 < p->length[r]; i++) {
                int64_t gain = graph_exchange_gain(o, row[i], row[i + 1]);
                if (gain < 0 || (gain == 0 && !equal))
                    continue;
                uint32_t v = row[i];
                row[i] = row[i + 1];
                row[i + 1] = v;
                o->place[row[i]] = i;
                o->place[v] = i + 1;
                better |= gain > 0;
            }
        }
        equal = false;
    }
}

static int compare_keys(const void *a, const void *b)
{
    const struct sort_key *x = a, *y = b;
    return (x->key > y->key) - (x->key < y->key);
}

/* Where an item wants to be, by its neighbours on one side, times 2^16; or UINT64_MAX without any. */
static uint64_t wish(struct ordering *o, uint32_t v, int side, bool median)
{
    uint32_t first = o->start[side][v], count = o->start[side][v + 1] - first;
    uint64_t sum = 0;
    if (count == 0)
        return UINT64_MAX;
    if (count == 1)
        return (uint64_t)o->place[o->near[side][first]] << 16;
    for (uint32_t i = 0; i < count; i++) {
        o->scratch[i] = o->place[o->near[side][first + i]];
        sum += o->scratch[i];
    }
    o->spent += count * 2;
    if (!median)
        return (sum << 16) / count;
    graph_sort_places(o->scratch, count);
    uint64_t left = o->scratch[(count - 1) / 2], right = o->scratch[count / 2];
    if (count % 2 == 1)
        return left << 16;
    if (count == 2)
        return ((left + right) << 16) / 2;
    uint64_t left_span = left - o->scratch[0], right_span = o->scratch[count - 1] - right;
    if (left_span + right_span == 0)
        return ((left + right) << 16) / 2;
    return ((left * right_span + right * left_span) << 16) / (left_span + right_span);
}

/* Sorts a row by wishes. Items without one keep their place; equal wishes keep their order, or turn it round.
 */
static void sort_row(struct ordering *o, const struct part *p, uint32_t r, int side, bool median, bool turn)
{
    uint32_t *row = p->rows[r], n = p->length[r], count = 0;
    for (uint32_t i = 0; i < n; i++) {
        uint64_t w = wish(o, row[i], side, median);
        if (w != UINT64_MAX)
            o->keys[count++] = (struct sort_key){w << 24 | (turn ? n - i : i), row[i]};
    }
    bool sorted = true;
    for (uint32_t i = 1; i < count && sorted; i++)
        sorted = o->keys[i - 1].key <= o->keys[i].key;
    if (!sorted)
        qsort(o->keys, count, sizeof *o->keys, compare_keys);
    for (uint32_t i = 0, k = 0; i < n; i++)
        if (o->start[side][row[i]] != o->start[side][row[i] + 1])
            row[i] = o->keys[k++].item;
    graph_renumber_row(o, p, r);
    o->spent += n * 16;
}

static void sweep(struct ordering *o, const struct part *p, bool down, bool median, bool turn)
{
    if (down)
        for (uint32_t r = 1; r < p->row_count; r++)
            sort_row(o, p, r, 0, median, turn);
    else
        for (uint32_t r = p->row_count - 1; r-- > 0;)
            sort_row(o, p, r, 1, median, turn);
}

/* --- starts --- */

static void append(struct ordering *o, struct part *p, uint32_t v)
{
    uint32_t r = o->g->items.at[v].rank;
    o->place[v] = p->length[r];
    p->rows[r][p->length[r]++] = v;
}

/* Breadth first from the top (or bottom) row, so that what hangs together comes out together. */
static void start_by_breadth(struct ordering *o, struct part *p, const uint32_t *items, int side)
{
    uint32_t head = 0, tail = 0;
    for (uint32_t i = 0; i < p->item_count; i++)
        o->seen[items[i]] = 0;
    memset(p->length, 0, sizeof *p->length * p->row_count);
    for (uint32_t i = 0; i < p->item_count; i++) {
        uint32_t first = items[i];
        if (o->start[!side][first] != o->start[!side][first + 1] || o->seen[first])
            continue;
        o->queue[tail++] = first;
        o->seen[first] = 1;
        while (head < tail) {
            uint32_t v = o->queue[head++];
            append(o, p, v);
            for (uint32_t k = o->start[side][v]; k < o->start[side][v + 1]; k++) {
                uint32_t w = o->near[side][k];
                if (!o->seen[w]) {
                    o->seen[w] = 1;
                    o->queue[tail++] = w;
                }
            }
        }
    }
}

/* Depth first in the order of declaration, both ways along the edges: the order a person would write. */
static void start_by_depth(struct ordering *o, struct part *p, const uint32_t *items)
{
    memset(p->length, 0, sizeof *p->length * p->row_count);
    for (uint32_t i = 0; i < p->item_count; i++)
        append(o, p, items[i]);
}

static void improve(struct ordering *o, struct part *p)
{
    int idle = 0;
    for (int i = 0; i < SWEEPS && idle < PATIENCE && o->spent < o->budget; i++) {
        sweep(o, p, i % 2 == 0, i % 4 < 2, i % 8 >= 4);
        transpose(o, p, i % 4 >= 2);
        if (graph_keep_if_better(o, p))
            idle = 0;
        else
            idle++;
        if (p->best_crossings == 0)
            return;
    }
}

static void order_part(struct ordering *o, struct part *p, const uint32_t *items)
{
    p->best_crossings = UINT64_MAX;
    for (int i = 0; i < STARTS && p->best_crossings > 0; i++) {
        switch (i) {
        case 0: start_by_depth(o, p, items); break;
        case 1: start_by_breadth(o, p, items, 1); break;
        default: start_by_breadth(o, p, items, 0);
        }
        graph_keep_if_better(o, p);
        improve(o, p);
    }
    graph_restore_best(o, p);
    graph_sift_all(o, p);
    graph_keep_if_better(o, p);
    graph_restore_best(o, p);
    graph_search_around(o, p);
}

/* Lists items part by part, each depth first from its first node in order of declaration. */
static void find_parts(struct ordering *o, uint32_t *part_first, uint32_t *part_count)
{
    struct graph_layout *g = o->g;
    uint32_t listed = 0, parts = 0, *stack = o->queue;
    for (uint32_t v = 0; v < g->items.count; v++) {
        if (o->seen[v] || o->start[0][v] != o->start[0][v + 1])
            continue;
        uint32_t depth = 0;
        stack[depth++] = v;
        o->seen[v] = 1;
        part_first[parts++] = listed;
        while (depth > 0) {
            uint32_t w = stack[--depth];
            o->listed[listed++] = w;
            for (int side = 0; side < 2; side++)
                for (uint32_t k = o->start[side][w + 1]; k-- > o->start[side][w];) {
                    uint32_t x = o->near[side][k];
                    if (!o->seen[x]) {
                        o->seen[x] = 1;
                        stack[depth++] = x;
                    }
                }
        }
    }
    part_first[parts] = listed;
    *part_count = parts;
}

static bool init(struct ordering *o, struct graph_layout *g, struct scratch *s)
{
    struct adjacency around;
    uint32_t n = (uint32_t)g->items.count, widest = 1, leaves = 1;
    if (graph_adjacency(g, s, &around) < 0)
        return false;
    vec_foreach (struct rank, r, &g->ranks)
        if (r->items.count > widest)
            widest = (uint32_t)r->items.count;
    while (leaves < widest)
        leaves *= 2;
    o->g = g;
    for (int side = 0; side < 2; side++) {
        o->start[side] = around.start[side];
        o->near[side] = around.links[side];
        for (uint32_t i = 0; i < around.start[side][n]; i++) {
            const struct link *l = &g->links.at[around.links[side][i]];
            o->near[side][i] = side == 0 ? l->upper : l->lower;
        }
    }
    o->place = SCRATCH(s, uint32_t, n);
    o->listed = SCRATCH(s, uint32_t, n);
    o->queue = SCRATCH(s, uint32_t, n);
    o->seen = SCRATCH(s, uint8_t, n);
    o->tree = SCRATCH(s, uint32_t, (size_t)leaves * 2);
    o->keys = SCRATCH(s, struct sort_key, widest);
    o->scratch = SCRATCH(s, uint32_t, g->links.count + n);
    return !s->failed;
}

static bool init_part(struct ordering *o, struct part *p, const uint32_t *items, struct scratch *s)
{
    p->row_count = 0;
    for (uint32_t i = 0; i < p->item_count; i++)
        if (o->g->items.at[items[i]].rank >= p->row_count)
            p->row_count = o->g->items.at[items[i]].rank + 1;
    p->rows = SCRATCH(s, uint32_t *, p->row_count);
    p->length = SCRATCH(s, uint32_t, p->row_count + 1);
    p->best = SCRATCH(s, uint32_t, p->item_count);
    p->dirty = SCRATCH(s, uint32_t, p->row_count);
    p->touched = SCRATCH(s, uint32_t, p->row_count);
    p->is_dirty = SCRATCH(s, bool, p->row_count);
    p->is_touched = SCRATCH(s, bool, p->row_count);
    uint32_t *all = SCRATCH(s, uint32_t, p->item_count);
    if (s->failed)
        return false;
    for (uint32_t i = 0; i < p->item_count; i++)
        p->length[o->g->items.at[items[i]].rank]++;
    for (uint32_t r = 0; r < p->row_count; r++) {
        p->rows[r] = all;
        all += p->length[r];
    }
    return true;
}

int graph_order_ranks(struct graph_layout *g, struct scratch *s)
{
    struct ordering o = {.random = 1};
    uint32_t part_count;
    if (!init(&o, g, s))
        return FLOW_ENOMEM;
    uint32_t *part_first = SCRATCH(s, uint32_t, g->items.count + 1);
    if (s->failed)
        return FLOW_ENOMEM;
    find_parts(&o, part_first, &part_count);
    vec_foreach (struct rank, r, &g->ranks)
        r->items.count = 0;
    for (uint32_t i = 0; i < part_count; i++) {
        struct scratch_mark mark = scratch_mark(s);
        const uint32_t *items = o.listed + part_first[i];
        struct part p = {.item_count = part_first[i + 1] - part_first[i]};
        if (!init_part(&o, &p, items, s))
            return FLOW_ENOMEM;
        uint64_t budget = BUDGET_BASE + (uint64_t)p.item_count * BUDGET_ITEM * (512 + p.item_count) / 512;
        o.budget = o.spent + (budget < BUDGET_MAX ? budget : BUDGET_MAX);
        order_part(&o, &p, items);
        for (uint32_t r = 0; r < p.row_count; r++)
            for (uint32_t k = 0; k < p.length[r]; k++) {
                struct id_list *row = &g->ranks.at[r].items;
                g->items.at[p.rows[r][k]].order = (uint32_t)row->count;
                row->at[row->count++] = p.rows[r][k];
            }
        scratch_release(s, mark);
    }
    return FLOW_OK;
}
