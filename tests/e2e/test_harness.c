/* The terminal harness itself, with a program that does right and wrong on request. What the harness must
 * notice is asked through the functions that return it, so that these tests can see it noticed. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "tests/e2e/picture.h"
#include "tests/e2e/picture_glyphs.h"
#include "tests/e2e/term.h"
#include "tests/e2e/term_stream.h"

static struct term *start(void)
{
    return term_start(
        &(struct term_options){.argv = TERM_ARGV(term_build_path("tests/e2e/selftest_program"))});
}

static struct term *start_shell(const char *script)
{
    return term_start(&(struct term_options){.argv = TERM_ARGV("/bin/sh", "-c", script)});
}

static void typing_reaches_the_program_before_sync_returns(void **state)
{
    struct term *t = start();
    for (int i = 0; i < 200; i++)
        term_type(t, "a");
    char wanted[256] = "typed: ";
    memset(wanted + 7, 'a', 200);
    wanted[80] = '\0'; /* the row is full, the rest wraps */
    assert_row(t, 4, wanted);
    term_sync(t);
}

static void keys_are_sent_as_xterm_sends_them(void **state)
{
    static const struct {
        const char *keys, *typed;
    } rows[] = {
        {"x :goto b<Enter>", "typed: x :goto b\\x0d"},
        {"<Tab><S-Tab>", "typed: \\x09\\x1b[Z"},
        {"<Esc>", "typed: \\x1b"},
        {"<Up><Down><Home>", "typed: \\x1bOA\\x1bOB\\x1bOH"},
        {"<F1><F5><S-F5>", "typed: \\x1bOP\\x1b[15~\\x1b[15;2~"},
        {"<PageUp><Delete>", "typed: \\x1b[5~\\x1b[3~"},
        {"<C-c><C-Space><A-x>", "typed: \\x03\\x00\\x1bx"},
        {"<C-Left><Backspace>", "typed: \\x1b[1;5D\\x7f"},
        {"<lt>é<Space>.", "typed: <é ."},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct term *t = start();
        term_sync(t);
        term_keys(t, rows[i].keys);
        term_sync(t);
        assert_row(t, 4, rows[i].typed);
        term_finish(t);
    }
}

static void a_key_after_escape_is_not_alt_when_typed(void **state)
{
    struct term *t = start();
    unsigned long before = term_bytes_read(t);
    term_type(t, "<Esc>x");
    assert_row(t, 4, "typed: \\x1bx");
    assert_true(term_bytes_read(t) > before);
}

static void paste_is_bracketed_when_asked_for(void **state)
{
    struct term *t = start();
    term_sync(t);
    term_paste(t, "abc");
    term_sync(t);
    assert_row(t, 4, "typed: \\x1b[200~abc\\x1b[201~");
}

static void mouse_is_reported_in_cells(void **state)
{
    struct term *t = start();
    term_sync(t);
    term_click(t, 3, 70);
    term_wheel(t, 1, 0, 0);
    term_sync(t);
    assert_row(t, 4, "typed: \\x1b[<0;71;4M\\x1b[<0;71;4m\\x1b[<65;1;1M");
}

static void resize_is_painted_when_sync_returns(void **state)
{
    static const int sizes[][2] = {{40, 120}, {5, 20}, {24, 80}, {70, 250}};
    struct term *t = start();
    term_sync(t);
    for (size_t i = 0; i < 40; i++) {
        int rows = sizes[i % 4][0], cols = sizes[i % 4][1];
        char wanted[32];
        snprintf(wanted, sizeof wanted, "selftest %dx%d", cols, rows);
        term_resize(t, rows, cols);
        term_sync(t);
        assert_row(t, 0, wanted);
        assert_string_equal(term_cell(t, rows - 1, cols - 1).glyph, "*");
    }
}

