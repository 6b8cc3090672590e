/* The options, and what each does to struct cli_options. */
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "debug/json.h"
#include "tui/cmd/options.h"

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

/* A text whose quotes are missing. In most cases the shell has taken them. */
static bool is_bare_text(const char *text)
{
    return isalpha((unsigned char)*text) && !strpbrk(text, "\"'\\[]{}");
}

static int parse_setting(const char *key, size_t length, struct flow_value *out, struct flow_error *err)
{
    const char *text = key + length + 1;
    int status = dbg_value_parse(text, strlen(text), out, err);
    if (status < 0 && status != FLOW_ENOMEM && is_bare_text(text))
        return flow_error_set(err, status,
            "'%s' is not a value; a text needs quotes, and the shell takes one pair away: --set "
            "'%.*s=\"%s\"'",
            text, (int)length, key, text);
    return status < 0 ? flow_error_prefix(err, "%.*s", (int)length, key) : status;
}

static int take_set(struct cli_options *o, const char *text, struct flow_error *err)
{
    size_t length = strcspn(text, "=");
    struct flow_member member = {flow_null(), flow_null()};
    if (!text[length] || length == 0)
        return flow_error_set(err, FLOW_EINVAL, "'%s' is not KEY=VALUE", text);
    int status = flow_string_create(&member.key, text, length);
    if (status < 0)
        return flow_error_set(err, status, "'%s': the key is not valid UTF-8", text);
    status = parse_setting(text, length, &member.value, err);
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
    if (o->mode == CLI_SCREEN || o->mode == CLI_REPL)
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

static int take_zoom(struct cli_options *o, const char *text, struct flow_error *err)
{
    static const char *const names[] = {[GRAPH_BOX] = "box", [GRAPH_LINE] = "line", [GRAPH_DOT] = "dot"};
    for (unsigned i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(text, names[i]) == 0) {
            o->graph.zoom = (enum graph_zoom)i;
            o->graph.is_zoom_chosen = true;
            return FLOW_OK;
        }
    }
    return flow_error_set(err, FLOW_EINVAL, "there is no zoom '%s': box, line or dot", text);
}

static int take_direction(struct cli_options *o, const char *text, struct flow_error *err)
{
    if (strcmp(text, "down") != 0 && strcmp(text, "right") != 0)
        return flow_error_set(err, FLOW_EINVAL, "there is no direction '%s': down or right", text);
    o->graph.direction = *text == 'd' ? GRAPH_DOWN : GRAPH_RIGHT;
    return FLOW_OK;
}

static int take_width(struct cli_options *o, const char *text, struct flow_error *err)
{
    uint64_t columns = 0;
    int status = parse_u64(text, &columns, err);
    if (status == FLOW_OK && (columns == 0 || columns > INT32_MAX))
        status = flow_error_set(err, FLOW_EINVAL, "'%s' is no number of columns", text);
    if (status == FLOW_OK)
        o->graph.width = (int32_t)columns;
    return status;
}

