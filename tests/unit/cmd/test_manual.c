/* Nothing that help knows is missing from the manual page. The page is built here from the real template. */
#include "tests/unit/test.h"

#include <stdio.h>
#include <string.h>

#include "debug/command.h"
#include "tui/app/state.h"
#include "tui/cmd/manual.h"
#include "tui/cmd/trace/trace.h"
#include "tui/cmd/usage.h"

static const char *template_path;
static struct str page;  /* as a person reads it: fonts and escapes undone */
static struct str names; /* the lines after .TP, which name what is explained */

/* Undoes what the page needs for roff; knows only what the generator writes. */
static void add_read(struct str *out, const char *text, size_t length)
{
    static const struct {
        const char *roff, *text;
    } escapes[] = {{"\\-", "-"}, {"\\e", "\\"}, {"\\&", ""}, {"\\(dq", "\""}, {"\\(aq", "'"}, {"\\(ga", "`"},
        {"\\(ha", "^"}, {"\\(ti", "~"}, {"\\fB", ""}, {"\\fI", ""}, {"\\fR", ""}};
    for (const char *end = text + length; text < end;) {
        size_t i = 0;
        while (i < sizeof escapes / sizeof *escapes &&
               strncmp(text, escapes[i].roff, strlen(escapes[i].roff)) != 0)
            i++;
        if (i < sizeof escapes / sizeof *escapes) {
            str_add(out, escapes[i].text);
            text += strlen(escapes[i].roff);
        } else {
            str_add_char(out, *text++);
        }
    }
}

static void read_page(const char *roff)
{
    bool is_name = false;
    while (*roff) {
        size_t length = strcspn(roff, "\n") + 1;
        add_read(&page, roff, length);
        if (is_name)
            add_read(&names, roff, length);
        is_name = strncmp(roff, ".TP", 3) == 0;
        roff += length;
    }
}

static int build_page(void **state)
{
    static char *const places[] = {
        (char *)"VERSION=1.2", (char *)"PLUGINS=/p", (char *)"EXAMPLES=/e", (char *)"DOCS=/d", NULL};
    struct flow_error err = FLOW_ERROR_INIT;
    struct str template = {0}, roff = {0};
    char piece[4096];
    size_t got;
    FILE *file = fopen(template_path, "r");
    if (!file)
        return -1;
    while ((got = fread(piece, 1, sizeof piece, file)) > 0)
        str_add_bytes(&template, piece, got);
    fclose(file);
    int status = manual_page(&roff, str_text(&template), places, &err);
    if (status < 0)
        print_error("%s\n", err.text);
    else
        read_page(str_text(&roff));
    str_finish(&template);
    str_finish(&roff);
    return status;
}

static int drop_page(void **state)
{
    str_finish(&page);
    str_finish(&names);
    return 0;
}

