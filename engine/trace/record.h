/* One event as bytes, and back. The narrow place between what is recorded and how: writer and reader know
 * records only through these functions.
 *
 * A record says only what differs from a prediction. Encoder and decoder keep the same small memory of what
 * went before in the block (struct record_codec) and predict from it; at the start of a block the memory is
 * empty, so that each block decodes alone. docs/trace-format.md specifies the bytes. */
#ifndef TRACE_RECORD_H
#define TRACE_RECORD_H

#include "base/vec.h"
#include "flow/event.h"
#include "trace/format.h"
#include "trace/wire.h"

enum {
    RECORD_TEXT_SLOTS = 256,
    RECORD_TEXT_MAX = 64, /* longer texts are not remembered */
    RECORD_KEY_SLOTS = 1024,
    RECORD_MEMORY = 1024,    /* places for what a task did last; a power of two */
    RECORD_QUEUE = 32,       /* entries of the queue that are followed; a power of two */
    RECORD_VALUE_MAX = 1024, /* values whose bytes are more are not remembered as a key's last */
};

/* What was last seen in events of one kind. */
struct record_kind {
    uint8_t origin;
    uint8_t reason;
    bool has_time;
    int32_t code;
    flow_task task; /* plus one: 0 is none */
    flow_key key;   /* plus one */
    uint64_t entry;
    uint64_t position;
    uint64_t count;
    uint64_t step_delta; /* to the step of the event before it */
};

/* A short text seen in this block: where it lies in the payload, and its string value once one was needed. */
struct record_text {
    size_t offset;
    uint32_t length; /* 0: the slot is empty */
    struct flow_value string;
};

struct record_key {
    flow_key key; /* plus one, 0: the slot is empty */
    struct flow_value value;
};

struct record_entry {
    uint64_t entry;
    flow_task task;
};

struct record_codec {
    uint64_t event;
    uint64_t step;
    int64_t time_ns;
    flow_task current;    /* the task last taken from the queue, plus one */
    uint64_t entry;       /* the entry last taken */
    uint32_t iteration;   /* of the step last started */
    uint32_t writes;      /* in this step so far */
    uint32_t targets;     /* tasks that this step asked for or enqueued, so far */
    flow_task asked;      /* the task last asked for in this step, plus one, until it is enqueued */
    uint64_t waiting;     /* the length of the queue, as far as it is known */
    uint32_t front, back; /* entries front to back of `queue`, modulo its size: the front of the queue */
    struct record_entry queue[RECORD_QUEUE];
    /* What a task did the last time, by task and how often it had done so in the step: keys it wrote and
     * read, tasks it asked for. Plus one, 0: nothing. */
    uint32_t memory[RECORD_MEMORY];
    uint8_t doubt[RECORD_MEMORY]; /* of a task in `memory`: it was something else the last time */
    struct record_kind kinds[FLOW_EV_FIRST_UNUSED];
    struct record_text texts[RECORD_TEXT_SLOTS];
    struct record_key keys[RECORD_KEY_SLOTS];
    struct flow_value returned; /* by the last body that came back */
    size_t returned_size;       /* of its stored form */
    /* Of the decoder: what the last event borrows, and lists and maps that are being put together. */
    struct flow_value value;
    struct flow_value old;
    struct {
        VEC(struct flow_value);
    } items;
    struct {
        VEC(struct flow_member);
    } members;
};

/* An all-zero codec may be finished; it must begin a block before anything else. */
void record_codec_begin(struct record_codec *codec, const struct format_block *block);
/* Instead of a block: for values alone, which share their texts from here on. */
void record_codec_begin_values(struct record_codec *codec);
void record_codec_finish(struct record_codec *codec);

/* Appends the record of an event to the payload of its block. FLOW_OK; FLOW_ENOMEM: the payload is as it was,
 * but the codec must begin a new block. */
int record_encode(struct record_codec *codec, const struct flow_event *event, struct wire_out *payload);

/* Decodes the record at *position and moves *position behind it. *event borrows from codec and payload until
 * the next call; without success it is undefined. FLOW_OK; FLOW_AGAIN: the payload ends before the record
 * does, nothing has changed; FLOW_EFORMAT, FLOW_ENOMEM: the codec must begin a new block. */
int record_decode(struct record_codec *codec, const uint8_t *payload, size_t length, size_t *position,
    struct flow_event *event, struct flow_error *err);

#endif
