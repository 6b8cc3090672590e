#include <errno.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <sys/stat.h>
#include <unistd.h>

#include "debug/inferior.h"

static bool is_ours(const struct inferior_output *out, struct stat *st)
{
    return out->fd >= 0 && fstat(out->fd, st) == 0 && st->st_dev == out->device && st->st_ino == out->inode;
}

void inferior_output_open(struct inferior *inf)
{
    static const int fds[2] = {DBG_FD_STDOUT, DBG_FD_STDERR};
    for (int i = 0; i < 2; i++) {
        struct stat st;
        struct inferior_output *out = &inf->output[i];
        *out = (struct inferior_output){.fd = fds[i]};
        if (fstat(out->fd, &st) < 0) {
            out->fd = -1;
            continue;
        }
        out->device = st.st_dev;
        out->inode = st.st_ino;
    }
    /* By lines: what a task printed before it crashed is then in the file, and streams keep their order. */
    setvbuf(stdout, NULL, _IOLBF, 1 << 16);
}

static void note(struct inferior *inf, int stream, uint64_t length)
{
    inf->output[stream - 1].length = length;
    struct flow_event event = {
        .kind = FLOW_EV_OUTPUT,
        .origin = FLOW_ORIGIN_TASK,
        .code = stream,
        .number = inf->event,
        .step = inf->step,
        .task = inf->task,
        .other = FLOW_TASK_NONE,
        .key = FLOW_KEY_NONE,
        .count = length,
    };
    trace_writer_append(inf->writer, &event);
}

void inferior_output_note(struct inferior *inf)
{
    if (__fpending(stdout) > 0)
        fflush(stdout);
    for (int i = 0; i < 2; i++) {
        struct stat st;
        if (is_ours(&inf->output[i], &st) && (uint64_t)st.st_size > inf->output[i].length)
            note(inf, i + 1, (uint64_t)st.st_size);
    }
}

int inferior_output_print(struct inferior *inf, int stream, const void *bytes, size_t length)
{
    if (stream != 1 && stream != 2)
        return FLOW_EINVAL;
    struct inferior_output *out = &inf->output[stream - 1];
    struct stat st;
    if (__fpending(stdout) > 0)
        fflush(stdout);
    if (!is_ours(out, &st) && (!inferior_has_control(inf) || !is_ours(out, &st)))
        return FLOW_OK; /* closed, and the debugger is gone: there is nowhere to print to */
    const char *at = bytes;
    uint64_t end = (uint64_t)st.st_size + length;
    while (length > 0) {
        ssize_t put = write(out->fd, at, length);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return FLOW_EIO;
        at += put;
        length -= (size_t)put;
    }
    note(inf, stream, end);
    return FLOW_OK;
}
