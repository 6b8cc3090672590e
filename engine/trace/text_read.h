/* The text twin of a trace, read: JSON Lines from any producer, one line at a time.
 *
 * The reader knows the format and not the run: names of tasks and keys stay names, and what a line leaves out
 * stays open. The importer (import.h) makes events of the lines. */
#ifndef TRACE_TEXT_READ_H
#define TRACE_TEXT_READ_H

#include "flow/event.h"
#include "trace/text_scan.h"

/* Fields of a line that are no fields of an event (enum flow_event_field has the others, FLOW_F_TIME among
 * them). */
enum text_field {
    TEXT_F_KIND = 1 << 16,
    TEXT_F_NUMBER = 1 << 17,
    TEXT_F_STEP = 1 << 18,
    TEXT_F_ORIGIN = 1 << 19,
    TEXT_F_INDEX = 1 << 20,
};

/* A task or a key as a line names it. */
struct text_name {
    bool is_name;
    struct text_span name;
    uint64_t index; /* where it is no name */
};

/* One line. Members of the event whose bit is not in `given` are 0, null or empty; task, other and key stand
 * in the names. Everything is borrowed until the next line is read. */
struct text_line {
    struct flow_event event;
    uint32_t given;
    struct text_name task, other, key;
    uint64_t index;
    uint64_t line; /* from 1 */
};

struct text_reader;

/* Reads the descriptor from where it stands; it stays the caller's. FLOW_OK or FLOW_ENOMEM. */
int text_reader_create(struct text_reader **out, int fd, struct flow_error *err);
void text_reader_destroy(struct text_reader *reader); /* NULL is fine */
/* The next line that is an event or a note. FLOW_OK; FLOW_END: there are no more (see text_reader_missing);
 * FLOW_EFORMAT: the error names line and column, and the next call reads the line after it; FLOW_EVERSION;
 * FLOW_EIO; FLOW_ENOMEM. */
int text_reader_next(struct text_reader *reader, struct text_line *line, struct flow_error *err);
/* Where the file breaks off, in words, or NULL: it ends with a whole line. */
const char *text_reader_missing(const struct text_reader *reader);
/* Fields that are not in the format and were passed over; *first is the name of the first of them. */
uint64_t text_reader_unknown(const struct text_reader *reader, const char **first);
uint64_t text_reader_bytes(const struct text_reader *reader); /* read so far */

#endif
