#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "debug/session_private.h"

/* One dispatch folds for at most this long, so that a screen stays alive. */
#define FOLD_SLICE_NS 4000000
/* How often a running inferior is looked at: events come without a message. */
#define FOLLOW_MS 20

int64_t dbg_now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* Copies of configuration texts, owned by the session. NULL stays NULL. */
static int keep_text(struct dbg_session *s, const char **text)
{
    if (!*text)
        return FLOW_OK;
    char *copy = mem_strdup(*text);
    if (!copy || vec_push(&s->texts, copy) < 0) {
        mem_free(copy);
        return FLOW_ENOMEM;
    }
    *text = copy;
    return FLOW_OK;
}

static int keep_texts(struct dbg_session *s, const char *const **texts, size_t *count)
{
    const char **copy = mem_zalloc((*count + 1) * sizeof *copy);
    const char *const *from = *texts;
    size_t wanted = *count;
    *texts = copy;
    *count = 0;
    if (!copy)
        return FLOW_ENOMEM;
    for (; *count < wanted; (*count)++) {
        copy[*count] = from[*count];
        if (keep_text(s, &copy[*count]) < 0)
            return FLOW_ENOMEM;
    }
    return FLOW_OK;
}

static int keep_channel(struct dbg_session *s, const struct dbg_config *config)
{
    struct flow_member *copy = mem_zalloc((config->channel_count + 1) * sizeof *copy);
    s->config.channel = copy;
    s->config.channel_count = copy ? config->channel_count : 0;
    for (size_t i = 0; i < s->config.channel_count; i++) {
        copy[i].key = flow_value_ref(config->channel[i].key);
        copy[i].value = flow_value_ref(config->channel[i].value);
    }
    return copy ? FLOW_OK : FLOW_ENOMEM;
}

static int keep_config(struct dbg_session *s, const struct dbg_config *config)
{
    s->config = *config;
    int status = keep_channel(s, config);
    int lists = keep_texts(s, &s->config.plugins, &s->config.plugin_count);
    lists = keep_texts(s, &s->config.args, &s->config.arg_count) < 0 ? FLOW_ENOMEM : lists;
    lists = keep_texts(s, &s->config.env, &s->config.env_count) < 0 ? FLOW_ENOMEM : lists;
    const char **texts[] = {&s->config.file, &s->config.workflow, &s->config.plugin_path, &s->config.program,
        &s->config.start, &s->config.cwd, &s->config.allow, &s->config.input, &s->config.record};
    for (size_t i = 0; i < sizeof texts / sizeof *texts && status == FLOW_OK; i++)
        status = keep_text(s, texts[i]);
    if (!s->config.output_limit)
        s->config.output_limit = 64u << 20;
    return status < 0 ? status : lists;
}

/* Everything of the present run; configuration and breakpoints stay. */
static void clear_run(struct dbg_session *s)
{
    if (s->pid > 0) {
        kill(-s->pid, SIGKILL);
        kill(s->pid, SIGKILL);
        while (waitpid(s->pid, NULL, 0) < 0 && errno == EINTR)
            ;
    }
    s->pid = 0;
    dbg_timeline_close(s);
    dbg_marks_close(s);
    trace_reader_destroy(s->history);
    trace_reader_destroy(s->reader);
    trace_ring_destroy(s->ring);
    s->history = s->reader = NULL;
    s->ring = NULL;
    int *fds[] = {&s->pidfd, &s->link.fd, &s->trace_fd, &s->door};
    for (size_t i = 0; i < sizeof fds / sizeof *fds; i++) {
        if (*fds[i] >= 0)
            close(*fds[i]);
        *fds[i] = -1;
    }
    msg_link_finish(&s->link);
    s->link = (struct msg_link){.fd = -1};
    dbg_output_close(s);
    vec_foreach (struct dbg_source, source, &s->sources) {
        mem_free(source->path);
        mem_free(source->text);
    }
    vec_finish(&s->sources);
    trace_state_finish(&s->state);
    trace_state_init(&s->state);
    struct str *texts[] = {
        &s->maps, &s->crash_text, &s->problem, &s->load_error, &s->error_detail, &s->edit_text};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        str_finish(texts[i]);
    s->runs_on = s->is_loaded = s->has_stopped = s->is_exiting = s->is_dead = s->is_behind = s->has_control =
        false;
    s->end_cause = DBG_END_NONE;
    s->has_lost_trace = false;
    s->end_deadline_ns = s->resumed_ns = s->ran_ns = s->step_began_ns = 0;
    s->timed_step = 0;
    s->interrupt_word = 0;
    s->exit_code = s->exit_signal = s->load_status = 0;
    s->crash = (struct dbg_crash){0};
    s->status = (struct dbg_status){0};
}

