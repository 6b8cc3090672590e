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
    /* For tests and experiments; 0: what is good. Bytes of events in a block of the file, at most, and
     * between keyframes, at least. */
    size_t block_size;
    size_t segment_size;
};

/* Begins a trace in a ring that nobody has written to and a file that is empty. FLOW_OK, FLOW_ENOMEM;
 * FLOW_EINVAL: ring or file are used already; FLOW_EIO. */
int trace_writer_create(
    struct trace_writer **out, const struct trace_writer_options *options, struct flow_error *err);
/* Goes on where another writer, whose process is dead, has stopped: with the ring and the file it wrote. What
 * it published and did not write to the file is kept; a block that it wrote in part is written again. For
 * the debugger, which appends how the run ended. FLOW_OK, FLOW_ENOMEM, FLOW_EIO; FLOW_EFORMAT: the ring is
 * damaged (a task may have written into it); FLOW_EVERSION. */
int trace_writer_adopt(
    struct trace_writer **out, const struct trace_writer_options *options, struct flow_error *err);
/* Appends and publishes one event or note. Recording problems (disk full, descriptor gone) never fail this:
 * recording to the file stops, goes on in the ring, and trace_writer_problem says why. */
void trace_writer_append(struct trace_writer *writer, const struct flow_event *event);
/* Writes what is in the ring to the file. */
void trace_writer_flush(struct trace_writer *writer);
/* Flushes and frees; NULL is fine. */
void trace_writer_destroy(struct trace_writer *writer);
/* Why recording to the file stopped, or NULL. Borrowed until the writer is destroyed. */
const char *trace_writer_problem(const struct trace_writer *writer);

/* The last event: the next one has number `event` + 1. */
struct trace_writer_position {
    uint64_t event; /* 0: none yet */
    uint64_t step;
    int64_t time_ns;
};
struct trace_writer_position trace_writer_position(const struct trace_writer *writer);

#endif
