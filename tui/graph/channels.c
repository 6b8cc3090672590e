/* Tracks: on which row of its channel each net runs.
 *
 * Where one net comes down in the column in which another goes on, the first must run above the second: a
 * must, for they would lie on top of each other. Everything else is a matter of crossings. Musts can form a
 * circle; a net in it then changes column on a second track (a jog), in the free cells between the columns.
 */
#include "tui/graph/channels.h"

#include <assert.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "flow/error.h"

static int32_t pin_cell(const struct graph_layout *g, const struct link *l, int end)
{
    return (g->items.at[end == 0 ? l->upper : l->lower].column + l->pin[end]) * UNIT;
}

static int compare_pins(const void *a, const void *b)
{
    const struct pin *x = a, *y = b;
    if (x->net != y->net)
        return x->net < y->net ? -1 : 1;
    if (x->cell != y->cell)
        return x->cell < y->cell ? -1 : 1;
    return (x->side > y->side) - (x->side < y->side);
}

/* The pins of all nets, one entry per place, by net and cell. */
static bool collect_pins(struct channel *c, struct scratch *s)
{
    const struct graph_layout *g = c->g;
    uint32_t count = 0, out = 0, nets = 0;
    c->pins = SCRATCH(s, struct pin, c->rank->links.count * 2);
    if (s->failed)
        return false;
    vec_foreach (uint32_t, i, &c->rank->links) {
        const struct link *l = &g->links.at[*i];
        c->pins[count++] = (struct pin){pin_cell(g, l, 0), l->net, 1, 0};
        c->pins[count++] = (struct pin){pin_cell(g, l, 1), l->net, 1, l->flat ? 0 : 1};
        if (l->net >= nets)
            nets = l->net + 1;
    }
    qsort(c->pins, count, sizeof *c->pins, compare_pins);
    for (uint32_t i = 0; i < count; i++) {
        if (out > 0 && compare_pins(&c->pins[out - 1], &c->pins[i]) == 0)
            c->pins[out - 1].links++;
        else
            c->pins[out++] = c->pins[i];
    }
    c->pin_count = out;
    c->net_count = nets;
    return true;
}

/* The pins of each net; nets that only go straight down need no track. */
static bool collect_nets(struct channel *c, struct scratch *s)
{
    c->nets = SCRATCH(s, struct net, c->net_count);
    if (s->failed)
        return false;
    for (uint32_t i = 0; i < c->pin_count; i++) {
        struct net *net = &c->nets[c->pins[i].net];
        if (net->count++ == 0)
            net->first = i;
    }
    for (uint32_t i = 0; i < c->net_count; i++) {
        struct net *net = &c->nets[i];
        if (net->count == 0)
            continue;
        const struct pin *pins = c->pins + net->first;
        net->straight = pins[0].cell == pins[net->count - 1].cell;
        for (uint32_t k = 0; k < net->count; k++)
            net->links += pins[k].side == 0 ? pins[k].links : 0;
        net->upper_run = net->lower_run = NONE;
    }
    return true;
}

/* --- musts, and the jogs that open their circles --- */

static int compare_cells(const void *a, const void *b)
{
    const struct pin *const *x = a, *const *y = b;
    if ((*x)->cell != (*y)->cell)
        return (*x)->cell < (*y)->cell ? -1 : 1;
    return ((*x)->side > (*y)->side) - ((*x)->side < (*y)->side);
}

/* Lists the musts: pairs of pins in one column, the upper one of one net, the lower one of another. */
static bool collect_musts(struct channel *c, struct scratch *s)
{
    const struct pin **sorted = SCRATCH(s, const struct pin *, c->pin_count);
    uint32_t count = 0;
    c->musts = SCRATCH(s, struct must, c->pin_count);
    if (s->failed)
        return false;
    for (uint32_t i = 0; i < c->pin_count; i++)
        if (!c->nets[c->pins[i].net].straight)
            sorted[count++] = &c->pins[i];
    qsort(sorted, count, sizeof *sorted, compare_cells);
    for (uint32_t i = 1; i < count; i++) {
        const struct pin *a = sorted[i - 1], *b = sorted[i];
        if (a->cell == b->cell && a->net != b->net) {
            assert(a->side == 0 && b->side == 1 && "pins of one side have columns of their own");
            c->musts[c->must_count++] = (struct must){a->net, b->net};
        }
    }
    return true;
}

