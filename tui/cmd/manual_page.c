#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "debug/command.h"
#include "tui/app/state.h"
#include "tui/cmd/manual.h"
#include "tui/cmd/trace/trace.h"
#include "tui/cmd/usage.h"

/* Adds text so that roff prints it as it is. */
static void add_plain(struct str *out, const char *text, size_t length)
{
    static const struct {
        char character;
        const char *roff;
    } special[] = {{'\\', "\\e"}, {'-', "\\-"}, {'"', "\\(dq"}, {'\'', "\\(aq"}, {'`', "\\(ga"},
        {'^', "\\(ha"}, {'~', "\\(ti"}};
    if (length > 0 && text[0] == '.')
        str_add(out, "\\&");
    for (size_t i = 0; i < length; i++) {
        const char *roff = NULL;
        for (size_t s = 0; s < sizeof special / sizeof *special; s++) {
            if (text[i] == special[s].character)
                roff = special[s].roff;
        }
        if (roff)
            str_add(out, roff);
        else
            str_add_char(out, text[i]);
    }
}

static void add_in(struct str *out, char font, const char *text, size_t length)
{
    str_addf(out, "\\f%c", font);
    add_plain(out, text, length);
    str_add(out, "\\fR");
}

/* Is it a name that stands for something, as FILE does, and not NO_COLOR, JSON or the word A? */
static bool is_placeholder(const char *word, size_t length)
{
    bool is_acronym = length == 4 && memcmp(word, "JSON", 4) == 0;
    return !memchr(word, '_', length) && !is_acronym && (length > 1 || *word == 'N');
}

