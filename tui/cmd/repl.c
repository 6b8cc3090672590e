/* The debugger as a command line: typed, piped, or out of scripts. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "debug/command.h"
#include "debug/text.h"
#include "tui/cmd/cmd.h"
#include "tui/prompt/prompt.h"

#define PROMPT "(flowdbg) "
/* A `step` that ran over more events than this shows the last ones. */
#define EVENTS_SHOWN 20

struct repl {
    struct dbg_session *session;
    bool is_batch;
    bool is_done;
    uint64_t printed[2]; /* how long the output's streams were where we stood last */
    size_t chunk;        /* before this one all was shown */
    uint64_t generation;
    uint64_t event;   /* up to here events were shown or passed over */
    int caught;       /* a signal that asks us to leave */
    int interrupt_fd; /* readable after a Ctrl-C, while a command is being executed */
    bool is_executing;
};

/* Prints bytes `from` to `end` of a chunk. */
static void show_bytes(struct repl *r, const struct dbg_output_chunk *chunk, uint64_t from, uint64_t end)
{
    char piece[4096];
    uint64_t whole = chunk->length - chunk->dropped;
    bool is_whole = end >= whole;
    end = is_whole ? whole : end;
    struct str text = {0};
    while (from < end) {
        size_t wanted = end - from < sizeof piece ? (size_t)(end - from) : sizeof piece;
        size_t got = dbg_output_read(r->session, chunk->stream, chunk->offset + from, piece, wanted);
        if (got == 0)
            break;
        str_add_bytes(&text, piece, got);
        from += got;
    }
    struct str safe = {0};
    dbg_escape_coloured(&safe, str_text(&text), text.length);
    fputs(str_text(&safe), stdout);
    if (safe.length > 0 && safe.text[safe.length - 1] != '\n')
        putchar('\n');
    str_finish(&safe);
    str_finish(&text);
    if (chunk->dropped && is_whole)
        printf("(%llu bytes were not kept)\n", (unsigned long long)chunk->dropped);
}

/* What was printed between the place where we stood and the one where we stand. Going back prints nothing. */
static void show_output(struct repl *r, bool is_silent)
{
    uint64_t to[2] = {dbg_output_shown(r->session, 1), dbg_output_shown(r->session, 2)};
    if (to[0] < r->printed[0] || to[1] < r->printed[1])
        r->chunk = 0;
    size_t count = is_silent ? 0 : dbg_output_count(r->session);
    for (size_t i = r->chunk; i < count; i++) {
        struct dbg_output_chunk chunk;
        dbg_output_at(r->session, i, &chunk);
        uint64_t from = r->printed[chunk.stream - 1], end = to[chunk.stream - 1];
        if (i == r->chunk && i + 1 < count && chunk.offset + chunk.length <= from)
            r->chunk++;
        from = from > chunk.offset ? from - chunk.offset : 0;
        end = end > chunk.offset ? end - chunk.offset : 0;
        if (from < chunk.length && from < end)
            show_bytes(r, &chunk, from, end);
    }
    memcpy(r->printed, to, sizeof to);
}

/* The events since the last stop, in words, where a person steps by events. */
static void show_events(struct repl *r)
{
    const struct trace_state *state = dbg_session_state(r->session);
    struct trace_reader *reader;
    struct flow_error err = FLOW_ERROR_INIT;
    struct flow_event event;
    uint64_t from = state->event > r->event + EVENTS_SHOWN ? state->event - EVENTS_SHOWN : r->event;
    if (from >= state->event || dbg_session_reader(r->session, &reader, &err) < 0)
        return;
    if (trace_reader_seek(reader, from, &err) == FLOW_OK) {
        while (trace_reader_position(reader) < state->event &&
               trace_reader_next(reader, &event, &err) == FLOW_OK) {
            char text[1000];
            struct str safe = {0};
            if (flow_event_is_note(event.kind))
                continue;
            trace_print_event(state, &event, text, sizeof text);
            dbg_cut_utf8(text);
            dbg_escape(&safe, text, strlen(text));
            printf("%llu %s\n", (unsigned long long)event.number, str_text(&safe));
            str_finish(&safe);
        }
    }
    trace_reader_destroy(reader);
}

static void show_stop(struct repl *r, const char *command)
{
    const struct dbg_status *status = dbg_session_status(r->session);
    if (r->generation != dbg_session_generation(r->session)) {
        r->generation = dbg_session_generation(r->session);
        r->chunk = 0;
        r->printed[0] = r->printed[1] = r->event = 0;
    }
    show_output(r, strcmp(command, "seek") == 0 || strcmp(command, "kill") == 0);
    if (strcmp(command, "step") == 0)
        show_events(r);
    r->event = dbg_session_state(r->session)->event;
    if (status->phase == DBG_PHASE_ENDED && !flow_outcome_is_success(dbg_session_state(r->session)->outcome))
        cmd_report(r->session, stdout);
    else
        printf("%s\n", status->text);
    if (status->is_past)
        printf("step %llu of %llu, event %llu of %llu\n", (unsigned long long)status->step,
            (unsigned long long)status->last_step, (unsigned long long)status->event,
            (unsigned long long)status->last_event);
}

