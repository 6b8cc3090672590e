#include "tui/cmd/options.h"

#include <assert.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define ROWS_MAX 64

/* getopt's view of the table. Codes: 256 + place in rows. */
struct getopt_table {
    const struct cli_option *rows;
    struct option options[ROWS_MAX + 1];
    char letters[ROWS_MAX * 2 + 2];
};

static void make_getopt_table(struct getopt_table *table)
{
    size_t count, letters = 0;
    table->rows = cli_option_table(&count);
    assert(count <= ROWS_MAX);
    table->letters[letters++] = ':'; /* errors are ours to tell */
    for (size_t i = 0; i < count; i++) {
        const struct cli_option *row = &table->rows[i];
        table->options[i] =
            (struct option){row->name, row->argument ? required_argument : no_argument, NULL, 256 + (int)i};
        if (row->letter)
            table->letters[letters++] = row->letter;
        if (row->letter && row->argument)
            table->letters[letters++] = ':';
    }
    table->options[count] = (struct option){0};
    table->letters[letters] = '\0';
}

static const struct cli_option *find_row(const struct getopt_table *table, int code)
{
    if (code >= 256)
        return &table->rows[code - 256];
    for (size_t i = 0; table->options[i].name; i++) {
        if (table->rows[i].letter == code)
            return &table->rows[i];
    }
    return NULL;
}

/* Adds the options that begin with the word to `names`, returns how many. */
static unsigned list_matches(const struct getopt_table *table, const char *word, struct str *names)
{
    unsigned count = 0;
    for (size_t i = 0; table->options[i].name; i++) {
        if (strncmp(table->options[i].name, word, strlen(word)) == 0)
            str_addf(names, "%s--%s", count++ ? ", " : "", table->options[i].name);
    }
    return count;
}

/* The option that was meant, or NULL: the nearest, or else one that contains the word. */
static const char *guess(const struct getopt_table *table, const char *word)
{
    const char *found = NULL;
    unsigned best = 3;
    for (size_t i = 0; table->options[i].name; i++) {
        unsigned distance = edit_distance(word, table->options[i].name, 2);
        if (distance < best && distance < strlen(word)) {
            best = distance;
            found = table->options[i].name;
        }
    }
    for (size_t i = 0; !found && strlen(word) > 2 && table->options[i].name; i++) {
        if (strstr(table->options[i].name, word))
            found = table->options[i].name;
    }
    return found;
}

static int refuse_name(const struct getopt_table *table, const char *given, struct flow_error *err)
{
    char word[64];
    struct str names = {0};
    size_t length = strcspn(given + 2, "=");
    snprintf(word, sizeof word, "%.*s", (int)length, given + 2);
    if (list_matches(table, word, &names) > 1) {
        flow_error_set(err, FLOW_EINVAL, "--%s is ambiguous: %s", word, str_text(&names));
    } else {
        const char *meant = guess(table, word);
        flow_error_set(err, FLOW_EINVAL, "there is no option --%s%s%s%s", word,
            meant ? "; did you mean --" : " (see flowdbg --help)", meant ? meant : "", meant ? "?" : "");
    }
    str_finish(&names);
    return FLOW_EINVAL;
}

/* What getopt did not like, in words. */
static int refuse(const struct getopt_table *table, int code, char **argv, struct flow_error *err)
{
    const char *given = optind > 0 ? argv[optind - 1] : "";
    if (code == ':')
        return flow_error_set(err, FLOW_EINVAL, "%s needs a value (see flowdbg --help)", given);
    if (optopt >= 256)
        return flow_error_set(
            err, FLOW_EINVAL, "--%s takes no value (see flowdbg --help)", table->rows[optopt - 256].name);
    if (!optopt)
        return refuse_name(table, given, err);
    /* In the middle of -abc optind still points at the word. */
    const char *whole = argv[optind] && strchr(argv[optind], optopt) ? argv[optind] : given;
    if (whole[0] == '-' && whole[1] && whole[2])
        return flow_error_set(err, FLOW_EINVAL,
            "there is no option -%c, in '%s' (long options begin with --; see flowdbg --help)", optopt,
            whole);
    return flow_error_set(err, FLOW_EINVAL, "there is no option -%c (see flowdbg --help)", optopt);
}

/* A first word that cannot be a file may be meant as a command. */
static int check_word(const char *word, const char *next, struct flow_error *err)
{
    size_t count;
    const struct cli_form *forms = cli_forms(&count);
    if (strpbrk(word, "./") || access(word, F_OK) == 0)
        return FLOW_OK;
    for (size_t i = 0; i < count; i++) {
        if (*forms[i].command && edit_distance(word, forms[i].command, 2) <= 2)
            return flow_error_set(err, FLOW_EINVAL, "there is no command '%s'; did you mean: flowdbg %s %s",
                word, forms[i].command, next ? next : "FILE");
    }
    const struct cli_option *options = cli_option_table(&count);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(options[i].name, word) == 0)
            return flow_error_set(
                err, FLOW_EINVAL, "there is no file and no command '%s'; did you mean --%s?", word, word);
    }
    if (next)
        return flow_error_set(
            err, FLOW_EINVAL, "there is no file and no command '%s' (see flowdbg --help)", word);
    return FLOW_OK;
}

