#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "tui/cmd/cmd.h"

static const int caught_signals[] = {SIGINT, SIGTERM, SIGHUP, SIGTSTP};
#define CAUGHT_COUNT (sizeof caught_signals / sizeof *caught_signals)

static int pipe_fds[2] = {-1, -1};
static volatile sig_atomic_t last_signal;
static volatile pid_t suspended_with_us;
static struct sigaction saved[CAUGHT_COUNT];

static void on_signal(int number)
{
    last_signal = number;
    if (write(pipe_fds[1], "", 1) < 0)
        return; /* full: it is readable already */
}

/* It is in a session of its own, so the terminal's Ctrl-Z does not reach it. */
static void on_suspend(int number)
{
    if (suspended_with_us > 0)
        kill(-suspended_with_us, SIGSTOP);
    raise(SIGSTOP);
    if (suspended_with_us > 0)
        kill(-suspended_with_us, SIGCONT);
}

int cmd_interrupt_begin(pid_t inferior)
{
    last_signal = 0;
    suspended_with_us = inferior;
    if (pipe_fds[0] < 0 && pipe2(pipe_fds, O_CLOEXEC | O_NONBLOCK) < 0)
        return -1;
    /* No SA_RESTART: a write to a pipe that nobody reads must give way. */
    struct sigaction action = {0};
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < CAUGHT_COUNT; i++) {
        sigaction(caught_signals[i], NULL, &saved[i]);
        action.sa_handler = caught_signals[i] == SIGTSTP ? on_suspend : on_signal;
        if (saved[i].sa_handler != SIG_IGN) /* nohup */
            sigaction(caught_signals[i], &action, NULL);
    }
    return pipe_fds[0];
}

int cmd_interrupt_end(void)
{
    char taken[64];
    for (size_t i = 0; i < CAUGHT_COUNT; i++)
        sigaction(caught_signals[i], &saved[i], NULL);
    while (pipe_fds[0] >= 0 && read(pipe_fds[0], taken, sizeof taken) > 0)
        ;
    return last_signal;
}