int dbg_session_create(struct dbg_session **out, const struct dbg_config *config, struct flow_error *err)
{
    if (!config->file)
        return flow_error_set(err, FLOW_EINVAL, "no workflow file was given");
    struct dbg_session *s = mem_zalloc(sizeof *s);
    if (!s)
        return flow_error_set(err, FLOW_ENOMEM, "out of memory");
    s->pidfd = s->door = s->trace_fd = s->link.fd = s->streams[0].fd = s->streams[1].fd = -1;
    trace_state_init(&s->state);
    int status = keep_config(s, config);
    if (status < 0)
        flow_error_set(err, status, "out of memory");
    else
        status = dbg_workflow_file_check(config->file, err);
    if (status == FLOW_OK && !config->is_replay)
        status = dbg_plugin_find(s, err);
    if (status < 0) {
        dbg_session_destroy(s);
        return status;
    }
    dbg_update_status(s);
    *out = s;
    return FLOW_OK;
}

void dbg_session_destroy(struct dbg_session *s)
{
    if (!s)
        return;
    clear_run(s);
    trace_state_finish(&s->state);
    dbg_breakpoints_finish(s);
    dbg_config_finish(&s->config);
    for (size_t i = 0; i < s->texts.count; i++)
        mem_free(s->texts.at[i]);
    vec_finish(&s->texts);
    mem_free(s);
}

int dbg_session_start(struct dbg_session *s, struct flow_error *err)
{
    clear_run(s);
    s->generation++;
    s->changed |= DBG_CHANGED_ALL;
    dbg_marks_open(s);
    int status = s->config.is_replay ? dbg_replay_open(s, err) : dbg_launch(s, err);
    if (status < 0) {
        if (err)
            str_add(&s->load_error, err->text);
        s->load_status = status;
        clear_run(s);
    } else if (!s->config.is_replay) {
        dbg_breakpoints_send(s);
        dbg_set_phase(s, DBG_PHASE_LOADING);
    }
    dbg_update_status(s);
    return status;
}

void dbg_set_phase(struct dbg_session *s, enum dbg_phase phase)
{
    bool runs = phase == DBG_PHASE_RUNNING || phase == DBG_PHASE_LOADING;
    int64_t now = dbg_now_ns();
    if (s->resumed_ns && !runs)
        s->ran_ns += now - s->resumed_ns;
    if (!s->resumed_ns && runs)
        s->status.running_since_ns = now;
    s->resumed_ns = !runs ? 0 : s->resumed_ns ? s->resumed_ns : now;
    if (!runs) {
        s->status.running_since_ns = 0;
        s->status.is_interrupting = false;
    }
    s->status.phase = phase;
    s->changed |= DBG_CHANGED_STATUS;
}

int64_t dbg_run_time_ns(const struct dbg_session *s)
{
    return s->ran_ns + (s->resumed_ns ? dbg_now_ns() - s->resumed_ns : 0);
}

void dbg_session_interrupt(struct dbg_session *s)
{
    if (s->status.phase != DBG_PHASE_RUNNING)
        return;
    msg_post(&s->link, DBG_MSG_INTERRUPT, NULL);
    s->status.is_interrupting = true;
    s->changed |= DBG_CHANGED_STATUS;
    dbg_ring_bell(s);
}

void dbg_session_kill(struct dbg_session *s)
{
    if (s->pid <= 0 || s->is_dead)
        return;
    if (s->end_cause == DBG_END_NONE)
        s->end_cause = DBG_END_KILLED;
    kill(-s->pid, SIGKILL);
    kill(s->pid, SIGKILL);
}

void dbg_session_suspend(struct dbg_session *s, bool is_suspended)
{
    if (s->pid > 0 && !s->is_dead)
        kill(-s->pid, is_suspended ? SIGSTOP : SIGCONT);
}

/* Whether going on leads through what is recorded, not into a run. */
static bool is_travel(const struct dbg_session *s, const struct dbg_resume *resume)
{
    return s->is_away || (resume->is_backwards && s->state.event > 0 &&
                             (s->status.phase == DBG_PHASE_STOPPED || s->status.phase == DBG_PHASE_ENDED));
}

