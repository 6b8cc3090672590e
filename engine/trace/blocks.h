/* The events blocks of a trace file, found by walking from header to header. */
#ifndef TRACE_BLOCKS_H
#define TRACE_BLOCKS_H

#include "base/vec.h"
#include "trace/format.h"
#include "trace/wire.h"

struct block_place {
    uint64_t offset; /* of its header in the file */
    uint64_t length; /* of the payload */
    uint64_t sequence;
    uint64_t first_event;
    uint64_t first_step;
    int64_t first_time;
    uint32_t events;
    uint32_t checksum;
    bool has_end;      /* the run-ended event is in it */
    uint64_t keyframe; /* where the keyframe block before it begins, 0: there is none */
    uint64_t kinds[2]; /* what is in it, as in struct format_block */
    uint8_t tasks[32];
    uint8_t keys[32];
};

/* Blocks that are whole, in order and without gaps in sequence and event numbers; behind them, at `end`, what
 * is not whole: nothing, a block that is cut off (`tail`), or bytes that are no block (`damage`). */
struct block_table {
    int fd;       /* -1: there is no file and never a block */
    bool is_live; /* a writer may still be about to begin the file: an empty one is fine */
    bool has_header;
    struct {
        VEC(struct block_place);
    } blocks;
    bool has_end;      /* the run-ended event is in one of them */
    uint64_t index;    /* where the last index block begins, 0: there is none yet */
    size_t indexed;    /* how many blocks the index blocks name */
    uint64_t keyframe; /* where the keyframe begins that was the last block, else 0 */
    uint64_t keyframe_event;
    uint64_t end;
    bool has_tail; /* the header of the tail is whole and `tail` is set */
    struct block_place tail;
    uint64_t tail_available;  /* bytes of the tail's payload that are there */
    uint64_t cut;             /* bytes behind `end` that are there, where the file ends inside a block */
    struct flow_error damage; /* code 0: none */
};

void block_table_init(struct block_table *table, int fd, bool is_live);
void block_table_finish(struct block_table *table);
/* Looks for blocks that came since the last scan. FLOW_OK; FLOW_EFORMAT, FLOW_EVERSION: not a trace that can
 * be read at all; FLOW_EIO, FLOW_ENOMEM. Damage behind whole blocks is no failure. */
int block_table_scan(struct block_table *table, struct flow_error *err);
/* The whole block of that sequence, or NULL. */
const struct block_place *block_table_find(const struct block_table *table, uint64_t sequence);
/* The last whole block whose events begin at or before `event`, or NULL. */
const struct block_place *block_table_find_event(const struct block_table *table, uint64_t event);
/* The last event in whole blocks. */
uint64_t block_table_last_event(const struct block_table *table);
/* Reads the keyframe before a block that has one. Its checksum is tested. Results as of block_table_load. */
int block_table_load_keyframe(const struct block_table *table, const struct block_place *place,
    struct wire_out *payload, struct flow_error *err);
/* Reads a payload: `length` bytes of it. FLOW_OK (checksum tested if the payload is whole), FLOW_EFORMAT,
 * FLOW_EIO, FLOW_ENOMEM. *payload is undefined after a failure. */
int block_table_load(const struct block_table *table, const struct block_place *place, uint64_t length,
    struct wire_out *payload, struct flow_error *err);

/* For the index. */
/* Up to `size` bytes of the file. FLOW_OK with *got, or FLOW_EIO. */
int block_read_at(int fd, void *out, size_t size, uint64_t offset, size_t *got, struct flow_error *err);
/* What is wrong with a block at table->end, in the light of the blocks before it. FLOW_OK, FLOW_EFORMAT,
 * FLOW_EVERSION. */
int block_table_check(
    const struct block_table *table, const struct format_block *block, struct flow_error *err);
/* Adds a whole block of events that was checked. FLOW_OK, FLOW_ENOMEM. */
int block_table_add(
    struct block_table *table, const struct format_block *block, uint64_t offset, uint64_t keyframe);

#endif
