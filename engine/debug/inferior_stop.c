#include <stdio.h>
#include <stdio_ext.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "debug/inferior.h"

/* A write to a file takes longer than this: shorter steps need no look at the files' lengths. */
#define SHORTEST_WRITE_NS 400

static int64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

int64_t inferior_clock_ns(void *user)
{
    const struct inferior *inf = user;
    return inf->is_frozen ? inf->frozen_ns : now_ns() - inf->paused_ns;
}

/* A task may have closed the socket, or put something else behind its number. */
bool inferior_has_control(struct inferior *inf)
{
    struct stat st;
    if (inf->has_control &&
        (fstat(inf->link.fd, &st) < 0 || st.st_dev != inf->control_device || st.st_ino != inf->control_inode))
        inf->has_control = inferior_return(inf);
    return inf->has_control;
}

void inferior_send(struct inferior *inf, uint32_t type, const struct str *body)
{
    if (inferior_has_control(inf) && msg_send(&inf->link, type, body) < 0)
        inf->has_control = false;
}

static void publish_line(struct inferior *inf)
{
    if (!inf->has_line)
        return;
    inf->has_line = false;
    inf->line.text = inf->line_file;
    trace_writer_append(inf->writer, &inf->line);
}

static void take_breaks(struct inferior *inf, struct msg_in *in)
{
    stop_rules_clear_breaks(&inf->rules);
    uint64_t count = msg_get_u64(in);
    for (uint64_t i = 0; i < count && !in->failed; i++) {
        uint32_t number = (uint32_t)msg_get_u64(in);
        const char *pattern = msg_get_text(in);
        bool is_after = msg_get_u64(in) != 0;
        bool is_temporary = msg_get_u64(in) != 0;
        if (pattern && !in->failed)
            stop_rules_add_break(&inf->rules, number, pattern, is_after, is_temporary);
    }
}

static void take_resume(struct inferior *inf, struct msg_in *in)
{
    enum dbg_mode mode = (enum dbg_mode)msg_get_u64(in);
    uint64_t count = msg_get_u64(in);
    stop_rules_resume(&inf->rules, mode, count, msg_get_text(in));
}

static int apply_edit(struct inferior *inf, struct msg_in *in, struct flow_error *err)
{
    struct flow_edit edit = {.kind = (enum flow_edit_kind)msg_get_u64(in)};
    const char *task = msg_get_text(in);
    edit.entry = msg_get_u64(in);
    edit.position = msg_get_u64(in);
    edit.key = msg_get_text(in);
    edit.message = msg_get_text(in);
    edit.command = msg_get_text(in);
    if (in->failed || msg_get_value(in, &edit.value) < 0)
        return flow_error_set(err, FLOW_EFORMAT, "the edit did not arrive whole");
    edit.task = task ? flow_run_find_task(inf->run, task) : FLOW_TASK_NONE;
    if (task && edit.task == FLOW_TASK_NONE) {
        flow_value_unref(edit.value);
        return flow_error_set(err, FLOW_ENOENT, "there is no task '%s'", task);
    }
    return flow_run_edit(inf->run, &edit, err);
}

static void take_edit(struct inferior *inf, struct msg_in *in)
{
    struct flow_error err = FLOW_ERROR_INIT;
    struct str reply = {0};
    uint64_t id = msg_get_u64(in);
    int status = apply_edit(inf, in, &err);
    msg_put_u64(&reply, id);
    msg_put_u64(&reply, (uint64_t)(int64_t)status);
    msg_put_text(&reply, err.text);
    msg_put_u64(&reply, inf->event);
    inferior_send(inf, DBG_MSG_EDITED, &reply);
    str_finish(&reply);
}

/* Handles one message. True: it was the word to go on. */
static bool take_message(struct inferior *inf, struct msg_in *in)
{
    switch (inf->link.type) {
    case DBG_MSG_BREAKS: take_breaks(inf, in); return false;
    case DBG_MSG_EDIT:
        take_edit(inf, in);
        return flow_run_outcome(inf->run) !=
               FLOW_OUTCOME_UNFINISHED; /* it ended the run: nothing to wait for */
    case DBG_MSG_INTERRUPT: inf->wants_stop = true; return false;
    case DBG_MSG_RESUME: take_resume(inf, in); return true;
    default: return false;
    }
}

/* Reads what came while running. The control page's word has changed: there is something. */
static void read_mail(struct inferior *inf)
{
    struct msg_in in;
    bool was_talking = inf->is_talking;
    inf->interrupt_seen = trace_ring_interrupt(inf->ring);
    inf->is_talking = true;
    while (inferior_has_control(inf) && msg_receive(&inf->link, false, &in) == FLOW_OK)
        take_message(inf, &in);
    inf->is_talking = was_talking;
}

static void tell_problem(struct inferior *inf)
{
    const char *problem = trace_writer_problem(inf->writer);
    if (!problem)
        return;
    struct str body = {0};
    msg_put_text(&body, problem);
    inferior_send(inf, DBG_MSG_PROBLEM, &body);
    str_finish(&body);
}

static void tell_stopped(struct inferior *inf, struct stop_decision decision, bool is_at_boundary)
{
    struct str body = {0};
    msg_put_u64(&body, decision.why);
    msg_put_u64(&body, decision.breakpoint);
    msg_put_u64(&body, inf->event);
    msg_put_u64(&body, is_at_boundary);
    msg_put_u64(&body, decision.breakpoint ? inf->rules.hits.count : 0);
    for (size_t i = 0; decision.breakpoint && i < inf->rules.hits.count; i++)
        msg_put_u64(&body, inf->rules.hits.at[i]);
    inferior_send(inf, DBG_MSG_STOPPED, &body);
    str_finish(&body);
}

