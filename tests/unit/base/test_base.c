#include "tests/unit/test.h"

#include <stdio.h>
#include <string.h>

#include "base/map.h"
#include "base/str.h"
#include "base/vec.h"

static void vec_keeps_order_when_inserting_and_removing(void **state)
{
    (void)state;
    struct {
        VEC(int);
    } v = {0};
    for (int i = 0; i < 100; i++)
        assert_int_equal(vec_push(&v, i), FLOW_OK);
    assert_int_equal(vec_insert(&v, 50, 1000), FLOW_OK);
    assert_int_equal(v.at[49], 49);
    assert_int_equal(v.at[50], 1000);
    assert_int_equal(v.at[51], 50);
    vec_remove(&v, 50);
    assert_int_equal(v.at[50], 50);
    assert_int_equal(v.count, 100);
    vec_finish(&v);
}

static struct map_name number_name(const void *user, uint32_t index)
{
    const char(*names)[12] = user;
    return (struct map_name){names[index], strlen(names[index])};
}

static void map_finds_what_was_added_and_forgets_what_was_removed(void **state)
{
    (void)state;
    enum { N = 5000 };
    static char names[N][12];
    struct map m = {.name_of = number_name, .user = names};
    for (uint32_t i = 0; i < N; i++) {
        snprintf(names[i], sizeof names[i], "k%u", i * 7919u);
        assert_int_equal(map_add(&m, names[i], strlen(names[i]), i), FLOW_OK);
    }
    for (uint32_t i = 0; i < N; i += 2)
        map_remove(&m, names[i], strlen(names[i]));
    for (uint32_t i = 0; i < N; i++)
        assert_int_equal(map_find(&m, names[i], strlen(names[i])), i % 2 ? i : MAP_NONE);
    map_finish(&m);
}

static void str_formats_and_grows(void **state)
{
    (void)state;
    struct str s = {0};
    for (int i = 0; i < 1000; i++)
        assert_int_equal(str_addf(&s, "%d,", i), FLOW_OK);
    assert_int_equal(s.length, 10 * 2 + 90 * 3 + 900 * 4);
    assert_memory_equal(s.text + s.length - 4, "999,", 5);
    str_finish(&s);
    assert_string_equal(str_text(&s), "");
}

static void utf8_accepts_valid_and_refuses_the_rest(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        bool valid;
    } rows[] = {
        {"plain", true},
        {"\xc3\xa9", true},
        {"\xe2\x86\xbb", true},
        {"\xf0\x9f\x98\x80", true},
        {"\xc0\x80", false},
        {"\xe0\x80\x80", false},
        {"\xed\xa0\x80", false},
        {"\xf4\x90\x80\x80", false},
        {"\x80", false},
        {"\xe2\x86", false},
        {"\xff", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (utf8_is_valid(rows[i].bytes, strlen(rows[i].bytes)) != rows[i].valid)
            fail_msg("row %zu", i);
    static const unsigned points[] = {0x24, 0xe9, 0x20ac, 0x1f600};
    for (size_t i = 0; i < 4; i++) {
        char out[4];
        unsigned back = 0;
        size_t size = utf8_encode(points[i], out);
        assert_int_equal(size, i + 1);
        assert_int_equal(utf8_decode(out, size, &back), size);
        assert_int_equal(back, points[i]);
    }
}

static void glob_matches_like_a_shell(void **state)
{
    (void)state;
    static const struct {
        const char *pattern, *text;
        bool matches;
    } rows[] = {
        {"load_*", "load_users", true},
        {"load_*", "unload_users", false},
        {"*", "", true},
        {"a?c", "abc", true},
        {"a?c", "ac", false},
        {"[a-c]x", "bx", true},
        {"[!a-c]x", "bx", false},
        {"*end", "the end", true},
        {"a*b*c", "aXXbYYc", true},
        {"a*b*c", "aXXbYY", false},
        {"\\*", "*", true},
        {"\\*", "x", false},
        {"[", "[", true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (glob_matches(rows[i].pattern, rows[i].text) != rows[i].matches)
            fail_msg("glob '%s' on '%s'", rows[i].pattern, rows[i].text);
}

static void edit_distance_counts_changes_up_to_its_limit(void **state)
{
    (void)state;
    assert_int_equal(edit_distance("contineu", "continue", 3), 2);
    assert_int_equal(edit_distance("step", "step", 3), 0);
    assert_int_equal(edit_distance("step", "terminate", 3), 4);
}

static void error_prefix_puts_the_context_in_front(void **state)
{
    (void)state;
    struct flow_error err = FLOW_ERROR_INIT;
    flow_error_set(&err, FLOW_EFORMAT, "checksum differs");
    assert_int_equal(flow_error_prefix(&err, "index block %d", 3), FLOW_EFORMAT);
    assert_string_equal(err.text, "index block 3: checksum differs");
    for (int i = 0; i < 200; i++)
        flow_error_prefix(&err, "layer %d", i);
    assert_int_equal(strlen(err.text), sizeof err.text - 1);
    assert_string_equal(err.text + sizeof err.text - 4, "...");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vec_keeps_order_when_inserting_and_removing),
        cmocka_unit_test(map_finds_what_was_added_and_forgets_what_was_removed),
        cmocka_unit_test(str_formats_and_grows),
        cmocka_unit_test(utf8_accepts_valid_and_refuses_the_rest),
        cmocka_unit_test(glob_matches_like_a_shell),
        cmocka_unit_test(edit_distance_counts_changes_up_to_its_limit),
        cmocka_unit_test(error_prefix_puts_the_context_in_front),
    };
    return RUN_TESTS(tests);
}
