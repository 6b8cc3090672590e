#include "tests/unit/test.h"

#include <string.h>

#include "base/mem.h"
#include "base/vec.h"
#include "flow/error.h"
#include "tests/unit/tui/graph_build.h"

static void assert_drawn(
    const char *text, enum graph_zoom zoom, enum graph_direction direction, const char *expected)
{
    struct graph_layout *g = graph_build(text, zoom, direction);
    struct str drawn = {0};
    graph_build_text(g, GRAPH_UNICODE, &drawn);
    assert_string_equal(str_text(&drawn), expected);
    str_finish(&drawn);
    graph_layout_destroy(g);
}

static void a_chain_runs_straight(void **state)
{
    (void)state;
    assert_drawn("a b;b c", GRAPH_LINE, GRAPH_DOWN, "[a]\n │\n ▼\n[b]\n │\n ▼\n[c]\n");
    assert_drawn("a b;b c", GRAPH_LINE, GRAPH_RIGHT, "[a]───▶[b]───▶[c]\n");
    assert_drawn("a b", GRAPH_BOX, GRAPH_DOWN,
        "┌───┐\n"
        "│ a │\n"
        "└─┬─┘\n"
        "  │\n"
        "  ▼\n"
        "┌───┐\n"
        "│ b │\n"
        "└───┘\n");
}

static void forks_and_joins_have_junctions(void **state)
{
    (void)state;
    assert_drawn("a b;a c;b d;c d", GRAPH_LINE, GRAPH_DOWN,
        "    [a]\n"
        " ┌───┴─┐\n"
        " ▼     ▼\n"
        "[b]   [c]\n"
        " └─┬───┘\n"
        "   ▼\n"
        "  [d]\n");
}

static void a_way_back_ends_in_a_head_that_points_up(void **state)
{
    (void)state;
    assert_drawn("a b;b a", GRAPH_LINE, GRAPH_DOWN,
        "[ a ]\n"
        " │ ▲\n"
        " ▼ │\n"
        "[ b ]\n");
}

static void an_edge_is_found_and_not_doubled(void **state)
{
    uint32_t first, again, other;
    (void)state;
    struct graph_layout *g = graph_build("a b", GRAPH_BOX, GRAPH_DOWN);
    graph_layout_add_edge(g, 0, 1, GRAPH_STATIC, &first);
    graph_layout_add_edge(g, 0, 1, GRAPH_STATIC, &again);
    graph_layout_add_edge(g, 0, 1, GRAPH_GOTO, &other);
    assert_int_equal(first, again);
    assert_int_not_equal(first, other);
    assert_int_equal(graph_layout_edge_count(g), 2);
    graph_layout_destroy(g);
}

static void an_edge_to_a_node_that_is_not_there_is_refused(void **state)
{
    (void)state;
    struct graph_layout *g = graph_build("a b", GRAPH_BOX, GRAPH_DOWN);
    assert_int_equal(graph_layout_add_edge(g, 0, 2, GRAPH_STATIC, NULL), FLOW_EINVAL);
    assert_int_equal(graph_layout_add_edge(g, 7, 0, GRAPH_STATIC, NULL), FLOW_EINVAL);
    assert_int_equal(graph_layout_edge_count(g), 1);
    graph_layout_destroy(g);
}

static void an_edge_to_itself_is_a_mark_in_the_box(void **state)
{
    struct graph_path path = {0};
    (void)state;
    struct graph_layout *g = graph_build("a a", GRAPH_LINE, GRAPH_DOWN);
    struct str drawn = {0};
    graph_build_text(g, GRAPH_UNICODE, &drawn);
    assert_string_equal(str_text(&drawn), "[a↻]\n");
    assert_true(graph_layout_node_has_loop(g, 0));
    assert_int_equal(graph_layout_edge_path(g, 0, &path), FLOW_OK);
    assert_int_equal(path.count, 0);
    str_finish(&drawn);
    vec_finish(&path);
    graph_layout_destroy(g);
}