static void note_signal(struct repl *r, int caught)
{
    if (caught && caught != SIGINT)
        r->caught = caught;
}

/* Ctrl-C during a long look back. */
static bool is_interrupted(void *user)
{
    const struct repl *r = user;
    struct pollfd fd = {.fd = r->interrupt_fd, .events = POLLIN};
    return poll(&fd, 1, 0) > 0;
}

static void wait_for_run(void *user, struct dbg_session *session)
{
    struct repl *r = user;
    if (r->is_executing) /* a script that a command runs */
        note_signal(r, cmd_interrupt_end());
    int fd = cmd_interrupt_begin(dbg_session_status(session)->pid);
    dbg_session_wait(session, -1, fd);
    note_signal(r, cmd_interrupt_end());
    if (r->is_executing)
        r->interrupt_fd = cmd_interrupt_begin(dbg_session_status(session)->pid);
}

/* Runs a line. False: it failed, with words in *why. */
static bool execute(
    struct repl *r, const char *line, bool is_confirmed, struct str *question, struct str *why)
{
    struct dbg_reply reply = {0};
    r->interrupt_fd = cmd_interrupt_begin(dbg_session_status(r->session)->pid);
    r->is_executing = true;
    dbg_execute(r->session, line, is_confirmed, &reply);
    r->is_executing = false;
    note_signal(r, cmd_interrupt_end());
    bool is_fine = !reply.is_error;
    if (reply.needs_confirm)
        str_add(question, str_text(&reply.text));
    else if (reply.is_error)
        str_add(why, str_text(&reply.text));
    else if (reply.text.length > 0)
        printf("%s\n", reply.text.text);
    r->is_done = r->is_done || reply.is_quit;
    bool waits = reply.is_running;
    dbg_reply_finish(&reply);
    if (!waits) /* what an edit did was said; a step tells what comes after */
        r->event = dbg_session_state(r->session)->event;
    if (!waits || !is_fine)
        return is_fine;
    struct flow_error err = FLOW_ERROR_INIT;
    char word[32];
    size_t length = strcspn(line += strspn(line, " \t"), " \t");
    snprintf(word, sizeof word, "%.*s", (int)length, line);
    const struct dbg_command *command = dbg_command_find(word, &err);
    wait_for_run(r, r->session);
    if (*dbg_session_load_error(r->session)) {
        str_add(why, dbg_session_load_error(r->session));
        return false;
    }
    show_stop(r, command ? command->name : "");
    return true;
}

static int complete(void *user, const char *line, size_t cursor, struct prompt_candidates *out)
{
    struct repl *r = user;
    struct dbg_candidates found = {0};
    int status = dbg_complete(r->session, line, cursor, &found);
    out->from = found.start;
    vec_foreach (const struct dbg_candidate, c, &found) {
        if (status == FLOW_OK)
            status = prompt_candidates_add(out, c->text, c->help);
        if (c->text[0] && c->text[strlen(c->text) - 1] == '/')
            out->no_space = true;
    }
    dbg_candidates_finish(&found);
    return status;
}

static bool is_yes(struct prompt_reader *reader, const char *question)
{
    const char *answer;
    struct str label = {0};
    str_addf(&label, "%s (y or n) ", question);
    bool yes = prompt_reader_line(reader, str_text(&label), &answer, NULL) == FLOW_OK &&
               (answer[0] == 'y' || answer[0] == 'Y');
    str_finish(&label);
    return yes;
}

/* Commands that an empty line repeats, as in gdb. */
static bool is_repeatable(const char *line)
{
    char word[32];
    snprintf(word, sizeof word, "%.*s", (int)strcspn(line, " \t"), line);
    const struct dbg_command *command = dbg_command_find(word, NULL);
    return command && (strcmp(command->name, "step") == 0 || strcmp(command->name, "next") == 0 ||
                          strcmp(command->name, "finish") == 0 || strcmp(command->name, "continue") == 0);
}

/* A line that a person typed, or that came through a pipe. */
static void take_line(struct repl *r, struct prompt_reader *reader, const char *line)
{
    struct str question = {0}, why = {0};
    bool is_tty = prompt_reader_is_tty(reader);
    execute(r, line, !is_tty, &question, &why);
    if (question.length > 0 && is_yes(reader, question.text))
        execute(r, line, true, &question, &why);
    fflush(stdout);
    if (why.length > 0)
        fprintf(is_tty ? stdout : stderr, "%s\n", why.text);
    str_finish(&question);
    str_finish(&why);
}

