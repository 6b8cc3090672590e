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

/* A recording that is kept holds the bytes too, of each step this many at most. */
#define RECORDED_OF_STEP (1u << 20)

/* How many of `length` bytes the recording takes. */
static size_t claim(struct inferior *inf, uint64_t length)
{
    if (!inf->config.record)
        return 0;
    if (inf->recorded_step != inf->step) {
        inf->recorded_step = inf->step;
        inf->recorded = 0;
    }
    uint64_t room = RECORDED_OF_STEP - inf->recorded;
    size_t taken = (size_t)(length < room ? length : room);
    inf->recorded += taken;
    return taken;
}

static void note(struct inferior *inf, int stream, uint64_t length, const char *bytes, size_t count)
{
    /* What is found at a stop was printed before the event at which it stops. */
    inf->output[stream - 1].length = length;
    struct flow_event event = {
        .kind = FLOW_EV_OUTPUT,
        .origin = inf->is_frozen ? FLOW_ORIGIN_HOST : FLOW_ORIGIN_TASK,
        .code = stream,
        .number = inf->event,
        .step = inf->step,
        .task = inf->task,
        .other = FLOW_TASK_NONE,
        .key = FLOW_KEY_NONE,
        .count = length,
        .text = bytes,
        .text_length = count,
    };
    trace_writer_append(inf->writer, &event);
}

/* What went to a stream past us, up to `end`. */
static void note_rest(struct inferior *inf, int stream, uint64_t end)
{
    struct inferior_output *out = &inf->output[stream - 1];
    char bytes[8192];
    size_t left = claim(inf, end - out->length);
    while (left > 0) {
        size_t wanted = left < sizeof bytes ? left : sizeof bytes;
        ssize_t got = pread(out->fd, bytes, wanted, (off_t)out->length);
        if (got <= 0)
            break;
        left -= (size_t)got;
        note(inf, stream, out->length + (uint64_t)got, bytes, (size_t)got);
    }
    if (out->length < end)
        note(inf, stream, end, NULL, 0);
}

void inferior_output_note(struct inferior *inf)
{
    if (__fpending(stdout) > 0)
        fflush(stdout);
    for (int i = 0; i < 2; i++) {
        struct stat st;
        if (is_ours(&inf->output[i], &st) && (uint64_t)st.st_size > inf->output[i].length)
            note_rest(inf, i + 1, (uint64_t)st.st_size);
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
    uint64_t start = (uint64_t)st.st_size, end = start + length;
    size_t recorded = claim(inf, length);
    if (start > out->length)
        note_rest(inf, stream, start);
    while (length > 0) {
        ssize_t put = write(out->fd, at, length);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return FLOW_EIO;
        at += put;
        length -= (size_t)put;
    }
    note(inf, stream, end, bytes, recorded);
    return FLOW_OK;
}
