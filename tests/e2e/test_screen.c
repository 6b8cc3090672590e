/* A person at the screen: opens the page's examples, steps, looks, jumps, changes, starts again. The pictures
 * of the README are made on the way. */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "tests/e2e/picture.h"
#include "tests/e2e/term.h"

struct look {
    const char *file; /* under plugins/examples */
    int rows, cols;
    const char *const *env;
    const char *seed;
};

static struct term *open_example(const struct look *look)
{
    struct term *t = term_start(&(struct term_options){
        .argv =
            TERM_ARGV(term_build_path("tui/flowdbg"), "--seed", look->seed ? look->seed : "1", look->file),
        .rows = look->rows,
        .cols = look->cols,
        .env = look->env,
        .cwd = term_source_path("plugins/examples"),
    });
    term_sync(t);
    term_wait_text(t, "paused before");
    term_sync(t);
    return t;
}

static struct term *open_page(const char *name)
{
    char file[64];
    snprintf(file, sizeof file, "page/%s.lua", name);
    return open_example(&(struct look){.file = file});
}

static void an_example_opens_before_its_first_task(void **state)
{
    struct term *t = open_page("enqueue_demo");
    assert_screen_has(t, "LIVE");
    assert_screen_has(t, "enqueue_demo");
    assert_screen_has(t, "paused before process");
    assert_screen_has(t, "continuation");
    assert_golden(t, "enqueue_demo_start");
}

static void next_runs_one_task_at_a_time(void **state)
{
    struct term *t = open_page("enqueue_demo");
    term_type(t, "n");
    assert_screen_has(t, "paused before extra_logging");
    assert_screen_has(t, "Main processing");
    term_type(t, "n");
    assert_screen_has(t, "paused before continuation");
    assert_screen_has(t, "Extra logging task");
    assert_golden(t, "enqueue_demo_two_steps");
    term_type(t, "n");
    assert_screen_has(t, "Normal continuation");
    assert_screen_has(t, "completed");
}

static void stepping_by_events_ends_where_running_does(void **state)
{
    struct term *stepped = open_page("optimization");
    struct term *left_alone = open_page("optimization");
    term_type(left_alone, "c");
    for (int i = 0; i < 200 && !term_find(stepped, "ended: completed", NULL, NULL); i++)
        term_type(stepped, "s");
    assert_screen_has(stepped, "ended: completed");
    for (int row = 0; row < term_rows(stepped); row++)
        assert_row(stepped, row, term_text(left_alone, row));
}

static void goto_jumps_to_the_named_task(void **state)
{
    struct term *t = open_page("error_handling");
    term_type(t, ":goto emergency_handler<Enter>");
    if (term_find(t, " yes ", NULL, NULL))
        term_type(t, "y");
    assert_screen_has(t, "paused before emergency_handler");
    term_type(t, "c");
    assert_screen_has(t, "Emergency handler activated!");
    assert_screen_lacks(t, "Continuing normal flow");
}

static void cancel_ends_the_run_with_its_message(void **state)
{
    struct term *t = open_page("enqueue_demo");
    term_type(t, "n");
    term_type(t, ":cancel enough of it<Enter>");
    if (term_find(t, " yes ", NULL, NULL))
        term_type(t, "y");
    assert_screen_has(t, "cancelled");
    assert_screen_has(t, "enough of it");
    term_keys(t, "q");
    assert_int_equal(term_wait_exit(t), 3);
    assert_left_clean(t);
}

static void a_run_can_be_started_again(void **state)
{
    struct term *t = open_page("enqueue_demo");
    char *first = term_screen_take(t);
    term_type(t, "c");
    assert_screen_has(t, "completed");
    term_type(t, "R");
    if (term_find(t, " yes ", NULL, NULL))
        term_type(t, "y");
    term_wait_text(t, "paused before process");
    term_sync(t);
    char *again = term_screen_take(t);
    assert_string_equal(again, first);
    mem_free(first);
    mem_free(again);
}

static void a_breakpoint_stops_where_it_is_set(void **state)
{
    struct term *t = open_page("enqueue_demo");
    term_type(t, ":break continuation<Enter>");
    term_type(t, "c");
    assert_screen_has(t, "paused before continuation");
    assert_screen_has(t, "breakpoint 1");
    term_type(t, ":delete 1<Enter>");
    term_type(t, "c");
    assert_screen_has(t, "completed");
}

static void a_changed_channel_is_what_the_task_reads(void **state)
{
    struct term *t = open_page("optimization");
    term_type(t, ":set accuracy 0.9<Enter>");
    term_type(t, "n");
    assert_screen_lacks(t, "accuracy=0.65");
    term_type(t, "c");
    assert_screen_has(t, "Converged!");
}

static void the_prompt_completes_and_remembers(void **state)
{
    struct term *t = open_page("error_handling");
    term_type(t, ":got<Tab>em<Tab>");
    assert_screen_has(t, ":goto emergency_handler");
    term_type(t, "<C-a><C-k>print 1<Enter>");
    term_type(t, ":<Up>");
    assert_screen_has(t, ":print 1");
    term_type(t, "<Esc>");
    assert_screen_lacks(t, ":print 1");
}

