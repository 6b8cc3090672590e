#include <stdio.h>
#include <string.h>

#include "debug/session_private.h"
#include "debug/text.h"

static void describe_stop(
    const struct trace_state *state, enum dbg_stop stop, uint32_t breakpoint, struct str *out)
{
    char name[200];
    if (state->phase == TRACE_PHASE_BOUNDARY && state->queue.count > 0) {
        const struct trace_entry *first = &state->queue.at[0];
        trace_print_task(state, first->task, first->iteration, name, sizeof name);
        str_addf(out, "paused before %s", name);
    } else if (state->phase == TRACE_PHASE_BOUNDARY) {
        str_add(out, "paused at the end: the queue is empty");
    } else if (state->phase == TRACE_PHASE_STARTING || state->phase == TRACE_PHASE_EMPTY) {
        str_add(out, "paused while the run starts");
    } else if (state->phase == TRACE_PHASE_ENDED) {
        str_add(out, "paused at the very end");
    } else {
        trace_print_task(state, state->current, state->current_entry.iteration, name, sizeof name);
        if (state->phase == TRACE_PHASE_TAKEN)
            str_addf(out, "paused as %s is about to begin", name);
        else
            str_addf(out, "paused in %s%s, step %llu", name,
                state->phase == TRACE_PHASE_FINISHING ? " after it returned" : "",
                (unsigned long long)state->step);
    }
    if (stop == DBG_STOP_BREAKPOINT)
        str_addf(out, " (breakpoint %u)", breakpoint);
    else if (stop == DBG_STOP_INTERRUPT || stop == DBG_STOP_HISTORY_START || stop == DBG_STOP_HISTORY_END)
        str_addf(out, " (%s)", dbg_stop_name(stop));
}

static void describe_end(const struct trace_state *state, struct str *out)
{
    bool has_message = state->message && state->message[0];
    bool is_asked = state->outcome == FLOW_OUTCOME_CANCELLED || state->outcome == FLOW_OUTCOME_TERMINATED;
    str_addf(out, "ended: %s", flow_outcome_name(state->outcome));
    if (state->culprit < state->tasks.count && (is_asked || state->outcome == FLOW_OUTCOME_FAILED))
        str_addf(out, " %s %s", is_asked ? "by" : "in", trace_state_task_id(state, state->culprit));
    if (has_message)
        str_addf(out, ": %s", state->message);
}

static void describe_running(const struct dbg_session *s, struct str *out)
{
    const struct trace_state *state = &s->state;
    char name[200] = "";
    if (state->phase >= TRACE_PHASE_TAKEN && state->phase <= TRACE_PHASE_FINISHING)
        trace_print_task(state, state->current, state->current_entry.iteration, name, sizeof name);
    double seconds =
        s->status.running_since_ns ? (double)(dbg_now_ns() - s->status.running_since_ns) / 1e9 : 0.0;
    str_addf(out, "running%s%s", *name ? " " : "", name);
    if (seconds >= 0.1)
        str_addf(out, ", %.1f s", seconds);
    if (s->status.is_interrupting)
        str_add(out, " (asked to stop)");
}

/* One line for people, escaped and cut to size. True: it is another one than before. */
static bool set_text(char *to, size_t size, const struct str *text)
{
    struct str shown = {0};
    char line[sizeof((struct dbg_status *)0)->text];
    dbg_escape(&shown, str_text(text), text->length);
    snprintf(line, sizeof line, "%s", str_text(&shown));
    dbg_cut_utf8(line);
    str_finish(&shown);
    bool is_new = strcmp(line, to) != 0;
    snprintf(to, size, "%s", line);
    return is_new;
}

/* What is shown while somebody looks back: as if the run stood there. */
static void update_shown(struct dbg_session *s)
{
    const struct trace_state *state = dbg_shown(s);
    struct dbg_status *shown = &s->shown_status;
    struct str text = {0};
    bool is_ended = state->phase == TRACE_PHASE_ENDED;
    if (is_ended)
        describe_end(state, &text);
    if (is_ended && s->past_stop == DBG_STOP_HISTORY_END)
        str_addf(&text, " (%s)", dbg_stop_name(s->past_stop));
    if (!is_ended)
        describe_stop(state, s->past_stop, s->past_breakpoint, &text);
    if (set_text(shown->text, sizeof shown->text, &text))
        s->changed |= DBG_CHANGED_STATUS;
    str_finish(&text);
    shown->phase = is_ended ? DBG_PHASE_ENDED : DBG_PHASE_STOPPED;
    shown->stop = is_ended ? DBG_STOP_ENDED : s->past_stop;
    shown->breakpoint = s->past_breakpoint;
    shown->is_at_boundary = state->phase == TRACE_PHASE_BOUNDARY;
    shown->is_replay = s->config.is_replay;
    shown->is_past = state->event != dbg_tip(s)->event;
    shown->event = state->event;
    shown->step = state->step;
    shown->last_event = dbg_tip(s)->event;
    shown->last_step = dbg_tip(s)->step;
    shown->pid = s->status.pid;
    shown->problem = s->status.problem;
}

void dbg_update_status(struct dbg_session *s)
{
    struct str text = {0};
    switch (s->status.phase) {
    case DBG_PHASE_IDLE:
        str_add(&text, s->load_error.length ? "not started: loading failed" : "not started");
        break;
    case DBG_PHASE_LOADING: str_addf(&text, "loading %s", s->config.file); break;
    case DBG_PHASE_STOPPED: describe_stop(&s->state, s->status.stop, s->status.breakpoint, &text); break;
    case DBG_PHASE_RUNNING: describe_running(s, &text); break;
    case DBG_PHASE_ENDED: describe_end(dbg_tip(s), &text); break;
    }
    if (set_text(s->status.text, sizeof s->status.text, &text))
        s->changed |= DBG_CHANGED_STATUS;
    str_finish(&text);
    s->status.pid = s->is_dead ? 0 : s->pid;
    s->status.crash = s->crash_text.length ? str_text(&s->crash_text) : NULL;
    s->status.problem = s->problem.length ? str_text(&s->problem) : NULL;
    s->status.event = s->status.last_event = s->state.event;
    s->status.step = s->status.last_step = s->state.step;
    if (s->is_away)
        update_shown(s);
}
