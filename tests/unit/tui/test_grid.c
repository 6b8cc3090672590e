#include "tests/unit/test.h"

#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "tui/screen/grid.h"
#include "tui/screen/theme.h"

struct fixture {
    struct grid grid;
    struct win win;
};

static struct fixture make(int rows, int cols, bool ascii)
{
    struct fixture f = {.grid = {.ascii = ascii}};
    assert_int_equal(grid_resize(&f.grid, rows, cols), FLOW_OK);
    return f;
}

#define MAKE(f, rows, cols, ascii)                                                                           \
    struct fixture f = make(rows, cols, ascii);                                                              \
    f.win = win_whole(&f.grid)

static void assert_row(const struct grid *g, int y, const char *wanted, const char *row)
{
    struct str text = {0};
    grid_row_text(g, y, &text);
    if (strcmp(str_text(&text), wanted) != 0)
        print_error("row '%s' of the table\n", row);
    assert_string_equal(str_text(&text), wanted);
    str_finish(&text);
}

/* Every right half has its left half, and the other way round. */
static void assert_whole_characters(const struct grid *g)
{
    for (int y = 0; y < g->rows; y++)
        for (int x = 0; x < g->cols; x++) {
            const struct cell *c = grid_cell(g, y, x);
            if (c->width == 2)
                assert_true(x + 1 < g->cols && grid_cell(g, y, x + 1)->width == 0);
            if (c->width == 0)
                assert_true(x > 0 && grid_cell(g, y, x - 1)->width == 2);
        }
}

static void text_from_outside_becomes_harmless(void **state)
{
    static const struct {
        const char *name, *text, *drawn, *ascii;
        int cols;
    } rows[] = {
        {"plain", "hello", "hello", "hello", 5},
        {"colour", "\033[31mred", "\\e[31mred", "\\e[31mred", 9},
        {"title", "\033]0;x\a", "\\e]0;x\\x07", "\\e]0;x\\x07", 10},
        {"lines", "a\r\nb\tc", "a\\r\\nb\\tc", "a\\r\\nb\\tc", 9},
        {"delete", "\x7f", "\\x7f", "\\x7f", 4},
        {"C1 control",
            "\xc2\x9b"
            "31m",
            "\\x9b31m", "\\x9b31m", 7},
        {"bad bytes", "a\xff\xc0z", "a\xef\xbf\xbd\xef\xbf\xbdz", "a??z", 4},
        {"cut character", "\xe2\x82", "\xef\xbf\xbd\xef\xbf\xbd", "??", 2},
        {"accents", "caf\xc3\xa9", "caf\xc3\xa9", "caf?", 4},
        {"combining", "e\xcc\x81x", "e\xcc\x81x", "ex", 2},
        {"lone mark", "\xcc\x81x", " \xcc\x81x", "?x", 2},
        {"wide", "日本", "日本", "??", 4},
        {"joiner",
            "a\xe2\x80\x8d"
            "b",
            "ab", "ab", 2},
        {"family", "👨\xe2\x80\x8d👩", "👨👩", "??", 4},
        {"skin tone", "👍🏽!", "👍!", "?!", 3},
        {"direction override",
            "a\xe2\x80\xae"
            "b",
            "a\xef\xbf\xbd"
            "b",
            "a?b", 3},
        {"no width", "\xf4\x8f\xbf\xbf", "\xef\xbf\xbd", "?", 1},
        {"lines and marks", "─│┌┼ →✓✗●…", "─│┌┼ →✓✗●…", "-|++ >+x*~", 10},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        MAKE(f, 1, 20, false);
        assert_int_equal(win_put(f.win, 0, 0, ROLE_NORMAL, rows[i].text), rows[i].cols);
        assert_int_equal(text_cols(rows[i].text, false), rows[i].cols);
        assert_row(&f.grid, 0, rows[i].drawn, rows[i].name);
        assert_whole_characters(&f.grid);
        grid_finish(&f.grid);
        MAKE(a, 1, 20, true);
        int end = win_put(a.win, 0, 0, ROLE_NORMAL, rows[i].text);
        assert_int_equal(text_cols(rows[i].text, true), end);
        assert_row(&a.grid, 0, rows[i].ascii, rows[i].name);
        grid_finish(&a.grid);
    }
}