int dbg_session_resume(struct dbg_session *s, const struct dbg_resume *resume, struct flow_error *err)
{
    if (is_travel(s, resume)) {
        int status = dbg_travel(s, resume, err);
        if (status != FLOW_END)
            return status;
        dbg_return_to_present(s);
    }
    if (s->status.phase != DBG_PHASE_STOPPED)
        return flow_error_set(err, FLOW_ESTATE, "%s",
            s->status.phase == DBG_PHASE_RUNNING ? "it is running: interrupt it first"
                                                 : "no run is in progress");
    struct str body = {0};
    msg_put_u64(&body, resume->mode);
    msg_put_u64(&body, resume->count ? resume->count : 1);
    msg_put_text(&body, resume->until);
    int status = msg_post(&s->link, DBG_MSG_RESUME, &body);
    str_finish(&body);
    if (status < 0 && s->has_control)
        return flow_error_set(err, status, "telling the inferior to go on: %s", flow_status_name(status));
    s->status.stop = DBG_STOP_NONE;
    s->status.breakpoint = 0;
    s->status.is_at_boundary = false;
    s->has_stopped = false;
    dbg_set_phase(s, DBG_PHASE_RUNNING);
    dbg_update_status(s);
    return FLOW_OK;
}

size_t dbg_session_poll(const struct dbg_session *s, struct pollfd *fds, size_t size, int *timeout_ms)
{
    size_t count = 0;
    int wanted = -1;
    if (s->pid > 0 && !s->is_dead && count < size)
        fds[count++] = (struct pollfd){.fd = s->pidfd, .events = POLLIN};
    if (s->pid > 0 && !s->is_dead && count < size)
        fds[count++] = s->has_control ? (struct pollfd){.fd = s->link.fd,
                                            .events = (short)(POLLIN | (s->link.waiting.count ? POLLOUT : 0))}
                                      : (struct pollfd){.fd = s->door, .events = POLLIN};
    if (s->resumed_ns)
        wanted = FOLLOW_MS;
    if (s->tip && dbg_tip(s)->phase != TRACE_PHASE_ENDED)
        wanted = 10 * FOLLOW_MS;
    dbg_next_timer(s, &wanted);
    if (s->changed || dbg_session_is_behind(s))
        wanted = 0;
    if (wanted >= 0 && (*timeout_ms < 0 || wanted < *timeout_ms))
        *timeout_ms = wanted;
    return count;
}

bool dbg_session_is_behind(const struct dbg_session *s)
{
    return s->is_behind ||
           (s->is_dead && s->status.phase != DBG_PHASE_ENDED && s->status.phase != DBG_PHASE_IDLE);
}

/* A stop that was told counts once everything up to it is folded. */
static void settle_stop(struct dbg_session *s)
{
    if (!s->has_stopped || s->is_behind || s->status.phase == DBG_PHASE_STOPPED || s->is_dead)
        return;
    s->status.stop = s->due.why;
    s->status.breakpoint = s->due.breakpoint;
    s->status.is_at_boundary = s->due.is_at_boundary;
    if (s->generation && s->status.phase == DBG_PHASE_LOADING)
        s->status.stop = s->due.why == DBG_STOP_STEP ? DBG_STOP_START : s->due.why;
    dbg_set_phase(s, DBG_PHASE_STOPPED);
    if (s->runs_on) {
        struct dbg_resume resume = {.mode = DBG_MODE_CONTINUE};
        s->runs_on = false;
        if (s->due.why != DBG_STOP_BREAKPOINT && s->due.why != DBG_STOP_INTERRUPT)
            dbg_session_resume(s, &resume, NULL);
    }
}

unsigned dbg_session_dispatch(struct dbg_session *s)
{
    if (s->pid > 0 && !s->is_dead) {
        dbg_receive(s);
        dbg_reap(s);
        dbg_check_timers(s);
    }
    if (s->config.is_replay) {
        dbg_replay_dispatch(s);
    } else if (s->reader) {
        /* In this order: bytes that were there before the fold caught up are noted, or of the step that runs.
         */
        bool is_over = s->status.phase == DBG_PHASE_ENDED || s->status.phase == DBG_PHASE_IDLE;
        dbg_output_measure(s);
        if (!is_over) /* an end that we wrote ourselves is folded already */
            dbg_fold(s, FOLD_SLICE_NS);
        dbg_output_attribute(s);
        settle_stop(s);
        if (s->is_dead && !s->is_behind)
            dbg_conclude(s);
    }
    dbg_update_status(s);
    unsigned changed = s->changed;
    s->changed = 0;
    return changed;
}

static bool is_busy(const struct dbg_session *s)
{
    return s->status.phase == DBG_PHASE_LOADING || s->status.phase == DBG_PHASE_RUNNING ||
           dbg_session_is_behind(s);
}

/* The first ^C asks, the second and two seconds of silence insist. */
static void take_interrupt(struct dbg_session *s, int64_t *asked_ns)
{
    if (*asked_ns || s->status.phase == DBG_PHASE_LOADING) {
        dbg_session_kill(s);
        return;
    }
    *asked_ns = dbg_now_ns();
    dbg_session_interrupt(s);
}

