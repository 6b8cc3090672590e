/* Every way out leaves the terminal as it was and no process behind. */
#include <signal.h>

#include "base/mem.h"
#include "tests/e2e/term.h"

static struct term *open_example(void)
{
    struct term *t = term_start(&(struct term_options){
        .argv = TERM_ARGV(
            term_build_path("tui/flowdbg"), term_source_path("plugins/examples/page/optimization.lua")),
    });
    term_sync(t);
    term_wait_text(t, "paused before optimize");
    assert_true(term_processes(t) > 1);
    return t;
}

static void quitting_leaves_nothing(void **state)
{
    struct term *t = open_example();
    term_keys(t, "c");
    term_wait_text(t, "completed");
    term_keys(t, "q");
    assert_int_equal(term_wait_exit(t), 0);
    assert_left_clean(t);
}

static void signals_leave_nothing(void **state)
{
    static const int signals[] = {SIGTERM, SIGHUP, SIGINT, SIGSEGV, SIGABRT, SIGBUS, SIGQUIT};
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
        struct term *t = open_example();
        term_signal(t, signals[i]);
        assert_int_equal(term_wait_exit(t), 128 + signals[i]);
        assert_left_clean(t);
        term_finish(t);
    }
}

static void signals_while_a_task_runs_leave_nothing(void **state)
{
    static const int signals[] = {SIGTERM, SIGSEGV};
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
        struct term *t = term_start(&(struct term_options){
            .argv = TERM_ARGV(term_build_path("tui/flowdbg"), "--workflow", "ignores_signals",
                term_build_path("tests/plugins/bad_tasks.so")),
        });
        term_sync(t);
        term_keys(t, "c");
        term_wait_text(t, "running ignores_signals");
        term_signal(t, signals[i]);
        assert_int_equal(term_wait_exit(t), 128 + signals[i]);
        assert_left_clean(t);
        term_finish(t);
    }
}

static void even_sigkill_leaves_no_process(void **state)
{
    struct term *t = open_example();
    term_signal(t, SIGKILL);
    assert_int_equal(term_wait_exit(t), 128 + SIGKILL);
    term_wait_alone(t);
}

static void a_closed_window_leaves_no_process(void **state)
{
    struct term *t = open_example();
    term_hangup(t);
    term_wait_exit(t);
    term_wait_alone(t);
}

static void ctrl_z_gives_the_terminal_back_and_fg_takes_it_again(void **state)
{
    struct term *t = open_example();
    for (int i = 0; i < 3; i++) {
        char *before = term_screen_take(t);
        term_keys(t, "<C-z>");
        term_wait_stop(t);
        assert_null(term_unclean(t));
        term_foreground(t);
        term_sync(t);
        assert_true(term_alternate(t));
        char *after = term_screen_take(t);
        assert_string_equal(after, before);
        mem_free(before);
        mem_free(after);
    }
    term_type(t, "n");
    assert_screen_has(t, "paused before optimize");
    term_keys(t, "q");
    term_keys(t, "y");
    term_wait_exit(t);
    assert_left_clean(t);
}

static void a_resize_while_suspended_is_seen(void **state)
{
    struct term *t = open_example();
    term_keys(t, "<C-z>");
    term_wait_stop(t);
    term_resize(t, 40, 120);
    term_foreground(t);
    term_sync(t);
    term_sync(t);
    assert_string_not_equal(term_text(t, 39), "");
}

/* Any size, in any order: no crash, and the same screen as one that always had this size. */
static void resizing_ends_where_starting_would(void **state)
{
    static const int sizes[][2] = {{40, 120}, {4, 10}, {24, 80}, {1, 1}, {5, 20}, {70, 250}, {24, 80}};
    struct term *t = open_example();
    term_type(t, "n");
    char *first = term_screen_take(t);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        term_resize(t, sizes[i][0], sizes[i][1]);
        term_sync(t);
    }
    term_sync(t);
    char *last = term_screen_take(t);
    assert_string_equal(last, first);
    mem_free(first);
    mem_free(last);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        term_test(quitting_leaves_nothing),
        term_test(signals_leave_nothing),
        term_test(signals_while_a_task_runs_leave_nothing),
        term_test(even_sigkill_leaves_no_process),
        term_test(a_closed_window_leaves_no_process),
        term_test(ctrl_z_gives_the_terminal_back_and_fg_takes_it_again),
        term_test(a_resize_while_suspended_is_seen),
        term_test(resizing_ends_where_starting_would),
    };
    return TERM_RUN_TESTS(tests);
}
