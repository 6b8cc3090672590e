/* engine/trace/record.c, record_value.c, wire.h, crc32c.c */
#include "tests/unit/test.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "tests/unit/trace/samples.h"
#include "trace/crc32c.h"
#include "trace/record.h"

static const struct format_block start = {.first_event = 1};

/* A codec of either kind is some 20 KB: too large for a stack of tests. */
struct pair {
    struct record_codec encoder;
    struct record_codec decoder;
    struct wire_out payload;
    size_t at;
};

static struct pair *pair_create(void)
{
    struct pair *pair = mem_zalloc(sizeof *pair);
    record_codec_begin(&pair->encoder, &start);
    record_codec_begin(&pair->decoder, &start);
    return pair;
}

static void pair_destroy(struct pair *pair)
{
    record_codec_finish(&pair->encoder);
    record_codec_finish(&pair->decoder);
    mem_free(pair->payload.bytes);
    mem_free(pair);
}

static void pass(struct pair *pair, const struct flow_event *event)
{
    struct flow_event decoded;
    struct flow_error err = FLOW_ERROR_INIT;
    assert_int_equal(record_encode(&pair->encoder, event, &pair->payload), FLOW_OK);
    int status =
        record_decode(&pair->decoder, pair->payload.bytes, pair->payload.length, &pair->at, &decoded, &err);
    if (status < 0)
        fail_msg("event %llu: %s", (unsigned long long)event->number, err.text);
    assert_int_equal(status, FLOW_OK);
    assert_int_equal(pair->at, pair->payload.length);
    assert_event_equal(&decoded, event);
}

static void every_kind_comes_back_with_extreme_members(void **state)
{
    struct random_source random = {7};
    struct pair *pair = pair_create();
    uint64_t number = 0, step = 0;
    for (int round = 0; round < 300; round++) {
        for (unsigned i = 0; sample_kind_at(i); i++) {
            struct sample sample;
            sample_draw(&sample, sample_kind_at(i), &random, &number, &step);
            pass(pair, &sample.event);
            sample_finish(&sample);
        }
    }
    pair_destroy(pair);
}

static void numbers_that_jump_come_back(void **state)
{
    static const uint64_t numbers[] = {1, UINT64_MAX, 5, UINT64_MAX / 2, 0};
    struct pair *pair = pair_create();
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        struct flow_event event = {.kind = FLOW_EV_USER_ACTION,
            .number = numbers[i],
            .step = ~numbers[i],
            .has_time = true,
            .time_ns = (int64_t)(numbers[i] * 3),
            .text = ""};
        pass(pair, &event);
    }
    pair_destroy(pair);
}

static void doubles_come_back_bit_by_bit(void **state)
{
    static const double numbers[] = {
        0.0, -0.0, 1.0, -1.0, 0.1, 1e9, 1e9 + 1, -1e300, 5e-324, INFINITY, -INFINITY, 2147483648.0, 0.5};
    struct pair *pair = pair_create();
    struct flow_event event = {.kind = FLOW_EV_INPUT, .text = ""}, decoded;
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        event.number = i + 1;
        event.value = flow_double(numbers[i]);
        assert_int_equal(record_encode(&pair->encoder, &event, &pair->payload), FLOW_OK);
        assert_int_equal(record_decode(&pair->decoder, pair->payload.bytes, pair->payload.length, &pair->at,
                             &decoded, NULL),
            FLOW_OK);
        assert_int_equal(decoded.value.type, FLOW_TYPE_DOUBLE);
        assert_memory_equal(&decoded.value.as.number, &numbers[i], sizeof numbers[i]);
    }
    pair_destroy(pair);
}

static void values_may_be_nested_to_the_limit(void **state)
{
    struct flow_value value;
    assert_int_equal(flow_list_create(&value, NULL, 0), FLOW_OK);
    for (int depth = 1; depth < FLOW_VALUE_DEPTH_MAX; depth++)
        assert_int_equal(flow_list_create(&value, &value, 1), FLOW_OK);
    struct pair *pair = pair_create();
    struct flow_event event = {.kind = FLOW_EV_INPUT, .number = 1, .text = "", .value = value};
    pass(pair, &event);
    flow_value_unref(value);
    pair_destroy(pair);
}

static void a_record_longer_than_127_bytes_keeps_the_texts_in_it(void **state)
{
    struct pair *pair = pair_create();
    char text[200];
    memset(text, 'x', sizeof text);
    struct flow_event event = {.kind = FLOW_EV_ERROR,
        .number = 1,
        .text = text,
        .text_length = sizeof text,
        .detail = "somewhere",
        .detail_length = 9};
    pass(pair, &event);
    event.number = 2;
    size_t before = pair->payload.length;
    event.text_length = 0;
    pass(pair, &event); /* the detail is a reference now */
    assert_true(pair->payload.length - before < 8);
    pair_destroy(pair);
}

