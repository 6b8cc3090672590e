/* Texts and values as bytes, and back. */
#include <assert.h>
#include <string.h>

#include "trace/record_private.h"

void record_remember_text(struct record_codec *codec, const char *text, size_t length, size_t offset)
{
    if (length < 2 || length > RECORD_TEXT_MAX)
        return;
    struct record_text *slot = record_text_slot(codec, text, length);
    flow_value_unref(slot->string);
    *slot = (struct record_text){.offset = offset, .length = (uint32_t)length, .string = flow_null()};
}

/* A varint: twice the length of a text that follows, or twice the slot of a remembered one, plus one. */
int record_put_text(struct record_codec *codec, struct wire_out *payload, const char *text, size_t length)
{
    if (wire_reserve(payload, WIRE_VARINT_MAX) < 0 || wire_reserve(payload, WIRE_VARINT_MAX + length) < 0)
        return FLOW_ENOMEM;
    if (length >= 2 && length <= RECORD_TEXT_MAX) {
        struct record_text *slot = record_text_slot(codec, text, length);
        if (slot->length == length && memcmp(payload->bytes + slot->offset, text, length) == 0) {
            wire_put_varint(payload, (uint64_t)(slot - codec->texts) << 1 | 1);
            return FLOW_OK;
        }
    }
    wire_put_varint(payload, (uint64_t)length << 1);
    size_t offset = payload->length;
    if (length)
        memcpy(payload->bytes + offset, text, length);
    payload->length += length;
    record_remember_text(codec, text, length, offset);
    return FLOW_OK;
}

static void put_int(struct wire_out *payload, int64_t integer)
{
    if (integer >= RECORD_SMALLEST && integer <= RECORD_LARGEST) {
        wire_put_byte(payload, (uint8_t)(RECORD_TAG_SMALL + (integer - RECORD_SMALLEST)));
        return;
    }
    wire_put_byte(payload, RECORD_TAG_INT);
    wire_put_signed(payload, integer);
}

static void put_double(struct wire_out *payload, double number)
{
    uint64_t bits;
    memcpy(&bits, &number, sizeof bits);
    /* Whole and small; the comparison is false for NaN. Minus zero has bits of its own. */
    if (number >= -1e9 && number <= 1e9 && (double)(int64_t)number == number &&
        bits != UINT64_C(0x8000000000000000)) {
        wire_put_byte(payload, RECORD_TAG_WHOLE);
        wire_put_signed(payload, (int64_t)number);
        return;
    }
    wire_put_byte(payload, RECORD_TAG_DOUBLE);
    for (int i = 0; i < 8; i++)
        wire_put_byte(payload, (uint8_t)(bits >> 8 * i));
}

static int put_bytes(struct wire_out *payload, struct flow_value value)
{
    size_t length;
    const char *bytes = flow_value_text(value, &length);
    if (wire_reserve(payload, length) < 0 || wire_reserve(payload, length + 2 * WIRE_VARINT_MAX) < 0)
        return FLOW_ENOMEM;
    wire_put_byte(payload, RECORD_TAG_BYTES);
    wire_put_varint(payload, length);
    memcpy(payload->bytes + payload->length, bytes, length);
    payload->length += length;
    return FLOW_OK;
}

static int put_string(struct record_codec *codec, struct wire_out *payload, struct flow_value value)
{
    size_t length;
    const char *text = flow_value_text(value, &length);
    wire_put_byte(payload, RECORD_TAG_STRING);
    return record_put_text(codec, payload, text, length);
}

static int put_list(struct record_codec *codec, struct wire_out *payload, struct flow_value value)
{
    size_t count = flow_value_count(value);
    wire_put_byte(payload, RECORD_TAG_LIST);
    wire_put_varint(payload, count);
    int status = FLOW_OK;
    for (size_t i = 0; i < count && status == FLOW_OK; i++)
        status = record_put_value(codec, payload, flow_list_at(value, i));
    return status;
}

static int put_map(struct record_codec *codec, struct wire_out *payload, struct flow_value value)
{
    size_t count = flow_value_count(value);
    wire_put_byte(payload, RECORD_TAG_MAP);
    wire_put_varint(payload, count);
    int status = FLOW_OK;
    for (size_t i = 0; i < count && status == FLOW_OK; i++) {
        struct flow_member member = flow_map_at(value, i);
        size_t length;
        const char *text = flow_value_text(member.key, &length);
        status = record_put_text(codec, payload, text, length);
        if (status == FLOW_OK)
            status = record_put_value(codec, payload, member.value);
    }
    return status;
}

