/* Numbers as bytes: LEB128 varints and zig-zag, into a growing buffer and out of one that is not trusted. */
#ifndef TRACE_WIRE_H
#define TRACE_WIRE_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/mem.h"
#include "flow/error.h"

/* All-zero is empty and valid; free `bytes` with mem_free. */
struct wire_out {
    uint8_t *bytes;
    size_t length;
    size_t capacity;
};

enum { WIRE_VARINT_MAX = 10 }; /* bytes of the longest varint */

/* Makes room for `extra` more bytes; the put functions assume it. FLOW_OK or FLOW_ENOMEM. */
static inline int wire_reserve(struct wire_out *out, size_t extra)
{
    if (extra <= out->capacity - out->length)
        return FLOW_OK;
    if (extra > SIZE_MAX / 4 || out->length > SIZE_MAX / 4)
        return FLOW_ENOMEM;
    size_t capacity = out->length + extra;
    if (capacity < out->capacity * 2)
        capacity = out->capacity * 2;
    uint8_t *bytes = mem_resize(out->bytes, capacity);
    if (!bytes)
        return FLOW_ENOMEM;
    out->bytes = bytes;
    out->capacity = capacity;
    return FLOW_OK;
}

static inline void wire_put_byte(struct wire_out *out, uint8_t byte)
{
    out->bytes[out->length++] = byte;
}

static inline void wire_put_varint(struct wire_out *out, uint64_t value)
{
    for (; value >= 0x80; value >>= 7)
        out->bytes[out->length++] = (uint8_t)(value | 0x80);
    out->bytes[out->length++] = (uint8_t)value;
}

static inline uint64_t wire_zigzag(int64_t value)
{
    return (uint64_t)value << 1 ^ (uint64_t)(value >> 63);
}

static inline int64_t wire_unzigzag(uint64_t value)
{
    return (int64_t)(value >> 1 ^ -(value & 1));
}

static inline void wire_put_signed(struct wire_out *out, int64_t value)
{
    wire_put_varint(out, wire_zigzag(value));
}

/* Reading. A read beyond the end, or of a varint that is too long, gives 0 and sets `failed` for good. */
struct wire_in {
    const uint8_t *at;
    const uint8_t *end;
    bool failed;
};

static inline size_t wire_left(const struct wire_in *in)
{
    return (size_t)(in->end - in->at);
}

static inline uint8_t wire_get_byte(struct wire_in *in)
{
    if (in->at == in->end) {
        in->failed = true;
        return 0;
    }
    return *in->at++;
}

static inline uint64_t wire_get_varint(struct wire_in *in)
{
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        uint8_t byte = wire_get_byte(in);
        value |= (uint64_t)(byte & 0x7f) << shift;
        if (!(byte & 0x80)) {
            if (shift == 63 && byte > 1)
                break; /* a bit beyond the 64th */
            return value;
        }
    }
    in->failed = true;
    return 0;
}

static inline int64_t wire_get_signed(struct wire_in *in)
{
    return wire_unzigzag(wire_get_varint(in));
}

/* `count` bytes where they lie; NULL and failed where there are not so many. */
static inline const uint8_t *wire_get_bytes(struct wire_in *in, uint64_t count)
{
    if (count > wire_left(in)) {
        in->failed = true;
        return NULL;
    }
    const uint8_t *bytes = in->at;
    in->at += count;
    return bytes;
}

#endif
