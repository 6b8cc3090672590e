/* JSON within one line: a scanner that decodes strings where they lie and builds our values. */
#ifndef TRACE_TEXT_SCAN_H
#define TRACE_TEXT_SCAN_H

#include <stdbool.h>

#include "base/vec.h"
#include "flow/value.h"

/* The line is in memory of ours that may be changed: a decoded string is never longer than it was, so it
 * takes the place of what it was decoded from. At `end` there is one more byte, which is a newline. */
struct text_scan {
    char *start;
    char *at;
    char *end;
    uint64_t line;
    bool is_cut; /* the failure is that the line ends too early */
    struct flow_error *err;
    /* Lists and maps that are being put together; empty between values. */
    struct {
        VEC(struct flow_value);
    } items;
    struct {
        VEC(struct flow_member);
    } members;
};

struct text_span {
    const char *text; /* NUL may be in it; none at its end */
    size_t length;
};

void scan_begin(struct text_scan *scan, char *start, char *end, uint64_t line, struct flow_error *err);
void scan_finish(struct text_scan *scan);
/* "line 3, column 7: ..."; columns count bytes from 1. Returns FLOW_EFORMAT. */
int scan_refuse(struct text_scan *scan, const char *at, const char *fmt, ...) FLOW_PRINTF(3, 4);
int scan_no_memory(struct text_scan *scan); /* FLOW_ENOMEM */

/* The next character that is no blank, or '\0' at the end of the line. It is not taken. */
char scan_peek(struct text_scan *scan);
/* Takes that character if it is `c`. */
bool scan_take(struct text_scan *scan, char c);
/* FLOW_OK or a refusal which says that `c` was expected. */
int scan_expect(struct text_scan *scan, char c);

/* All return FLOW_OK, FLOW_EFORMAT or FLOW_ENOMEM. */
int scan_string(struct text_scan *scan, struct text_span *out);
/* A string, or {"$b":"base64"}. */
int scan_bytes(struct text_scan *scan, struct text_span *out);
/* A whole number: 0 ... UINT64_MAX, or below 0 (is_negative: *out is its two's complement). */
int scan_whole(struct text_scan *scan, uint64_t *out, bool *is_negative);
int scan_bool(struct text_scan *scan, bool *out);
/* Any value; the caller owns it. */
int scan_value(struct text_scan *scan, struct flow_value *out);

#endif
