/* Short records: the events of an ordinary step in one to five bytes. One byte says what the event is and
 * that all of it is as predicted, but for the operands that follow. What does not fit takes the long form. */
#include "trace/record_private.h"

/* First bytes. The list is closed for this version; RECORD_LONG is the other form. */
enum {
    SHORT_DEQUEUED = 1,        /* the entry that is thought to be at the front */
    SHORT_STARTED = 2,         /* the entry last taken, first attempt */
    SHORT_STARTED_AGAIN = 3,   /* the same, varint: iteration */
    SHORT_SET_NEXT = 4,        /* the predicted key, one more than it had */
    SHORT_SET_DELTA = 5,       /* the predicted key, signed: difference to what it had */
    SHORT_SET_VALUE = 6,       /* the predicted key, scalar */
    SHORT_SET_KEY_DELTA = 7,   /* varint: key, signed: difference */
    SHORT_SET_KEY_VALUE = 8,   /* varint: key, scalar */
    SHORT_RETURNED = 9,        /* completed, with null */
    SHORT_RETURNED_VALUE = 10, /* completed, scalar */
    SHORT_ENDED = 11,          /* completed */
    SHORT_READ = 12,           /* the predicted key */
    SHORT_READ_KEY = 13,       /* varint: key */
    SHORT_ENQUEUED = 14,       /* + 2 * reason: the predicted task; + 1: signed: difference to the current */
    SHORT_ENQUEUED_VALUE = 28, /* an iteration of the current task, scalar: its data */
    SHORT_REQUEST = 29,        /* + 2 * code: the predicted task; + 1: signed: difference to the current */
    SHORT_REQUEST_VALUE = 39,  /* an iteration of the current task, scalar: its data */
    SHORT_SKIPPED = 40,    /* of the current task, reason as the last, signed: difference to the current */
    SHORT_SET_RESULT = 41, /* the predicted key, to what the body returned */
    SHORT_END,
};
enum { REASONS = 7, REQUESTS = 5 };

/* Values are set by tasks while they run, and by the engine, which stores their results, when they have
 * returned. */
static uint8_t usual_origin(const struct record_codec *codec, unsigned kind)
{
    if (kind != FLOW_EV_CHANNEL_SET)
        return codec->kinds[kind].origin;
    return codec->writes == RECORD_WRITES ? FLOW_ORIGIN_ENGINE : FLOW_ORIGIN_TASK;
}

/* Members that every kind has are as predicted. */
static bool is_ordinary(const struct record_codec *codec, const struct flow_event *event)
{
    const struct record_kind *last = &codec->kinds[event->kind];
    bool is_note = flow_event_is_note(event->kind);
    return event->origin == usual_origin(codec, event->kind) && event->has_time == last->has_time &&
           event->number == codec->event + !is_note && event->step == codec->step + last->step_delta;
}

static void put_op(
    const struct record_codec *codec, const struct flow_event *event, unsigned op, struct wire_out *payload)
{
    wire_put_byte(payload, (uint8_t)op);
    if (event->has_time)
        wire_put_signed(payload, (int64_t)((uint64_t)event->time_ns - (uint64_t)codec->time_ns));
}

static void put_task(const struct record_codec *codec, flow_task task, struct wire_out *payload)
{
    wire_put_signed(payload, (int64_t)(flow_task)(task + 1) - (int64_t)codec->current);
}

static bool put_set(struct record_codec *codec, const struct flow_event *event, struct wire_out *payload)
{
    struct flow_value old = record_guess_old(codec, event->key);
    if (event->code != 1 || event->text_length || !record_same(event->old, old))
        return false;
    bool is_predicted = event->key + 1 == record_guess_key(codec);
    if (is_predicted && codec->writes == RECORD_WRITES && record_same(event->value, codec->returned)) {
        put_op(codec, event, SHORT_SET_RESULT, payload);
        return true;
    }
    if (!flow_value_is_scalar(event->value))
        return false;
    bool is_delta = event->value.type == FLOW_TYPE_INT && old.type == FLOW_TYPE_INT;
    uint64_t delta = is_delta ? (uint64_t)event->value.as.integer - (uint64_t)old.as.integer : 0;
    if (is_predicted && is_delta && delta == 1) {
        put_op(codec, event, SHORT_SET_NEXT, payload);
        return true;
    }
    unsigned op = is_predicted ? SHORT_SET_DELTA : SHORT_SET_KEY_DELTA;
    put_op(codec, event, is_delta ? op : op + 1, payload);
    if (!is_predicted)
        wire_put_varint(payload, event->key);
    if (is_delta)
        wire_put_signed(payload, (int64_t)delta);
    else
        record_put_value(codec, payload, event->value); /* a scalar: there is room */
    return true;
}

