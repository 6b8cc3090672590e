/* What must hold for every layout: boxes apart, lines outside boxes, every line followable, the same each
 * time. */
#include "tests/unit/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/vec.h"
#include "flow/error.h"
#include "tests/unit/tui/graph_build.h"

/* One cell of the plane: whose box, and what the lines through it have in common, by axis. */
struct spot {
    uint32_t node; /* 1 + node, or 0 */
    struct common {
        uint32_t source, target; /* 1 + node that all share; 0 none yet; GRAPH_NONE differs */
    } across, down;
    bool straight_across, straight_down, turns;
};

struct plane {
    struct spot *spots;
    int32_t w, h;
    char what[160];
};

static struct spot *spot_at(const struct plane *p, int32_t x, int32_t y)
{
    assert_true(x >= 0 && y >= 0 && x < p->w && y < p->h);
    return &p->spots[(size_t)y * (size_t)p->w + (size_t)x];
}

static void share(const struct plane *p, struct common *c, struct graph_edge_info e, int32_t x, int32_t y)
{
    if (c->source == 0)
        *c = (struct common){e.from + 1, e.to + 1};
    c->source = c->source == e.from + 1 ? c->source : GRAPH_NONE;
    c->target = c->target == e.to + 1 ? c->target : GRAPH_NONE;
    if (c->source == GRAPH_NONE && c->target == GRAPH_NONE)
        fail_msg("%s: lines of different ends share cell %d,%d", p->what, x, y);
}

static void put_boxes(struct plane *p, const struct graph_layout *g)
{
    for (uint32_t i = 0; i < graph_layout_node_count(g); i++) {
        struct graph_rect r = graph_layout_node_rect(g, i);
        assert_true(r.w > 0 && r.h > 0);
        for (int32_t y = r.y; y < r.y + r.h; y++)
            for (int32_t x = r.x; x < r.x + r.w; x++) {
                if (spot_at(p, x, y)->node != 0)
                    fail_msg("%s: two boxes share cell %d,%d", p->what, x, y);
                spot_at(p, x, y)->node = i + 1;
            }
    }
}

static bool touches(struct graph_rect r, struct graph_point p)
{
    bool in_columns = p.x >= r.x && p.x < r.x + r.w, in_rows = p.y >= r.y && p.y < r.y + r.h;
    return (in_columns && (p.y == r.y - 1 || p.y == r.y + r.h)) ||
           (in_rows && (p.x == r.x - 1 || p.x == r.x + r.w));
}

static void put_stretch(
    struct plane *p, struct graph_edge_info e, struct graph_point a, struct graph_point b, bool is_only)
{
    int32_t dx = (b.x > a.x) - (b.x < a.x), dy = (b.y > a.y) - (b.y < a.y);
    if (dx != 0 && dy != 0)
        fail_msg("%s: slanted line at %d,%d", p->what, a.x, a.y);
    for (struct graph_point at = a;; at.x += dx, at.y += dy) {
        struct spot *s = spot_at(p, at.x, at.y);
        bool is_end = (at.x == a.x && at.y == a.y) || (at.x == b.x && at.y == b.y);
        if (s->node != 0)
            fail_msg("%s: line %u-%u enters box %u at %d,%d", p->what, e.from, e.to, s->node - 1, at.x, at.y);
        if (dx != 0 || is_only)
            share(p, &s->across, e, at.x, at.y);
        if (dy != 0 || is_only)
            share(p, &s->down, e, at.x, at.y);
        s->straight_across |= dx != 0 && !is_end;
        s->straight_down |= dy != 0 && !is_end;
        if (at.x == b.x && at.y == b.y)
            break;
    }
}

