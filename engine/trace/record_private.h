/* Shared by the encoder and the decoder of records: the byte values, and the predictions, which both must
 * make in the same way. */
#ifndef TRACE_RECORD_PRIVATE_H
#define TRACE_RECORD_PRIVATE_H

#include "base/map.h"
#include "trace/record.h"

/* First byte of a record: the long form, or that of a short one. */
#define RECORD_LONG 0

/* First byte of a long record's body: the kind, and whether a head byte follows. */
#define RECORD_HAS_HEAD 0x80
/* Bits of the head byte. */
enum record_head {
    RECORD_HEAD_ORIGIN = 1, /* a byte: the origin */
    RECORD_HEAD_TIME = 2,   /* there is a time where none is predicted, or none where one is */
    RECORD_HEAD_STEP = 4,   /* signed: difference to the predicted step */
    RECORD_HEAD_NUMBER = 8, /* signed: difference to the predicted number */
    RECORD_HEAD_ALL = 15,
};

/* Tags of values. From RECORD_TAG_SMALL on the tag is a small integer itself. */
enum record_tag {
    RECORD_TAG_NULL = 0,
    RECORD_TAG_FALSE = 1,
    RECORD_TAG_TRUE = 2,
    RECORD_TAG_INT = 3,     /* signed */
    RECORD_TAG_DOUBLE = 4,  /* 8 bytes, IEEE 754 */
    RECORD_TAG_WHOLE = 5,   /* a double that is a whole number: signed */
    RECORD_TAG_STRING = 6,  /* text */
    RECORD_TAG_BYTES = 7,   /* varint length, bytes */
    RECORD_TAG_LIST = 8,    /* varint count, values */
    RECORD_TAG_MAP = 9,     /* varint count, (text, value) pairs */
    RECORD_TAG_OPAQUE = 10, /* text: type name, text: printed form */
    RECORD_TAG_SMALL = 64,  /* RECORD_SMALLEST and up */
};
#define RECORD_SMALLEST (-16)
#define RECORD_LARGEST  (RECORD_SMALLEST + 255 - RECORD_TAG_SMALL)

/* Fields of events that are numbers are predicted; struct record_guess holds the predictions for one event.
 */
struct record_guess {
    uint64_t number;
    uint64_t step;
    flow_task task; /* plus one */
    flow_task other;
    uint64_t entry;
};

static inline struct record_guess record_guess(const struct record_codec *codec, unsigned kind)
{
    const struct record_kind *last = &codec->kinds[kind];
    struct record_guess guess = {
        .number = flow_event_is_note(kind) ? codec->event : codec->event + 1,
        .step = codec->step + last->step_delta,
        .task = kind == FLOW_EV_TASK_ADDED ? last->task + 1 : codec->current,
        .other = codec->current,
        .entry = kind == FLOW_EV_STEP_STARTED ? codec->entry : last->entry + 1,
    };
    return guess;
}

/* The value a key is thought to have had; borrowed. */
static inline struct flow_value record_guess_old(const struct record_codec *codec, flow_key key)
{
    const struct record_key *slot = &codec->keys[key % RECORD_KEY_SLOTS];
    return slot->key == key + 1 && slot->key ? slot->value : flow_null();
}

/* Places in codec->memory. */
enum record_use { RECORD_WROTE, RECORD_READ, RECORD_ASKED };
enum {
    RECORD_WRITES = 3
}; /* the place of a task's result; those before it are of keys that its body writes */
static inline uint32_t record_slot(const struct record_codec *codec, enum record_use use, uint32_t turn)
{
    uint32_t at = codec->current * 8 + (use == RECORD_WROTE ? 0 : use == RECORD_READ ? 4 : 5);
    uint32_t most = use == RECORD_WROTE ? RECORD_WRITES : use == RECORD_READ ? 0 : 2;
    return (at + (turn < most ? turn : most)) % RECORD_MEMORY;
}
static inline uint32_t record_read_slot(const struct record_codec *codec)
{
    return record_slot(codec, RECORD_READ, 0);
}
/* The key that is written next, plus one. */
static inline flow_key record_guess_key(const struct record_codec *codec)
{
    return codec->memory[record_slot(codec, RECORD_WROTE, codec->writes)];
}
/* The task that is asked for or enqueued next, plus one. */
static inline flow_task record_guess_target(const struct record_codec *codec, bool is_iteration)
{
    if (is_iteration)
        return codec->current;
    return codec->asked ? codec->asked : codec->memory[record_slot(codec, RECORD_ASKED, codec->targets)];
}
static inline uint64_t record_guess_position(const struct record_codec *codec, unsigned reason)
{
    return reason == FLOW_REASON_GOTO ? 0 : codec->waiting;
}
static inline uint32_t record_guess_iteration(const struct record_codec *codec, unsigned reason)
{
    return reason == FLOW_REASON_ITERATION ? codec->iteration + 1 : 1;
}
/* The front of the queue, or NULL where it is not known. */
static inline const struct record_entry *record_front(const struct record_codec *codec)
{
    return codec->front == codec->back ? NULL : &codec->queue[codec->front % RECORD_QUEUE];
}
/* flow_value_equal, quick for the usual. */
static inline bool record_same(struct flow_value a, struct flow_value b)
{
    if (a.type == FLOW_TYPE_INT && b.type == FLOW_TYPE_INT)
        return a.as.integer == b.as.integer;
    return flow_value_equal(a, b);
}
static inline bool record_is_scalar_tag(uint8_t tag)
{
    return tag <= RECORD_TAG_WHOLE || tag >= RECORD_TAG_SMALL;
}

static inline struct record_text *record_text_slot(
    struct record_codec *codec, const char *text, size_t length)
{
    return &codec->texts[hash_bytes(text, length) % RECORD_TEXT_SLOTS];
}

/* A text that is worth remembering, which lies at `offset` in the payload. */
void record_remember_text(struct record_codec *codec, const char *text, size_t length, size_t offset);
/* Remembers everything else about an event that was encoded or decoded. value_size: bytes of its value. */
void record_remember(struct record_codec *codec, const struct flow_event *event, size_t value_size);

/* record_short.c */
/* Appends an event in a short form. False: it has none. There is room for SHORT_RECORD_MAX bytes. */
enum { SHORT_RECORD_MAX = 64 };
bool record_put_short(struct record_codec *codec, const struct flow_event *event, struct wire_out *payload);
/* The size of the value's stored form, for what a short record with that first byte says. */
size_t record_short_size(const struct record_codec *codec, unsigned op);
/* Reads a short record into an event that is all zero. FLOW_OK; FLOW_AGAIN: it is cut; FLOW_EFORMAT. */
int record_get_short(struct record_codec *codec, struct wire_in *in, struct flow_event *event);

/* record_value.c */
int record_put_text(struct record_codec *codec, struct wire_out *payload, const char *text, size_t length);
int record_put_value(struct record_codec *codec, struct wire_out *payload, struct flow_value value);
/* NULL: does not decode (in->failed). payload is where offsets count from. */
const char *record_get_text(
    struct record_codec *codec, const uint8_t *payload, struct wire_in *in, size_t *length);
/* FLOW_OK and an owned value, FLOW_EFORMAT, FLOW_ENOMEM. */
int record_get_value(
    struct record_codec *codec, const uint8_t *payload, struct wire_in *in, struct flow_value *out);

#endif
