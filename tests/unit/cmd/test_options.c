#include "tests/unit/test.h"

#include <stdio.h>
#include <string.h>

#include "tui/cmd/options.h"

#define WORDS_MAX 12

static const struct {
    const char *words[WORDS_MAX];
    enum cli_mode mode;
    const char *refused; /* words of the message; NULL: accepted */
} rows[] = {
    {{"f.lua"}, CLI_SCREEN, NULL},
    {{"run", "f.lua"}, CLI_RUN, NULL},
    {{"--no-tui", "f.lua"}, CLI_REPL, NULL},
    {{"--batch", "-x", "s", "f.lua"}, CLI_BATCH, NULL},
    {{"f.lua", "--batch", "-x", "s"}, CLI_BATCH, NULL},
    {{"--help"}, CLI_HELP, NULL},
    {{"--help", "--batch", "--nonsense"}, CLI_HELP, NULL},
    {{"run", "--help"}, CLI_HELP, NULL},
    {{"-V"}, CLI_VERSION, NULL},
    {{"./run"}, CLI_SCREEN, NULL},
    {{NULL}, CLI_SCREEN, "which workflow?"},
    {{"run"}, CLI_RUN, "which workflow? flowdbg run FILE"},
    {{"--", "f.lua"}, CLI_SCREEN, "which workflow?"},
    {{"f.lua", "g.lua"}, CLI_SCREEN, "one workflow at a time: 'g.lua'"},
    {{"--seed", "x", "f.lua"}, CLI_SCREEN, "--seed: 'x' is not a whole number"},
    {{"--seed=-1", "f.lua"}, CLI_SCREEN, "not a whole number"},
    {{"--seed", "99999999999999999999", "f.lua"}, CLI_SCREEN, "not a whole number"},
    {{"--seed"}, CLI_SCREEN, "--seed needs a value"},
    {{"--max-steps", "0", "f.lua"}, CLI_SCREEN, "at least one step"},
    {{"--set", "x", "f.lua"}, CLI_SCREEN, "--set: 'x' is not KEY=VALUE"},
    {{"--set", "x=bob", "f.lua"}, CLI_SCREEN,
        "needs quotes, and the shell takes one pair away: --set 'x=\"bob\"'"},
    {{"--set", "=1", "f.lua"}, CLI_SCREEN, "is not KEY=VALUE"},
    {{"--profile", "strict", "f.lua"}, CLI_SCREEN, "there is no profile 'strict': documented or package"},
    {{"--timeout", "soon", "f.lua"}, CLI_SCREEN, "'soon' is not a time"},
    {{"--timeout", "-1", "f.lua"}, CLI_SCREEN, "not a time"},
    {{"--output-limit", "0", "f.lua"}, CLI_SCREEN, "not a size"},
    {{"--output-limit", "5X", "f.lua"}, CLI_SCREEN, "not a size"},
    {{"--env", "NAME", "f.lua"}, CLI_SCREEN, "is not NAME=VALUE"},
    {{"--allow", "io,net", "f.lua"}, CLI_SCREEN, "'net' cannot be allowed"},
    {{"--seeed", "1", "f.lua"}, CLI_SCREEN, "there is no option --seeed; did you mean --seed?"},
    {{"--frobnicate", "f.lua"}, CLI_SCREEN, "there is no option --frobnicate"},
    {{"-Q", "f.lua"}, CLI_SCREEN, "there is no option -Q"},
    {{"--raw=yes", "run", "f.lua"}, CLI_SCREEN, "--raw takes no value"},
    {{"--raw", "f.lua"}, CLI_SCREEN, "--raw has no meaning here: it belongs to flowdbg run"},
    {{"run", "--batch", "f.lua"}, CLI_RUN, "--batch has no meaning for flowdbg run"},
    {{"rnu", "f.lua"}, CLI_SCREEN, "there is no command 'rnu'; did you mean: flowdbg run f.lua"},
    {{"run", "rnu"}, CLI_RUN, NULL},
    {{"version"}, CLI_SCREEN, "did you mean --version?"},
    {{"--t", "f.lua"}, CLI_SCREEN, "--t is ambiguous: --timeout, --task-timeout, --trace"},
    {{"--mouse", "f.lua"}, CLI_SCREEN, "did you mean --no-mouse?"},
    {{"-tr", "f.lua"}, CLI_SCREEN, "there is no option -r, in '-tr'"},
    {{"graph", "f.edges"}, CLI_GRAPH, NULL},
    {{"graph", "-"}, CLI_GRAPH, NULL},
    {{"graph", "--zoom=dot", "--direction=right", "--width=80", "f.lua"}, CLI_GRAPH, NULL},
    {{"graph"}, CLI_GRAPH, "which workflow? flowdbg graph FILE"},
    {{"graph", "--zoom", "big", "f.lua"}, CLI_GRAPH, "--zoom: there is no zoom 'big': box, line or dot"},
    {{"graph", "--direction", "up", "f.lua"}, CLI_GRAPH, "there is no direction 'up': down or right"},
    {{"graph", "--width", "0", "f.lua"}, CLI_GRAPH, "--width: '0' is no number of columns"},
    {{"graph", "--record", "r", "f.lua"}, CLI_GRAPH, "--record has no meaning for flowdbg graph"},
    {{"--layout-json", "f.lua"}, CLI_SCREEN, "no meaning here: it belongs to flowdbg graph"},
    {{"grahp", "f.lua"}, CLI_SCREEN, "did you mean: flowdbg graph f.lua"},
    {{"run", "-x", "s", "f.lua"}, CLI_RUN, "--command has no meaning for flowdbg run"},
};

