/* Local search for a better order: single items are sifted (Matuszewski, Schoenfeld, Molitor 1999), and what
 * is found is shaken by small random moves and sifted again where it was touched. */
#include "tui/graph/order.h"

#include <string.h>

#define KICKS      3 /* random moves at once, at most */
#define SIFT_SLOPE 4 /* crossings uphill after which an item goes no further */

void graph_renumber_row(struct ordering *o, const struct part *p, uint32_t r)
{
    for (uint32_t i = 0; i < p->length[r]; i++)
        o->place[p->rows[r][i]] = i;
}

static void save(struct part *p)
{
    uint32_t at = 0;
    for (uint32_t r = 0; r < p->row_count; r++) {
        memcpy(p->best + at, p->rows[r], sizeof *p->best * p->length[r]);
        at += p->length[r];
    }
}

void graph_restore_best(struct ordering *o, const struct part *p)
{
    uint32_t at = 0;
    for (uint32_t r = 0; r < p->row_count; r++) {
        memcpy(p->rows[r], p->best + at, sizeof *p->best * p->length[r]);
        at += p->length[r];
        graph_renumber_row(o, p, r);
    }
}

bool graph_keep_if_better(struct ordering *o, struct part *p)
{
    uint64_t crossings = graph_count_crossings(o, p);
    if (crossings >= p->best_crossings)
        return false;
    p->best_crossings = crossings;
    save(p);
    return true;
}

static void move_item(struct ordering *o, const struct part *p, uint32_t r, uint32_t from, uint32_t to)
{
    uint32_t *row = p->rows[r], v = row[from];
    for (; from < to; from++)
        o->place[row[from] = row[from + 1]] = from;
    for (; from > to; from--)
        o->place[row[from] = row[from - 1]] = from;
    o->place[row[to] = v] = to;
}

static void make_dirty(struct part *p, uint32_t r)
{
    if (!p->is_dirty[r])
        p->dirty[p->dirty_count++] = r;
    p->is_dirty[r] = true;
    if (!p->is_touched[r])
        p->touched[p->touched_count++] = r;
    p->is_touched[r] = true;
}

static void forget_touched(struct part *p)
{
    while (p->touched_count > 0)
        p->is_touched[p->touched[--p->touched_count]] = false;
}

/* Moves an item to where it has fewest crossings, the rest of its row standing still. Returns how many it
 * saved. */
static int64_t sift_item(struct ordering *o, const struct part *p, uint32_t r, uint32_t v)
{
    const uint32_t *row = p->rows[r];
    uint32_t from = o->place[v], to = from, n = p->length[r];
    int64_t sum = 0, best = 0;
    for (uint32_t i = from; i > 0 && sum > best - SIFT_SLOPE; i--) {
        sum += graph_exchange_gain(o, row[i - 1], v);
        if (sum > best) {
            best = sum;
            to = i - 1;
        }
    }
    sum = 0;
    for (uint32_t i = from + 1; i < n && sum > best - SIFT_SLOPE; i++) {
        sum += graph_exchange_gain(o, v, row[i]);
        if (sum > best) {
            best = sum;
            to = i;
        }
    }
    if (to != from)
        move_item(o, p, r, from, to);
    return best;
}

/* Sifts every item of a row once. */
static int64_t sift_row(struct ordering *o, const struct part *p, uint32_t r)
{
    uint32_t n = p->length[r];
    int64_t saved = 0;
    memcpy(o->scratch, p->rows[r], sizeof *o->scratch * n);
    for (uint32_t k = 0; k < n && o->spent < o->budget; k++)
        saved += sift_item(o, p, r, o->scratch[k]);
    return saved;
}

/* Sifts dirty rows until none is left; a row that got better makes its neighbours dirty. Every row that was
 * dirty is remembered in `touched`. */
static int64_t sift_dirty(struct ordering *o, struct part *p)
{
    int64_t saved = 0;
    while (p->dirty_count > 0 && o->spent < o->budget) {
        uint32_t r = p->dirty[--p->dirty_count];
        p->is_dirty[r] = false;
        int64_t better = sift_row(o, p, r);
        saved += better;
        if (better > 0 && r > 0)
            make_dirty(p, r - 1);
        if (better > 0 && r + 1 < p->row_count)
            make_dirty(p, r + 1);
    }
    while (p->dirty_count > 0)
        p->is_dirty[p->dirty[--p->dirty_count]] = false;
    return saved;
}

void graph_sift_all(struct ordering *o, struct part *p)
{
    for (uint32_t r = p->row_count; r-- > 0;)
        make_dirty(p, r);
    sift_dirty(o, p);
    forget_touched(p);
}

static uint32_t next_random(struct ordering *o, uint32_t below)
{
    o->random = o->random * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)((o->random >> 33) % below);
}

/* Moves the item at `from` of a row to `to`. Returns the crossings that this saves (mostly it costs). */
static int64_t force(struct ordering *o, struct part *p, uint32_t r, uint32_t from, uint32_t to)
{
    uint32_t v = p->rows[r][from];
    int64_t saved = 0;
    for (uint32_t i = from; i < to; i++)
        saved += graph_exchange_gain(o, v, p->rows[r][i + 1]);
    for (uint32_t i = from; i > to; i--)
        saved += graph_exchange_gain(o, p->rows[r][i - 1], v);
    move_item(o, p, r, from, to);
    make_dirty(p, r);
    if (r > 0)
        make_dirty(p, r - 1);
    if (r + 1 < p->row_count)
        make_dirty(p, r + 1);
    return saved;
}

static bool is_dummy(const struct ordering *o, uint32_t v)
{
    return o->g->items.at[v].node == NONE;
}

/* Moves an item at random; a long line as a whole, for piece by piece it would never get across. */
static int64_t kick(struct ordering *o, struct part *p)
{
    uint32_t row = next_random(o, p->row_count), n = p->length[row];
    if (n < 2)
        return 0;
    uint32_t first = p->rows[row][next_random(o, n)], to = next_random(o, n);
    bool whole = next_random(o, 2) == 0;
    int64_t saved = force(o, p, row, o->place[first], to);
    for (int side = 0; side < 2 && whole && is_dummy(o, first); side++) {
        uint32_t v = first, r = row;
        while (is_dummy(o, v = o->near[side][o->start[side][v]])) {
            r = side == 0 ? r - 1 : r + 1;
            saved += force(o, p, r, o->place[v], (uint32_t)((uint64_t)to * p->length[r] / n));
        }
    }
    return saved;
}

/* Kicks the best order, sifts what it touches, and keeps the result unless it is worse, while the budget
 * lasts. */
void graph_search_around(struct ordering *o, struct part *p)
{
    while (p->best_crossings > 0 && o->spent < o->budget) {
        int64_t saved = 0;
        o->spent += 20;
        for (uint32_t i = 1 + next_random(o, KICKS); i > 0; i--)
            saved += kick(o, p);
        saved += sift_dirty(o, p);
        if (saved >= 0)
            p->best_crossings -= (uint64_t)saved;
        for (uint32_t i = 0; i < p->touched_count; i++) {
            uint32_t r = p->touched[i];
            uint32_t *best = p->best + (p->rows[r] - p->rows[0]);
            if (saved >= 0) {
                memcpy(best, p->rows[r], sizeof *best * p->length[r]);
            } else {
                memcpy(p->rows[r], best, sizeof *best * p->length[r]);
                graph_renumber_row(o, p, r);
            }
        }
        forget_touched(p);
    }
}
