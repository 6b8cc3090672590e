#include "tests/unit/test.h"

#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "flow/error.h"
#include "tests/unit/tui/graph_build.h"
#include "tui/graph/map.h"

#define CELLS_MAX 4000

static struct graph_map_cell cells[CELLS_MAX];

static char *drawn(const struct graph_layout *g, const struct graph_map *map)
{
    struct str text = {0};
    assert_true(map->cols * map->rows <= CELLS_MAX);
    graph_map_draw(g, map, cells);
    for (int32_t i = 0; i < map->cols * map->rows; i++) {
        char bytes[4];
        str_add_bytes(&text, bytes, utf8_encode(cells[i].glyph, bytes));
        if (i % map->cols == map->cols - 1)
            str_add_char(&text, '\n');
    }
    return str_take(&text);
}

static void assert_map(const struct graph_layout *g, const struct graph_map *map, const char *expected)
{
    char *text = drawn(g, map);
    assert_string_equal(text, expected);
    mem_free(text);
}

static void a_small_plane_is_not_magnified(void **state)
{
    struct graph_layout *g = graph_build("a b;a c", GRAPH_LINE, GRAPH_DOWN);
    (void)state;
    assert_map(g, &(struct graph_map){.cols = 12, .rows = 5},
        "    ⣿⣿⣿     \n"
        "            \n"
        "            \n"
        "⣿⣿⣿   ⣿⣿⣿   \n"
        "            \n");
    graph_layout_destroy(g);
}

static void a_large_plane_fits_and_every_box_is_seen(void **state)
{
    struct graph_layout *g = graph_build("a b;a c;b d;c d;d e;e f", GRAPH_BOX, GRAPH_DOWN);
    (void)state;
    assert_map(g, &(struct graph_map){.cols = 4, .rows = 4, .glyphs = GRAPH_ASCII},
        ".::.\n"
        ".::.\n"
        " :. \n"
        " :. \n");
    graph_layout_destroy(g);
}

static uint8_t by_number(const void *user, uint32_t node)
{
    (void)user;
    return (uint8_t)(node + 1);
}

static void the_largest_class_of_a_cell_is_shown(void **state)
{
    struct graph_layout *g = graph_build("a b;b c;c d", GRAPH_LINE, GRAPH_DOWN);
    struct graph_map map = {.cols = 1, .rows = 2, .class_of = by_number};
    (void)state;
    graph_map_draw(g, &map, cells);
    assert_int_equal(cells[0].class, 2);
    assert_int_equal(cells[1].class, 4);
    graph_layout_show_node(g, 3, false);
    graph_map_draw(g, &map, cells);
    assert_int_equal(cells[1].class, 3);
    graph_layout_destroy(g);
}

static void the_view_is_framed_around_the_boxes(void **state)
{
    struct graph_layout *g = graph_build("a b;a c;a d;a e;b f;c f;d f;e f", GRAPH_LINE, GRAPH_DOWN);
    int32_t width = graph_layout_width(g), height = graph_layout_height(g);
    struct graph_map map = {.cols = width, .rows = height, .view = {1, 1, 5, 3}};
    (void)state;
    char *text = drawn(g, &map);
    const struct graph_map_cell *corner = &cells[width + 1], *inside = &cells[2 * width + 2];
    assert_true(corner->is_frame && corner->is_in_view && !corner->has_nodes);
    assert_int_equal(corner->glyph, 0x250C);
    assert_true(!inside->is_frame && inside->is_in_view);
    assert_true(cells[3 * width + 1].is_frame && cells[3 * width + 1].has_nodes);
    assert_false(cells[4 * width + 1].is_in_view);
    mem_free(text);
    graph_layout_destroy(g);
}

static const struct {
    struct graph_rect view;
    const char *expected;
} frames[] = {
    {{0, 0, 0, 0}, "   \n   \n"},
    {{0, 0, 2, 2}, "[] \n   \n"},
    {{0, 0, 1, 1}, "□  \n   \n"},
    {{1, 0, 1, 999}, " │ \n │ \n"},
    {{-9, -9, 999, 999}, "┌─┐\n└─┘\n"},
    {{900, 900, 9, 9}, "   \n   \n"},
};

static void frames_of_any_size_are_drawn(void **state)
{
    (void)state;
    struct graph_layout *g = graph_build("a b", GRAPH_LINE, GRAPH_DOWN);
    graph_layout_show_node(g, 0, false);
    graph_layout_show_node(g, 1, false);
    for (size_t i = 0; i < sizeof frames / sizeof *frames; i++) {
        struct graph_map map = {.cols = 3, .rows = 2, .view = frames[i].view};
        char *text = drawn(g, &map);
        if (strcmp(text, frames[i].expected) != 0)
            fail_msg("frame %zu:\n%s", i, text);
        mem_free(text);
    }
    graph_layout_destroy(g);
}

static void a_click_leads_to_the_place_that_the_cell_shows(void **state)
{
    struct graph_layout *g = graph_build("a b;b c;c d;d e;a f;f g;g e", GRAPH_BOX, GRAPH_DOWN);
    struct graph_map map = {.cols = 3, .rows = 4};
    (void)state;
    for (int32_t row = 0; row < map.rows; row++) {
        for (int32_t col = 0; col < map.cols; col++) {
            struct graph_point at = graph_map_point(g, &map, col, row);
            map.view = (struct graph_rect){at.x, at.y, 1, 1};
            graph_map_draw(g, &map, cells);
            assert_true(cells[row * map.cols + col].is_in_view);
        }
    }
    graph_layout_destroy(g);
}

static void the_map_of_nothing_is_empty(void **state)
{
    struct graph_layout *g = graph_build("", GRAPH_BOX, GRAPH_DOWN);
    struct graph_map map = {.cols = 2, .rows = 1, .view = {0, 0, 80, 24}};
    (void)state;
    assert_map(g, &map, "  \n");
    assert_int_equal(graph_map_point(g, &map, 1, 0).x, 0);
    graph_layout_destroy(g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_small_plane_is_not_magnified),
        cmocka_unit_test(a_large_plane_fits_and_every_box_is_seen),
        cmocka_unit_test(the_largest_class_of_a_cell_is_shown),
        cmocka_unit_test(the_view_is_framed_around_the_boxes),
        cmocka_unit_test(frames_of_any_size_are_drawn),
        cmocka_unit_test(a_click_leads_to_the_place_that_the_cell_shows),
        cmocka_unit_test(the_map_of_nothing_is_empty),
    };
    return RUN_TESTS(tests);
}