static void put_line(struct plane *p, const struct graph_layout *g, uint32_t edge, struct graph_path *path)
{
    struct graph_edge_info e = graph_layout_edge_info(g, edge);
    assert_int_equal(graph_layout_edge_path(g, edge, path), FLOW_OK);
    if (e.from == e.to) {
        assert_int_equal(path->count, 0);
        return;
    }
    if (path->count == 0)
        fail_msg("%s: no line from %u to %u", p->what, e.from, e.to);
    if (!touches(graph_layout_node_rect(g, e.from), path->at[0]) ||
        !touches(graph_layout_node_rect(g, e.to), path->at[path->count - 1]))
        fail_msg("%s: line %u-%u from %d,%d to %d,%d does not reach its boxes", p->what, e.from, e.to,
            path->at[0].x, path->at[0].y, path->at[path->count - 1].x, path->at[path->count - 1].y);
    if (path->count == 1)
        put_stretch(p, e, path->at[0], path->at[0], true);
    for (size_t i = 1; i < path->count; i++)
        put_stretch(p, e, path->at[i - 1], path->at[i], false);
    for (size_t i = 1; i + 1 < path->count; i++)
        spot_at(p, path->at[i].x, path->at[i].y)->turns = true;
}

/* A junction where a line also crosses could be read either way. */
static void check_junctions(const struct plane *p)
{
    for (int32_t y = 0; y < p->h; y++)
        for (int32_t x = 0; x < p->w; x++) {
            const struct spot *s = spot_at(p, x, y);
            if (!s->turns || !s->straight_across || !s->straight_down)
                continue;
            bool one_source = s->across.source == s->down.source && s->across.source != GRAPH_NONE;
            bool one_target = s->across.target == s->down.target && s->across.target != GRAPH_NONE;
            if (!one_source && !one_target)
                fail_msg("%s: crossing on a junction at %d,%d", p->what, x, y);
        }
}

static void assert_valid(const struct graph_layout *g, const char *what)
{
    struct plane p = {.w = graph_layout_width(g), .h = graph_layout_height(g)};
    struct graph_path path = {0};
    snprintf(p.what, sizeof p.what, "%s", what);
    p.spots = mem_array(NULL, (size_t)p.w * (size_t)p.h + 1, sizeof *p.spots);
    assert_non_null(p.spots);
    memset(p.spots, 0, ((size_t)p.w * (size_t)p.h + 1) * sizeof *p.spots);
    put_boxes(&p, g);
    for (uint32_t i = 0; i < graph_layout_edge_count(g); i++)
        put_line(&p, g, i, &path);
    check_junctions(&p);
    vec_finish(&path);
    mem_free(p.spots);
}

static uint32_t next_random(uint64_t *seed, uint32_t below)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)((*seed >> 33) % below);
}

static void add_random(struct graph_layout *g, uint64_t *seed, uint32_t nodes, uint32_t edges)
{
    char label[16];
    while (nodes-- > 0) {
        uint32_t length = 1 + next_random(seed, 12);
        memset(label, 'n', length);
        label[length] = '\0';
        assert_int_equal(graph_layout_add_node(g, label, NULL), FLOW_OK);
    }
    uint32_t count = graph_layout_node_count(g);
    while (edges-- > 0) {
        uint32_t kind = next_random(seed, 8);
        graph_layout_add_edge(g, next_random(seed, count), next_random(seed, count),
            kind == 0   ? GRAPH_GOTO
            : kind == 1 ? GRAPH_NEXT
                        : GRAPH_STATIC,
            NULL);
    }
}

static int one_column(uint32_t code_point)
{
    (void)code_point;
    return 1;
}

static struct graph_layout *random_graph(uint64_t seed, int zoom, int direction)
{
    struct graph_layout *g;
    struct graph_layout_options options = {.zoom = (enum graph_zoom)zoom,
        .direction = (enum graph_direction)direction,
        .spare_rows = (int)(seed % 2),
        .char_width = one_column};
    uint64_t state = seed;
    assert_int_equal(graph_layout_create(&g, &options), FLOW_OK);
    add_random(g, &state, 1 + next_random(&state, 30), next_random(&state, 60));
    assert_int_equal(graph_layout_update(g), FLOW_OK);
    return g;
}

#define GRAPHS 120