static void cells_have_colours_and_attributes(void **state)
{
    struct term *t = start();
    int row, col;
    term_sync(t);
    assert_true(term_find(t, "red", &row, &col));
    assert_int_equal(row, 1);
    assert_int_equal(col, 0);
    assert_int_equal(term_cell(t, 1, 0).fg, 1);
    assert_int_equal(term_cell(t, 1, 0).bg, TERM_COLOUR_DEFAULT);
    assert_true(term_find(t, "bold orange", &row, &col));
    assert_int_equal(term_cell(t, row, col).fg, 208);
    assert_true(term_cell(t, row, col).bold);
    assert_true(term_find(t, "rgb", &row, &col));
    assert_int_equal(term_cell(t, row, col).bg, TERM_COLOUR_RGB | 0x010203);
    assert_false(term_cell(t, row, col).bold);
    assert_true(term_find(t, "dim", &row, &col));
    assert_true(term_cell(t, row, col).dim);
    assert_true(term_find(t, "under", &row, &col));
    assert_true(term_cell(t, row, col).underline);
    assert_false(term_cell(t, row, col).dim);
    assert_true(term_find(t, "reverse", &row, &col));
    assert_true(term_cell(t, row, col).reverse);
}

static void wide_characters_take_two_cells(void **state)
{
    struct term *t = start();
    int row, col;
    term_sync(t);
    assert_row(t, 2, "漢字 é|");
    assert_int_equal(term_cell(t, 2, 0).width, 2);
    assert_int_equal(term_cell(t, 2, 1).width, 0);
    assert_string_equal(term_cell(t, 2, 1).glyph, "");
    assert_true(term_find(t, "é|", &row, &col));
    assert_int_equal(col, 5);
}

static void cursor_title_and_modes_are_known(void **state)
{
    struct term *t = start();
    int row, col;
    term_sync(t);
    assert_true(term_cursor(t, &row, &col));
    assert_int_equal(row, 0);
    assert_int_equal(col, 2);
    assert_string_equal(term_title(t), "selftest");
    assert_true(term_alternate(t));
    assert_true(term_mode(t, 1000));
    assert_true(term_mode(t, 1006));
    assert_false(term_mode(t, 1002));
    term_type(t, "h");
    assert_false(term_cursor(t, NULL, NULL));
}

static void text_that_comes_late_is_waited_for(void **state)
{
    struct term *t = start();
    term_type(t, "l");
    assert_screen_lacks(t, "LATE");
    term_wait_text(t, "LATE");
}

static void a_clean_end_leaves_nothing(void **state)
{
    struct term *t = start();
    term_sync(t);
    assert_string_equal(term_unclean(t), "the alternate screen is still shown");
    term_keys(t, "q");
    assert_int_equal(term_wait_exit(t), 3);
    assert_left_clean(t);
}

