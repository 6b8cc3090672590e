/* Pins: the places along a box's side where lines leave it, in the order in which they lead away.
 *
 * Between two lines of a fork there may be one of another net: then the fork comes apart into two, left and
 * right of it, for otherwise its track would cross the line of its own box. */
#include "tui/graph/pins.h"

#include <stdlib.h>

#include "flow/error.h"

struct placing {
    struct graph_layout *g;
    struct link_end *ends;
    uint32_t count, net_count;
    uint32_t *seen; /* net -> 1 + the last item that it forked at */
};

/* A flat link leads far out to its side. */
static uint32_t far_place(const struct graph_layout *g, const struct link *l, int end)
{
    const struct item *here = &g->items.at[end == 0 ? l->upper : l->lower];
    const struct item *there = &g->items.at[end == 0 ? l->lower : l->upper];
    if (!l->flat)
        return there->order + 1;
    return there->order > here->order ? UINT32_MAX : 0;
}

/* Links between the same two items come in the same order at both, so that they do not cross. */
static int compare_ends(const void *a, const void *b)
{
    const struct link_end *x = a, *y = b;
    if (x->item != y->item)
        return x->item < y->item ? -1 : 1;
    if (x->far != y->far)
        return x->far < y->far ? -1 : 1;
    if (x->class != y->class)
        return x->class < y->class ? -1 : 1;
    return (x->link > y->link) - (x->link < y->link);
}

uint32_t graph_collect_ends(
    const struct graph_layout *g, const struct rank *upper, int side, struct link_end *ends)
{
    uint32_t count = 0;
    vec_foreach (uint32_t, i, &upper->links) {
        const struct link *l = &g->links.at[*i];
        for (int end = 0; end < 2; end++) {
            bool above = end == 0 || l->flat;
            if (above != (side == 1))
                continue;
            ends[count++] = (struct link_end){.item = end == 0 ? l->upper : l->lower,
                .link = *i,
                .far = far_place(g, l, end),
                .class = (uint8_t)l->class,
                .end = (uint8_t)end};
        }
    }
    qsort(ends, count, sizeof *ends, compare_ends);
    return count;
}

static uint32_t end_of_item(const struct placing *p, uint32_t first)
{
    uint32_t k = first;
    while (k < p->count && p->ends[k].item == p->ends[first].item)
        k++;
    return k;
}

/* A net that comes back after a line of another one goes on as a net of its own. */
static void split_nets(struct placing *p)
{
    struct link *links = p->g->links.at;
    for (uint32_t i = 0; i < p->count;) {
        uint32_t end = end_of_item(p, i), stamp = p->ends[i].item + 1;
        while (i < end) {
            uint32_t net = links[p->ends[i].link].net, as = net;
            if (p->seen[net] == stamp)
                as = p->net_count++;
            p->seen[net] = stamp;
            for (; i < end && links[p->ends[i].link].net == net; i++)
                links[p->ends[i].link].net = as;
        }
    }
}

/* Pins of an item stand side by side round its centre, one for each net. */
static void set_pins(struct placing *p, const struct rank *rank, int side)
{
    struct graph_layout *g = p->g;
    vec_foreach (uint32_t, i, &rank->items)
        g->items.at[*i].ports[side] = 0;
    for (uint32_t i = 0; i < p->count;) {
        uint32_t end = end_of_item(p, i), pins = 0, net = NONE;
        for (uint32_t k = i; k < end; k++) {
            pins += g->links.at[p->ends[k].link].net != net;
            net = g->links.at[p->ends[k].link].net;
        }
        g->items.at[p->ends[i].item].ports[side] = (uint16_t)pins;
        int32_t at = -((int32_t)(pins - 1) / 2) - 1;
        for (net = NONE; i < end; i++) {
            struct link *l = &g->links.at[p->ends[i].link];
            at += l->net != net;
            net = l->net;
            l->pin[p->ends[i].end] = at;
        }
    }
}

int graph_place_pins(struct graph_layout *g, uint32_t rank, uint32_t net_count, struct scratch *s)
{
    struct placing p = {.g = g, .net_count = net_count};
    const struct rank *upper = &g->ranks.at[rank];
    const struct rank *lower = rank + 1 < g->ranks.count ? upper + 1 : NULL;
    p.ends = SCRATCH(s, struct link_end, upper->links.count * 2);
    p.seen = SCRATCH(s, uint32_t, net_count + upper->links.count * 2);
    if (s->failed)
        return FLOW_ENOMEM;
    p.count = graph_collect_ends(g, upper, 1, p.ends);
    split_nets(&p);
    if (lower) {
        p.count = graph_collect_ends(g, upper, 0, p.ends);
        split_nets(&p);
        set_pins(&p, lower, 0);
    }
    p.count = graph_collect_ends(g, upper, 1, p.ends);
    set_pins(&p, upper, 1);
    return FLOW_OK;
}

int graph_place_dirty_pins(struct graph_layout *g, struct scratch *s)
{
    for (uint32_t r = 0; r < g->ranks.count; r++) {
        struct rank *rank = &g->ranks.at[r];
        uint32_t nets = 0;
        if (!rank->dirty)
            continue;
        vec_foreach (uint32_t, i, &rank->links)
            if (g->links.at[*i].net >= nets)
                nets = g->links.at[*i].net + 1;
        struct scratch_mark mark = scratch_mark(s);
        if (graph_place_pins(g, r, nets, s) < 0)
            return FLOW_ENOMEM;
        scratch_release(s, mark);
        vec_foreach (uint32_t, i, &rank->items)
            graph_size_item(g, &g->items.at[*i]);
        if (r + 1 < g->ranks.count)
            vec_foreach (uint32_t, i, &rank[1].items)
                graph_size_item(g, &g->items.at[*i]);
    }
    return FLOW_OK;
}
