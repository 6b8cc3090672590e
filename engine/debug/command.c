#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "debug/command_private.h"
#include "debug/session_private.h"

static const char *const after_words[] = {"before", "after", NULL};
static const char *const place_words[] = {"front", "back", NULL};
static const char *const seek_words[] = {"start", "end", "step", "time", "mark", "event", NULL};

#define RUNNING  "Running"
#define BACK     "Looking back"
#define BREAKS   "Breakpoints"
#define CHANGING "Changing the run"
#define LOOKING  "Looking"
#define SESSION  "Session"

static const struct dbg_command commands[] = {
    {"run", "r", RUNNING, "", "run from the beginning to a breakpoint or the end",
        "Loads the workflow anew. A run in progress is given up, after a question.", {0}, NULL,
        dbg_command_run},
    {"start", NULL, RUNNING, "", "begin a run and stop before its first task",
        "Loads the workflow anew. A run in progress is given up, after a question.", {0}, NULL,
        dbg_command_start},
    {"step", "s", RUNNING, "[COUNT]", "one event", "The next COUNT events happen, however small.",
        {DBG_ARG_COUNT}, NULL, dbg_command_step},
    {"next", "n", RUNNING, "[COUNT]", "one task: to the next boundary",
        "Stops where the next entry of the queue is about to be taken.", {DBG_ARG_COUNT}, NULL,
        dbg_command_next},
    {"finish", "f", RUNNING, "", "to the end of the running task",
        "Stops at the boundary that ends the current step, after its successors were enqueued.", {0}, NULL,
        dbg_command_finish},
    {"continue", "c", RUNNING, "[COUNT]", "go on to a breakpoint or the end",
        "With COUNT: to the COUNT-th breakpoint from here.", {DBG_ARG_COUNT}, NULL, dbg_command_continue},
    {"until", "u", RUNNING, "TASK", "go on until TASK is next",
        "TASK may be a pattern: *, ?, [abc]. Breakpoints on the way stop it too.", {DBG_ARG_TASK}, NULL,
        dbg_command_until},
    {"interrupt", NULL, RUNNING, "", "stop at the next event",
        "Asks a running task to stop at its next event. Asked again while it does not answer: kill.", {0},
        NULL, dbg_command_interrupt},
    {"kill", "k", RUNNING, "", "kill the run",
        "Ends the process of the workflow at once, whatever the task is doing.", {0}, NULL, dbg_command_kill},

    {"seek", NULL, BACK, "PLACE", "look at any moment of the run",
        "PLACE is an event (12; +3 and -3 count from here), step N, time T (since the start: 1.5s, 20ms), "
        "mark NAME, start, or end: the present. A live run waits meanwhile; nothing can be changed in the "
        "past.",
        {DBG_ARG_WORD, DBG_ARG_MARK}, seek_words, dbg_command_seek},
    {"reverse-step", "rs", BACK, "[COUNT]", "back by one event", "", {DBG_ARG_COUNT}, NULL,
        dbg_command_reverse_step},
    {"reverse-next", "rn", BACK, "[COUNT]", "back to the boundary before",
        "Inside a task: to where it was about to be taken from the queue.", {DBG_ARG_COUNT}, NULL,
        dbg_command_reverse_next},
    {"reverse-finish", "rf", BACK, "", "back to where the running task began", "", {0}, NULL,
        dbg_command_reverse_finish},
    {"reverse-continue", "rc", BACK, "[COUNT]", "back to a breakpoint or the start",
        "Forwards again go step, next, finish, continue and until: through what is known, then live.",
        {DBG_ARG_COUNT}, NULL, dbg_command_reverse_continue},
    {"mark", NULL, BACK, "[NAME]", "give this moment a name",
        "Go back to it with seek mark NAME. Marks of a recording are kept beside it, in FILE.marks.",
        {DBG_ARG_MARK}, NULL, dbg_command_mark},
    {"marks", NULL, BACK, "", "the marks there are", "To delete one: delete mark NAME.", {0}, NULL,
        dbg_command_marks},
    {"history", NULL, BACK, "KEY", "all writes of a channel key", "> is before the one in force here.",
        {DBG_ARG_KEY}, NULL, dbg_command_history},
    {"last", NULL, BACK, "KEY", "the last write of a channel key, as of here", "", {DBG_ARG_KEY}, NULL,
        dbg_command_last},
    {"why", NULL, BACK, "KEY|TASK", "what led to this value, or put this task into the queue",
        "As of here, the latest first.", {DBG_ARG_NAME}, NULL, dbg_command_why},
    {"whynot", NULL, BACK, "TASK", "why a task has not run",
        "Skipped, dropped, withdrawn, abandoned, waiting, or not reached.", {DBG_ARG_TASK}, NULL,
        dbg_command_whynot},

    {"break", "b", BREAKS, "TASK [before|after]", "stop whenever TASK is next, or after it",
        "TASK may be a pattern (*, ?, [abc]) and need not exist yet. before, the default: at the boundary "
        "where it "
        "is the first entry. after: at the boundary that ends its step. Without TASK: the list.",
        {DBG_ARG_TASK, DBG_ARG_WORD}, after_words, dbg_command_break},
    {"tbreak", "tb", BREAKS, "TASK [before|after]", "a breakpoint that goes when it is hit", "As break.",
        {DBG_ARG_TASK, DBG_ARG_WORD}, after_words, dbg_command_tbreak},
    {"delete", "d", BREAKS, "[NUMBER...]", "delete breakpoints",
        "Without numbers: all of them, after a question. delete mark NAME deletes a mark.",
        {DBG_ARG_BREAKPOINT, DBG_ARG_BREAKPOINT}, NULL, dbg_command_delete},
    {"enable", NULL, BREAKS, "[NUMBER...]", "let breakpoints stop again", "Without numbers: all of them.",
        {DBG_ARG_BREAKPOINT, DBG_ARG_BREAKPOINT}, NULL, dbg_command_enable},
    {"disable", NULL, BREAKS, "[NUMBER...]", "keep breakpoints without stopping",
        "Without numbers: all of them.", {DBG_ARG_BREAKPOINT, DBG_ARG_BREAKPOINT}, NULL, dbg_command_disable},

    {"goto", "g", CHANGING, "TASK", "make TASK the next one",
        "Between tasks: TASK runs next and the entry that was next is dropped. Inside a task: as if the task "
        "had "
        "called next_task(TASK, goto).",
        {DBG_ARG_TASK}, NULL, dbg_command_goto},
    {"enqueue", "e", CHANGING, "TASK [front|back]", "put TASK into the queue",
        "At the back, unless told otherwise.", {DBG_ARG_TASK, DBG_ARG_WORD}, place_words,
        dbg_command_enqueue},
    {"drop", NULL, CHANGING, "[ENTRY]", "take an entry out of the queue",
        "ENTRY is its number or its task; the first one by default. Its successors are not enqueued.",
        {DBG_ARG_ENTRY}, NULL, dbg_command_drop},
    {"move", NULL, CHANGING, "ENTRY front|back|PLACE", "move an entry in the queue",
        "PLACE counts from 1, the front.", {DBG_ARG_ENTRY, DBG_ARG_WORD}, place_words, dbg_command_move},
    {"skip", NULL, CHANGING, "[ENTRY]", "pass over an entry as if it had run",
        "Its task does not run; its successors are enqueued as if it had completed.", {DBG_ARG_ENTRY}, NULL,
        dbg_command_skip},
    {"set", NULL, CHANGING, "KEY VALUE", "write a channel key",
        "VALUE is JSON: 3, 0.5, \"text\", true, null, [1, 2], {\"a\": 1}; also nan, inf, -inf.",
        {DBG_ARG_KEY, DBG_ARG_TEXT}, NULL, dbg_command_set},
    {"unset", NULL, CHANGING, "KEY", "delete a channel key", "", {DBG_ARG_KEY}, NULL, dbg_command_unset},
    {"iterate", NULL, CHANGING, "TASK [VALUE]", "one more execution of TASK, with VALUE as its data",
        "At the back of the queue. VALUE is JSON, null by default.", {DBG_ARG_TASK, DBG_ARG_TEXT}, NULL,
        dbg_command_iterate},
    {"cancel", NULL, CHANGING, "[MESSAGE]", "end the run as cancelled",
        "Inside a task it takes effect when the task returns.", {DBG_ARG_TEXT}, NULL, dbg_command_cancel},
    {"terminate", NULL, CHANGING, "[MESSAGE]", "end the run early, as a success",
        "Inside a task it takes effect when the task returns.", {DBG_ARG_TEXT}, NULL, dbg_command_terminate},

    {"info", "i", LOOKING, "WHAT [COUNT]", "what is known: queue, channels, graph, ...",
        "WHAT is queue, channels, graph, tasks, breakpoints, run, events or output. COUNT limits events "
        "(20).",
        {DBG_ARG_WORD, DBG_ARG_COUNT}, dbg_info_words, dbg_command_info},
    {"print", "p", LOOKING, "KEY", "the value of a channel key", "", {DBG_ARG_KEY}, NULL, dbg_command_print},
    {"list", "l", LOOKING, "[TASK]", "the source of a task",
        "Of the running or next task, unless told otherwise.", {DBG_ARG_TASK}, NULL, dbg_command_list},

    {"source", NULL, SESSION, "FILE", "run the commands in a file",
        "One a line; # begins a comment. The first "
        "command that fails ends it.",
        {DBG_ARG_FILE}, NULL, dbg_command_source},
    {"help", "h", SESSION, "[COMMAND]", "this list, or one command", "", {DBG_ARG_COMMAND}, NULL,
        dbg_command_help},
    {"quit", "q", SESSION, "", "leave", "A run in progress is killed, after a question.", {0}, NULL,
        dbg_command_quit},
};

