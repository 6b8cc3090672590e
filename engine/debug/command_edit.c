/* What a person changes. Each reply says in a line or two what follows from it. */
#include <string.h>

#include "debug/command_private.h"
#include "debug/json.h"
#include "debug/session_private.h"

static bool is_at_boundary(const struct dbg_session *s)
{
    return s->status.phase == DBG_PHASE_STOPPED && s->state.phase == TRACE_PHASE_BOUNDARY;
}

/* The running task can still act on a request; afterwards edits are those of the boundary that comes. */
static bool is_in_body(const struct dbg_session *s)
{
    return s->state.phase == TRACE_PHASE_TAKEN || s->state.phase == TRACE_PHASE_BODY;
}

static const char *task_id(const struct dbg_session *s, flow_task task)
{
    return trace_state_task_id(&s->state, task);
}

static bool check_run(struct dbg_session *s, struct dbg_reply *reply)
{
    if (!dbg_check_present(s, reply))
        return false;
    if (s->status.phase == DBG_PHASE_STOPPED || s->status.phase == DBG_PHASE_RUNNING)
        return true;
    if (s->status.phase == DBG_PHASE_ENDED)
        dbg_fail(reply, "the run has ended (%s): nothing can be changed any more; start begins a new one",
            flow_outcome_name(s->state.outcome));
    else
        dbg_fail(reply, "no run is in progress: start begins one");
    return false;
}

/* Sends the edit. True: it is done or will be, and `reply` says when it has to wait. The value is taken over.
 */
static bool edit(struct dbg_session *s, const char *task, struct flow_edit *how, const char *command,
    const char *rest, struct dbg_reply *reply)
{
    struct flow_error err = FLOW_ERROR_INIT;
    struct str typed = {0};
    str_addf(&typed, "%s%s%s", command, *rest ? " " : "", rest);
    while (typed.length > 0 && strchr(" \t\r\n", typed.text[typed.length - 1]))
        typed.text[--typed.length] = '\0';
    how->command = str_text(&typed);
    int status = dbg_session_edit(s, task, how, &err);
    str_finish(&typed);
    if (status < 0)
        dbg_fail(reply, "%s", err.text);
    else if (status == FLOW_AGAIN)
        dbg_say(reply, "accepted; it takes effect as soon as %s",
            s->status.phase == DBG_PHASE_RUNNING ? "the run can take it" : "the run goes on");
    if (s->state.phase == TRACE_PHASE_ENDED && s->status.phase == DBG_PHASE_RUNNING)
        reply->is_running = true; /* to see the process leave */
    return status >= 0;
}

/* "a, b and 3 more" */
static void list_entries(const struct dbg_session *s, size_t from, struct str *out)
{
    const size_t most = 4;
    size_t count = s->state.queue.count;
    for (size_t i = from; i < count && i < from + most; i++) {
        char name[200];
        const struct trace_entry *entry = &s->state.queue.at[i];
        trace_print_task(&s->state, entry->task, entry->iteration, name, sizeof name);
        str_addf(out, "%s%s", i > from ? ", " : "", name);
    }
    if (count > from + most)
        str_addf(out, " and %zu more", count - from - most);
}

void dbg_command_goto(DBG_COMMAND_ARGS)
{
    struct dbg_session *s = session;
    if (argc != 1) {
        dbg_fail(reply, "goto which task? goto TASK");
        return;
    }
    if (!check_run(s, reply) || dbg_find_task(s, argv[0], reply) == FLOW_TASK_NONE)
        return;
    struct str dropped = {0};
    bool was_at_boundary = is_at_boundary(s);
    if (was_at_boundary && s->state.queue.count > 0)
        str_add(&dropped, task_id(s, s->state.queue.at[0].task));
    struct flow_edit how = {.kind = FLOW_EDIT_GOTO};
    bool is_sent = edit(s, argv[0], &how, "goto", rest, reply);
    if (is_sent && was_at_boundary && dropped.length > 0)
        dbg_say(reply, "%s will not run, its successors are not enqueued; %s runs next", str_text(&dropped),
            argv[0]);
    else if (is_sent && was_at_boundary)
        dbg_say(reply, "%s runs next", argv[0]);
    else if (is_sent && is_in_body(s))
        dbg_say(reply, "%s runs next when %s has returned; the successors of %s are skipped", argv[0],
            task_id(s, s->state.current), task_id(s, s->state.current));
    str_finish(&dropped);
}