/* Stands still until told to go on. Without a debugger to talk to, the run goes on to its end. */
static void stop(struct inferior *inf, struct stop_decision decision, bool is_at_boundary)
{
    inf->frozen_ns = inferior_clock_ns(inf);
    inf->is_frozen = true;
    publish_line(inf);
    inferior_output_note(inf);
    inf->wants_stop = false;
    inf->stops_at_boundary = false;
    inf->interrupt_seen = trace_ring_interrupt(inf->ring);
    tell_problem(inf);
    tell_stopped(inf, decision, is_at_boundary);
    inf->is_talking = true;
    bool goes_on = false;
    while (!goes_on && inferior_has_control(inf)) {
        struct msg_in in;
        int status = msg_receive(&inf->link, true, &in);
        if (status == FLOW_END || status == FLOW_EIO)
            inf->has_control = false;
        else if (status == FLOW_OK)
            goes_on = take_message(inf, &in);
    }
    if (!goes_on)
        stop_rules_resume(&inf->rules, DBG_MODE_END, 0, NULL);
    inf->is_talking = false;
    inf->wants_stop = false; /* an interrupt that came while standing */
    inf->is_frozen = false;
    inf->paused_ns = now_ns() - inf->frozen_ns;
}

static void on_note(struct inferior *inf, const struct flow_event *event)
{
    if (event->kind != FLOW_EV_SOURCE_LINE) {
        trace_writer_append(inf->writer, event);
        return;
    }
    inf->line = *event;
    if (inf->line.text_length > sizeof inf->line_file)
        inf->line.text_length = sizeof inf->line_file;
    memcpy(inf->line_file, event->text, inf->line.text_length);
    inf->has_line = true;
    if (trace_ring_interrupt(inf->ring) != inf->interrupt_seen)
        read_mail(inf);
    if (inf->wants_stop && !inf->is_talking)
        stop(inf, (struct stop_decision){true, DBG_STOP_INTERRUPT, 0}, false);
}

/* What must stand in the trace before the event. */
static void before_event(struct inferior *inf, const struct flow_event *event)
{
    if (inf->has_line)
        publish_line(inf);
    bool is_long = !event->has_time || event->time_ns - inf->step_start_ns >= SHORTEST_WRITE_NS ||
                   __fpending(stdout) > 0;
    if ((event->kind == FLOW_EV_STEP_ENDED && is_long) || event->kind == FLOW_EV_RUN_ENDED)
        inferior_output_note(inf);
}

static void keep_track(struct inferior *inf, const struct flow_event *event)
{
    inf->event = event->number;
    inf->step = event->step;
    if (event->kind == FLOW_EV_TASK_ADDED) {
        stop_rules_add_task(&inf->rules, event->task, event->text, event->text_length);
    } else if (event->kind == FLOW_EV_STEP_STARTED) {
        inf->task = event->task;
        inf->step_start_ns = event->time_ns;
        inf->ended = FLOW_TASK_NONE;
    } else if (event->kind == FLOW_EV_STEP_ENDED) {
        inf->ended = event->task;
        inf->task = FLOW_TASK_NONE;
    }
}

/* After these step outcomes a boundary comes with no event in between: the better place to stand, because
 * edits take effect at once there. */
static bool has_boundary_next(const struct flow_event *event)
{
    return event->kind == FLOW_EV_STEP_ENDED &&
           (event->code == FLOW_STEP_COMPLETED || event->code == FLOW_STEP_RETRIED);
}

static void on_event(void *user, struct flow_run *run, const struct flow_event *event)
{
    struct inferior *inf = user;
    if (flow_event_is_note(event->kind)) {
        on_note(inf, event);
        return;
    }
    before_event(inf, event);
    trace_writer_append(inf->writer, event);
    keep_track(inf, event);
    if (inf->is_talking || event->kind == FLOW_EV_RUN_ENDED)
        return;
    bool is_due = inf->stops_at_boundary; /* the boundary did not come */
    if (stop_rules_is_last_event(&inf->rules)) {
        is_due = true;
        inf->due_why = DBG_STOP_STEP;
    }
    if (trace_ring_interrupt(inf->ring) != inf->interrupt_seen)
        read_mail(inf);
    if (inf->wants_stop) {
        is_due = true;
        inf->due_why = DBG_STOP_INTERRUPT;
    }
    if (!is_due)
        return;
    if (has_boundary_next(event))
        inf->stops_at_boundary = true;
    else
        stop(inf, (struct stop_decision){true, (uint8_t)inf->due_why, 0}, false);
}

static void on_boundary(void *user, struct flow_run *run)
{
    struct inferior *inf = user;
    struct flow_entry front = {.task = FLOW_TASK_NONE};
    if (flow_run_queue_length(run) > 0)
        flow_run_queue_at(run, 0, &front);
    struct stop_decision decision = stop_rules_at_boundary(&inf->rules, front.task, inf->ended);
    inf->ended = FLOW_TASK_NONE;
    if (!decision.stops && inf->stops_at_boundary)
        decision = (struct stop_decision){true, (uint8_t)inf->due_why, 0};
    if (decision.stops)
        stop(inf, decision, true);
}

static int on_print(void *user, struct flow_run *run, int stream, const void *bytes, size_t length)
{
    return inferior_output_print(user, stream, bytes, length);
}

void inferior_hooks(struct inferior *inf, struct flow_hooks *hooks)
{
    *hooks = (struct flow_hooks){
        .size = sizeof *hooks,
        .user = inf,
        .on_event = on_event,
        .on_boundary = on_boundary,
        .on_print = on_print,
        /* Lines cost a call each: only for sessions in which somebody looks. */
        .notes = inf->config.is_output_passed_on ? 0 : 1ull << (FLOW_EV_SOURCE_LINE - FLOW_EV_FIRST_NOTE),
    };
}
