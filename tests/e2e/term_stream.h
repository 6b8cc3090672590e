/* Prepares a program's output for libvterm 0.1.4, which has two gaps:
 *   - of CSI ? 1006 ; 1000 h it obeys only the first number: the stream makes one sequence of each;
 *   - it has no dim: SGR 2 becomes font 9 (which nobody uses) and SGR 22 and 0 also reset the font.
 * On the way it keeps the set of private modes that are on. */
#ifndef TESTS_E2E_TERM_STREAM_H
#define TESTS_E2E_TERM_STREAM_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

enum { TERM_STREAM_DIM_FONT = 9, TERM_STREAM_MODES = 64 };

/* An all-zero stream is at the start of the output, with every mode off. */
struct term_stream {
    char held[256]; /* the control sequence being read, from its ESC */
    size_t held_length;
    int modes[TERM_STREAM_MODES]; /* those that are on */
    size_t mode_count;
};

/* Appends what libvterm shall read to `out`. A sequence that is cut stays held until the rest comes. */
void term_stream_feed(struct term_stream *s, const char *bytes, size_t count, struct str *out);
bool term_stream_mode(const struct term_stream *s, int mode);
void term_stream_set_mode(struct term_stream *s, int mode, bool on);

#endif