const struct dbg_command *dbg_commands(size_t *count)
{
    *count = sizeof commands / sizeof *commands;
    return commands;
}

void dbg_reply_finish(struct dbg_reply *reply)
{
    str_finish(&reply->text);
}

static void add_line(struct dbg_reply *reply, const char *fmt, va_list args)
{
    if (reply->text.length > 0)
        str_add_char(&reply->text, '\n');
    str_addv(&reply->text, fmt, args);
}

void dbg_say(struct dbg_reply *reply, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    add_line(reply, fmt, args);
    va_end(args);
}

void dbg_fail(struct dbg_reply *reply, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    add_line(reply, fmt, args);
    va_end(args);
    reply->is_error = true;
}

const char *dbg_nearest(
    const char *word, const char *(*name_at)(const void *user, size_t index), const void *user)
{
    const char *best = NULL, *name;
    unsigned limit = (unsigned)strlen(word) / 3 + 1;
    unsigned best_distance = limit + 1;
    for (size_t i = 0; (name = name_at(user, i)); i++) {
        unsigned distance = edit_distance(word, name, limit);
        if (distance < best_distance) {
            best_distance = distance;
            best = name;
        }
    }
    return best;
}

static const char *command_name_at(const void *user, size_t index)
{
    return index < sizeof commands / sizeof *commands ? commands[index].name : NULL;
}

