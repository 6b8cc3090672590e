#include "tests/unit/test.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "tests/unit/trace/samples.h"

static const unsigned kinds[] = {
#define X(number, name, word, fields, meaning) number,
    FLOW_EVENTS(X)
#undef X
};
enum { KIND_COUNT = sizeof kinds / sizeof *kinds };

unsigned sample_kind_at(unsigned i)
{
    return i < KIND_COUNT ? kinds[i] : 0;
}

unsigned sample_kind(struct random_source *random)
{
    unsigned kind;
    do
        kind = kinds[random_below(random, KIND_COUNT)];
    while (kind == FLOW_EV_RUN_ENDED || kind == FLOW_EV_BRANCH);
    return kind;
}

/* Small, large, or the largest. */
static uint64_t draw_number(struct random_source *random)
{
    switch (random_below(random, 6)) {
    case 0: return 0;
    case 1: return UINT64_MAX;
    case 2: return random_next(random);
    default: return random_below(random, 200);
    }
}

static uint32_t draw_index(struct random_source *random)
{
    return random_below(random, 8) == 0 ? UINT32_MAX : (uint32_t)draw_number(random);
}

static size_t draw_text(struct random_source *random, char *text, size_t size)
{
    static const char *const common[] = {"", "a", "clock", "total", "\xc3\xa9t\xc3\xa9"};
    if (random_below(random, 2))
        return (size_t)snprintf(text, size, "%s", common[random_below(random, 5)]);
    size_t length = random_below(random, (uint32_t)size);
    for (size_t i = 0; i < length; i++)
        text[i] = (char)random_below(random, 128);
    return length;
}

void sample_draw(
    struct sample *sample, unsigned kind, struct random_source *random, uint64_t *number, uint64_t *step)
{
    if (!flow_event_is_note(kind))
        ++*number;
    if (random_below(random, 10) == 0)
        ++*step;
    memset(sample, 0, sizeof *sample);
    sample->value = random_value(random, 3);
    sample->old = random_value(random, 1);
    sample->event = (struct flow_event){
        .kind = (uint16_t)kind,
        .origin = (uint8_t)random_below(random, 4),
        .reason = (uint8_t)random_below(random, 7),
        .code = (int32_t)draw_number(random),
        .number = *number,
        .step = random_below(random, 50) ? *step : draw_number(random),
        .has_time = random_below(random, 2),
        .time_ns = (int64_t)draw_number(random),
        .task = draw_index(random),
        .other = draw_index(random),
        .entry = draw_number(random),
        .iteration = draw_index(random),
        .key = random_below(random, 4) ? random_below(random, 5) : draw_index(random),
        .cause = draw_number(random),
        .position = draw_number(random),
        .count = draw_number(random),
        .value = sample->value,
        .old = sample->old,
        .text = sample->text,
        .detail = sample->detail,
    };
    sample->event.text_length = draw_text(random, sample->text, sizeof sample->text);
    sample->event.detail_length = draw_text(random, sample->detail, sizeof sample->detail);
    if (kind == FLOW_EV_CHANNEL_SET && sample->event.code == 0)
        sample->event.old = flow_null();
}

void sample_finish(struct sample *sample)
{
    flow_value_unref(sample->value);
    flow_value_unref(sample->old);
}

static void assert_text_equal(const char *actual, size_t actual_length, const char *expected, size_t length)
{
    assert_int_equal(actual_length, length);
    if (length)
        assert_memory_equal(actual, expected, length);
}

void assert_event_equal(const struct flow_event *actual, const struct flow_event *expected)
{
    const struct flow_event_info *info = flow_event_info(expected->kind);
    assert_int_equal(actual->kind, expected->kind);
    assert_int_equal(actual->origin, expected->origin);
    assert_int_equal(actual->number, expected->number);
    assert_int_equal(actual->step, expected->step);
    assert_int_equal(actual->has_time, expected->has_time);
    if (expected->has_time)
        assert_int_equal(actual->time_ns, expected->time_ns);
#define SAME(bit, member)                                                                                    \
    if (info->fields & (bit))                                                                                \
    assert_int_equal(actual->member, expected->member)
    SAME(FLOW_F_TASK, task);
    SAME(FLOW_F_OTHER, other);
    SAME(FLOW_F_ENTRY, entry);
    SAME(FLOW_F_ITERATION, iteration);
    SAME(FLOW_F_REASON, reason);
    SAME(FLOW_F_CAUSE, cause);
    SAME(FLOW_F_POSITION, position);
    SAME(FLOW_F_COUNT, count);
    SAME(FLOW_F_CODE, code);
    SAME(FLOW_F_KEY, key);
#undef SAME
    if (info->fields & FLOW_F_VALUE)
        assert_true(flow_value_equal(actual->value, expected->value));
    if (info->fields & FLOW_F_OLD)
        assert_true(flow_value_equal(actual->old, expected->old));
    if (info->fields & FLOW_F_TEXT)
        assert_text_equal(actual->text, actual->text_length, expected->text, expected->text_length);
    if (info->fields & FLOW_F_DETAIL)
        assert_text_equal(actual->detail, actual->detail_length, expected->detail, expected->detail_length);
}

void sample_count(struct sample *sample, uint64_t number)
{
    memset(sample, 0, sizeof *sample);
    snprintf(sample->text, sizeof sample->text, "k%u", (unsigned)((number - 1) % 8));
    sample->event = (struct flow_event){
        .kind = FLOW_EV_CHANNEL_SET,
        .origin = FLOW_ORIGIN_TASK,
        .number = number,
        .step = number / 10,
        .key = (flow_key)((number - 1) % 8),
        .code = number > 8,
        .value = flow_int((int64_t)number),
        .old = number > 8 ? flow_int((int64_t)number - 8) : flow_null(),
        .text = sample->text,
        .text_length = number > 8 ? 0 : 2,
    };
}

void sample_end(struct sample *sample, uint64_t number)
{
    memset(sample, 0, sizeof *sample);
    sample->event = (struct flow_event){
        .kind = FLOW_EV_RUN_ENDED,
        .number = number,
        .step = number / 10,
        .code = FLOW_OUTCOME_COMPLETED,
        .task = FLOW_TASK_NONE,
        .text = sample->text,
    };
}

int sample_file(void)
{
    int fd = memfd_create("trace", MFD_CLOEXEC);
    assert_true(fd >= 0);
    return fd;
}
