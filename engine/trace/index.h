/* Index blocks: where blocks of events are, so that a file is opened without walking through it. */
#ifndef TRACE_INDEX_H
#define TRACE_INDEX_H

#include "trace/blocks.h"

enum {
    INDEX_ENTRY_SIZE = 16 + FORMAT_BLOCK_HEADER_SIZE, /* offset, offset of the keyframe, header */
    INDEX_BLOCKS = 128, /* an index block is written when so many blocks are not in one */
};

/* Appends an entry. FLOW_OK or FLOW_ENOMEM. */
int index_put(struct wire_out *index, uint64_t offset, uint64_t keyframe,
    const uint8_t header[FORMAT_BLOCK_HEADER_SIZE]);
/* Fills an empty table from the index blocks of a file, if it has any that are sound; what comes behind the
 * last of them is left to be walked through. FLOW_OK (also when the table stays empty), FLOW_EIO,
 * FLOW_ENOMEM. */
int index_open(struct block_table *table, uint64_t file_size, struct flow_error *err);

#endif
