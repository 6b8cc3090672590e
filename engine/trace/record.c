#include "trace/record.h"

#include <assert.h>
#include <string.h>

#include "trace/record_private.h"

/* flow_value_unref, quick for the usual. */
static inline void drop(struct flow_value value)
{
    if (!flow_value_is_scalar(value))
        flow_value_unref(value);
}

static void forget_values(struct record_codec *codec)
{
    for (size_t i = 0; i < RECORD_TEXT_SLOTS; i++)
        flow_value_unref(codec->texts[i].string);
    for (size_t i = 0; i < RECORD_KEY_SLOTS; i++)
        drop(codec->keys[i].value);
    flow_value_unref(codec->value);
    flow_value_unref(codec->old);
    drop(codec->returned);
    codec->value = codec->old = codec->returned = flow_null();
}

void record_codec_begin(struct record_codec *codec, const struct format_block *block)
{
    forget_values(codec);
    codec->event = block->first_event - 1;
    codec->step = block->first_step;
    codec->time_ns = block->first_time;
    codec->current = 0;
    codec->entry = 0;
    codec->iteration = codec->writes = codec->targets = codec->asked = 0;
    codec->waiting = 0;
    codec->front = codec->back = 0;
    memset(codec->memory, 0, sizeof codec->memory);
    memset(codec->doubt, 0, sizeof codec->doubt);
    memset(codec->kinds, 0, sizeof codec->kinds);
    memset(codec->texts, 0, sizeof codec->texts);
    memset(codec->keys, 0, sizeof codec->keys);
    /* What the vocabulary says of times, so that a file does not depend on which events come first. */
    for (unsigned kind = 0; kind < FLOW_EV_FIRST_UNUSED; kind++) {
        const struct flow_event_info *info = flow_event_info(kind);
        codec->kinds[kind].has_time = info && (info->fields & FLOW_F_TIME);
    }
}

void record_codec_begin_values(struct record_codec *codec)
{
    for (size_t i = 0; i < RECORD_TEXT_SLOTS; i++)
        drop(codec->texts[i].string);
    memset(codec->texts, 0, sizeof codec->texts);
}

void record_codec_finish(struct record_codec *codec)
{
    forget_values(codec);
    vec_finish(&codec->items);
    vec_finish(&codec->members);
    memset(codec, 0, sizeof *codec);
}

static void remember_key(struct record_codec *codec, const struct flow_event *event, size_t value_size)
{
    struct record_key *slot = &codec->keys[event->key % RECORD_KEY_SLOTS];
    drop(slot->value);
    *slot = (struct record_key){.value = flow_null()};
    if (event->kind != FLOW_EV_CHANNEL_SET || value_size > RECORD_VALUE_MAX)
        return;
    slot->key = event->key + 1;
    slot->value = flow_value_is_scalar(event->value) ? event->value : flow_value_ref(event->value);
}

/* A task that was asked for. One that is usual is not forgotten for a single exception. */
static void remember_target(struct record_codec *codec, flow_task task)
{
    uint32_t slot = record_slot(codec, RECORD_ASKED, codec->targets++);
    if (codec->memory[slot] == task + 1) {
        codec->doubt[slot] = 0;
    } else if (codec->doubt[slot] || codec->memory[slot] == 0) {
        codec->memory[slot] = task + 1;
        codec->doubt[slot] = 0;
    } else {
        codec->doubt[slot] = 1;
    }
}

static void remember_request(struct record_codec *codec, const struct flow_event *event)
{
    if (event->code != FLOW_REQUEST_NEXT_TASK && event->code != FLOW_REQUEST_GOTO)
        return;
    remember_target(codec, event->task);
    codec->asked = event->task + 1;
}

static void remember_enqueued(struct record_codec *codec, const struct flow_event *event)
{
    struct record_entry entry = {.entry = event->entry, .task = event->task};
    if (codec->asked == event->task + 1)
        codec->asked = 0;
    else if (event->reason != FLOW_REASON_ITERATION)
        remember_target(codec, event->task);
    codec->waiting = event->position >= codec->waiting && event->position < UINT64_MAX ? event->position + 1
                                                                                       : codec->waiting + 1;
    if (codec->back - codec->front == RECORD_QUEUE)
        return;
    if (event->position == 0)
        codec->queue[--codec->front % RECORD_QUEUE] = entry;
    else
        codec->queue[codec->back++ % RECORD_QUEUE] = entry;
}