/* argv may be moved about: each parse gets a copy. */
static int parse(const char *const *words, struct cli_options *options, struct flow_error *err)
{
    static char *argv[WORDS_MAX + 2];
    int argc = 1;
    argv[0] = (char *)"flowdbg";
    for (; argc <= WORDS_MAX && words[argc - 1]; argc++)
        argv[argc] = (char *)words[argc - 1];
    argv[argc] = NULL;
    return cli_options_parse(options, argc, argv, err);
}

static void command_lines_are_understood_or_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct flow_error err = FLOW_ERROR_INIT;
        struct cli_options options;
        int status = parse(rows[i].words, &options, &err);
        if (rows[i].refused ? status >= 0 || !strstr(err.text, rows[i].refused)
                            : status < 0 || options.mode != rows[i].mode)
            fail_msg("row %zu (%s ...): status %d, mode %d, '%s'", i, rows[i].words[0], status, options.mode,
                err.text);
        cli_options_finish(&options);
    }
}

static void options_reach_the_configuration(void **state)
{
    static const char *const words[WORDS_MAX] = {"run", "-w", "etl", "f.lua", "--set", "a=[1]",
        "--timeout=1.5s", "--task-timeout=250ms", "--env=K=V=W", "--", "--seed", "9"};
    struct flow_error err = FLOW_ERROR_INIT;
    struct cli_options options;
    (void)state;
    assert_int_equal(parse(words, &options, &err), FLOW_OK);
    assert_string_equal(options.config.file, "f.lua");
    assert_string_equal(options.config.workflow, "etl");
    assert_int_equal(options.config.run_timeout_ms, 1500);
    assert_int_equal(options.config.task_timeout_ms, 250);
    assert_int_equal(options.config.channel_count, 1);
    assert_string_equal(options.config.env[0], "K=V=W");
    assert_int_equal(options.config.arg_count, 2); /* what follows -- is the workflow's */
    assert_string_equal(options.config.args[0], "--seed");
    assert_int_equal(options.config.seed, 0);
    assert_true(options.config.is_output_passed_on);
    cli_options_finish(&options);
}

static void sizes_have_units(void **state)
{
    static const struct {
        const char *text;
        uint64_t bytes;
    } sizes[] = {{"1000", 1000}, {"64K", 65536}, {"64k", 65536}, {"2M", 2 << 20}, {"3G", 3ull << 30}};
    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        const char *const words[WORDS_MAX] = {"--output-limit", sizes[i].text, "f.lua"};
        struct cli_options options;
        assert_int_equal(parse(words, &options, NULL), FLOW_OK);
        assert_int_equal(options.config.output_limit, sizes[i].bytes);
        cli_options_finish(&options);
    }
}

static void help_fits_a_terminal(void **state)
{
    struct str text = {0};
    (void)state;
    cli_help(&text, CLI_EVERYWHERE);
    assert_non_null(strstr(str_text(&text), "--task-timeout=TIME"));
    for (const char *line = str_text(&text); *line; line += strcspn(line, "\n") + 1) {
        if (strcspn(line, "\n") > 90)
            fail_msg("too long: %.*s", (int)strcspn(line, "\n"), line);
    }
    str_finish(&text);
}

static void help_names_every_option_of_its_form(void **state)
{
    static const unsigned places[] = {CLI_EVERYWHERE, CLI_IN_RUN, CLI_IN_DEBUG, CLI_IN_GRAPH, CLI_IN_REPLAY};
    size_t count;
    const struct cli_option *options = cli_option_table(&count);
    for (size_t place = 0; place < sizeof places / sizeof *places; place++) {
        struct str text = {0};
        cli_help(&text, places[place]);
        for (size_t i = 0; i < count; i++) {
            char name[64];
            snprintf(name, sizeof name, "--%s%s", options[i].name, options[i].argument ? "=" : " ");
            if (!strstr(str_text(&text), name) != !(options[i].where & places[place]))
                fail_msg("help of %u: %s", places[place], name);
        }
        str_finish(&text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(command_lines_are_understood_or_refused),
        cmocka_unit_test(options_reach_the_configuration),
        cmocka_unit_test(sizes_have_units),
        cmocka_unit_test(help_fits_a_terminal),
        cmocka_unit_test(help_names_every_option_of_its_form),
    };
    return RUN_TESTS(tests);
}
