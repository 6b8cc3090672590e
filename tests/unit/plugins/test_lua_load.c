/* From a file to workflows: repairing wiring lines, defining tasks, several workflows, modules. */
#include "tests/unit/plugins/lua_play.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Four tasks that print their names, on lines 1 to 4; what follows begins on line 5. */
#define ABCD                                                                                                 \
    "task.a = function() io.write 'a' end\ntask.b = function() io.write 'b' end\n"                           \
    "task.c = function() io.write 'c' end\ntask.d = function() io.write 'd' end\n"

static void wiring_is_a_statement(void **state)
{
    (void)state;
    static const struct play_row rows[] = {
        {"a chain", ABCD "a >> b >> c", "abc", ""},
        {"fan out and in", ABCD "a >> (b | c) >> d", "abcdd", ""},
        {"a list", ABCD "a >> {b, c}", "abc", ""},
        {"backwards", ABCD "c << b << a", "abc", ""},
        {"several lines", ABCD "a\n  >> b\n  >> c", "abc", ""},
        {"open end", ABCD "a >>\n  -- why\n  b", "ab", ""},
        {"a line in parentheses after another", ABCD "a >> b -- first\n\n(b | a) >> c", "abcc", ""},
        {"a line in parentheses first", ABCD "local x = 1\n(a | a) >> b", "ab", ""},
        {"a call on several lines",
            ABCD "task.e = function(k) io.write(k) end\ne{\n  task_id = 'f',\n  k = 'v',\n} >> b", "vb", ""},
        {"in a block", ABCD "if true then\n  a >> b\nend", "ab", ""},
        {"in a loop", ABCD "for _, t in ipairs{b, c} do\n  a >> t\nend", "abc", ""},
        {"the form that is always Lua", ABCD "if true then local _ = a >> b end flow.wire(b >> c)", "abc",
            ""},
        {"chains as operands", ABCD "a >> ((b >> c) | d)", "abdc", ""},
        {"an edge twice", ABCD "a >> b\na >> b", "ab", ""},
    };
    PLAY_ROWS(rows);
}

static void wiring_errors_say_what_is_wrong(void **state)
{
    (void)state;
#define NIL " is nil: is the task defined above this line, under that name?"
    static const struct play_row rows[] = {
        {"unknown right", ABCD "a >> x", NULL, "t.lua:5: wiring: the right side of >>" NIL},
        {"unknown left", ABCD "x >> a", NULL, "t.lua:5: wiring: the left side of >>" NIL},
        {"a number", ABCD "a >> 1", NULL, "t.lua:5: wiring: the right side of >> is a number, not a task"},
        {"an empty list", ABCD "a >> {}", NULL, "t.lua:5: wiring: the list beside >> is empty"},
        {"a list of others", ABCD "a >> {b, 1}", NULL,
            "t.lua:5: wiring: item 2 of the list beside >> is no task"},
        {"inside a line", ABCD "if true then a >> b end", NULL,
            "t.lua:5: syntax error near '>>' (a wiring begins its own line; anywhere else write: local _ = a "
            ">> b)"},
        {"a call by accident", ABCD "local x = a\n(b | c) >> d", NULL,
            "t.lua:5: a line that begins with '(' continues the line above it, so this calls task 'a': put a "
            "';' "
            "before the '('"},
    };
    PLAY_ROWS(rows);
}

static void errors_while_loading_have_file_and_line(void **state)
{
    (void)state;
    static const struct play_row rows[] = {
        {"syntax", "\n\nx y\n", NULL, "t.lua:3: syntax error near 'y'"},
        {"syntax after a repair", ABCD "a >> b\nfor", NULL, "t.lua:6: <name> expected near <eof>"},
        {"an error", "local x\nprint(x.y)", NULL, "t.lua:2: attempt to index a nil value (local 'x')"},
        {"an error as a table", "error{message = 'no data'}", NULL, "no data"},
        {"nothing in it", "", NULL,
            "t.lua defines no task: define one with task.NAME = function(ctx) ... end"},
        {"bytecode", "\33Lua", NULL, "attempt to load a binary chunk (mode is 't')"},
        {"#! line", "#!/usr/bin/env flowdbg\ntask.a = function() end x()", NULL,
            "t.lua:2: attempt to call a nil value (global 'x')"},
        {"byte order mark", "\xef\xbb\xbftask.a = function() print 'a' end", "a\n", ""},
    };
    PLAY_ROWS(rows);
    struct play play = play_file("/nowhere/at/all.lua", NULL);
    assert_string_equal(play.error, "cannot open '/nowhere/at/all.lua': No such file or directory");
    play_finish(&play);
}