/* An entry that left the queue, and with it, of those that are followed, what must have stood before it. */
static void forget_entry(struct record_codec *codec, uint64_t entry)
{
    if (codec->waiting)
        codec->waiting--;
    for (uint32_t at = codec->front; at != codec->back; at++) {
        if (codec->queue[at % RECORD_QUEUE].entry != entry)
            continue;
        codec->front = at + 1;
        return;
    }
}

static void remember_started(struct record_codec *codec, const struct flow_event *event)
{
    codec->current = event->task + 1;
    codec->entry = event->entry;
    codec->iteration = event->iteration;
    codec->writes = codec->targets = codec->asked = 0;
}

static void remember_returned(struct record_codec *codec, const struct flow_event *event, size_t value_size)
{
    drop(codec->returned);
    codec->returned = flow_value_is_scalar(event->value) ? event->value : flow_value_ref(event->value);
    codec->returned_size = value_size;
    codec->writes = RECORD_WRITES; /* what is written now is the result */
}

/* What the kinds of an ordinary step teach. */
static void remember_step(struct record_codec *codec, const struct flow_event *event, size_t value_size)
{
    switch (event->kind) {
    case FLOW_EV_DEQUEUED:
        forget_entry(codec, event->entry);
        codec->current = event->task + 1;
        codec->entry = event->entry;
        break;
    case FLOW_EV_STEP_STARTED: remember_started(codec, event); break;
    case FLOW_EV_RETURNED: remember_returned(codec, event, value_size); break;
    case FLOW_EV_CHANNEL_SET:
        codec->memory[record_slot(codec, RECORD_WROTE, codec->writes)] = event->key + 1;
        codec->writes += codec->writes < RECORD_WRITES - 1;
        remember_key(codec, event, value_size);
        break;
    case FLOW_EV_CHANNEL_DELETED: remember_key(codec, event, value_size); break;
    case FLOW_EV_CHANNEL_READ: codec->memory[record_read_slot(codec)] = event->key + 1; break;
    case FLOW_EV_REQUEST: remember_request(codec, event); break;
    case FLOW_EV_ENQUEUED: remember_enqueued(codec, event); break;
    case FLOW_EV_DROPPED:
    case FLOW_EV_WITHDRAWN: forget_entry(codec, event->entry); break;
    default: break;
    }
}

void record_remember(struct record_codec *codec, const struct flow_event *event, size_t value_size)
{
    const struct flow_event_info *info = flow_event_info(event->kind);
    uint32_t fields = info ? info->fields : 0;
    struct record_kind *last = &codec->kinds[event->kind];
    last->origin = event->origin;
    last->has_time = event->has_time;
    last->step_delta = event->step - codec->step;
    if (fields & FLOW_F_REASON)
        last->reason = event->reason;
    if (fields & FLOW_F_CODE)
        last->code = event->code;
    if (fields & FLOW_F_TASK)
        last->task = event->task + 1;
    if (fields & FLOW_F_KEY)
        last->key = event->key + 1;
    if (fields & FLOW_F_ENTRY)
        last->entry = event->entry;
    if (fields & FLOW_F_POSITION)
        last->position = event->position;
    if (fields & FLOW_F_COUNT)
        last->count = event->count;
    remember_step(codec, event, value_size);
    if (!flow_event_is_note(event->kind))
        codec->event = event->number;
    codec->step = event->step;
    if (event->has_time)
        codec->time_ns = event->time_ns;
}

/* The old value of an event: a channel-set event has none unless its code says so. */
static bool has_old(const struct flow_event *event)
{
    return event->kind != FLOW_EV_CHANNEL_SET || event->code;
}

/* Which fields differ from their predictions: bit i is the i-th field of the kind, in the order of the bits
 * of enum flow_event_field; the time is not among them. */
