/* flowdbg run: to the end, passing on what tasks print. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "debug/text.h"
#include "tui/cmd/cmd.h"

#define PIECE 65536u
/* A reader slower than the tasks: they wait rather than fill the disk. */
#define BACKLOG_MOST  (64u << 20)
#define BACKLOG_LEAST (8u << 20)

/* One stream on its way out. */
struct relay {
    int stream;      /* also the descriptor it goes to */
    bool is_shown;   /* on a terminal, without --raw: controls are escaped */
    bool is_broken;  /* nobody reads any more, or it cannot be written */
    int error;       /* why it cannot */
    struct str held; /* the beginning of a character or colour that has not come whole */
    uint64_t taken;
};

struct runner {
    struct dbg_session *session;
    struct relay relays[2];
    struct trace_reader *events; /* for --trace */
    int interrupt_fd;
    bool is_suspended;
    bool is_killed; /* by a person */
    bool is_left;   /* asked again: what is still to come is left where it is */
};

/* Writes everything. False: the other end is gone, or a signal wants attention. */
static bool write_all(struct relay *relay, int interrupt_fd, const char *bytes, size_t length)
{
    while (length > 0) {
        struct pollfd fds[2] = {
            {.fd = relay->stream, .events = POLLOUT}, {.fd = interrupt_fd, .events = POLLIN}};
        if (poll(fds, interrupt_fd >= 0 ? 2 : 1, -1) < 0 && errno != EINTR)
            return false;
        if (interrupt_fd >= 0 && fds[1].revents)
            return true; /* the rest is lost with the run that is about to be killed */
        ssize_t put = write(relay->stream, bytes, length < 4096 ? length : 4096);
        if (put < 0 && errno != EINTR && errno != EAGAIN) {
            relay->error = errno;
            return false;
        }
        if (put > 0) {
            bytes += put;
            length -= (size_t)put;
        }
    }
    return true;
}

static void show(struct relay *relay, int interrupt_fd, const char *bytes, size_t length, bool is_last)
{
    struct str out = {0};
    str_add_bytes(&relay->held, bytes, length);
    size_t keep = is_last ? 0 : dbg_unfinished(str_text(&relay->held), relay->held.length);
    size_t ready = relay->held.length - keep;
    dbg_escape_coloured(&out, str_text(&relay->held), ready);
    if (ready > 0 && !write_all(relay, interrupt_fd, str_text(&out), out.length))
        relay->is_broken = true;
    struct str rest = {0};
    str_add_bytes(&rest, str_text(&relay->held) + ready, keep);
    str_finish(&relay->held);
    relay->held = rest;
    str_finish(&out);
}

/* Passes on what has come, at most a few pieces. True: there may be more. */
static bool relay_some(struct runner *r, struct relay *relay)
{
    char piece[PIECE];
    size_t got = 0;
    for (int i = 0; i < 16; i++) {
        got = dbg_output_take(r->session, relay->stream, piece, sizeof piece);
        relay->taken += got;
        if (got == 0)
            break;
        if (relay->is_broken)
            continue;
        if (relay->is_shown)
            show(relay, r->interrupt_fd, piece, got, false);
        else if (!write_all(relay, r->interrupt_fd, piece, got))
            relay->is_broken = true;
        if (relay->is_broken)
            dbg_session_kill(r->session); /* as SIGPIPE would have */
    }
    return got > 0;
}

static void trace_some(struct runner *r)
{
    struct flow_error err = FLOW_ERROR_INIT;
    struct flow_event event;
    const struct trace_state *state = dbg_session_state(r->session);
    if (!r->events && dbg_session_reader(r->session, &r->events, &err) < 0)
        return;
    while (trace_reader_position(r->events) < state->event &&
           trace_reader_next(r->events, &event, &err) == FLOW_OK) {
        char text[1000];
        struct str safe = {0};
        if (flow_event_is_note(event.kind))
            continue;
        size_t length = trace_print_event(state, &event, text, sizeof text);
        dbg_cut_utf8(text);
        dbg_escape(&safe, text, strlen(text));
        fprintf(stderr, "%6llu  %s%s\n", (unsigned long long)event.number, str_text(&safe),
            length >= sizeof text ? "..." : "");
        str_finish(&safe);
    }
}

