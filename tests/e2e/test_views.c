/* Every view at one rich moment (a goto was taken, a loop has run, a breakpoint is set, values have changed),
 * at the sizes that terminals have. */
#include <stdio.h>

#include "tests/e2e/example.h"

static const char *const views[] = {
    "graph", "queue", "channels", "timeline", "output", "source", "breakpoints"};

static struct term *open_moment(int rows, int cols)
{
    struct term *t = example_open(.file = "etl.lua", .rows = rows, .cols = cols);
    term_type(t, ":break publish<Enter>");
    term_type(t, "nnnnnnn");
    return t;
}

static void assert_view(struct term *t, size_t view, const char *how)
{
    char name[64];
    snprintf(name, sizeof name, "view_%s_%dx%d%s", views[view], term_cols(t), term_rows(t), how);
    assert_golden(t, name);
}

static void focus(struct term *t, size_t view)
{
    char key[] = {(char)('1' + view), '\0'};
    term_type(t, key);
}

static void every_view_shows_what_matters_at_every_size(void **state)
{
    static const int sizes[][2] = {{24, 80}, {30, 100}, {40, 120}, {10, 40}};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct term *t = open_moment(sizes[i][0], sizes[i][1]);
        for (size_t view = 0; view < sizeof views / sizeof *views; view++) {
            focus(t, view);
            assert_view(t, view, "");
        }
        term_finish(t);
    }
}

static void every_view_may_have_the_whole_screen(void **state)
{
    static const int sizes[][2] = {{24, 80}, {40, 120}};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct term *t = open_moment(sizes[i][0], sizes[i][1]);
        term_type(t, "z");
        for (size_t view = 0; view < sizeof views / sizeof *views; view++) {
            focus(t, view);
            assert_view(t, view, "_zoomed");
        }
        term_finish(t);
    }
}

static void a_screen_without_room_says_so(void **state)
{
    struct term *t = open_moment(24, 80);
    term_resize(t, 4, 19);
    term_sync(t);
    assert_golden(t, "view_none_19x4");
}

static void what_lies_over_the_views_is_readable(void **state)
{
    static const struct {
        const char *keys, *name;
        int rows, cols;
    } rows[] = {
        {"?", "help_80x24", 24, 80},
        {"?", "help_40x10", 10, 40},
        {"?goto", "help_filtered_80x24", 24, 80},
        {":<Tab>", "prompt_commands_80x24", 24, 80},
        {":goto <Tab>", "prompt_tasks_80x24", 24, 80},
        {":info tasks<Enter>", "reply_80x24", 24, 80},
        {":info tasks<Enter>", "reply_40x10", 10, 40},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct term *t = open_moment(rows[i].rows, rows[i].cols);
        term_type(t, rows[i].keys);
        assert_golden(t, rows[i].name);
        term_finish(t);
    }
}

static void names_and_texts_of_all_kinds_stay_in_their_columns(void **state)
{
    struct term *t = example_open_workflow("names", NULL);
    term_type(t, "nnnnn");
    assert_golden(t, "names_80x24");
    term_type(t, "5<Right><Right>");
    term_type(t, "4<Right>");
    assert_golden(t, "names_scrolled_80x24");
}

/* Only what changed may look different from one step to the next. */
static void rows_keep_their_place_while_stepping(void **state)
{
    struct term *t = example_open(.file = "etl.lua", .rows = 40, .cols = 120);
    int row, col, first_row, first_col;
    assert_true(term_find(t, "Channels", &first_row, &first_col));
    for (int i = 0; i < 9; i++) {
        term_type(t, "n");
        assert_true(term_find(t, "Channels", &row, &col));
        assert_int_equal(row, first_row);
        assert_int_equal(col, first_col);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        term_test(every_view_shows_what_matters_at_every_size),
        term_test(every_view_may_have_the_whole_screen),
        term_test(a_screen_without_room_says_so),
        term_test(what_lies_over_the_views_is_readable),
        term_test(names_and_texts_of_all_kinds_stay_in_their_columns),
        term_test(rows_keep_their_place_while_stepping),
    };
    return TERM_RUN_TESTS(tests);
}