/* Adds text in which CAPITALS stand for something, and are set apart. */
static void add_text(struct str *out, const char *text)
{
    static const char capital[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ_";
    while (*text) {
        size_t plain = strcspn(text, capital), length = strspn(text + plain, capital);
        const char *word = text + plain;
        bool is_inside = (plain > 0 && isalnum((unsigned char)word[-1])) ||
                         isalnum((unsigned char)word[length]) || word[length] == '-';
        add_plain(out, text, plain);
        if (length > 0 && !is_inside && is_placeholder(word, length))
            add_in(out, 'I', word, length);
        else
            add_plain(out, word, length);
        text = word + length;
    }
}

/* The same as a sentence of its own. */
static void add_sentence(struct str *out, const char *text)
{
    char first[] = {(char)toupper((unsigned char)*text), '\0'};
    size_t length = strlen(text);
    if (length == 0)
        return;
    if (isupper((unsigned char)*text)) {
        add_text(out, text);
    } else {
        add_plain(out, first, 1);
        add_text(out, text + 1);
    }
    str_add(out, strchr(".?!", text[length - 1]) ? "\n" : ".\n");
}

static void add_heading(struct str *out, const char *title, const char **last)
{
    if (*last && strcmp(*last, title) == 0)
        return;
    str_add(out, ".SS ");
    add_plain(out, title, strlen(title));
    str_add_char(out, '\n');
    *last = title;
}

static void add_forms(struct str *out)
{
    size_t count;
    const struct cli_form *forms = cli_forms(&count);
    for (size_t i = 0; i < count; i++) {
        str_addf(out, "%s.B flowdbg%s%s\n", i ? ".br\n" : "", *forms[i].command ? " " : "", forms[i].command);
        add_text(out, forms[i].operands);
        str_add_char(out, '\n');
    }
    str_add(out, ".br\n.B flowdbg trace\n"); /* it has options of its own */
    add_text(out, "COMMAND FILE...");
    str_add_char(out, '\n');
}

/* Says which commands alone take options, or do not; per option or, where a whole group agrees, once. */
static void add_restriction(struct str *out, unsigned where)
{
    size_t count;
    const struct cli_form *forms = cli_forms(&count);
    bool is_only = !(forms[0].where & where);
    const char *before = is_only ? "Only with " : "Not with ";
    for (size_t i = 1; i < count; i++) {
        if (is_only != !(forms[i].where & where)) {
            str_addf(out, "%s\\fBflowdbg %s\\fR", before, forms[i].command);
            before = is_only ? " and " : " or ";
        }
    }
    if (before[0] == ' ')
        str_add(out, ".\n");
}

static bool group_agrees(const struct cli_option *options, size_t count, const char *group)
{
    unsigned all = CLI_EVERYWHERE, any = 0;
    for (size_t i = 0; i < count; i++) {
        if (strcmp(options[i].group, group) == 0) {
            all &= options[i].where;
            any |= options[i].where;
        }
    }
    /* What tells debugging with and without scripts apart is said in words. */
    return ((all ^ any) & ~(unsigned)(CLI_IN_DEBUG | CLI_IN_BATCH)) == 0;
}

static void add_option(struct str *out, const struct cli_option *o)
{
    str_add(out, ".TP\n");
    if (o->letter)
        str_addf(out, "\\fB\\-%c\\fR, ", o->letter);
    str_add(out, "\\fB\\-\\-");
    add_plain(out, o->name, strlen(o->name));
    str_add(out, o->argument ? "=\\fR" : "\\fR");
    if (o->argument)
        add_text(out, o->argument);
    str_add_char(out, '\n');
    add_sentence(out, o->help);
    if (o->more)
        add_sentence(out, o->more);
}

static void add_options(struct str *out)
{
    size_t count;
    const struct cli_option *options = cli_option_table(&count);
    const char *group = NULL;
    for (size_t i = 0; i < count; i++) {
        bool is_first = !group || strcmp(group, options[i].group) != 0;
        bool agrees = group_agrees(options, count, options[i].group);
        add_heading(out, options[i].group, &group);
        if (is_first && agrees)
            add_restriction(out, options[i].where);
        add_option(out, &options[i]);
        if (!agrees)
            add_restriction(out, options[i].where);
    }
}

/* "toggle-break %t" -> "toggle-break TASK"; ":goto %t" -> "goto TASK ..." */
static void add_key_command(struct str *out, const char *command)
{
    static const struct {
        char letter;
        const char *name;
    } places[] = {
        {'t', "TASK"}, {'k', "KEY"}, {'v', "VALUE"}, {'e', "ENTRY"}, {'b', "NUMBER"}, {'n', "EVENT"}};
    bool is_prompted = command[0] == ':';
    struct str text = {0};
    for (const char *c = command + is_prompted; *c; c++) {
        const char *name = NULL;
        for (size_t i = 0; *c == '%' && i < sizeof places / sizeof *places; i++) {
            if (c[1] == places[i].letter)
                name = places[i].name;
        }
        if (name)
            str_add(&text, name), c++;
        else
            str_add_char(&text, *c);
    }
    size_t word = strcspn(str_text(&text), " ");
    add_in(out, 'B', str_text(&text), word);
    add_text(out, str_text(&text) + word);
    if (is_prompted)
        str_add(out, text.text[text.length - 1] == ' ' ? "..." : " ...");
    str_finish(&text);
}

static void add_key(struct str *out, const struct key_binding *b)
{
    str_add(out, ".TP 14\n");
    for (const char *key = b->keys; *key;) {
        size_t length = strcspn(key, " ");
        add_in(out, 'B', key, length);
        key += length + strspn(key + length, " ");
        str_add(out, *key ? ", " : "\n");
    }
    struct str summary = {0};
    str_addf(&summary, b->view ? "%s (in %s)" : "%s", b->summary, b->view);
    add_sentence(out, str_text(&summary));
    str_finish(&summary);
    str_add(out, "[");
    add_key_command(out, b->command);
    str_add(out, "]\n");
}

static void add_keys(struct str *out)
{
    size_t count;
    const struct key_binding *bindings = key_bindings(&count);
    for (enum key_group group = 0; group < KEYS_GROUP_COUNT; group++) {
        const char *last = NULL;
        add_heading(out, key_group_name(group), &last);
        str_add(out, ".PD 0\n");
        for (size_t i = 0; i < count; i++) {
            if (bindings[i].group == group)
                add_key(out, &bindings[i]);
        }
        str_add(out, ".PD\n");
    }
}

static void add_command(struct str *out, const char *name, const char *alias, const char *synopsis)
{
    str_add(out, ".TP\n");
    add_in(out, 'B', name, strlen(name));
    if (alias) {
        str_add(out, ", ");
        add_in(out, 'B', alias, strlen(alias));
    }
    if (*synopsis)
        str_add_char(out, ' ');
    add_text(out, synopsis);
    str_add_char(out, '\n');
}

static void add_commands(struct str *out)
{
    size_t count;
    const struct dbg_command *commands = dbg_commands(&count);
    const char *group = NULL;
    for (size_t i = 0; i < count; i++) {
        add_heading(out, commands[i].group, &group);
        add_command(out, commands[i].name, commands[i].alias, commands[i].synopsis);
        add_sentence(out, commands[i].summary);
        add_sentence(out, commands[i].help);
    }
}

static bool is_debugger_command(const char *name)
{
    size_t count;
    const struct dbg_command *commands = dbg_commands(&count);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(commands[i].name, name) == 0)
            return true;
    }
    return false;
}

