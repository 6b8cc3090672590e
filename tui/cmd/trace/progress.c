#include <inttypes.h>
#include <time.h>
#include <unistd.h>

#include "tui/cmd/trace/trace.h"

enum { CALLS_BETWEEN = 4096, FIRST_MS = 500, EVERY_MS = 200 };

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void trace_progress_show(struct trace_progress *progress, uint64_t done, uint64_t total, const char *unit)
{
    if (progress->calls++ % CALLS_BETWEEN != 0)
        return;
    int64_t now = now_ms();
    if (progress->next_ms == 0)
        progress->next_ms = isatty(STDERR_FILENO) ? now + FIRST_MS : INT64_MAX;
    if (now < progress->next_ms)
        return;
    progress->next_ms = now + EVERY_MS;
    progress->is_shown = true;
    if (total > 0)
        fprintf(stderr, "\r%s: %3d%%, %" PRIu64 " %s\033[K", progress->verb,
            (int)(100.0 * (double)done / (double)total), done, unit);
    else
        fprintf(stderr, "\r%s: %" PRIu64 " %s\033[K", progress->verb, done, unit);
}

void trace_progress_end(struct trace_progress *progress)
{
    if (progress->is_shown)
        fputs("\r\033[K", stderr);
    progress->is_shown = false;
}