static void kinds_have_lines_of_their_own(void **state)
{
    static const struct {
        const char *text, *unicode, *ascii;
    } rows[] = {
        {"a b", "[a]\n │\n ▼\n[b]\n", "[a]\n |\n v\n[b]\n"},
        {"a b next", "[a]\n ┆\n ▼\n[b]\n", "[a]\n :\n v\n[b]\n"},
        {"a b goto", "[a]\n ║\n ▼\n[b]\n", "[a]\n H\n v\n[b]\n"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct graph_layout *g = graph_build(rows[i].text, GRAPH_LINE, GRAPH_DOWN);
        struct str drawn = {0};
        graph_build_text(g, GRAPH_UNICODE, &drawn);
        assert_string_equal(str_text(&drawn), rows[i].unicode);
        str_clear(&drawn);
        graph_build_text(g, GRAPH_ASCII, &drawn);
        assert_string_equal(str_text(&drawn), rows[i].ascii);
        str_finish(&drawn);
        graph_layout_destroy(g);
    }
}

static void a_jump_does_not_say_what_comes_first(void **state)
{
    (void)state;
    struct graph_layout *g = graph_build("retry work goto;start work;work retry", GRAPH_BOX, GRAPH_DOWN);
    assert_true(graph_layout_edge_info(g, graph_build_edge(g, "retry", "work")).reversed);
    assert_false(graph_layout_edge_info(g, graph_build_edge(g, "work", "retry")).reversed);
    graph_layout_destroy(g);
}

static void the_entry_is_on_top(void **state)
{
    struct graph_layout *g;
    (void)state;
    assert_int_equal(graph_layout_create(&g, NULL), FLOW_OK);
    graph_build_add(g, "a b;b c;c a");
    graph_layout_set_entry(g, graph_build_node(g, "b"));
    assert_int_equal(graph_layout_update(g), FLOW_OK);
    assert_int_equal(graph_layout_node_rank(g, graph_build_node(g, "b")), 0);
    assert_int_equal(graph_layout_node_rank(g, graph_build_node(g, "a")), 2);
    graph_layout_destroy(g);
}

static struct graph_cell *draw_all(const struct graph_layout *g)
{
    struct graph_rect all = {0, 0, graph_layout_width(g), graph_layout_height(g)};
    struct graph_cell *cells = mem_array(NULL, (size_t)all.w * (size_t)all.h, sizeof *cells);
    assert_non_null(cells);
    graph_layout_draw(g, all, GRAPH_UNICODE, cells);
    return cells;
}

#define TANGLE "a d;a e;b c;b e;c f;d f;f a;e g;b g;g b goto;c d;x y"

static void what_is_hidden_is_not_drawn_and_moves_nothing(void **state)
{
    (void)state;
    struct graph_layout *g = graph_build(TANGLE, GRAPH_BOX, GRAPH_DOWN);
    uint32_t hidden = graph_build_node(g, "e");
    struct graph_cell *before = draw_all(g);
    graph_layout_show_node(g, hidden, false);
    struct graph_cell *after = draw_all(g);
    size_t count = (size_t)graph_layout_width(g) * (size_t)graph_layout_height(g);
    for (size_t i = 0; i < count; i++) {
        bool of_node = after[i].role >= GRAPH_BORDER && after[i].role <= GRAPH_MARK;
        if (of_node)
            assert_int_equal(after[i].id, before[i].id);
        if (of_node)
            assert_int_not_equal(after[i].id, hidden);
        if (after[i].role >= GRAPH_LINE_RUN) {
            struct graph_edge_info e = graph_layout_edge_info(g, after[i].id);
            assert_true(e.from != hidden && e.to != hidden);
        }
    }
    struct graph_rect box = graph_layout_node_rect(g, hidden);
    assert_int_equal(graph_layout_node_at(g, box.x, box.y), GRAPH_NONE);
    mem_free(before);
    mem_free(after);
    graph_layout_destroy(g);
}

static void a_window_shows_the_same_part_of_the_whole(void **state)
{
    static const struct graph_rect windows[] = {{0, 0, 5, 5}, {3, 2, 9, 7}, {-4, -3, 12, 9}, {10, 8, 40, 40}};
    (void)state;
    for (int direction = 0; direction < 2; direction++) {
        struct graph_layout *g = graph_build(TANGLE, GRAPH_BOX, (enum graph_direction)direction);
        struct graph_cell *all = draw_all(g), part[1600];
        int32_t width = graph_layout_width(g), height = graph_layout_height(g);
        for (size_t i = 0; i < sizeof windows / sizeof *windows; i++) {
            struct graph_rect w = windows[i];
            graph_layout_draw(g, w, GRAPH_UNICODE, part);
            for (int32_t y = 0; y < w.h; y++)
                for (int32_t x = 0; x < w.w; x++) {
                    int32_t ax = x + w.x, ay = y + w.y;
                    bool inside = ax >= 0 && ay >= 0 && ax < width && ay < height;
                    uint32_t expected = inside ? all[ay * width + ax].glyph : ' ';
                    assert_int_equal(part[y * w.w + x].glyph, expected);
                }
        }
        mem_free(all);
        graph_layout_destroy(g);
    }
}

/* Lines that come later: a busier channel takes rows from the next ones that have some to spare. */
static void a_channel_that_grows_moves_what_is_below_up_to_the_next_spare_rows(void **state)
{
    static const struct {
        const char *added;
        int32_t c, d, e; /* where they are then */
    } steps[] = {{"a b;b c;c d;d e", 8, 12, 16}, {"a x;b x", 8, 12, 16}, {"a y;x y", 9, 12, 16},
        {"c z;a z", 10, 14, 17}};
    struct graph_layout *g;
    (void)state;
    assert_int_equal(
        graph_layout_create(&g, &(struct graph_layout_options){.zoom = GRAPH_LINE, .spare_rows = 1}),
        FLOW_OK);
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        graph_build_add(g, steps[i].added);
        assert_int_equal(graph_layout_update(g), FLOW_OK);
        assert_int_equal(graph_layout_node_rect(g, graph_build_node(g, "c")).y, steps[i].c);
        assert_int_equal(graph_layout_node_rect(g, graph_build_node(g, "d")).y, steps[i].d);
        assert_int_equal(graph_layout_node_rect(g, graph_build_node(g, "e")).y, steps[i].e);
    }
    graph_layout_destroy(g);
}

