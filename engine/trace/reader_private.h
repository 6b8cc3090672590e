/* Inside the reader. */
#ifndef TRACE_READER_PRIVATE_H
#define TRACE_READER_PRIVATE_H

#include "trace/blocks.h"
#include "trace/reader.h"
#include "trace/record.h"
#include "trace/ring_private.h"

/* The block in which the cursor stands: a copy of its payload, or of as much of it as there is. */
struct reader_block {
    bool is_open;  /* false: the cursor is at the start of the trace */
    bool is_whole; /* no more bytes will come */
    uint64_t sequence;
    uint64_t first_event;
    struct wire_out payload;
    size_t at; /* the next record */
};

struct trace_reader {
    int fd;
    bool owns_fd;
    struct trace_ring *ring; /* or NULL */
    struct block_table table;
    struct reader_block block;
    struct wire_out spare; /* bytes are read to here first, so that a failure leaves the block as it is */
    struct record_codec codec;
    uint64_t position;
    uint64_t known;           /* last event decoded so far, anywhere */
    bool has_notes;           /* notes that hang on `position` have been read */
    bool has_end;             /* the run-ended event is in what was read or scanned */
    struct flow_error broken; /* code 0: not */
    char missing[160];
};

/* reader_block.c */
/* Goes to the start of a block, wherever it is: in the file, in the ring, or cut off at the file's end.
 * FLOW_OK; FLOW_AGAIN: it does not exist (yet); FLOW_EFORMAT (also: lost), FLOW_EVERSION, FLOW_EIO,
 * FLOW_ENOMEM; the cursor has not moved then. The position becomes the one before its first event. */
int reader_open_block(struct trace_reader *reader, uint64_t sequence, struct flow_error *err);
/* Gets more bytes of the open block, or goes to the next one. FLOW_OK; FLOW_AGAIN: there is nothing more yet;
 * failures as above. */
int reader_read_more(struct trace_reader *reader, struct flow_error *err);
/* The first block that there may be. */
uint64_t reader_first_block(const struct trace_reader *reader);
/* The block to begin with when looking for an event. FLOW_OK or FLOW_NOT_FOUND (it does not exist yet), or a
 * failure. */
int reader_find_block(
    struct trace_reader *reader, uint64_t event, uint64_t *sequence, struct flow_error *err);

#endif