static void tasks_are_defined_with_options(void **state)
{
    (void)state;
    static const struct play_row rows[] = {
        {"twice", "task.a = function() end\ntask.a = function() end", NULL,
            "task 'a' is defined at t.lua:1 and again at t.lua:2: ids are unique in a workflow"},
        {"an option that is none", "task.a = {retries = 2, function() end}", NULL,
            "t.lua:1: task: unknown option 'retries' (known: id, max_retries, max_cycles, join, defaults, "
            "inject_context, fn)"},
        {"a join that is none", "task.a = {join = 'any', function() end}", NULL,
            "t.lua:1: task: join takes \"all\" or \"each\""},
        {"a negative number", "task.a = {max_retries = -1, function() end}", NULL,
            "t.lua:1: task: max_retries takes a number from 0 on"},
        {"no function", "task.a = 3", NULL,
            "t.lua:1: task.a: takes a function or a table of options with a function, not a number"},
        {"no id", "task{function() end}", NULL,
            "t.lua:1: task: needs an id: task{id = \"NAME\", function(ctx) ... end}"},
        {"two ids", "task.a = {id = 'b', function() end}", NULL,
            "t.lua:1: task.a: this task has the id 'b' already"},
        {"a default of nothing", "task.a = {defaults = {q = 1}, function(ctx, p) end}", NULL,
            "t.lua:1: task 'a' has no parameter 'q' (it has: p)"},
        {"by id", "task{id = 'odd name', function(ctx) print(ctx.task_id, task['odd name']) end}",
            "odd name\tnil\n", ""},
        {"by a name in brackets", "task['odd name'] = function(ctx) print(task['odd name']) end",
            "task odd name\n", ""},
        {"a name of the library",
            "task.load = function() print 'mine' end\ntask.x = function() end\nload >> x", "mine\n", ""},
        {"join all", ABCD "task.d2 = {join = 'all', function() io.write 'D' end}\na >> (b | c) >> d2", "abcD",
            ""},
        {"inject_context", "task.a = {inject_context = true, function(self) print(self.task_id) end}", "a\n",
            ""},
        {"defaults", "task.a = {defaults = {n = 4}, function(n) print(n) end}", "4\n", ""},
        {"print is a task now", "task.print = function() print('x') end", NULL,
            "task 'print' failed: t.lua:1: 'print' is a task: calling it makes another one with bound "
            "arguments, "
            "print{task_id = \"x\", name = value}; to run it use ctx:next_task"},
    };
    PLAY_ROWS(rows);
}

static void arguments_are_bound_by_name(void **state)
{
    (void)state;
#define WORK "task.work = function(ctx, n) print(ctx.task_id, n) end\n"
    static const struct play_row rows[] = {
        {"with an id", WORK "work{task_id = 'w', n = 3}", "w\t3\n", ""},
        {"without", WORK "work{n = 1} >> work{n = 2}", "work_1\t1\nwork_2\t2\n", ""},
        {"named by assignment", WORK "task.w = work{n = 5}\ntask.z = function() end\nw >> z", "w\t5\n", ""},
        {"a parameter that is none", WORK "work{m = 1}", NULL,
            "t.lua:2: task 'work' has no parameter 'm' (it has: n)"},
        {"by position", WORK "work{1}", NULL,
            "t.lua:2: task 'work' takes its arguments by name: work{name = value}"},
        {"a value that cannot be", WORK "work{n = {1, nil, 2}}", NULL,
            "t.lua:2: work: n has a hole at [2]: a list counts 1, 2, 3, ... (flow.null fills a hole)"},
    };
    PLAY_ROWS(rows);
}

static void a_file_may_define_several_workflows(void **state)
{
    (void)state;
    static const char source[] = "task.shared = function() print 'shared' end\n"
                                 "workflow 'one' (function(wf)\n"
                                 "  task.start = function() print 'one' end\n"
                                 "  task.again = function() print(start) end\n"
                                 "  start >> again\n"
                                 "end)\n"
                                 "workflow('two', function(wf)\n"
                                 "  task.start = function() print 'two' end\n"
                                 "  start >> shared\n"
                                 "end)\n";
    struct play one = play_text(source, &(struct play_options){.workflow = "one"});
    struct play two = play_text(source, &(struct play_options){.workflow = "two"});
    assert_string_equal(one.output, "one\ntask start\n");
    assert_string_equal(two.output, "two\nshared\n");
    assert_null(strstr(one.events, "task added shared"));
    play_finish(&one);
    play_finish(&two);
    static const struct play_row rows[] = {
        {"the same name", "workflow 'a' (function() task.x = print end)\nworkflow 'a'", NULL,
            "t.lua:2: workflow 'a' is defined twice in this file"},
        {"without tasks", "workflow 'a' (function() end)", NULL,
            "workflow 'a' has no tasks: define one with task.NAME = function(ctx) ... end"},
        {"nested", "workflow 'a' (function()\nworkflow 'b' (function() end) end)", NULL,
            "t.lua:2: workflow 'b': inside the body of workflow 'a'"},
        {"wiring outside",
            ABCD
            "workflow 'x' (function(wf) wf:add(a) end)\nworkflow 'y' (function(wf) wf:add(b) end)\na >> b",
            NULL,
            "t.lua:7: wiring outside of a workflow's body: this file has several workflows, so wire inside "
            "the "
            "body of one"},
        {"no body", "workflow 'x' (1)", NULL,
            "t.lua:1: workflow 'x': takes its body: workflow \"x\" (function(wf) ... end)"},
        {"a start that is none", ABCD "workflow 'x' (function(wf) wf:execute('q') end)", NULL,
            "workflow 'x' is to start at 'q', which is no task of it"},
        {"a start", ABCD "workflow 'x' (function(wf) wf:start(b) end)", "b", ""},
        {"no workflow at all", ABCD "c >> d", "cd", ""},
    };
    PLAY_ROWS(rows);
}