static void emphasis_decides_whose_a_shared_cell_is(void **state)
{
    (void)state;
    struct graph_layout *g = graph_build("a b;a c", GRAPH_LINE, GRAPH_DOWN);
    struct graph_rect a = graph_layout_node_rect(g, 0);
    struct graph_path path = {0};
    uint32_t edge = graph_build_edge(g, "a", "c");
    graph_layout_edge_path(g, edge, &path);
    struct graph_cell cell;
    struct graph_rect trunk = {path.at[0].x, a.y + 1, 1, 1};
    graph_layout_draw(g, trunk, GRAPH_UNICODE, &cell);
    assert_int_equal(cell.id, graph_build_edge(g, "a", "b"));
    graph_layout_emphasize_edge(g, edge, 1);
    graph_layout_draw(g, trunk, GRAPH_UNICODE, &cell);
    assert_int_equal(cell.id, edge);
    vec_finish(&path);
    graph_layout_destroy(g);
}

static void zoom_keeps_ranks_and_order(void **state)
{
    (void)state;
    struct graph_layout *g = graph_build(TANGLE, GRAPH_BOX, GRAPH_DOWN);
    uint32_t ranks[16], orders[16], count = graph_layout_node_count(g);
    for (uint32_t i = 0; i < count; i++) {
        ranks[i] = graph_layout_node_rank(g, i);
        orders[i] = graph_layout_node_order(g, i);
    }
    for (int zoom = GRAPH_DOT; zoom >= GRAPH_BOX; zoom--) {
        assert_int_equal(graph_layout_set_zoom(g, (enum graph_zoom)zoom), FLOW_OK);
        for (uint32_t i = 0; i < count; i++) {
            assert_int_equal(graph_layout_node_rank(g, i), ranks[i]);
            assert_int_equal(graph_layout_node_order(g, i), orders[i]);
        }
    }
    graph_layout_destroy(g);
}

