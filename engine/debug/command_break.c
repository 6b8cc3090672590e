#include <string.h>

#include "debug/command_private.h"
#include "debug/session_private.h"

static void add(struct dbg_session *s, char **argv, size_t argc, bool is_temporary, struct dbg_reply *reply)
{
    struct flow_error err = FLOW_ERROR_INIT;
    uint32_t number;
    if (argc == 0) {
        dbg_info_breakpoints(s, reply);
        return;
    }
    size_t length = argc > 1 ? strlen(argv[1]) : 0;
    bool is_after = length > 0 && strncmp("after", argv[1], length) == 0;
    if (argc > 2 || (argc == 2 && !is_after && (length == 0 || strncmp("before", argv[1], length) != 0))) {
        dbg_fail(reply, "stop before or after the task, not '%s'", argv[argc > 2 ? 2 : 1]);
        return;
    }
    bool is_pattern = strpbrk(argv[0], "*?[") != NULL;
    bool is_known = trace_state_find_task(dbg_tip(s), argv[0]) != FLOW_TASK_NONE;
    if (dbg_breakpoint_add(s, argv[0], is_after, is_temporary, &number, &err) < 0) {
        dbg_fail(reply, "%s", err.text);
        return;
    }
    dbg_say(reply, "%s %u: %s %s", is_temporary ? "temporary breakpoint" : "breakpoint", number,
        is_after ? "after" : "before", argv[0]);
    if (!is_known && !is_pattern && dbg_tip(s)->tasks.count > 0) {
        struct dbg_reply hint = {0};
        dbg_find_task(s, argv[0], &hint);
        dbg_say(reply, "note: %s", str_text(&hint.text));
        dbg_reply_finish(&hint);
    }
}

void dbg_command_break(DBG_COMMAND_ARGS)
{
    add(session, argv, argc, false, reply);
}

void dbg_command_tbreak(DBG_COMMAND_ARGS)
{
    add(session, argv, argc, true, reply);
}

/* Calls `act` for each number, or for every breakpoint without numbers. */
static void for_each(struct dbg_session *s, char **argv, size_t argc,
    int (*act)(struct dbg_session *s, uint32_t number), struct dbg_reply *reply)
{
    for (size_t i = s->breakpoints.count; argc == 0 && i-- > 0;)
        act(s, s->breakpoints.at[i].number);
    for (size_t i = 0; i < argc; i++) {
        uint64_t number;
        if (!dbg_parse_number(argv[i], &number) || number > UINT32_MAX || act(s, (uint32_t)number) != FLOW_OK)
            dbg_fail(reply, "there is no breakpoint '%s'; info breakpoints lists them", argv[i]);
    }
}

static int enable(struct dbg_session *s, uint32_t number)
{
    return dbg_breakpoint_enable(s, number, true);
}

static int disable(struct dbg_session *s, uint32_t number)
{
    return dbg_breakpoint_enable(s, number, false);
}

void dbg_command_delete(DBG_COMMAND_ARGS)
{
    size_t count = session->breakpoints.count;
    if (argc > 0 && strcmp(argv[0], "mark") == 0) {
        dbg_delete_mark(session, argv + 1, argc - 1, reply);
        return;
    }
    if (argc == 0 && count > 0 && !confirmed) {
        reply->needs_confirm = true;
        dbg_say(reply, "Delete all %zu breakpoints?", count);
        return;
    }
    for_each(session, argv, argc, dbg_breakpoint_delete, reply);
}

void dbg_command_enable(DBG_COMMAND_ARGS)
{
    for_each(session, argv, argc, enable, reply);
}

void dbg_command_disable(DBG_COMMAND_ARGS)
{
    for_each(session, argv, argc, disable, reply);
}

void dbg_info_breakpoints(struct dbg_session *s, struct dbg_reply *reply)
{
    if (s->breakpoints.count == 0) {
        dbg_say(reply, "no breakpoints: break TASK makes one");
        return;
    }
    dbg_say(reply, "number  when    task                  hits  state");
    vec_foreach (const struct dbg_breakpoint, b, &s->breakpoints) {
        dbg_say(reply, "%-6u  %-6s  %-20s  %4llu  %s%s", b->number, b->is_after ? "after" : "before",
            b->pattern, (unsigned long long)b->hits, b->is_enabled ? "enabled" : "disabled",
            b->is_temporary ? ", temporary" : "");
    }
}
