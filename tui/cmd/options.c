#include "tui/cmd/options.h"

#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "debug/json.h"

/* Where an option counts. */
enum { IN_RUN = 1, IN_DEBUG = 2, IN_BATCH = 4, EVERYWHERE = 7 };

struct option_row {
    const char *name;
    char letter;          /* 0: none */
    const char *argument; /* NULL: takes none */
    unsigned where;
    const char *help;
    int (*take)(struct cli_options *options, const char *text, struct flow_error *err);
};

static int parse_u64(const char *text, uint64_t *out, struct flow_error *err)
{
    char *end;
    errno = 0;
    uint64_t number = strtoull(text, &end, 0);
    if (*text < '0' || *text > '9' || *end || errno)
        return flow_error_set(err, FLOW_EINVAL, "'%s' is not a whole number", text);
    *out = number;
    return FLOW_OK;
}

/* "10", "1.5s", "500ms", "2m": seconds without a unit. */
static int parse_duration(const char *text, uint64_t *out_ms, struct flow_error *err)
{
    static const struct {
        const char *unit;
        double ms;
    } units[] = {{"", 1000}, {"s", 1000}, {"ms", 1}, {"m", 60000}, {"min", 60000}, {"h", 3600000}};
    char *end;
    double number = strtod(text, &end);
    for (size_t i = 0; end != text && i < sizeof units / sizeof *units; i++) {
        double ms = number * units[i].ms;
        if (strcmp(end, units[i].unit) == 0 && isfinite(ms) && ms > 0 && ms < 1e15) {
            *out_ms = ms < 1 ? 1 : (uint64_t)ms;
            return FLOW_OK;
        }
    }
    return flow_error_set(err, FLOW_EINVAL, "'%s' is not a time: 10, 1.5s, 500ms, 2m", text);
}

/* "1000", "64K", "64M", "1G". */
static int parse_size(const char *text, uint64_t *out, struct flow_error *err)
{
    static const char units[] = "KMG";
    char *end;
    errno = 0;
    uint64_t number = strtoull(text, &end, 10);
    const char *unit = *end ? strchr(units, *end & ~0x20) : NULL;
    unsigned shift = unit ? 10 * (unsigned)(unit - units + 1) : 0;
    bool is_size = *text >= '0' && *text <= '9' && !errno && (!*end || (unit && !end[1]));
    if (!is_size || number == 0 || number > UINT64_MAX >> shift)
        return flow_error_set(err, FLOW_EINVAL, "'%s' is not a size: 1000, 64K, 64M, 1G", text);
    *out = number << shift;
    return FLOW_OK;
}

static int take_seed(struct cli_options *o, const char *text, struct flow_error *err)
{
    return parse_u64(text, &o->config.seed, err);
}

static int take_max_steps(struct cli_options *o, const char *text, struct flow_error *err)
{
    int status = parse_u64(text, &o->config.max_steps, err);
    if (status == FLOW_OK && o->config.max_steps == 0)
        status = flow_error_set(err, FLOW_EINVAL, "a run needs at least one step");
    return status;
}

static int take_start(struct cli_options *o, const char *text, struct flow_error *err)
{
    o->config.start = text;
    return FLOW_OK;
}

static int take_workflow(struct cli_options *o, const char *text, struct flow_error *err)
{
    o->config.workflow = text;
    return FLOW_OK;
}

static int take_profile(struct cli_options *o, const char *text, struct flow_error *err)
{
    for (unsigned i = 0; i <= FLOW_PROFILE_PACKAGE; i++) {
        if (strcmp(text, flow_profile_name(i)) == 0) {
            o->config.profile = (enum flow_profile)i;
            return FLOW_OK;
        }
    }
    return flow_error_set(err, FLOW_EINVAL, "there is no profile '%s': documented or package", text);
}