static void every_line_of_a_random_graph_can_be_followed(void **state)
{
    char what[80];
    (void)state;
    for (uint64_t seed = 1; seed <= GRAPHS; seed++)
        for (int zoom = GRAPH_BOX; zoom <= GRAPH_DOT; zoom++)
            for (int direction = GRAPH_DOWN; direction <= GRAPH_RIGHT; direction++) {
                struct graph_layout *g = random_graph(seed, zoom, direction);
                snprintf(what, sizeof what, "graph %d, zoom %d, direction %d", (int)seed, zoom, direction);
                assert_valid(g, what);
                graph_layout_destroy(g);
            }
}

static void every_line_of_a_growing_graph_can_be_followed(void **state)
{
    char what[80];
    (void)state;
    for (uint64_t seed = 1; seed <= GRAPHS; seed++) {
        uint64_t random = seed * 7919;
        struct graph_layout *g = random_graph(seed, (int)(seed % 3), (int)(seed / 3 % 2));
        for (int step = 0; step < 8; step++) {
            add_random(g, &random, next_random(&random, 3), next_random(&random, 4));
            assert_int_equal(graph_layout_update(g), FLOW_OK);
            snprintf(what, sizeof what, "graph %d after %d steps", (int)seed, step + 1);
            assert_valid(g, what);
        }
        assert_int_equal(graph_layout_set_zoom(g, (enum graph_zoom)((seed + 1) % 3)), FLOW_OK);
        assert_valid(g, "grown graph in another zoom");
        assert_int_equal(graph_layout_tidy(g), FLOW_OK);
        assert_valid(g, "grown graph, tidied");
        graph_layout_destroy(g);
    }
}

static void assert_same(const struct graph_layout *a, const struct graph_layout *b)
{
    struct str one = {0}, two = {0};
    graph_build_text(a, GRAPH_UNICODE, &one);
    graph_build_text(b, GRAPH_UNICODE, &two);
    assert_string_equal(str_text(&one), str_text(&two));
    str_finish(&one);
    str_finish(&two);
}

static void the_same_graph_gives_the_same_picture(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        struct graph_layout *a = random_graph(seed, GRAPH_BOX, GRAPH_DOWN);
        struct graph_layout *b = random_graph(seed, GRAPH_BOX, GRAPH_DOWN);
        assert_same(a, b);
        graph_layout_destroy(a);
        graph_layout_destroy(b);
    }
}

static void tidying_a_grown_graph_gives_the_picture_of_a_new_one(void **state)
{
    static const char *const steps[] = {"a b;b c;c d", "b x;x d", "d a;y", "y z;a z goto"};
    struct graph_layout *whole;
    struct graph_layout_options options = {.char_width = one_column};
    (void)state;
    struct graph_layout *grown = graph_build(steps[0], GRAPH_BOX, GRAPH_DOWN);
    assert_int_equal(graph_layout_create(&whole, &options), FLOW_OK);
    graph_build_add(whole, steps[0]);
    for (int i = 1; i < 4; i++) {
        graph_build_add(grown, steps[i]);
        graph_build_add(whole, steps[i]);
        assert_int_equal(graph_layout_update(grown), FLOW_OK);
    }
    assert_int_equal(graph_layout_update(whole), FLOW_OK);
    assert_int_equal(graph_layout_tidy(grown), FLOW_OK);
    assert_same(grown, whole);
    graph_layout_destroy(grown);
    graph_layout_destroy(whole);
}

static void a_new_task_at_the_end_moves_nothing(void **state)
{
    struct graph_rect before[4];
    (void)state;
    struct graph_layout *g = graph_build("a b;a c;b d;c d", GRAPH_BOX, GRAPH_DOWN);
    for (uint32_t i = 0; i < 4; i++)
        before[i] = graph_layout_node_rect(g, i);
    graph_build_add(g, "d e next;a f next");
    assert_int_equal(graph_layout_update(g), FLOW_OK);
    for (uint32_t i = 0; i < 4; i++) {
        struct graph_rect now = graph_layout_node_rect(g, i);
        assert_memory_equal(&now, &before[i], sizeof now);
    }
    graph_layout_destroy(g);
}

