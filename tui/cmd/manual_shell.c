#include <string.h>

#include "tui/cmd/manual.h"
#include "tui/cmd/usage.h"

/* What a shell offers for an option's value. */
enum value { VALUE_NONE, VALUE_ANY, VALUE_WORDS, VALUE_FILE, VALUE_FOLDER };

static enum value value_of(const struct cli_option *option)
{
    if (!option->argument)
        return VALUE_NONE;
    if (option->words)
        return VALUE_WORDS;
    if (strcmp(option->argument, "FOLDER") == 0)
        return VALUE_FOLDER;
    bool is_file = strcmp(option->argument, "FILE") == 0 || strcmp(option->argument, "PATH") == 0;
    return is_file ? VALUE_FILE : VALUE_ANY;
}

/* The options whose values are files, as a pattern of case: --stdin | -x | --command */
static void add_bash_case(struct str *out, enum value value, const char *reply)
{
    size_t count, found = 0;
    const struct cli_option *options = cli_option_table(&count);
    for (size_t i = 0; i < count; i++) {
        if (value_of(&options[i]) != value)
            continue;
        str_add(out, found++ ? " | " : "    ");
        if (options[i].letter)
            str_addf(out, "-%c | ", options[i].letter);
        str_addf(out, "--%s", options[i].name);
    }
    if (found)
        str_addf(out, ")\n        %s\n        return\n        ;;\n", reply);
}

static void add_bash_options(struct str *out, const char *variable, unsigned where)
{
    size_t count;
    const struct cli_option *options = cli_option_table(&count);
    str_addf(out, "%s='", variable);
    for (size_t i = 0; i < count; i++) {
        if (options[i].where & where)
            str_addf(out, "%s--%s", i ? " " : "", options[i].name);
    }
    str_add(out, "'\n");
}

void manual_bash(struct str *out)
{
    size_t count, form_count;
    const struct cli_option *options = cli_option_table(&count);
    const struct cli_form *forms = cli_forms(&form_count);
    str_add(out, "# Completion of flowdbg for bash, made from its table of options.\n"
                 "_flowdbg()\n"
                 "{\n"
                 "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} options i\n"
                 "    local commands='");
    for (size_t i = 1; i < form_count; i++)
        str_addf(out, "%s%s", i > 1 ? " " : "", forms[i].command);
    str_add(out, "'\n    COMPREPLY=()\n    ");
    add_bash_options(out, "options", forms[0].where);
    for (size_t i = 1; i < form_count; i++) {
        str_addf(out, "    if [[ ${COMP_WORDS[1]} == %s ]]; then\n        ", forms[i].command);
        add_bash_options(out, "options", forms[i].where);
        str_add(out, "    fi\n");
    }
    str_add(out, "    if [[ $cur == = ]]; then # --profile=, in words of their own\n"
                 "        cur=\n"
                 "    elif [[ $prev == = ]]; then\n"
                 "        prev=${COMP_WORDS[COMP_CWORD - 2]}\n"
                 "    fi\n"
                 "    ((COMP_CWORD == 1)) || commands=\n"
                 "    for ((i = 1; i < COMP_CWORD; i++)); do\n"
                 "        if [[ ${COMP_WORDS[i]} == -- ]]; then # the workflow's own arguments\n"
                 "            prev='' options=''\n"
                 "        fi\n"
                 "    done\n"
                 "    case $prev in\n");
    for (size_t i = 0; i < count; i++) {
        if (options[i].words)
            str_addf(out,
                "    --%s)\n        mapfile -t COMPREPLY < <(compgen -W '%s' -- \"$cur\")\n        return\n  "
                "      ;;\n",
                options[i].name, options[i].words);
    }
    add_bash_case(out, VALUE_FOLDER, "mapfile -t COMPREPLY < <(compgen -d -- \"$cur\")");
    add_bash_case(out, VALUE_FILE, "mapfile -t COMPREPLY < <(compgen -f -- \"$cur\")");
    add_bash_case(out, VALUE_ANY, ": # nothing is known of its values");
    str_add(out, "    esac\n"
                 "    if [[ $cur == -* ]]; then\n"
                 "        mapfile -t COMPREPLY < <(compgen -W \"$options\" -- \"$cur\")\n"
                 "    else\n"
                 "        mapfile -t COMPREPLY < <(compgen -f -W \"$commands\" -- \"$cur\")\n"
                 "    fi\n"
                 "}\n"
                 "complete -o filenames -F _flowdbg flowdbg\n");
}

/* For the inside of '...[...]': quotes and brackets mean something there. */
static void add_zsh_text(struct str *out, const char *text)
{
    for (; *text; text++) {
        if (*text == '\'')
            str_add(out, "'\\''");
        else if (strchr("[]:\\", *text))
            str_addf(out, "\\%c", *text);
        else
            str_add_char(out, *text);
    }
}

static void add_zsh_option(struct str *out, const struct cli_option *option)
{
    static const char *const actions[] = {[VALUE_NONE] = "",
        [VALUE_ANY] = "",
        [VALUE_WORDS] = "",
        [VALUE_FILE] = "_files",
        [VALUE_FOLDER] = "_files -/"};
    enum value value = value_of(option);
    if (option->letter)
        str_addf(out, "        '*'{-%c%s,--%s%s}'[", option->letter, value ? "+" : "", option->name,
            value ? "=" : "");
    else
        str_addf(out, "        '*--%s%s[", option->name, value ? "=" : "");
    add_zsh_text(out, option->help);
    str_add_char(out, ']');
    if (value)
        str_addf(out, ":%s:%s", option->argument, actions[value]);
    if (value == VALUE_WORDS)
        str_addf(out, "(%s)", option->words);
    str_add(out, "'\n");
}

static void add_zsh_options(struct str *out, const char *variable, unsigned where)
{
    size_t count;
    const struct cli_option *options = cli_option_table(&count);
    str_addf(out, "    %s=(\n", variable);
    for (size_t i = 0; i < count; i++) {
        if (options[i].where & where)
            add_zsh_option(out, &options[i]);
    }
    str_add(out, "    )\n");
}

void manual_zsh(struct str *out)
{
    size_t count;
    const struct cli_form *forms = cli_forms(&count);
    str_add(out, "#compdef flowdbg\n"
                 "# Completion of flowdbg for zsh, made from its table of options.\n"
                 "_flowdbg_first()\n"
                 "{\n"
                 "    _alternative \\\n"
                 "        'commands:command:((");
    for (size_t i = 1; i < count; i++)
        str_addf(out, "%s%s\\:\"%s\"", i > 1 ? " " : "", forms[i].command, forms[i].summary);
    str_add(out, "))' \\\n"
                 "        'files:workflow:_files'\n"
                 "}\n"
                 "_flowdbg()\n"
                 "{\n"
                 "    local -a options\n");
    add_zsh_options(out, "options", forms[0].where);
    for (size_t i = 1; i < count; i++) {
        str_addf(out, "    if [[ ${words[2]} == %s ]]; then\n", forms[i].command);
        add_zsh_options(out, "options", forms[i].where);
        str_add(out, "    fi\n");
    }
    str_add(out, "    _arguments -s -S : $options '1: :_flowdbg_first' '*: :_files'\n"
                 "}\n"
                 "_flowdbg \"$@\"\n");
}
