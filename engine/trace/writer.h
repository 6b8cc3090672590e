/* The writer: turns the events of a run into a trace, in the inferior or in any embedding program. */
#ifndef TRACE_WRITER_H
#define TRACE_WRITER_H

#include "flow/event.h"
#include "trace/ring.h"

struct trace_writer;

struct trace_writer_options {
    size_t size;
    struct trace_ring *ring; /* not NULL; stays the caller's */
    int fd; /* the trace file, open for reading and writing, or -1: ring only. Stays the caller's */
};

/* Writes the file header. FLOW_OK, FLOW_ENOMEM, FLOW_EIO. */
int trace_writer_create(
    struct trace_writer **out, const struct trace_writer_options *options, struct flow_error *err);
/* Appends and publishes one event or note. Recording problems (disk full, descriptor gone) never fail this:
 * recording to the file stops and trace_writer_problem says why. */
void trace_writer_append(struct trace_writer *writer, const struct flow_event *event);
/* Writes what is in the ring to the file. */
void trace_writer_flush(struct trace_writer *writer);
/* Flushes and frees; NULL is fine. */
void trace_writer_destroy(struct trace_writer *writer);
/* Why recording to the file stopped, or NULL. Borrowed. */
const char *trace_writer_problem(const struct trace_writer *writer);

#endif