static int take_set(struct cli_options *o, const char *text, struct flow_error *err)
{
    const char *equals = strchr(text, '=');
    struct flow_member member = {flow_null(), flow_null()};
    if (!equals || equals == text)
        return flow_error_set(err, FLOW_EINVAL, "'%s' is not KEY=VALUE", text);
    int status = flow_string_create(&member.key, text, (size_t)(equals - text));
    if (status < 0)
        return flow_error_set(err, status, "'%s': the key is not valid UTF-8", text);
    status = dbg_value_parse(equals + 1, strlen(equals + 1), &member.value, err);
    if (status == FLOW_OK && vec_push(&o->channel, member) == FLOW_OK)
        return FLOW_OK;
    flow_value_unref(member.key);
    flow_value_unref(member.value);
    return status < 0 ? status : flow_error_set(err, FLOW_ENOMEM, "out of memory");
}

static int take_cwd(struct cli_options *o, const char *text, struct flow_error *err)
{
    o->config.cwd = text;
    return FLOW_OK;
}

static int take_env(struct cli_options *o, const char *text, struct flow_error *err)
{
    if (!strchr(text, '=') || *text == '=')
        return flow_error_set(err, FLOW_EINVAL, "'%s' is not NAME=VALUE", text);
    return vec_push(&o->env, text) < 0 ? flow_error_set(err, FLOW_ENOMEM, "out of memory") : FLOW_OK;
}

static int take_stdin(struct cli_options *o, const char *text, struct flow_error *err)
{
    o->config.input = text;
    return FLOW_OK;
}

static int take_allow(struct cli_options *o, const char *text, struct flow_error *err)
{
    static const char *const known[] = {"io", "os", "clock"};
    for (const char *word = text; *word; word += strcspn(word, ","), word += *word == ',') {
        bool is_known = false;
        for (size_t i = 0; i < sizeof known / sizeof *known; i++)
            is_known = is_known || (strcspn(word, ",") == strlen(known[i]) &&
                                       strncmp(word, known[i], strlen(known[i])) == 0);
        if (!is_known)
            return flow_error_set(err, FLOW_EINVAL,
                "'%.*s' cannot be allowed: io, os or clock, with commas between", (int)strcspn(word, ","),
                word);
    }
    o->config.allow = text;
    return FLOW_OK;
}

static int take_timeout(struct cli_options *o, const char *text, struct flow_error *err)
{
    return parse_duration(text, &o->config.run_timeout_ms, err);
}

static int take_task_timeout(struct cli_options *o, const char *text, struct flow_error *err)
{
    return parse_duration(text, &o->config.task_timeout_ms, err);
}

static int take_plugin(struct cli_options *o, const char *text, struct flow_error *err)
{
    return vec_push(&o->plugins, text) < 0 ? flow_error_set(err, FLOW_ENOMEM, "out of memory") : FLOW_OK;
}

static int take_record(struct cli_options *o, const char *text, struct flow_error *err)
{
    o->config.record = text;
    return FLOW_OK;
}

static int take_output_limit(struct cli_options *o, const char *text, struct flow_error *err)
{
    return parse_size(text, &o->config.output_limit, err);
}

static int take_raw(struct cli_options *o, const char *text, struct flow_error *err)
{
    o->is_raw = true;
    return FLOW_OK;
}

static int take_trace(struct cli_options *o, const char *text, struct flow_error *err)
{
    o->is_tracing = true;
    return FLOW_OK;
}

static int take_no_tui(struct cli_options *o, const char *text, struct flow_error *err)
{
    if (o->mode == CLI_SCREEN)
        o->mode = CLI_REPL;
    return FLOW_OK;
}

static int take_batch(struct cli_options *o, const char *text, struct flow_error *err)
{
    o->mode = CLI_BATCH;
    return FLOW_OK;
}

static int take_script(struct cli_options *o, const char *text, struct flow_error *err)
{
    return vec_push(&o->scripts, text) < 0 ? flow_error_set(err, FLOW_ENOMEM, "out of memory") : FLOW_OK;
}

static int take_ascii(struct cli_options *o, const char *text, struct flow_error *err)
{
    o->is_ascii = true;
    return FLOW_OK;
}

