/* The context calls, dynamic tasks, errors of bodies and line notes. */
#include "tests/unit/plugins/lua_play.h"

#include <string.h>

#define TASK(body) "task.t = function(ctx)\n" body "\nend\n"
#define FAILS      "task 't' failed: "

static void next_task_takes_tasks_ids_and_goto_in_several_forms(void **state)
{
    (void)state;
#define TARGETS                                                                                              \
    "task.x = function() io.write 'x' end\ntask.s = function() io.write 's' end\n"                           \
    "workflow 'w' (function(wf)\n  wf:add(x)\n  t >> s\nend)\n"
    static const struct play_row rows[] = {
        {"a task", TASK("ctx:next_task(x)") TARGETS, "xs", ""},
        {"an id", TASK("ctx:next_task('x')") TARGETS, "xs", ""},
        {"a node", TASK("ctx:next_task(ctx.graph:get_node('x'))") TARGETS, "xs", ""},
        {"goto", TASK("ctx:next_task(x, 'goto')") TARGETS, "x", ""},
        {"true", TASK("ctx:next_task(x, true)") TARGETS, "x", ""},
        {"a table", TASK("ctx:next_task(x, {['goto'] = true})") TARGETS, "x", ""},
        {"false", TASK("ctx:next_task(x, false)") TARGETS, "xs", ""},
        {"another word", TASK("ctx:next_task(x, 'go')") TARGETS, NULL,
            FAILS "t.lua:2: ctx:next_task: what follows the task is \"goto\" or nothing"},
        {"nil", TASK("ctx:next_task(nil)"), NULL,
            FAILS
            "t.lua:2: ctx:next_task: takes a task or the id of one, not nil (is there a task of that name?)"},
        {"a number", TASK("ctx:next_task(1)"), NULL,
            FAILS "t.lua:2: ctx:next_task: takes a task or the id of one, not a number"},
        {"an unknown id", TASK("ctx:next_task('q')"), NULL,
            FAILS "t.lua:2: ctx:next_task: there is no task 'q' in the graph"},
        {"a dot", TASK("ctx.next_task(x)"), NULL, FAILS "t.lua:2: ctx:next_task(...) is called with a colon"},
        {"nodes",
            TASK("local n = ctx.graph:get_node('t')\nprint(n == t, n, ctx.graph:get_node('q'), "
                 "ctx.graph:has_node('t'))"),
            "true\ttask t\tnil\ttrue\n", ""},
    };
    PLAY_ROWS(rows);
}