static void a_terminal_left_dirty_is_noticed(void **state)
{
    static const struct {
        const char *script, *unclean;
    } rows[] = {
        {"printf '\\033[?25l'", "the cursor is hidden"},
        {"printf '\\033[?7;1002h'", "private mode 1002 is still on"},
        {"printf '\\033[1;31m'", "colours or attributes are still on"},
        {"printf '\\033[?1049h'", "the alternate screen is still shown"},
        {"printf '\\033[31;1mx\\033[0m\\033[?1049h\\033[?1049l'", NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct term *t = start_shell(rows[i].script);
        assert_int_equal(term_wait_exit(t), 0);
        const char *unclean = term_unclean(t);
        if (rows[i].unclean)
            assert_string_equal(unclean ? unclean : "clean", rows[i].unclean);
        else
            assert_null(unclean);
        term_finish(t);
    }
    struct term *t = start_shell("stty -echo");
    assert_int_equal(term_wait_exit(t), 0);
    assert_non_null(strstr(term_unclean(t), "terminal modes differ"));
}

static void death_by_signal_counts_as_shells_count(void **state)
{
    struct term *t = start();
    term_sync(t);
    term_keys(t, "!");
    assert_int_equal(term_wait_exit(t), 128 + SIGABRT);
    assert_non_null(term_unclean(t));
}

static void a_program_that_cannot_run_says_why(void **state)
{
    struct term *t = term_start(&(struct term_options){.argv = TERM_ARGV("/nonexistent/program")});
    assert_int_equal(term_wait_exit(t), 127);
    assert_row(t, 0, "cannot run /nonexistent/program: No such file or directory");
}

static void everything_written_before_the_end_is_on_the_screen(void **state)
{
    for (int i = 0; i < 20; i++) {
        struct term *t =
            start_shell("i=0; while [ $i -lt 300 ]; do echo line $i; i=$((i+1)); done; printf last");
        assert_int_equal(term_wait_exit(t), 0);
        assert_row(t, 23, "last");
        assert_row(t, 22, "line 299");
        term_finish(t);
    }
}

static void suspend_and_foreground_work_as_in_a_shell(void **state)
{
    struct term *t = start();
    for (int i = 0; i < 3; i++) {
        term_type(t, "a");
        term_keys(t, "<C-z>");
        term_wait_stop(t);
        assert_null(term_unclean(t));
        term_resize(t, 24, 90 + i);
        term_foreground(t);
        term_sync(t);
        assert_true(term_alternate(t));
    }
    assert_row(t, 0, "selftest 92x24");
    term_keys(t, "q");
    assert_int_equal(term_wait_exit(t), 3);
}

static void a_stop_signal_reaches_a_program_that_does_not_know_it(void **state)
{
    struct term *t = start_shell("echo ready; read line; echo got $line");
    term_wait_text(t, "ready");
    term_keys(t, "<C-z>"); /* the terminal itself makes it SIGTSTP */
    term_wait_stop(t);
    term_foreground(t);
    term_keys(t, "x<Enter>");
    assert_int_equal(term_wait_exit(t), 0);
    term_wait_text(t, "got x");
}

static void children_are_found_in_any_group_and_session(void **state)
{
    struct term *t = start();
    term_type(t, "c");
    term_type(t, "d");
    term_wait_children(t, 2);
    assert_int_equal(term_processes(t), 3);
    term_keys(t, "q");
    assert_int_equal(term_wait_exit(t), 3);
    assert_int_equal(term_processes(t), 2);
}

static void children_that_end_are_waited_for(void **state)
{
    struct term *t = start();
    term_type(t, "c");
    term_type(t, "d");
    term_wait_children(t, 2);
    term_type(t, "k");
    term_keys(t, "q");
    assert_int_equal(term_wait_exit(t), 3);
    assert_left_clean(t);
}

static void a_closed_window_hangs_up_the_program(void **state)
{
    struct term *t = start();
    term_sync(t);
    term_hangup(t);
    assert_int_equal(term_wait_exit(t), 128 + SIGHUP);
    term_wait_alone(t);
}

static void a_signal_goes_to_the_program(void **state)
{
    struct term *t = start();
    term_sync(t);
    term_signal(t, SIGTERM);
    assert_int_equal(term_wait_exit(t), 128 + SIGTERM);
    assert_left_clean(t);
}

static void memory_is_counted(void **state)
{
    struct term *t = start();
    term_sync(t);
    long before = term_memory(t).anonymous_kb;
    term_type(t, "m");
    long more = term_memory(t).anonymous_kb - before;
    assert_in_range(more, 24 << 10, 30 << 10);
}

static void the_environment_is_clean_and_its_folder_goes(void **state)
{
    char folder[4096];
    struct stat st;
    setenv("SECRET_OF_THE_TEST", "1", 1);
    struct term *t = term_start(&(struct term_options){
        .argv = TERM_ARGV("/bin/sh", "-c",
            "echo $TERM,$LANG,$TZ,$FLOWDBG_TEST,$SECRET_OF_THE_TEST,$MORE,; cd $HOME; cd -P .; pwd; cd "
            "$XDG_CONFIG_HOME; touch file"),
        .env = TERM_ARGV("MORE=more", "TERM=dumb", "TZ"),
    });
    snprintf(folder, sizeof folder, "%s", term_folder(t));
    assert_int_equal(term_wait_exit(t), 0);
    assert_row(t, 0, "dumb,C.UTF-8,,1,,more,");
    assert_row(t, 1, folder);
    assert_int_equal(stat(folder, &st), 0);
    term_finish(t);
    assert_int_equal(stat(folder, &st), -1);
}

static void the_screen_is_compared_with_a_golden(void **state)
{
    struct term *t = start();
    term_sync(t);
    assert_golden(t, "harness_selftest");
}

static void a_sequence_may_be_cut_anywhere(void **state)
{
    static const char text[] = "a\033[?1006;1000hb\033[2mc\033[38;5;2md\033[0;22m\033]0;x\a\033[H\033Mz";
    static const char wanted[] =
        "a\033[?1006h\033[?1000hb\033[2;19mc\033[38;5;2md\033[0;10;22;10m\033]0;x\a\033[H\033Mz";
    for (size_t cut = 0; cut < sizeof text; cut++) {
        struct term_stream s = {0};
        struct str out = {0};
        term_stream_feed(&s, text, cut, &out);
        term_stream_feed(&s, text + cut, sizeof text - 1 - cut, &out);
        assert_string_equal(str_text(&out), wanted);
        assert_true(term_stream_mode(&s, 1000) && term_stream_mode(&s, 1006));
        str_finish(&out);
    }
}

static void an_overlong_sequence_is_passed_on(void **state)
{
    struct term_stream s = {0};
    struct str out = {0};
    char text[1000];
    memset(text, '1', sizeof text);
    text[0] = '\033';
    text[1] = '[';
    term_stream_feed(&s, text, sizeof text, &out);
    term_stream_feed(&s, "m", 1, &out);
    assert_int_equal(out.length, sizeof text + 1);
    str_finish(&out);
}

static void a_picture_holds_the_screen(void **state)
{
    static const char *const parts[] = {
        "width=\"840\" height=\"554\"",
        ">ftest 80x24</text>",
        "fill=\"#ff8700\" font-weight=\"bold\"",
        "text-anchor=\"middle\" xml:space=\"preserve\">漢</text>",
        "fill=\"#010203\"",
    };
    struct term *t = start();
    struct str svg = {0};
    term_sync(t);
    picture_svg(t, PICTURE_DARK, &svg);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (!strstr(str_text(&svg), parts[i]))
            fail_msg("the picture lacks %s", parts[i]);
    }
    str_finish(&svg);
}