static int take_no_color(struct cli_options *o, const char *text, struct flow_error *err)
{
    o->is_colourless = true;
    return FLOW_OK;
}

static int take_no_mouse(struct cli_options *o, const char *text, struct flow_error *err)
{
    o->is_mouseless = true;
    return FLOW_OK;
}

static int take_help(struct cli_options *o, const char *text, struct flow_error *err)
{
    o->mode = CLI_HELP;
    return FLOW_OK;
}

static int take_version(struct cli_options *o, const char *text, struct flow_error *err)
{
    o->mode = CLI_VERSION;
    return FLOW_OK;
}

static const struct {
    const char *title;
    struct option_row rows[12];
} groups[] = {
    {"The run",
        {{"workflow", 'w', "NAME", EVERYWHERE, "which workflow, where FILE defines several", take_workflow},
            {"start", 0, "TASK", EVERYWHERE, "the task to start with", take_start},
            {"set", 's', "KEY=VALUE", EVERYWHERE, "put a value into the channel first; VALUE is JSON",
                take_set},
            {"seed", 0, "N", EVERYWHERE, "seed of random numbers (0)", take_seed},
            {"max-steps", 0, "N", EVERYWHERE, "end with 'step limit' after N steps (10000)", take_max_steps},
            {"profile", 0, "NAME", EVERYWHERE, "documented (default) or package: which rules", take_profile},
            {"timeout", 0, "TIME", EVERYWHERE, "time for the run, pauses not counted: 10, 500ms, 2m",
                take_timeout},
            {"task-timeout", 0, "TIME", EVERYWHERE, "time for one step", take_task_timeout}}},
    {"Its surroundings",
        {{"cwd", 'C', "FOLDER", EVERYWHERE, "folder it works in", take_cwd},
            {"env", 0, "NAME=VALUE", EVERYWHERE, "an environment variable", take_env},
            {"stdin", 0, "FILE", EVERYWHERE, "its standard input (/dev/null)", take_stdin},
            {"allow", 0, "LIST", EVERYWHERE, "what a Lua workflow may touch: io,os,clock", take_allow},
            {"plugin", 'p', "PATH", EVERYWHERE, "load this plugin; FLOWDBG_PLUGIN_PATH names folders",
                take_plugin}}},
    {"What is kept", {{"record", 'o', "FILE", EVERYWHERE, "keep the trace", take_record},
                         {"output-limit", 0, "SIZE", IN_DEBUG | IN_BATCH,
                             "how much of what tasks print is kept (64M)", take_output_limit}}},
    {"flowdbg run",
        {{"trace", 't', NULL, IN_RUN, "one line an event on standard error", take_trace},
            {"raw", 0, NULL, IN_RUN, "pass control characters to a terminal as they are", take_raw}}},
    {"The debugger",
        {{"no-tui", 0, NULL, IN_DEBUG, "a command line instead of the screen", take_no_tui},
            {"batch", 0, NULL, IN_DEBUG | IN_BATCH, "run scripts (or standard input) and leave", take_batch},
            {"command", 'x', "FILE", IN_DEBUG | IN_BATCH, "commands to begin with; may be given again",
                take_script},
            {"ascii", 0, NULL, IN_DEBUG, "no line drawing characters", take_ascii},
            {"no-color", 0, NULL, IN_DEBUG, "no colours, as NO_COLOR=1", take_no_color},
            {"no-mouse", 0, NULL, IN_DEBUG, "leave the mouse to the terminal", take_no_mouse},
            {"help", 'h', NULL, EVERYWHERE, "this text", take_help},
            {"version", 'V', NULL, EVERYWHERE, "the version", take_version}}},
};
#define GROUP_COUNT (sizeof groups / sizeof *groups)
#define ROWS_MAX    (GROUP_COUNT * 12)