static uint32_t differing_fields(const struct record_codec *codec, const struct record_guess *guess,
    const struct flow_event *event, uint32_t fields)
{
    const struct record_kind *last = &codec->kinds[event->kind];
    const bool differs[] = {
        (flow_task)(event->task + 1) != guess->task,
        (flow_task)(event->other + 1) != guess->other,
        event->entry != guess->entry,
        event->iteration != 1,
        event->reason != last->reason,
        event->cause != event->step,
        event->position != last->position,
        event->count != last->count,
        event->code != last->code,
        (flow_key)(event->key + 1) != last->key,
        event->value.type != FLOW_TYPE_NULL,
        fields & FLOW_F_OLD && has_old(event) &&
            !flow_value_equal(event->old, record_guess_old(codec, event->key)),
        event->text_length > 0,
        event->detail_length > 0,
    };
    uint32_t mask = 0, bit = 1;
    for (unsigned i = 0; i < sizeof differs / sizeof *differs; i++) {
        if (!(fields & 1u << i))
            continue;
        if (differs[i])
            mask |= bit;
        bit <<= 1;
    }
    return mask;
}

static void put_difference(struct wire_out *payload, uint32_t value, uint32_t guess)
{
    wire_put_signed(payload, (int64_t)value - (int64_t)guess);
}

static int put_field(struct record_codec *codec, const struct record_guess *guess,
    const struct flow_event *event, uint32_t field, struct wire_out *payload)
{
    const struct record_kind *last = &codec->kinds[event->kind];
    switch ((enum flow_event_field)field) {
    case FLOW_F_TASK: put_difference(payload, event->task + 1, guess->task); break;
    case FLOW_F_OTHER: put_difference(payload, event->other + 1, guess->other); break;
    case FLOW_F_ENTRY: wire_put_signed(payload, (int64_t)(event->entry - guess->entry)); break;
    case FLOW_F_ITERATION: wire_put_varint(payload, event->iteration); break;
    case FLOW_F_REASON: wire_put_byte(payload, event->reason); break;
    case FLOW_F_CAUSE: wire_put_signed(payload, (int64_t)(event->cause - event->step)); break;
    case FLOW_F_POSITION: wire_put_signed(payload, (int64_t)(event->position - last->position)); break;
    case FLOW_F_COUNT: wire_put_signed(payload, (int64_t)(event->count - last->count)); break;
    case FLOW_F_CODE: wire_put_signed(payload, event->code); break;
    case FLOW_F_KEY: put_difference(payload, event->key + 1, last->key); break;
    case FLOW_F_VALUE: return record_put_value(codec, payload, event->value);
    case FLOW_F_OLD: return record_put_value(codec, payload, event->old);
    case FLOW_F_TEXT: return record_put_text(codec, payload, event->text, event->text_length);
    case FLOW_F_DETAIL: return record_put_text(codec, payload, event->detail, event->detail_length);
    case FLOW_F_TIME: break;
    }
    return FLOW_OK;
}

/* Kind and head. */
static void put_head(const struct record_codec *codec, const struct record_guess *guess,
    const struct flow_event *event, struct wire_out *payload)
{
    const struct record_kind *last = &codec->kinds[event->kind];
    unsigned head = (event->origin != last->origin ? RECORD_HEAD_ORIGIN : 0u) |
                    (event->has_time != last->has_time ? RECORD_HEAD_TIME : 0u) |
                    (event->step != guess->step ? RECORD_HEAD_STEP : 0u) |
                    (event->number != guess->number ? RECORD_HEAD_NUMBER : 0u);
    wire_put_byte(payload, (uint8_t)(event->kind | (head ? RECORD_HAS_HEAD : 0)));
    if (!head)
        return;
    wire_put_byte(payload, (uint8_t)head);
    if (head & RECORD_HEAD_ORIGIN)
        wire_put_byte(payload, event->origin);
    if (head & RECORD_HEAD_STEP)
        wire_put_signed(payload, (int64_t)(event->step - guess->step));
    if (head & RECORD_HEAD_NUMBER)
        wire_put_signed(payload, (int64_t)(event->number - guess->number));
}

