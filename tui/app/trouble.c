/* Runs that do not load, or end badly. */
#include "debug/text.h"
#include "tui/app/state.h"

/* What the title line has no room for: the whole message, what a join waits for, the traceback. */
static void describe_end(const struct app *app, struct str *out)
{
    const struct trace_state *state = dbg_session_state(app->session);
    const char *detail = dbg_session_error_detail(app->session);
    str_addf(out, "The run ended: %s", flow_outcome_name(state->outcome));
    if (state->culprit < state->tasks.count)
        str_addf(out, " in %s, step %llu", trace_state_task_id(state, state->culprit),
            (unsigned long long)state->step);
    if (state->message && *state->message && state->blocked.count == 0)
        str_addf(out, "\n  %s", state->message);
    vec_foreach (const struct trace_blocked, blocked, &state->blocked)
        str_addf(out, "\n  %s waits for %s: %s", trace_state_task_id(state, blocked->join),
            trace_state_task_id(state, blocked->missing), blocked->why ? blocked->why : "");
    if (state->outcome == FLOW_OUTCOME_FAILED && *detail)
        str_addf(out, "\n%s", detail);
    str_add(out, "\nR runs it again.");
}

void app_report_trouble(struct app *app, enum dbg_phase before, enum dbg_phase now)
{
    const struct trace_state *state = dbg_session_state(app->session);
    const struct dbg_status *status = dbg_session_status(app->session);
    /* The graph says why there is none. */
    if (before == DBG_PHASE_LOADING && now == DBG_PHASE_IDLE)
        layout_focus(&app->layout, VIEW_GRAPH);
    if (before == DBG_PHASE_ENDED || now != DBG_PHASE_ENDED)
        return;
    /* Who cancelled or killed the run knows why. */
    bool is_wanted = flow_outcome_is_success(state->outcome) || state->outcome == FLOW_OUTCOME_CANCELLED ||
                     state->outcome == FLOW_OUTCOME_KILLED;
    if (status->crash) {
        app_show_reply(app, status->crash);
    } else if (!is_wanted) {
        struct str text = {0};
        struct str shown = {0};
        describe_end(app, &text);
        dbg_escape_lines(&shown, str_text(&text), text.length);
        app_show_reply(app, str_text(&shown));
        str_finish(&shown);
        str_finish(&text);
    }
}
