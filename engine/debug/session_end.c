/* How a run ends when it does not end by itself: signals, exit(), timeouts, a person. The inferior is dead by
 * then; the end is written into its trace for it, with origin host. */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "debug/session_private.h"
#include "trace/writer.h"

void dbg_reap(struct dbg_session *s)
{
    struct pollfd fd = {.fd = s->pidfd, .events = POLLIN};
    siginfo_t info = {0};
    if (poll(&fd, 1, 0) <= 0)
        return;
    dbg_receive(s);         /* its last words */
    kill(-s->pid, SIGKILL); /* processes that its tasks left behind; the group lives until we wait */
    if (waitid(P_PIDFD, (id_t)s->pidfd, &info, WEXITED) < 0 && errno == EINTR)
        return;
    s->is_dead = true;
    s->is_behind = true;
    if (info.si_code == CLD_EXITED)
        s->exit_code = info.si_status;
    else
        s->exit_signal = info.si_status;
    s->status.pid = 0;
    s->pid = 0;
}

static void describe_place(const struct dbg_session *s, struct str *out)
{
    const struct trace_state *state = &s->state;
    if (state->phase >= TRACE_PHASE_TAKEN && state->phase <= TRACE_PHASE_FINISHING) {
        char name[256];
        trace_print_task(state, state->current, state->current_entry.iteration, name, sizeof name);
        str_addf(out, "task '%s'", name);
    } else {
        str_add(out, "the workflow");
    }
}

static void describe_step(const struct dbg_session *s, struct str *out)
{
    if (s->state.phase >= TRACE_PHASE_BODY && s->state.phase <= TRACE_PHASE_FINISHING)
        str_addf(out, " in step %llu", (unsigned long long)s->state.step);
}

/* Message of the run-ended event, and the outcome. */
static enum flow_outcome explain(const struct dbg_session *s, struct str *out)
{
    const char *limit = s->end_cause == DBG_END_TASK_TIMEOUT ? "--task-timeout" : "--timeout";
    uint64_t limit_ms =
        s->end_cause == DBG_END_TASK_TIMEOUT ? s->config.task_timeout_ms : s->config.run_timeout_ms;
    switch (s->end_cause) {
    case DBG_END_KILLED:
        describe_place(s, out);
        str_add(out, " was running");
        describe_step(s, out);
        return FLOW_OUTCOME_KILLED;
    case DBG_END_RUN_TIMEOUT:
    case DBG_END_TASK_TIMEOUT:
        describe_place(s, out);
        str_addf(out, " was running when the time was up%s (%s %g s)",
            s->end_cause == DBG_END_TASK_TIMEOUT ? " for one step" : "", limit, (double)limit_ms / 1000);
        return FLOW_OUTCOME_TIMED_OUT;
    case DBG_END_NONE: break;
    }
    if (s->has_lost_trace) {
        str_addf(out, "the memory shared with the debugger was damaged, by ");
        describe_place(s, out);
        describe_step(s, out);
        str_add(out, " or later");
        return FLOW_OUTCOME_CRASHED;
    }
    describe_place(s, out);
    if (s->exit_signal)
        str_addf(out, " crashed: signal %d, SIG%s (%s)", s->exit_signal,
            sigabbrev_np(s->exit_signal) ? sigabbrev_np(s->exit_signal) : "?",
            sigdescr_np(s->exit_signal) ? sigdescr_np(s->exit_signal) : "unknown");
    else
        str_addf(out, " called %s(%d)", s->is_exiting ? "exit" : "_exit", s->exit_code);
    describe_step(s, out);
    if (!s->exit_signal)
        str_add(out, ", before the run had ended");
    return FLOW_OUTCOME_CRASHED;
}

/* An event told by us, after the last one that is known. */
static void tell(struct dbg_session *s, struct trace_writer *writer, struct flow_event event)
{
    struct flow_error err = FLOW_ERROR_INIT;
    event.origin = FLOW_ORIGIN_HOST;
    event.number = s->state.event + 1;
    event.step = s->state.step;
    event.key = FLOW_KEY_NONE;
    event.has_time = event.kind == FLOW_EV_RUN_ENDED;
    event.time_ns = s->state.time_ns;
    if (trace_state_apply(&s->state, &event, &err) == FLOW_OK && writer)
        trace_writer_append(writer, &event);
}

/* Appends the end to the trace: first the work that nobody will do, as the engine would. A trace that cannot
 * be written to (a task scribbled on the ring) must not keep us from knowing how the run ended: then only our
 * own state gets the events. */
