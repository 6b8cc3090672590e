#include "tui/graph/fold.h"

#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "flow/error.h"
#include "tui/graph/scratch.h"

#define LEAST 3

/* Where a task stands among the wired edges. `next` and `previous` are meaningful while their count is 1. */
struct place {
    uint32_t out, in; /* edges of any kind, loops left out */
    uint32_t next, previous;
    bool is_plain; /* may be a member of a chain */
};

/* What is known of a group while it is compared with others. */
struct profile {
    uint32_t group, count;
    const struct tie *ties;
    size_t tie_count;
    uint64_t hash;
};

/* An edge as a group sees it. */
struct tie {
    uint32_t other, kind, side;
};

struct work {
    const struct graph_fold_input *input;
    const struct graph_fold *before; /* what was opened */
    struct graph_fold *out;
    struct scratch s;
};

static bool is_free(const struct work *w, uint32_t node)
{
    bool is_open = node < w->before->opened.count && w->before->opened.at[node] != 0;
    return !is_open && !(w->input->is_kept && w->input->is_kept[node]);
}

static struct place *find_places(struct work *w)
{
    struct place *places = SCRATCH(&w->s, struct place, w->input->node_count);
    if (!places)
        return NULL;
    for (uint32_t i = 0; i < w->input->node_count; i++)
        places[i].is_plain = is_free(w, i);
    for (size_t i = 0; i < w->input->edge_count; i++) {
        const struct graph_fold_edge *e = &w->input->edges[i];
        if (e->from == e->to)
            continue;
        places[e->from].out++;
        places[e->from].next = e->to;
        places[e->to].in++;
        places[e->to].previous = e->from;
        if (e->kind != GRAPH_STATIC)
            places[e->from].is_plain = places[e->to].is_plain = false;
    }
    for (uint32_t i = 0; i < w->input->node_count; i++)
        places[i].is_plain = places[i].is_plain && places[i].out == 1 && places[i].in == 1;
    return places;
}

/* --- chains --- */

/* The tasks from `head` on that make a chain. */
static uint32_t chain_length(const struct place *places, uint32_t head)
{
    uint32_t length = 0;
    for (uint32_t at = head; places[at].is_plain; at = places[at].next)
        length++;
    return length;
}

/* Marks in chain[], all zero, which tasks begin a chain (its length), and which are inside of one
 * (GRAPH_NONE). A ring of plain tasks has no head and stays as it is. */
static void find_chains(const struct work *w, const struct place *places, uint32_t *chain)
{
    uint32_t least = w->input->chain_least ? w->input->chain_least : LEAST;
    for (uint32_t i = 0; i < w->input->node_count; i++) {
        if (!places[i].is_plain || places[places[i].previous].is_plain)
            continue;
        uint32_t length = chain_length(places, i);
        if (length < least)
            continue;
        for (uint32_t at = i; places[at].is_plain; at = places[at].next)
            chain[at] = GRAPH_NONE;
        chain[i] = length;
    }
}

static int add_member(struct graph_fold *out, uint32_t node)
{
    out->group_of.at[node] = (uint32_t)out->groups.count - 1;
    vec_last(&out->groups).count++;
    return vec_push(&out->members, node);
}

static int add_group(struct graph_fold *out, enum graph_group_kind kind)
{
    return vec_push(&out->groups, (struct graph_group){kind, (uint32_t)out->members.count, 0, 1});
}

/* Groups after the first step: chains, and tasks on their own. */
static int group_chains(struct work *w)
{
    struct graph_fold *out = w->out;
    struct place *places = find_places(w);
    uint32_t *chain = SCRATCH(&w->s, uint32_t, w->input->node_count);
    if (w->s.failed || vec_reserve(&out->group_of, w->input->node_count) < 0)
        return FLOW_ENOMEM;
    out->group_of.count = w->input->node_count;
    find_chains(w, places, chain);
    int status = FLOW_OK;
    for (uint32_t i = 0; i < w->input->node_count && status >= 0; i++) {
        if (chain[i] == GRAPH_NONE)
            continue;
        uint32_t at = i;
        status = add_group(out, chain[i] ? GRAPH_GROUP_CHAIN : GRAPH_GROUP_SINGLE);
        for (uint32_t n = chain[i] ? chain[i] : 1; n > 0 && status >= 0; n--, at = places[at].next)
            status = add_member(out, at);
    }
    return status;
}

/* --- twins --- */

static int compare_ties(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(struct tie)); /* any order will do */
}

