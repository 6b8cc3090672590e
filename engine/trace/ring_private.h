/* The bytes of a ring.
 *
 * Blocks of events are numbered 0, 1, 2... as in the file; block k lies in half k % 2 from the moment it is
 * opened until block k + 2 is. A half holds a block header and the payload so far. What is published is one
 * 64-bit word: the number of the open block and how many bytes of its payload are whole records. So the two
 * can never disagree, whatever moment the writer dies at. The word is 0 until the first block lies there
 * whole: a reader may look before the writer has begun.
 *
 * When a block gets no more records, its length goes to `closed` before the next block is published; its
 * header in the half stays as it was when it was opened, so that there is no moment at which it is half
 * written.
 *
 * A half's generation is the number of its block plus one. The writer changes it before it writes anything
 * else into the half; a reader copies first and then looks whether the generation is still what it was. */
#ifndef TRACE_RING_PRIVATE_H
#define TRACE_RING_PRIVATE_H

#include "trace/format.h"
#include "trace/ring.h"

enum {
    RING_HALF_MIN = 16 << 10,
    RING_HALF_MAX = 16 << 20,
    RING_CONTROL_SIZE = 4096,
    RING_LENGTH_BITS = 25, /* of the published word: enough for RING_HALF_MAX */
};

#define RING_NOT_HERE UINT64_MAX

/* The control page. Words that different processes write are on cache lines of their own. */
struct ring_control {
    uint64_t magic;
    uint64_t half_size; /* for people who look at a core dump; readers go by the size of the mapping */
    uint8_t pad0[48];
    uint64_t published; /* (block number + 1) << RING_LENGTH_BITS | payload length; 0: nothing yet */
    uint64_t event;     /* the last published event */
    uint64_t generation[2];
    uint64_t closed[2]; /* length of the closed block in each half; RING_NOT_HERE: it is in the file only */
    uint8_t pad1[16];
    uint32_t interrupt;
};

/* In the pages of this process; the mapping is shared. */
struct trace_ring {
    struct ring_control *control;
    uint8_t *halves; /* two, half_size bytes each */
    size_t half_size;
    int fd;
    bool owns_fd;
};

struct ring_position {
    uint64_t block;
    size_t length;
};

static inline uint8_t *ring_half(const struct trace_ring *ring, uint64_t block)
{
    return ring->halves + (block % 2) * ring->half_size;
}
/* Room for the payload of a block. */
static inline size_t ring_capacity(const struct trace_ring *ring)
{
    return ring->half_size - FORMAT_BLOCK_HEADER_SIZE;
}

/* Nothing has been written yet. */
bool ring_is_fresh(const struct trace_ring *ring);

/* Writer: opens a block, with its header, in its half; then publishes it, empty. */
void ring_open_block(struct trace_ring *ring, uint64_t block, const uint8_t *header);
/* Writer: appends to the open block and publishes. There must be room. */
void ring_append(
    struct trace_ring *ring, struct ring_position *end, const void *bytes, size_t count, uint64_t event);
/* Writer: the last published event, where it is not in the ring. */
void ring_publish_event(struct trace_ring *ring, uint64_t event);
/* Writer: the open block gets no more records; its payload has that length. */
void ring_close_block(struct trace_ring *ring, uint64_t block, uint64_t length);

/* Reader: what is published. A length beyond the half is cut to it. */
struct ring_position ring_published(const struct trace_ring *ring);
/* Reader: the length of a block before the published one. FLOW_OK, or FLOW_NOT_FOUND: it is not in the ring.
 */
int ring_closed_length(const struct trace_ring *ring, uint64_t block, size_t *length);
/* Reader: copies bytes of a block's half. FLOW_OK; FLOW_NOT_FOUND: the half does not hold that block (any
 * more); what was copied then means nothing. */
int ring_copy(const struct trace_ring *ring, uint64_t block, size_t offset, void *out, size_t count);

#endif