static void add_screen_commands(struct str *out)
{
    size_t count;
    const struct app_command *commands = app_commands(&count);
    for (size_t i = 0; i < count; i++) {
        if (is_debugger_command(commands[i].name))
            continue;
        add_command(out, commands[i].name, NULL, commands[i].synopsis);
        add_sentence(out, commands[i].summary);
    }
}

static void add_terms(struct str *out, char font, const struct cli_term *(*terms_of)(size_t *count))
{
    size_t count;
    const struct cli_term *terms = terms_of(&count);
    for (size_t i = 0; i < count; i++) {
        str_add(out, ".TP\n");
        add_in(out, font, terms[i].name, strlen(terms[i].name));
        str_add_char(out, '\n');
        add_sentence(out, terms[i].meaning);
    }
}

static void add_exit_codes(struct str *out)
{
    add_terms(out, 'B', cli_exit_codes);
}

static void add_environment(struct str *out)
{
    add_terms(out, 'B', cli_environment);
}

static void add_files(struct str *out)
{
    add_terms(out, 'I', cli_files);
}

static void add_trace_commands(struct str *out)
{
    size_t count;
    const struct trace_command *const *commands = trace_commands(&count);
    for (size_t i = 0; i < count; i++) {
        str_add(out, ".TP\n");
        add_in(out, 'B', commands[i]->name, strlen(commands[i]->name));
        str_add_char(out, ' ');
        add_text(out, commands[i]->operands);
        str_add_char(out, '\n');
        add_sentence(out, commands[i]->summary);
    }
}

static bool add_table(struct str *out, const char *name, size_t length)
{
    static const struct {
        const char *name;
        void (*add)(struct str *out);
    } tables[] = {
        {"FORMS", add_forms},
        {"OPTIONS", add_options},
        {"KEYS", add_keys},
        {"COMMANDS", add_commands},
        {"SCREEN_COMMANDS", add_screen_commands},
        {"EXIT_CODES", add_exit_codes},
        {"ENVIRONMENT", add_environment},
        {"FILES", add_files},
        {"TRACE_COMMANDS", add_trace_commands},
    };
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        if (strlen(tables[i].name) == length && memcmp(tables[i].name, name, length) == 0) {
            tables[i].add(out);
            return true;
        }
    }
    return false;
}

static bool add_place(struct str *out, const char *name, size_t length, char *const *places)
{
    for (; *places; places++) {
        if (strncmp(*places, name, length) == 0 && (*places)[length] == '=') {
            add_plain(out, *places + length + 1, strlen(*places + length + 1));
            return true;
        }
    }
    return false;
}

int manual_page(struct str *out, const char *template, char *const *places, struct flow_error *err)
{
    str_add(out, ".\\\" Made from the tables of flowdbg while it was built: change those.\n");
    while (*template) {
        size_t plain = strcspn(template, "@");
        str_add_bytes(out, template, plain);
        template += plain;
        if (!*template)
            break;
        const char *name = template + 1;
        size_t length = strcspn(name, "@\n");
        if (name[length] != '@' || (!add_table(out, name, length) && !add_place(out, name, length, places)))
            return flow_error_set(
                err, FLOW_EFORMAT, "the template has @%.*s@, which nothing is known of", (int)length, name);
        bool ends_line = out->length > 0 && out->text[out->length - 1] == '\n';
        template = name + length + 1;
        template += ends_line &&*template == '\n'; /* a table brings its own */
    }
    return FLOW_OK;
}
