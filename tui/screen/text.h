/* From untrusted bytes to things that fit a cell. Internal to tui/screen. */
#ifndef TUI_SCREEN_TEXT_H
#define TUI_SCREEN_TEXT_H

#include "tui/screen/grid.h"

/* A user's idea of a character, or the ASCII text that stands for a control character. */
struct grapheme {
    uint32_t code;
    uint32_t marks[CELL_MARKS];
    int width;       /* columns, >= 1; of the whole escape if there is one */
    char escape[12]; /* "" unless drawn as this text, one column a byte */
};

/* Takes the next one from `length` > 0 bytes. Returns the bytes used, at least 1. Width 0 in *out: nothing to
 * draw (a lone joiner). */
size_t grapheme_next(const char *bytes, size_t length, bool ascii, struct grapheme *out);

#endif