static int refuse(const char *word, unsigned matches, struct flow_error *err)
{
    struct str names = {0};
    const char *nearest = dbg_nearest(word, command_name_at, NULL);
    size_t length = strlen(word);
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        if (matches > 1 && strncmp(commands[i].name, word, length) == 0)
            str_addf(&names, "%s%s", names.length ? ", " : "", commands[i].name);
    }
    if (matches > 1)
        flow_error_set(err, FLOW_EINVAL, "'%s' is ambiguous: %s", word, str_text(&names));
    else if (nearest)
        flow_error_set(err, FLOW_ENOENT, "there is no command '%s'; did you mean '%s'?", word, nearest);
    else
        flow_error_set(err, FLOW_ENOENT, "there is no command '%s'; help lists them", word);
    str_finish(&names);
    return FLOW_ENOENT;
}

const struct dbg_command *dbg_command_find(const char *word, struct flow_error *err)
{
    const struct dbg_command *found = NULL;
    unsigned matches = 0;
    size_t length = strlen(word);
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        const struct dbg_command *c = &commands[i];
        if (strcmp(c->name, word) == 0 || (c->alias && strcmp(c->alias, word) == 0))
            return c;
        if (length > 0 && strncmp(c->name, word, length) == 0) {
            found = c;
            matches++;
        }
    }
    if (matches == 1)
        return found;
    refuse(word, matches, err);
    return NULL;
}

/* Copies the next word of the line without its quotes and returns what follows, NULL at the end. '...' is
 * literal; in "..." and bare words \ escapes the next character. */
static const char *next_word(const char *line, struct str *word, bool *is_open)
{
    char quote = 0;
    line += strspn(line, " \t");
    if (!*line)
        return NULL;
    for (; *line && (quote || !strchr(" \t", *line)); line++) {
        if (quote ? *line == quote : (*line == '"' || *line == '\''))
            quote = quote ? 0 : *line;
        else if (*line == '\\' && quote != '\'' && line[1])
            str_add_char(word, *++line);
        else
            str_add_char(word, *line);
    }
    *is_open = quote != 0;
    return line;
}

struct words {
    VEC(char *);
};

static void words_finish(struct words *words)
{
    for (size_t i = 0; i < words->count; i++)
        mem_free(words->at[i]);
    vec_finish(words);
}

