/* How values and texts are made to fit the screen. */
#include "tests/unit/test.h"

#include <string.h>

#include "debug/json.h"
#include "tui/app/state.h"
#include "tui/view/change.h"
#include "tui/view/view.h"

static struct flow_value parse(const char *text)
{
    struct flow_value value;
    struct flow_error err = FLOW_ERROR_INIT;
    if (dbg_value_parse(text, strlen(text), &value, &err) < 0)
        fail_msg("%s: %s", text, err.text);
    return value;
}

static void a_change_is_what_is_not_in_both(void **state)
{
    (void)state;
    static const struct {
        const char *before, *after, *change; /* change NULL: both are shown in full */
    } rows[] = {
        {"[1, 2]", "[1, 2, 3]", "+ 3"},
        {"[1, 2, 3]", "[2, 3]", "- 1"},
        {"[1, 2, 3]", "[1, 7, 8, 3]", "- 2, + 7, + 8"},
        {"[1, 1]", "[1]", "- 1"},
        {"[1]", "[2]", NULL},
        {"[]", "[1]", NULL},
        {"{\"a\": 1, \"b\": 2}", "{\"a\": 1, \"b\": 3}", "b: 2 -> 3"},
        {"{\"a\": 1, \"b\": 2}", "{\"a\": 1, \"c\": 3}", "+ c: 3, - b"},
        {"{\"a\": 1}", "{\"a\": 2}", NULL},
        {"1", "2", NULL},
        {"[1]", "{\"a\": 1}", NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct flow_value before = parse(rows[i].before), after = parse(rows[i].after);
        struct str change = {0};
        bool is_part = view_add_change(&change, before, after, true);
        if (is_part != (rows[i].change != NULL) ||
            (is_part && strcmp(str_text(&change), rows[i].change) != 0))
            fail_msg("%s to %s: %d '%s'", rows[i].before, rows[i].after, is_part, str_text(&change));
        str_finish(&change);
        flow_value_unref(before);
        flow_value_unref(after);
    }
}

static void a_value_that_is_edited_reads_back_as_itself(void **state)
{
    (void)state;
    static const char *const rows[] = {"null", "true", "-7", "0.5", "1e300", "1e22", "\"\"",
        "\"a \\\"b\\\" \\\\ \\u0000 \\u001b \\n\\t\"", "\"日本\"", "[]", "{}",
        "[1, [2.0, null], {\"a\": {\"b c\": []}}]"};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct flow_value value = parse(rows[i]);
        struct str text = {0};
        assert_true(app_add_json(&text, value));
        struct flow_value again = parse(str_text(&text));
        if (!flow_value_equal(value, again))
            fail_msg("%s became %s", rows[i], str_text(&text));
        flow_value_unref(value);
        flow_value_unref(again);
        str_finish(&text);
    }
}

static void what_cannot_be_typed_is_not_offered(void **state)
{
    (void)state;
    struct str text = {0};
    struct flow_value bytes;
    assert_int_equal(flow_bytes_create(&bytes, "\1\2", 2), FLOW_OK);
    assert_false(app_add_json(&text, bytes));
    flow_value_unref(bytes);
    str_finish(&text);
}

static void long_lines_are_broken_between_words(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int cols;
        const char *wrapped;
    } rows[] = {
        {"one two three", 20, "one two three"},
        {"one two three", 8, "one two\n  three"},
        {"one\ntwo", 8, "one\ntwo"},
        {"unbreakable", 4, "unbreakable"},
        {"  indented line", 11, "  indented\n  line"},
        {"", 4, ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct str out = {0};
        view_wrap(rows[i].text, rows[i].cols, &out);
        if (strcmp(str_text(&out), rows[i].wrapped) != 0)
            fail_msg("'%s' became '%s'", rows[i].text, str_text(&out));
        str_finish(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_change_is_what_is_not_in_both),
        cmocka_unit_test(a_value_that_is_edited_reads_back_as_itself),
        cmocka_unit_test(what_cannot_be_typed_is_not_offered),
        cmocka_unit_test(long_lines_are_broken_between_words),
    };
    return RUN_TESTS(tests);
}