static void a_mistyped_command_gets_a_suggestion(void **state)
{
    struct term *t = open_page("enqueue_demo");
    term_type(t, ":contineu<Enter>");
    assert_screen_has(t, "continue");
    assert_screen_has(t, "paused before process");
}

static void help_is_filtered_as_one_types(void **state)
{
    struct term *t = open_page("enqueue_demo");
    term_type(t, "?");
    assert_screen_has(t, "breakpoint");
    assert_screen_has(t, "Esc closes");
    term_type(t, "suspend");
    assert_screen_has(t, "C-z");
    term_type(t, "<Esc>");
    assert_screen_lacks(t, "Esc closes");
}

static void ctrl_c_never_quits(void **state)
{
    struct term *t = open_page("enqueue_demo");
    term_type(t, "<C-c>");
    term_type(t, "<C-c>");
    assert_screen_has(t, "paused before process");
}

static void colours_go_away_when_they_are_not_wanted(void **state)
{
    struct term *t =
        open_example(&(struct look){.file = "page/enqueue_demo.lua", .env = TERM_ARGV("NO_COLOR=1")});
    term_type(t, "n");
    for (int row = 0; row < term_rows(t); row++) {
        for (int col = 0; col < term_cols(t); col++) {
            struct term_cell cell = term_cell(t, row, col);
            if (cell.fg != TERM_COLOUR_DEFAULT || cell.bg != TERM_COLOUR_DEFAULT)
                term_fail(t, "row %d column %d has a colour", row, col);
        }
    }
}

static void a_plain_locale_gets_plain_characters(void **state)
{
    struct term *t =
        open_example(&(struct look){.file = "page/enqueue_demo.lua", .env = TERM_ARGV("LANG=C")});
    term_type(t, "n");
    for (int row = 0; row < term_rows(t); row++) {
        for (const char *at = term_text(t, row); *at; at++) {
            if (*at & 0x80)
                term_fail(t, "row %d is not ASCII", row);
        }
    }
}

static void a_tiny_terminal_says_so(void **state)
{
    struct term *t = open_page("enqueue_demo");
    term_resize(t, 4, 19);
    term_sync(t);
    assert_screen_has(t, "too small");
    term_resize(t, 5, 20);
    term_sync(t);
    assert_screen_lacks(t, "too small");
}

static void clicks_focus_and_the_wheel_scrolls(void **state)
{
    struct term *t = open_page("enqueue_demo");
    int row, col;
    term_type(t, "c");
    assert_true(term_find(t, "Timeline", &row, &col));
    term_click(t, row + 1, col + 1);
    term_wheel(t, -3, row + 1, col + 1);
    term_sync(t);
    assert_screen_has(t, "completed");
}

/* The pictures of the README, at both sizes: a goto, an iteration loop, a dynamic task. */
static void pictures(void **state)
{
    static const struct {
        const char *file, *keys, *name, *seed;
    } rows[] = {
        {"page/error_handling.lua", ":goto emergency_handler<Enter>", "goto", "1"},
        {"page/optimization.lua", "nnn", "iteration", "1"},
        {"page/enqueue_demo.lua", "n", "dynamic", "1"},
        {"agent.lua", "nnnnnnnn", "agent", "1"},
        {"etl.lua", "nnnnnnn", "etl", "1"},
        {"state_machine.lua", "nnnnnnnn", "state_machine", "1"},
    };
    static const int sizes[][2] = {{24, 80}, {40, 120}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        for (size_t j = 0; j < 2; j++) {
            char name[64];
            struct term *t = open_example(&(struct look){
                .file = rows[i].file, .seed = rows[i].seed, .rows = sizes[j][0], .cols = sizes[j][1]});
            term_type(t, rows[i].keys);
            if (term_find(t, " yes ", NULL, NULL))
                term_type(t, "y");
            snprintf(name, sizeof name, "%s_%dx%d", rows[i].name, sizes[j][1], sizes[j][0]);
            assert_golden(t, name);
            picture_write(t, name);
            term_finish(t);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        term_test(an_example_opens_before_its_first_task),
        term_test(next_runs_one_task_at_a_time),
        term_test(stepping_by_events_ends_where_running_does),
        term_test(goto_jumps_to_the_named_task),
        term_test(cancel_ends_the_run_with_its_message),
        term_test(a_run_can_be_started_again),
        term_test(a_breakpoint_stops_where_it_is_set),
        term_test(a_changed_channel_is_what_the_task_reads),
        term_test(the_prompt_completes_and_remembers),
        term_test(a_mistyped_command_gets_a_suggestion),
        term_test(help_is_filtered_as_one_types),
        term_test(ctrl_c_never_quits),
        term_test(colours_go_away_when_they_are_not_wanted),
        term_test(a_plain_locale_gets_plain_characters),
        term_test(a_tiny_terminal_says_so),
        term_test(clicks_focus_and_the_wheel_scrolls),
        term_test(pictures),
    };
    return TERM_RUN_TESTS(tests);
}
