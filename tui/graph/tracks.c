/* The order of runs within a channel: musts first, then crossings, then few tracks. */
#include "tui/graph/channels.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "flow/error.h"

/* Steps spent on sifting one channel, at most. */
#define SIFT_BUDGET 400000u

/* A run may cost a crossing for every so many runs of its channel, if that saves a track. */
#define RUNS_PER_LOSS 14

/* Two runs whose spans overlap, so that one is above the other. */
struct pair {
    uint32_t a, b;
    int32_t saved; /* crossings saved when a is above b; negative: when b is */
    int8_t must;   /* 1: a must be above; -1: b must */
};

struct packing {
    struct channel *c;
    struct {
        VEC(struct pair);
    } pairs;
    uint32_t *start, *around; /* run -> its pairs */
    int64_t *cost;            /* run -> crossings if it is above all that wait, minus those if below */
    uint32_t *waits;          /* run -> musts that are not yet above */
    bool *placed;
    uint32_t *order;
    struct entry {
        int64_t cost;
        uint32_t run;
    } * heap;
    uint32_t heap_count, heap_size;
};

/* Links of a run that pass the cell: they lead from the centre to ends beyond it. */
static uint32_t passing(const struct channel *c, const struct run *run, uint32_t after, int32_t cell)
{
    /* `after`: index of the first pin of the run with a cell > `cell` or the pin at it. */
    uint32_t end = run->first + run->count;
    if (cell > run->centre)
        return c->covered[end] - c->covered[after];
    return c->covered[after] - c->covered[run->first];
}

