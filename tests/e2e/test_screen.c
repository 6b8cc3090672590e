/* A person at the screen: opens the page's examples, steps, looks, jumps, changes, starts again. */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "tests/e2e/example.h"

static void an_example_opens_before_its_first_task(void **state)
{
    struct term *t = example_open_page("enqueue_demo");
    assert_screen_has(t, "LIVE");
    assert_screen_has(t, "enqueue_demo");
    assert_screen_has(t, "paused before process");
    assert_screen_has(t, "continuation");
    assert_golden(t, "enqueue_demo_start");
}

static void next_runs_one_task_at_a_time(void **state)
{
    struct term *t = example_open_page("enqueue_demo");
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
    struct term *stepped = example_open_page("optimization");
    struct term *left_alone = example_open_page("optimization");
    term_type(left_alone, "c");
    for (int i = 0; i < 200 && !term_find(stepped, "ended: completed", NULL, NULL); i++)
        term_type(stepped, "s");
    assert_screen_has(stepped, "ended: completed");
    for (int row = 0; row < term_rows(stepped); row++)
        assert_row(stepped, row, term_text(left_alone, row));
}

static void goto_jumps_to_the_named_task(void **state)
{
    struct term *t = example_open_page("error_handling");
    example_type(t, ":goto emergency_handler<Enter>");
    assert_screen_has(t, "paused before emergency_handler");
    term_type(t, "c");
    assert_screen_has(t, "Emergency handler activated!");
    assert_screen_lacks(t, "Continuing normal flow");
}

static void cancel_ends_the_run_with_its_message(void **state)
{
    struct term *t = example_open_page("enqueue_demo");
    term_type(t, "n");
    example_type(t, ":cancel enough of it<Enter>");
    assert_screen_has(t, "cancelled");
    assert_screen_has(t, "enough of it");
    term_keys(t, "q");
    assert_int_equal(term_wait_exit(t), 3);
    assert_left_clean(t);
}

static void a_run_can_be_started_again(void **state)
{
    struct term *t = example_open_page("enqueue_demo");
    char *first = term_screen_take(t);
    term_type(t, "c");
    assert_screen_has(t, "completed");
    example_type(t, "R");
    term_wait_text(t, "paused before process");
    term_sync(t);
    char *again = term_screen_take(t);
    assert_string_equal(again, first);
    mem_free(first);
    mem_free(again);
}

static void a_breakpoint_stops_where_it_is_set(void **state)
{
    struct term *t = example_open_page("enqueue_demo");
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
    struct term *t = example_open_page("optimization");
    term_type(t, ":set accuracy 0.9<Enter>");
    term_type(t, "n");
    assert_screen_lacks(t, "accuracy=0.65");
    term_type(t, "c");
    assert_screen_has(t, "Converged!");
}

static void the_prompt_completes_and_remembers(void **state)
{
    struct term *t = example_open_page("error_handling");
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
    struct term *t = example_open_page("enqueue_demo");
    term_type(t, ":contineu<Enter>");
    assert_screen_has(t, "continue");
    assert_screen_has(t, "paused before process");
}

static void help_is_filtered_as_one_types(void **state)
{
    struct term *t = example_open_page("enqueue_demo");
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
    struct term *t = example_open_page("enqueue_demo");
    term_type(t, "<C-c>");
    term_type(t, "<C-c>");
    assert_screen_has(t, "paused before process");
}

static void colours_go_away_when_they_are_not_wanted(void **state)
{
    struct term *t = example_open(.file = "page/enqueue_demo.lua", .env = TERM_ARGV("NO_COLOR=1"));
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
    struct term *t = example_open(.file = "page/enqueue_demo.lua", .env = TERM_ARGV("LANG=C"));
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
    struct term *t = example_open_page("enqueue_demo");
    term_resize(t, 4, 19);
    term_sync(t);
    assert_screen_has(t, "too small");
    term_resize(t, 5, 20);
    term_sync(t);
    assert_screen_lacks(t, "too small");
}

