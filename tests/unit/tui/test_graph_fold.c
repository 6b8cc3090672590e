#include "tests/unit/test.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "flow/error.h"
#include "tui/graph/fold.h"

#define EDGES_MAX 64

/* A graph of tasks named by letters: "ab bc" are edges; a third letter is the kind, n(ext) or g(oto). */
struct letters {
    struct graph_fold_edge edges[EDGES_MAX];
    struct graph_fold_input input;
    bool is_kept[26];
};

static void spell(struct letters *l, const char *text, const char *kept)
{
    *l = (struct letters){0};
    for (const char *word = text; *word; word += strcspn(word, " "), word += *word == ' ') {
        uint32_t from = (uint32_t)(word[0] - 'a'), to = (uint32_t)(word[1] - 'a');
        uint32_t kind = word[2] == 'n' ? GRAPH_NEXT : word[2] == 'g' ? GRAPH_GOTO : GRAPH_STATIC;
        assert_true(l->input.edge_count < EDGES_MAX);
        l->edges[l->input.edge_count++] = (struct graph_fold_edge){from, to, kind};
        if (from >= l->input.node_count)
            l->input.node_count = from + 1;
        if (to >= l->input.node_count)
            l->input.node_count = to + 1;
    }
    for (; *kept; kept++)
        l->is_kept[*kept - 'a'] = true;
    l->input.edges = l->edges;
    l->input.is_kept = l->is_kept;
}

/* "a (bcd) 3{efg} | 01 12": singles, chains, twins, and the edges between them by number of group. */
static void describe(const struct graph_fold *fold, struct str *out)
{
    str_clear(out);
    for (uint32_t i = 0; i < fold->groups.count; i++) {
        const struct graph_group *g = &fold->groups.at[i];
        str_add(out, i ? " " : "");
        if (g->kind == GRAPH_GROUP_TWINS)
            str_addf(out, "%u{", g->branches);
        else if (g->kind == GRAPH_GROUP_CHAIN)
            str_add(out, "(");
        for (uint32_t m = 0; m < g->count; m++)
            str_add_char(out, (char)('a' + graph_fold_members(fold, i)[m]));
        str_add(out, g->kind == GRAPH_GROUP_TWINS ? "}" : g->kind == GRAPH_GROUP_CHAIN ? ")" : "");
    }
    str_add(out, " |");
    vec_foreach (struct graph_fold_edge, e, &fold->edges)
        str_addf(out, " %u%u", e->from, e->to);
}

static const struct {
    const char *edges, *kept, *folded;
} rows[] = {
    {"", "", " |"},
    {"ab bc", "", "a b c | 01 12"},
    {"ab bc cd de", "", "a (bcd) e | 01 12"},
    {"de cd bc ab", "", "a (bcd) e | 12 01"},
    {"ab bc cd de cc", "", "a (bcd) e | 01 12"},
    {"ab bc cd den", "", "a b c d e | 01 12 23 34"}, /* the run leaves the wired way at d */
    {"ab bc cd de ac", "", "a b c d e | 01 12 23 34 02"},
    {"ab bc cd de ef", "c", "a b c d e f | 01 12 23 34 45"},
    {"ab bc cd de ef fg", "b", "a b (cdef) g | 01 12 23"},
    {"ab bc ca", "", "a b c | 01 12 20"}, /* a ring has no ends to draw */
    {"ab ac ad be ce de", "", "a 3{bcd} e | 01 12"},
    {"ab ac be ce", "", "a b c d e | 01 02 14 24"},
    {"ab ac ad be ce", "", "a b c d e | 01 02 03 14 24"},
    {"ab ac ad", "", "a 3{bcd} | 01"},
    {"ab ac ad ae", "c", "a 3{bde} c | 01 02"},
    {"ab ac ad", "c", "a b c d | 01 02 03"},
    {"ab ac adg aen", "", "a b c d e | 01 02 03 04"}, /* edges of other kinds are other neighbours */
    {"abn acn adn", "", "a 3{bcd} | 01"},
    {"ab bc cd dz ae ef fg gz ah hi ij jz", "", "a 3{bcdefghij} k l m n o p q r s t u v w x y z | 01 117"},
    {"ab bc cd dj ae ef fg gj ah hi ij", "", "a (bcd) (efg) h i j | 01 15 02 25 03 34 45"},
    {"aa", "", "a | 00"},
};