static bool put_enqueued(struct record_codec *codec, const struct flow_event *event, struct wire_out *payload)
{
    bool is_iteration = event->reason == FLOW_REASON_ITERATION;
    if (event->reason >= REASONS || (flow_task)(event->other + 1) != codec->current ||
        event->entry != codec->kinds[FLOW_EV_ENQUEUED].entry + 1 || event->cause != event->step ||
        event->position != record_guess_position(codec, event->reason) ||
        event->iteration != record_guess_iteration(codec, event->reason))
        return false;
    bool is_predicted = (flow_task)(event->task + 1) == record_guess_target(codec, is_iteration);
    if (event->value.type != FLOW_TYPE_NULL) {
        if (!is_iteration || !is_predicted || !flow_value_is_scalar(event->value))
            return false;
        put_op(codec, event, SHORT_ENQUEUED_VALUE, payload);
        record_put_value(codec, payload, event->value);
        return true;
    }
    put_op(codec, event, SHORT_ENQUEUED + 2u * event->reason + !is_predicted, payload);
    if (!is_predicted)
        put_task(codec, event->task, payload);
    return true;
}

static bool put_request(struct record_codec *codec, const struct flow_event *event, struct wire_out *payload)
{
    bool is_iteration = event->code == FLOW_REQUEST_NEXT_ITERATION;
    if (event->code < 0 || event->code >= REQUESTS || event->text_length)
        return false;
    bool is_predicted = (flow_task)(event->task + 1) == record_guess_target(codec, is_iteration);
    if (event->value.type != FLOW_TYPE_NULL) {
        if (!is_iteration || !is_predicted || !flow_value_is_scalar(event->value))
            return false;
        put_op(codec, event, SHORT_REQUEST_VALUE, payload);
        record_put_value(codec, payload, event->value);
        return true;
    }
    put_op(codec, event, SHORT_REQUEST + 2u * (unsigned)event->code + !is_predicted, payload);
    if (!is_predicted)
        put_task(codec, event->task, payload);
    return true;
}

static bool put_started(struct record_codec *codec, const struct flow_event *event, struct wire_out *payload)
{
    if ((flow_task)(event->task + 1) != codec->current || event->entry != codec->entry || event->count != 1)
        return false;
    put_op(codec, event, event->iteration == 1 ? SHORT_STARTED : SHORT_STARTED_AGAIN, payload);
    if (event->iteration != 1)
        wire_put_varint(payload, event->iteration);
    return true;
}

static bool put_returned(struct record_codec *codec, const struct flow_event *event, struct wire_out *payload)
{
    if ((flow_task)(event->task + 1) != codec->current || event->code != FLOW_STEP_COMPLETED ||
        !flow_value_is_scalar(event->value))
        return false;
    bool has_value = event->value.type != FLOW_TYPE_NULL;
    put_op(codec, event, has_value ? SHORT_RETURNED_VALUE : SHORT_RETURNED, payload);
    if (has_value)
        record_put_value(codec, payload, event->value);
    return true;
}

static bool put_read(struct record_codec *codec, const struct flow_event *event, struct wire_out *payload)
{
    if (event->text_length)
        return false;
    bool is_predicted = event->key + 1 == codec->memory[record_read_slot(codec)];
    put_op(codec, event, is_predicted ? SHORT_READ : SHORT_READ_KEY, payload);
    if (!is_predicted)
        wire_put_varint(payload, event->key);
    return true;
}

static bool put_dequeued(struct record_codec *codec, const struct flow_event *event, struct wire_out *payload)
{
    const struct record_entry *front = record_front(codec);
    if (!front || front->entry != event->entry || front->task != event->task)
        return false;
    put_op(codec, event, SHORT_DEQUEUED, payload);
    return true;
}

