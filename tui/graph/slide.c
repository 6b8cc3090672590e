/* Sliding pins along their boxes, once the columns stand, so that more links run straight. */
#include "tui/graph/pins.h"

#include <stdlib.h>

#include "flow/error.h"

/* Boxes with more pins than this keep them where they are. */
#define PINS_MAX 64

/* How far the pin of a fork moves off its middle for a straight line. */
#define FORK_SLIDE 1

/* One side of one box: its pins from left to right. */
struct side {
    uint32_t first[PINS_MAX + 1]; /* pin -> its first end */
    int32_t at[PINS_MAX];
    bool fixed[PINS_MAX];
    int32_t low, high; /* where pins can be */
    uint32_t count;
};

/* The pin at which the link would be straight. */
static int32_t straight_at(const struct graph_layout *g, const struct link_end *e)
{
    const struct link *l = &g->links.at[e->link];
    int32_t apart = g->items.at[l->lower].column - g->items.at[l->upper].column;
    return e->end == 0 ? apart + l->pin[1] : l->pin[0] - apart;
}

/* Fixes pin `k` there if that leaves room for the others. */
static void try_to_fix(struct side *s, uint32_t k, int32_t at)
{
    if (at - s->low < (int32_t)k || s->high - at < (int32_t)(s->count - 1 - k))
        return;
    for (uint32_t i = 0; i < k; i++)
        if (s->fixed[i] && at - s->at[i] < (int32_t)(k - i))
            return;
    s->at[k] = at;
    s->fixed[k] = true;
}

static bool read_side(
    const struct graph_layout *g, struct side *s, const struct link_end *ends, uint32_t count)
{
    const struct item *item = &g->items.at[ends[0].item];
    int32_t corner = item->before > 0 && g->options.zoom != GRAPH_DOT;
    s->low = -((item->before - corner) / UNIT);
    s->high = (item->after - corner) / UNIT;
    s->count = 0;
    for (uint32_t i = 0; i < count;) {
        uint32_t net = g->links.at[ends[i].link].net;
        if (s->count == PINS_MAX)
            return false;
        s->first[s->count] = i;
        s->fixed[s->count] = false;
        s->at[s->count++] = g->links.at[ends[i].link].pin[ends[i].end];
        while (i < count && g->links.at[ends[i].link].net == net)
            i++;
    }
    s->first[s->count] = count;
    return true;
}

static void slide_side(struct graph_layout *g, struct side *s, const struct link_end *ends)
{
    for (uint32_t k = 0; k < s->count; k++) {
        bool fork = s->first[k + 1] - s->first[k] > 1;
        int32_t best = INT32_MAX;
        for (uint32_t i = s->first[k]; i < s->first[k + 1]; i++) {
            int32_t at = straight_at(g, &ends[i]);
            if (best == INT32_MAX || abs(at - s->at[k]) < abs(best - s->at[k]))
                best = at;
        }
        if (!fork || abs(best - s->at[k]) <= FORK_SLIDE)
            try_to_fix(s, k, best);
    }
    for (uint32_t k = 1; k < s->count; k++)
        if (!s->fixed[k] && s->at[k] <= s->at[k - 1])
            s->at[k] = s->at[k - 1] + 1;
    for (uint32_t k = s->count - 1; k-- > 0;)
        if (!s->fixed[k] && s->at[k] >= s->at[k + 1])
            s->at[k] = s->at[k + 1] - 1;
    for (uint32_t k = 0; k < s->count; k++)
        for (uint32_t i = s->first[k]; i < s->first[k + 1]; i++)
            g->links.at[ends[i].link].pin[ends[i].end] = s->at[k];
}

int graph_slide_pins(struct graph_layout *g, struct scratch *s)
{
    vec_foreach (struct rank, rank, &g->ranks) {
        struct scratch_mark mark = scratch_mark(s);
        struct link_end *ends = SCRATCH(s, struct link_end, rank->links.count * 2);
        if (!ends)
            return FLOW_ENOMEM;
        for (int side = 1; rank->dirty && side >= 0; side--) {
            uint32_t count = graph_collect_ends(g, rank, side, ends);
            for (uint32_t i = 0, k; i < count; i = k) {
                struct side pins;
                for (k = i; k < count && ends[k].item == ends[i].item;)
                    k++;
                if (g->items.at[ends[i].item].node != NONE && read_side(g, &pins, ends + i, k - i))
                    slide_side(g, &pins, ends + i);
            }
        }
        scratch_release(s, mark);
    }
    return FLOW_OK;
}