/* Writes the body of a record; *value_size is the size of its value. */
static int put_body(
    struct record_codec *codec, const struct flow_event *event, struct wire_out *payload, size_t *value_size)
{
    enum { SMALL_PARTS = 12 * WIRE_VARINT_MAX }; /* kind, head, mask, all fields that are numbers */
    if (wire_reserve(payload, SMALL_PARTS) < 0)
        return FLOW_ENOMEM;
    const struct flow_event_info *info = flow_event_info(event->kind);
    uint32_t fields = info ? info->fields & ~(uint32_t)FLOW_F_TIME : 0;
    struct record_guess guess = record_guess(codec, event->kind);
    put_head(codec, &guess, event, payload);
    if (event->has_time)
        wire_put_signed(payload, (int64_t)((uint64_t)event->time_ns - (uint64_t)codec->time_ns));
    uint32_t mask = differing_fields(codec, &guess, event, fields);
    wire_put_varint(payload, mask);
    for (uint32_t bit = 1; mask; bit <<= 1, fields &= fields - 1) {
        if (!(mask & bit))
            continue;
        mask &= ~bit;
        size_t start = payload->length;
        uint32_t field = fields & -fields;
        int status = put_field(codec, &guess, event, field, payload);
        if (status < 0)
            return status;
        if (field == FLOW_F_VALUE)
            *value_size = payload->length - start;
        if (wire_reserve(payload, SMALL_PARTS) < 0)
            return FLOW_ENOMEM;
    }
    return FLOW_OK;
}

static int encode_long(struct record_codec *codec, const struct flow_event *event, struct wire_out *payload)
{
    size_t start = payload->length, value_size = 0;
    wire_put_byte(payload, RECORD_LONG);
    payload->length++; /* room for a length of one byte, which is almost always enough */
    size_t body = payload->length;
    if (put_body(codec, event, payload, &value_size) < 0 || wire_reserve(payload, WIRE_VARINT_MAX) < 0) {
        payload->length = start;
        return FLOW_ENOMEM;
    }
    size_t size = payload->length - body;
    struct wire_out length = {.bytes = (uint8_t[WIRE_VARINT_MAX]){0}, .capacity = WIRE_VARINT_MAX};
    wire_put_varint(&length, size);
    if (length.length > 1) {
        /* The texts in this record that were remembered move too. */
        size_t shift = length.length - 1;
        memmove(payload->bytes + body + shift, payload->bytes + body, size);
        payload->length += shift;
        for (size_t i = 0; i < RECORD_TEXT_SLOTS; i++)
            if (codec->texts[i].offset >= body)
                codec->texts[i].offset += shift;
    }
    memcpy(payload->bytes + start + 1, length.bytes, length.length);
    record_remember(codec, event, value_size);
    return FLOW_OK;
}

int record_encode(struct record_codec *codec, const struct flow_event *event, struct wire_out *payload)
{
    assert(event->kind < FLOW_EV_FIRST_UNUSED);
    if (wire_reserve(payload, SHORT_RECORD_MAX) < 0)
        return FLOW_ENOMEM;
    size_t start = payload->length;
    if (!record_put_short(codec, event, payload))
        return encode_long(codec, event, payload);
    record_remember(codec, event, record_short_size(codec, payload->bytes[start]));
    return FLOW_OK;
}

static int refuse(struct flow_error *err, const char *what)
{
    return flow_error_set(err, FLOW_EFORMAT, "%s", what);
}

static void get_head(struct record_codec *codec, struct wire_in *in, struct flow_event *event)
{
    uint8_t first = wire_get_byte(in);
    event->kind = first & (uint8_t)~RECORD_HAS_HEAD;
    const struct record_kind *last = &codec->kinds[event->kind];
    struct record_guess guess = record_guess(codec, event->kind);
    uint8_t head = first & RECORD_HAS_HEAD ? wire_get_byte(in) : 0;
    if (head & ~RECORD_HEAD_ALL)
        in->failed = true;
    event->origin = head & RECORD_HEAD_ORIGIN ? wire_get_byte(in) : last->origin;
    event->has_time = last->has_time != !!(head & RECORD_HEAD_TIME);
    event->step = guess.step + (head & RECORD_HEAD_STEP ? (uint64_t)wire_get_signed(in) : 0);
    event->number = guess.number + (head & RECORD_HEAD_NUMBER ? (uint64_t)wire_get_signed(in) : 0);
    if (event->has_time)
        event->time_ns = (int64_t)((uint64_t)codec->time_ns + (uint64_t)wire_get_signed(in));
    if (event->origin > FLOW_ORIGIN_HOST)
        in->failed = true;
}

