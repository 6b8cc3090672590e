#include "tests/e2e/command.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "tests/e2e/term_private.h"

enum { COMMAND_DEADLINE_MS = 60000 };

static pid_t spawn(const char *const *argv, int out, int err)
{
    extern char **environ;
    posix_spawn_file_actions_t actions;
    pid_t pid;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, out, 1);
    posix_spawn_file_actions_adddup2(&actions, err, 2);
    int status = posix_spawnp(&pid, argv[0], &actions, NULL, (char *const *)argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    if (status != 0)
        term_fail_(NULL, "cannot run %s: %s", argv[0], strerror(status));
    return pid;
}

/* Reads both to their end. False when the time is over. */
static bool collect(int out_fd, int err_fd, struct str *out, struct str *err)
{
    struct pollfd fds[] = {{.fd = out_fd, .events = POLLIN}, {.fd = err_fd, .events = POLLIN}};
    struct str *texts[] = {out, err};
    int64_t deadline = term_now_ms() + COMMAND_DEADLINE_MS;
    while (fds[0].fd >= 0 || fds[1].fd >= 0) {
        int64_t left = deadline - term_now_ms();
        if (poll(fds, 2, left > 0 ? (int)left : 0) == 0)
            return false;
        for (int i = 0; i < 2; i++) {
            char part[65536];
            ssize_t count = fds[i].revents ? read(fds[i].fd, part, sizeof part) : -1;
            if (count > 0)
                str_add_bytes(texts[i], part, (size_t)count);
            else if (count == 0)
                fds[i].fd = -1;
        }
    }
    return true;
}

struct command command_run_(const char *const *argv)
{
    struct str out = {0}, err = {0};
    struct command c = {0};
    int out_pipe[2], err_pipe[2], status = 0;
    if (pipe2(out_pipe, O_CLOEXEC) < 0 || pipe2(err_pipe, O_CLOEXEC) < 0)
        term_fail_(NULL, "pipe: %s", strerror(errno));
    pid_t pid = spawn(argv, out_pipe[1], err_pipe[1]);
    close(out_pipe[1]);
    close(err_pipe[1]);
    bool in_time = collect(out_pipe[0], err_pipe[0], &out, &err);
    if (!in_time)
        kill(pid, SIGKILL);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    close(out_pipe[0]);
    close(err_pipe[0]);
    c.status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    c.out_length = out.length;
    c.err_length = err.length;
    c.out = str_take(&out);
    c.err = str_take(&err);
    if (!in_time)
        term_fail_(NULL, "%s did not end in time; stdout:\n%s\nstderr:\n%s", argv[0], c.out, c.err);
    return c;
}

void command_finish(struct command *c)
{
    mem_free(c->out);
    mem_free(c->err);
}

void command_assert_(const char *const *argv, int status, const char *out, const char *err)
{
    struct command c = command_run_(argv);
    bool right = c.status == status && strcmp(c.out, out) == 0 &&
                 (err ? strstr(c.err, err) != NULL : c.err_length == 0);
    if (!right) {
        struct str line = {0};
        for (; *argv; argv++)
            str_addf(&line, "%s ", *argv);
        term_fail_(NULL,
            "%s\nstatus %d (wanted %d), stdout (wanted first):\n%s----\n%s----\nstderr (wanted: %s):\n%s",
            str_text(&line), c.status, status, out, c.out, err ? err : "nothing", c.err);
    }
    command_finish(&c);
}
