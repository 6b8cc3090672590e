#include "tests/unit/test.h"

#include <stdio.h>
#include <string.h>

#include "debug/command.h"
#include "debug/session_private.h"

/* A session that never starts: its state is told a small graph by hand. */
static struct dbg_session *make_session(void)
{
    struct flow_error err = FLOW_ERROR_INIT;
    struct dbg_session *session;
    struct dbg_config config = {.file = EXAMPLE_PLUGIN};
    if (dbg_session_create(&session, &config, &err) < 0)
        fail_msg("%s", err.text);
    return session;
}

static void tell(struct dbg_session *s, struct flow_event event, const char *text)
{
    struct flow_error err = FLOW_ERROR_INIT;
    event.number = s->state.event + 1;
    event.text = text;
    event.text_length = text ? strlen(text) : 0;
    if (trace_state_apply(&s->state, &event, &err) < 0)
        fail_msg("%s", err.text);
}

static void tell_graph(struct dbg_session *s)
{
    static const char *const tasks[] = {"validate", "repair", "report daily"};
    struct flow_value map;
    assert_int_equal(flow_map_create(&map, NULL, 0), FLOW_OK);
    tell(s, (struct flow_event){.kind = FLOW_EV_RUN_STARTED, .value = map}, "flow");
    for (flow_task t = 0; t < 3; t++)
        tell(s,
            (struct flow_event){.kind = FLOW_EV_TASK_ADDED, .task = t, .other = FLOW_TASK_NONE, .value = map},
            tasks[t]);
    tell(s, (struct flow_event){.kind = FLOW_EV_CHANNEL_SET, .key = 0, .value = flow_int(3)}, "total");
    tell(s, (struct flow_event){.kind = FLOW_EV_CHANNEL_SET, .key = 1, .value = flow_int(4)}, "topic");
    flow_value_unref(map);
}

static void every_row_is_complete(void **state)
{
    size_t count;
    const struct dbg_command *commands = dbg_commands(&count);
    (void)state;
    for (size_t i = 0; i < count; i++) {
        assert_non_null(commands[i].run);
        assert_true(strlen(commands[i].summary) > 0);
        assert_non_null(commands[i].help);
        for (size_t j = 0; j < i; j++) {
            assert_string_not_equal(commands[i].name, commands[j].name);
            if (commands[i].alias && commands[j].alias)
                assert_string_not_equal(commands[i].alias, commands[j].alias);
        }
    }
}

static const struct {
    const char *word;
    const char *name; /* NULL: refused */
    const char *words;
} names[] = {
    {"next", "next", NULL},
    {"n", "next", NULL},
    {"s", "step", NULL}, /* the alias wins over start, set, skip, source */
    {"c", "continue", NULL},
    {"g", "goto", NULL},
    {"b", "break", NULL},
    {"cont", "continue", NULL},
    {"term", "terminate", NULL},
    {"enq", "enqueue", NULL},
    {"sta", "start", NULL},
    {"ca", "cancel", NULL},
    {"st", NULL, "'st' is ambiguous: start, step"},
    {"un", NULL, "'un' is ambiguous: until, unset"},
    {"contnue", NULL, "did you mean 'continue'?"},
    {"brek", NULL, "did you mean 'break'?"},
    {"frobnicate", NULL, "help lists them"},
    {"", NULL, ""},
};

static void names_aliases_and_beginnings_are_found(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct flow_error err = FLOW_ERROR_INIT;
        const struct dbg_command *found = dbg_command_find(names[i].word, &err);
        if (!names[i].name && (found || !strstr(err.text, names[i].words)))
            fail_msg("'%s' gives '%s', expected '%s'", names[i].word, found ? found->name : err.text,
                names[i].words);
        if (names[i].name && (!found || strcmp(found->name, names[i].name)))
            fail_msg("'%s' gives '%s', expected '%s'", names[i].word, found ? found->name : err.text,
                names[i].name);
    }
}