/* Fills the fields of the kind with what is predicted for them. */
static void predict_fields(const struct record_codec *codec, const struct record_guess *guess,
    uint32_t fields, struct flow_event *event)
{
    const struct record_kind *last = &codec->kinds[event->kind];
    event->task = fields & FLOW_F_TASK ? guess->task - 1 : FLOW_TASK_NONE;
    event->other = fields & FLOW_F_OTHER ? guess->other - 1 : FLOW_TASK_NONE;
    event->entry = fields & FLOW_F_ENTRY ? guess->entry : 0;
    event->iteration = fields & FLOW_F_ITERATION ? 1 : 0;
    event->reason = last->reason;
    event->cause = fields & FLOW_F_CAUSE ? event->step : 0;
    event->position = last->position;
    event->count = last->count;
    event->code = last->code;
    event->key = fields & FLOW_F_KEY ? last->key - 1 : FLOW_KEY_NONE;
    event->value = event->old = flow_null();
    event->text = event->detail = "";
}

static uint32_t get_difference(struct wire_in *in, uint32_t guess)
{
    int64_t value = 0;
    if (__builtin_add_overflow(wire_get_signed(in), (int64_t)guess, &value) || value < 0 ||
        value > UINT32_MAX)
        in->failed = true;
    return (uint32_t)value;
}

static int32_t get_code(struct wire_in *in)
{
    int64_t code = wire_get_signed(in);
    if (code < INT32_MIN || code > INT32_MAX)
        in->failed = true;
    return (int32_t)code;
}

static uint32_t get_small(struct wire_in *in)
{
    uint64_t value = wire_get_varint(in);
    if (value > UINT32_MAX)
        in->failed = true;
    return (uint32_t)value;
}

/* Reads one field that differs from its prediction, which is in *event. */
static int get_field(struct record_codec *codec, const uint8_t *payload, struct wire_in *in, uint32_t field,
    struct flow_event *event)
{
    const char *text;
    switch ((enum flow_event_field)field) {
    case FLOW_F_TASK: event->task = get_difference(in, event->task + 1) - 1; break;
    case FLOW_F_OTHER: event->other = get_difference(in, event->other + 1) - 1; break;
    case FLOW_F_ENTRY: event->entry += (uint64_t)wire_get_signed(in); break;
    case FLOW_F_ITERATION: event->iteration = get_small(in); break;
    case FLOW_F_REASON: event->reason = wire_get_byte(in); break;
    case FLOW_F_CAUSE: event->cause += (uint64_t)wire_get_signed(in); break;
    case FLOW_F_POSITION: event->position += (uint64_t)wire_get_signed(in); break;
    case FLOW_F_COUNT: event->count += (uint64_t)wire_get_signed(in); break;
    case FLOW_F_CODE: event->code = get_code(in); break;
    case FLOW_F_KEY: event->key = get_difference(in, event->key + 1) - 1; break;
    case FLOW_F_VALUE:
    case FLOW_F_OLD: {
        struct flow_value *owned = field == FLOW_F_VALUE ? &codec->value : &codec->old;
        return record_get_value(codec, payload, in, owned);
    }
    case FLOW_F_TEXT:
        text = record_get_text(codec, payload, in, &event->text_length);
        event->text = text ? text : "";
        break;
    case FLOW_F_DETAIL:
        text = record_get_text(codec, payload, in, &event->detail_length);
        event->detail = text ? text : "";
        break;
    case FLOW_F_TIME: break;
    }
    return FLOW_OK;
}

