/* Going on in the past, forwards and backwards. Nothing runs: the places where a run would stop are found in
 * what is recorded, with the same rules.
 *
 * A boundary is the place just before an entry is taken: event N - 1, where event N is that taking; behind
 * the last step it is the place before the run's end. */
#include "debug/session_private.h"

#define BIT(kind) (1ull << (kind))

struct seeker {
    struct dbg_session *session;
    struct stop_rules rules; /* for CONTINUE and UNTIL; looked at, never used up */
    bool is_any;             /* every boundary will do */
    bool is_backwards;
    uint64_t from;
    struct stop_decision decision; /* of the event that matched last */
};

static bool is_quick_end(const struct flow_event *event)
{
    return event->kind == FLOW_EV_STEP_ENDED &&
           (event->code == FLOW_STEP_COMPLETED || event->code == FLOW_STEP_RETRIED);
}

/* Is the event next to a place where it stops? */
static bool matches(void *user, const struct flow_event *event)
{
    struct seeker *seeker = user;
    bool is_end = event->kind == FLOW_EV_STEP_ENDED; /* the place is behind it, else before it */
    uint64_t place = is_end ? event->number : event->number - 1;
    if (seeker->is_backwards ? place >= seeker->from : place <= seeker->from)
        return false;
    if (seeker->is_any)
        return !is_end;
    if (is_end && !is_quick_end(event))
        return false;
    flow_task first = event->kind == FLOW_EV_DEQUEUED ? event->task : FLOW_TASK_NONE;
    struct stop_decision decision =
        stop_rules_at_boundary(&seeker->rules, first, is_end ? event->task : FLOW_TASK_NONE);
    return decision.stops;
}

static bool is_interrupted(void *user)
{
    return dbg_is_interrupted(((struct seeker *)user)->session);
}

/* The rules of breakpoints and `until`, for all tasks there are. */
static int make_rules(struct seeker *seeker, const struct dbg_resume *how)
{
    const struct dbg_session *s = seeker->session;
    const struct trace_state *tip = dbg_tip(s);
    struct stop_rules *rules = &seeker->rules;
    int status = stop_rules_resume(
        rules, how->mode == DBG_MODE_UNTIL ? DBG_MODE_UNTIL : DBG_MODE_CONTINUE, 1, how->until);
    vec_foreach (const struct dbg_breakpoint, b, &s->breakpoints) {
        if (status == FLOW_OK && b->is_enabled)
            status = stop_rules_add_break(rules, b->number, b->pattern, b->is_after, false);
    }
    for (flow_task t = 0; t < tip->tasks.count && status == FLOW_OK; t++)
        status = stop_rules_add_task(rules, t, tip->tasks.at[t].id, strlen(tip->tasks.at[t].id));
    return status;
}

/* The task that all rules are about, so that whole blocks can be passed over; or none. *is_empty: no task
 * fits any rule. */
static flow_task only_task(const struct stop_rules *rules, bool *is_empty)
{
    flow_task only = FLOW_TASK_NONE;
    *is_empty = true;
    for (flow_task t = 0; t < rules->tasks.count; t++) {
        const struct stop_task *task = &rules->tasks.at[t];
        if (!task->has_break && !task->is_until)
            continue;
        only = *is_empty ? t : FLOW_TASK_NONE;
        if (!*is_empty)
            return only;
        *is_empty = false;
    }
    return only;
}

/* Stands at the place before the run's end only where a run would: nothing is left in the queue. */
static bool is_place(const struct trace_state *state, const struct flow_event *event)
{
    return event->kind != FLOW_EV_RUN_ENDED ||
           (state->phase == TRACE_PHASE_BOUNDARY && state->queue.count == 0);
}

/* Goes to the place beside the event that was found. FLOW_NOT_FOUND: it is none. */
static int stand(struct seeker *seeker, uint64_t number, struct flow_error *err)
{
    struct trace_timeline *past = seeker->session->past;
    struct flow_event event;
    int status = trace_timeline_seek(past, number - 1, err);
    do {
        if (status == FLOW_OK)
            status = trace_timeline_next(past, &event, err);
    } while (status == FLOW_OK && flow_event_is_note(event.kind));
    if (status != FLOW_OK)
        return status < 0 ? status : FLOW_NOT_FOUND;
    bool is_end = event.kind == FLOW_EV_STEP_ENDED;
    seeker->decision = stop_rules_at_boundary(&seeker->rules,
        event.kind == FLOW_EV_DEQUEUED ? event.task : FLOW_TASK_NONE, is_end ? event.task : FLOW_TASK_NONE);
    if (is_end)
        return FLOW_OK;
    uint16_t kind = event.kind;
    status = trace_timeline_seek(past, number - 1, err);
    if (status == FLOW_OK && !is_place(trace_timeline_state(past), &(struct flow_event){.kind = kind}))
        status = FLOW_NOT_FOUND;
    return status;
}

/* The next place in the direction. FLOW_OK: the cursor stands there; FLOW_NOT_FOUND; FLOW_AGAIN:
 * interrupted. */
static int find_next(struct seeker *seeker, struct flow_error *err)
{
    struct trace_timeline *past = seeker->session->past;
    struct trace_search search = {
        .kinds = {BIT(FLOW_EV_DEQUEUED)},
        .task = FLOW_TASK_NONE,
        .key = FLOW_KEY_NONE,
        .matches = matches,
        .user = seeker,
        .is_interrupted = is_interrupted,
    };
    bool is_empty = false;
    if (seeker->is_any)
        search.kinds[0] |= BIT(FLOW_EV_RUN_ENDED);
    else {
        search.kinds[0] |= BIT(FLOW_EV_STEP_ENDED);
        search.task = only_task(&seeker->rules, &is_empty);
    }
    if (is_empty)
        return FLOW_NOT_FOUND;
    uint64_t number, limit = seeker->is_backwards ? seeker->from + 1 : seeker->from;
    for (;;) {
        int status = seeker->is_backwards ? trace_timeline_search_back(past, &search, limit, &number, err)
                                          : trace_timeline_search_forward(past, &search, limit, &number, err);
        if (status == FLOW_OK)
            status = stand(seeker, number, err);
        else
            return status;
        if (status != FLOW_NOT_FOUND)
            return status;
        limit = number;
    }
}

