/* The options of the trace commands. */
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "tui/cmd/trace/trace.h"

enum { OPTIONS_MAX = 24, LONG_ONLY = 256 };

static int take_u64(const char *text, uint64_t *out, struct flow_error *err)
{
    char *end;
    errno = 0;
    uint64_t number = strtoull(text, &end, 10);
    if (*text < '0' || *text > '9' || *end || errno)
        return flow_error_set(err, FLOW_EINVAL, "'%s' is not a whole number", text);
    *out = number;
    return FLOW_OK;
}

static int take_from(struct trace_args *args, const char *text, struct flow_error *err)
{
    return take_u64(text, &args->filter.from, err);
}

static int take_to(struct trace_args *args, const char *text, struct flow_error *err)
{
    return take_u64(text, &args->filter.to, err);
}

/* "7" or "3-7" */
static int take_step(struct trace_args *args, const char *text, struct flow_error *err)
{
    char first[24];
    const char *dash = strchr(text, '-');
    size_t length = dash ? (size_t)(dash - text) : strlen(text);
    if (length >= sizeof first)
        return flow_error_set(err, FLOW_EINVAL, "'%s' is not a step: 7, or 3-7", text);
    memcpy(first, text, length);
    first[length] = '\0';
    int status = take_u64(first, &args->filter.first_step, err);
    if (status == FLOW_OK)
        status = take_u64(dash ? dash + 1 : first, &args->filter.last_step, err);
    return status;
}

static int take_kind(struct trace_args *args, const char *text, struct flow_error *err)
{
    for (unsigned kind = 0; kind < FLOW_EV_FIRST_UNUSED; kind++) {
        const struct flow_event_info *info = flow_event_info(kind);
        if (info && glob_matches(text, info->name)) {
            args->filter.kind = text;
            args->filter.has_notes = args->filter.has_notes || flow_event_is_note(kind);
        }
    }
    if (args->filter.kind != text)
        return flow_error_set(err, FLOW_EINVAL,
            "there is no kind of event '%s'; for example 'channel set', 'step*', enqueued", text);
    return FLOW_OK;
}

static int take_task(struct trace_args *args, const char *text, struct flow_error *err)
{
    args->filter.task = text;
    return FLOW_OK;
}

static int take_key(struct trace_args *args, const char *text, struct flow_error *err)
{
    args->filter.key = text;
    return FLOW_OK;
}

static int take_origin(struct trace_args *args, const char *text, struct flow_error *err)
{
    args->filter.origin = text;
    return FLOW_OK;
}

static int take_notes(struct trace_args *args, const char *text, struct flow_error *err)
{
    args->filter.has_notes = true;
    return FLOW_OK;
}

static int take_times(struct trace_args *args, const char *text, struct flow_error *err)
{
    args->has_times = true;
    return FLOW_OK;
}

static int take_count(struct trace_args *args, const char *text, struct flow_error *err)
{
    args->is_counting = true;
    return FLOW_OK;
}

static int take_invert(struct trace_args *args, const char *text, struct flow_error *err)
{
    args->is_inverted = true;
    return FLOW_OK;
}

static int take_caseless(struct trace_args *args, const char *text, struct flow_error *err)
{
    args->is_caseless = true;
    return FLOW_OK;
}

static int take_output(struct trace_args *args, const char *text, struct flow_error *err)
{
    args->output = text;
    return FLOW_OK;
}

static int take_force(struct trace_args *args, const char *text, struct flow_error *err)
{
    args->is_forced = true;
    return FLOW_OK;
}

static int take_format(struct trace_args *args, const char *text, struct flow_error *err)
{
    args->format = text;
    return FLOW_OK;
}

static int take_at(struct trace_args *args, const char *text, struct flow_error *err)
{
    args->has_at = true;
    return take_u64(text, &args->at, err);
}

const struct trace_option trace_option_from = {"from", 0, "N", "begin with event N", take_from};
const struct trace_option trace_option_to = {"to", 0, "N", "end with event N", take_to};
const struct trace_option trace_option_step = {"step", 0, "N[-M]", "only these steps", take_step};
const struct trace_option trace_option_kind = {
    "kind", 'k', "NAME", "only this kind of event; * and ? as in a shell", take_kind};
const struct trace_option trace_option_task = {
    "task", 't', "NAME", "only events of this task; * and ? as in a shell", take_task};
