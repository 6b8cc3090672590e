#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tui/cmd/trace/trace.h"

enum { WORTH_IT = 64 << 10 };

static bool is_same_file(const char *a, const char *b)
{
    struct stat first, second;
    return stat(a, &first) == 0 && stat(b, &second) == 0 && first.st_dev == second.st_dev &&
           first.st_ino == second.st_ino;
}

int trace_create_file(const char *path, bool is_forced, const char *source)
{
    if (source && is_same_file(path, source)) {
        trace_complain(path, "this is the file that is to be read");
        return -1;
    }
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | (is_forced ? O_TRUNC : O_EXCL), 0600);
    if (fd < 0)
        trace_complain(
            path, errno == EEXIST ? "there is such a file already; --force overwrites it" : strerror(errno));
    return fd;
}

bool trace_out_open(struct trace_out *out, const char *path, bool is_forced, const char *source)
{
    *out = (struct trace_out){.fd = STDOUT_FILENO, .path = path};
    if (path)
        out->fd = trace_create_file(path, is_forced, source);
    return out->fd >= 0;
}

static void flush(struct trace_out *out)
{
    const char *at = str_text(&out->buffer);
    size_t left = out->buffer.length;
    while (left > 0 && !out->is_gone) {
        ssize_t put = write(out->fd, at, left);
        if (put >= 0) {
            at += put;
            left -= (size_t)put;
        } else if (errno != EINTR) {
            out->is_gone = true;
            out->has_failed = errno != EPIPE;
            if (out->has_failed)
                trace_complain(out->path ? out->path : "standard output", strerror(errno));
        }
    }
    str_clear(&out->buffer);
}

bool trace_out_flush_some(struct trace_out *out)
{
    if (out->buffer.failed && !out->is_gone) {
        trace_complain(NULL, "out of memory");
        out->is_gone = out->has_failed = true;
    }
    if (out->buffer.length >= WORTH_IT)
        flush(out);
    return !out->is_gone;
}

int trace_out_close(struct trace_out *out, int code)
{
    trace_out_flush_some(out);
    flush(out);
    if (out->path && close(out->fd) < 0 && !out->has_failed) {
        trace_complain(out->path, strerror(errno));
        out->has_failed = true;
    }
    str_finish(&out->buffer);
    return out->has_failed ? TRACE_CANNOT : code;
}
