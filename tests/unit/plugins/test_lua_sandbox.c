/* What a script may touch, and that two runs of it cannot differ. */
#include "tests/unit/plugins/lua_play.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#define TASK(body) "task.t = function(ctx)\n" body "\nend\n"
#define FAILS      "task 't' failed: t.lua:2: "

static void blocked_functions_name_the_word_that_allows_them(void **state)
{
    (void)state;
    static const struct {
        const char *name, *word;
        bool is_harmless; /* when called with a path to nowhere */
    } rows[] = {{"io.open", "io", true}, {"io.read", "io", false}, {"io.lines", "io", true},
        {"io.popen", "io", false}, {"io.tmpfile", "io", true}, {"io.input", "io", true},
        {"io.output", "io", true}, {"io.close", "io", true}, {"dofile", "io", true}, {"loadfile", "io", true},
        {"os.execute", "os", false}, {"os.exit", "os", false}, {"os.getenv", "os", true},
        {"os.remove", "os", true}, {"os.rename", "os", true}, {"os.tmpname", "os", false},
        {"os.setlocale", "os", true}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char source[256], expected[512];
        snprintf(source, sizeof source, TASK("%s('x')"), rows[i].name);
        snprintf(expected, sizeof expected,
            FAILS
            "%s is not available: a run that uses it cannot be repeated. To allow it start flowdbg with "
            "--allow %s",
            rows[i].name, rows[i].word);
        struct play play = play_text(source, NULL);
        assert_string_equal(play.error, expected);
        play_finish(&play);
        if (!rows[i].is_harmless)
            continue;
        snprintf(source, sizeof source, TASK("pcall(%s, '/nowhere/x') print 'went on'"), rows[i].name);
        play = play_text(source, &(struct play_options){.allow = "os,io"});
        assert_string_equal(play.output, "went on\n");
        play_finish(&play);
    }
}

static void an_unknown_word_is_refused(void **state)
{
    (void)state;
    struct play play = play_text(TASK(""), &(struct play_options){.allow = "io,net"});
    assert_string_equal(play.error, "--allow net: a Lua workflow knows io, os and clock");
    play_finish(&play);
}

static void what_would_differ_between_runs_does_not(void **state)
{
    (void)state;
    static const struct play_row rows[] = {
        {"pairs",
            TASK("for k in pairs{z = 1, b = 2, a = 3, [3] = 1, [1] = 2, [2.5] = 1, [true] = 1} do "
                 "io.write(tostring(k), ' ') end"),
            "1 2.5 3 a b z true ", ""},
        {"pairs while members go",
            TASK("local t = {z = 1, b = 2, a = 3}\nfor k in pairs(t) do io.write(k) t.b = nil t.z = nil end"),
            "a", ""},
        {"next",
            TASK("local t = {z = 1, b = 2, a = 3}\nlocal k = next(t)\nwhile k do io.write(k) k = next(t, k) "
                 "end"),
            "abz", ""},
        {"next of a key that is none", TASK("print(pcall(next, {z = 1, b = 2, a = 3}, 'q'))"),
            "false\tinvalid key to 'next'\n", ""},
        {"__pairs",
            TASK("for k in pairs(setmetatable({}, {__pairs = function() return next, {x = 1} end})) do "
                 "io.write(k) end"),
            "x", ""},
        {"addresses", TASK("local a, b = {}, print\nprint(a, b, a)\nprint(('%s'):format(b))"),
            "table: 1\tfunction: 2\ttable: 1\nfunction: 2\n", ""},
        {"%p", TASK("string.format('%5p', {})"), NULL,
            FAILS "string.format: %p is not available: addresses differ from run to run"},
        {"%%p", TASK("print(string.format('%d%%p', 5))"), "5%p\n", ""},
        {"memory use", TASK("collectgarbage('count')"), NULL,
            FAILS
            "collectgarbage: only \"collect\" and \"step\" are available: the rest differs from run to run"},
        {"sort is stable",
            TASK("local t = {}\nfor i = 1, 500 do t[i] = {k = i % 7, i = i} end\n"
                 "table.sort(t, function(a, b) return a.k < b.k end)\n"
                 "for i = 2, 500 do local a, b = t[i - 1], t[i]\n"
                 "assert(a.k < b.k or a.k == b.k and a.i < b.i) end\nprint 'sorted'"),
            "sorted\n", ""},
        {"sort", TASK("local t = {'b', 'c', 'a'} table.sort(t) io.write(table.concat(t))"), "abc", ""},
        {"sort of what cannot be compared", TASK("table.sort{1, 'a'}"), NULL,
            "task 't' failed: attempt to compare string with number"},
    };
    PLAY_ROWS(rows);
}