static void the_arrow_keys_find_the_nearest_box(void **state)
{
    (void)state;
    struct graph_layout *g = graph_build("a b;a c;b d;c d", GRAPH_BOX, GRAPH_DOWN);
    uint32_t a = graph_build_node(g, "a"), b = graph_build_node(g, "b"), c = graph_build_node(g, "c");
    assert_int_equal(graph_layout_node_towards(g, b, 1, 0), c);
    assert_int_equal(graph_layout_node_towards(g, c, -1, 0), b);
    assert_int_equal(graph_layout_node_towards(g, b, 0, -1), a);
    assert_int_equal(graph_layout_node_towards(g, b, 0, 1), graph_build_node(g, "d"));
    assert_int_equal(graph_layout_node_towards(g, a, 0, -1), GRAPH_NONE);
    struct graph_rect box = graph_layout_node_rect(g, c);
    assert_int_equal(graph_layout_node_at(g, box.x + 1, box.y + 1), c);
    assert_int_equal(graph_layout_node_at(g, box.x - 1, box.y), GRAPH_NONE);
    graph_layout_destroy(g);
}

static int wide_above_ascii(uint32_t code_point)
{
    return code_point < ' ' ? -1 : code_point > 0x7f ? 2 : 1;
}

static void labels_are_cut_padded_and_made_safe(void **state)
{
    static const struct {
        const char *label;
        int max;
        const char *expected;
    } rows[] = {
        {"short", 0, "[short]\n"},
        {"a long name", 7, "[a long…]\n"},
        {"データ", 0, "[データ]\n"},
        {"データ", 4, "[デ… ]\n"},
        {"a\x1b[2J", 0, "[a�[2J]\n"},
        {"bad\xff", 0, "[bad�]\n"},
        {"", 0, "[]\n"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct graph_layout *g;
        struct str drawn = {0};
        struct graph_layout_options options = {
            .zoom = GRAPH_LINE, .label_max = rows[i].max, .char_width = wide_above_ascii};
        assert_int_equal(graph_layout_create(&g, &options), FLOW_OK);
        assert_int_equal(graph_layout_add_node(g, rows[i].label, NULL), FLOW_OK);
        assert_int_equal(graph_layout_update(g), FLOW_OK);
        graph_build_text(g, GRAPH_UNICODE, &drawn);
        assert_string_equal(str_text(&drawn), rows[i].expected);
        str_finish(&drawn);
        graph_layout_destroy(g);
    }
}

static void an_empty_graph_is_an_empty_picture(void **state)
{
    (void)state;
    struct graph_layout *g = graph_build("", GRAPH_BOX, GRAPH_DOWN);
    struct graph_cell cell;
    assert_int_equal(graph_layout_tidy(g), FLOW_OK);
    assert_int_equal(graph_layout_width(g), 0);
    assert_int_equal(graph_layout_height(g), 0);
    graph_layout_draw(g, (struct graph_rect){0, 0, 1, 1}, GRAPH_UNICODE, &cell);
    assert_int_equal(cell.glyph, ' ');
    assert_int_equal(cell.role, GRAPH_EMPTY);
    graph_layout_destroy(g);
    graph_layout_destroy(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_chain_runs_straight),
        cmocka_unit_test(forks_and_joins_have_junctions),
        cmocka_unit_test(a_way_back_ends_in_a_head_that_points_up),
        cmocka_unit_test(an_edge_is_found_and_not_doubled),
        cmocka_unit_test(an_edge_to_a_node_that_is_not_there_is_refused),
        cmocka_unit_test(an_edge_to_itself_is_a_mark_in_the_box),
        cmocka_unit_test(kinds_have_lines_of_their_own),
        cmocka_unit_test(a_jump_does_not_say_what_comes_first),
        cmocka_unit_test(the_entry_is_on_top),
        cmocka_unit_test(what_is_hidden_is_not_drawn_and_moves_nothing),
        cmocka_unit_test(a_window_shows_the_same_part_of_the_whole),
        cmocka_unit_test(a_channel_that_grows_moves_what_is_below_up_to_the_next_spare_rows),
        cmocka_unit_test(emphasis_decides_whose_a_shared_cell_is),
        cmocka_unit_test(zoom_keeps_ranks_and_order),
        cmocka_unit_test(the_arrow_keys_find_the_nearest_box),
        cmocka_unit_test(labels_are_cut_padded_and_made_safe),
        cmocka_unit_test(an_empty_graph_is_an_empty_picture),
    };
    return RUN_TESTS(tests);
}
