/* Values between Lua and the channel. */
#include "tests/unit/plugins/lua_play.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define TASK(body) "task.t = function(ctx)\nlocal c = ctx.channel\n" body "\nend\n"

static void values_become_what_they_are(void **state)
{
    (void)state;
    static const struct {
        const char *lua, *printed;
    } rows[] = {
        {"true", "true"},
        {"1", "1"},
        {"1.0", "1.0"},
        {"-0.0", "-0.0"},
        {"math.maxinteger", "9223372036854775807"},
        {"math.mininteger", "-9223372036854775808"},
        {"0.1", "0.1"},
        {"0/0", "nan"},
        {"1/0", "inf"},
        {"-1/0", "-inf"},
        {"''", "\"\""},
        {"'h\\u{e9}'", "\"h\xc3\xa9\""},
        {"'a\\0b'", "\"a\\x00b\""},
        {"'\\xff'", "b\"\\xff\""},
        {"flow.bytes('abc')", "b\"abc\""},
        {"{}", "[]"},
        {"flow.map{}", "{}"},
        {"flow.null", "null"},
        {"{1, 'a', {2.5}}", "[1, \"a\", [2.5]]"},
        {"{flow.null, flow.null}", "[null, null]"},
        {"{b = 1, a = 2, B = 3}", "{B: 3, a: 2, b: 1}"},
        {"flow.map{b = 1, a = 2}", "{a: 2, b: 1}"},
        {"flow.map{{'b', 1}, {'a', 2}}", "{b: 1, a: 2}"},
        {"flow.map(flow.map{{'b', 1}, {'a', 2}})", "{b: 1, a: 2}"},
        {"{['odd key'] = 1}", "{\"odd key\": 1}"},
        {"print", "<function: builtin>"},
        {"function() end", "<function: t.lua:3>"},
        {"t", "<task: t>"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char source[512], expected[512];
        snprintf(source, sizeof source, TASK("c.v = %s"), rows[i].lua);
        snprintf(expected, sizeof expected, "v=%s\n", rows[i].printed);
        struct play play = play_text(source, NULL);
        print_message("# %s\n", rows[i].lua);
        assert_string_equal(play.error, "");
        assert_string_equal(play.channel, expected);
        play_finish(&play);
    }
}

static void values_pass_through_a_task_unchanged(void **state)
{
    (void)state;
    struct flow_value items[4], inner[2], map;
    assert_int_equal(flow_string_create(&inner[0], "z", 1), FLOW_OK);
    assert_int_equal(flow_string_create(&inner[1], "a", 1), FLOW_OK);
    struct flow_member members[] = {{inner[0], flow_null()}, {inner[1], flow_double(NAN)}};
    assert_int_equal(flow_map_create(&map, members, 2), FLOW_OK);
    items[0] = map;
    items[1] = flow_double(3.0);
    assert_int_equal(flow_bytes_create(&items[2], "text", 4), FLOW_OK);
    assert_int_equal(flow_opaque_create(&items[3], "Frame", "3 rows"), FLOW_OK);
    struct flow_value list, key;
    assert_int_equal(flow_list_create(&list, items, 4), FLOW_OK);
    assert_int_equal(flow_string_create(&key, "v", 1), FLOW_OK);
    const struct flow_member channel[] = {{key, list}};
    struct play play = play_text(TASK("c.whole = c.v\n"
                                      "c.parts = {c.v[1], c.v[2], c.v[3], c.v[4]}\n"
                                      "c.copy = flow.copy(c.v)"),
        &(struct play_options){.channel = channel, .channel_count = 1});
    const char *expected = "v=[{z: null, a: nan}, 3.0, b\"text\", <Frame: 3 rows>]\n"
                           "whole=[{z: null, a: nan}, 3.0, b\"text\", <Frame: 3 rows>]\n"
                           "parts=[{z: null, a: nan}, 3.0, b\"text\", <Frame: 3 rows>]\n"
                           "copy=[{z: null, a: nan}, 3.0, b\"text\", <Frame: 3 rows>]\n";
    assert_string_equal(play.channel, expected);
    play_finish(&play);
    flow_value_unref(list);
    flow_value_unref(key);
}

static void what_cannot_be_converted_is_named_by_its_path(void **state)
{
    (void)state;
#define LIST_OR_MAP "a table is a list (1, 2, 3, ...) or a map (text keys)"
#define FAILS       "task 't' failed: "
    static const struct play_row rows[] = {
        {"a hole", TASK("c.v = {a = {1, nil, 3}}"), NULL,
            FAILS
            "t.lua:3: channel: v.a has a hole at [2]: a list counts 1, 2, 3, ... (flow.null fills a hole)"},
        {"zero", TASK("c.v = {[0] = 1}"), NULL,
            FAILS "t.lua:3: channel: v has a number below 1 as key: a list counts 1, 2, 3, ..."},
        {"mixed keys", TASK("c.v = {{1, x = 2}}"), NULL,
            FAILS "t.lua:3: channel: v[1] mixes keys that are numbers and keys that are text: " LIST_OR_MAP},
        {"a float as key", TASK("c:set('v', {['odd key'] = {[1.5] = 2}})"), NULL,
            FAILS "t.lua:3: channel:set: v[\"odd key\"] has a key that is a float: " LIST_OR_MAP},
        {"a boolean as key", TASK("c.v = {[true] = 2}"), NULL,
            FAILS "t.lua:3: channel: v has a key that is a boolean: " LIST_OR_MAP},
        {"bytes as key", TASK("c.v = {['\\xff'] = 2}"), NULL,
            FAILS "t.lua:3: channel: v has a key that is not valid UTF-8: keys are text"},
        {"a cycle", TASK("local v = {a = {}}\nv.a.b = v.a\nc.v = v"), NULL,
            FAILS "t.lua:5: channel: v.a.b refers back to v.a: a value cannot contain itself"},
        {"depth", TASK("local v = {}\nfor i = 1, 500 do v = {v} end\nctx:next_iteration(v)"), NULL, NULL},
        {"a result", "task.t = function() return {1, nil, 3} end", NULL,
            FAILS
            "return value: result has a hole at [2]: a list counts 1, 2, 3, ... (flow.null fills a hole)"},
        {"iteration data", TASK("ctx:next_iteration({x = {[2] = 1}})"), NULL,
            FAILS "t.lua:3: ctx:next_iteration: data.x has a hole at [1]: a list counts 1, 2, 3, ... "
                  "(flow.null fills a hole)"},
        {"a map takes text", TASK("local m = flow.map{} m[1] = 2"), NULL,
            FAILS "t.lua:3: a map takes text as key, not a number"},
        {"flow.map of pairs", TASK("flow.map{{'a'}}"), NULL,
            FAILS "t.lua:3: flow.map: item 1 is no {key, value}"},
    };
    PLAY_ROWS(rows);
    struct play play = play_text(rows[7].source, NULL);
    assert_non_null(strstr(play.error, "is nested deeper than 200 levels"));
    play_finish(&play);
}

static void the_same_table_twice_is_no_cycle(void **state)
{
    (void)state;
    struct play play = play_text(TASK("local v = {1}\nc.v = {v, v, x}"), NULL);
    assert_string_equal(play.channel, "v=[[1], [1]]\n");
    play_finish(&play);
}

static void lists_and_maps_of_the_channel_are_read_only(void **state)
{
    (void)state;
#define ADVICE                                                                                               \
    " that comes from a channel, an argument or a result is read-only: copy it (local c = flow.copy(x)), "   \
    "change the copy, set it (channel:set(key, c))"
    static const struct play_row rows[] = {
        {"map", TASK("c.m = {a = 1}\nc.m.a = 2"), NULL, FAILS "t.lua:4: a map" ADVICE},
        {"new key", TASK("c.m = flow.map{}\nc.m.a = 2"), NULL, FAILS "t.lua:4: a map" ADVICE},
        {"list", TASK("c.l = {1}\nc.l[1] = 2"), NULL, FAILS "t.lua:4: a list" ADVICE},
        {"insert", TASK("c.l = {1}\ntable.insert(c.l, 2)"), NULL, FAILS "a list" ADVICE},
        {"nested", TASK("c.m = {a = {1}}\nc.m.a[1] = 2"), NULL, FAILS "t.lua:4: a list" ADVICE},
        {"copy, change, set",
            TASK("c.m = {a = {1}}\nlocal m = flow.copy(c.m)\nm.a[2] = 5 m.b = 1\nc.m = m\nprint(c.m)"),
            "{a: [1, 5], b: 1}\n", ""},
    };
    PLAY_ROWS(rows);
}

static void they_read_like_tables(void **state)
{
    (void)state;
    static const struct play_row rows[] = {
        {"list",
            TASK("c.l = {5, 6, flow.null}\nlocal l = c.l\nprint(#l, l[1], l[3] == flow.null, l[4], type(l))"),
            "3\t5\ttrue\tnil\ttable\n", ""},
        {"ipairs", TASK("c.l = {5, 6}\nfor i, v in ipairs(c.l) do io.write(i, '=', v, ' ') end"), "1=5 2=6 ",
            ""},
        {"pairs keeps the order",
            TASK(
                "c.m = flow.map{{'z', 1}, {'a', 2}}\nfor k, v in pairs(c.m) do io.write(k, '=', v, ' ') end"),
            "z=1 a=2 ", ""},
        {"next", TASK("c.m = flow.map{{'z', 1}}\nprint(next(c.m), next(c.m, 'z'), next({}))"),
            "z\tnil\tnil\n", NULL},
        {"unpack and concat", TASK("c.l = {5, 6}\nprint(table.unpack(c.l))\nprint(table.concat(c.l, '+'))"),
            "5\t6\n5+6\n", ""},
        {"printed form", TASK("c.v = {a = {1, 2.0, 'x'}}\nprint(c.v, tostring(c.v.a))"),
            "{a: [1, 2.0, \"x\"]}\t[1, 2.0, \"x\"]\n", ""},
        {"equality", TASK("c.a = {1} c.b = {1}\nprint(c.a == c.b, c.a == flow.copy(c.a))"), "true\tfalse\n",
            ""},
        {"bytes",
            TASK("c.b = flow.bytes('abc')\nprint(c.b:sub(2), #c.b, c.b .. '!', c.b == flow.bytes('abc'))"),
            "bc\t3\tabc!\ttrue\n", ""},
        {"types",
            TASK("for _, v in ipairs{1, 1.5, 'x', true, flow.null, flow.map{}, flow.bytes('')} do "
                 "io.write(flow.type(v), ' ') end"),
            "int double string bool null map bytes ", ""},
        {"a map remembers its order",
            TASK("local m = flow.map{} m.b = 1 m.a = 2 m.b = nil m.b = 3 m.c = nil\nprint(m, #m, m.a)"),
            "{a: 2, b: 3}\t2\t2\n", ""},
    };
    PLAY_ROWS(rows);
}

static void nil_and_null_are_kept_apart_in_the_channel(void **state)
{
    (void)state;
    static const struct play_row rows[] = {
        {"null reads as nil", TASK("c.n = flow.null\nprint(c.n, c:get('n', 1), c:has('n'))"),
            "nil\tnil\ttrue\n", ""},
        {"absent gives the default", TASK("print(c.n, c:get('n', 1), c:has('n'))"), "nil\t1\tfalse\n", ""},
        {"set nil stores null", TASK("c:set('n', nil)\nprint(c:has('n'))"), "true\n", ""},
        {"assigning nil deletes", TASK("c.n = 1\nc.n = nil\nprint(c:has('n'))"), "false\n", ""},
        {"delete", TASK("c.n = 1\nprint(c:delete('n'), c:delete('n'))"), "true\tfalse\n", ""},
        {"keys in order", TASK("c.z = 1 c.a = 2\nprint(table.concat(c:keys(), ' '))"), "z a\n", ""},
    };
    PLAY_ROWS(rows);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_become_what_they_are),
        cmocka_unit_test(values_pass_through_a_task_unchanged),
        cmocka_unit_test(what_cannot_be_converted_is_named_by_its_path),
        cmocka_unit_test(the_same_table_twice_is_no_cycle),
        cmocka_unit_test(lists_and_maps_of_the_channel_are_read_only),
        cmocka_unit_test(they_read_like_tables),
        cmocka_unit_test(nil_and_null_are_kept_apart_in_the_channel),
    };
    if (argc != 2)
        return 2;
    play_plugin = argv[1];
    return RUN_TESTS(tests);
}
