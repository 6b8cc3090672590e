#include "tests/unit/test.h"

#include <string.h>

#include "tui/app/layout.h"

/* Marks every cell of every tile; a cell that is covered twice or lies outside fails. */
static int covered_cells(const struct tiling *tiling, int rows, int cols)
{
    static unsigned char seen[400][400];
    int cells = 0;
    memset(seen, 0, sizeof seen);
    for (size_t i = 0; i < tiling->count; i++) {
        const struct tile *t = &tiling->tiles[i];
        for (int y = t->top; y < t->top + t->rows; y++) {
            for (int x = t->left; x < t->left + t->cols; x++) {
                if (y < 0 || y >= rows || x < 0 || x >= cols)
                    fail_msg("%dx%d: tile %d lies outside at %d,%d", cols, rows, (int)t->view, y, x);
                if (seen[y][x]++)
                    fail_msg("%dx%d: tile %d overlaps another at %d,%d", cols, rows, (int)t->view, y, x);
                cells++;
            }
        }
    }
    return cells;
}

static void tiles_never_overlap_or_leave_the_screen_at_any_size(void **state)
{
    (void)state;
    for (int rows = 1; rows <= 100; rows++) {
        for (int cols = 1; cols <= 300; cols += 3) {
            for (enum view_id focus = 0; focus < VIEW_ID_COUNT; focus++) {
                struct layout layout = LAYOUT_INIT;
                struct tiling tiling;
                layout_focus(&layout, focus);
                layout.is_zoomed = (rows + cols) % 5 == 0;
                layout_compute(&layout, rows, cols, &tiling);
                covered_cells(&tiling, rows, cols);
            }
        }
    }
}

static void everything_but_the_separators_is_covered_when_tiled(void **state)
{
    (void)state;
    struct layout layout = LAYOUT_INIT;
    struct tiling tiling;
    layout_compute(&layout, 22, 80, &tiling);
    assert_int_equal(covered_cells(&tiling, 22, 80), 22 * 79);
    assert_int_equal(tiling.count, 5);
}

static void the_focused_view_is_always_on_the_screen(void **state)
{
    (void)state;
    for (int rows = 3; rows <= 60; rows++) {
        for (int cols = LAYOUT_MIN_COLS; cols <= 200; cols += 7) {
            for (enum view_id focus = 0; focus < VIEW_ID_COUNT; focus++) {
                struct layout layout = LAYOUT_INIT;
                struct tiling tiling;
                bool is_there = false;
                layout_focus(&layout, focus);
                layout_compute(&layout, rows, cols, &tiling);
                for (size_t i = 0; i < tiling.count; i++)
                    is_there |= tiling.tiles[i].view == focus && !tiling.tiles[i].is_folded;
                if (!is_there)
                    fail_msg("%dx%d: view %d is not shown", cols, rows, (int)focus);
            }
        }
    }
}

static void cycling_visits_every_tile_and_comes_back(void **state)
{
    (void)state;
    struct layout layout = LAYOUT_INIT;
    struct tiling tiling;
    layout_compute(&layout, 22, 80, &tiling);
    bool is_visited[VIEW_ID_COUNT] = {0};
    for (size_t i = 0; i < tiling.count; i++) {
        is_visited[layout.focus] = true;
        layout_cycle(&layout, &tiling, 1);
    }
    assert_int_equal(layout.focus, VIEW_GRAPH);
    for (size_t i = 0; i < tiling.count; i++)
        assert_true(is_visited[tiling.tiles[i].view]);
    layout_cycle(&layout, &tiling, -1);
    assert_int_equal(layout.focus, VIEW_OUTPUT);
}

static void growing_stops_before_the_other_side_is_gone(void **state)
{
    (void)state;
    struct layout layout = LAYOUT_INIT;
    struct tiling tiling;
    for (int i = 0; i < 100; i++) {
        layout_compute(&layout, 22, 80, &tiling);
        layout_grow(&layout, &tiling, 1);
    }
    layout_compute(&layout, 22, 80, &tiling);
    for (size_t i = 0; i < tiling.count; i++)
        assert_true(tiling.tiles[i].cols >= 12 && tiling.tiles[i].rows >= 3);
}

static void a_large_screen_shows_the_source_beside_the_timeline(void **state)
{
    (void)state;
    struct layout layout = LAYOUT_INIT;
    struct tiling tiling;
    layout_focus(&layout, VIEW_BREAKPOINTS);
    layout_focus(&layout, VIEW_SOURCE);
    layout_compute(&layout, 38, 120, &tiling);
    assert_non_null(layout_tile(&tiling, VIEW_TIMELINE));
    assert_non_null(layout_tile(&tiling, VIEW_SOURCE));
    assert_null(layout_tile(&tiling, VIEW_BREAKPOINTS));
    assert_int_equal(covered_cells(&tiling, 38, 120), 38 * 119);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tiles_never_overlap_or_leave_the_screen_at_any_size),
        cmocka_unit_test(everything_but_the_separators_is_covered_when_tiled),
        cmocka_unit_test(the_focused_view_is_always_on_the_screen),
        cmocka_unit_test(cycling_visits_every_tile_and_comes_back),
        cmocka_unit_test(a_large_screen_shows_the_source_beside_the_timeline),
        cmocka_unit_test(growing_stops_before_the_other_side_is_gone),
    };
    return RUN_TESTS(tests);
}
