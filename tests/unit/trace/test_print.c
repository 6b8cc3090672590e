/* engine/trace/print.c */
#include "tests/unit/test.h"

#include <stdlib.h>
#include <string.h>

#include "trace/state.h"

static struct flow_value text_value(const char *text)
{
    struct flow_value v;
    assert_int_equal(flow_string(&v, text), FLOW_OK);
    return v;
}

/* Tasks process and extra, key total; step 3 of process#2 runs, from entry 7. */
static void scene(struct trace_state *state)
{
    static const struct flow_event events[] = {
        {.kind = FLOW_EV_RUN_STARTED, .text = "demo", .text_length = 4},
        {.kind = FLOW_EV_TASK_ADDED, .task = 0, .other = FLOW_TASK_NONE, .text = "process", .text_length = 7},
        {.kind = FLOW_EV_TASK_ADDED, .task = 1, .other = 0, .text = "extra", .text_length = 5},
        {.kind = FLOW_EV_EDGE_ADDED, .task = 0, .other = 1},
        {.kind = FLOW_EV_CHANNEL_SET, .key = 0, .text = "total", .text_length = 5},
        {.kind = FLOW_EV_ENQUEUED, .task = 0, .other = FLOW_TASK_NONE, .entry = 7, .iteration = 2},
        {.kind = FLOW_EV_DEQUEUED, .task = 0, .entry = 7},
        {.kind = FLOW_EV_STEP_STARTED, .task = 0, .entry = 7, .iteration = 2, .count = 1, .step = 1},
    };
    trace_state_init(state);
    for (size_t i = 0; i < sizeof events / sizeof *events; i++) {
        struct flow_event event = events[i];
        event.number = i + 1;
        assert_int_equal(trace_state_apply(state, &event, NULL), FLOW_OK);
    }
}

