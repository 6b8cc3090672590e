#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "tui/cmd/cmd.h"

static const int caught_signals[] = {SIGINT, SIGTERM, SIGHUP};
#define CAUGHT_COUNT (sizeof caught_signals / sizeof *caught_signals)

static int pipe_fds[2] = {-1, -1};
static volatile sig_atomic_t last_signal;
static struct sigaction saved[CAUGHT_COUNT];

static void on_signal(int number)
{
    last_signal = number;
    if (write(pipe_fds[1], "", 1) < 0)
        return; /* full: it is readable already */
}

int cmd_interrupt_begin(void)
{
    last_signal = 0;
    if (pipe_fds[0] < 0 && pipe2(pipe_fds, O_CLOEXEC | O_NONBLOCK) < 0)
        return -1;
    /* No SA_RESTART: a write to a pipe that nobody reads must give way. */
    struct sigaction action = {.sa_handler = on_signal};
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < CAUGHT_COUNT; i++) {
        sigaction(caught_signals[i], NULL, &saved[i]);
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