/* First pin of the run at or beyond the cell. */
static uint32_t pin_from(const struct channel *c, const struct run *run, int32_t cell)
{
    uint32_t low = run->first, high = run->first + run->count;
    while (low < high) {
        uint32_t mid = (low + high) / 2;
        if (c->run_pins[mid].cell < cell)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

/* Crossings of the verticals that `mover` has at `side` with the track of `lier`. */
static int32_t crossings(const struct channel *c, const struct run *lier, const struct run *mover, int side)
{
    uint32_t end = mover->first + mover->count, at = pin_from(c, lier, lier->low + 1);
    int32_t sum = 0;
    for (uint32_t i = pin_from(c, mover, lier->low + 1); i < end; i++) {
        const struct pin *pin = &c->run_pins[i];
        if (pin->cell >= lier->high)
            break;
        if (pin->side != side)
            continue;
        while (c->run_pins[at].cell < pin->cell)
            at++;
        sum += (int32_t)(pin->links * passing(c, lier, at, pin->cell));
    }
    return sum;
}

/* 1: a pin of `a` comes down where one of `b` goes on. */
static bool must_be_above(const struct channel *c, const struct run *a, const struct run *b)
{
    uint32_t i = pin_from(c, a, b->low), k = pin_from(c, b, a->low);
    uint32_t a_end = a->first + a->count, b_end = b->first + b->count;
    while (i < a_end && k < b_end) {
        const struct pin *p = &c->run_pins[i], *q = &c->run_pins[k];
        if (p->cell == q->cell && p->side == 0 && q->side == 1)
            return true;
        if (p->cell < q->cell || (p->cell == q->cell && p->side == 1))
            i++;
        else
            k++;
    }
    return false;
}

struct balance {
    int64_t below, above; /* links with their far end left of the cell, right of it */
};

static struct balance weigh(const struct channel *c, const struct run *run, int32_t cell)
{
    struct balance b = {0, 0};
    for (uint32_t i = run->first; i < run->first + run->count; i++) {
        if (i == run->centre_pin)
            continue;
        b.below += c->run_pins[i].cell < cell ? c->run_pins[i].links : 0;
        b.above += c->run_pins[i].cell > cell ? c->run_pins[i].links : 0;
    }
    return b;
}

/* Crossings that no routing can avoid: pairs of links whose ends stand the other way round below than above.
 */
static int64_t inversions(const struct channel *c, const struct run *x, const struct run *y)
{
    if (c->run_pins[x->centre_pin].side != c->run_pins[y->centre_pin].side) {
        struct balance b = weigh(c, x, y->centre), d = weigh(c, y, x->centre);
        return b.above * d.above + b.below * d.below;
    }
    int64_t sum = 0;
    for (uint32_t i = y->first; i < y->first + y->count; i++) {
        if (i == y->centre_pin)
            continue;
        struct balance b = weigh(c, x, c->run_pins[i].cell);
        sum += (x->centre < y->centre ? b.above : b.below) * c->run_pins[i].links;
    }
    return sum;
}

static bool has_two_sides(const struct channel *c, const struct run *run)
{
    return c->run_pins[run->first].cell < run->centre &&
           c->run_pins[run->first + run->count - 1].cell > run->centre;
}

/* Two bundles can be in each other's way whichever is above; cut at their centres they are not. */
static void note_clash(struct channel *c, const struct run *x, const struct run *y, int64_t crossings)
{
    if (c->nets[x->net].links < 2 || c->nets[y->net].links < 2 ||
        !(has_two_sides(c, x) || has_two_sides(c, y)) || crossings <= inversions(c, x, y))
        return;
    c->nets[x->net].clashes |= has_two_sides(c, x);
    c->nets[y->net].clashes |= has_two_sides(c, y);
}

static int add_pair(struct packing *p, uint32_t a, uint32_t b)
{
    struct channel *c = p->c;
    const struct run *x = &c->runs[a], *y = &c->runs[b];
    struct pair pair = {.a = a, .b = b};
    if (x->net == y->net) {
        pair.must = x->jog >= 0 ? 1 : -1; /* the two halves of a jog */
        return vec_push(&p->pairs, pair);
    }
    pair.must = (int8_t)(must_be_above(c, x, y) - must_be_above(c, y, x));
    int32_t a_above = crossings(c, x, y, 0) + crossings(c, y, x, 1);
    int32_t b_above = crossings(c, y, x, 0) + crossings(c, x, y, 1);
    pair.saved = b_above - a_above;
    if (pair.must > 0 ? pair.saved < 0 : pair.must < 0 && pair.saved > 0)
        c->nets[x->net].bumps = c->nets[y->net].bumps = true;
    if (c->may_cut)
        note_clash(c, x, y, a_above < b_above ? a_above : b_above);
    return vec_push(&p->pairs, pair);
}

static int compare_lows(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    if (x->cost != y->cost)
        return x->cost < y->cost ? -1 : 1;
    return (x->run > y->run) - (x->run < y->run);
}

static int collect_pairs(struct packing *p, struct scratch *s)
{
    struct channel *c = p->c;
    uint32_t n = c->run_count, active_count = 0;
    struct entry *by_low = SCRATCH(s, struct entry, n);
    uint32_t *active = SCRATCH(s, uint32_t, n);
    if (s->failed)
        return FLOW_ENOMEM;
    for (uint32_t i = 0; i < n; i++)
        by_low[i] = (struct entry){c->runs[i].low, i};
    qsort(by_low, n, sizeof *by_low, compare_lows);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t run = by_low[i].run, kept = 0;
        for (uint32_t k = 0; k < active_count; k++) {
            if (c->runs[active[k]].high < c->runs[run].low)
                continue;
            active[kept++] = active[k];
            if (add_pair(p, active[k], run) < 0)
                return FLOW_ENOMEM;
        }
        active[kept++] = run;
        active_count = kept;
    }
    return FLOW_OK;
}

static bool index_pairs(struct packing *p, struct scratch *s)
{
    uint32_t n = p->c->run_count;
    p->start = SCRATCH(s, uint32_t, n + 2);
    p->around = SCRATCH(s, uint32_t, p->pairs.count * 2);
    p->cost = SCRATCH(s, int64_t, n);
    p->waits = SCRATCH(s, uint32_t, n);
    p->placed = SCRATCH(s, bool, n);
    p->order = SCRATCH(s, uint32_t, n);
    p->heap_size = n + (uint32_t)p->pairs.count;
    p->heap = SCRATCH(s, struct entry, p->heap_size);
    if (s->failed)
        return false;
    vec_foreach (struct pair, pair, &p->pairs) {
        p->start[pair->a + 2]++;
        p->start[pair->b + 2]++;
        p->cost[pair->a] -= pair->saved;
        p->cost[pair->b] += pair->saved;
        p->waits[pair->b] += pair->must > 0;
        p->waits[pair->a] += pair->must < 0;
    }
    for (uint32_t i = 0; i < n; i++)
        p->start[i + 2] += p->start[i + 1];
    for (uint32_t i = 0; i < p->pairs.count; i++) {
        p->around[p->start[p->pairs.at[i].a + 1]++] = i;
        p->around[p->start[p->pairs.at[i].b + 1]++] = i;
    }
    return true;
}

static bool comes_before(const struct entry *a, const struct entry *b)
{
    return a->cost != b->cost ? a->cost < b->cost : a->run < b->run;
}

static void heap_push(struct packing *p, uint32_t run)
{
    struct entry v = {p->cost[run], run};
    assert(p->heap_count < p->heap_size);
    uint32_t i = p->heap_count++;
    for (; i > 0 && comes_before(&v, &p->heap[(i - 1) / 2]); i = (i - 1) / 2)
        p->heap[i] = p->heap[(i - 1) / 2];
    p->heap[i] = v;
}

static struct entry heap_pop(struct packing *p)
{
    struct entry top = p->heap[0], v = p->heap[--p->heap_count];
    uint32_t i = 0;
    for (;;) {
        uint32_t k = 2 * i + 1;
        if (k >= p->heap_count)
            break;
        if (k + 1 < p->heap_count && comes_before(&p->heap[k + 1], &p->heap[k]))
            k++;
        if (!comes_before(&p->heap[k], &v))
            break;
        p->heap[i] = p->heap[k];
        i = k;
    }
    p->heap[i] = v;
    return top;
}

/* From the top: always the run that costs least above all that is left, among those with no must in the way.
 */
static void order_runs(struct packing *p)
{
    uint32_t n = p->c->run_count, count = 0;
    for (uint32_t i = 0; i < n; i++)
        if (p->waits[i] == 0)
            heap_push(p, i);
    while (count < n) {
        assert(p->heap_count > 0 && "musts have no circles here");
        struct entry top = heap_pop(p);
        if (p->placed[top.run] || top.cost != p->cost[top.run])
            continue;
        p->placed[top.run] = true;
        p->order[count++] = top.run;
        for (uint32_t k = p->start[top.run]; k < p->start[top.run + 1]; k++) {
            const struct pair *pair = &p->pairs.at[p->around[k]];
            bool is_a = pair->a == top.run;
            uint32_t other = is_a ? pair->b : pair->a;
            if (p->placed[other])
                continue;
            p->cost[other] += is_a ? -pair->saved : pair->saved;
            bool must = is_a ? pair->must > 0 : pair->must < 0;
            p->waits[other] -= must;
            if (p->waits[other] == 0 && (must || pair->saved != 0))
                heap_push(p, other);
        }
    }
}

/* Runs in order, while they are sifted. */
struct sifting {
    uint32_t *place; /* run -> place in the order */
    int64_t *saved;  /* by place: crossings saved when the run at hand moves past it; else 0 */
    uint64_t spent;
};

/* Notes what moving `run` past others would save. Returns the places it can have, by its musts. */
static void note_savings(
    const struct packing *p, struct sifting *t, uint32_t run, uint32_t *low, uint32_t *high, bool clear)
{
    uint32_t from = t->place[run];
    for (uint32_t k = p->start[run]; k < p->start[run + 1]; k++) {
        const struct pair *pair = &p->pairs.at[p->around[k]];
        bool is_a = pair->a == run;
        uint32_t at = t->place[is_a ? pair->b : pair->a];
        int64_t above = is_a ? pair->saved : -pair->saved; /* saved when the run is above the other */
        t->saved[at] = clear ? 0 : at < from ? above : -above;
        if (pair->must && at < from)
            *low = at + 1 > *low ? at + 1 : *low;
        else if (pair->must)
            *high = at - 1 < *high ? at - 1 : *high;
    }
    t->spent += p->start[run + 1] - p->start[run];
}

/* Moves a run to where in the order it saves most crossings, the others standing still. */
static bool sift_run(struct packing *p, struct sifting *t, uint32_t run)
{
    uint32_t from = t->place[run], to = from, low = 0, high = p->c->run_count - 1;
    int64_t sum = 0, best = 0;
    note_savings(p, t, run, &low, &high, false);
    for (uint32_t i = from; i > low; i--) {
        sum += t->saved[i - 1];
        if (sum > best) {
            best = sum;
            to = i - 1;
        }
    }
    sum = 0;
    for (uint32_t i = from; i < high; i++) {
        sum += t->saved[i + 1];
        if (sum > best) {
            best = sum;
            to = i + 1;
        }
    }
    t->spent += high - low;
    note_savings(p, t, run, &low, &high, true);
    for (uint32_t i = from; i < to; i++)
        t->place[p->order[i] = p->order[i + 1]] = i;
    for (uint32_t i = from; i > to; i--)
        t->place[p->order[i] = p->order[i - 1]] = i;
    t->place[p->order[to] = run] = to;
    return to != from;
}

static bool sift_runs(struct packing *p, struct scratch *s)
{
    uint32_t n = p->c->run_count;
    struct sifting t = {.place = SCRATCH(s, uint32_t, n), .saved = SCRATCH(s, int64_t, n)};
    if (s->failed)
        return false;
    for (uint32_t i = 0; i < n; i++)
        t.place[p->order[i]] = i;
    for (bool better = true; better && t.spent < SIFT_BUDGET;) {
        better = false;
        for (uint32_t run = 0; run < n && t.spent < SIFT_BUDGET; run++)
            better |= sift_run(p, &t, run);
    }
    return true;
}

/* By track, while one run looks for its own: what it would cost to be above what is there. */
struct track_use {
    bool taken;
    int64_t loss;
};

/* The highest free track that costs no more than `tolerance` crossings; among those below its musts. */
static int32_t choose_track(const struct packing *p, uint32_t run, struct track_use *use, int32_t count)
{
    const struct channel *c = p->c;
    int32_t low = 0;
    int64_t loss = 0, tolerance = c->run_count / RUNS_PER_LOSS;
    for (uint32_t k = p->start[run]; k < p->start[run + 1]; k++) {
        const struct pair *pair = &p->pairs.at[p->around[k]];
        bool is_a = pair->a == run;
        uint32_t other = is_a ? pair->b : pair->a;
        if (!p->placed[other])
            continue;
        int32_t track = c->runs[other].track, saved = is_a ? -pair->saved : pair->saved;
        use[track].taken = true;
        if (saved > 0) {
            use[track].loss += saved;
            loss += saved;
        }
        if ((is_a ? pair->must < 0 : pair->must > 0) && track >= low)
            low = track + 1;
    }
    for (int32_t t = 0; t < count; t++) {
        loss -= use[t].loss; /* now that of being above the tracks below t */
        if (t >= low && !use[t].taken && loss <= tolerance)
            return t;
    }
    return count;
}

static bool pack(struct packing *p, struct scratch *s)
{
    struct channel *c = p->c;
    int32_t count = 0;
    struct track_use *use = SCRATCH(s, struct track_use, c->run_count);
    if (s->failed)
        return false;
    memset(p->placed, 0, sizeof *p->placed * c->run_count);
    for (uint32_t i = 0; i < c->run_count; i++) {
        uint32_t run = p->order[i];
        c->runs[run].track = choose_track(p, run, use, count);
        if (c->runs[run].track == count)
            count++;
        p->placed[run] = true;
        memset(use, 0, sizeof *use * (size_t)count);
    }
    return true;
}

int graph_pack_tracks(struct channel *c, struct scratch *s)
{
    struct packing p = {.c = c};
    if (c->run_count == 0)
        return FLOW_OK;
    if (collect_pairs(&p, s) < 0 || !index_pairs(&p, s)) {
        vec_finish(&p.pairs);
        return FLOW_ENOMEM;
    }
    order_runs(&p);
    bool packed = sift_runs(&p, s) && pack(&p, s);
    vec_finish(&p.pairs);
    return packed ? FLOW_OK : FLOW_ENOMEM;
}
