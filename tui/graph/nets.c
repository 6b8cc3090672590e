/* Which links of a channel run together.
 *
 * All links that leave one box, or all that reach one box, may share a pin and a track: a fork or a join.
 * Where a link could belong to either, the larger wins, so that few tracks are needed. A net is a fork, a
 * join or a single link; each touches each of its boxes in one pin of its own, so that lines never meet
 * without belonging together. */
#include "tui/graph/model.h"

#include "flow/error.h"

/* The links of one class at one side of one item. */
struct star {
    uint32_t degree; /* links that are not yet in a net */
    uint32_t first;  /* in `members` */
    uint32_t count;
};

struct grouping {
    struct graph_layout *g;
    const struct rank *upper, *lower; /* lower NULL below the last rank */
    struct star *stars;               /* upper items x classes, then lower items x classes */
    uint32_t star_count;
    uint32_t *members;
    uint64_t *heap; /* degree << 32 | ~star */
    uint32_t heap_count;
    uint32_t net_count;
};

static uint32_t star_of(const struct grouping *p, const struct link *l, int end)
{
    uint32_t order = p->g->items.at[end == 0 ? l->upper : l->lower].order;
    if (end == 1)
        order += (uint32_t)p->upper->items.count;
    return order * LINK_CLASSES + l->class;
}

static void heap_push(struct grouping *p, uint32_t star, uint32_t degree)
{
    uint64_t v = (uint64_t)degree << 32 | (UINT32_MAX - star);
    uint32_t i = p->heap_count++;
    for (; i > 0 && p->heap[(i - 1) / 2] < v; i = (i - 1) / 2)
        p->heap[i] = p->heap[(i - 1) / 2];
    p->heap[i] = v;
}

static uint64_t heap_pop(struct grouping *p)
{
    uint64_t top = p->heap[0], v = p->heap[--p->heap_count];
    uint32_t i = 0;
    for (;;) {
        uint32_t k = 2 * i + 1;
        if (k >= p->heap_count)
            break;
        if (k + 1 < p->heap_count && p->heap[k + 1] > p->heap[k])
            k++;
        if (p->heap[k] <= v)
            break;
        p->heap[i] = p->heap[k];
        i = k;
    }
    p->heap[i] = v;
    return top;
}

static bool init_stars(struct grouping *p, struct scratch *s)
{
    struct graph_layout *g = p->g;
    uint32_t items = (uint32_t)(p->upper->items.count + (p->lower ? p->lower->items.count : 0)), at = 0;
    p->star_count = items * LINK_CLASSES;
    p->stars = SCRATCH(s, struct star, p->star_count);
    p->heap = SCRATCH(s, uint64_t, p->star_count + 1);
    p->members = SCRATCH(s, uint32_t, p->upper->links.count * 2);
    if (s->failed)
        return false;
    vec_foreach (uint32_t, i, &p->upper->links) {
        struct link *l = &g->links.at[*i];
        l->net = l->flat ? p->net_count++ : NONE;
        if (l->flat)
            continue;
        p->stars[star_of(p, l, 0)].degree++;
        p->stars[star_of(p, l, 1)].degree++;
    }
    for (uint32_t i = 0; i < p->star_count; i++) {
        p->stars[i].first = at;
        at += p->stars[i].degree;
    }
    vec_foreach (uint32_t, i, &p->upper->links)
        for (int end = 0; end < 2 && !g->links.at[*i].flat; end++) {
            struct star *star = &p->stars[star_of(p, &g->links.at[*i], end)];
            p->members[star->first + star->count++] = *i;
        }
    return true;
}

/* Largest first; a star that lost links to another waits its new turn. */
static void form_nets(struct grouping *p)
{
    struct graph_layout *g = p->g;
    for (uint32_t i = 0; i < p->star_count; i++)
        if (p->stars[i].degree > 0)
            heap_push(p, i, p->stars[i].degree);
    while (p->heap_count > 0) {
        uint64_t top = heap_pop(p);
        uint32_t id = UINT32_MAX - (uint32_t)top;
        struct star *star = &p->stars[id];
        if (star->degree == 0)
            continue;
        if (star->degree < top >> 32) {
            heap_push(p, id, star->degree);
            continue;
        }
        for (uint32_t k = 0; k < star->count; k++) {
            struct link *l = &g->links.at[p->members[star->first + k]];
            if (l->net != NONE)
                continue;
            l->net = p->net_count;
            p->stars[star_of(p, l, 0)].degree--;
            p->stars[star_of(p, l, 1)].degree--;
        }
        p->net_count++;
    }
}

int graph_group_links(struct graph_layout *g, struct scratch *s)
{
    for (size_t r = 0; r < g->ranks.count; r++) {
        if (!g->ranks.at[r].dirty)
            continue;
        struct scratch_mark mark = scratch_mark(s);
        struct grouping p = {.g = g, .upper = &g->ranks.at[r]};
        p.lower = r + 1 < g->ranks.count ? p.upper + 1 : NULL;
        if (!init_stars(&p, s))
            return FLOW_ENOMEM;
        form_nets(&p);
        if (graph_place_pins(g, (uint32_t)r, p.net_count, s) < 0)
            return FLOW_ENOMEM;
        scratch_release(s, mark);
        vec_foreach (uint32_t, i, &p.upper->items)
            graph_size_item(g, &g->items.at[*i]);
        if (p.lower)
            vec_foreach (uint32_t, i, &p.lower->items)
                graph_size_item(g, &g->items.at[*i]);
    }
    return FLOW_OK;
}