/* Reads the body of a record. *value_size is the size of its value. */
static int get_body(struct record_codec *codec, const uint8_t *payload, struct wire_in *in,
    struct flow_event *event, size_t *value_size)
{
    get_head(codec, in, event);
    const struct flow_event_info *info = flow_event_info(event->kind);
    uint32_t fields = info ? info->fields & ~(uint32_t)FLOW_F_TIME : 0;
    struct record_guess guess = record_guess(codec, event->kind);
    predict_fields(codec, &guess, fields, event);
    uint64_t mask = wire_get_varint(in);
    if (!info) /* a kind of a later version: what its fields are is not known here */
        in->at = in->end;
    bool has_given_old = false;
    for (uint64_t bit = 1; fields; bit <<= 1, fields &= fields - 1) {
        if (!(mask & bit) || in->failed)
            continue;
        const uint8_t *start = in->at;
        uint32_t field = fields & -fields;
        int status = get_field(codec, payload, in, field, event);
        if (status < 0)
            return status;
        if (field == FLOW_F_VALUE)
            *value_size = (size_t)(in->at - start);
        has_given_old |= field == FLOW_F_OLD;
    }
    if (in->failed)
        return FLOW_EFORMAT;
    if (info && (info->fields & FLOW_F_OLD) && has_old(event) && !has_given_old)
        codec->old = flow_value_ref(record_guess_old(codec, event->key));
    event->value = codec->value;
    event->old = codec->old;
    return FLOW_OK;
}

/* The length of the record at `in`, moving behind it. FLOW_AGAIN: the bytes end too early. */
static int get_length(struct wire_in *in, uint64_t *length, struct flow_error *err)
{
    size_t left = wire_left(in);
    *length = wire_get_varint(in);
    if (in->failed)
        return left < WIRE_VARINT_MAX ? FLOW_AGAIN : refuse(err, "a record length that is no number");
    if (*length > wire_left(in))
        return FLOW_AGAIN;
    return *length >= 2 ? FLOW_OK : refuse(err, "a record that is too short");
}

static int decode_short(struct record_codec *codec, const uint8_t *payload, struct wire_in *in,
    size_t *position, struct flow_event *event, struct flow_error *err)
{
    unsigned op = *in->at;
    int status = record_get_short(codec, in, event);
    if (status < 0)
        return refuse(err, "a record that cannot be decoded");
    if (status != FLOW_OK)
        return status;
    /* The codec may forget values now that who reads the event borrows. */
    struct flow_value value = codec->value, old = codec->old;
    codec->value = flow_value_is_scalar(event->value) ? event->value : flow_value_ref(event->value);
    codec->old = flow_value_is_scalar(event->old) ? event->old : flow_value_ref(event->old);
    drop(value);
    drop(old);
    record_remember(codec, event, record_short_size(codec, op));
    *position = (size_t)(in->at - payload);
    return FLOW_OK;
}

int record_decode(struct record_codec *codec, const uint8_t *payload, size_t length, size_t *position,
    struct flow_event *event, struct flow_error *err)
{
    uint64_t size;
    if (*position == length) /* also where there is no payload yet */
        return FLOW_AGAIN;
    struct wire_in in = {.at = payload + *position, .end = payload + length};
    memset(event, 0, sizeof *event);
    if (*in.at != RECORD_LONG)
        return decode_short(codec, payload, &in, position, event, err);
    in.at++;
    int status = get_length(&in, &size, err);
    if (status != FLOW_OK)
        return status;
    drop(codec->value);
    drop(codec->old);
    codec->value = codec->old = flow_null();
    struct wire_in body = {.at = in.at, .end = in.at + size};
    size_t value_size = 0;
    status = get_body(codec, payload, &body, event, &value_size);
    if (status == FLOW_ENOMEM)
        return flow_error_set(err, FLOW_ENOMEM, "out of memory reading a record of %zu bytes", (size_t)size);
    if (status < 0)
        return refuse(err, "a record that cannot be decoded");
    /* Bytes behind the fields belong to fields of a later minor version. */
    record_remember(codec, event, value_size);
    *position = (size_t)(body.end - payload);
    return FLOW_OK;
}