int dbg_session_wait(struct dbg_session *s, int timeout_ms, int interrupt_fd)
{
    int64_t deadline = timeout_ms < 0 ? INT64_MAX : dbg_now_ns() + timeout_ms * 1000000ll;
    int64_t asked_ns = 0;
    for (;;) {
        dbg_session_dispatch(s);
        int64_t now = dbg_now_ns();
        if (!is_busy(s))
            return FLOW_OK;
        if (now >= deadline)
            return FLOW_AGAIN;
        if (asked_ns && now - asked_ns > 2000000000)
            dbg_session_kill(s);
        struct pollfd fds[3];
        int wait_ms = timeout_ms < 0 ? -1 : (int)((deadline - now) / 1000000) + 1;
        size_t count = dbg_session_poll(s, fds, 2, &wait_ms);
        if (interrupt_fd >= 0)
            fds[count] = (struct pollfd){.fd = interrupt_fd, .events = POLLIN};
        if (poll(fds, count + (interrupt_fd >= 0), wait_ms) < 0)
            continue;
        if (interrupt_fd >= 0 && fds[count].revents) {
            char taken[512]; /* whatever it is: a self-pipe, a signalfd */
            if (read(interrupt_fd, taken, sizeof taken) >= 0)
                take_interrupt(s, &asked_ns);
        }
    }
}

void dbg_session_set_wait(
    struct dbg_session *s, void (*wait)(void *user, struct dbg_session *session), void *user)
{
    s->wait = wait;
    s->wait_user = user;
}

const char *dbg_phase_name(unsigned phase)
{
    static const char *const names[] = {
#define X(name, word) word,
        DBG_PHASES(X)
#undef X
    };
    return phase < sizeof names / sizeof *names ? names[phase] : "?";
}

const char *dbg_stop_name(unsigned stop)
{
    static const char *const names[] = {
#define X(name, word) word,
        DBG_STOPS(X)
#undef X
    };
    return stop < sizeof names / sizeof *names ? names[stop] : "?";
}

const struct dbg_status *dbg_session_status(const struct dbg_session *s)
{
    return s->is_away ? &s->shown_status : &s->status;
}

const struct trace_state *dbg_session_state(const struct dbg_session *s)
{
    return dbg_shown(s);
}

const struct trace_state *dbg_session_tip(const struct dbg_session *s)
{
    return dbg_tip(s);
}

const char *dbg_session_load_error(const struct dbg_session *s)
{
    return str_text(&s->load_error);
}

const char *dbg_session_error_detail(const struct dbg_session *s)
{
    return str_text(&s->error_detail);
}

struct trace_reader *dbg_session_history(struct dbg_session *s)
{
    if (!s->history && dbg_tip(s)->event > 0 && dbg_session_reader(s, &s->history, NULL) < 0)
        return NULL;
    return s->history;
}

int dbg_session_reader(struct dbg_session *s, struct trace_reader **out, struct flow_error *err)
{
    if (!s->ring && !s->config.is_replay)
        return flow_error_set(err, FLOW_ESTATE, "no run has begun");
    return trace_reader_create(out, s->trace_fd, s->ring, err);
}

const struct dbg_config *dbg_session_config(const struct dbg_session *s)
{
    return &s->config;
}

uint64_t dbg_session_generation(const struct dbg_session *s)
{
    return s->generation;
}

int dbg_session_source(const struct dbg_session *s, const char *path, const char **text, size_t *length)
{
    vec_foreach (const struct dbg_source, source, &s->sources) {
        if (strcmp(source->path, path) == 0) {
            *text = source->text;
            *length = source->length;
            return FLOW_OK;
        }
    }
    return FLOW_NOT_FOUND;
}

int dbg_session_exit_code(const struct dbg_session *s)
{
    static const int codes[] = {
        [FLOW_OUTCOME_UNFINISHED] = 5,
        [FLOW_OUTCOME_COMPLETED] = 0,
        [FLOW_OUTCOME_TERMINATED] = 0,
        [FLOW_OUTCOME_FAILED] = 1,
        [FLOW_OUTCOME_BLOCKED] = 1,
        [FLOW_OUTCOME_STEP_LIMIT] = 1,
        [FLOW_OUTCOME_TIMED_OUT] = 1,
        [FLOW_OUTCOME_CANCELLED] = 3,
        [FLOW_OUTCOME_KILLED] = 3,
        [FLOW_OUTCOME_CRASHED] = 4,
    };
    if (s->load_status < 0)
        return 2;
    if (s->config.is_replay) /* somebody has looked at it */
        return 0;
    unsigned outcome = s->state.outcome;
    return outcome < sizeof codes / sizeof *codes ? codes[outcome] : 5;
}
