#include <string.h>

#include "debug/command_private.h"
#include "debug/session_private.h"

/* Somebody's work would be lost: it is in progress, and has done something. */
static bool needs_asking(const struct dbg_session *s)
{
    if (s->status.phase == DBG_PHASE_RUNNING)
        return true;
    return s->status.phase == DBG_PHASE_STOPPED && (s->state.step > 0 || s->state.user_actions > 0);
}

static void begin(struct dbg_session *s, bool runs_on, bool confirmed, struct dbg_reply *reply)
{
    struct flow_error err = FLOW_ERROR_INIT;
    if (s->config.is_replay) {
        dbg_check_present(s, reply);
        return;
    }
    if (needs_asking(s) && !confirmed) {
        reply->needs_confirm = true;
        dbg_say(reply, "A run is in progress (%s). Begin again?", s->status.text);
        return;
    }
    dbg_return_to_present(s);
    bool is_fresh = s->status.phase == DBG_PHASE_STOPPED && !needs_asking(s);
    if (is_fresh && runs_on) {
        struct dbg_resume resume = {.mode = DBG_MODE_CONTINUE};
        if (dbg_session_resume(s, &resume, &err) < 0)
            dbg_fail(reply, "%s", err.text);
    } else if (dbg_session_start(s, &err) < 0) {
        dbg_fail(reply, "%s", err.text);
    } else {
        s->runs_on = runs_on;
    }
    reply->is_running = !reply->is_error;
}

void dbg_command_run(DBG_COMMAND_ARGS)
{
    begin(session, true, confirmed, reply);
}

void dbg_command_start(DBG_COMMAND_ARGS)
{
    begin(session, false, confirmed, reply);
}

static bool check_stopped(struct dbg_session *s, struct dbg_reply *reply)
{
    if (s->is_away)
        return true; /* the recorded stream goes on */
    switch (s->status.phase) {
    case DBG_PHASE_STOPPED: return true;
    case DBG_PHASE_RUNNING:
    case DBG_PHASE_LOADING:
        dbg_fail(reply, "it is %s: interrupt it first", dbg_phase_name(s->status.phase));
        return false;
    case DBG_PHASE_ENDED:
        dbg_fail(reply, "the run has ended (%s): start begins a new one",
            flow_outcome_name(dbg_shown(s)->outcome));
        return false;
    case DBG_PHASE_IDLE: break;
    }
    dbg_fail(reply, "no run is in progress: start begins one");
    return false;
}

static void resume(struct dbg_session *s, struct dbg_resume how, struct dbg_reply *reply)
{
    struct flow_error err = FLOW_ERROR_INIT;
    if (!check_stopped(s, reply))
        return;
    if (dbg_session_resume(s, &how, &err) != FLOW_OK)
        dbg_fail(reply, "%s", err.text);
    else
        reply->is_running = true;
}

static void resume_counted(
    struct dbg_session *s, enum dbg_mode mode, char **argv, size_t argc, struct dbg_reply *reply)
{
    uint64_t count = 1;
    if (argc > 1 || (argc == 1 && (!dbg_parse_number(argv[0], &count) || count == 0)))
        dbg_fail(reply, "a count is a number from 1 on, not '%s'", argv[argc > 1 ? 1 : 0]);
    else
        resume(s, (struct dbg_resume){.mode = mode, .count = count}, reply);
}

void dbg_command_step(DBG_COMMAND_ARGS)
{
    resume_counted(session, DBG_MODE_STEP, argv, argc, reply);
}

void dbg_command_next(DBG_COMMAND_ARGS)
{
    resume_counted(session, DBG_MODE_NEXT, argv, argc, reply);
}

void dbg_command_finish(DBG_COMMAND_ARGS)
{
    resume(session, (struct dbg_resume){.mode = DBG_MODE_FINISH, .count = 1}, reply);
}

void dbg_command_continue(DBG_COMMAND_ARGS)
{
    resume_counted(session, DBG_MODE_CONTINUE, argv, argc, reply);
}

static bool is_pattern(const char *name)
{
    return strpbrk(name, "*?[") != NULL;
}

void dbg_command_until(DBG_COMMAND_ARGS)
{
    if (argc != 1) {
        dbg_fail(reply, "until which task? until TASK");
        return;
    }
    if (!check_stopped(session, reply))
        return;
    /* A mistyped name would let the run go to its end; a task that is still to come can be given as a
     * pattern. */
    if (!is_pattern(argv[0]) && trace_state_find_task(dbg_tip(session), argv[0]) == FLOW_TASK_NONE) {
        dbg_find_task(session, argv[0], reply);
        return;
    }
    resume(session, (struct dbg_resume){.mode = DBG_MODE_UNTIL, .until = argv[0]}, reply);
}

void dbg_command_interrupt(DBG_COMMAND_ARGS)
{
    if (session->status.phase == DBG_PHASE_LOADING || session->status.is_interrupting) {
        dbg_session_kill(session);
        dbg_say(reply, "killing it");
    } else if (session->status.phase == DBG_PHASE_RUNNING) {
        dbg_session_interrupt(session);
        dbg_say(reply, "asked to stop at the next event; again: kill");
    } else {
        dbg_fail(reply, "nothing is running");
    }
    reply->is_running = !reply->is_error;
}

void dbg_command_kill(DBG_COMMAND_ARGS)
{
    if (session->config.is_replay) {
        dbg_check_present(session, reply);
        return;
    }
    if (session->pid <= 0) {
        dbg_fail(reply, "no run is in progress");
        return;
    }
    if (needs_asking(session) && !confirmed) {
        reply->needs_confirm = true;
        dbg_say(reply, "Kill the run (%s)?", session->status.text);
        return;
    }
    dbg_return_to_present(session);
    dbg_session_kill(session);
    if (session->status.phase == DBG_PHASE_STOPPED) {
        session->has_stopped = false;
        dbg_set_phase(session, DBG_PHASE_RUNNING); /* until its death is seen */
    }
    reply->is_running = true;
}
