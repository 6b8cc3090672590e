#include <string.h>

#include "base/mem.h"
#include "debug/session_private.h"

/* How long a stopped inferior may take to answer an edit. It sits in a receive: this is for one that died. */
#define ANSWER_MS 2000

static void take_source(struct dbg_session *s, struct msg_in *in)
{
    size_t length;
    const char *path = msg_get_text(in);
    const char *text = msg_get_bytes(in, &length);
    if (!path || !text)
        return;
    struct dbg_source source = {mem_strdup(path), mem_strndup(text, length), length};
    if (!source.path || !source.text || vec_push(&s->sources, source) < 0) {
        mem_free(source.path);
        mem_free(source.text);
    }
}

static void take_load_failure(struct dbg_session *s, struct msg_in *in)
{
    int code = (int)(int64_t)msg_get_u64(in);
    const char *text = msg_get_text(in);
    s->load_status = code < 0 ? code : FLOW_EFORMAT;
    str_clear(&s->load_error);
    str_add(&s->load_error, text ? text : "loading failed");
}

static void take_stop(struct dbg_session *s, struct msg_in *in)
{
    uint64_t why = msg_get_u64(in);
    s->due.why = why <= DBG_STOP_ENDED ? (enum dbg_stop)why : DBG_STOP_NONE;
    s->due.breakpoint = (uint32_t)msg_get_u64(in);
    s->due.event = msg_get_u64(in);
    s->due.is_at_boundary = msg_get_u64(in) != 0;
    s->has_stopped = !in->failed;
    uint64_t hits = msg_get_u64(in);
    for (uint64_t i = 0; i < hits && !in->failed; i++)
        dbg_breakpoint_hit(s, (uint32_t)msg_get_u64(in));
    s->is_behind = true; /* look once more: what was published before this message must be folded */
}

static void take_answer(struct dbg_session *s, struct msg_in *in)
{
    uint64_t id = msg_get_u64(in);
    int status = (int)(int64_t)msg_get_u64(in);
    const char *text = msg_get_text(in);
    uint64_t event = msg_get_u64(in);
    if (in->failed || id > s->edit_sent)
        return;
    s->edit_answered = id;
    s->edit_status = status;
    s->edit_event = event;
    str_clear(&s->edit_text);
    str_add(&s->edit_text, text ? text : "");
    if (status == FLOW_AGAIN)
        s->status.pending_edits++;
    s->is_behind = true;
    s->changed |= DBG_CHANGED_STATUS;
}

static void take_crash(struct dbg_session *s, struct msg_in *in)
{
    if ((size_t)(in->end - in->at) != sizeof s->crash)
        return;
    memcpy(&s->crash, in->at, sizeof s->crash);
    if (s->crash.frame_count > DBG_CRASH_FRAMES)
        s->crash.frame_count = 0;
}

static void set_problem(struct dbg_session *s, const char *text)
{
    str_clear(&s->problem);
    str_add(&s->problem, text);
    s->changed |= DBG_CHANGED_STATUS;
}

static void take_message(struct dbg_session *s, struct msg_in *in)
{
    const char *text;
    switch (s->link.type) {
    case DBG_MSG_SOURCE: take_source(s, in); break;
    case DBG_MSG_LOADED: s->is_loaded = true; break;
    case DBG_MSG_LOAD_FAILED: take_load_failure(s, in); break;
    case DBG_MSG_STOPPED: take_stop(s, in); break;
    case DBG_MSG_EDITED: take_answer(s, in); break;
    case DBG_MSG_ENDED: s->end_deadline_ns = dbg_now_ns() + 2000000000; break;
    case DBG_MSG_PROBLEM:
        if ((text = msg_get_text(in)))
            set_problem(s, text);
        break;
    case DBG_MSG_EXITING: s->is_exiting = true; break;
    case DBG_MSG_CRASH: take_crash(s, in); break;
    case DBG_MSG_MAPS:
        str_clear(&s->maps);
        str_add_bytes(&s->maps, in->at, (size_t)(in->end - in->at));
        break;
    default: break; /* a task wrote to our socket */
    }
}

void dbg_receive(struct dbg_session *s)
{
    struct msg_in in;
    int status = FLOW_OK;
    if (!s->has_control)
        dbg_door_answer(s);
    if (!s->has_control)
        return;
    msg_flush(&s->link);
    while ((status = msg_receive(&s->link, false, &in)) == FLOW_OK || status == FLOW_EFORMAT) {
        if (status == FLOW_OK)
            take_message(s, &in);
    }
    if (status == FLOW_AGAIN)
        return;
    s->has_control = false; /* it is leaving, or a task closed the socket and it will knock */
}

void dbg_ring_bell(struct dbg_session *s)
{
    if (s->ring)
        trace_ring_set_interrupt(s->ring, ++s->interrupt_word);
}

static int post_edit(
    struct dbg_session *s, const char *task, const struct flow_edit *edit, struct flow_error *err)
{
    struct str body = {0};
    msg_put_u64(&body, ++s->edit_sent);
    msg_put_u64(&body, edit->kind);
    msg_put_text(&body, task);
    msg_put_u64(&body, edit->entry);
    msg_put_u64(&body, edit->position);
    msg_put_text(&body, edit->key);
    msg_put_text(&body, edit->message);
    msg_put_text(&body, edit->command);
    msg_put_value(&body, edit->value);
    int status = msg_post(&s->link, DBG_MSG_EDIT, &body);
    str_finish(&body);
    flow_value_unref(edit->value);
    return status < 0
               ? flow_error_set(err, status, "the inferior cannot be reached: %s", flow_status_name(status))
               : FLOW_OK;
}

/* Waits for the answer of a stopped inferior and folds its effects. */
static int await_answer(struct dbg_session *s, struct flow_error *err)
{
    int64_t deadline = dbg_now_ns() + ANSWER_MS * 1000000ll;
    while (s->edit_answered != s->edit_sent && s->has_control && dbg_now_ns() < deadline) {
        struct pollfd fd = {
            .fd = s->link.fd, .events = (short)(POLLIN | (s->link.waiting.count ? POLLOUT : 0))};
        poll(&fd, 1, ANSWER_MS / 10);
        dbg_receive(s);
    }
    if (s->edit_answered != s->edit_sent)
        return flow_error_set(err, FLOW_EIO, "the inferior does not answer");
    while (s->is_behind)
        dbg_fold(s, 1000000000);
    if (s->state.phase == TRACE_PHASE_ENDED) { /* the edit ended the run: the inferior is on its way out */
        s->has_stopped = false;
        dbg_set_phase(s, DBG_PHASE_RUNNING);
    }
    dbg_update_status(s);
    if (s->edit_status < 0)
        return flow_error_set(err, s->edit_status, "%s",
            s->edit_text.length ? str_text(&s->edit_text) : flow_status_name(s->edit_status));
    return s->edit_status;
}

int dbg_session_edit(
    struct dbg_session *s, const char *task, const struct flow_edit *edit, struct flow_error *err)
{
    if (s->is_away) {
        flow_value_unref(edit->value);
        return flow_error_set(err, FLOW_ESTATE, "the past cannot be changed");
    }
    if (s->status.phase != DBG_PHASE_STOPPED && s->status.phase != DBG_PHASE_RUNNING) {
        flow_value_unref(edit->value);
        return flow_error_set(err, FLOW_ESTATE, "no run is in progress");
    }
    int status = post_edit(s, task, edit, err);
    if (status < 0)
        return status;
    if (s->status.phase == DBG_PHASE_STOPPED)
        return await_answer(s, err);
    dbg_ring_bell(s);
    return FLOW_AGAIN;
}