static void every_kind_is_told_in_words(void **unused)
{
#define TEXT(t) .text = t, .text_length = sizeof t - 1
#define INT(n)                                                                                               \
    {                                                                                                        \
        FLOW_TYPE_INT, 0,                                                                                    \
        {                                                                                                    \
            .integer = n                                                                                     \
        }                                                                                                    \
    }
#define NONE FLOW_TASK_NONE
    static const struct {
        struct flow_event event;
        const char *words;
    } rows[] = {
        {{.kind = FLOW_EV_RUN_STARTED, TEXT("demo")}, "run of demo started"},
        {{.kind = FLOW_EV_RUN_ENDED, .code = FLOW_OUTCOME_COMPLETED, .task = NONE}, "run ended: completed"},
        {{.kind = FLOW_EV_RUN_ENDED, .code = FLOW_OUTCOME_CANCELLED, .task = 0, TEXT("bad data")},
            "run ended: cancelled by process: bad data"},
        {{.kind = FLOW_EV_RUN_ENDED,
             .code = FLOW_OUTCOME_TERMINATED,
             .origin = FLOW_ORIGIN_USER,
             .task = NONE},
            "run ended: terminated by user"},
        {{.kind = FLOW_EV_TASK_ADDED,
             .task = 2,
             .other = 0,
             TEXT("new"),
             .detail = "a.lua:7",
             .detail_length = 7},
            "task new added by process (a.lua:7)"},
        {{.kind = FLOW_EV_TASK_REDEFINED, .task = 1, .other = 0}, "task extra redefined by process"},
        {{.kind = FLOW_EV_EDGE_ADDED, .task = 0, .other = 1}, "edge process -> extra"},
        {{.kind = FLOW_EV_ENQUEUED, .task = 1, .other = 0, .iteration = 1, .reason = FLOW_REASON_NEXT_TASK},
            "enqueued extra (next_task by process)"},
        {{.kind = FLOW_EV_ENQUEUED, .task = 1, .other = 0, .iteration = 1, .reason = FLOW_REASON_SUCCESSOR},
            "enqueued extra (successor of process)"},
        {{.kind = FLOW_EV_ENQUEUED,
             .task = 0,
             .other = 0,
             .iteration = 3,
             .reason = FLOW_REASON_ITERATION,
             .value = INT(5)},
            "enqueued process#3 (iteration, data 5)"},
        {{.kind = FLOW_EV_ENQUEUED,
             .task = 1,
             .other = NONE,
             .iteration = 1,
             .reason = FLOW_REASON_MANUAL,
             .origin = FLOW_ORIGIN_USER},
            "enqueued extra (manual by user)"},
        {{.kind = FLOW_EV_DEQUEUED, .task = 0, .entry = 7}, "took process#2 from the queue"},
        {{.kind = FLOW_EV_DROPPED, .task = 1, .entry = 9}, "dropped extra: it will not run"},
        {{.kind = FLOW_EV_DROPPED, .task = 1, .entry = 9, .code = 1},
            "skipped extra: it will not run, its successors are enqueued"},
        {{.kind = FLOW_EV_MOVED, .task = 1, .entry = 9}, "moved extra to the front"},
        {{.kind = FLOW_EV_MOVED, .task = 1, .entry = 9, .position = 2}, "moved extra to position 2"},
        {{.kind = FLOW_EV_WITHDRAWN, .task = 1, .entry = 9},
            "withdrew extra, enqueued by an attempt that failed"},
        {{.kind = FLOW_EV_ABANDONED, .task = 1, .other = NONE, .entry = 9}, "abandoned extra"},
        {{.kind = FLOW_EV_ABANDONED, .task = 1, .other = 0}, "abandoned extra, a held successor of process"},
        {{.kind = FLOW_EV_STEP_STARTED, .task = 0, .step = 3, .iteration = 2, .count = 1},
            "step 3 started: process#2"},
        {{.kind = FLOW_EV_STEP_STARTED, .task = 1, .step = 3, .iteration = 1, .count = 2},
            "step 3 started: extra (attempt 2)"},
        {{.kind = FLOW_EV_RETURNED, .task = 0, .value = INT(42)}, "process#2 returned 42"},
        {{.kind = FLOW_EV_RETURNED, .task = 0, .code = FLOW_STEP_FAILED}, "process#2 failed"},
        {{.kind = FLOW_EV_STEP_ENDED, .task = 0, .step = 3}, "step 3 ended: process#2 completed"},
        {{.kind = FLOW_EV_SKIPPED, .task = 1, .other = 0, .code = FLOW_REQUEST_GOTO},
            "skipped extra, successor of process (goto)"},
        {{.kind = FLOW_EV_HELD, .task = 1, .other = 0}, "held extra until the last iteration of process"},
        {{.kind = FLOW_EV_RELEASED, .task = 1, .other = 0}, "released extra, held by process"},
        {{.kind = FLOW_EV_JOIN_ARRIVED, .task = 1, .other = 0, .count = 1},
            "process arrived at extra (1 of 1)"},
        {{.kind = FLOW_EV_JOIN_ABSORBED, .task = 1, .other = 0},
            "process arrived at extra once more: absorbed"},
        {{.kind = FLOW_EV_BLOCKED, .task = 1, .other = 0, TEXT("it never ran")},
            "extra is blocked: it waits for process: it never ran"},
        {{.kind = FLOW_EV_CHANNEL_SET, .key = 0, .value = INT(3)}, "total = 3"},
        {{.kind = FLOW_EV_CHANNEL_SET, .key = 0, .code = 1, .old = INT(3), .value = INT(7)}, "total: 3 -> 7"},
        {{.kind = FLOW_EV_CHANNEL_SET, .key = 1, .value = INT(3), TEXT("new")}, "new = 3"},
        {{.kind = FLOW_EV_CHANNEL_DELETED, .key = 0, .old = INT(3)}, "total deleted, was 3"},
        {{.kind = FLOW_EV_REQUEST, .code = FLOW_REQUEST_NEXT_TASK, .task = 1}, "calls next_task(extra)"},
        {{.kind = FLOW_EV_REQUEST, .code = FLOW_REQUEST_GOTO, .task = 1}, "calls next_task(extra, goto)"},
        {{.kind = FLOW_EV_REQUEST, .code = FLOW_REQUEST_NEXT_ITERATION, .task = 0}, "calls next_iteration()"},
        {{.kind = FLOW_EV_REQUEST, .code = FLOW_REQUEST_CANCEL, .task = NONE, TEXT("no")},
            "calls cancel_workflow(\"no\")"},
        {{.kind = FLOW_EV_REQUEST, .code = FLOW_REQUEST_TERMINATE, .task = NONE, .origin = FLOW_ORIGIN_USER},
            "user calls terminate_workflow(\"\")"},
        {{.kind = FLOW_EV_RETRY, .task = 0, .count = 1}, "process will be retried (1)"},
        {{.kind = FLOW_EV_LIMIT, .code = FLOW_LIMIT_MAX_CYCLES, .task = 0, .count = 100},
            "max_cycles reached by process: 100"},
        {{.kind = FLOW_EV_ERROR, .task = 0, TEXT("ValueError: x")}, "error in process: ValueError: x"},
        {{.kind = FLOW_EV_INPUT, TEXT("clock"), .value = INT(9)}, "input clock: 9"},
        {{.kind = FLOW_EV_USER_ACTION, TEXT("goto extra")}, "user: goto extra"},
        {{.kind = FLOW_EV_BRANCH, .count = 12}, "continued from event 12"},
        {{.kind = FLOW_EV_OUTPUT, .code = 1, .count = 12}, "standard output: 12 bytes so far"},
        {{.kind = FLOW_EV_OUTPUT, .code = 2, .count = 12, TEXT("oh\n")}, "standard error: oh\\n"},
        {{.kind = FLOW_EV_CHANNEL_READ, .key = 0}, "reads total"},
        {{.kind = FLOW_EV_CHANNEL_READ, .key = FLOW_KEY_NONE, TEXT("gone")}, "reads gone"},
        {{.kind = FLOW_EV_SOURCE_LINE, TEXT("a.lua"), .count = 3}, "line a.lua:3"},
        {{.kind = FLOW_EV_LOG_POINT, TEXT("here")}, "log: here"},
        {{.kind = FLOW_EV_STOPPED, TEXT("breakpoint 1")}, "stopped: breakpoint 1"},
        {{.kind = FLOW_EV_EDGE_ADDED, .task = 0, .other = 99}, "edge process -> -"},
        {{.kind = 50}, "event of kind 50, which this program does not know"},
    };
    struct trace_state state;
    bool seen[FLOW_EV_FIRST_UNUSED] = {false};
    scene(&state);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char words[200];
        struct flow_event event = rows[i].event;
        seen[event.kind] = true;
        if (!event.text)
            event.text = "";
        assert_int_equal(trace_print_event(&state, &event, words, sizeof words), strlen(rows[i].words));
        assert_string_equal(words, rows[i].words);
    }
