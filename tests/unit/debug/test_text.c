#include "tests/unit/test.h"

#include <stdio.h>
#include <string.h>

#include "debug/text.h"

static const struct {
    const char *text;
    const char *escaped;
    const char *lines;
    const char *coloured;
} rows[] = {
    {"plain", "plain", "plain", "plain"},
    {"a\nb\tc", "a\\nb\\tc", "a\nb    c", "a\nb\tc"},
    {"\x1b[31mred\x1b[0m", "\\e[31mred\\e[0m", "\\e[31mred\\e[0m", "\x1b[31mred\x1b[0m"},
    {"\x1b[38;5;200mx", "\\e[38;5;200mx", "\\e[38;5;200mx", "\x1b[38;5;200mx"},
    {"\x1b[2J\x1b]0;t\a", "\\e[2J\\e]0;t\\a", "\\e[2J\\e]0;t\\a", "\\e[2J\\e]0;t\\a"},
    {"\x1b[?1049h", "\\e[?1049h", "\\e[?1049h", "\\e[?1049h"},
    {"\r\b\x7f", "\\r\\b\\x7f", "\\r\\b\\x7f", "\\r\\b\\x7f"},
    {"\xff\xc3", "\\xff\\xc3", "\\xff\\xc3", "\\xff\\xc3"},
    {"\xc2\x9b", "\\x9b", "\\x9b", "\\x9b"},                 /* the 8-bit CSI */
    {"\xe2\x80\xae", "\\u{202e}", "\\u{202e}", "\\u{202e}"}, /* right-to-left override */
    {"\xc3\xa9 \xe6\x97\xa5", "\xc3\xa9 \xe6\x97\xa5", "\xc3\xa9 \xe6\x97\xa5", "\xc3\xa9 \xe6\x97\xa5"},
};

static void nothing_acts_on_a_terminal(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct str a = {0}, b = {0}, c = {0};
        size_t length = strlen(rows[i].text);
        dbg_escape(&a, rows[i].text, length);
        dbg_escape_lines(&b, rows[i].text, length);
        dbg_escape_coloured(&c, rows[i].text, length);
        assert_string_equal(str_text(&a), rows[i].escaped);
        assert_string_equal(str_text(&b), rows[i].lines);
        assert_string_equal(str_text(&c), rows[i].coloured);
        str_finish(&a);
        str_finish(&b);
        str_finish(&c);
    }
}

static const struct {
    const char *text;
    size_t held;
} pieces[] = {
    {"abc", 0},
    {"abc\xc3", 1},
    {"abc\xe6\x97", 2},
    {"abc\xc3\xa9", 0},
    {"x\x1b", 1},
    {"x\x1b[", 2},
    {"x\x1b[3", 3},
    {"x\x1b[31;", 5},
    {"x\x1b[31m", 0},
    {"x\x1b]0", 0},
    {"", 0},
    {"\x80\x80\x80\x80", 0},
};

static void what_may_go_on_is_held_back(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
        size_t held = dbg_unfinished(pieces[i].text, strlen(pieces[i].text));
        if (held != pieces[i].held)
            fail_msg("row %zu: %zu held back, expected %zu", i, held, pieces[i].held);
    }
}

static void a_split_character_is_cut_off(void **state)
{
    char whole[] = "a\xc3\xa9", split[] = "a\xe6\x97", plain[] = "abc", empty[] = "";
    (void)state;
    dbg_cut_utf8(whole);
    dbg_cut_utf8(split);
    dbg_cut_utf8(plain);
    dbg_cut_utf8(empty);
    assert_string_equal(whole, "a\xc3\xa9");
    assert_string_equal(split, "a");
    assert_string_equal(plain, "abc");
    assert_string_equal(empty, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_acts_on_a_terminal),
        cmocka_unit_test(what_may_go_on_is_held_back),
        cmocka_unit_test(a_split_character_is_cut_off),
    };
    return RUN_TESTS(tests);
}