void cli_help(struct str *out)
{
    str_add(out, "Usage: flowdbg [OPTIONS] FILE [-- ARGS...]        debug a workflow in the terminal\n"
                 "       flowdbg run [OPTIONS] FILE [-- ARGS...]    run it and show what its tasks print\n"
                 "\n"
                 "FILE is a workflow in Lua (.lua), a native plugin (.so), or what another plugin loads.\n");
    for (size_t g = 0; g < GROUP_COUNT; g++) {
        str_addf(out, "\n%s:\n", groups[g].title);
        for (const struct option_row *row = groups[g].rows; row->name; row++) {
            char letter[] = "    ";
            if (row->letter)
                memcpy(letter, (char[]){'-', row->letter, ',', ' '}, 4);
            int used = (int)(strlen(row->name) + (row->argument ? strlen(row->argument) + 1 : 0));
            str_addf(out, "  %s--%s%s%s%*s  %s\n", letter, row->name, row->argument ? "=" : "",
                row->argument ? row->argument : "", used < 20 ? 20 - used : 0, "", row->help);
        }
    }
    str_add(out, "\nExit codes: 0 completed or terminated, 1 failed (also blocked, step limit, timed out),\n"
                 "2 usage, loading, or a command of a script failed, 3 cancelled or killed, 4 crashed,\n"
                 "5 a script ended with the run unfinished.\n");
}

/* getopt's view of the table. Codes: 256 + place in rows. */
struct getopt_table {
    const struct option_row *rows[ROWS_MAX];
    struct option options[ROWS_MAX + 1];
    char letters[ROWS_MAX * 2 + 2];
};

static void make_getopt_table(struct getopt_table *table)
{
    size_t count = 0, letters = 0;
    table->letters[letters++] = ':'; /* errors are ours to tell */
    for (size_t g = 0; g < GROUP_COUNT; g++) {
        for (const struct option_row *row = groups[g].rows; row->name; row++) {
            table->rows[count] = row;
            table->options[count] = (struct option){
                row->name, row->argument ? required_argument : no_argument, NULL, 256 + (int)count};
            if (row->letter)
                table->letters[letters++] = row->letter;
            if (row->letter && row->argument)
                table->letters[letters++] = ':';
            count++;
        }
    }
    table->options[count] = (struct option){0};
    table->letters[letters] = '\0';
}

static const struct option_row *find_row(const struct getopt_table *table, int code)
{
    if (code >= 256)
        return table->rows[code - 256];
    for (size_t i = 0; table->options[i].name; i++) {
        if (table->rows[i]->letter == code)
            return table->rows[i];
    }
    return NULL;
}

/* What getopt did not like, in words. */
static int refuse(const struct getopt_table *table, int code, char **argv, struct flow_error *err)
{
    const char *given = optind > 0 ? argv[optind - 1] : "";
    if (code == ':')
        return flow_error_set(err, FLOW_EINVAL, "%s needs a value (see flowdbg --help)", given);
    if (optopt >= 256)
        return flow_error_set(
            err, FLOW_EINVAL, "--%s takes no value (see flowdbg --help)", table->rows[optopt - 256]->name);
    if (optopt)
        return flow_error_set(err, FLOW_EINVAL, "there is no option -%c (see flowdbg --help)", optopt);
    const char *nearest = NULL;
    size_t length = strcspn(given, "=");
    char word[64] = "";
    if (length > 2 && length < sizeof word)
        memcpy(word, given + 2, length - 2), word[length - 2] = '\0';
    unsigned best = 3;
    for (size_t i = 0; table->options[i].name; i++) {
        unsigned distance = edit_distance(word, table->options[i].name, 2);
        if (distance < best) {
            best = distance;
            nearest = table->options[i].name;
        }
    }
    if (nearest)
        return flow_error_set(
            err, FLOW_EINVAL, "there is no option %.*s; did you mean --%s?", (int)length, given, nearest);
    return flow_error_set(err, FLOW_EINVAL,
        "there is no option %.*s, or it is ambiguous (see flowdbg --help)", (int)length, given);
}