/* What a stop means: hits are counted, temporary breakpoints go. */
static void take_hits(struct seeker *seeker)
{
    struct dbg_session *s = seeker->session;
    s->past_stop = (enum dbg_stop)seeker->decision.why;
    s->past_breakpoint = seeker->decision.breakpoint;
    if (!seeker->decision.breakpoint)
        return;
    vec_foreach (const uint32_t, number, &seeker->rules.hits)
        dbg_breakpoint_hit(s, *number);
    dbg_breakpoints_send(s);
}

/* Nothing (more) was found on the way back: where the run began, or before that. */
static int go_to_start(struct dbg_session *s, uint64_t from, struct flow_error *err)
{
    struct dbg_place start = {.kind = DBG_AT_START};
    int status = dbg_timeline_show(s, from, err);
    if (status == FLOW_OK)
        status = dbg_session_seek(s, &start, err);
    if (status == FLOW_OK && dbg_shown(s)->event >= from)
        status = dbg_timeline_show(s, 0, err);
    if (status == FLOW_OK)
        s->past_stop = DBG_STOP_HISTORY_START;
    return status;
}

/* The present waits at a boundary where a rule holds: it is one of the places. */
static bool stops_at_present(struct seeker *seeker)
{
    const struct trace_state *state = trace_timeline_state(seeker->session->past);
    if (seeker->is_any || state->phase != TRACE_PHASE_BOUNDARY || state->queue.count == 0)
        return false;
    seeker->decision = stop_rules_at_boundary(&seeker->rules, state->queue.at[0].task, FLOW_TASK_NONE);
    return seeker->decision.stops;
}

static int go_to_end(struct seeker *seeker, struct flow_error *err)
{
    struct dbg_session *s = seeker->session;
    int status = trace_timeline_seek_end(s->past, err);
    uint64_t last = trace_timeline_position(s->past);
    bool is_new = last > seeker->from;
    if (status == FLOW_OK)
        status = dbg_timeline_show(s, last, err);
    if (status != FLOW_OK)
        return status;
    if (is_new && stops_at_present(seeker)) {
        take_hits(seeker);
        return FLOW_OK;
    }
    bool is_over = trace_timeline_state(s->past)->phase == TRACE_PHASE_ENDED;
    s->past_stop = is_new && is_over ? DBG_STOP_NONE : DBG_STOP_HISTORY_END;
    return s->config.is_replay || seeker->is_any || s->status.phase != DBG_PHASE_STOPPED ? FLOW_OK : FLOW_END;
}

static int step(struct dbg_session *s, const struct dbg_resume *how, uint64_t from, struct flow_error *err)
{
    uint64_t count = how->count ? how->count : 1, last = dbg_tip(s)->event;
    uint64_t to =
        how->is_backwards ? (count < from ? from - count : 0) : (count < last - from ? from + count : last);
    bool is_short = how->is_backwards ? count > from : count > last - from;
    int status = dbg_timeline_show(s, to, err);
    if (status == FLOW_OK)
        s->past_stop = !is_short           ? DBG_STOP_STEP
                       : how->is_backwards ? DBG_STOP_HISTORY_START
                                           : DBG_STOP_HISTORY_END;
    return status;
}

static int travel(struct seeker *seeker, const struct dbg_resume *how, struct flow_error *err)
{
    struct dbg_session *s = seeker->session;
    uint64_t start = seeker->from, count = how->count ? how->count : 1;
    int status = FLOW_OK;
    for (; count > 0 && status == FLOW_OK; count--) {
        status = dbg_is_interrupted(s) ? FLOW_AGAIN : find_next(seeker, err);
        if (status == FLOW_OK) {
            seeker->from = trace_timeline_position(s->past);
            if (seeker->is_any && seeker->decision.breakpoint)
                break;
        }
    }
    if (status == FLOW_NOT_FOUND)
        return seeker->is_backwards ? go_to_start(s, seeker->from, err) : go_to_end(seeker, err);
    if (status == FLOW_OK)
        status = dbg_timeline_show(s, seeker->from, err);
    if (status == FLOW_OK)
        take_hits(seeker);
    if (status == FLOW_AGAIN) {
        trace_timeline_seek(s->past, start, NULL);
        flow_error_set(err, FLOW_ESTATE, "interrupted: still where it was");
    }
    return status;
}

int dbg_travel(struct dbg_session *s, const struct dbg_resume *how, struct flow_error *err)
{
    struct seeker seeker = {.session = s,
        .is_any = how->mode == DBG_MODE_NEXT || how->mode == DBG_MODE_FINISH,
        .is_backwards = how->is_backwards,
        .from = dbg_shown(s)->event};
    int status = dbg_timeline_open(s, err);
    if (status != FLOW_OK)
        return status;
    if (how->mode == DBG_MODE_STEP) {
        status = step(s, how, seeker.from, err);
    } else {
        status = make_rules(&seeker, how);
        status = status < 0 ? flow_error_set(err, status, "out of memory") : travel(&seeker, how, err);
        stop_rules_finish(&seeker.rules);
    }
    s->changed |= DBG_CHANGED_STATUS;
    dbg_update_status(s);
    return status;
}