/* FLOW_BACK, or a position from 0. */
static bool parse_place(const char *word, uint64_t *out, struct dbg_reply *reply)
{
    size_t length = strlen(word);
    if (length > 0 && strncmp("front", word, length) == 0)
        *out = 0;
    else if (length > 0 && strncmp("back", word, length) == 0)
        *out = FLOW_BACK;
    else if (dbg_parse_number(word, out) && *out > 0)
        --*out;
    else {
        dbg_fail(reply, "a place in the queue is front, back or a number from 1 on, not '%s'", word);
        return false;
    }
    return true;
}

/* Where an entry of the task now stands, in words. */
static void say_queue(struct dbg_session *s, struct dbg_reply *reply)
{
    struct str names = {0};
    if (s->status.phase != DBG_PHASE_STOPPED)
        return;
    list_entries(s, 0, &names);
    dbg_say(reply, "queue: %s", names.length ? str_text(&names) : "empty");
    str_finish(&names);
}

void dbg_command_enqueue(DBG_COMMAND_ARGS)
{
    struct flow_edit how = {.kind = FLOW_EDIT_ENQUEUE, .position = FLOW_BACK};
    if (argc < 1 || argc > 2) {
        dbg_fail(reply, "enqueue which task? enqueue TASK [front|back]");
        return;
    }
    if (!check_run(session, reply) || dbg_find_task(session, argv[0], reply) == FLOW_TASK_NONE ||
        (argc > 1 && !parse_place(argv[1], &how.position, reply)))
        return;
    if (edit(session, argv[0], &how, "enqueue", rest, reply))
        say_queue(session, reply);
}

/* An entry by number or by the name of its task; the front without a word. */
static const struct trace_entry *find_entry(struct dbg_session *s, const char *word, struct dbg_reply *reply)
{
    const struct trace_state *state = &s->state;
    uint64_t number;
    if (state->queue.count == 0) {
        dbg_fail(reply, "the queue is empty");
        return NULL;
    }
    if (!word)
        return &state->queue.at[0];
    bool is_number = dbg_parse_number(word, &number);
    flow_task task = is_number ? FLOW_TASK_NONE : dbg_find_task(s, word, reply);
    if (!is_number && task == FLOW_TASK_NONE)
        return NULL;
    vec_foreach (const struct trace_entry, entry, &state->queue) {
        if (is_number ? entry->number == number : entry->task == task)
            return entry;
    }
    dbg_fail(reply,
        is_number ? "there is no entry %s in the queue; info queue lists them"
                  : "%s is not in the queue; info queue shows what is",
        word);
    return NULL;
}

static void take_off(struct dbg_session *s, enum flow_edit_kind kind, char **argv, size_t argc,
    const char *rest, struct dbg_reply *reply)
{
    if (argc > 1) {
        dbg_fail(reply, "one entry at a time: %s [ENTRY]", flow_edit_name(kind));
        return;
    }
    const struct trace_entry *entry =
        check_run(s, reply) ? find_entry(s, argc ? argv[0] : NULL, reply) : NULL;
    if (!entry)
        return;
    struct flow_edit how = {.kind = kind, .entry = entry->number};
    char name[200];
    trace_print_task(&s->state, entry->task, entry->iteration, name, sizeof name);
    if (!edit(s, NULL, &how, flow_edit_name(kind), rest, reply))
        return;
    dbg_say(reply,
        kind == FLOW_EDIT_DROP ? "%s will not run, its successors are not enqueued"
                               : "%s is passed over, its successors are enqueued",
        name);
    say_queue(s, reply);
}

void dbg_command_drop(DBG_COMMAND_ARGS)
{
    take_off(session, FLOW_EDIT_DROP, argv, argc, rest, reply);
}

void dbg_command_skip(DBG_COMMAND_ARGS)
{
    take_off(session, FLOW_EDIT_SKIP, argv, argc, rest, reply);
}

