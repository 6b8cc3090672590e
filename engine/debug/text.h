/* Text from tasks on its way to people: nothing in it may act on a terminal. */
#ifndef DEBUG_TEXT_H
#define DEBUG_TEXT_H

#include <stddef.h>

#include "base/str.h"

/* Appends text with control characters as \n \t \e \xNN, invalid UTF-8 as \xNN, and direction marks as \u{…}.
 */
void dbg_escape(struct str *out, const char *text, size_t length);
/* The same for text of several lines: newlines stay, tabs become blanks. */
void dbg_escape_lines(struct str *out, const char *text, size_t length);
/* The same with colours: SGR sequences (ESC [ numbers m) pass, everything else is escaped. */
void dbg_escape_coloured(struct str *out, const char *text, size_t length);
/* Bytes at the end of `text` that may be the beginning of a character or of a sequence which is still to
 * come: hold them back when text arrives in pieces. */
size_t dbg_unfinished(const char *text, size_t length);
/* Cuts off a character that a fixed-size buffer has split at its end. */
void dbg_cut_utf8(char *text);

#endif
