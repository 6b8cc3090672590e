/* The reader: a cursor over a trace, finished, cut off, or still growing behind a ring.
 *
 * Position N means N events have been read: the next one is event N + 1. */
#ifndef TRACE_READER_H
#define TRACE_READER_H

#include "flow/event.h"
#include "trace/ring.h"

struct trace_reader;

/* Reads the file fd (with pread; stays the caller's; -1: none) and, where ring is not NULL, follows it live.
 */
int trace_reader_create(struct trace_reader **out, int fd, struct trace_ring *ring, struct flow_error *err);
/* Opens a trace file by path. FLOW_EIO, FLOW_EFORMAT (not a trace, damaged header), FLOW_EVERSION. */
int trace_reader_open(struct trace_reader **out, const char *path, struct flow_error *err);
void trace_reader_destroy(struct trace_reader *reader); /* NULL is fine */

/* The next event or note. A kind that this program does not know is given without its fields. What *event
 * points to is borrowed until the next call on the reader; without success *event is undefined. FLOW_OK;
 * FLOW_END: the end of a finished trace; FLOW_AGAIN: nothing more yet (live), or the end of a cut one;
 * FLOW_EFORMAT (error names offset and cause; also when events are lost, because the ring went on and there
 * is no file), FLOW_EVERSION, FLOW_ENOMEM, FLOW_EIO. A failure repeats until a seek. */
int trace_reader_next(struct trace_reader *reader, struct flow_event *event, struct flow_error *err);
/* Moves to just after event `number` (0: the start), before the notes that follow it. FLOW_NOT_FOUND: beyond
 * the last. After any other result than FLOW_OK the position is where it was, if that can still be read. */
int trace_reader_seek(struct trace_reader *reader, uint64_t number, struct flow_error *err);
uint64_t trace_reader_position(const struct trace_reader *reader);
/* The last event that is known to exist. Behind a ring it is what the writer says, which a wild task may have
 * changed: a number to show, nothing to count on. */
uint64_t trace_reader_count(const struct trace_reader *reader);
/* What is known to be missing at the end of a file, in words ("the file ends inside block 3: 120 of 4000
 * bytes are there"), or NULL. Borrowed until the next call on the reader. */
const char *trace_reader_missing(const struct trace_reader *reader);

#endif