#define X(number, name, word, fields, meaning) assert_true(seen[number]);
    FLOW_EVENTS(X)
#undef X
    trace_state_finish(&state);
}

static void a_run_tells_its_profile_and_seed(void **unused)
{
    struct trace_state state;
    struct flow_value map;
    struct flow_member members[] = {
        {text_value("profile"), text_value("documented")}, {text_value("seed"), flow_int(7)}};
    char words[100];
    assert_int_equal(flow_map_create(&map, members, 2), FLOW_OK);
    struct flow_event event = {.kind = FLOW_EV_RUN_STARTED, .text = "demo", .text_length = 4, .value = map};
    trace_state_init(&state);
    trace_print_event(&state, &event, words, sizeof words);
    assert_string_equal(words, "run of demo started (profile documented, seed 7)");
    trace_state_finish(&state);
    flow_value_unref(map);
}

static void nothing_unescaped_reaches_a_terminal(void **unused)
{
    static const struct {
        const char *text, *printed;
    } rows[] = {
        {"\x1b[31mred", "user: \\x1b[31mred"},
        {"bell\a\x7f", "user: bell\\x07\\x7f"},
        {"line\r\n\tnext", "user: line\\r\\n\\tnext"},
        {"\xc2\x9b"
         "31m",
            "user: \\u{9b}31m"}, /* CSI as one character */
        {"\xe2\x80\xae"
         "abc",
            "user: \\u{202e}abc"}, /* right to left */
        {"\xff\xfe", "user: \\xff\\xfe"},
        {"caf\xc3\xa9 \xf0\x9f\x8d\xb5", "user: caf\xc3\xa9 \xf0\x9f\x8d\xb5"},
    };
    struct trace_state state;
    trace_state_init(&state);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct flow_event event = {
            .kind = FLOW_EV_USER_ACTION, .text = rows[i].text, .text_length = strlen(rows[i].text)};
        char words[100];
        trace_print_event(&state, &event, words, sizeof words);
        assert_string_equal(words, rows[i].printed);
    }
    trace_state_finish(&state);
}