static int take_option(struct cli_options *o, const struct cli_option *row, struct flow_error *err)
{
    if (row->take(o, optarg, err) < 0)
        return flow_error_prefix(err, "--%s", row->name);
    return FLOW_OK;
}

/* The command that takes an option, where one does. */
static const struct cli_form *find_taker(const struct cli_option *row)
{
    size_t count;
    const struct cli_form *forms = cli_forms(&count);
    for (size_t i = 1; i < count; i++) {
        if (forms[i].where & row->where)
            return &forms[i];
    }
    return NULL;
}

/* Options that would do nothing are refused: somebody expects something of them. */
static int check_use(const struct cli_options *o, const struct cli_form *form, const struct cli_option *row,
    struct flow_error *err)
{
    const struct cli_form *taker = find_taker(row);
    unsigned here = *form->command ? form->where : o->mode == CLI_BATCH ? CLI_IN_BATCH : CLI_IN_DEBUG;
    if (row->where & here)
        return FLOW_OK;
    if (*form->command)
        return flow_error_set(
            err, FLOW_EINVAL, "--%s has no meaning for flowdbg %s", row->name, form->command);
    if (here == CLI_IN_BATCH || !taker)
        return flow_error_set(err, FLOW_EINVAL, "--%s has no meaning %s", row->name,
            here == CLI_IN_BATCH ? "with --batch" : "without --batch");
    return flow_error_set(
        err, FLOW_EINVAL, "--%s has no meaning here: it belongs to flowdbg %s", row->name, taker->command);
}

static int check_all(struct cli_options *o, const struct cli_form *form, const bool *is_used,
    const struct getopt_table *table, int argc, char **argv, struct flow_error *err)
{
    for (size_t i = 0; table->options[i].name; i++) {
        if (is_used[i] && check_use(o, form, &table->rows[i], err) < 0)
            return FLOW_EINVAL;
    }
    if (optind >= argc)
        return flow_error_set(err, FLOW_EINVAL, "which %s? flowdbg %s%sFILE (see flowdbg --help)",
            form->where == CLI_IN_REPLAY ? "recording" : "workflow", form->command,
            *form->command ? " " : "");
    o->config.file = argv[optind];
    if (!*form->command && check_word(argv[optind], optind + 1 < argc ? argv[optind + 1] : NULL, err) < 0)
        return FLOW_EINVAL;
    if (optind + 1 < argc)
        return flow_error_set(err, FLOW_EINVAL,
            form->where == CLI_IN_REPLAY
                ? "one recording at a time: '%s' is too much"
                : "one workflow at a time: '%s' is too much (its arguments go after --)",
            argv[optind + 1]);
    return FLOW_OK;
}

/* The configuration borrows what was collected. */
static void point_config(struct cli_options *o)
{
    o->config.plugins = o->plugins.at;
    o->config.plugin_count = o->plugins.count;
    o->config.env = o->env.at;
    o->config.env_count = o->env.count;
    o->config.channel = o->channel.at;
    o->config.channel_count = o->channel.count;
    o->config.is_output_passed_on = o->mode == CLI_RUN;
}

int cli_options_parse(struct cli_options *o, int argc, char **argv, struct flow_error *err)
{
    struct getopt_table table;
    bool is_used[ROWS_MAX] = {false};
    int code, dashes = 1;
    const struct cli_form *form = cli_form_find(argc > 1 ? argv[1] : "");
    *o =
        (struct cli_options){.mode = form->mode, .help_where = *form->command ? form->where : CLI_EVERYWHERE};
    o->config.is_replay = form->where == CLI_IN_REPLAY;
    make_getopt_table(&table);
    if (*form->command)
        argc--, argv++;
    /* Options may follow FILE, but what follows -- is the workflow's: getopt, which moves words about, must
     * not see it. */
    while (dashes < argc && strcmp(argv[dashes], "--") != 0)
        dashes++;
    optind = 0;
    opterr = 0;
    while ((code = getopt_long(dashes, argv, table.letters, table.options, NULL)) != -1) {
        const struct cli_option *row = code == '?' || code == ':' ? NULL : find_row(&table, code);
        if (!row)
            return refuse(&table, code, argv, err);
        for (size_t i = 0; table.options[i].name; i++)
            is_used[i] = is_used[i] || &table.rows[i] == row;
        if (take_option(o, row, err) < 0)
            return FLOW_EINVAL;
        if (o->mode == CLI_HELP || o->mode == CLI_VERSION)
            return FLOW_OK;
    }
    if (check_all(o, form, is_used, &table, dashes, argv, err) < 0)
        return FLOW_EINVAL;
    if (dashes < argc) {
        o->config.args = (const char *const *)argv + dashes + 1;
        o->config.arg_count = (size_t)(argc - dashes - 1);
    }
    point_config(o);
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
