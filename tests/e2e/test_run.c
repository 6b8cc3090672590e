/* flowdbg without a terminal: the page's examples say what the page says, and end with the right exit code.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/e2e/command.h"

static const char *const flowdbg = "tui/flowdbg";

static const struct {
    const char *workflow, *out;
    int status;
    const char *err; /* NULL: nothing */
} examples[] = {
    {"enqueue_demo", "Main processing\nExtra logging task\nNormal continuation\n", 0, NULL},
    {"optimization",
        "Iteration 0: accuracy=0.65\nIteration 1: accuracy=0.78\nIteration 2: accuracy=0.88\n"
        "Iteration 3: accuracy=0.96\nConverged!\n",
        0, NULL},
    {"validation", "", 3, "Data validation failed"},
};

static const char *lua_example(const char *workflow)
{
    char path[256];
    snprintf(path, sizeof path, "plugins/examples/page/%s.lua", workflow);
    return term_source_path(path);
}

static void lua_examples_print_what_the_page_says(void **state)
{
    for (size_t i = 0; i < sizeof examples / sizeof *examples; i++)
        command_assert(examples[i].status, examples[i].out, examples[i].err, term_build_path(flowdbg), "run",
            lua_example(examples[i].workflow));
}

static void native_examples_print_what_the_page_says(void **state)
{
    for (size_t i = 0; i < sizeof examples / sizeof *examples; i++)
        command_assert(examples[i].status, examples[i].out, examples[i].err, term_build_path(flowdbg), "run",
            "--workflow", examples[i].workflow, term_build_path("plugins/examples/native/page.so"));
}

static void a_cache_hit_ends_the_run_as_a_success(void **state)
{
    struct command lua = command_run(term_build_path(flowdbg), "run", lua_example("caching"));
    struct command native = command_run(term_build_path(flowdbg), "run", "--workflow", "caching",
        term_build_path("plugins/examples/native/page.so"));
    assert_int_equal(lua.status, 0);
    assert_true(strncmp(lua.out, "Cache hit: ", 11) == 0);
    assert_null(strstr(lua.out, "Expensive processing"));
    assert_string_equal(lua.out, native.out);
    assert_int_equal(native.status, 0);
    command_finish(&lua);
    command_finish(&native);
}

/* Both branches of the first example, chosen by the seed; the same seed chooses the same branch. */
static void the_seed_chooses_the_branch(const char *const *file)
{
    static const char *const branches[] = {
        "Operation succeeded\nContinuing normal flow\n", "Emergency handler activated!\n"};
    const char *program = term_build_path(flowdbg); /* once: these paths live in a small ring */
    int seen[2] = {0, 0};
    for (int seed = 1; seed <= 20; seed++) {
        char text[16];
        snprintf(text, sizeof text, "%d", seed);
        for (int again = 0; again < 2; again++) {
            struct command c = command_run(program, "run", "--seed", text, file[0], file[1], file[2]);
            int branch = strcmp(c.out, branches[1]) == 0;
            assert_string_equal(c.out, branches[branch]);
            assert_int_equal(c.status, 0);
            assert_true(again == 0 || seen[branch] % 2 == 1);
            seen[branch]++;
            command_finish(&c);
        }
    }
    assert_true(seen[0] > 0 && seen[1] > 0);
}

static void the_seed_chooses_the_branch_in_lua(void **state)
{
    the_seed_chooses_the_branch((const char *const[]){lua_example("error_handling"), NULL, NULL});
}

static void the_seed_chooses_the_branch_in_c(void **state)
{
    the_seed_chooses_the_branch((const char *const[]){
        "--workflow", "error_handling", term_build_path("plugins/examples/native/page.so")});
}

/* Writes a batch script into the build folder, which is the test's own. */
static const char *script(const char *text)
{
    static char path[4096];
    snprintf(path, sizeof path, "%s.%d", term_build_path("tests/e2e/batch"), (int)getpid());
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
    return path;
}

static void a_batch_script_ends_with_the_code_of_what_happened(void **state)
{
    static const struct {
        const char *workflow, *script;
        int status;
    } rows[] = {
        {"enqueue_demo", "next\n", 5},
        {"enqueue_demo", "continue\n", 0},
        {"enqueue_demo", "next\nnonsense\ncontinue\n", 2},
        {"enqueue_demo", "next\ncancel enough of it\n", 3},
        {"enqueue_demo", "next\nterminate enough of it\n", 0},
        {"validation", "continue\n", 3},
        {"enqueue_demo", "# nothing\n\nbreak continuation\ncontinue\n", 5},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct command c = command_run(
            term_build_path(flowdbg), "--batch", "-x", script(rows[i].script), lua_example(rows[i].workflow));
        if (c.status != rows[i].status)
            fail_msg("script '%s': status %d, wanted %d\n%s%s", rows[i].script, c.status, rows[i].status,
                c.out, c.err);
        command_finish(&c);
    }
    unlink(script(""));
}

static void a_failing_command_is_named_with_its_line(void **state)
{
    struct command c = command_run(
        term_build_path(flowdbg), "--batch", "-x", script("next\nnxet\n"), lua_example("enqueue_demo"));
    assert_int_equal(c.status, 2);
    assert_non_null(strstr(c.err, ":2:"));
    assert_non_null(strstr(c.err, "nxet"));
    command_finish(&c);
    unlink(script(""));
}

static void what_cannot_be_loaded_is_a_usage_error(void **state)
{
    static const struct {
        const char *file, *err;
    } rows[] = {
        {"no/such/file.lua", "no/such/file.lua"},
        {"/dev/null", "/dev/null"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        command_assert(2, "", rows[i].err, term_build_path(flowdbg), "run", rows[i].file);
    command_assert(2, "", "--no-such-option", term_build_path(flowdbg), "--no-such-option", "x.lua");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        term_test(lua_examples_print_what_the_page_says),
        term_test(native_examples_print_what_the_page_says),
        term_test(a_cache_hit_ends_the_run_as_a_success),
        term_test(the_seed_chooses_the_branch_in_lua),
        term_test(the_seed_chooses_the_branch_in_c),
        term_test(a_batch_script_ends_with_the_code_of_what_happened),
        term_test(a_failing_command_is_named_with_its_line),
        term_test(what_cannot_be_loaded_is_a_usage_error),
    };
    return TERM_RUN_TESTS(tests);
}