static int compare_profiles(const void *a, const void *b)
{
    const struct profile *p = a, *q = b;
    if (p->hash != q->hash)
        return p->hash < q->hash ? -1 : 1;
    if (p->count != q->count)
        return p->count < q->count ? -1 : 1;
    if (p->tie_count != q->tie_count)
        return p->tie_count < q->tie_count ? -1 : 1;
    int order = p->tie_count ? memcmp(p->ties, q->ties, p->tie_count * sizeof *p->ties) : 0;
    return order ? order : p->group < q->group ? -1 : p->group > q->group;
}

static bool are_twins(const struct profile *p, const struct profile *q)
{
    return p->hash == q->hash && p->count == q->count && p->tie_count == q->tie_count && p->tie_count > 0 &&
           memcmp(p->ties, q->ties, p->tie_count * sizeof *p->ties) == 0;
}

/* The edges of every group, sorted within it, so that they can be compared. */
static int find_profiles(struct work *w, struct profile *profiles)
{
    const struct graph_fold *out = w->out;
    size_t count = 0, *start = SCRATCH(&w->s, size_t, out->groups.count + 1);
    struct tie *ties = SCRATCH(&w->s, struct tie, w->input->edge_count * 2 + 1);
    if (w->s.failed)
        return FLOW_ENOMEM;
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < w->input->edge_count; i++) {
            const struct graph_fold_edge *e = &w->input->edges[i];
            uint32_t from = out->group_of.at[e->from], to = out->group_of.at[e->to];
            if (from == to)
                continue;
            if (pass == 0) {
                start[from]++, start[to]++;
                continue;
            }
            ties[start[from]++] = (struct tie){to, e->kind, 0};
            ties[start[to]++] = (struct tie){from, e->kind, 1};
        }
        for (size_t g = 0; pass == 0 && g < out->groups.count; g++) {
            size_t here = start[g];
            start[g] = count;
            count += here;
        }
    }
    for (uint32_t g = 0; g < out->groups.count; g++) { /* start[g] is the end of g by now */
        size_t first = g ? start[g - 1] : 0, n = start[g] - first;
        if (n)
            qsort(ties + first, n, sizeof *ties, compare_ties);
        profiles[g] = (struct profile){
            g, out->groups.at[g].count, ties + first, n, n ? hash_bytes(ties + first, n * sizeof *ties) : 0};
    }
    return FLOW_OK;
}

/* Sets leader[g] to the first of g's twins, or to g itself. */
static int find_twins(struct work *w, uint32_t *leader)
{
    const struct graph_fold *out = w->out;
    uint32_t least = w->input->twins_least ? w->input->twins_least : LEAST;
    struct profile *profiles = SCRATCH(&w->s, struct profile, out->groups.count);
    if (!profiles || find_profiles(w, profiles) < 0)
        return FLOW_ENOMEM;
    if (out->groups.count)
        qsort(profiles, out->groups.count, sizeof *profiles, compare_profiles);
    for (size_t i = 0, end; i < out->groups.count; i = end) {
        for (end = i + 1; end < out->groups.count && are_twins(&profiles[i], &profiles[end]);)
            end++;
        uint32_t free_twins = 0, first = GRAPH_NONE;
        for (size_t k = i; k < end; k++) {
            uint32_t group = profiles[k].group;
            leader[group] = group;
            free_twins += is_free(w, out->members.at[out->groups.at[group].first]);
        }
        for (size_t k = i; k < end && free_twins >= least; k++) {
            uint32_t group = profiles[k].group;
            if (!is_free(w, out->members.at[out->groups.at[group].first]))
                continue;
            first = first == GRAPH_NONE ? group : first; /* they are sorted by group */
            leader[group] = first;
        }
    }
    return FLOW_OK;
}

static int append_members(struct graph_fold *out, const struct graph_fold *from, uint32_t group)
{
    const struct graph_group *g = &from->groups.at[group];
    int status = FLOW_OK;
    for (uint32_t i = 0; i < g->count && status >= 0; i++)
        status = add_member(out, from->members.at[g->first + i]);
    return status;
}

/* Puts twins together: `out` becomes the groups of `from` with each followed by its twins. */
static int merge_twins(
    struct graph_fold *out, const struct graph_fold *from, const uint32_t *leader, uint32_t *next)
{
    uint32_t count = (uint32_t)from->groups.count;
    int status = vec_reserve(&out->group_of, from->group_of.count);
    out->group_of.count = status < 0 ? 0 : from->group_of.count;
    /* Lists of twins: next[g] is the one after g. Built from behind, so that they go upwards. */
    for (uint32_t g = 0; g < count; g++)
        next[g] = GRAPH_NONE;
    for (uint32_t g = count; g-- > 0;) {
        if (leader[g] == g)
            continue;
        next[g] = next[leader[g]];
        next[leader[g]] = g;
    }
    for (uint32_t g = 0; g < count && status >= 0; g++) {
        if (leader[g] != g)
            continue;
        bool has_twins = next[g] != GRAPH_NONE;
        status = add_group(out, has_twins ? GRAPH_GROUP_TWINS : from->groups.at[g].kind);
        if (status >= 0)
            status = append_members(out, from, g);
        for (uint32_t t = next[g]; t != GRAPH_NONE && status >= 0; t = next[t]) {
            vec_last(&out->groups).branches++;
            status = append_members(out, from, t);
        }
    }
    return status;
}

