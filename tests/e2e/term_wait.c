#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/e2e/term_private.h"

/* How often to look again at what sends no event: terminal modes, the list of processes. */
enum { LOOK_AGAIN_MS = 5 };

static const char *state_text(const struct term *t)
{
    static char text[64];
    if (t->state == TERM_RUNNING)
        return "the program runs";
    if (t->state == TERM_STOPPED)
        return "the program is suspended";
    if (WIFSIGNALED(t->status))
        snprintf(text, sizeof text, "the program died of SIG%s", sigabbrev_np(WTERMSIG(t->status)));
    else
        snprintf(text, sizeof text, "the program ended with status %d", WEXITSTATUS(t->status));
    return text;
}

/* Waits for an answer to everything asked, in steps: first until the program reads keys one by one, because a
 * terminal in line mode would echo the query onto the screen and hold it back. */
void term_sync_(struct term *t)
{
    int64_t deadline = term_now_ms() + TERM_DEADLINE_MS;
    struct termios modes;
    if (t->master < 0)
        term_fail_(t, "sync: the terminal was closed");
    term_flush(t);
    while (tcgetattr(t->master, &modes) == 0 && (modes.c_lflag & ICANON) && t->state == TERM_RUNNING) {
        int64_t soon = term_now_ms() + LOOK_AGAIN_MS;
        if (!term_pump(t, soon < deadline ? soon : deadline) && term_now_ms() >= deadline)
            term_fail_(t, "sync: the program did not take over the terminal (it is still in line mode)");
    }
    if (t->state == TERM_RUNNING) {
        str_add(&t->typed, "\033[?7777n");
        t->asked++;
        term_flush(t);
    }
    while (t->answered < t->asked || t->state != TERM_RUNNING) {
        if (t->state != TERM_RUNNING)
            term_fail_(t, "sync: %s", state_text(t));
        if (!term_pump(t, deadline))
            term_fail_(t, "sync: no answer to query %u (the last answer was %u)", t->asked, t->answered);
    }
}

static void wait_for(struct term *t, const char *text, bool wanted)
{
    int64_t deadline = term_now_ms() + TERM_DEADLINE_MS;
    const char *what = wanted ? "does not appear" : "does not go away";
    while (term_find(t, text, NULL, NULL) != wanted) {
        if (t->state != TERM_RUNNING)
            term_fail_(t, "'%s' %s, and %s", text, what, state_text(t));
        if (!term_pump(t, deadline))
            term_fail_(t, "'%s' %s", text, what);
    }
}

void term_wait_text_(struct term *t, const char *text)
{
    wait_for(t, text, true);
}

void term_wait_gone_(struct term *t, const char *text)
{
    wait_for(t, text, false);
}

static void wait_state(struct term *t, enum term_state wanted, const char *what)
{
    int64_t deadline = term_now_ms() + TERM_DEADLINE_MS;
    while (t->state != wanted) {
        if (t->state == TERM_ENDED || !term_pump(t, deadline))
            term_fail_(t, "the program does not %s: %s", what, state_text(t));
    }
}

int term_wait_exit_(struct term *t)
{
    wait_state(t, TERM_ENDED, "end");
    return WIFSIGNALED(t->status) ? 128 + WTERMSIG(t->status) : WEXITSTATUS(t->status);
}

void term_wait_stop_(struct term *t)
{
    wait_state(t, TERM_STOPPED, "stop");
}

void term_foreground_(struct term *t)
{
    char command = LEADER_FOREGROUND;
    if (t->state != TERM_STOPPED)
        term_fail_(t, "fg: nothing to continue, %s", state_text(t));
    t->state = TERM_RUNNING;
    if (send(t->control, &command, 1, MSG_NOSIGNAL) < 0)
        term_fail_(t, "fg: %s", strerror(errno));
}

void term_signal_(struct term *t, int number)
{
    if (t->state == TERM_ENDED)
        term_fail_(t, "no program to send a signal to: %s", state_text(t));
    if (kill(t->program, number) < 0)
        term_fail_(t, "sending SIG%s: %s", sigabbrev_np(number), strerror(errno));
}

void term_hangup_(struct term *t)
{
    if (t->master >= 0)
        close(t->master);
    t->master = -1;
    str_clear(&t->typed);
}

/* Waits for one process to end, or until it is time to look again (new processes may have come). */
static void wait_process(pid_t pid, int timeout_ms)
{
    struct pollfd fd = {.fd = (int)syscall(SYS_pidfd_open, pid, 0), .events = POLLIN};
    if (fd.fd < 0)
        return;
    poll(&fd, 1, timeout_ms);
    close(fd.fd);
}

void term_wait_alone_(struct term *t)
{
    int64_t deadline = term_now_ms() + TERM_DEADLINE_MS;
    pid_t pids[8];
    int count;
    while ((count = term_list_processes(t, pids, 8)) > 0) {
        if (term_now_ms() >= deadline)
            term_fail_(t, "%d processes of the session still live, the first is %d", count, (int)pids[0]);
        wait_process(pids[0], LOOK_AGAIN_MS * 10);
        term_pump(t, term_now_ms());
    }
}

void term_wait_children_(struct term *t, int count)
{
    int64_t deadline = term_now_ms() + TERM_DEADLINE_MS;
    int found;
    while ((found = term_processes(t)) != count + 1) {
        if (t->state == TERM_ENDED || term_now_ms() >= deadline)
            term_fail_(
                t, "waiting for %d children: there are %d processes, and %s", count, found, state_text(t));
        term_pump(t, term_now_ms() + LOOK_AGAIN_MS);
    }
}
