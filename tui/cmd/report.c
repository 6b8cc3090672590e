#include <string.h>

#include "debug/text.h"
#include "tui/cmd/cmd.h"

void cmd_complain(FILE *to, const char *text)
{
    struct str safe = {0};
    dbg_escape_lines(&safe, text, strlen(text));
    fprintf(to, "flowdbg: %s\n", str_text(&safe));
    str_finish(&safe);
}

/* " by 'validate'", " in 'fetch#3'" */
static void add_task(struct str *out, const struct trace_state *state, const char *how)
{
    if (state->culprit < state->tasks.count)
        str_addf(out, " %s '%s'", how, trace_state_task_id(state, state->culprit));
}

static void add_message(struct str *out, const struct trace_state *state)
{
    if (state->message && *state->message)
        str_addf(out, ": %s", state->message);
}

static void describe(struct dbg_session *session, struct str *out)
{
    const struct trace_state *state = dbg_session_state(session);
    const char *detail = dbg_session_error_detail(session);
    const char *crash = dbg_session_status(session)->crash;
    str_addf(out, "workflow %s", flow_outcome_name(state->outcome));
    switch (state->outcome) {
    case FLOW_OUTCOME_CANCELLED: add_task(out, state, "by"); break;
    case FLOW_OUTCOME_FAILED: add_task(out, state, "in"); break;
    case FLOW_OUTCOME_STEP_LIMIT:
    case FLOW_OUTCOME_BLOCKED:
        str_clear(out);
        str_addf(out, "workflow ended: %s", flow_outcome_name(state->outcome));
        break;
    case FLOW_OUTCOME_UNFINISHED:
    case FLOW_OUTCOME_COMPLETED:
    case FLOW_OUTCOME_TERMINATED:
    case FLOW_OUTCOME_TIMED_OUT:
    case FLOW_OUTCOME_KILLED:
    case FLOW_OUTCOME_CRASHED: break;
    }
    add_message(out, state);
    if (state->outcome == FLOW_OUTCOME_FAILED && *detail)
        str_addf(out, "\n%s", detail);
    vec_foreach (const struct trace_blocked, b, &state->blocked)
        str_addf(out, "\n  %s waits for %s: %s", trace_state_task_id(state, b->join),
            trace_state_task_id(state, b->missing), b->why ? b->why : "");
    if (crash)
        str_addf(out, "\n%s", crash);
}

void cmd_report(struct dbg_session *session, FILE *to)
{
    const struct trace_state *state = dbg_session_state(session);
    const struct dbg_status *status = dbg_session_status(session);
    struct str text = {0};
    if (*dbg_session_load_error(session)) {
        str_add(&text, dbg_session_load_error(session));
        if (status->crash)
            str_addf(&text, "\n%s", status->crash);
    } else if (state->outcome != FLOW_OUTCOME_UNFINISHED && !flow_outcome_is_success(state->outcome)) {
        describe(session, &text);
    }
    if (text.length > 0)
        cmd_complain(to, text.text);
    if (status->problem)
        cmd_complain(to, status->problem);
    str_finish(&text);
}