static void no_byte_sequence_leaves_a_control_character_in_a_cell(void **state)
{
    unsigned seed = 1;
    for (int round = 0; round < 3000; round++) {
        char text[40];
        for (size_t i = 0; i < sizeof text; i++) {
            seed = seed * 1103515245u + 12345u;
            text[i] = (char)(seed >> 16);
        }
        MAKE(f, 1, 30, round & 1);
        win_putn(f.win, 0, 0, ROLE_NORMAL, text, sizeof text);
        for (int x = 0; x < 30; x++) {
            uint32_t code = grid_cell(&f.grid, 0, x)->code;
            bool right_half = grid_cell(&f.grid, 0, x)->width == 0;
            assert_true(right_half ? code == 0 : code >= 0x20 && (code < 0x7f || code >= 0xa0));
        }
        assert_whole_characters(&f.grid);
        grid_finish(&f.grid);
    }
}

static void text_that_does_not_fit_gets_an_ellipsis(void **state)
{
    static const struct {
        const char *text;
        int cols;
        enum fit fit;
        const char *drawn;
    } rows[] = {
        {"validate", 8, FIT_END, "validate"},
        {"validate", 7, FIT_END, "valida…"},
        {"validate", 7, FIT_START, "…lidate"},
        {"validate", 7, FIT_MIDDLE, "val…ate"},
        {"validate", 1, FIT_END, "…"},
        {"validate", 0, FIT_END, ""},
        {"日本語", 5, FIT_END, "日本…"},
        {"日本語", 4, FIT_END, "日…"},
        {"日本語", 4, FIT_START, "…語"},
        {"a\033b", 3, FIT_END, "a…"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        MAKE(f, 1, 20, false);
        int end = win_fit(f.win, 0, 0, rows[i].cols, ROLE_NORMAL, rows[i].text, rows[i].fit);
        assert_row(&f.grid, 0, rows[i].drawn, rows[i].drawn);
        assert_int_equal(end, text_cols(rows[i].drawn, false));
        grid_finish(&f.grid);
    }
}

static void text_is_aligned_to_the_right(void **state)
{
    MAKE(f, 2, 10, false);
    assert_int_equal(win_fit_right(f.win, 0, 2, 6, ROLE_NORMAL, "abc"), 5);
    assert_row(&f.grid, 0, "     abc", "short");
    assert_int_equal(win_fit_right(f.win, 1, 2, 6, ROLE_NORMAL, "abcdefgh"), 2);
    assert_row(&f.grid, 1, "  abcde…", "long");
    grid_finish(&f.grid);
}

static void drawing_stays_inside_its_window(void **state)
{
    MAKE(f, 4, 10, false);
    win_fill(f.win, ROLE_NORMAL, '.');
    struct win inner = win_sub(f.win, 1, 2, 2, 5);
    win_put(inner, 0, -2, ROLE_NORMAL, "abcdefghijkl");
    win_put(inner, -1, 0, ROLE_NORMAL, "above");
    win_put(inner, 2, 0, ROLE_NORMAL, "below");
    win_vline(inner, -5, 2, 20, ROLE_BORDER);
    assert_row(&f.grid, 0, "..........", "above");
    assert_row(&f.grid, 1, "..cd│fg...", "inside");
    assert_row(&f.grid, 2, "....│.....", "inside");
    assert_row(&f.grid, 3, "..........", "below");
    struct win outside = win_sub(inner, 7, 7, 3, 3);
    assert_int_equal(outside.rows, 0);
    assert_int_equal(outside.cols, 0);
    struct win larger = win_sub(inner, -1, -1, 100, 100);
    assert_int_equal(larger.rows, 2);
    assert_int_equal(larger.cols, 5);
    grid_finish(&f.grid);
}

static void a_panned_window_shows_another_part(void **state)
{
    MAKE(f, 2, 5, false);
    struct win w = win_panned(f.win, 10, 3);
    win_put(w, 10, 0, ROLE_NORMAL, "abcdefghij");
    win_put(w, 0, 3, ROLE_NORMAL, "not");
    assert_row(&f.grid, 0, "defgh", "panned");
    struct win part = win_sub(w, 11, 4, 1, 2);
    win_put(part, 0, 0, ROLE_NORMAL, "xyz");
    assert_row(&f.grid, 1, " xy", "part");
    grid_finish(&f.grid);
}

static void a_wide_character_is_never_cut_in_half(void **state)
{
    MAKE(f, 3, 6, false);
    assert_int_equal(win_put(f.win, 0, 1, ROLE_NORMAL, "日本語"), 7);
    assert_row(&f.grid, 0, " 日本", "right edge");
    win_put(f.win, 0, 2, ROLE_NORMAL, "x");
    assert_row(&f.grid, 0, "  x本", "left half lost");
    win_put(f.win, 0, 3, ROLE_NORMAL, "語");
    assert_row(&f.grid, 0, "  x語", "same place");
    win_put(f.win, 0, 2, ROLE_NORMAL, "日");
    assert_row(&f.grid, 0, "  日", "over two halves");
    win_put(win_panned(f.win, 0, 1), 1, 0, ROLE_NORMAL, "日a");
    assert_row(&f.grid, 1, " a", "left edge");
    win_put(f.win, 2, 0, ROLE_NORMAL, "日本語");
    win_put(f.win, 2, 1, ROLE_NORMAL, "日本");
    assert_row(&f.grid, 2, " 日本", "shifted by one");
    assert_whole_characters(&f.grid);
    grid_finish(&f.grid);
}

static void lines_join_where_they_meet(void **state)
{
    static const struct {
        bool ascii;
        const char *rows[3];
    } forms[] = {{false, {"┌─┬┐", "├─┼┤", "└─┴┘"}}, {true, {"+-++", "+-++", "+-++"}}};
    for (int i = 0; i < 2; i++) {
        MAKE(f, 3, 4, forms[i].ascii);
        win_box(f.win, ROLE_BORDER);
        for (int x = 0; x < 4; x++)
            win_join(f.win, 1, x, ROLE_BORDER, (x > 0 ? LINE_LEFT : 0u) | (x < 3 ? LINE_RIGHT : 0u));
        win_join(f.win, 0, 2, ROLE_BORDER, LINE_DOWN);
        win_join(f.win, 1, 2, ROLE_BORDER, LINE_UP | LINE_DOWN);
        win_join(f.win, 2, 2, ROLE_BORDER, LINE_UP);
        for (int y = 0; y < 3; y++)
            assert_row(&f.grid, y, forms[i].rows[y], "box");
        grid_finish(&f.grid);
    }
}

static void a_join_replaces_what_is_no_line(void **state)
{
    MAKE(f, 1, 3, false);
    win_put(f.win, 0, 0, ROLE_NORMAL, "abc");
    win_join(f.win, 0, 1, ROLE_BORDER, LINE_UP | LINE_RIGHT);
    win_join(f.win, 0, 2, ROLE_BORDER, 0);
    assert_row(&f.grid, 0, "a└c", "join");
    grid_finish(&f.grid);
}

static void styles_change_without_the_text(void **state)
{
    MAKE(f, 1, 6, false);
    win_put(f.win, 0, 0, ROLE_ERROR, "abcdef");
    win_flag(f.win, 0, 1, 2, STYLE_SELECTED);
    win_style(f.win, 0, 4, 9, ROLE_DIM);
    static const unsigned wanted[] = {
        ROLE_ERROR, ROLE_ERROR | STYLE_SELECTED, ROLE_ERROR | STYLE_SELECTED, ROLE_ERROR, ROLE_DIM, ROLE_DIM};
    for (int x = 0; x < 6; x++)
        assert_int_equal(grid_cell(&f.grid, 0, x)->style, wanted[x]);
    assert_row(&f.grid, 0, "abcdef", "text");
    grid_finish(&f.grid);
}

static void formatted_text_is_escaped_too(void **state)
{
    MAKE(f, 1, 20, false);
    assert_int_equal(win_putf(f.win, 0, 1, ROLE_NORMAL, "%d:%s", 7, "\033x"), 6);
    assert_row(&f.grid, 0, " 7:\\ex", "formatted");
    grid_finish(&f.grid);
}

static void *fail_after(void *user, void *ptr, size_t size)
{
    int *left = user;
    if (size > 0 && (*left)-- <= 0)
        return NULL;
    if (size == 0) {
        free(ptr);
        return NULL;
    }
    return realloc(ptr, size);
}

static void resizing_without_memory_keeps_the_grid(void **state)
{
    int left = 1;
    mem_set_allocator(fail_after, &left);
    struct grid g = {0};
    assert_int_equal(grid_resize(&g, 2, 3), FLOW_OK);
    win_put(win_whole(&g), 0, 0, ROLE_NORMAL, "abc");
    assert_int_equal(grid_resize(&g, 9, 9), FLOW_ENOMEM);
    assert_int_equal(g.rows, 2);
    assert_int_equal(grid_cell(&g, 0, 2)->code, 'c');
    grid_finish(&g);
    mem_set_allocator(NULL, NULL);
}

/* Two looks that a person can tell apart without seeing colours. */
static bool differs_plainly(struct look a, struct look b)
{
    return a.flags != b.flags;
}

static void selection_is_seen_in_every_theme(void **state)
{
    static const enum theme_colors colors[] = {THEME_NO_COLOR, THEME_16, THEME_256, THEME_TRUE};
    for (size_t c = 0; c < 4; c++)
        for (int variant = THEME_DARK; variant <= THEME_LIGHT; variant++)
            for (unsigned role = 0; role < ROLE_COUNT; role++) {
                struct theme t = {.colors = colors[c], .variant = (enum theme_variant)variant};
                struct look plain = theme_look(&t, role), selected = theme_look(&t, role | STYLE_SELECTED);
                assert_true(differs_plainly(plain, selected) || plain.bg != selected.bg);
            }
}

static void themes_use_only_the_colours_there_are(void **state)
{
    static const struct {
        enum theme_colors colors;
        int32_t most;
    } rows[] = {{THEME_NO_COLOR, LOOK_DEFAULT}, {THEME_16, 15}, {THEME_256, 255}, {THEME_TRUE, 0xffffff}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (unsigned style = 0; style < 0x800; style++) {
            struct theme t = {.colors = rows[i].colors, .variant = style & 1 ? THEME_DARK : THEME_LIGHT};
            struct look look = theme_look(&t, style);
            assert_in_range(look.fg + 1, 0, rows[i].most + 1);
            assert_in_range(look.bg + 1, 0, rows[i].most + 1);
        }
}

static void the_environment_chooses_theme_and_colours(void **state)
{
    static const struct {
        const char *own, *pair;
        enum theme_variant variant;
    } rows[] = {
        {NULL, NULL, THEME_DARK},
        {"light", NULL, THEME_LIGHT},
        {"dark", "0;15", THEME_DARK},
        {NULL, "0;15", THEME_LIGHT},
        {NULL, "15;default;0", THEME_DARK},
        {"", "0;7", THEME_LIGHT},
        {NULL, "0;8", THEME_DARK},
        {NULL, "nonsense", THEME_DARK},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        unsetenv("FLOWDBG_THEME");
        unsetenv("COLORFGBG");
        if (rows[i].own)
            setenv("FLOWDBG_THEME", rows[i].own, 1);
        if (rows[i].pair)
            setenv("COLORFGBG", rows[i].pair, 1);
        assert_int_equal(theme_variant_choose(THEME_AUTO), rows[i].variant);
        assert_int_equal(theme_variant_choose(THEME_LIGHT), THEME_LIGHT);
    }
    unsetenv("NO_COLOR");
    assert_int_equal(theme_colors_choose(256, false), THEME_256);
    assert_int_equal(theme_colors_choose(0x1000000, true), THEME_TRUE);
    assert_int_equal(theme_colors_choose(8, false), THEME_16);
    assert_int_equal(theme_colors_choose(0, false), THEME_NO_COLOR);
    setenv("NO_COLOR", "1", 1);
    assert_int_equal(theme_colors_choose(256, false), THEME_NO_COLOR);
    unsetenv("NO_COLOR");
}

int main(void)
{
    if (!setlocale(LC_ALL, "C.UTF-8"))
        return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_from_outside_becomes_harmless),
        cmocka_unit_test(no_byte_sequence_leaves_a_control_character_in_a_cell),
        cmocka_unit_test(text_that_does_not_fit_gets_an_ellipsis),
        cmocka_unit_test(text_is_aligned_to_the_right),
        cmocka_unit_test(drawing_stays_inside_its_window),
        cmocka_unit_test(a_panned_window_shows_another_part),
        cmocka_unit_test(a_wide_character_is_never_cut_in_half),
        cmocka_unit_test(lines_join_where_they_meet),
        cmocka_unit_test(a_join_replaces_what_is_no_line),
        cmocka_unit_test(styles_change_without_the_text),
        cmocka_unit_test(formatted_text_is_escaped_too),
        cmocka_unit_test(resizing_without_memory_keeps_the_grid),
        cmocka_unit_test(selection_is_seen_in_every_theme),
        cmocka_unit_test(themes_use_only_the_colours_there_are),
        cmocka_unit_test(the_environment_chooses_theme_and_colours),
    };
    return RUN_TESTS(tests);
}
