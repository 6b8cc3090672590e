/* Errors and status codes of libflow.
 *
 * Three kinds of failure, three tools:
 *   - expected outcomes (end, not found, again) are positive statuses;
 *   - failures of the world (memory, files, plugins, bad input) are negative statuses and fill a
 *     struct flow_error on the caller's stack;
 *   - bugs of the program are assertions, on in every build.
 */
#ifndef FLOW_ERROR_H
#define FLOW_ERROR_H

#include <stdarg.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define FLOW_PRINTF(fmt_index, first_arg) __attribute__((format(printf, fmt_index, first_arg)))
#define FLOW_PUBLIC                       __attribute__((visibility("default")))
#else
#define FLOW_PRINTF(fmt_index, first_arg)
#define FLOW_PUBLIC
#endif

/* Every function that returns int returns one of these unless its comment says otherwise. */
enum flow_status {
    FLOW_OK = 0,
    /* Expected outcomes. */
    FLOW_END = 1,       /* nothing more: end of a run, of a stream, of a list */
    FLOW_NOT_FOUND = 2, /* no such key, task, entry */
    FLOW_AGAIN = 3,     /* not now: accepted and pending, or try again later */
    /* Failures. */
    FLOW_ENOMEM = -1,   /* out of memory */
    FLOW_EINVAL = -2,   /* an argument or an input is not valid */
    FLOW_EEXIST = -3,   /* the id is taken */
    FLOW_ENOENT = -4,   /* something named does not exist */
    FLOW_ELIMIT = -5,   /* a limit was reached (cycles, steps, size) */
    FLOW_EIO = -6,      /* a file or a descriptor failed; the message holds strerror */
    FLOW_EVERSION = -7, /* made for an incompatible version */
    FLOW_EFORMAT = -8,  /* data is damaged or not of the expected form */
    FLOW_ESTATE = -9,   /* not possible in the present state (run ended, not inside a task, ...) */
    FLOW_ETASK = -10,   /* a task body failed; the message is the task's */
};

/* One error with its chain of causes, outermost first, as one line of text:
 * "opening trace 'a.trace': index block 3: checksum differs". Lives on the caller's stack, owns nothing.
 * Text that does not fit is cut at the end and marked "...". All functions accept err == NULL and do nothing
 * with it. */
struct flow_error {
    int code; /* enum flow_status, negative; 0 in a fresh one */
    char text[1020];
};

#define FLOW_ERROR_INIT                                                                                      \
    {                                                                                                        \
        0,                                                                                                   \
        {                                                                                                    \
            0                                                                                                \
        }                                                                                                    \
    }

/* Sets code and text, forgetting what was there. Returns code, so that callers can `return
 * flow_error_set(...)`. */
FLOW_PUBLIC int flow_error_set(struct flow_error *err, int code, const char *fmt, ...) FLOW_PRINTF(3, 4);
FLOW_PUBLIC int flow_error_setv(struct flow_error *err, int code, const char *fmt, va_list args);
/* Puts "CONTEXT: " in front of the text. Returns err's code (FLOW_OK when err is NULL). */
FLOW_PUBLIC int flow_error_prefix(struct flow_error *err, const char *fmt, ...) FLOW_PRINTF(2, 3);

/* Word for a status: "out of memory", "not found". Never NULL. */
FLOW_PUBLIC const char *flow_status_name(int status);

#ifdef __cplusplus
}
#endif

#endif