static int take_layout_json(struct cli_options *o, const char *text, struct flow_error *err)
{
    o->graph.is_json = true;
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

#define RUN     "The run"
#define AROUND  "Its surroundings"
#define KEPT    "What is kept"
#define PRINTED "flowdbg run"
#define DRAWN   "flowdbg graph"
#define SCREEN  "The debugger"
#define ALL     CLI_EVERYWHERE
#define RUNS    CLI_IN_RUNS
#define LOADS   CLI_IN_LOADS
#define REPLAY  CLI_IN_REPLAY
#define GRAPH   CLI_IN_GRAPH
#define DEBUG   CLI_IN_DEBUG
#define BATCH   CLI_IN_BATCH

static const struct cli_option table[] = {
    {RUN, "workflow", 'w', "NAME", LOADS, "which workflow, where FILE defines several",
        "Without it the names are listed.", NULL, take_workflow},
    {RUN, "start", 0, "TASK", LOADS, "the task to start with",
        "By default the one that the workflow declares, or else the only one that has successors and no "
        "predecessor.",
        NULL, take_start},
    {RUN, "set", 's', "KEY=VALUE", RUNS, "put a value into the channel first; VALUE is JSON",
        "May be given again.", NULL, take_set},
    {RUN, "seed", 0, "N", RUNS, "seed of random numbers (0)", "The same seed gives the same run.", NULL,
        take_seed},
    {RUN, "max-steps", 0, "N", RUNS, "end with 'step limit' after N steps (10000)", NULL, NULL,
        take_max_steps},
    {RUN, "profile", 0, "NAME", RUNS, "which rules: documented (default) or package", "See PROFILES.",
        "documented package", take_profile},
    {RUN, "timeout", 0, "TIME", RUNS, "time for the run, pauses not counted: 10, 500ms, 2m",
        "Beyond it the run is killed and ends as timed out.", NULL, take_timeout},
    {RUN, "task-timeout", 0, "TIME", RUNS, "time for one step", NULL, NULL, take_task_timeout},
    {AROUND, "cwd", 'C', "FOLDER", LOADS, "folder it works in", NULL, NULL, take_cwd},
    {AROUND, "env", 0, "NAME=VALUE", LOADS, "an environment variable", "May be given again.", NULL, take_env},
    {AROUND, "stdin", 0, "FILE", LOADS, "its standard input (/dev/null)", NULL, NULL, take_stdin},
    {AROUND, "allow", 0, "LIST", LOADS, "what a Lua workflow may touch: io,os,clock",
        "With io it may use files, with os the system, with clock the real time. Nothing of it is allowed "
        "by default, so that a run can be repeated.",
        "io os clock", take_allow},
    {AROUND, "plugin", 'p', "PATH", LOADS, "load this plugin; FLOWDBG_PLUGIN_PATH names folders",
        "May be given again.", NULL, take_plugin},
    {KEPT, "record", 'o', "FILE", RUNS, "keep the trace",
        "Runs that are started again go to FILE.2, FILE.3 and so on.", NULL, take_record},
    {KEPT, "output-limit", 0, "SIZE", DEBUG | BATCH, "how much of what tasks print is kept (64M)", NULL, NULL,
        take_output_limit},
    {PRINTED, "trace", 't', NULL, CLI_IN_RUN, "one line an event on standard error", NULL, NULL, take_trace},
    {PRINTED, "raw", 0, NULL, CLI_IN_RUN, "pass control characters to a terminal as they are", NULL, NULL,
        take_raw},
    {DRAWN, "zoom", 0, "LEVEL", GRAPH, "box, line or dot (the largest that fits)",
        "Boxes where the width is not known; where nothing fits, one line a task.", "box line dot",
        take_zoom},
    {DRAWN, "direction", 0, "WAY", GRAPH, "down (default) or right", NULL, "down right", take_direction},
    {DRAWN, "width", 0, "N", GRAPH, "columns there are (those of the terminal)", NULL, NULL, take_width},
    {DRAWN, "layout-json", 0, NULL, GRAPH, "where everything is, in cells, as JSON", NULL, NULL,
        take_layout_json},
    {SCREEN, "no-tui", 0, NULL, DEBUG | REPLAY, "a command line instead of the screen", NULL, NULL,
        take_no_tui},
    {SCREEN, "batch", 0, NULL, DEBUG | BATCH | REPLAY, "run scripts (or standard input) and leave",
        "The first command that fails ends it.", NULL, take_batch},
    {SCREEN, "command", 'x', "FILE", DEBUG | BATCH | REPLAY, "commands to begin with; may be given again",
        NULL, NULL, take_script},
    {SCREEN, "ascii", 0, NULL, DEBUG | REPLAY | GRAPH, "no line drawing characters", NULL, NULL, take_ascii},
    {SCREEN, "no-color", 0, NULL, DEBUG | REPLAY, "no colours, as NO_COLOR=1", NULL, NULL, take_no_color},
    {SCREEN, "no-mouse", 0, NULL, DEBUG | REPLAY, "leave the mouse to the terminal", NULL, NULL,
        take_no_mouse},
    {"This program", "help", 'h', NULL, ALL, "this text", "After run, replay or graph: what concerns it.",
        NULL, take_help},
    {"This program", "version", 'V', NULL, ALL, "the version", NULL, NULL, take_version},
};

const struct cli_option *cli_option_table(size_t *count)
{
    *count = sizeof table / sizeof *table;
    return table;
}