static void tasks_are_made_while_running(void **state)
{
    (void)state;
    static const struct play_row rows[] = {
        {"by assignment", TASK("task.x = function(ctx) io.write(ctx.task_id) end ctx:next_task(x)"), "x", ""},
        {"by constructor",
            TASK("for i = 1, 3 do ctx:next_task(task{id = 'w' .. i, function() io.write(i) end}) end"), "123",
            ""},
        {"bound",
            "task.w = function(n) io.write(n) end\n" TASK("local a, b = w{n = 1}, w{n = 2} ctx:next_task(a) "
                                                          "ctx:next_task(b) ctx:next_task(a)") "t >> w{n = "
                                                                                               "3}",
            "1213", ""},
        {"wired",
            TASK("task.x = function() io.write 'x' end task.y = function() io.write 'y' end\n"
                 "local _ = x >> y\nctx:next_task(x)"),
            "xy", ""},
        {"again by the same task",
            TASK("local n = ctx.iteration\ntask.x = function() io.write(n) end ctx:next_task(x)\n"
                 "if n < 3 then ctx:next_iteration() end"),
            "223", NULL},
        {"by another task",
            "task.a = function(ctx) ctx:next_task(task{id = 'x', function() end}) end\n"
            "task.b = function(ctx) ctx:next_task(task{id = 'x', function() end}) end\na >> b",
            NULL, NULL},
        {"without an id", TASK("ctx:next_task(task{function() end})"), NULL,
            FAILS "t.lua:2: task: needs an id: task{id = \"NAME\", function(ctx) ... end}"},
        {"a workflow", TASK("workflow 'x'"), NULL,
            FAILS "t.lua:2: workflow: workflows are defined while the file loads, not by a task"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (strcmp(rows[i].name, "again by the same task") != 0)
            play_rows(&rows[i], 1, NULL);
    struct play again = play_text(rows[4].source, NULL);
    assert_non_null(strstr(again.events, "task redefined x"));
    assert_int_equal(again.outcome, FLOW_OUTCOME_COMPLETED);
    play_finish(&again);
    struct play other = play_text(rows[5].source, NULL);
    assert_int_equal(other.outcome, FLOW_OUTCOME_FAILED);
    assert_non_null(strstr(other.error, "t.lua:2"));
    assert_non_null(strstr(other.error, "'x'"));
    play_finish(&other);
}

static void a_file_can_be_run_twice(void **state)
{
    (void)state;
    static const char source[] = TASK("task.x = function() print 'x' end ctx:next_task(x) ctx:next_task(x)");
    struct play first = play_text(source, NULL), second = play_text(source, NULL);
    assert_string_equal(first.events, second.events);
    play_finish(&first);
    play_finish(&second);
}

static void iterations_carry_data_and_end(void **state)
{
    (void)state;
    static const struct play_row rows[] = {
        {"as ctx.data",
            TASK("io.write(ctx.iteration, ':', tostring(ctx.data), ' ')\n"
                 "if ctx.iteration < 3 then ctx:next_iteration({n = ctx.iteration}) end"),
            "1:nil 2:{n: 1} 3:{n: 2} ", ""},
        {"as the first parameter",
            "task.t = {defaults = {n = 0}, function(ctx, n) io.write(n) if n < 3 then ctx:next_iteration(n + "
            "1) end end}",
            "0123", ""},
        {"can_iterate",
            "task.t = {max_cycles = 2, function(ctx)\n"
            "io.write(ctx.cycle_count, '/', ctx.max_cycles, ' ') if ctx.can_iterate then "
            "ctx:next_iteration() end end}",
            "0/2 1/2 2/2 ", ""},
        {"twice",
            TASK("ctx:next_iteration()\nprint((select(2, pcall(ctx.next_iteration, "
                 "ctx))))\nctx:cancel_workflow('enough')"),
            NULL, "enough"},
        {"none", "task.t = {max_cycles = 0, function(ctx) print(ctx.can_iterate) end}", "false\n", ""},
    };
    PLAY_ROWS(rows);
    struct play play =
        play_text("task.t = {max_cycles = 1, function(ctx)\n"
                  "local ok, why = pcall(ctx.next_iteration, ctx) if not ok then print(why) end end}",
            NULL);
    assert_non_null(strstr(play.output, "cycle limit"));
    assert_int_equal(play.outcome, FLOW_OUTCOME_COMPLETED);
    play_finish(&play);
}

static void terminate_and_cancel_end_the_run(void **state)
{
    (void)state;
    struct play play = play_text(TASK("ctx:terminate_workflow('done') io.write 'on' return 5"), NULL);
    assert_int_equal(play.outcome, FLOW_OUTCOME_TERMINATED);
    assert_string_equal(play.error, "done");
    assert_string_equal(play.output, "on");
    play_finish(&play);
    play = play_text(TASK("ctx:cancel_workflow('no \\xff')"), NULL);
    assert_int_equal(play.outcome, FLOW_OUTCOME_CANCELLED);
    assert_string_equal(play.error, "no \\xff");
    play_finish(&play);
}

static void parameters_and_results_arrive(void **state)
{
    (void)state;
    static const struct play_row rows[] = {
        {"the result before",
            "task.a = function() return {1, 2} end\ntask.b = function(x) print(x) end\na >> b", "[1, 2]\n",
            ""},
        {"a channel key",
            "task.a = function(ctx) ctx.channel.n = 7 end\ntask.b = function(ctx, n) print(n) end\na >> b",
            "7\n", ""},
        {"get_result",
            "task.a = function() return 'r' end\n"
            "task.b = function(ctx) print(ctx:get_result('a'), ctx:get_result(a), ctx:get_result('q', 1)) "
            "end\na >> b",
            "r\tr\t1\n", ""},
        {"a context of another name",
            "task.a = function(context) print(context.task_id, context.step, context.attempt) end",
            "a\t1\t1\n", ""},
        {"input", TASK("print(ctx:input('reply', {1}))"), NULL, ""},
    };
    PLAY_ROWS(rows);
    struct play play = play_text(rows[4].source, NULL);
    assert_non_null(strstr(play.events, "input - 'reply' [1]\n"));
    play_finish(&play);
}

static void the_context_is_guarded(void **state)
{
    (void)state;
    static const struct play_row rows[] = {
        {"assigning", TASK("ctx.x = 1"), NULL,
            FAILS "t.lua:2: the context cannot be changed: what tasks share goes into the channel"},
        {"reading what is not there", TASK("print(ctx.chanel)"), NULL,
            FAILS "t.lua:2: ctx.chanel: the context has nothing of that name"},
        {"a key that is a method", TASK("ctx.channel.get = 1"), NULL,
            FAILS "t.lua:2: channel.get is a method: set such a key with channel:set(\"get\", value)"},
        {"such a key", TASK("ctx.channel:set('get', 1) print(ctx.channel:get('get'))"), "1\n", ""},
        {"a key that is no text", TASK("ctx.channel[1] = 1"), NULL,
            FAILS "t.lua:2: channel: takes text, not a number"},
        {"pairs of the channel",
            TASK("ctx.channel.z = 1 ctx.channel.a = 2\n"
                 "for k, v in pairs(ctx.channel) do io.write(k, v) ctx.channel.a = nil end"),
            "z1", ""},
    };
    PLAY_ROWS(rows);
}

static void errors_name_their_place(void **state)
{
    (void)state;
    static const struct {
        const char *name, *source, *error, *detail;
    } rows[] = {
        {"a text", "task.t = function()\n  local function f()\n    error('boom')\n  end\n  f()\nend",
            FAILS "t.lua:3: boom",
            "stack traceback:\n\t[C]: in function 'error'\n\tt.lua:3: in local 'f'\n\tt.lua:5: in function "
            "<t.lua:1>"},
        {"with arguments", "task.t = {defaults = {n = 1}, function(ctx, n)\n  error('boom')\nend}",
            FAILS "t.lua:2: boom",
            "stack traceback:\n\t[C]: in function 'error'\n\tt.lua:2: in function <t.lua:1>"},
        {"a table", TASK("error{kind = 'Timeout', message = 'no answer'}"), NULL, NULL},
        {"a table with __tostring",
            TASK("error(setmetatable({}, {__tostring = function() return 'odd' end}))"), FAILS "odd", NULL},
        {"nil", TASK("error()"), FAILS "nil", NULL},
        {"not UTF-8", TASK("error('\\xff\\0', 0)"), FAILS "\\xff\\x00", NULL},
        {"a result", "\ntask.t = function() return {[2] = 1} end", NULL, "t.lua:2"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct play play = play_text(rows[i].source, NULL);
        print_message("# %s\n", rows[i].name);
        assert_int_equal(play.outcome, FLOW_OUTCOME_FAILED);
        if (rows[i].error)
            assert_string_equal(play.error, rows[i].error);
        if (rows[i].detail)
            assert_string_equal(play.detail, rows[i].detail);
        play_finish(&play);
    }
    struct play play = play_text(rows[2].source, NULL);
    assert_non_null(strstr(play.events, "'Timeout: no answer'"));
    play_finish(&play);
    play = play_text(TASK("local function f() return f() + 1 end f()"), NULL);
    assert_non_null(strstr(play.error, "stack overflow"));
    play_finish(&play);
}

static void an_error_that_is_caught_is_none(void **state)
{
    (void)state;
    struct play play = play_text(TASK("print(pcall(error, 'x'))"), NULL);
    assert_int_equal(play.outcome, FLOW_OUTCOME_COMPLETED);
    assert_string_equal(play.output, "false\tx\n");
    assert_null(strstr(play.events, " error "));
    play_finish(&play);
}

static void retries_count_attempts(void **state)
{
    (void)state;
    struct play play = play_text("task.t = {max_retries = 2, function(ctx) io.write(ctx.attempt) if "
                                 "ctx.attempt < 3 then error('x') end end}",
        NULL);
    assert_string_equal(play.output, "123");
    assert_int_equal(play.outcome, FLOW_OUTCOME_COMPLETED);
    play_finish(&play);
}

static void lines_are_told_only_when_they_are_wanted(void **state)
{
    (void)state;
    static const char source[] = "local function twice(n)\n  return n * 2\nend\ntask.t = function(ctx)\n"
                                 "  local x = twice(2)\n  print(x)\nend\n";
    const uint64_t lines = 1ull << (FLOW_EV_SOURCE_LINE - FLOW_EV_FIRST_NOTE);
    struct play quiet = play_text(source, NULL);
    struct play told = play_text(source, &(struct play_options){.notes = lines});
    assert_null(strstr(quiet.events, "line"));
    const char *at = told.events;
    static const char *const expected[] = {"line - 't.lua' #5", "line - 't.lua' #2", "line - 't.lua' #6"};
    for (size_t i = 0; i < 3; i++) {
        at = strstr(at, expected[i]);
        assert_non_null(at);
    }
    assert_string_equal(told.output, quiet.output);
    play_finish(&quiet);
    play_finish(&told);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(next_task_takes_tasks_ids_and_goto_in_several_forms),
        cmocka_unit_test(tasks_are_made_while_running),
        cmocka_unit_test(a_file_can_be_run_twice),
        cmocka_unit_test(iterations_carry_data_and_end),
        cmocka_unit_test(terminate_and_cancel_end_the_run),
        cmocka_unit_test(parameters_and_results_arrive),
        cmocka_unit_test(the_context_is_guarded),
        cmocka_unit_test(errors_name_their_place),
        cmocka_unit_test(an_error_that_is_caught_is_none),
        cmocka_unit_test(retries_count_attempts),
        cmocka_unit_test(lines_are_told_only_when_they_are_wanted),
    };
    if (argc != 2)
        return 2;
    play_plugin = argv[1];
    return RUN_TESTS(tests);
}