static void dates_are_in_utc_and_the_clock_is_the_hosts(void **state)
{
    (void)state;
    static const struct play_row rows[] = {
        {"time", TASK("print(os.time(), os.clock(), os.date('%Y-%m-%d'))"), "0\t0.0\t1970-01-01\n", ""},
        {"time of a table", TASK("print(os.time{year = 2020, month = 1, day = 1, hour = 0})"), "1577836800\n",
            ""},
        {"date of a time", TASK("print(os.date('%H:%M', 3600), os.date('*t', 0).year)"), "01:00\t1970\n", ""},
        {"a field that is missing", TASK("os.time{year = 2020}"), NULL,
            FAILS "field 'month' missing in date table"},
        {"while loading", "os.time()", NULL,
            "t.lua:1: os.time: possible only while a task runs, because the clock belongs to the run; "
            "--allow clock "
            "gives the system's"},
    };
    PLAY_ROWS(rows);
    struct play play =
        play_text(TASK("print(os.time() > 1000000000)"), &(struct play_options){.allow = "clock"});
    assert_string_equal(play.output, "true\n");
    play_finish(&play);
    play = play_text(TASK("os.time()"), NULL);
    assert_non_null(strstr(play.events, "input - 'clock' 0\n"));
    play_finish(&play);
}

static void random_numbers_come_from_the_seed_and_are_recorded(void **state)
{
    (void)state;
    static const char source[] =
        TASK("print(math.random(1000), math.random(5, 7), math.random(), math.random(0))\n"
             "for i = 1, 100 do local n = math.random(3, 5) assert(n >= 3 and n <= 5)\n"
             "local f = math.random() assert(f >= 0 and f < 1) end");
    struct play first = play_text(source, &(struct play_options){.seed = 1});
    struct play again = play_text(source, &(struct play_options){.seed = 1});
    struct play other = play_text(source, &(struct play_options){.seed = 2});
    assert_string_equal(first.error, "");
    assert_string_equal(first.events, again.events);
    assert_string_equal(first.output, again.output);
    assert_string_not_equal(first.output, other.output);
    assert_non_null(strstr(first.events, "input - 'random' "));
    play_finish(&first);
    play_finish(&again);
    play_finish(&other);
    /* The numbers of Lua 5.4 itself for this seed. */
    static const struct play_row rows[] = {
        {"own seed", TASK("math.randomseed(42) print(math.random(1000), math.random(1000))"), "742\t50\n",
            ""},
        {"empty interval", TASK("math.random(0, -1)"), NULL,
            FAILS "bad argument #2 to 'random' (interval is empty)"},
        {"too many", TASK("math.random(1, 2, 3)"), NULL, FAILS "wrong number of arguments"},
    };
    PLAY_ROWS(rows);
    static const char loading[] = "local n = math.random(1000000)\n" TASK("print(n)");
    first = play_text(loading, &(struct play_options){.seed = 7});
    again = play_text(loading, &(struct play_options){.seed = 7});
    assert_string_equal(first.output, again.output);
    play_finish(&first);
    play_finish(&again);
}