static int split(const char *line, struct words *words, bool *is_open)
{
    struct str word = {0};
    while ((line = next_word(line, &word, is_open))) {
        if (!word.text)
            str_add(&word, ""); /* "" is a word too */
        char *text = str_take(&word);
        if (!text || vec_push(words, text) < 0) {
            mem_free(text);
            return FLOW_ENOMEM;
        }
    }
    str_finish(&word);
    return FLOW_OK;
}

const char *dbg_rest_after(const char *rest, size_t words)
{
    bool is_open;
    for (; words > 0; words--) {
        struct str word = {0};
        const char *after = next_word(rest, &word, &is_open);
        str_finish(&word);
        rest = after ? after : rest + strlen(rest);
    }
    return rest + strspn(rest, " \t");
}

bool dbg_parse_number(const char *word, uint64_t *out)
{
    char *end;
    if (*word == '#')
        word++;
    if (*word < '0' || *word > '9')
        return false;
    errno = 0;
    uint64_t number = strtoull(word, &end, 10);
    if (*end || errno)
        return false;
    *out = number;
    return true;
}

static const char *task_name_at(const void *user, size_t index)
{
    const struct trace_state *state = user;
    return index < state->tasks.count ? state->tasks.at[index].id : NULL;
}

flow_task dbg_find_task(struct dbg_session *s, const char *name, struct dbg_reply *reply)
{
    flow_task task = trace_state_find_task(dbg_shown(s), name);
    if (task != FLOW_TASK_NONE)
        return task;
    const char *nearest = dbg_nearest(name, task_name_at, dbg_shown(s));
    if (nearest)
        dbg_fail(reply, "there is no task '%s'; did you mean '%s'?", name, nearest);
    else
        dbg_fail(reply, "there is no task '%s'; info tasks lists them", name);
    return FLOW_TASK_NONE;
}

static const char *key_name_at(const void *user, size_t index)
{
    const struct trace_state *state = user;
    return index < state->keys.count ? state->keys.at[index].name : NULL;
}

flow_key dbg_find_key(struct dbg_session *s, const char *name, struct dbg_reply *reply)
{
    flow_key key = trace_state_find_key(dbg_shown(s), name);
    if (key != FLOW_KEY_NONE && dbg_shown(s)->keys.at[key].is_set)
        return key;
    const char *nearest = dbg_nearest(name, key_name_at, dbg_shown(s));
    if (key != FLOW_KEY_NONE)
        dbg_fail(reply, "channel key '%s' has no value any more", name);
    else if (nearest)
        dbg_fail(reply, "there is no channel key '%s'; did you mean '%s'?", name, nearest);
    else
        dbg_fail(reply, "there is no channel key '%s'; info channels lists them", name);
    return FLOW_KEY_NONE;
}

bool dbg_check_present(struct dbg_session *s, struct dbg_reply *reply)
{
    if (s->config.is_replay)
        dbg_fail(reply, "this is a recording: it can be looked at, not run or changed");
    else if (s->is_away)
        dbg_fail(reply,
            "this is the past (event %llu of %llu), which nothing can change: go back to the present with "
            "`seek end`",
            (unsigned long long)dbg_shown(s)->event, (unsigned long long)s->state.event);
    return !reply->is_error;
}

void dbg_wait_for_run(struct dbg_session *s)
{
    if (s->wait)
        s->wait(s->wait_user, s);
    else
        dbg_session_wait(s, DBG_UNATTENDED_MS, -1);
}

void dbg_execute(struct dbg_session *session, const char *line, bool confirmed, struct dbg_reply *reply)
{
    struct flow_error err = FLOW_ERROR_INIT;
    struct words words = {0};
    bool is_open = false;
    line += strspn(line, " \t");
    if (!*line || *line == '#')
        return;
    if (split(line, &words, &is_open) < 0) {
        dbg_fail(reply, "out of memory");
    } else {
        const struct dbg_command *command = dbg_command_find(words.at[0], &err);
        bool takes_text = command && (command->args[0] == DBG_ARG_TEXT || command->args[1] == DBG_ARG_TEXT);
        if (!command)
            dbg_fail(reply, "%s", err.text);
        else if (is_open && !takes_text)
            dbg_fail(reply, "a quote is not closed");
        else
            command->run(session, words.at + 1, words.count - 1, dbg_rest_after(line, 1), confirmed, reply);
    }
    words_finish(&words);
    struct str safe = {0};
    dbg_escape_lines(&safe, str_text(&reply->text), reply->text.length);
    str_finish(&reply->text);
    reply->text = safe;
}
