/* What is shown is a place in the trace: the present, which follows the run, or any earlier one. A live run
 * waits at its stop meanwhile; a recording has nothing but such places. */
#include <inttypes.h>

#include "debug/session_private.h"

const struct trace_state *dbg_shown(const struct dbg_session *s)
{
    return s->is_away ? trace_timeline_state(s->past) : &s->state;
}

const struct trace_state *dbg_tip(const struct dbg_session *s)
{
    return s->tip ? trace_timeline_state(s->tip) : &s->state;
}

bool dbg_is_interrupted(void *session)
{
    struct dbg_session *s = session;
    return s->is_interrupted && s->is_interrupted(s->interrupt_user);
}

void dbg_session_set_patience(struct dbg_session *s, bool (*is_interrupted)(void *user), void *user)
{
    s->is_interrupted = is_interrupted;
    s->interrupt_user = user;
}

static void tell_moved(struct dbg_session *s)
{
    s->changed |= DBG_CHANGED_STATE | DBG_CHANGED_STATUS | DBG_CHANGED_OUTPUT;
    dbg_update_status(s);
}

void dbg_return_to_present(struct dbg_session *s)
{
    if (!s->is_away || s->config.is_replay)
        return;
    s->is_away = false;
    tell_moved(s);
}

void dbg_timeline_close(struct dbg_session *s)
{
    trace_timeline_destroy(s->past);
    trace_timeline_destroy(s->tip);
    s->past = s->tip = NULL;
    s->is_away = false;
    s->past_stop = DBG_STOP_NONE;
    s->past_breakpoint = 0;
}

int dbg_timeline_open(struct dbg_session *s, struct flow_error *err)
{
    struct trace_reader *reader;
    int status = FLOW_OK;
    if (!s->past) {
        status = dbg_session_reader(s, &reader, err);
        if (status == FLOW_OK)
            status = trace_timeline_create(&s->past, reader, err);
    }
    if (status == FLOW_OK && !s->is_away)
        status = trace_timeline_seek(s->past, s->state.event, err);
    return status;
}

int dbg_timeline_show(struct dbg_session *s, uint64_t event, struct flow_error *err)
{
    int status = trace_timeline_seek(s->past, event, err);
    if (status == FLOW_NOT_FOUND)
        return flow_error_set(err, FLOW_ENOENT, "there is no event %" PRIu64 ": the last is %" PRIu64, event,
            dbg_tip(s)->event);
    if (status != FLOW_OK)
        return status;
    s->is_away = s->config.is_replay || event != s->state.event;
    s->past_stop = DBG_STOP_SOUGHT;
    s->past_breakpoint = 0;
    tell_moved(s);
    return FLOW_OK;
}

static int find_step(struct dbg_session *s, uint64_t step, struct flow_error *err)
{
    int status = trace_timeline_seek_step(s->past, step, err);
    if (status == FLOW_NOT_FOUND)
        return flow_error_set(
            err, FLOW_ENOENT, "there is no step %" PRIu64 ": the last is %" PRIu64, step, dbg_tip(s)->step);
    return status;
}

/* Before the first entry is taken, which is where a live session stands first. */
static int find_start(struct dbg_session *s, struct flow_error *err)
{
    struct trace_search search = TRACE_SEARCH_INIT;
    uint64_t first;
    search.kinds[0] = 1ull << FLOW_EV_DEQUEUED;
    search.is_interrupted = dbg_is_interrupted;
    search.user = s;
    int status = trace_timeline_search_forward(s->past, &search, 0, &first, err);
    if (status == FLOW_OK)
        return trace_timeline_seek(s->past, first - 1, err);
    return status == FLOW_NOT_FOUND ? trace_timeline_seek_end(s->past, err) : status;
}

static int find_place(struct dbg_session *s, const struct dbg_place *place, struct flow_error *err)
{
    switch (place->kind) {
    case DBG_AT_EVENT: return FLOW_OK;
    case DBG_AT_STEP: return find_step(s, place->number, err);
    case DBG_AT_TIME: return trace_timeline_seek_time(s->past, dbg_tip(s)->start_ns + place->time_ns, err);
    case DBG_AT_START: return find_start(s, err);
    case DBG_AT_END: return trace_timeline_seek_end(s->past, err);
    }
    return FLOW_OK;
}

int dbg_session_seek(struct dbg_session *s, const struct dbg_place *place, struct flow_error *err)
{
    if (s->status.phase == DBG_PHASE_RUNNING || s->status.phase == DBG_PHASE_LOADING)
        return flow_error_set(
            err, FLOW_ESTATE, "it is %s: interrupt it first", dbg_phase_name(s->status.phase));
    if (dbg_tip(s)->event == 0)
        return flow_error_set(err, FLOW_ESTATE, "nothing has happened yet");
    if (place->kind == DBG_AT_END && !s->config.is_replay) {
        dbg_return_to_present(s);
        return FLOW_OK;
    }
    uint64_t before = dbg_shown(s)->event;
    int status = dbg_timeline_open(s, err);
    if (status == FLOW_OK)
        status = find_place(s, place, err);
    if (status == FLOW_OK)
        status = dbg_timeline_show(
            s, place->kind == DBG_AT_EVENT ? place->number : trace_timeline_position(s->past), err);
    if (status != FLOW_OK && s->past) /* not where opening it failed */
        trace_timeline_seek(s->past, before, NULL);
    return status;
}