static int converse(struct repl *r)
{
    struct flow_error err = FLOW_ERROR_INIT;
    struct prompt_reader *reader;
    char *history = NULL;
    if (prompt_history_path(&history) != FLOW_OK)
        history = NULL;
    struct prompt_options options = {.history_file = history, .complete = complete, .user = r};
    if (prompt_reader_create(&options, &reader, &err) < 0) {
        cmd_complain(stderr, err.text);
        mem_free(history);
        return 2;
    }
    struct str last = {0};
    const char *line;
    int status;
    while (!r->is_done && !r->caught &&
           ((status = prompt_reader_line(reader, PROMPT, &line, &err)) == FLOW_OK || status == FLOW_AGAIN)) {
        if (status == FLOW_AGAIN)
            continue;
        if (*line && is_repeatable(line)) {
            str_clear(&last);
            str_add(&last, line);
        } else if (*line) {
            str_clear(&last);
        }
        const char *wanted = *line ? line : prompt_reader_is_tty(reader) ? str_text(&last) : "";
        struct str copy = {0};
        str_add(&copy, wanted); /* a question reads a line of its own */
        take_line(r, reader, str_text(&copy));
        str_finish(&copy);
        fflush(stdout);
    }
    str_finish(&last);
    prompt_reader_destroy(reader);
    mem_free(history);
    int code = dbg_session_exit_code(r->session);
    return code == 5 ? 0 : code;
}

/* Runs a script ("-": standard input). False: a command failed, and it was said. */
static bool run_script(struct repl *r, const char *path)
{
    char *line = NULL;
    size_t size = 0;
    unsigned number = 0;
    bool is_fine = true;
    ssize_t length;
    bool is_stdin = strcmp(path, "-") == 0;
    FILE *file = is_stdin ? stdin : fopen(path, "re");
    if (!file) {
        fprintf(stderr, "flowdbg: %s: %s\n", path, strerror(errno));
        return false;
    }
    while (is_fine && !r->is_done && !r->caught && (length = getline(&line, &size, file)) >= 0) {
        struct str question = {0}, why = {0};
        if (length > 0 && line[length - 1] == '\n')
            line[length - 1] = '\0';
        number++;
        is_fine = execute(r, line, true, &question, &why);
        fflush(stdout);
        if (!is_fine)
            fprintf(stderr, "flowdbg: %s:%u: %s\n", is_stdin ? "stdin" : path, number, str_text(&why));
        str_finish(&question);
        str_finish(&why);
    }
    if (is_fine && ferror(file)) {
        fprintf(stderr, "flowdbg: %s: %s\n", is_stdin ? "stdin" : path, strerror(errno));
        is_fine = false;
    }
    free(line);
    if (!is_stdin)
        fclose(file);
    return is_fine;
}

static bool run_scripts(struct repl *r, const struct cli_options *options)
{
    for (size_t i = 0; i < options->scripts.count; i++) {
        if (!run_script(r, options->scripts.at[i]))
            return false;
        if (r->is_done)
            break;
    }
    if (r->is_batch && options->scripts.count == 0)
        return run_script(r, "-");
    return true;
}

static int work(struct repl *r, const struct cli_options *options)
{
    wait_for_run(r, r->session);
    if (*dbg_session_load_error(r->session)) {
        cmd_report(r->session, stderr);
        return 2;
    }
    if (dbg_session_status(r->session)->is_replay && dbg_session_status(r->session)->problem)
        cmd_complain(stderr, dbg_session_status(r->session)->problem);
    show_stop(r, "");
    fflush(stdout);
    if (!run_scripts(r, options))
        return 2;
    if (r->is_batch || r->is_done)
        return dbg_session_exit_code(r->session);
    return converse(r);
}

int cmd_repl(const struct cli_options *options)
{
    struct flow_error err = FLOW_ERROR_INIT;
    struct repl r = {.is_batch = options->mode == CLI_BATCH};
    int status = dbg_session_create(&r.session, &options->config, &err);
    if (status == FLOW_OK)
        status = dbg_session_start(r.session, &err);
    if (status < 0) {
        cmd_complain(stderr, err.text);
        dbg_session_destroy(r.session);
        return 2;
    }
    dbg_session_set_wait(r.session, wait_for_run, &r);
    dbg_session_set_patience(r.session, is_interrupted, &r);
    int code = work(&r, options);
    dbg_session_destroy(r.session);
    if (r.caught)
        raise(r.caught);
    return code;
}
