#include "tests/unit/test.h"

#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "flow/value.h"

static struct flow_value text(const char *bytes)
{
    struct flow_value v;
    assert_int_equal(flow_string(&v, bytes), FLOW_OK);
    return v;
}

static struct flow_value list_of(struct flow_value item)
{
    struct flow_value v;
    assert_int_equal(flow_list_create(&v, &item, 1), FLOW_OK);
    return v;
}

static struct flow_value map_of(const char *key, struct flow_value item)
{
    struct flow_value v;
    struct flow_member member = {text(key), item};
    assert_int_equal(flow_map_create(&v, &member, 1), FLOW_OK);
    return v;
}

static struct flow_value opaque(const char *type, const char *printed)
{
    struct flow_value v;
    assert_int_equal(flow_opaque_create(&v, type, printed), FLOW_OK);
    return v;
}

static struct flow_value bytes_of(const char *bytes, size_t length)
{
    struct flow_value v;
    assert_int_equal(flow_bytes_create(&v, bytes, length), FLOW_OK);
    return v;
}

static void values_print_as_people_read_them(void **state)
{
    (void)state;
    const struct {
        struct flow_value value;
        const char *printed;
    } rows[] = {
        {flow_null(), "null"},
        {flow_bool(true), "true"},
        {flow_bool(false), "false"},
        {flow_int(42), "42"},
        {flow_int(INT64_MIN), "-9223372036854775808"},
        {flow_double(0.96), "0.96"},
        {flow_double(3), "3.0"},
        {flow_double(-0.0), "-0.0"},
        {flow_double(0.1 + 0.2), "0.30000000000000004"},
        {flow_double(1e300), "1e+300"},
        {flow_double(NAN), "nan"},
        {flow_double(INFINITY), "inf"},
        {flow_double(-INFINITY), "-inf"},
        {text("plain"), "\"plain\""},
        {text("a\"b\\c\n\t\r\x1b[2J\x7f"), "\"a\\\"b\\\\c\\n\\t\\r\\x1b[2J\\x7f\""},
        {text("caf\xc3\xa9 \xc2\x85"), "\"caf\xc3\xa9 \\u0085\""},
        {bytes_of("a\0\xff\"", 4), "b\"a\\x00\\xff\\\"\""},
        {list_of(flow_int(1)), "[1]"},
        {list_of(list_of(flow_null())), "[[null]]"},
        {map_of("a", flow_int(1)), "{a: 1}"},
        {map_of("b c", text("x")), "{\"b c\": \"x\"}"},
        {map_of("1a", flow_null()), "{\"1a\": null}"},
        {opaque("function", "0x1\n"), "<function: 0x1\\x0a>"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char buffer[200], shorter[4];
        size_t length = flow_value_print(rows[i].value, buffer, sizeof buffer);
        if (strcmp(buffer, rows[i].printed) != 0 || length != strlen(rows[i].printed))
            fail_msg("row %zu: %s", i, buffer);
        assert_int_equal(flow_value_print(rows[i].value, NULL, 0), length);
        assert_int_equal(flow_value_print(rows[i].value, shorter, sizeof shorter), length);
        assert_int_equal(strlen(shorter), length < 3 ? length : 3);
        assert_memory_equal(shorter, buffer, strlen(shorter));
        flow_value_unref(rows[i].value);
    }
}

static void doubles_have_a_point_in_every_locale(void **state)
{
    (void)state;
    char buffer[40];
    if (!setlocale(LC_NUMERIC, "de_DE.UTF-8") && !setlocale(LC_NUMERIC, "de_DE"))
        return; /* not on this machine */
    flow_value_print(flow_double(0.5), buffer, sizeof buffer);
    assert_string_equal(buffer, "0.5");
    flow_value_print(flow_double(2), buffer, sizeof buffer);
    assert_string_equal(buffer, "2.0");
    flow_value_print(flow_double(1.5e300), buffer, sizeof buffer);
    assert_string_equal(buffer, "1.5e+300");
    setlocale(LC_NUMERIC, "C");
}

static void equal_means_has_not_changed_and_hashes_agree(void **state)
{
    (void)state;
    const struct {
        struct flow_value a, b;
        bool is_equal;
    } rows[] = {
        {flow_null(), flow_null(), true},
        {flow_int(1), flow_double(1), false},
        {flow_int(0), flow_bool(false), false},
        {flow_double(NAN), flow_double(-NAN), true},
        {flow_double(0.0), flow_double(-0.0), false},
        {text("a"), text("a"), true},
        {text("a"), text("b"), false},
        {text("a"), bytes_of("a", 1), false},
        {list_of(flow_int(1)), list_of(flow_int(1)), true},
        {list_of(flow_int(1)), list_of(flow_int(2)), false},
        {map_of("a", flow_int(1)), map_of("a", flow_int(1)), true},
        {map_of("a", flow_int(1)), map_of("b", flow_int(1)), false},
        {opaque("f", "x"), opaque("f", "x"), true},
        {opaque("f", "x"), opaque("fx", ""), false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (flow_value_equal(rows[i].a, rows[i].b) != rows[i].is_equal)
            fail_msg("row %zu", i);
        if ((flow_value_hash(rows[i].a) == flow_value_hash(rows[i].b)) != rows[i].is_equal)
            fail_msg("hash of row %zu", i);
        flow_value_unref(rows[i].a);
        flow_value_unref(rows[i].b);
    }
}

/* Written down, because traces of other machines are compared by it. */
static void hashes_are_the_same_on_every_machine(void **state)
{
    (void)state;
    struct flow_value v = map_of("loss", list_of(flow_double(0.5)));
    uint64_t once = flow_value_hash(v);
    flow_value_unref(v);
    v = map_of("loss", list_of(flow_double(0.5)));
    assert_true(flow_value_hash(v) == once);
    assert_true(flow_value_hash(v) == 0x377dbd68075c827fu);
    flow_value_unref(v);
}

static void texts_must_be_utf8(void **state)
{
    (void)state;
    struct flow_value v = flow_int(7);
    assert_int_equal(flow_string(&v, "\xff"), FLOW_EINVAL);
    assert_int_equal(flow_string_create(&v, "\xe2\x86", 2), FLOW_EINVAL);
    assert_int_equal(flow_opaque_create(&v, "\xff", ""), FLOW_EINVAL);
    assert_int_equal(v.as.integer, 7); /* written only on success */
}

static void maps_keep_order_and_refuse_a_key_twice(void **state)
{
    (void)state;
    enum { N = 200 };
    struct flow_member members[N + 1];
    struct flow_value map, found;
    char key[16];
    for (int count = 1; count <= N; count += 7) {
        for (int i = 0; i < count; i++) {
            snprintf(key, sizeof key, "k%d", i);
            members[i] = (struct flow_member){text(key), flow_int(i)};
        }
        assert_int_equal(flow_map_create(&map, members, (size_t)count), FLOW_OK);
        for (int i = 0; i < count; i++) {
            snprintf(key, sizeof key, "k%d", i);
            assert_int_equal(flow_map_get(map, key, strlen(key), &found), FLOW_OK);
            assert_int_equal(found.as.integer, i);
            assert_int_equal(flow_map_at(map, (size_t)i).value.as.integer, i);
        }
        assert_int_equal(flow_map_get(map, "none", 4, &found), FLOW_NOT_FOUND);
        for (int i = 0; i < count; i++) { /* the same members again, and one of them twice */
            members[i] = flow_map_at(map, (size_t)i);
            flow_value_ref(members[i].key);
        }
        members[count] = members[count / 2];
        flow_value_ref(members[count].key);
        assert_int_equal(flow_map_create(&found, members, (size_t)count + 1), FLOW_EINVAL);
        flow_value_unref(map);
    }
    members[0] = (struct flow_member){flow_int(1), text("value")};
    assert_int_equal(flow_map_create(&map, members, 1), FLOW_EINVAL);
    assert_int_equal(flow_map_get(flow_int(1), "a", 1, &found), FLOW_NOT_FOUND);
}

static void nesting_has_a_limit(void **state)
{
    (void)state;
    struct flow_value v = flow_int(1), deeper;
    for (int i = 0; i < FLOW_VALUE_DEPTH_MAX; i++)
        v = list_of(v);
    flow_value_ref(v);
    assert_int_equal(flow_list_create(&deeper, &v, 1), FLOW_EINVAL);
    struct flow_member member = {text("k"), flow_value_ref(v)};
    assert_int_equal(flow_map_create(&deeper, &member, 1), FLOW_EINVAL);
    assert_int_equal(flow_value_print(v, NULL, 0), 2 * FLOW_VALUE_DEPTH_MAX + 1);
    flow_value_unref(v);
}

static void accessors_answer_for_every_type(void **state)
{
    (void)state;
    size_t length = 99;
    struct flow_value v = opaque("thread", "printed");
    assert_string_equal(flow_opaque_type(v), "thread");
    assert_string_equal(flow_value_text(v, &length), "printed");
    assert_int_equal(length, 7);
    flow_value_unref(v);
    assert_null(flow_value_text(flow_int(1), &length));
    assert_int_equal(length, 0);
    assert_null(flow_opaque_type(flow_null()));
    assert_int_equal(flow_value_count(flow_int(1)), 0);
    assert_string_equal(flow_type_name(FLOW_TYPE_OPAQUE), "opaque");
    assert_string_equal(flow_type_name(FLOW_TYPE_COUNT), "?");
    struct flow_value empty;
    assert_int_equal(flow_list_create(&empty, NULL, 0), FLOW_OK);
    assert_int_equal(flow_value_count(empty), 0);
    flow_value_unref(empty);
    assert_int_equal(flow_map_create(&empty, NULL, 0), FLOW_OK);
    assert_int_equal(flow_value_print(empty, NULL, 0), 2);
    flow_value_unref(empty);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_print_as_people_read_them),
        cmocka_unit_test(doubles_have_a_point_in_every_locale),
        cmocka_unit_test(equal_means_has_not_changed_and_hashes_agree),
        cmocka_unit_test(hashes_are_the_same_on_every_machine),
        cmocka_unit_test(texts_must_be_utf8),
        cmocka_unit_test(maps_keep_order_and_refuse_a_key_twice),
        cmocka_unit_test(nesting_has_a_limit),
        cmocka_unit_test(accessors_answer_for_every_type),
    };
    return RUN_TESTS(tests);
}
