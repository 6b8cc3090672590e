/* Runs that do not load, fail, block or do not end: what happened and what to do next can be read off the
 * screen. */
#include <stdio.h>
#include <string.h>

#include "tests/e2e/example.h"

static void write_file(struct term *t, const char *text)
{
    char path[512];
    snprintf(path, sizeof path, "%s/flow.lua", term_folder(t));
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0 && fclose(file) == 0);
}

static void a_file_can_be_mended_and_loaded_again(void **state)
{
    char command[600];
    snprintf(command, sizeof command, "echo 'task.a = ' >flow.lua; exec %s flow.lua",
        term_build_path("tui/flowdbg"));
    struct term *t = term_start(&(struct term_options){.argv = TERM_ARGV("/bin/sh", "-c", command)});
    term_sync(t);
    term_wait_text(t, "loading failed");
    write_file(t, "task.a = function()\n  print(\"hello\"\nend\n");
    term_type(t, "R");
    term_wait_text(t, "flow.lua:3");
    term_sync(t);
    assert_screen_has(t, "flow.lua:3");
    assert_screen_has(t, "R loads it again");
    assert_golden(t, "trouble_syntax_80x24");
    write_file(t, "task.a = function()\n  print(\"hello\")\nend\n");
    term_type(t, "R");
    term_wait_text(t, "paused before a");
}

static void a_failed_task_is_marked_and_its_error_told_in_full(void **state)
{
    struct term *t = example_open_workflow("fails", NULL);
    term_type(t, "c");
    assert_screen_has(t, "in use, step 2");
    assert_screen_has(t, "fails.lua:7: attempt to index a nil value");
    assert_screen_has(t, "fails.lua:11");
    assert_screen_has(t, "\u2717 use");
    assert_golden(t, "trouble_failed_80x24");
    term_type(t, "<Esc>");
    assert_screen_lacks(t, "stack traceback");
    term_type(t, "R");
    term_wait_text(t, "paused before prepare");
}

static void a_blocked_join_says_what_is_missing_and_why(void **state)
{
    struct term *t = example_open_workflow("blocked", NULL);
    term_type(t, "nnn");
    assert_screen_has(t, "join 1 of 2: waiting for a");
    term_type(t, "c");
    assert_screen_has(t, "join waits for a: 'a' skipped 'join'");
    assert_golden(t, "trouble_blocked_80x24");
}

static void the_step_limit_says_what_was_left(void **state)
{
    struct term *t = example_open_workflow("loops", "--max-steps 20");
    term_type(t, "n");
    assert_screen_has(t, "after once loop is done");
    term_type(t, "c");
    assert_screen_has(t, "step limit");
    assert_screen_has(t, "20 steps");
    assert_golden(t, "trouble_step_limit_80x24");
}

static void a_retry_is_told_in_the_queue(void **state)
{
    struct term *t = example_open(.file = "etl.lua");
    term_type(t, "nn");
    assert_screen_has(t, "retry");
    assert_golden(t, "trouble_retry_80x24");
}

static void a_task_that_takes_too_long_is_named(void **state)
{
    struct term *t = term_start(&(struct term_options){
        .argv = TERM_ARGV(term_build_path("tui/flowdbg"), "--task-timeout", "200ms", "--workflow",
            "endless_loop", term_build_path("tests/plugins/bad_tasks.so"))});
    term_sync(t);
    term_wait_text(t, "paused before");
    term_sync(t);
    term_type(t, "c");
    term_wait_text(t, "The run ended: timed out in endless_loop");
    assert_screen_has(t, "\u2717 endless_loop");
}

static void a_crash_is_told_with_its_backtrace(void **state)
{
    struct term *t =
        term_start(&(struct term_options){.argv = TERM_ARGV(term_build_path("tui/flowdbg"), "--workflow",
                                              "segfault", term_build_path("tests/plugins/bad_tasks.so"))});
    term_sync(t);
    term_wait_text(t, "paused before");
    term_sync(t);
    term_type(t, "c");
    term_wait_text(t, "SIGSEGV");
    assert_screen_has(t, "in task 'segfault', step 2");
    assert_screen_has(t, "#0  segfault");
    assert_screen_has(t, "\u2717 segfault");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        term_test(a_file_can_be_mended_and_loaded_again),
        term_test(a_failed_task_is_marked_and_its_error_told_in_full),
        term_test(a_blocked_join_says_what_is_missing_and_why),
        term_test(the_step_limit_says_what_was_left),
        term_test(a_retry_is_told_in_the_queue),
        term_test(a_task_that_takes_too_long_is_named),
        term_test(a_crash_is_told_with_its_backtrace),
    };
    return TERM_RUN_TESTS(tests);
}