static void seal(struct dbg_session *s, enum flow_outcome outcome, const struct str *message)
{
    struct flow_error err = FLOW_ERROR_INIT;
    struct trace_writer_options options = {.size = sizeof options, .ring = s->ring, .fd = s->trace_fd};
    struct trace_writer *writer = NULL;
    if (trace_writer_adopt(&writer, &options, &err) < 0) {
        str_clear(&s->problem);
        str_addf(&s->problem, "the end of the run is not recorded: %s", err.text);
    } else if (trace_writer_position(writer).event != s->state.event) {
        trace_writer_destroy(writer);
        writer = NULL;
    }
    for (size_t i = 0; i < s->state.queue.count; i++)
        tell(s, writer,
            (struct flow_event){.kind = FLOW_EV_ABANDONED,
                .task = s->state.queue.at[i].task,
                .other = FLOW_TASK_NONE,
                .entry = s->state.queue.at[i].number});
    for (size_t i = 0; i < s->state.held.count; i++)
        tell(s, writer,
            (struct flow_event){.kind = FLOW_EV_ABANDONED,
                .task = s->state.held.at[i].successor,
                .other = s->state.held.at[i].source});
    tell(s, writer,
        (struct flow_event){.kind = FLOW_EV_RUN_ENDED,
            .code = (int32_t)outcome,
            .task = s->state.current,
            .other = FLOW_TASK_NONE,
            .text = str_text(message),
            .text_length = message->length});
    trace_writer_destroy(writer);
}

static void fail_loading(struct dbg_session *s)
{
    if (!s->load_error.length) {
        if (s->end_cause == DBG_END_KILLED)
            str_addf(&s->load_error, "%s: killed while it was being loaded", s->config.file);
        else if (s->end_cause != DBG_END_NONE)
            str_addf(&s->load_error, "%s: loading took longer than %g s", s->config.file,
                (double)s->config.run_timeout_ms / 1000);
        else if (s->exit_signal)
            str_addf(&s->load_error, "%s: crashed while it was being loaded: SIG%s", s->config.file,
                sigabbrev_np(s->exit_signal) ? sigabbrev_np(s->exit_signal) : "?");
        else
            str_addf(&s->load_error, "%s: it ended the process (exit code %d) while it was being loaded",
                s->config.file, s->exit_code);
    }
    if (s->load_status >= 0)
        s->load_status = FLOW_EFORMAT;
    dbg_set_phase(s, DBG_PHASE_IDLE);
}

void dbg_conclude(struct dbg_session *s)
{
    if (s->status.phase == DBG_PHASE_ENDED || s->status.phase == DBG_PHASE_IDLE)
        return;
    dbg_output_measure(s);
    dbg_output_attribute(s);
    if (s->crash.signal && !s->crash_text.length)
        dbg_crash_describe(s, &s->crash_text);
    if (!s->is_loaded || s->state.event == 0) {
        fail_loading(s);
        return;
    }
    if (s->state.phase == TRACE_PHASE_ENDED && !s->end_deadline_ns && !s->problem.length)
        str_add(&s->problem,
            "a task closed the descriptors of the debugger: the run could not be stopped any more, "
            "and what was printed afterwards is lost");
    if (s->state.phase != TRACE_PHASE_ENDED) {
        struct str message = {0};
        enum flow_outcome outcome = explain(s, &message);
        seal(s, outcome, &message);
        str_finish(&message);
        s->changed |= DBG_CHANGED_STATE;
    }
    s->status.stop = DBG_STOP_ENDED;
    s->status.is_at_boundary = false;
    s->status.pending_edits = 0;
    dbg_set_phase(s, DBG_PHASE_ENDED);
}

/* Milliseconds of run time left, rounded up; INT64_MAX: no limit. */
static int64_t left_ms(const struct dbg_session *s, enum dbg_end_cause *cause)
{
    int64_t left = INT64_MAX;
    int64_t ran = dbg_run_time_ns(s);
    if (!s->resumed_ns)
        return left;
    if (s->config.run_timeout_ms) {
        left = (int64_t)s->config.run_timeout_ms - ran / 1000000;
        *cause = DBG_END_RUN_TIMEOUT;
    }
    bool is_in_step = s->state.phase >= TRACE_PHASE_TAKEN && s->state.phase <= TRACE_PHASE_FINISHING;
    if (s->config.task_timeout_ms && is_in_step && s->timed_step == s->state.step) {
        int64_t step = (int64_t)s->config.task_timeout_ms - (ran - s->step_began_ns) / 1000000;
        if (step < left) {
            left = step;
            *cause = DBG_END_TASK_TIMEOUT;
        }
    }
    return left;
}

void dbg_check_timers(struct dbg_session *s)
{
    enum dbg_end_cause cause = DBG_END_NONE;
    if (s->is_dead || s->end_cause != DBG_END_NONE)
        return;
    if (s->end_deadline_ns) { /* the run is over: only a plugin that does not unload is in the way */
        if (dbg_now_ns() > s->end_deadline_ns) {
            kill(-s->pid, SIGKILL);
            kill(s->pid, SIGKILL);
        }
        return;
    }
    if (s->is_behind || left_ms(s, &cause) > 0)
        return;
    s->end_cause = cause;
    kill(-s->pid, SIGKILL);
    kill(s->pid, SIGKILL);
}

void dbg_next_timer(const struct dbg_session *s, int *timeout_ms)
{
    enum dbg_end_cause cause;
    int64_t left =
        s->end_deadline_ns ? (s->end_deadline_ns - dbg_now_ns()) / 1000000 + 1 : left_ms(s, &cause);
    if (left < 0)
        left = 0;
    if (s->is_dead || left > INT32_MAX)
        return;
    if (*timeout_ms < 0 || left < *timeout_ms)
        *timeout_ms = (int)left;
}