static void usual_events_take_few_bytes(void **state)
{
    static const struct {
        const char *what;
        size_t most;
        struct flow_event event;
    } rows[] = {
        {"dequeued", 1, {.kind = FLOW_EV_DEQUEUED, .step = 0, .task = 3, .entry = 9}},
        {"step started", 4,
            {.kind = FLOW_EV_STEP_STARTED,
                .step = 1,
                .task = 3,
                .entry = 9,
                .iteration = 1,
                .count = 1,
                .has_time = true,
                .time_ns = 5000}},
        {"channel set", 1,
            {.kind = FLOW_EV_CHANNEL_SET,
                .origin = FLOW_ORIGIN_TASK,
                .step = 1,
                .key = 2,
                .code = 1,
                .value = {FLOW_TYPE_INT, 0, {.integer = 8}},
                .old = {FLOW_TYPE_INT, 0, {.integer = 7}}}},
        {"returned", 1, {.kind = FLOW_EV_RETURNED, .step = 1, .task = 3}},
        {"enqueued", 1,
            {.kind = FLOW_EV_ENQUEUED,
                .step = 1,
                .task = 3,
                .other = 3,
                .entry = 10,
                .iteration = 1,
                .reason = FLOW_REASON_SUCCESSOR,
                .cause = 1}},
        {"step ended", 3,
            {.kind = FLOW_EV_STEP_ENDED, .step = 1, .task = 3, .has_time = true, .time_ns = 9000}},
    };
    struct pair *pair = pair_create();
    uint64_t number = 0;
    for (int round = 0; round < 3; round++) { /* the first one teaches the predictions */
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
            struct flow_event event = rows[i].event;
            event.number = ++number;
            event.step += (uint64_t)round;
            event.entry += (uint64_t)round;
            event.cause += (uint64_t)round;
            event.time_ns += round * 10000;
            event.value.as.integer += round;
            event.old.as.integer += round;
            event.text = event.detail = "";
            size_t before = pair->payload.length;
            pass(pair, &event);
            if (round > 1 && pair->payload.length - before > rows[i].most)
                fail_msg("%s takes %zu bytes, more than %zu", rows[i].what, pair->payload.length - before,
                    rows[i].most);
        }
    }
    pair_destroy(pair);
}

static void a_cut_record_asks_for_more(void **state)
{
    struct random_source random = {3};
    struct pair *pair = pair_create();
    struct sample sample;
    uint64_t number = 0, step = 0;
    sample_draw(&sample, FLOW_EV_ENQUEUED, &random, &number, &step);
    assert_int_equal(record_encode(&pair->encoder, &sample.event, &pair->payload), FLOW_OK);
    for (size_t cut = 0; cut < pair->payload.length; cut++) {
        size_t at = 0;
        struct flow_event event;
        assert_int_equal(
            record_decode(&pair->decoder, pair->payload.bytes, cut, &at, &event, NULL), FLOW_AGAIN);
        assert_int_equal(at, 0);
    }
    sample_finish(&sample);
    pair_destroy(pair);
}

static void bytes_that_are_no_record_are_refused(void **state)
{
    static const struct {
        const char *what;
        uint8_t bytes[16];
        size_t length;
    } rows[] = {
        {"no body", {0, 0, 1}, 3},
        {"one byte", {0, 1, FLOW_EV_BRANCH}, 3},
        {"a head bit that does not exist", {0, 3, 0x80 | FLOW_EV_BRANCH, 0x10, 0}, 5},
        {"an origin that does not exist", {0, 4, 0x80 | FLOW_EV_BRANCH, 1, 9, 0}, 6},
        {"fields behind the end", {0, 2, FLOW_EV_BRANCH, 1}, 4},
        {"a task below none", {0, 3, FLOW_EV_EDGE_ADDED, 1, 1}, 5},
        {"a text that was never seen", {0, 3, FLOW_EV_USER_ACTION, 1, 1}, 5},
        {"a text longer than the record", {0, 4, FLOW_EV_USER_ACTION, 1, 40, 'x'}, 6},
        {"a tag that does not exist", {0, 3, FLOW_EV_INPUT, 1, 40}, 5},
        {"a list of more than there is", {0, 7, FLOW_EV_INPUT, 1, 8, 0xff, 0xff, 0xff, 0x7f}, 9},
        {"a string that is not UTF-8", {0, 5, FLOW_EV_INPUT, 1, 6, 2, 0xff}, 7},
        {"a length of eleven bytes", {0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff},
            12},
        {"a short form that does not exist", {42, 0}, 2},
        {"an entry from an unknown queue", {1, 0}, 2},
        {"a difference to no value", {7, 0, 2, 0}, 4},
        {"a short form with a list", {8, 0, 8, 0}, 4},
        {"a short form for a task below none", {15, 1, 0}, 3},
    };
    struct pair *pair = pair_create();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct flow_event event;
        struct flow_error err = FLOW_ERROR_INIT;
        size_t at = 0;
        record_codec_begin(&pair->decoder, &start);
        int status = record_decode(&pair->decoder, rows[i].bytes, rows[i].length, &at, &event, &err);
        if (status != FLOW_EFORMAT || !err.text[0])
            fail_msg("%s: %d", rows[i].what, status);
    }
    pair_destroy(pair);
}