/* --- bumps --- */

/* Which net has a pin in each column: above the channel, below it. */
struct columns_in_use {
    uint32_t *net[2]; /* 1 + net, or 0 */
    int32_t count;
};

static int32_t pin_column(const struct graph_layout *g, const struct link *l, int end)
{
    return g->items.at[end == 0 ? l->upper : l->lower].column + l->pin[end];
}

/* A free place for a pin, one or two columns away, with no other pin of its side between; or 0. */
static int32_t find_shift(
    const struct columns_in_use *use, int side, int32_t column, int32_t low, int32_t high)
{
    static const int32_t shifts[] = {1, -1, 2, -2};
    for (int i = 0; i < 4; i++) {
        int32_t to = column + shifts[i], between = column + shifts[i] / 2;
        if (to < low || to > high || to >= use->count || use->net[side][to] || use->net[!side][to])
            continue;
        if (between == column || !use->net[side][between])
            return shifts[i];
    }
    return 0;
}

static void bump_net(struct graph_layout *g, const struct rank *rank, struct columns_in_use *use,
    uint32_t item, uint32_t net, int end)
{
    int32_t column = -1, shift = 0;
    int side = end;
    vec_foreach (uint32_t, i, &rank->links) {
        struct link *l = &g->links.at[*i];
        if (l->net != net || (end == 0 ? l->upper : l->lower) != item)
            continue;
        if (column < 0) {
            const struct item *box = &g->items.at[item];
            int32_t corner = box->before > 0 && g->options.zoom != GRAPH_DOT;
            column = pin_column(g, l, end);
            shift = find_shift(use, side, column, box->column - (box->before - corner) / UNIT,
                box->column + (box->after - corner) / UNIT);
            if (shift == 0)
                return;
            use->net[side][column] = 0;
            use->net[side][column + shift] = net + 1;
        }
        l->pin[end] += shift;
    }
}

static bool bump_channel(struct graph_layout *g, const struct rank *rank, struct scratch *s)
{
    struct columns_in_use use = {.count = 1};
    bool any = false;
    vec_foreach (uint32_t, i, &rank->links) {
        const struct link *l = &g->links.at[*i];
        any |= l->bumps;
        for (int end = 0; end < 2; end++)
            if (pin_column(g, l, end) >= use.count)
                use.count = pin_column(g, l, end) + 1;
    }
    if (!any)
        return true;
    use.net[0] = SCRATCH(s, uint32_t, use.count);
    use.net[1] = SCRATCH(s, uint32_t, use.count);
    if (s->failed)
        return false;
    vec_foreach (uint32_t, i, &rank->links) {
        const struct link *l = &g->links.at[*i];
        use.net[0][pin_column(g, l, 0)] = l->net + 1;
        use.net[l->flat ? 0 : 1][pin_column(g, l, 1)] = l->net + 1;
    }
    vec_foreach (uint32_t, i, &rank->links)
        for (int end = 1; end >= 0; end--) {
            const struct link *l = &g->links.at[*i];
            uint32_t item = end == 0 ? l->upper : l->lower;
            int32_t column = pin_column(g, l, end);
            uint32_t opposite = use.net[!end][column];
            if (l->bumps && !l->flat && g->items.at[item].node != NONE && opposite != 0 &&
                opposite != l->net + 1)
                bump_net(g, rank, &use, item, l->net, end);
        }
    return true;
}

int graph_bump_pins(struct graph_layout *g, struct scratch *s)
{
    vec_foreach (struct rank, rank, &g->ranks) {
        struct scratch_mark mark = scratch_mark(s);
        if (rank->dirty && !bump_channel(g, rank, s))
            return FLOW_ENOMEM;
        scratch_release(s, mark);
    }
    return FLOW_OK;
}
