#include "tests/e2e/term_leader.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utmp.h>

enum { CONTROL = 3, SIGNALS = 4 }; /* the leader's descriptors beside its terminal on 0, 1 and 2 */

_Noreturn static void program_exec(const struct leader_job *job)
{
    sigset_t none;
    sigemptyset(&none);
    for (int number = 1; number < NSIG; number++)
        signal(number, SIG_DFL);
    sigprocmask(SIG_SETMASK, &none, NULL);
    if (chdir(job->cwd) < 0)
        dprintf(2, "cannot enter %s: %s\n", job->cwd, strerror(errno));
    else if (execvpe(job->argv[0], (char *const *)job->argv, (char *const *)job->env) < 0)
        dprintf(2, "cannot run %s: %s\n", job->argv[0], strerror(errno));
    _exit(127);
}

/* Both sides set the group and the foreground, as shells do, so that neither has to wait for the other. */
static pid_t program_start(const struct leader_job *job)
{
    pid_t pid = fork();
    if (pid == 0) {
        setpgid(0, 0);
        tcsetpgrp(0, getpid()); /* SIGTTOU is ignored until program_exec */
        program_exec(job);
    }
    if (pid > 0) {
        setpgid(pid, pid);
        tcsetpgrp(0, pid);
    }
    return pid;
}

static void report(enum leader_event event, pid_t pid, int status)
{
    static unsigned serial;
    struct leader_report r = {.event = event, .pid = pid, .status = status};
    if (event != LEADER_STARTED) {
        r.serial = ++serial;
        dprintf(1, "\030\033]7778;%u\a", r.serial); /* fails after a hangup; nobody reads then */
    }
    if (send(CONTROL, &r, sizeof r, MSG_NOSIGNAL) < 0)
        _exit(1);
}

/* Reaps everything, since orphans of the program come to us (subreaper), and reports what happens to the
 * program. */
static void reap(pid_t program)
{
    int status;
    pid_t pid;
    while ((pid = waitpid(-1, &status, WNOHANG | WUNTRACED)) > 0) {
        if (pid != program)
            continue;
        tcsetpgrp(0, getpid());
        report(WIFSTOPPED(status) ? LEADER_STOPPED : LEADER_ENDED, pid, status);
    }
}

/* The kernel tells only the leader that the terminal has gone; a shell passes it on. */
static void handle_signals(pid_t program)
{
    struct signalfd_siginfo info;
    while (read(SIGNALS, &info, sizeof info) > 0) {
        if (info.ssi_signo == SIGHUP) {
            kill(-program, SIGHUP);
            kill(-program, SIGCONT);
        }
    }
    reap(program);
}

static void obey(pid_t program)
{
    char command = LEADER_QUIT; /* also when the test is gone */
    if (recv(CONTROL, &command, 1, 0) < 1 && errno == EINTR)
        return;
    if (command == LEADER_FOREGROUND) {
        tcsetpgrp(0, program);
        kill(-program, SIGCONT);
        return;
    }
    kill(-program, SIGKILL);
    _exit(0);
}

static void take_descriptors(int terminal, int control)
{
    if (login_tty(terminal) < 0 || dup2(control, CONTROL) < 0)
        _exit(1);
    fcntl(CONTROL, F_SETFD, FD_CLOEXEC);
    close_range(SIGNALS, ~0U, 0);
}

void leader_run(int terminal, int control, const struct leader_job *job)
{
    static const int ignored[] = {SIGINT, SIGQUIT, SIGTSTP, SIGTTIN, SIGTTOU, SIGPIPE};
    sigset_t handled;
    int moved = fcntl(control, F_DUPFD, 10); /* out of the way of 0, 1 and 2 */
    if (moved < 0)
        _exit(1);
    take_descriptors(terminal, moved);
    for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++)
        signal(ignored[i], SIG_IGN);
    sigemptyset(&handled);
    sigaddset(&handled, SIGCHLD);
    sigaddset(&handled, SIGHUP);
    sigprocmask(SIG_BLOCK, &handled, NULL);
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    if (signalfd(-1, &handled, SFD_CLOEXEC | SFD_NONBLOCK) != SIGNALS)
        _exit(1);
    pid_t program = program_start(job);
    if (program < 0)
        _exit(1);
    report(LEADER_STARTED, program, 0);
    struct pollfd fds[] = {{.fd = CONTROL, .events = POLLIN}, {.fd = SIGNALS, .events = POLLIN}};
    for (;;) {
        if (poll(fds, 2, -1) < 0 && errno != EINTR)
            _exit(1);
        if (fds[1].revents)
            handle_signals(program);
        if (fds[0].revents)
            obey(program);
    }
}