/* A net on a circle of musts, among those that wait: goes back from `net` along what it waits for. */
static uint32_t find_circle(
    const struct channel *c, const uint32_t *waits, uint32_t *mark, uint32_t stamp, uint32_t net)
{
    uint32_t best = NONE;
    while (mark[net] != stamp) {
        mark[net] = stamp;
        for (uint32_t i = 0; i < c->must_count; i++)
            if (c->musts[i].below == net && waits[c->musts[i].above] > 0) {
                net = c->musts[i].above;
                break;
            }
    }
    for (uint32_t at = net;;) {
        if (best == NONE || c->nets[at].links < c->nets[best].links)
            best = at;
        for (uint32_t i = 0; i < c->must_count; i++)
            if (c->musts[i].below == at && waits[c->musts[i].above] > 0) {
                at = c->musts[i].above;
                break;
            }
        if (at == net)
            return best;
    }
}

/* Takes nets away that wait for none; when none is left, one on a circle gets a jog: then its upper half
 * waits for none, and none waits for its lower half. */
static bool open_circles(struct channel *c, struct scratch *s)
{
    uint32_t *waits = SCRATCH(s, uint32_t, c->net_count), *queue = SCRATCH(s, uint32_t, c->net_count);
    uint32_t *mark = SCRATCH(s, uint32_t, c->net_count), head = 0, tail = 0, left = 0;
    if (s->failed)
        return false;
    for (uint32_t i = 0; i < c->must_count; i++)
        waits[c->musts[i].below]++;
    for (uint32_t i = 0; i < c->net_count; i++) {
        if (waits[i] == 0)
            queue[tail++] = i;
        left++;
    }
    for (uint32_t next = 0, stamp = 1; left > 0; stamp++) {
        if (head == tail) {
            while (waits[next] == 0)
                next++;
            uint32_t net = find_circle(c, waits, mark, stamp, next);
            c->nets[net].jogs = true;
            waits[net] = 0;
            queue[tail++] = net;
        }
        uint32_t done = queue[head++];
        left--;
        for (uint32_t i = 0; i < c->must_count; i++)
            if (c->musts[i].above == done && waits[c->musts[i].below] > 0 && --waits[c->musts[i].below] == 0)
                queue[tail++] = c->musts[i].below;
    }
    return true;
}

/* --- runs --- */

static bool cell_is_taken(const struct channel *c, int32_t cell)
{
    for (uint32_t i = 0; i < c->run_count; i++)
        if (c->runs[i].jog == cell)
            return true;
    return false;
}

/* A free cell between columns, close to `near` and if possible on the way to `towards`. */
static int32_t choose_jog(const struct channel *c, int32_t near, int32_t towards)
{
    int32_t step = towards < near ? -1 : 1;
    for (int32_t away = 1;; away += UNIT) {
        if (near + step * away >= 0 && !cell_is_taken(c, near + step * away))
            return near + step * away;
        if (near - step * away >= 0 && !cell_is_taken(c, near - step * away))
            return near - step * away;
    }
}

static struct run *add_run(struct channel *c, uint32_t net)
{
    struct run *run = &c->runs[c->run_count++];
    *run = (struct run){.net = net, .low = INT32_MAX, .high = INT32_MIN, .jog = -1};
    run->first = c->run_pin_count;
    return run;
}

static void add_pin(struct channel *c, struct run *run, int32_t cell, uint32_t links, int side)
{
    uint32_t at = c->run_pin_count++;
    /* By cell: jogs come last and find their place here. */
    for (; at > run->first && c->run_pins[at - 1].cell > cell; at--)
        c->run_pins[at] = c->run_pins[at - 1];
    c->run_pins[at] = (struct pin){cell, run->net, links, (uint8_t)side};
    run->count++;
    run->low = cell < run->low ? cell : run->low;
    run->high = cell > run->high ? cell : run->high;
}

/* The pin where all links of the net end. */
static void find_centre(const struct channel *c, struct run *run, uint32_t links)
{
    run->centre_pin = run->first;
    for (uint32_t i = run->first; i < run->first + run->count; i++)
        if (c->run_pins[i].links == links)
            run->centre_pin = i;
    run->centre = c->run_pins[run->centre_pin].cell;
}

static void make_runs_of(struct channel *c, uint32_t id)
{
    struct net *net = &c->nets[id];
    const struct pin *pins = c->pins + net->first;
    int32_t upper = 0, lower = 0;
    struct run *run = add_run(c, id);
    net->upper_run = net->lower_run = c->run_count - 1;
    for (uint32_t k = 0; k < net->count; k++) {
        if (pins[k].side == 0)
            upper = pins[k].cell;
        else
            lower = pins[k].cell;
        if (!net->jogs || pins[k].side == 0)
            add_pin(c, run, pins[k].cell, pins[k].links, pins[k].side);
    }
    if (net->jogs) {
        int32_t jog = choose_jog(c, upper, lower);
        add_pin(c, run, jog, net->links, 1);
        run->jog = jog;
        find_centre(c, run, net->links);
        run = add_run(c, id);
        net->lower_run = c->run_count - 1;
        add_pin(c, run, jog, net->links, 0);
        for (uint32_t k = 0; k < net->count; k++)
            if (pins[k].side == 1)
                add_pin(c, run, pins[k].cell, pins[k].links, 1);
    }
    find_centre(c, run, net->links);
}

