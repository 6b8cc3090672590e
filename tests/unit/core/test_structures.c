/* Channel, queue and graph on their own, each against the simplest model of it. */
#include "tests/unit/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/channel.h"
#include "core/graph.h"
#include "core/queue.h"

static unsigned next_number(unsigned *seed)
{
    return *seed = *seed * 1103515245u + 12345u, *seed >> 16;
}

/* The model: keys in order, in a plain array. */
static void channel_keeps_the_order_in_which_keys_got_their_value(void **state)
{
    (void)state;
    enum { KEYS = 40 };
    struct channel c;
    flow_key model[KEYS];
    size_t count = 0;
    unsigned seed = 7;
    channel_init(&c);
    for (int i = 0; i < 20000; i++) {
        char name[16];
        snprintf(name, sizeof name, "k%u",
            next_number(&seed) % (unsigned)(1 + i / 100 < KEYS ? 1 + i / 100 : KEYS));
        flow_key key = channel_intern(&c, name, strlen(name));
        assert_int_equal(channel_find(&c, name, strlen(name)), key);
        size_t at = 0;
        while (at < count && model[at] != key)
            at++;
        if (next_number(&seed) % 3) {
            assert_int_equal(channel_is_set(&c, key), at < count);
            channel_put(&c, key, flow_int(i));
            if (at == count)
                model[count++] = key;
        } else if (at < count) {
            channel_remove(&c, key);
            memmove(model + at, model + at + 1, (--count - at) * sizeof *model);
        }
        size_t cursor = 0, seen = 0;
        while (channel_next(&c, &cursor, &key) == FLOW_OK)
            assert_int_equal(key, model[seen++]);
        assert_int_equal(seen, count);
        assert_true(c.keys.count + c.holes <= c.order.capacity);
    }
    channel_finish(&c);
}

static void a_walk_survives_deletions(void **state)
{
    (void)state;
    struct channel c;
    size_t cursor = 0;
    unsigned seen = 0;
    flow_key key;
    channel_init(&c);
    for (int i = 0; i < 100; i++) {
        char name[16];
        snprintf(name, sizeof name, "k%d", i);
        channel_put(&c, channel_intern(&c, name, strlen(name)), flow_null());
    }
    while (channel_next(&c, &cursor, &key) == FLOW_OK) {
        assert_int_equal(key, seen++);
        channel_remove(&c, key);
    }
    assert_int_equal(seen, 100);
    channel_finish(&c);
}

static void queue_inserts_and_removes_at_any_position(void **state)
{
    (void)state;
    struct queue q = {0};
    uint64_t model[200], number = 0;
    size_t count = 0;
    unsigned seed = 3;
    for (int i = 0; i < 20000; i++) {
        size_t position = next_number(&seed) % (count + 1);
        if (next_number(&seed) % 16 >= 8 + count / 16) {
            struct queue_entry entry = {.number = ++number};
            assert_int_equal(queue_reserve(&q), FLOW_OK);
            queue_insert(&q, position, &entry);
            memmove(model + position + 1, model + position, (count++ - position) * sizeof *model);
            model[position] = number;
        } else if (count) {
            position %= count;
            assert_int_equal(queue_find(&q, model[position]), position);
            assert_int_equal(queue_remove(&q, position).number, model[position]);
            memmove(model + position, model + position + 1, (--count - position) * sizeof *model);
        }
        assert_int_equal(queue_count(&q), count);
        for (size_t k = 0; k < count; k++)
            assert_int_equal(queue_at(&q, k)->number, model[k]);
    }
    assert_int_equal(queue_find(&q, number + 1), QUEUE_NONE);
    queue_finish(&q);
}

static void graph_keeps_a_tasks_successors_side_by_side_and_in_order(void **state)
{
    (void)state;
    enum { TASKS = 60 };
    static char ids[TASKS][16];
    static bool has_edge[TASKS][TASKS];
    static char id[] = "x";
    struct task_spec spec = {.id = id};
    struct graph g, copy;
    unsigned seed = 11;
    flow_task out;
    graph_init(&g);
    for (int i = 0; i < TASKS; i++) {
        snprintf(ids[i], sizeof ids[i], "t%d", i);
        assert_int_equal(graph_add_task(&g, &spec, ids[i], strlen(ids[i]), &out), FLOW_OK);
        assert_int_equal(out, i);
    }
    for (int i = 0; i < 3000; i++) {
        flow_task a = next_number(&seed) % TASKS, b = next_number(&seed) % TASKS;
        assert_int_equal(graph_add_edge(&g, a, b), has_edge[a][b] ? FLOW_END : FLOW_OK);
        has_edge[a][b] = true;
    }
    graph_init(&copy);
    assert_int_equal(graph_copy(&copy, &g), FLOW_OK);
    for (struct graph *each = &g; each; each = each == &g ? &copy : NULL) {
        uint32_t next[TASKS] = {0}, in_degree[TASKS] = {0};
        for (uint32_t e = 0; e < each->edges.count; e++) {
            struct graph_edge edge = each->edges.at[e];
            const struct graph_task *from = &each->tasks.at[edge.from];
            struct graph_link link = each->links.at[from->first_link + next[edge.from]++];
            assert_int_equal(link.to, edge.to);
            assert_int_equal(link.edge, e);
            assert_int_equal(graph_find_edge(each, edge.from, edge.to), e);
            in_degree[edge.to]++;
        }
        for (flow_task t = 0; t < TASKS; t++) {
            assert_int_equal(next[t], each->tasks.at[t].link_count);
            assert_int_equal(in_degree[t], each->tasks.at[t].in_degree);
            assert_int_equal(graph_find(each, ids[t], strlen(ids[t])), t);
        }
    }
    assert_int_equal(graph_find(&g, "none", 4), FLOW_TASK_NONE);
    graph_finish(&g);
    graph_finish(&copy);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(channel_keeps_the_order_in_which_keys_got_their_value),
        cmocka_unit_test(a_walk_survives_deletions),
        cmocka_unit_test(queue_inserts_and_removes_at_any_position),
        cmocka_unit_test(graph_keeps_a_tasks_successors_side_by_side_and_in_order),
    };
    return RUN_TESTS(tests);
}
