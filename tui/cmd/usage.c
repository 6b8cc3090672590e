#include "tui/cmd/usage.h"

#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

const struct cli_form *cli_forms(size_t *count)
{
    static const struct cli_form forms[] = {
        {"", "[OPTIONS] FILE [-- ARGS...]", "debug a workflow in the terminal", CLI_SCREEN,
            CLI_IN_DEBUG | CLI_IN_BATCH},
        {"run", "[OPTIONS] FILE [-- ARGS...]", "run it and show what its tasks print", CLI_RUN, CLI_IN_RUN},
        {"replay", "[OPTIONS] FILE", "look at a recorded run, both ways", CLI_SCREEN, CLI_IN_REPLAY},
        {"graph", "[OPTIONS] FILE [-- ARGS...]", "print the drawing of its graph", CLI_GRAPH, CLI_IN_GRAPH},
    };
    *count = COUNT(forms);
    return forms;
}

const struct cli_form *cli_form_find(const char *word)
{
    size_t count;
    const struct cli_form *forms = cli_forms(&count);
    for (size_t i = 1; i < count; i++) {
        if (strcmp(forms[i].command, word) == 0)
            return &forms[i];
    }
    return forms;
}

const struct cli_term *cli_exit_codes(size_t *count)
{
    static const struct cli_term codes[] = {
        {"0", "completed, or terminated early as a success"},
        {"1", "failed; also blocked, step limit, timed out"},
        {"2", "wrong usage, nothing could be loaded, or a command of a script failed"},
        {"3", "cancelled or killed"},
        {"4", "crashed"},
        {"5", "a script ended with the run unfinished"},
    };
    *count = COUNT(codes);
    return codes;
}

const struct cli_term *cli_environment(size_t *count)
{
    static const struct cli_term variables[] = {
        {"FLOWDBG_PLUGIN_PATH",
            "folders with plugins, with : between, looked through before the installed ones"},
        {"FLOWDBG_THEME", "the background of the terminal, light or dark, where it is not found out"},
        {"COLORFGBG", "what some terminals say of their background"},
        {"NO_COLOR", "no colours, when it is set and not empty"},
        {"TERM", "the kind of terminal"},
        {"LC_ALL, LC_CTYPE, LANG", "lines are drawn with Unicode characters where these say UTF-8"},
        {"XDG_STATE_HOME", "where the history of commands is kept (~/.local/state)"},
        {"TMPDIR", "where the trace and what tasks print are kept during a session (/tmp)"},
    };
    *count = COUNT(variables);
    return variables;
}

const struct cli_term *cli_files(size_t *count)
{
    static const struct cli_term files[] = {
        {"$XDG_STATE_HOME/flowdbg/history", "the commands typed, for the arrow keys and Ctrl-R"},
        {"~/.editrc", "how the command line edits (see editrc(5))"},
    };
    *count = COUNT(files);
    return files;
}

static void add_forms(struct str *out, unsigned where)
{
    size_t count;
    const struct cli_form *forms = cli_forms(&count);
    const char *label = "Usage:";
    for (size_t i = 0; i < count; i++) {
        if (!(forms[i].where & where))
            continue;
        int used = (int)(strlen(forms[i].command) + strlen(forms[i].operands)) + (*forms[i].command != 0);
        str_addf(out, "%-6s flowdbg %s%s%s%*s  %s\n", label, forms[i].command, *forms[i].command ? " " : "",
            forms[i].operands, used < 33 ? 33 - used : 0, "", forms[i].summary);
        label = "";
    }
    if (where == CLI_EVERYWHERE) /* it has options of its own */
        str_addf(out, "%-6s flowdbg %-33s  %s\n", label, "trace COMMAND FILE...",
            "look into recorded runs (--help)");
}

static void add_option(struct str *out, const struct cli_option *option)
{
    char letter[] = "    ";
    if (option->letter)
        memcpy(letter, (char[]){'-', option->letter, ',', ' '}, 4);
    int used = (int)(strlen(option->name) + (option->argument ? strlen(option->argument) + 1 : 0));
    str_addf(out, "  %s--%s%s%s%*s  %s\n", letter, option->name, option->argument ? "=" : "",
        option->argument ? option->argument : "", used < 20 ? 20 - used : 0, "", option->help);
}

static void add_terms(
    struct str *out, const char *title, const struct cli_term *terms, size_t count, int width)
{
    str_addf(out, "\n%s:\n", title);
    for (size_t i = 0; i < count; i++)
        str_addf(out, "  %-*s  %s\n", width, terms[i].name, terms[i].meaning);
}

void cli_help(struct str *out, unsigned where)
{
    size_t count;
    const struct cli_option *options = cli_option_table(&count);
    const char *group = NULL;
    add_forms(out, where);
    if (where != CLI_IN_REPLAY)
        str_add(out,
            "\nFILE is a workflow in Lua (.lua), a native plugin (.so), or what another plugin loads.\n");
    else
        str_add(out,
            "\nFILE is what --record has kept: of a finished run, of one that was cut off, or of one "
            "that\nis still going on.\n");
    if (where & CLI_IN_GRAPH)
        str_add(out, "For flowdbg graph also a recorded trace, or a list of edges (.edges: FROM TO a line; "
                     "- is\nstandard input).\n");
    for (size_t i = 0; i < count; i++) {
        if (!(options[i].where & where))
            continue;
        if (!group || strcmp(group, options[i].group) != 0)
            str_addf(out, "\n%s:\n", group = options[i].group);
        add_option(out, &options[i]);
    }
    const struct cli_term *codes = cli_exit_codes(&count);
    if (!(where & (CLI_IN_DEBUG | CLI_IN_BATCH))) /* no scripts */
        count--;
    if (where != CLI_IN_GRAPH && where != CLI_IN_REPLAY) /* nothing runs: 0 or 2 */
        add_terms(out, "Exit codes", codes, count, 1);
    str_add(out, "\nThe manual: man flowdbg. Inside the debugger: help.\n");
}