static void clicks_focus_and_the_wheel_scrolls(void **state)
{
    struct term *t = example_open_page("enqueue_demo");
    int row, col;
    term_type(t, "c");
    assert_true(term_find(t, "Timeline", &row, &col));
    term_click(t, row + 1, col + 1);
    term_wheel(t, -3, row + 1, col + 1);
    term_sync(t);
    assert_screen_has(t, "completed");
}

static void a_tab_comes_to_the_front_when_it_is_clicked(void **state)
{
    struct term *t = example_open_page("enqueue_demo");
    int row, col;
    assert_true(term_find(t, "Source", &row, &col));
    term_click(t, row, col);
    term_sync(t);
    assert_screen_has(t, "task.process = function(ctx)");
}

static void nothing_is_sent_while_nothing_changes(void **state)
{
    enum { REPLY_MAX = 12 }; /* of the harness's own question */
    struct term *t = example_open_page("enqueue_demo");
    term_type(t, "n");
    for (int i = 0; i < 5; i++) {
        unsigned long before = term_bytes_read(t);
        term_sync(t);
        assert_in_range(term_bytes_read(t) - before, 1, REPLY_MAX);
    }
}

static void keys_typed_ahead_are_all_done(void **state)
{
    struct term *t = example_open_page("enqueue_demo");
    term_type(t, "nnn");
    assert_screen_has(t, "Normal continuation");
    assert_screen_has(t, "step 3");
}

static void editing_begins_with_the_value_there_is(void **state)
{
    struct term *t = example_open(.file = "etl.lua");
    term_type(t, "nnnnn3je");
    assert_screen_has(t, ":set extract.__result__ null");
    term_type(t, "<Esc>jje");
    assert_screen_has(t, ":set bad [{\"amount\": -7.0, \"id\": 3, \"region\": \"eu\"}]");
    term_type(t, "<Enter>");
    assert_screen_has(t, "bad = [{amount: -7.0");
}

static void keys_work_on_names_that_need_quotes(void **state)
{
    struct term *t = example_open_workflow("names", NULL);
    term_type(t, "b");
    assert_screen_has(t, "breakpoint 1: before a \"b\" c");
    term_type(t, "b");
    assert_screen_lacks(t, "\u25cf");
    example_type(t, ":<Esc>n3e");
    assert_screen_has(t, ":set \"key \\\"of\\\" words\" \"v\\u001b[2J\\n\\t\"");
    term_type(t, "<Enter>");
    assert_screen_has(t, "paused before");
    term_type(t, "<Esc>1<End>b");
    term_type(t, "b");
    term_type(t, "c");
    assert_string_not_equal(term_title(t), "owned");
}

static void the_selected_lines_task_is_found_in_the_graph(void **state)
{
    struct term *t = example_open(.file = "etl.lua");
    term_type(t, "nnnnnn2<Enter><Down>b");
    assert_screen_has(t, "breakpoint 1: before load");
}

static void a_dynamic_task_is_not_in_the_graph_before_it_was_made(void **state)
{
    struct term *t = example_open_page("enqueue_demo");
    term_type(t, "nn");
    assert_screen_has(t, "3 tasks");
    term_type(t, "NN");
    assert_screen_has(t, "2 tasks");
    term_type(t, ":reverse-step 4<Enter>");
    assert_screen_has(t, "event 1 of");
    assert_screen_lacks(t, "continuation │");
    term_type(t, ".nn");
    assert_screen_has(t, "3 tasks");
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
        term_test(a_tab_comes_to_the_front_when_it_is_clicked),
        term_test(nothing_is_sent_while_nothing_changes),
        term_test(keys_typed_ahead_are_all_done),
        term_test(editing_begins_with_the_value_there_is),
        term_test(keys_work_on_names_that_need_quotes),
        term_test(a_dynamic_task_is_not_in_the_graph_before_it_was_made),
        term_test(the_selected_lines_task_is_found_in_the_graph),
    };
    return TERM_RUN_TESTS(tests);
}