static void a_task_that_is_only_a_mould_is_no_node(void **state)
{
    (void)state;
    struct play play =
        play_text("task.m = function(n) end\nm{task_id = 'x', n = 1} >> m{task_id = 'y', n = 2}", NULL);
    assert_null(strstr(play.events, "task added m "));
    assert_non_null(strstr(play.events, "task added x "));
    play_finish(&play);
}

static void write_text(const char *folder, const char *name, const char *text)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void modules_beside_the_file_can_be_required(void **state)
{
    (void)state;
    char folder[] = "/tmp/flow-lua-XXXXXX", path[128];
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/lib", folder);
    assert_int_equal(mkdir(path, 0700), 0);
    write_text(folder, "lib/util.lua", "task.b = function()\n  error('boom')\nend\nreturn {x = 5}");
    write_text(folder, "main.lua",
        "local u = require 'lib.util'\nassert(u.x == 5 and require 'lib.util' == u)\n"
        "task.a = function() end\na >> b\n");
    snprintf(path, sizeof path, "%s/main.lua", folder);
    struct play play = play_file(path, NULL);
    assert_string_equal(play.error, "task 'b' failed: lib/util.lua:2: boom");
    play_finish(&play);
    write_text(folder, "lib/util.lua", "require 'lib.util'");
    play = play_file(path, NULL);
    assert_string_equal(play.error, "lib/util.lua:1: require 'lib.util': the module requires itself");
    play_finish(&play);
    static const char *const files[] = {"lib/util.lua", "main.lua"};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, files[i]);
        unlink(path);
    }
    snprintf(path, sizeof path, "%s/lib", folder);
    rmdir(path);
    rmdir(folder);
    static const struct play_row rows[] = {
        {"missing", "require 'nowhere.x'", NULL, NULL},
        {"above", "require '../x'", NULL,
            "t.lua:1: require '../x': a module is named by letters, digits, _ and -, with dots between "
            "folders"},
        {"dots", "require '..x'", NULL,
            "t.lua:1: require '..x': a module is named by letters, digits, _ and -, with dots between "
            "folders"},
        {"inside a task", "task.a = function() require 'x' end", NULL,
            "task 'a' failed: t.lua:1: require 'x' inside a task: write it at the top of the file, so that "
            "its "
            "source is known before the run begins"},
    };
    PLAY_ROWS(rows);
}

static void the_source_is_kept_as_it_was_written(void **state)
{
    (void)state;
    struct flow_error err = FLOW_ERROR_INIT;
    struct flow_loader *loader = NULL;
    char folder[] = "/tmp/flow-lua-XXXXXX", path[64];
    const char *name, *text;
    size_t length;
    static const char source[] = "task.a = function() end\na >> a\n";
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/t.lua", folder);
    write_text(folder, "t.lua", source);
    assert_int_equal(flow_loader_create(&loader, &err), FLOW_OK);
    assert_int_equal(flow_loader_add_plugin(loader, play_plugin, &err), FLOW_OK);
    const struct flow_host_request request = {.size = sizeof request, .path = path, .allow = ""};
    assert_int_equal(flow_loader_open(loader, &request, &err), FLOW_OK);
    assert_int_equal(flow_loader_source_at(loader, 0, &name, &text, &length), FLOW_OK);
    assert_string_equal(name, "t.lua");
    assert_int_equal(length, sizeof source - 1);
    assert_memory_equal(text, source, length);
    flow_loader_destroy(loader);
    unlink(path);
    rmdir(folder);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wiring_is_a_statement),
        cmocka_unit_test(wiring_errors_say_what_is_wrong),
        cmocka_unit_test(errors_while_loading_have_file_and_line),
        cmocka_unit_test(tasks_are_defined_with_options),
        cmocka_unit_test(arguments_are_bound_by_name),
        cmocka_unit_test(a_file_may_define_several_workflows),
        cmocka_unit_test(a_task_that_is_only_a_mould_is_no_node),
        cmocka_unit_test(modules_beside_the_file_can_be_required),
        cmocka_unit_test(the_source_is_kept_as_it_was_written),
    };
    if (argc != 2)
        return 2;
    play_plugin = argv[1];
    return RUN_TESTS(tests);
}