static void a_loop_that_comes_later_finds_room_for_its_mark(void **state)
{
    struct str drawn = {0};
    (void)state;
    struct graph_layout *g = graph_build("work;a work", GRAPH_LINE, GRAPH_DOWN);
    struct graph_rect before = graph_layout_node_rect(g, 0);
    graph_build_add(g, "work work");
    assert_int_equal(graph_layout_update(g), FLOW_OK);
    struct graph_rect after = graph_layout_node_rect(g, 0);
    assert_int_equal(after.x, before.x);
    assert_int_equal(after.w, before.w + 1);
    graph_build_text(g, GRAPH_UNICODE, &drawn);
    assert_non_null(strstr(str_text(&drawn), "[work↻]"));
    str_finish(&drawn);
    graph_layout_destroy(g);
}

/* --- failing allocations --- */

static long allocations_left;

static void *failing_resize(void *user, void *ptr, size_t size)
{
    (void)user;
    if (size == 0) {
        free(ptr);
        return NULL;
    }
    if (allocations_left-- <= 0)
        return NULL;
    return realloc(ptr, size);
}

static int build_under_pressure(struct graph_layout **out)
{
    struct graph_path path = {0};
    uint32_t a, b, c;
    int status = graph_layout_create(out, NULL);
    struct graph_layout *g = *out;
    if (status < 0 || (status = graph_layout_add_node(g, "a", &a)) < 0 ||
        (status = graph_layout_add_node(g, "b", &b)) < 0 ||
        (status = graph_layout_add_node(g, "c", &c)) < 0 ||
        (status = graph_layout_add_edge(g, a, b, GRAPH_STATIC, NULL)) < 0 ||
        (status = graph_layout_add_edge(g, a, c, GRAPH_STATIC, NULL)) < 0 ||
        (status = graph_layout_add_edge(g, b, c, GRAPH_STATIC, NULL)) < 0 ||
        (status = graph_layout_update(g)) < 0 || (status = graph_layout_add_node(g, "d", &b)) < 0 ||
        (status = graph_layout_add_edge(g, c, b, GRAPH_GOTO, NULL)) < 0 ||
        (status = graph_layout_add_edge(g, b, a, GRAPH_GOTO, NULL)) < 0 ||
        (status = graph_layout_update(g)) < 0 || (status = graph_layout_set_zoom(g, GRAPH_LINE)) < 0 ||
        (status = graph_layout_edge_path(g, 0, &path)) < 0)
        goto done;
done:
    vec_finish(&path);
    return status;
}

static void any_allocation_may_fail(void **state)
{
    int status = FLOW_ENOMEM;
    (void)state;
    mem_set_allocator(failing_resize, NULL);
    for (long allowed = 0; status == FLOW_ENOMEM; allowed++) {
        struct graph_layout *g = NULL;
        allocations_left = allowed;
        status = build_under_pressure(&g);
        if (status == FLOW_ENOMEM && g) {
            allocations_left = 1000000;
            assert_int_equal(graph_layout_update(g), FLOW_OK);
            assert_valid(g, "after a failed allocation");
        }
        graph_layout_destroy(g);
    }
    mem_set_allocator(NULL, NULL);
    assert_int_equal(status, FLOW_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_line_of_a_random_graph_can_be_followed),
        cmocka_unit_test(every_line_of_a_growing_graph_can_be_followed),
        cmocka_unit_test(the_same_graph_gives_the_same_picture),
        cmocka_unit_test(tidying_a_grown_graph_gives_the_picture_of_a_new_one),
        cmocka_unit_test(a_new_task_at_the_end_moves_nothing),
        cmocka_unit_test(a_loop_that_comes_later_finds_room_for_its_mark),
        cmocka_unit_test(any_allocation_may_fail),
    };
    return RUN_TESTS(tests);
}