/* Lets the tasks wait while too much of what they printed is still to be passed on. */
static void hold_back(struct runner *r)
{
    uint64_t backlog = 0;
    for (int i = 0; i < 2; i++)
        backlog += dbg_output_length(r->session, i + 1) - r->relays[i].taken;
    bool is_too_much = backlog > (r->is_suspended ? BACKLOG_LEAST : BACKLOG_MOST);
    if (is_too_much != r->is_suspended)
        dbg_session_suspend(r->session, is_too_much);
    r->is_suspended = is_too_much;
}

/* The first time the run is killed and what it has printed is passed on; the second time, or when it is over,
 * nothing is waited for. */
static void interrupt(struct runner *r, bool is_over)
{
    r->is_left = is_over || r->is_killed;
    r->is_killed = true;
    dbg_session_kill(r->session);
}

static void wait_a_little(struct runner *r, bool is_over, bool has_more)
{
    struct pollfd fds[3];
    int timeout_ms = -1;
    size_t count = dbg_session_poll(r->session, fds, 2, &timeout_ms);
    if (has_more)
        timeout_ms = 0;
    if (r->interrupt_fd >= 0)
        fds[count++] = (struct pollfd){.fd = r->interrupt_fd, .events = POLLIN};
    if (poll(fds, count, timeout_ms) > 0 && r->interrupt_fd >= 0 && fds[count - 1].revents) {
        char taken[64];
        if (read(r->interrupt_fd, taken, sizeof taken) > 0)
            interrupt(r, is_over);
    }
}

static void pass_on(struct runner *r, bool is_tracing)
{
    const struct dbg_status *status = dbg_session_status(r->session);
    for (;;) {
        struct dbg_resume resume = {.mode = DBG_MODE_END};
        dbg_session_dispatch(r->session);
        if (status->phase == DBG_PHASE_STOPPED)
            dbg_session_resume(r->session, &resume, NULL);
        bool has_more = relay_some(r, &r->relays[0]);
        has_more = relay_some(r, &r->relays[1]) || has_more;
        hold_back(r);
        if (is_tracing)
            trace_some(r);
        bool is_over = status->phase == DBG_PHASE_ENDED || status->phase == DBG_PHASE_IDLE;
        if ((is_over && !has_more) || r->is_left)
            break;
        wait_a_little(r, is_over, has_more);
    }
    for (int i = 0; i < 2; i++) {
        if (r->relays[i].held.length > 0)
            show(&r->relays[i], -1, "", 0, true);
        str_finish(&r->relays[i].held);
    }
}

/* Output that got lost makes a run that went well a failure. A pipe that is closed on purpose does not. */
static int account_for_output(const struct runner *r, int code)
{
    static const char *const names[] = {"standard output", "standard error"};
    for (int i = 0; i < 2; i++) {
        if (r->relays[i].error && r->relays[i].error != EPIPE) {
            struct str words = {0};
            str_addf(&words, "%s: %s", names[i], strerror(r->relays[i].error));
            cmd_complain(stderr, str_text(&words));
            str_finish(&words);
            code = code ? code : 1;
        }
    }
    if (r->is_left) {
        cmd_complain(stderr, "interrupted: not all that was printed has been passed on");
        code = code ? code : 3;
    }
    return code;
}

int cmd_run(const struct cli_options *options)
{
    struct flow_error err = FLOW_ERROR_INIT;
    struct runner r = {0};
    int status = dbg_session_create(&r.session, &options->config, &err);
    if (status == FLOW_OK)
        status = dbg_session_start(r.session, &err);
    if (status < 0) {
        cmd_complain(stderr, err.text);
        dbg_session_destroy(r.session);
        return 2;
    }
    for (int i = 0; i < 2; i++)
        r.relays[i] = (struct relay){.stream = i + 1, .is_shown = isatty(i + 1) && !options->is_raw};
    signal(SIGPIPE, SIG_IGN);
    r.interrupt_fd = cmd_interrupt_begin(dbg_session_status(r.session)->pid);
    pass_on(&r, options->is_tracing);
    cmd_interrupt_end();
    cmd_report(r.session, stderr);
    int code = account_for_output(&r, dbg_session_exit_code(r.session));
    trace_reader_destroy(r.events);
    dbg_session_destroy(r.session);
    return code;
}