static void long_values_are_cut_between_characters(void **unused)
{
    struct trace_state state;
    struct flow_event event = {.kind = FLOW_EV_INPUT, .text = "x", .text_length = 1};
    char text[1001] = "", words[600];
    for (int i = 0; i < 500; i++)
        memcpy(text + 2 * i, "\xc3\xa9", 2);
    trace_state_init(&state);
    event.value = text_value(text);
    size_t length = trace_print_event(&state, &event, words, sizeof words);
    assert_true(length < 250);
    assert_string_equal(words + length - 5, "\xc3\xa9...");
    flow_value_unref(event.value);
    trace_state_finish(&state);
}

static void a_small_buffer_gets_what_fits_and_the_needed_length(void **unused)
{
    struct trace_state state;
    struct flow_event event = {.kind = FLOW_EV_USER_ACTION, .text = "t\xc3\xa9\xc3\xa9", .text_length = 5};
    const char *whole = "user: t\xc3\xa9\xc3\xa9";
    trace_state_init(&state);
    for (size_t size = 0; size <= 12; size++) {
        char words[16];
        memset(words, '#', sizeof words);
        assert_int_equal(trace_print_event(&state, &event, words, size), strlen(whole));
        assert_int_equal(words[size], '#');
        if (size == 0)
            continue;
        size_t kept = strlen(words);
        assert_true(kept < size && strncmp(words, whole, kept) == 0);
        assert_true((whole[kept] & 0xc0) != 0x80); /* not inside a character */
        assert_true(kept + 2 >= size || size > 12);
    }
    trace_state_finish(&state);
}

static void tasks_are_named_with_their_iteration(void **unused)
{
    struct trace_state state;
    char name[20];
    scene(&state);
    assert_int_equal(trace_print_task(&state, 0, 1, name, sizeof name), 7);
    assert_string_equal(name, "process");
    assert_int_equal(trace_print_task(&state, 0, 3, name, sizeof name), 9);
    assert_string_equal(name, "process#3");
    trace_print_task(&state, FLOW_TASK_NONE, 1, name, sizeof name);
    assert_string_equal(name, "-");
    trace_state_finish(&state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_is_told_in_words),
        cmocka_unit_test(a_run_tells_its_profile_and_seed),
        cmocka_unit_test(nothing_unescaped_reaches_a_terminal),
        cmocka_unit_test(long_values_are_cut_between_characters),
        cmocka_unit_test(a_small_buffer_gets_what_fits_and_the_needed_length),
        cmocka_unit_test(tasks_are_named_with_their_iteration),
    };
    return RUN_TESTS(tests);
}
