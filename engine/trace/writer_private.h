/* Inside the writer: the open block, and the file it goes to. */
#ifndef TRACE_WRITER_PRIVATE_H
#define TRACE_WRITER_PRIVATE_H

#include <sys/types.h>

#include "trace/blocks.h"
#include "trace/keyframe.h"
#include "trace/record.h"
#include "trace/ring_private.h"
#include "trace/writer.h"

enum {
    WRITER_BLOCK_SIZE = 16 << 10,
    WRITER_SEGMENT_SIZE = 12 << 10,
    WRITER_SEGMENT_RATIO = 3, /* events of a segment to its keyframe, at least */
};

/* The block is put together in memory of our own and copied to the ring: what goes to the file does not
 * depend on bytes that a wild task may have changed in the ring. */
struct trace_writer {
    struct trace_ring *ring;
    int fd;       /* -1: ring only, from the beginning or since the problem */
    dev_t device; /* which file fd is; tasks may close it and open something else */
    ino_t inode;
    uint64_t offset; /* where the next block goes */
    struct format_block block;
    struct wire_out payload;
    struct ring_position end; /* what is published */
    struct record_codec codec;
    struct trace_writer_position last;
    struct writer_segment *segment; /* NULL: no keyframes (any more) */
    uint64_t keyframe;              /* where the one before the open block is in the file, 0: there is none */
    struct wire_out index;          /* entries of blocks that are in no index block yet */
    uint64_t last_index;            /* where the last index block is, 0: there is none */
    size_t block_size, segment_size; /* see the options */
    bool is_dead;                    /* out of memory: nothing more is recorded */
    char problem[256];
};

/* writer.c */
/* FLOW_OK or FLOW_ENOMEM. */
int writer_alloc(
    struct trace_writer **out, const struct trace_writer_options *options, struct flow_error *err);
void writer_free(struct trace_writer *writer);
/* Makes the block that follows writer->last the one that is put together, and its codec begin it. */
void writer_begin_block(struct trace_writer *writer, uint64_t sequence);
/* The same, and opens it in the ring. */
void writer_open_block(struct trace_writer *writer, uint64_t sequence);
/* Ends the block and writes it to the file. Another must be opened then. */
void writer_close_block(struct trace_writer *writer);
/* Counts an event that is in the payload now. */
void writer_count(struct trace_writer *writer, const struct flow_event *event);
void writer_set_problem(struct trace_writer *writer, const char *fmt, ...) FLOW_PRINTF(2, 3);

/* writer_segment.c */
/* The segment that is being written: what a keyframe is made of. */
struct writer_segment {
    struct trace_state state;  /* folded as events are written */
    struct record_codec codec; /* of values in keyframes */
    struct wire_out keyframe;  /* the last one written */
    uint64_t rows;             /* bytes of events since then */
};
/* Makes the writer fold what it writes from here on. FLOW_OK or FLOW_ENOMEM. */
int writer_segment_create(struct trace_writer *writer);
void writer_segment_destroy(struct trace_writer *writer);
/* Takes note of an event that is recorded. */
void writer_segment_fold(struct trace_writer *writer, const struct flow_event *event);
/* Writes a keyframe before the block that is being opened, if it is time for one. */
void writer_segment_open_block(struct trace_writer *writer);

/* writer_file.c */
/* Remembers which file fd is. FLOW_OK, FLOW_EIO. */
int writer_file_identify(struct trace_writer *writer, struct flow_error *err);
/* Writes the file header. FLOW_OK, FLOW_EIO. */
int writer_file_begin(struct trace_writer *writer, struct flow_error *err);
/* Appends the block with its payload. On failure recording to the file stops, with a problem. */
void writer_file_append(struct trace_writer *writer);
/* Appends a block of another kind. Its length and checksum are filled in. */
void writer_file_append_other(
    struct trace_writer *writer, struct format_block *block, const struct wire_out *payload);
/* Makes the blocks in a file that is gone on with, behind its last index block, part of the next one.
 * FLOW_OK, FLOW_EIO, FLOW_ENOMEM. */
int writer_file_adopt_index(
    struct trace_writer *writer, const struct block_table *table, struct flow_error *err);
/* Writes index and footer. */
void writer_file_finish(struct trace_writer *writer);

#endif