bool record_put_short(struct record_codec *codec, const struct flow_event *event, struct wire_out *payload)
{
    if (!is_ordinary(codec, event))
        return false;
    switch (event->kind) {
    case FLOW_EV_DEQUEUED: return put_dequeued(codec, event, payload);
    case FLOW_EV_STEP_STARTED: return put_started(codec, event, payload);
    case FLOW_EV_CHANNEL_SET: return put_set(codec, event, payload);
    case FLOW_EV_CHANNEL_READ: return put_read(codec, event, payload);
    case FLOW_EV_REQUEST: return put_request(codec, event, payload);
    case FLOW_EV_ENQUEUED: return put_enqueued(codec, event, payload);
    case FLOW_EV_RETURNED: return put_returned(codec, event, payload);
    case FLOW_EV_STEP_ENDED:
        if ((flow_task)(event->task + 1) != codec->current || event->code != FLOW_STEP_COMPLETED)
            return false;
        put_op(codec, event, SHORT_ENDED, payload);
        return true;
    case FLOW_EV_SKIPPED:
        if ((flow_task)(event->other + 1) != codec->current ||
            event->code != codec->kinds[FLOW_EV_SKIPPED].code)
            return false;
        put_op(codec, event, SHORT_SKIPPED, payload);
        put_task(codec, event->task, payload);
        return true;
    default: return false;
    }
}

static unsigned kind_of(unsigned op)
{
    static const uint8_t kinds[SHORT_ENQUEUED] = {
        [SHORT_DEQUEUED] = FLOW_EV_DEQUEUED,
        [SHORT_STARTED] = FLOW_EV_STEP_STARTED,
        [SHORT_STARTED_AGAIN] = FLOW_EV_STEP_STARTED,
        [SHORT_SET_NEXT] = FLOW_EV_CHANNEL_SET,
        [SHORT_SET_DELTA] = FLOW_EV_CHANNEL_SET,
        [SHORT_SET_VALUE] = FLOW_EV_CHANNEL_SET,
        [SHORT_SET_KEY_DELTA] = FLOW_EV_CHANNEL_SET,
        [SHORT_SET_KEY_VALUE] = FLOW_EV_CHANNEL_SET,
        [SHORT_RETURNED] = FLOW_EV_RETURNED,
        [SHORT_RETURNED_VALUE] = FLOW_EV_RETURNED,
        [SHORT_ENDED] = FLOW_EV_STEP_ENDED,
        [SHORT_READ] = FLOW_EV_CHANNEL_READ,
        [SHORT_READ_KEY] = FLOW_EV_CHANNEL_READ,
    };
    if (op < SHORT_ENQUEUED)
        return kinds[op];
    if (op < SHORT_REQUEST)
        return FLOW_EV_ENQUEUED;
    if (op < SHORT_SKIPPED)
        return FLOW_EV_REQUEST;
    return op == SHORT_SKIPPED ? FLOW_EV_SKIPPED : FLOW_EV_CHANNEL_SET;
}

size_t record_short_size(const struct record_codec *codec, unsigned op)
{
    return op == SHORT_SET_RESULT ? codec->returned_size : 0; /* all others are scalars */
}

static flow_task get_task(const struct record_codec *codec, struct wire_in *in)
{
    int64_t task = 0;
    if (__builtin_add_overflow(wire_get_signed(in), (int64_t)codec->current, &task) || task < 0 ||
        task > UINT32_MAX)
        in->failed = true;
    return (flow_task)((uint64_t)task - 1);
}

static uint32_t get_index(struct wire_in *in)
{
    uint64_t index = wire_get_varint(in);
    if (index > UINT32_MAX)
        in->failed = true;
    return (uint32_t)index;
}

/* A value that is not scalar cannot follow in a short record. */
static struct flow_value get_scalar(struct record_codec *codec, struct wire_in *in)
{
    struct flow_value value = flow_null();
    if (in->at < in->end && !record_is_scalar_tag(*in->at))
        in->failed = true;
    else if (record_get_value(codec, NULL, in, &value) < 0)
        in->failed = true;
    return value;
}

static void get_set(struct record_codec *codec, unsigned op, struct wire_in *in, struct flow_event *event)
{
    bool has_key = op == SHORT_SET_KEY_DELTA || op == SHORT_SET_KEY_VALUE;
    event->key = has_key ? get_index(in) : record_guess_key(codec) - 1;
    event->code = 1;
    event->old = record_guess_old(codec, event->key);
    if (op == SHORT_SET_RESULT) {
        event->value = codec->returned;
        return;
    }
    if (op == SHORT_SET_VALUE || op == SHORT_SET_KEY_VALUE) {
        event->value = get_scalar(codec, in);
        return;
    }
    uint64_t delta = op == SHORT_SET_NEXT ? 1 : (uint64_t)wire_get_signed(in);
    if (event->old.type != FLOW_TYPE_INT)
        in->failed = true;
    else
        event->value = flow_int((int64_t)((uint64_t)event->old.as.integer + delta));
}

