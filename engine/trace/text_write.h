/* The text twin of a trace, written: a header line, then a line of JSON for every event and note.
 * docs/trace-text.md specifies it. */
#ifndef TRACE_TEXT_WRITE_H
#define TRACE_TEXT_WRITE_H

#include "base/str.h"
#include "trace/state.h"

/* All append to `out`, whose `failed` tells about memory. */
void trace_text_write_header(struct str *out, const char *producer);
/* One line. The state is the one after the event. */
void trace_text_write_event(struct str *out, const struct trace_state *state, const struct flow_event *event);
/* A value as the lines show it. */
void trace_text_write_value(struct str *out, struct flow_value value);
/* Bytes as a JSON string, where they are UTF-8; else {"$b":"base64"}. Control characters and those that turn
 * the direction of a text are written as \u escapes: a terminal can show the line. */
void trace_text_write_bytes(struct str *out, const char *bytes, size_t length);

#endif