void dbg_command_move(DBG_COMMAND_ARGS)
{
    struct flow_edit how = {.kind = FLOW_EDIT_MOVE};
    if (argc != 2) {
        dbg_fail(reply, "move which entry where? move ENTRY front|back|PLACE");
        return;
    }
    const struct trace_entry *entry = check_run(session, reply) ? find_entry(session, argv[0], reply) : NULL;
    if (!entry || !parse_place(argv[1], &how.position, reply))
        return;
    how.entry = entry->number;
    if (edit(session, NULL, &how, "move", rest, reply))
        say_queue(session, reply);
}

void dbg_command_set(DBG_COMMAND_ARGS)
{
    struct flow_error err = FLOW_ERROR_INIT;
    struct flow_edit how = {.kind = FLOW_EDIT_SET};
    if (argc < 2) {
        dbg_fail(reply, "set what to what? set KEY VALUE");
        return;
    }
    const char *value = dbg_rest_after(rest, 1);
    if (!check_run(session, reply))
        return;
    if (dbg_value_parse(value, strlen(value), &how.value, &err) < 0) {
        dbg_fail(reply, "%s", err.text);
        return;
    }
    struct flow_value kept = flow_value_ref(how.value);
    how.key = argv[0];
    if (edit(session, NULL, &how, "set", rest, reply) && session->status.phase == DBG_PHASE_STOPPED) {
        char text[400];
        flow_value_print(kept, text, sizeof text);
        dbg_cut_utf8(text);
        dbg_say(reply, "%s = %s", argv[0], text);
    }
    flow_value_unref(kept);
}

void dbg_command_unset(DBG_COMMAND_ARGS)
{
    struct flow_edit how = {.kind = FLOW_EDIT_UNSET};
    if (argc != 1) {
        dbg_fail(reply, "unset which key? unset KEY");
        return;
    }
    if (!check_run(session, reply) || dbg_find_key(session, argv[0], reply) == FLOW_KEY_NONE)
        return;
    how.key = argv[0];
    if (edit(session, NULL, &how, "unset", rest, reply))
        dbg_say(reply, "%s has no value any more", argv[0]);
}

void dbg_command_iterate(DBG_COMMAND_ARGS)
{
    struct flow_error err = FLOW_ERROR_INIT;
    struct flow_edit how = {.kind = FLOW_EDIT_ITERATE, .value = flow_null()};
    if (argc == 0) {
        dbg_fail(reply, "iterate which task? iterate TASK [VALUE]");
        return;
    }
    const char *value = dbg_rest_after(rest, 1);
    if (!check_run(session, reply) || dbg_find_task(session, argv[0], reply) == FLOW_TASK_NONE)
        return;
    if (argc > 1 && dbg_value_parse(value, strlen(value), &how.value, &err) < 0) {
        dbg_fail(reply, "%s", err.text);
        return;
    }
    if (edit(session, argv[0], &how, "iterate", rest, reply))
        say_queue(session, reply);
}

static void end(struct dbg_session *s, enum flow_edit_kind kind, char **argv, size_t argc, const char *rest,
    struct dbg_reply *reply)
{
    if (!check_run(s, reply))
        return;
    /* A message in quotes is meant without them. */
    struct flow_edit how = {.kind = kind, .message = argc == 1 ? argv[0] : rest};
    struct str abandoned = {0};
    bool was_at_boundary = is_at_boundary(s);
    list_entries(s, 0, &abandoned);
    const char *word = kind == FLOW_EDIT_CANCEL ? "cancelled" : "terminated";
    bool is_sent = edit(s, NULL, &how, flow_edit_name(kind), rest, reply);
    if (is_sent && was_at_boundary && abandoned.length > 0)
        dbg_say(reply, "the run ends as %s; never run: %s", word, str_text(&abandoned));
    else if (is_sent && was_at_boundary)
        dbg_say(reply, "the run ends as %s", word);
    else if (is_sent && is_in_body(s))
        dbg_say(reply, "the run ends as %s when %s has returned", word, task_id(s, s->state.current));
    str_finish(&abandoned);
}

void dbg_command_cancel(DBG_COMMAND_ARGS)
{
    end(session, FLOW_EDIT_CANCEL, argv, argc, rest, reply);
}

void dbg_command_terminate(DBG_COMMAND_ARGS)
{
    end(session, FLOW_EDIT_TERMINATE, argv, argc, rest, reply);
}