static void a_kind_of_a_later_version_is_given_without_fields(void **state)
{
    static const uint8_t bytes[] = {0, 5, 50, 3, 7, 7, 7, 0, 2, FLOW_EV_BRANCH, 0};
    struct pair *pair = pair_create();
    struct flow_event event;
    size_t at = 0;
    assert_int_equal(record_decode(&pair->decoder, bytes, sizeof bytes, &at, &event, NULL), FLOW_OK);
    assert_int_equal(event.kind, 50);
    assert_int_equal(event.number, 1);
    assert_int_equal(record_decode(&pair->decoder, bytes, sizeof bytes, &at, &event, NULL), FLOW_OK);
    assert_int_equal(event.kind, FLOW_EV_BRANCH);
    assert_int_equal(event.number, 2);
    pair_destroy(pair);
}

static void random_bytes_never_crash_the_decoder(void **state)
{
    struct random_source random = {11};
    struct pair *pair = pair_create();
    uint8_t bytes[96];
    for (int round = 0; round < 20000; round++) {
        size_t at = 0;
        struct flow_event event;
        for (size_t i = 0; i < sizeof bytes; i++)
            bytes[i] = (uint8_t)(random_below(&random, 3) ? random_below(&random, 32) : random_next(&random));
        record_codec_begin(&pair->decoder, &start);
        while (record_decode(&pair->decoder, bytes, sizeof bytes, &at, &event, NULL) == FLOW_OK)
            assert_true(at <= sizeof bytes);
    }
    pair_destroy(pair);
}

/* RFC 3720, appendix B.4, and the usual check value. */
static void checksums_are_those_of_the_standard(void **state)
{
    uint8_t zeros[32] = {0}, ones[32], rising[32], falling[32];
    memset(ones, 0xff, sizeof ones);
    for (int i = 0; i < 32; i++) {
        rising[i] = (uint8_t)i;
        falling[i] = (uint8_t)(31 - i);
    }
    const struct {
        const void *bytes;
        size_t length;
        uint32_t expected;
    } rows[] = {
        {"", 0, 0},
        {"123456789", 9, 0xe3069283},
        {zeros, 32, 0x8a9136aa},
        {ones, 32, 0x62a8ab43},
        {rising, 32, 0x46dd794e},
        {falling, 32, 0x113fdb5c},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_int_equal(crc32c(0, rows[i].bytes, rows[i].length), rows[i].expected);
        assert_int_equal(crc32c_portable(0, rows[i].bytes, rows[i].length), rows[i].expected);
        for (size_t cut = 0; cut <= rows[i].length; cut++) {
            uint32_t first = crc32c(0, rows[i].bytes, cut);
            assert_int_equal(crc32c_portable(first, (const char *)rows[i].bytes + cut, rows[i].length - cut),
                rows[i].expected);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_comes_back_with_extreme_members),
        cmocka_unit_test(numbers_that_jump_come_back),
        cmocka_unit_test(doubles_come_back_bit_by_bit),
        cmocka_unit_test(values_may_be_nested_to_the_limit),
        cmocka_unit_test(a_record_longer_than_127_bytes_keeps_the_texts_in_it),
        cmocka_unit_test(usual_events_take_few_bytes),
        cmocka_unit_test(a_cut_record_asks_for_more),
        cmocka_unit_test(bytes_that_are_no_record_are_refused),
        cmocka_unit_test(a_kind_of_a_later_version_is_given_without_fields),
        cmocka_unit_test(random_bytes_never_crash_the_decoder),
        cmocka_unit_test(checksums_are_those_of_the_standard),
    };
    return RUN_TESTS(tests);
}