static bool is_word_char(char c)
{
    return c == '-' || c == '_' || (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

/* Does a line of names have the word? "step" is not in "step-back". */
static bool is_named(const char *word)
{
    size_t length = strlen(word);
    bool is_word = is_word_char(*word);
    for (const char *at = str_text(&names); (at = strstr(at, word)); at++) {
        bool begins = at == names.text || !is_word || !is_word_char(at[-1]);
        if (begins && (!is_word || !is_word_char(at[length])))
            return true;
    }
    return false;
}

static void every_option_is_there(void **state)
{
    size_t count;
    const struct cli_option *options = cli_option_table(&count);
    for (size_t i = 0; i < count; i++) {
        char name[64];
        snprintf(name, sizeof name, "--%s%s%s", options[i].name, options[i].argument ? "=" : "",
            options[i].argument ? options[i].argument : "");
        if (!is_named(name))
            fail_msg("%s is missing", name);
        snprintf(name, sizeof name, "-%c, ", options[i].letter);
        if (options[i].letter && !strstr(names.text, name))
            fail_msg("-%c is missing", options[i].letter);
        if (options[i].more && !strstr(page.text, options[i].more))
            fail_msg("of --%s is missing: %s", options[i].name, options[i].more);
    }
    assert_true(count > 20);
}

static void every_command_is_there(void **state)
{
    size_t count, own_count;
    const struct dbg_command *commands = dbg_commands(&count);
    const struct app_command *own = app_commands(&own_count);
    for (size_t i = 0; i < count; i++) {
        if (!is_named(commands[i].name) || (commands[i].alias && !is_named(commands[i].alias)))
            fail_msg("%s is missing", commands[i].name);
        if (!strstr(page.text, commands[i].help))
            fail_msg("the help of %s is missing", commands[i].name);
    }
    for (size_t i = 0; i < own_count; i++) {
        if (!is_named(own[i].name))
            fail_msg("%s is missing", own[i].name);
    }
    assert_true(count > 20 && own_count > 5);
}

static void every_key_is_there(void **state)
{
    size_t count;
    const struct key_binding *bindings = key_bindings(&count);
    for (size_t i = 0; i < count; i++) {
        for (const char *key = bindings[i].keys; *key;) {
            char name[32];
            int length = (int)strcspn(key, " ");
            snprintf(name, sizeof name, "%.*s", length, key);
            if (!is_named(name))
                fail_msg("key %s is missing", name);
            key += length + (int)strspn(key + length, " ");
        }
        if (!strstr(page.text, bindings[i].summary + 1)) /* the first letter is a capital there */
            fail_msg("what %s does is missing", bindings[i].keys);
    }
    assert_true(count > 30);
}

static void every_trace_command_is_there(void **state)
{
    size_t count;
    const struct trace_command *const *commands = trace_commands(&count);
    for (size_t i = 0; i < count; i++) {
        if (!is_named(commands[i]->name) || !strstr(page.text, commands[i]->summary + 1))
            fail_msg("flowdbg trace %s is missing", commands[i]->name);
    }
    assert_true(count > 5 && strstr(page.text, "flowdbg trace\nCOMMAND"));
}

/* What stands for the selection has a name: no "%t" is left, of any letter. */
static void no_place_of_a_keys_command_is_left(void **state)
{
    const char *at = strchr(page.text, '%');
    if (at)
        fail_msg("left: %.20s", at);
}

static void every_exit_code_variable_and_file_is_there(void **state)
{
    const struct cli_term *(*const tables[])(size_t * count) = {cli_exit_codes, cli_environment, cli_files};
    for (size_t t = 0; t < sizeof tables / sizeof *tables; t++) {
        size_t count;
        const struct cli_term *terms = tables[t](&count);
        assert_true(count > 0);
        for (size_t i = 0; i < count; i++) {
            if (!is_named(terms[i].name) || !strstr(page.text, terms[i].meaning + 1))
                fail_msg("%s is missing", terms[i].name);
        }
    }
    assert_true(is_named("/p") && is_named("/e") && is_named("/d"));
}

static void a_place_that_nothing_is_known_of_is_refused(void **state)
{
    static const char *const templates[] = {"@NOTHING@\n", "@VERSION\n", "x @", "@@"};
    static char *const places[] = {(char *)"VERSION=1", NULL};
    for (size_t i = 0; i < sizeof templates / sizeof *templates; i++) {
        struct flow_error err = FLOW_ERROR_INIT;
        struct str out = {0};
        if (manual_page(&out, templates[i], places, &err) != FLOW_EFORMAT)
            fail_msg("'%s' was taken", templates[i]);
        str_finish(&out);
    }
}

static void text_cannot_become_a_request(void **state)
{
    static char *const places[] = {(char *)"TEXT=.so 'x' -\\-", NULL};
    struct str out = {0};
    assert_int_equal(manual_page(&out, "@TEXT@\n", places, NULL), FLOW_OK);
    assert_non_null(strstr(str_text(&out), "\n\\&.so \\(aqx\\(aq \\-\\e\\-\n"));
    str_finish(&out);
}

static void completions_offer_every_option(void **state)
{
    void (*const shells[])(struct str * out) = {manual_bash, manual_zsh};
    size_t count;
    const struct cli_option *options = cli_option_table(&count);
    for (size_t s = 0; s < sizeof shells / sizeof *shells; s++) {
        struct str text = {0};
        shells[s](&text);
        for (size_t i = 0; i < count; i++) {
            char name[64];
            snprintf(name, sizeof name, "--%s", options[i].name);
            if (!strstr(str_text(&text), name))
                fail_msg("%s is missing", name);
        }
        str_finish(&text);
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_option_is_there),
        cmocka_unit_test(every_command_is_there),
        cmocka_unit_test(every_key_is_there),
        cmocka_unit_test(every_trace_command_is_there),
        cmocka_unit_test(no_place_of_a_keys_command_is_left),
        cmocka_unit_test(every_exit_code_variable_and_file_is_there),
        cmocka_unit_test(a_place_that_nothing_is_known_of_is_refused),
        cmocka_unit_test(text_cannot_become_a_request),
        cmocka_unit_test(completions_offer_every_option),
    };
    template_path = argc > 1 ? argv[1] : "";
    return !!cmocka_run_group_tests(tests, build_page, drop_page);
}
