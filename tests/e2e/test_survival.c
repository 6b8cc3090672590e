/* Tasks that crash, hang or print too much: the screen stays whole, the culprit is named, the session goes
 * on. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "tests/e2e/term.h"

enum { MEMORY_LIMIT_KB = 200 << 10 };

static struct term *open_culprit(const char *workflow)
{
    struct term *t = term_start(&(struct term_options){
        .argv = TERM_ARGV(term_build_path("tui/flowdbg"), "--workflow", workflow,
            term_build_path("tests/plugins/bad_tasks.so")),
        .rows = 40,
        .cols = 120,
    });
    term_sync(t);
    term_wait_text(t, "before");
    return t;
}

/* The frame stands: title, headings, and no mode that the program did not ask for. */
static void assert_whole(struct term *t)
{
    assert_screen_has(t, "LIVE");
    assert_screen_has(t, "Queue");
    assert_screen_has(t, "Channels");
    assert_true(term_alternate(t));
    assert_string_not_equal(term_title(t), "owned");
}

static void assert_small(struct term *t)
{
    struct term_memory m = term_memory(t);
    if (m.anonymous_kb + m.shared_kb > MEMORY_LIMIT_KB)
        term_fail(t, "the session takes %ld KiB of anonymous and %ld KiB of shared memory", m.anonymous_kb,
            m.shared_kb);
}

static void quit(struct term *t)
{
    bool asks = !strstr(term_text(t, 0), "ended:"); /* a live run would die */
    term_keys(t, "q");
    if (asks) {
        term_wait_text(t, " yes ");
        term_keys(t, "y");
    }
    term_wait_exit(t);
    assert_left_clean(t);
}

/* After what happened, the same session starts over and steps to the culprit again. */
static void assert_goes_on(struct term *t)
{
    term_type(t, "R");
    if (term_find(t, " yes ", NULL, NULL))
        term_type(t, "y");
    term_wait_text(t, "paused before before");
    term_type(t, "n");
    assert_whole(t);
}

static void a_task_that_ends_the_process_is_named(void **state)
{
    static const char *const culprits[] = {
        "segfault", "abort", "_exit", "exit", "stack_overflow", "terminates_group"};
    for (size_t i = 0; i < sizeof culprits / sizeof *culprits; i++) {
        char before[64];
        struct term *t = open_culprit(culprits[i]);
        term_type(t, "n");
        snprintf(before, sizeof before, "paused before %s", culprits[i]);
        assert_screen_has(t, before);
        term_keys(t, "n");
        term_wait_text(t, "crashed");
        term_sync(t);
        assert_screen_has(t, culprits[i]);
        assert_whole(t);
        assert_small(t);
        assert_goes_on(t);
        quit(t);
        term_finish(t);
    }
}

static void a_task_that_does_not_come_back_can_be_killed(void **state)
{
    static const char *const culprits[] = {"endless_loop", "ignores_signals"};
    for (size_t i = 0; i < sizeof culprits / sizeof *culprits; i++) {
        char running[64];
        struct term *t = open_culprit(culprits[i]);
        term_type(t, "n");
        term_keys(t, "n");
        snprintf(running, sizeof running, "running %s", culprits[i]);
        term_wait_text(t, running);
        term_type(t, "<Tab><Tab>?"); /* the screen is alive meanwhile */
        term_type(t, "<Esc>");
        term_keys(t, "<C-c>");
        term_sync(t);
        term_keys(t, "<C-c>");
        term_wait_text(t, "killed");
        term_sync(t);
        assert_screen_has(t, culprits[i]);
        assert_whole(t);
        assert_goes_on(t);
        quit(t);
        term_finish(t);
    }
}

static void a_gigabyte_of_output_does_not_fill_the_memory(void **state)
{
    static const char *const culprits[] = {"prints_gigabyte", "hands_over_gigabyte"};
    for (size_t i = 0; i < sizeof culprits / sizeof *culprits; i++) {
        struct term *t = open_culprit(culprits[i]);
        term_type(t, "n");
        term_keys(t, "n");
        term_wait_text(t, "paused before after");
        term_sync(t);
        assert_small(t);
        assert_whole(t);
        term_keys(t, "c");
        term_wait_text(t, "ended: completed");
        quit(t);
        term_finish(t);
    }
}

static void escape_sequences_are_shown_not_obeyed(void **state)
{
    static const char *const culprits[] = {"prints_escapes", "writes_terminal"};
    for (size_t i = 0; i < sizeof culprits / sizeof *culprits; i++) {
        struct term *t = open_culprit(culprits[i]);
        bool paste = term_mode(t, 2004), mouse = term_mode(t, 1000);
        term_type(t, "nn");
        term_wait_text(t, "paused before after");
        term_sync(t);
        assert_whole(t);
        assert_int_equal(term_mode(t, 2004), paste);
        assert_int_equal(term_mode(t, 1000), mouse);
        if (i == 0)
            assert_screen_has(t, "[31mred"); /* without its ESC, which is shown as text */
        assert_small(t);
        quit(t);
        term_finish(t);
    }
}

static void a_task_may_close_every_descriptor(void **state)
{
    struct term *t = open_culprit("closes_descriptors");
    char path[4200], line[64], last[64] = "";
    term_type(t, "nn");
    term_wait_text(t, "paused before after");
    term_sync(t);
    assert_whole(t);
    term_type(t, "c");
    term_wait_text(t, "ended: completed");
    for (int i = 0; i < 8; i++) {
        int lines = 0;
        snprintf(path, sizeof path, "%s/closes_descriptors.%d.txt", term_folder(t), i);
        FILE *file = fopen(path, "r");
        assert_non_null(file);
        while (fgets(line, sizeof line, file)) {
            snprintf(last, sizeof last, "file %d line %d\n", i, lines++);
            assert_string_equal(line, last);
        }
        fclose(file);
        assert_int_equal(lines, 100);
    }
    quit(t);
}

static void children_of_a_task_do_not_outlive_the_session(void **state)
{
    struct term *t = open_culprit("leaves_children");
    term_type(t, "nn");
    term_wait_text(t, "paused before after");
    quit(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        term_test(a_task_that_ends_the_process_is_named),
        term_test(a_task_that_does_not_come_back_can_be_killed),
        term_test(a_gigabyte_of_output_does_not_fill_the_memory),
        term_test(escape_sequences_are_shown_not_obeyed),
        term_test(a_task_may_close_every_descriptor),
        term_test(children_of_a_task_do_not_outlive_the_session),
    };
    return TERM_RUN_TESTS(tests);
}