static void swap(struct graph_fold *a, struct graph_fold *b)
{
    struct graph_fold c = *a;
    *a = *b;
    *b = c;
}

static int group_twins(struct work *w)
{
    struct graph_fold merged = {0};
    uint32_t *leader = SCRATCH(&w->s, uint32_t, w->out->groups.count);
    uint32_t *next = SCRATCH(&w->s, uint32_t, w->out->groups.count);
    int status = w->s.failed ? FLOW_ENOMEM : find_twins(w, leader);
    if (status >= 0)
        status = merge_twins(&merged, w->out, leader, next);
    if (status >= 0)
        swap(w->out, &merged);
    graph_fold_finish(&merged);
    return status;
}

/* --- edges --- */

static struct map_name edge_name(const void *user, uint32_t index)
{
    const struct graph_fold *out = user;
    return (struct map_name){(const char *)&out->edges.at[index], sizeof(struct graph_fold_edge)};
}

static int add_edges(struct work *w)
{
    struct graph_fold *out = w->out;
    struct map index = {.name_of = edge_name, .user = out};
    int status = vec_reserve(&out->edge_of, w->input->edge_count);
    for (size_t i = 0; i < w->input->edge_count && status >= 0; i++) {
        const struct graph_fold_edge *e = &w->input->edges[i];
        struct graph_fold_edge edge = {out->group_of.at[e->from], out->group_of.at[e->to], e->kind};
        uint32_t id = map_find(&index, (const char *)&edge, sizeof edge);
        if (edge.from == edge.to && out->groups.at[edge.from].kind != GRAPH_GROUP_SINGLE) {
            id = GRAPH_NONE;
        } else if (id == MAP_NONE) {
            id = (uint32_t)out->edges.count;
            if ((status = vec_push(&out->edges, edge)) >= 0)
                status = map_add(&index, (const char *)&edge, sizeof edge, id);
        }
        if (status >= 0)
            status = vec_push(&out->edge_of, id);
    }
    map_finish(&index);
    return status;
}

static int keep_openings(struct work *w)
{
    struct graph_fold *out = w->out;
    uint32_t count = w->input->node_count;
    if (vec_reserve(&out->opened, count) < 0)
        return FLOW_ENOMEM;
    for (uint32_t i = 0; i < count; i++)
        out->opened.at[i] = i < w->before->opened.count ? w->before->opened.at[i] : 0;
    out->opened.count = count;
    out->openings = w->before->openings;
    return FLOW_OK;
}

int graph_fold_update(struct graph_fold *fold, const struct graph_fold_input *input)
{
    struct graph_fold next = {0};
    struct work w = {.input = input, .before = fold, .out = &next};
    int status = group_chains(&w);
    if (status >= 0)
        status = group_twins(&w);
    if (status >= 0)
        status = add_edges(&w);
    if (status >= 0)
        status = keep_openings(&w);
    if (status >= 0)
        swap(fold, &next);
    graph_fold_finish(&next);
    scratch_finish(&w.s);
    return status < 0 ? status : FLOW_OK;
}

void graph_fold_finish(struct graph_fold *fold)
{
    vec_finish(&fold->groups);
    vec_finish(&fold->members);
    vec_finish(&fold->group_of);
    vec_finish(&fold->edges);
    vec_finish(&fold->edge_of);
    vec_finish(&fold->opened);
    fold->openings = 0;
}

const uint32_t *graph_fold_members(const struct graph_fold *fold, uint32_t group)
{
    return fold->members.at + fold->groups.at[group].first;
}

void graph_fold_open(struct graph_fold *fold, uint32_t group)
{
    const uint32_t *members = graph_fold_members(fold, group);
    fold->openings++;
    for (uint32_t i = 0; i < fold->groups.at[group].count; i++)
        fold->opened.at[members[i]] = fold->openings;
}

bool graph_fold_close(struct graph_fold *fold, uint32_t node)
{
    uint32_t opening = node < fold->opened.count ? fold->opened.at[node] : 0;
    if (opening == 0)
        return false;
    vec_foreach (uint32_t, mark, &fold->opened)
        *mark = *mark == opening ? 0 : *mark;
    return true;
}

void graph_fold_close_all(struct graph_fold *fold)
{
    vec_foreach (uint32_t, mark, &fold->opened)
        *mark = 0;
}