static int take_option(struct cli_options *o, const struct option_row *row, struct flow_error *err)
{
    if (row->take(o, optarg, err) < 0)
        return flow_error_prefix(err, "--%s", row->name);
    return FLOW_OK;
}

/* Options that would do nothing are refused: somebody expects something of them. */
static int check_use(const struct cli_options *o, const struct option_row *row, struct flow_error *err)
{
    unsigned here = o->mode == CLI_RUN ? IN_RUN : o->mode == CLI_BATCH ? IN_BATCH : IN_DEBUG;
    bool is_any = o->mode == CLI_HELP || o->mode == CLI_VERSION;
    if (is_any || row->where & here)
        return FLOW_OK;
    return flow_error_set(err, FLOW_EINVAL, "--%s has no meaning %s", row->name,
        here == IN_RUN     ? "for flowdbg run"
        : here == IN_BATCH ? "with --batch"
                           : "here: it belongs to flowdbg run");
}

static int check_all(struct cli_options *o, const bool *is_used, const struct getopt_table *table, int argc,
    char **argv, struct flow_error *err)
{
    for (size_t i = 0; table->options[i].name; i++) {
        if (is_used[i] && check_use(o, table->rows[i], err) < 0)
            return FLOW_EINVAL;
    }
    if (o->mode == CLI_HELP || o->mode == CLI_VERSION)
        return FLOW_OK;
    if (optind >= argc)
        return flow_error_set(err, FLOW_EINVAL, "which workflow? flowdbg %sFILE (see flowdbg --help)",
            o->mode == CLI_RUN ? "run " : "");
    o->config.file = argv[optind];
    if (optind + 1 < argc)
        return flow_error_set(err, FLOW_EINVAL,
            "one workflow at a time: '%s' is too much (its arguments go after --)", argv[optind + 1]);
    return FLOW_OK;
}

int cli_options_parse(struct cli_options *o, int argc, char **argv, struct flow_error *err)
{
    struct getopt_table table;
    bool is_used[ROWS_MAX] = {false};
    int code, dashes = 1;
    *o = (struct cli_options){.mode = CLI_SCREEN};
    make_getopt_table(&table);
    if (argc > 1 && strcmp(argv[1], "run") == 0) {
        o->mode = CLI_RUN;
        argc--, argv++;
    }
    /* Options may follow FILE, but what follows -- is the workflow's: getopt, which moves words about, must
     * not see it. */
    while (dashes < argc && strcmp(argv[dashes], "--") != 0)
        dashes++;
    optind = 0;
    opterr = 0;
    while ((code = getopt_long(dashes, argv, table.letters, table.options, NULL)) != -1) {
        const struct option_row *row = code == '?' || code == ':' ? NULL : find_row(&table, code);
        if (!row)
            return refuse(&table, code, argv, err);
        for (size_t i = 0; table.options[i].name; i++)
            is_used[i] = is_used[i] || table.rows[i] == row;
        if (take_option(o, row, err) < 0)
            return FLOW_EINVAL;
    }
    if (check_all(o, is_used, &table, dashes, argv, err) < 0)
        return FLOW_EINVAL;
    if (dashes < argc) {
        o->config.args = (const char *const *)argv + dashes + 1;
        o->config.arg_count = (size_t)(argc - dashes - 1);
    }
    o->config.plugins = o->plugins.at;
    o->config.plugin_count = o->plugins.count;
    o->config.env = o->env.at;
    o->config.env_count = o->env.count;
    o->config.channel = o->channel.at;
    o->config.channel_count = o->channel.count;
    o->config.is_output_passed_on = o->mode == CLI_RUN;
    return FLOW_OK;
}

void cli_options_finish(struct cli_options *o)
{
    vec_foreach (struct flow_member, member, &o->channel) {
        flow_value_unref(member->key);
        flow_value_unref(member->value);
    }
    vec_finish(&o->channel);
    vec_finish(&o->scripts);
    vec_finish(&o->plugins);
    vec_finish(&o->env);
}