static int put_opaque(struct record_codec *codec, struct wire_out *payload, struct flow_value value)
{
    size_t length;
    const char *printed = flow_value_text(value, &length);
    const char *type = flow_opaque_type(value);
    wire_put_byte(payload, RECORD_TAG_OPAQUE);
    int status = record_put_text(codec, payload, type, strlen(type));
    return status < 0 ? status : record_put_text(codec, payload, printed, length);
}

int record_put_value(struct record_codec *codec, struct wire_out *payload, struct flow_value value)
{
    assert(value.type < FLOW_TYPE_COUNT);
    if (wire_reserve(payload, 2 * WIRE_VARINT_MAX) < 0)
        return FLOW_ENOMEM;
    switch ((enum flow_type)value.type) {
    case FLOW_TYPE_NULL: wire_put_byte(payload, RECORD_TAG_NULL); return FLOW_OK;
    case FLOW_TYPE_BOOL:
        wire_put_byte(payload, value.as.boolean ? RECORD_TAG_TRUE : RECORD_TAG_FALSE);
        return FLOW_OK;
    case FLOW_TYPE_INT: put_int(payload, value.as.integer); return FLOW_OK;
    case FLOW_TYPE_DOUBLE: put_double(payload, value.as.number); return FLOW_OK;
    case FLOW_TYPE_STRING: return put_string(codec, payload, value);
    case FLOW_TYPE_BYTES: return put_bytes(payload, value);
    case FLOW_TYPE_LIST: return put_list(codec, payload, value);
    case FLOW_TYPE_MAP: return put_map(codec, payload, value);
    case FLOW_TYPE_OPAQUE: return put_opaque(codec, payload, value);
    case FLOW_TYPE_COUNT: break;
    }
    return FLOW_EINVAL;
}

/* Reads the varint of a text. *slot is where it is remembered, or NULL for one that lies here. */
static const char *get_text(struct record_codec *codec, const uint8_t *payload, struct wire_in *in,
    size_t *length, struct record_text **slot)
{
    uint64_t word = wire_get_varint(in);
    if (in->failed)
        return NULL;
    if (!(word & 1)) {
        const char *text = (const char *)wire_get_bytes(in, word >> 1);
        if (!text)
            return NULL;
        *length = (size_t)(word >> 1);
        record_remember_text(codec, text, *length, (size_t)((const uint8_t *)text - payload));
        *slot = NULL;
        return text;
    }
    if (word >> 1 >= RECORD_TEXT_SLOTS || codec->texts[word >> 1].length == 0) {
        in->failed = true;
        return NULL;
    }
    *slot = &codec->texts[word >> 1];
    *length = (*slot)->length;
    return (const char *)payload + (*slot)->offset;
}

const char *record_get_text(
    struct record_codec *codec, const uint8_t *payload, struct wire_in *in, size_t *length)
{
    struct record_text *slot;
    return get_text(codec, payload, in, length, &slot);
}

static int created(int status)
{
    return status == FLOW_OK || status == FLOW_ENOMEM ? status : FLOW_EFORMAT;
}

/* A text as a string value. One that was remembered is made once and shared from then on. */
static int get_string(
    struct record_codec *codec, const uint8_t *payload, struct wire_in *in, struct flow_value *out)
{
    size_t length;
    struct record_text *slot;
    const char *text = get_text(codec, payload, in, &length, &slot);
    if (!text)
        return FLOW_EFORMAT;
    if (slot && slot->string.type == FLOW_TYPE_STRING) {
        *out = flow_value_ref(slot->string);
        return FLOW_OK;
    }
    int status = created(flow_string_create(out, text, length));
    if (status == FLOW_OK && slot)
        slot->string = flow_value_ref(*out);
    return status;
}

static int get_double(struct wire_in *in, struct flow_value *out)
{
    const uint8_t *bytes = wire_get_bytes(in, 8);
    if (!bytes)
        return FLOW_EFORMAT;
    uint64_t bits = 0;
    for (int i = 0; i < 8; i++)
        bits |= (uint64_t)bytes[i] << 8 * i;
    double number;
    memcpy(&number, &bits, sizeof number);
    *out = flow_double(number);
    return FLOW_OK;
}

static int get_opaque(
    struct record_codec *codec, const uint8_t *payload, struct wire_in *in, struct flow_value *out)
{
    size_t type_length, printed_length;
    const char *type = record_get_text(codec, payload, in, &type_length);
    const char *printed = type ? record_get_text(codec, payload, in, &printed_length) : NULL;
    if (!printed)
        return FLOW_EFORMAT;
    if (memchr(type, '\0', type_length) || memchr(printed, '\0', printed_length))
        return FLOW_EFORMAT;
    char *type_copy = mem_strndup(type, type_length), *printed_copy = mem_strndup(printed, printed_length);
    int status = FLOW_ENOMEM;
    if (type_copy && printed_copy)
        status = created(flow_opaque_create(out, type_copy, printed_copy));
    mem_free(type_copy);
    mem_free(printed_copy);
    return status;
}

