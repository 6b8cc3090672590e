#include "debug/session_private.h"

static void keep_error(struct dbg_session *s, const struct flow_event *event)
{
    str_clear(&s->error_detail);
    str_add_bytes(&s->error_detail, event->detail_length ? event->detail : "", event->detail_length);
}

/* Run time since the present step began: for the limit of a step. */
static void watch_step(struct dbg_session *s)
{
    if (s->state.step == s->timed_step)
        return;
    s->timed_step = s->state.step;
    s->step_began_ns = dbg_run_time_ns(s);
}

static int take_event(struct dbg_session *s, const struct flow_event *event, struct flow_error *err)
{
    if (event->kind == FLOW_EV_OUTPUT) {
        dbg_output_noted(s, event);
        return FLOW_OK;
    }
    int status = trace_state_apply(&s->state, event, err);
    if (status < 0)
        return status;
    if (event->kind == FLOW_EV_ERROR)
        keep_error(s, event);
    if (event->kind == FLOW_EV_USER_ACTION && s->status.pending_edits)
        s->status.pending_edits--;
    s->changed |= DBG_CHANGED_STATE;
    return FLOW_OK;
}

void dbg_fold(struct dbg_session *s, int64_t slice_ns)
{
    int64_t deadline = dbg_now_ns() + slice_ns;
    s->is_behind = !s->has_lost_trace;
    for (unsigned i = 1; s->is_behind; i++) {
        struct flow_event event;
        struct flow_error err = FLOW_ERROR_INIT;
        int status = trace_reader_next(s->reader, &event, &err);
        if (status == FLOW_OK)
            status = take_event(s, &event, &err);
        if (status < 0) {
            /* A task scribbled on the shared memory, or we are out of memory: what was folded stays. */
            str_clear(&s->problem);
            str_addf(&s->problem, "the trace cannot be followed after event %llu: %s",
                (unsigned long long)s->state.event, err.text);
            s->changed |= DBG_CHANGED_STATUS;
            s->has_lost_trace = true;
        }
        if (status != FLOW_OK) {
            s->is_behind = false;
            break;
        }
        if (i % 256 == 0 && dbg_now_ns() >= deadline)
            break;
    }
    watch_step(s);
}
