#include "tests/unit/test.h"

#include <stdlib.h>

#include "flow/error.h"
#include "tui/graph/simplex.h"

#define NODES_MAX 6
#define EDGES_MAX 14

static int64_t cost_of(const struct simplex_edge *edges, uint32_t count, const int32_t *value, bool *feasible)
{
    int64_t sum = 0;
    *feasible = true;
    for (uint32_t i = 0; i < count; i++) {
        int32_t length = value[edges[i].head] - value[edges[i].tail];
        *feasible &= length >= edges[i].min;
        sum += (int64_t)length * edges[i].weight;
    }
    return sum;
}

/* The best of all values in 0..range for each node. */
static int64_t search_all(const struct simplex_edge *edges, uint32_t count, uint32_t nodes, int32_t range)
{
    int32_t value[NODES_MAX] = {0};
    int64_t best = INT64_MAX;
    for (;;) {
        bool feasible;
        int64_t cost = cost_of(edges, count, value, &feasible);
        if (feasible && cost < best)
            best = cost;
        uint32_t i = 1; /* node 0 stays: only differences count */
        while (i < nodes && value[i] == range)
            value[i++] = -range;
        if (i >= nodes)
            return best;
        value[i]++;
    }
}

static uint32_t next_random(uint64_t *seed, uint32_t below)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)((*seed >> 33) % below);
}

/* A connected graph whose edges run from lower to higher nodes, and values that satisfy it. */
static uint32_t make_graph(uint64_t seed, uint32_t nodes, struct simplex_edge *edges, int32_t *value)
{
    uint32_t count = 0, extra = next_random(&seed, EDGES_MAX - NODES_MAX + 1);
    for (uint32_t v = 1; v < nodes; v++)
        edges[count++] = (struct simplex_edge){
            next_random(&seed, v), v, (int32_t)next_random(&seed, 2), (int32_t)next_random(&seed, 4)};
    while (extra-- > 0) {
        uint32_t head = 1 + next_random(&seed, nodes - 1);
        edges[count++] = (struct simplex_edge){next_random(&seed, head), head,
            (int32_t)next_random(&seed, 3) - 1, (int32_t)next_random(&seed, 4)};
    }
    for (uint32_t v = 0; v < nodes; v++) {
        value[v] = v == 0 ? 0 : value[v - 1] + (int32_t)next_random(&seed, 3);
        for (uint32_t e = 0; e < count; e++)
            if (edges[e].head == v && value[v] < value[edges[e].tail] + edges[e].min)
                value[v] = value[edges[e].tail] + edges[e].min;
    }
    return count;
}

static void it_finds_what_trying_everything_finds(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 60; seed++) {
        struct simplex_edge edges[EDGES_MAX];
        int32_t value[NODES_MAX];
        uint32_t nodes = 3 + (uint32_t)(seed % 3), count = make_graph(seed, nodes, edges, value);
        struct scratch s = {0};
        bool feasible;
        assert_int_equal(graph_simplex(&s, nodes, edges, count, value, seed % 2, UINT64_MAX), FLOW_OK);
        int64_t cost = cost_of(edges, count, value, &feasible);
        if (!feasible || cost != search_all(edges, count, nodes, 6))
            fail_msg("graph %d: cost %ld, feasible %d", (int)seed, (long)cost, feasible);
        scratch_finish(&s);
    }
}

static void a_spent_budget_leaves_a_feasible_result(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        struct simplex_edge edges[EDGES_MAX];
        int32_t value[NODES_MAX];
        uint32_t count = make_graph(seed, NODES_MAX, edges, value);
        struct scratch s = {0};
        bool feasible;
        assert_int_equal(graph_simplex(&s, NODES_MAX, edges, count, value, false, 0), FLOW_OK);
        cost_of(edges, count, value, &feasible);
        assert_true(feasible);
        scratch_finish(&s);
    }
}

static void scratch_gives_back_what_was_taken_after_a_mark(void **state)
{
    struct scratch s = {0};
    (void)state;
    int *first = SCRATCH(&s, int, 10);
    struct scratch_mark mark = scratch_mark(&s);
    char *large = SCRATCH(&s, char, 1000000);
    assert_non_null(first);
    assert_non_null(large);
    assert_int_equal(large[999999], 0);
    scratch_release(&s, mark);
    int *again = SCRATCH(&s, int, 10);
    assert_ptr_not_equal(again, first);
    assert_null(scratch_take(&s, SIZE_MAX / 2, 16));
    assert_true(s.failed);
    assert_null(SCRATCH(&s, int, 1));
    scratch_finish(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_finds_what_trying_everything_finds),
        cmocka_unit_test(a_spent_budget_leaves_a_feasible_result),
        cmocka_unit_test(scratch_gives_back_what_was_taken_after_a_mark),
    };
    return RUN_TESTS(tests);
}