/* Lines have to run to the very edge of the cell, on the half units that are pixels. */
static void lines_reach_their_neighbours(void **state)
{
    static const struct {
        unsigned code_point;
        bool sides[4]; /* up, right, down, left */
        const char *part;
    } rows[] = {
        {0x2500, {false, true, false, true}, "width=\"6\" height=\"1\""},
        {0x253c, {true, true, true, true}, "width=\"1\" height=\"11\""},
        {0x2514, {true, true, false, false}, "x=\"5\" y=\"0\""},
        {0x2557, {false, false, true, true}, "x=\"0\" y=\"8\""},
        {0x2570, {true, true, false, false}, "<path"},
        {0x2571, {false, false, false, false}, "<path"},
        {'a', {false, false, false, false}, ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct str out = {0};
        bool drawn = glyph_draw(&out, rows[i].code_point, 0, 0, "red", false);
        assert_int_equal(drawn, rows[i].code_point != 'a');
        for (int side = 0; side < 4; side++)
            assert_int_equal(glyph_reaches(rows[i].code_point, side), rows[i].sides[side]);
        if (!strstr(str_text(&out), rows[i].part))
            fail_msg("U+%04X: no %s in\n%s", rows[i].code_point, rows[i].part, str_text(&out));
        str_finish(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        term_test(typing_reaches_the_program_before_sync_returns),
        term_test(keys_are_sent_as_xterm_sends_them),
        term_test(a_key_after_escape_is_not_alt_when_typed),
        term_test(paste_is_bracketed_when_asked_for),
        term_test(mouse_is_reported_in_cells),
        term_test(resize_is_painted_when_sync_returns),
        term_test(cells_have_colours_and_attributes),
        term_test(wide_characters_take_two_cells),
        term_test(cursor_title_and_modes_are_known),
        term_test(text_that_comes_late_is_waited_for),
        term_test(a_clean_end_leaves_nothing),
        term_test(a_terminal_left_dirty_is_noticed),
        term_test(death_by_signal_counts_as_shells_count),
        term_test(a_program_that_cannot_run_says_why),
        term_test(everything_written_before_the_end_is_on_the_screen),
        term_test(suspend_and_foreground_work_as_in_a_shell),
        term_test(a_stop_signal_reaches_a_program_that_does_not_know_it),
        term_test(children_are_found_in_any_group_and_session),
        term_test(children_that_end_are_waited_for),
        term_test(a_closed_window_hangs_up_the_program),
        term_test(a_signal_goes_to_the_program),
        term_test(memory_is_counted),
        term_test(the_environment_is_clean_and_its_folder_goes),
        term_test(the_screen_is_compared_with_a_golden),
        term_test(a_sequence_may_be_cut_anywhere),
        term_test(an_overlong_sequence_is_passed_on),
        term_test(a_picture_holds_the_screen),
        term_test(lines_reach_their_neighbours),
    };
    return TERM_RUN_TESTS(tests);
}
