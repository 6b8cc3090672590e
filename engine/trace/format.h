/* The bytes of a trace file: file header and block headers. docs/trace-format.md is the specification.
 *
 * All numbers are little-endian. Structs here are the unpacked form; nothing is ever cast to or from bytes.
 */
#ifndef TRACE_FORMAT_H
#define TRACE_FORMAT_H

#include <stdbool.h>
#include <stdint.h>

#include "flow/error.h"

#define FORMAT_MAJOR 1 /* another major version cannot be read at all */
#define FORMAT_MINOR 0

enum {
    FORMAT_FILE_HEADER_SIZE = 64,
    FORMAT_BLOCK_HEADER_SIZE = 160,
};

/* Feature words. A reader may ignore unknown `compatible` bits, must not append to a file with unknown
 * `readable` bits, and must refuse a file with unknown `incompatible` bits. None is defined yet. */
struct format_file_header {
    uint16_t major;
    uint16_t minor;
    uint32_t length; /* of the header itself: blocks begin here */
    uint64_t compatible;
    uint64_t readable;
    uint64_t incompatible;
};

void format_pack_file_header(uint8_t out[FORMAT_FILE_HEADER_SIZE]);
/* FLOW_OK, FLOW_EFORMAT (not a trace, damaged), FLOW_EVERSION. */
int format_parse_file_header(
    struct format_file_header *out, const uint8_t *bytes, size_t length, struct flow_error *err);

/* Types of blocks. Unknown ones are skipped by their length. */
enum format_block_type {
    FORMAT_BLOCK_EVENTS = 1,
    FORMAT_BLOCK_KEYFRAME = 2, /* the state before the events block that follows */
    FORMAT_BLOCK_INDEX = 3,    /* the headers of blocks of events that were not in an index yet */
    FORMAT_BLOCK_FOOTER = 4,   /* the end of a file that was finished; without payload */
    FORMAT_BLOCK_OUTPUT = 5,   /* reserved */
};
/* Version of the records in an events block. */
#define FORMAT_EVENTS_VERSION 1

/* What stands in front of a block's payload. While a block is open (in the ring) only the members up to
 * first_step are set, and length and checksum are 0. */
struct format_block {
    uint16_t type;
    uint16_t version;
    uint64_t length;      /* of the payload */
    uint64_t sequence;    /* events blocks count from 0 */
    uint64_t first_event; /* one more than the last event before the block */
    int64_t first_time;   /* the last time stamp before the block */
    uint64_t first_step;  /* the step of the last event before the block */
    uint32_t events;
    uint32_t notes;
    uint64_t kinds[2]; /* bit k set: the block holds an event or note of kind k */
    uint32_t errors;   /* error events */
    uint32_t marks;    /* reserved: 0 */
    uint8_t tasks[32]; /* bit (task mod 256) set: an event in the block names that task */
    uint8_t keys[32];  /* bit (key mod 256) set: that key is written or deleted in the block */
    uint64_t index;    /* where the last index block before this one begins, 0: there is none */
    uint32_t checksum; /* CRC-32C of the payload */
};

void format_pack_block(uint8_t out[FORMAT_BLOCK_HEADER_SIZE], const struct format_block *block);
/* FLOW_OK or FLOW_EFORMAT (with `what` is wrong, without an offset). */
int format_parse_block(
    struct format_block *out, const uint8_t bytes[FORMAT_BLOCK_HEADER_SIZE], struct flow_error *err);

#endif