static void get_enqueued(
    struct record_codec *codec, unsigned op, struct wire_in *in, struct flow_event *event)
{
    bool has_value = op == SHORT_ENQUEUED_VALUE;
    event->reason = has_value ? FLOW_REASON_ITERATION : (uint8_t)((op - SHORT_ENQUEUED) / 2);
    event->other = codec->current - 1;
    event->entry = codec->kinds[FLOW_EV_ENQUEUED].entry + 1;
    event->cause = event->step;
    event->position = record_guess_position(codec, event->reason);
    event->iteration = record_guess_iteration(codec, event->reason);
    if (!has_value && (op - SHORT_ENQUEUED) % 2)
        event->task = get_task(codec, in);
    else
        event->task = record_guess_target(codec, event->reason == FLOW_REASON_ITERATION) - 1;
    if (has_value)
        event->value = get_scalar(codec, in);
}

static void get_request(struct record_codec *codec, unsigned op, struct wire_in *in, struct flow_event *event)
{
    bool has_value = op == SHORT_REQUEST_VALUE;
    event->code = has_value ? FLOW_REQUEST_NEXT_ITERATION : (int32_t)(op - SHORT_REQUEST) / 2;
    if (!has_value && (op - SHORT_REQUEST) % 2)
        event->task = get_task(codec, in);
    else
        event->task = record_guess_target(codec, event->code == FLOW_REQUEST_NEXT_ITERATION) - 1;
    if (has_value)
        event->value = get_scalar(codec, in);
}

static void get_dequeued(struct record_codec *codec, struct wire_in *in, struct flow_event *event)
{
    const struct record_entry *front = record_front(codec);
    if (!front) {
        in->failed = true;
        return;
    }
    event->task = front->task;
    event->entry = front->entry;
}

static void get_operands(
    struct record_codec *codec, unsigned op, struct wire_in *in, struct flow_event *event)
{
    switch (event->kind) {
    case FLOW_EV_DEQUEUED: get_dequeued(codec, in, event); break;
    case FLOW_EV_STEP_STARTED:
        event->task = codec->current - 1;
        event->entry = codec->entry;
        event->count = 1;
        event->iteration = op == SHORT_STARTED ? 1 : get_index(in);
        break;
    case FLOW_EV_CHANNEL_SET: get_set(codec, op, in, event); break;
    case FLOW_EV_CHANNEL_READ:
        event->key = op == SHORT_READ ? codec->memory[record_read_slot(codec)] - 1 : get_index(in);
        break;
    case FLOW_EV_REQUEST: get_request(codec, op, in, event); break;
    case FLOW_EV_ENQUEUED: get_enqueued(codec, op, in, event); break;
    case FLOW_EV_RETURNED:
        event->task = codec->current - 1;
        if (op == SHORT_RETURNED_VALUE)
            event->value = get_scalar(codec, in);
        break;
    case FLOW_EV_STEP_ENDED: event->task = codec->current - 1; break;
    case FLOW_EV_SKIPPED:
        event->other = codec->current - 1;
        event->code = codec->kinds[FLOW_EV_SKIPPED].code;
        event->task = get_task(codec, in);
        break;
    }
}

int record_get_short(struct record_codec *codec, struct wire_in *in, struct flow_event *event)
{
    unsigned op = wire_get_byte(in);
    if (op == RECORD_LONG || op >= SHORT_END)
        return FLOW_EFORMAT;
    event->kind = (uint16_t)kind_of(op);
    const struct record_kind *last = &codec->kinds[event->kind];
    event->origin = usual_origin(codec, event->kind);
    event->number = codec->event + !flow_event_is_note(event->kind);
    event->step = codec->step + last->step_delta;
    event->has_time = last->has_time;
    event->text = event->detail = "";
    if (event->has_time)
        event->time_ns = (int64_t)((uint64_t)codec->time_ns + (uint64_t)wire_get_signed(in));
    get_operands(codec, op, in, event);
    if (!in->failed)
        return FLOW_OK;
    return in->at == in->end ? FLOW_AGAIN : FLOW_EFORMAT;
}
