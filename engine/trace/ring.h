/* The ring: the shared memory in which an inferior publishes its trace, and the file behind it.
 *
 * The inferior's writer appends records to the open block in a mapped two-half ring and moves the published
 * offset after each record (a compiler barrier between: x86 and a single writer; an atomic release store
 * elsewhere). A half that is full is appended to the trace file as one block. So the debugger sees every
 * event without a message for it, and a killed inferior loses nothing that it published.
 *
 * The mapping is made by the debugger (memfd) and inherited by the inferior. Its first page is a control
 * page. What the inferior writes there is untrusted: a wild task can scribble on it. */
#ifndef TRACE_RING_H
#define TRACE_RING_H

#include <stddef.h>
#include <stdint.h>

#include "flow/error.h"

struct trace_ring; /* a mapping of it in this process */

/* Makes a ring with halves of half_size bytes (a power of two, 16 KiB to 16 MiB). */
int trace_ring_create(struct trace_ring **out, size_t half_size, struct flow_error *err);
/* Maps a ring that another process made. The descriptor stays the caller's. */
int trace_ring_open(struct trace_ring **out, int fd, struct flow_error *err);
void trace_ring_destroy(struct trace_ring *ring); /* NULL is fine */
int trace_ring_fd(const struct trace_ring *ring);

/* Words on the control page that debugger and inferior share beside the trace. */
void trace_ring_set_interrupt(
    struct trace_ring *ring, uint32_t value);                 /* debugger: stop at the next event, please */
uint32_t trace_ring_interrupt(const struct trace_ring *ring); /* inferior: tested at each event */
uint64_t trace_ring_published_event(const struct trace_ring *ring); /* number of the last published event */

#endif