static bool make_runs(struct channel *c, struct scratch *s)
{
    uint32_t runs = 0, pins = 0;
    for (uint32_t i = 0; i < c->net_count; i++) {
        runs += c->nets[i].jogs ? 2 : 1;
        pins += c->nets[i].count + (c->nets[i].jogs ? 2 : 0);
    }
    c->runs = SCRATCH(s, struct run, runs);
    c->run_pins = SCRATCH(s, struct pin, pins);
    c->covered = SCRATCH(s, uint32_t, (size_t)pins + 1);
    if (s->failed)
        return false;
    for (uint32_t i = 0; i < c->net_count; i++)
        if (c->nets[i].count > 0 && !c->nets[i].straight)
            make_runs_of(c, i);
    for (uint32_t i = 0; i < c->run_pin_count; i++)
        c->covered[i + 1] = c->covered[i] + c->run_pins[i].links;
    return true;
}

/* --- the result --- */

static void store_tracks(struct channel *c)
{
    struct graph_layout *g = c->g;
    int32_t tracks = 0;
    bool heads[2] = {false, false};
    vec_foreach (uint32_t, i, &c->rank->links) {
        struct link *l = &g->links.at[*i];
        const struct net *net = &c->nets[l->net];
        l->jog = -1;
        l->track[0] = l->track[1] = TRACK_STRAIGHT;
        if (!net->straight) {
            l->track[0] = c->runs[net->upper_run].track;
            l->track[1] = c->runs[net->lower_run].track;
            if (net->jogs)
                l->jog = c->runs[net->upper_run].jog;
            for (int k = 0; k < 2; k++)
                tracks = l->track[k] >= tracks ? l->track[k] + 1 : tracks;
        }
        const struct edge *e = &g->edges.at[l->edge];
        heads[0] |= l->flat || (e->reversed && g->items.at[l->upper].node != NONE);
        heads[1] |= !l->flat && !e->reversed && g->items.at[l->lower].node != NONE;
    }
    /* To the right, a turn right at the box would look like a part of it. */
    heads[0] |= g->options.direction == GRAPH_RIGHT && tracks > 0;
    if (tracks > c->rank->tracks)
        c->rank->tracks = tracks;
    for (int k = 0; k < 2; k++)
        c->rank->head_room[k] |= heads[k];
}

/* Cuts the nets that clash: links that lead right get a net of their own. Marks the links of nets that bump.
 * Returns whether there are any. */
static bool mend_nets(struct channel *c)
{
    struct graph_layout *g = c->g;
    bool any = false;
    vec_foreach (uint32_t, i, &c->rank->links) {
        struct link *l = &g->links.at[*i];
        const struct net *net = &c->nets[l->net];
        l->bumps = net->bumps || net->jogs;
        any |= l->bumps;
        if (!net->clashes || net->jogs)
            continue;
        int32_t centre = c->runs[net->upper_run].centre, a = pin_cell(g, l, 0), b = pin_cell(g, l, 1);
        any = true;
        if ((a == centre ? b : a) > centre)
            l->net += c->net_count;
    }
    return any;
}

static int route(struct graph_layout *g, struct rank *rank, bool *again, struct scratch *s)
{
    struct channel c = {.g = g, .rank = rank, .may_cut = again != NULL};
    if (!collect_pins(&c, s) || !collect_nets(&c, s) || !collect_musts(&c, s) || !open_circles(&c, s) ||
        !make_runs(&c, s) || graph_pack_tracks(&c, s) < 0)
        return FLOW_ENOMEM;
    rank->dirty = again && mend_nets(&c);
    if (rank->dirty)
        *again = true;
    else
        store_tracks(&c);
    return FLOW_OK;
}

int graph_route_channels(struct graph_layout *g, struct scratch *s, bool *again)
{
    if (again)
        *again = false;
    vec_foreach (struct rank, rank, &g->ranks) {
        if (!rank->dirty)
            continue;
        struct scratch_mark mark = scratch_mark(s);
        int status = route(g, rank, again, s);
        if (status < 0)
            return status;
        scratch_release(s, mark);
    }
    return FLOW_OK;
}