static int get_value(struct record_codec *codec, const uint8_t *payload, struct wire_in *in, unsigned depth,
    struct flow_value *out);

/* Items collect on a stack of the codec, so that a hostile count costs nothing before its items are there. */
static int get_list(struct record_codec *codec, const uint8_t *payload, struct wire_in *in, unsigned depth,
    struct flow_value *out)
{
    size_t first = codec->items.count;
    uint64_t count = wire_get_varint(in);
    int status = in->failed ? FLOW_EFORMAT : FLOW_OK;
    for (uint64_t i = 0; i < count && status == FLOW_OK; i++) {
        struct flow_value item;
        status = get_value(codec, payload, in, depth + 1, &item);
        if (status == FLOW_OK && (status = vec_push(&codec->items, item)) < 0)
            flow_value_unref(item);
    }
    if (status == FLOW_OK) {
        status = created(flow_list_create(
            out, codec->items.at ? codec->items.at + first : NULL, codec->items.count - first));
        codec->items.count = first; /* the list has the references now, or has dropped them */
    }
    while (codec->items.count > first)
        flow_value_unref(vec_pop(&codec->items));
    return status;
}

static int get_member(struct record_codec *codec, const uint8_t *payload, struct wire_in *in, unsigned depth)
{
    struct flow_member member;
    int status = get_string(codec, payload, in, &member.key);
    if (status < 0)
        return status;
    status = get_value(codec, payload, in, depth + 1, &member.value);
    if (status < 0) {
        flow_value_unref(member.key);
        return status;
    }
    status = vec_push(&codec->members, member);
    if (status < 0) {
        flow_value_unref(member.key);
        flow_value_unref(member.value);
    }
    return status;
}

static int get_map(struct record_codec *codec, const uint8_t *payload, struct wire_in *in, unsigned depth,
    struct flow_value *out)
{
    size_t first = codec->members.count;
    uint64_t count = wire_get_varint(in);
    int status = in->failed ? FLOW_EFORMAT : FLOW_OK;
    for (uint64_t i = 0; i < count && status == FLOW_OK; i++)
        status = get_member(codec, payload, in, depth);
    if (status == FLOW_OK) {
        status = created(flow_map_create(
            out, codec->members.at ? codec->members.at + first : NULL, codec->members.count - first));
        codec->members.count = first;
    }
    while (codec->members.count > first) {
        struct flow_member member = vec_pop(&codec->members);
        flow_value_unref(member.key);
        flow_value_unref(member.value);
    }
    return status;
}

static int get_bytes(struct wire_in *in, struct flow_value *out)
{
    uint64_t length = wire_get_varint(in);
    const uint8_t *bytes = in->failed ? NULL : wire_get_bytes(in, length);
    return bytes ? created(flow_bytes_create(out, bytes, (size_t)length)) : FLOW_EFORMAT;
}

static int get_value(struct record_codec *codec, const uint8_t *payload, struct wire_in *in, unsigned depth,
    struct flow_value *out)
{
    uint8_t tag = wire_get_byte(in);
    if (in->failed || depth > FLOW_VALUE_DEPTH_MAX)
        return FLOW_EFORMAT;
    if (tag >= RECORD_TAG_SMALL) {
        *out = flow_int(RECORD_SMALLEST + (tag - RECORD_TAG_SMALL));
        return FLOW_OK;
    }
    switch (tag) {
    case RECORD_TAG_NULL: *out = flow_null(); break;
    case RECORD_TAG_FALSE: *out = flow_bool(false); break;
    case RECORD_TAG_TRUE: *out = flow_bool(true); break;
    case RECORD_TAG_INT: *out = flow_int(wire_get_signed(in)); break;
    case RECORD_TAG_WHOLE: *out = flow_double((double)wire_get_signed(in)); break;
    case RECORD_TAG_DOUBLE: return get_double(in, out);
    case RECORD_TAG_STRING: return get_string(codec, payload, in, out);
    case RECORD_TAG_BYTES: return get_bytes(in, out);
    case RECORD_TAG_LIST: return get_list(codec, payload, in, depth, out);
    case RECORD_TAG_MAP: return get_map(codec, payload, in, depth, out);
    case RECORD_TAG_OPAQUE: return get_opaque(codec, payload, in, out);
    default: return FLOW_EFORMAT;
    }
    return in->failed ? FLOW_EFORMAT : FLOW_OK;
}

int record_get_value(
    struct record_codec *codec, const uint8_t *payload, struct wire_in *in, struct flow_value *out)
{
    return get_value(codec, payload, in, 0, out);
}