static void output_is_captured(void **state)
{
    (void)state;
    static const struct play_row rows[] = {
        {"print", TASK("print(1, 1.0, 'x', nil, true, flow.null)"), "1\t1.0\tx\tnil\ttrue\tnull\n", ""},
        {"io.write chains", TASK("io.write('a', 1, 2.5):write('b')"), "a12.5b", ""},
        {"streams", TASK("io.stdout:write 'out' io.stderr:write 'err' io.stdout:flush()"), "outerr", ""},
        {"warn", TASK("warn('care', 'ful')"), "Lua warning: careful\n", ""},
        {"a table", TASK("io.write({})"), NULL,
            FAILS "bad argument #1 to 'write' (string expected, got table)"},
        {"closing", TASK("io.stdout:close()"), NULL, FAILS "a standard stream cannot be closed"},
    };
    PLAY_ROWS(rows);
}

static void code_made_of_text_stays_inside(void **state)
{
    (void)state;
    static const struct play_row rows[] = {
        {"load", TASK("print(load('return 1 + 1')())"), "2\n", ""},
        {"load sees what the file sees", TASK("print(load('return os.execute')() == os.execute)"), "true\n",
            ""},
        {"load with an environment", TASK("print(load('return x', 'c', 't', {x = 5})())"), "5\n", ""},
        {"bytecode", TASK("print(load('\\27Lua', 'c', 'b'))"),
            "nil\tattempt to load a binary chunk (mode is 't')\n", ""},
        {"dump", TASK("print(string.dump)"), "nil\n", ""},
        {"debug", TASK("print(debug.sethook, debug.getregistry, debug.traceback ~= nil)"), "nil\tnil\ttrue\n",
            ""},
        {"metatables", TASK("print(getmetatable(ctx), getmetatable(t), getmetatable(flow.map{}))"),
            "read-only\tread-only\tread-only\n", ""},
        {"package", TASK("print(package, _G.io == io)"), "nil\ttrue\n", ""},
    };
    PLAY_ROWS(rows);
}

static void arguments_of_the_command_line_are_there(void **state)
{
    (void)state;
    struct play play =
        play_text("local first = ...\n" TASK("print(first, arg[2], #arg, arg[0], flow.args == arg)"),
            &(struct play_options){.args = {"one", "two"}});
    assert_string_equal(play.output, "one\ttwo\t2\tt.lua\ttrue\n");
    play_finish(&play);
}

/* Not under the address sanitizer, which needs all the address space there is. */
static void running_out_of_memory_fails_the_task(void **state)
{
    (void)state;
#if !defined(__SANITIZE_ADDRESS__)
    struct rlimit before, tight;
    assert_int_equal(getrlimit(RLIMIT_AS, &before), 0);
    tight = before;
    tight.rlim_cur = 256u << 20;
    assert_int_equal(setrlimit(RLIMIT_AS, &tight), 0);
    struct play text = play_text(TASK("local s = 'x' while true do s = s .. s end"), NULL);
    struct play tables = play_text(TASK("local t = {} for i = 1, math.huge do t[i] = {} end"), NULL);
    assert_int_equal(setrlimit(RLIMIT_AS, &before), 0);
    assert_string_equal(text.error, "task 't' failed: not enough memory");
    assert_string_equal(tables.error, "task 't' failed: not enough memory");
    play_finish(&text);
    play_finish(&tables);
#endif
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocked_functions_name_the_word_that_allows_them),
        cmocka_unit_test(an_unknown_word_is_refused),
        cmocka_unit_test(what_would_differ_between_runs_does_not),
        cmocka_unit_test(dates_are_in_utc_and_the_clock_is_the_hosts),
        cmocka_unit_test(random_numbers_come_from_the_seed_and_are_recorded),
        cmocka_unit_test(output_is_captured),
        cmocka_unit_test(code_made_of_text_stays_inside),
        cmocka_unit_test(arguments_of_the_command_line_are_there),
        cmocka_unit_test(running_out_of_memory_fails_the_task),
    };
    if (argc != 2)
        return 2;
    play_plugin = argv[1];
    return RUN_TESTS(tests);
}