/* Lines on a session that has a graph and no run. */
static const struct {
    const char *line;
    bool is_error;
    const char *words;
} lines[] = {
    {"", false, ""},
    {"   # a comment", false, ""},
    {"next", true, "no run is in progress: start begins one"},
    {"next zero", true, "a count is a number from 1 on, not 'zero'"},
    {"step 0", true, "a count is a number"},
    {"goto", true, "goto which task?"},
    {"goto validate", true, "no run is in progress"},
    {"print total", false, "total = 3"},
    {"print totl", true, "did you mean 'total'?"},
    {"print \"total", true, "a quote is not closed"},
    {"print", true, "print which key?"},
    {"info queue", false, "the queue is empty"},
    {"i q", false, "the queue is empty"},
    {"info tasks", false, "report daily"},
    {"info nothing", true, "info about what?"},
    {"list repiar", true, "did you mean 'repair'?"},
    {"break repair", false, "breakpoint 1: before repair"},
    {"tbreak \"report daily\" after", false, "temporary breakpoint 2: after report daily"},
    {"break validate sideways", true, "before or after the task, not 'sideways'"},
    {"break repiar", false, "did you mean 'repair'?"}, /* it may come yet: a note, no error */
    {"info breakpoints", false, "report daily"},
    {"disable 1", false, ""},
    {"delete 9", true, "there is no breakpoint '9'"},
    {"delete 1", false, ""},
    {"source /does/not/exist", true, "No such file"},
    {"help step", false, "step [COUNT]: one event"},
    {"help", false, "Changing the run:"},
    {"kill", true, "no run is in progress"},
    {"interrupt", true, "nothing is running"},
    {"set total 4", true, "no run is in progress"},
};

static void lines_answer_in_words(void **state)
{
    struct dbg_session *session = make_session();
    (void)state;
    tell_graph(session);
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        struct dbg_reply reply = {0};
        dbg_execute(session, lines[i].line, true, &reply);
        if (reply.is_error != lines[i].is_error || !strstr(str_text(&reply.text), lines[i].words))
            fail_msg("'%s' answers %s'%s', expected '%s'", lines[i].line, reply.is_error ? "error " : "",
                str_text(&reply.text), lines[i].words);
        dbg_reply_finish(&reply);
    }
    assert_int_equal(dbg_breakpoint_count(session), 2);
    assert_null(dbg_breakpoint_of(session, "repair"));
    assert_non_null(dbg_breakpoint_of(session, "report daily"));
    dbg_session_destroy(session);
}

static void deleting_everything_asks_first(void **state)
{
    struct dbg_session *session = make_session();
    struct dbg_reply reply = {0};
    (void)state;
    dbg_execute(session, "break a", false, &reply);
    dbg_reply_finish(&reply);
    dbg_execute(session, "delete", false, &reply);
    assert_true(reply.needs_confirm);
    assert_int_equal(dbg_breakpoint_count(session), 1);
    dbg_reply_finish(&reply);
    reply = (struct dbg_reply){0};
    dbg_execute(session, "delete", true, &reply);
    assert_false(reply.needs_confirm);
    assert_int_equal(dbg_breakpoint_count(session), 0);
    dbg_reply_finish(&reply);
    dbg_session_destroy(session);
}

/* The line with | at the cursor, and the candidates with blanks between; "*": at least all commands. */
static const struct {
    const char *line;
    const char *expected;
    size_t start;
} completions[] = {
    {"cont|", "continue", 0},
    {"st|", "start step", 0},
    {"  ca|", "cancel", 2},
    {"goto re|", "repair", 5},
    {"goto \"re|", "\"report daily\"", 5},
    {"g va|", "validate", 2},
    {"print to|", "total topic", 6},
    {"print tot|al", "total", 6},
    {"info |", "queue channels graph tasks breakpoints run events output", 5},
    {"info ev|", "events", 5},
    {"break repair a|", "after", 13},
    {"break repair |", "before after", 13},
    {"help fin|", "finish", 5},
    {"enqueue repair f|", "front", 15},
    {"set total |", "", 10},
    {"nonsense |", "", 9},
    {"next |", "", 5},
};

static void words_are_completed(void **state)
{
    struct dbg_session *session = make_session();
    (void)state;
    tell_graph(session);
    for (size_t i = 0; i < sizeof completions / sizeof *completions; i++) {
        char line[100];
        struct str found = {0};
        struct dbg_candidates candidates = {0};
        size_t cursor = strcspn(completions[i].line, "|");
        snprintf(
            line, sizeof line, "%.*s%s", (int)cursor, completions[i].line, completions[i].line + cursor + 1);
        assert_int_equal(dbg_complete(session, line, cursor, &candidates), FLOW_OK);
        vec_foreach (const struct dbg_candidate, c, &candidates)
            str_addf(&found, "%s%s", found.length ? " " : "", c->text);
        if (strcmp(str_text(&found), completions[i].expected) || candidates.start != completions[i].start)
            fail_msg("'%s' completes to '%s' from %zu, expected '%s' from %zu", completions[i].line,
                str_text(&found), candidates.start, completions[i].expected, completions[i].start);
        dbg_candidates_finish(&candidates);
        str_finish(&found);
    }
    dbg_session_destroy(session);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_is_complete),
        cmocka_unit_test(names_aliases_and_beginnings_are_found),
        cmocka_unit_test(lines_answer_in_words),
        cmocka_unit_test(deleting_everything_asks_first),
        cmocka_unit_test(words_are_completed),
    };
    return RUN_TESTS(tests);
}