const struct trace_option trace_option_key = {
    "key", 0, "NAME", "only writes of this channel key; * and ? as in a shell", take_key};
const struct trace_option trace_option_origin = {
    "origin", 0, "NAME", "only what the engine, task, user or host did", take_origin};
const struct trace_option trace_option_notes = {
    "notes", 'n', NULL, "notes too: output, channel reads, stops", take_notes};
const struct trace_option trace_option_times = {"time", 0, NULL, "with the time of each event", take_times};
const struct trace_option trace_option_count = {
    "count", 'c', NULL, "print only how many there are", take_count};
const struct trace_option trace_option_invert = {"invert", 'v', NULL, "those that do not match", take_invert};
const struct trace_option trace_option_caseless = {
    "ignore-case", 'i', NULL, "capital letters are as small ones", take_caseless};
const struct trace_option trace_option_output = {"output", 'o', "FILE", "where to write it", take_output};
const struct trace_option trace_option_force = {"force", 0, NULL, "overwrite that file", take_force};
const struct trace_option trace_option_format = {"format", 'f', "NAME", "which format", take_format};
const struct trace_option trace_option_at = {"at", 0, "N", "the graph as it was after event N", take_at};

struct getopt_rows {
    struct option options[OPTIONS_MAX];
    char letters[3 * OPTIONS_MAX];
};

static void make_rows(struct getopt_rows *rows, const struct trace_command *command)
{
    size_t count = 0, letters = 0;
    rows->letters[letters++] = ':';
    for (const struct trace_option *const *o = command->options; *o; o++, count++) {
        rows->options[count] = (struct option){
            (*o)->name, (*o)->argument ? required_argument : no_argument, NULL, LONG_ONLY + (int)count};
        if ((*o)->letter) {
            rows->letters[letters++] = (*o)->letter;
            if ((*o)->argument)
                rows->letters[letters++] = ':';
        }
    }
    rows->options[count] = (struct option){"help", no_argument, NULL, 'h'};
    rows->options[count + 1] = (struct option){0};
    rows->letters[letters++] = 'h';
    rows->letters[letters] = '\0';
}

static const struct trace_option *find_option(const struct trace_command *command, int code)
{
    const struct trace_option *const *options = command->options;
    if (code >= LONG_ONLY)
        return options[code - LONG_ONLY];
    for (; *options; options++)
        if ((*options)->letter == code)
            return *options;
    return NULL;
}

static int take_operands(struct trace_args *args, const struct trace_command *command, int argc, char **argv,
    struct flow_error *err)
{
    args->count = (size_t)(argc - optind);
    if (args->count < command->least)
        return flow_error_set(err, FLOW_EINVAL, "flowdbg trace %s %s (see flowdbg trace %s --help)",
            command->name, command->operands, command->name);
    if (args->count > command->most)
        return flow_error_set(err, FLOW_EINVAL, "'%s' is too much: flowdbg trace %s %s",
            argv[optind + (int)command->most], command->name, command->operands);
    for (size_t i = 0; i < args->count; i++)
        args->operands[i] = argv[optind + (int)i];
    return FLOW_OK;
}

int trace_args_parse(struct trace_args *args, const struct trace_command *command, int argc, char **argv,
    struct flow_error *err)
{
    struct getopt_rows rows;
    int code;
    *args =
        (struct trace_args){.command = command->name, .filter = {.to = UINT64_MAX, .last_step = UINT64_MAX}};
    make_rows(&rows, command);
    optind = 0;
    opterr = 0;
    while ((code = getopt_long(argc, argv, rows.letters, rows.options, NULL)) != -1) {
        if (code == 'h')
            return FLOW_END;
        if (code == ':')
            return flow_error_set(err, FLOW_EINVAL, "%s needs a value (see flowdbg trace %s --help)",
                argv[optind - 1], command->name);
        if (code == '?')
            return flow_error_set(err, FLOW_EINVAL,
                "flowdbg trace %s has no option %s (see flowdbg trace %s --help)", command->name,
                optopt && optopt < LONG_ONLY ? (char[]){'-', (char)optopt, '\0'} : argv[optind - 1],
                command->name);
        const struct trace_option *option = find_option(command, code);
        if (option->take(args, optarg, err) < 0) {
            flow_error_prefix(err, "--%s", option->name);
            return FLOW_EINVAL;
        }
    }
    return take_operands(args, command, argc, argv, err);
}