static void graphs_fold_as_described(void **state)
{
    struct str text = {0};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct graph_fold fold = {0};
        struct letters l;
        spell(&l, rows[i].edges, rows[i].kept);
        assert_int_equal(graph_fold_update(&fold, &l.input), FLOW_OK);
        describe(&fold, &text);
        if (strcmp(str_text(&text), rows[i].folded) != 0)
            fail_msg("row %zu (%s): '%s'", i, rows[i].edges, str_text(&text));
        graph_fold_finish(&fold);
    }
    str_finish(&text);
}

static void tasks_and_groups_name_each_other(void **state)
{
    struct graph_fold fold = {0};
    struct letters l;
    (void)state;
    spell(&l, "ab bc cd de ef eg eh fi gi hi", "");
    assert_int_equal(graph_fold_update(&fold, &l.input), FLOW_OK);
    uint32_t seen = 0;
    for (uint32_t g = 0; g < fold.groups.count; g++) {
        for (uint32_t m = 0; m < fold.groups.at[g].count; m++, seen++)
            assert_int_equal(fold.group_of.at[graph_fold_members(&fold, g)[m]], g);
    }
    assert_int_equal(seen, l.input.node_count);
    for (size_t i = 0; i < l.input.edge_count; i++) {
        uint32_t from = fold.group_of.at[l.edges[i].from], to = fold.group_of.at[l.edges[i].to];
        if (from == to) {
            assert_int_equal(fold.edge_of.at[i], GRAPH_NONE);
            continue;
        }
        assert_int_equal(fold.edges.at[fold.edge_of.at[i]].from, from);
        assert_int_equal(fold.edges.at[fold.edge_of.at[i]].to, to);
    }
    graph_fold_finish(&fold);
}

static void what_is_opened_stays_open_until_it_is_closed(void **state)
{
    static const char edges[] = "ab bc cd de ef eg eh";
    struct graph_fold fold = {0};
    struct str text = {0};
    struct letters l;
    (void)state;
    spell(&l, edges, "");
    assert_int_equal(graph_fold_update(&fold, &l.input), FLOW_OK);
    describe(&fold, &text);
    assert_string_equal(str_text(&text), "a (bcd) e 3{fgh} | 01 12 23");
    graph_fold_open(&fold, 1);
    spell(&l, "ab bc cd de ef eg eh hi", ""); /* the graph grows meanwhile */
    assert_int_equal(graph_fold_update(&fold, &l.input), FLOW_OK);
    describe(&fold, &text);
    assert_string_equal(str_text(&text), "a b c d e f g h i | 01 12 23 34 45 46 47 78");
    spell(&l, edges, "");
    assert_int_equal(graph_fold_update(&fold, &l.input), FLOW_OK);
    graph_fold_open(&fold, 5);
    assert_int_equal(graph_fold_update(&fold, &l.input), FLOW_OK);
    assert_int_equal(fold.groups.count, 8);
    assert_true(graph_fold_close(&fold, 2)); /* any task of the chain */
    assert_false(graph_fold_close(&fold, 2));
    assert_int_equal(graph_fold_update(&fold, &l.input), FLOW_OK);
    describe(&fold, &text);
    assert_string_equal(str_text(&text), "a (bcd) e f g h | 01 12 23 24 25");
    graph_fold_close_all(&fold);
    assert_int_equal(graph_fold_update(&fold, &l.input), FLOW_OK);
    assert_int_equal(fold.groups.count, 4);
    str_finish(&text);
    graph_fold_finish(&fold);
}

static int allowed;

static void *meagre(void *user, void *ptr, size_t size)
{
    (void)user;
    if (size == 0) {
        free(ptr);
        return NULL;
    }
    return allowed-- > 0 ? realloc(ptr, size) : NULL;
}

static void without_memory_nothing_changes(void **state)
{
    struct letters l;
    (void)state;
    spell(&l, "ab bc cd de ef eg eh", "");
    mem_set_allocator(meagre, NULL);
    bool is_done = false;
    for (int budget = 0; !is_done; budget++) {
        struct graph_fold fold = {0};
        allowed = budget;
        int status = graph_fold_update(&fold, &l.input);
        is_done = status == FLOW_OK;
        assert_true(is_done || status == FLOW_ENOMEM);
        assert_int_equal(fold.groups.count, is_done ? 4 : 0);
        assert_true(budget < 100);
        graph_fold_finish(&fold);
    }
    mem_set_allocator(NULL, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(graphs_fold_as_described),
        cmocka_unit_test(tasks_and_groups_name_each_other),
        cmocka_unit_test(what_is_opened_stays_open_until_it_is_closed),
        cmocka_unit_test(without_memory_nothing_changes),
    };
    return RUN_TESTS(tests);
}
