/* Random numbers and values of every type, the awkward ones often: NaN, -0.0, empty texts, control
 * characters, wide characters, deep lists. */
#include <math.h>

#include "tests/support/random_workflow.h"

uint64_t random_next(struct random_source *random)
{
    uint64_t z = random->state += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

uint32_t random_below(struct random_source *random, uint32_t limit)
{
    return (uint32_t)((random_next(random) >> 32) * limit >> 32);
}

/* Out of memory gives null: tests let allocations fail on purpose. */
static struct flow_value value_or_null(int status, struct flow_value value)
{
    return status == FLOW_OK ? value : flow_null();
}

static struct flow_value random_number(struct random_source *random)
{
    static const double awkward[] = {0.0, -0.0, 1.0, 0.1, -1e-308, 1e308, 123456789.0};
    switch (random_below(random, 6)) {
    case 0: return flow_double(NAN);
    case 1: return flow_double(random_below(random, 2) ? INFINITY : -INFINITY);
    case 2: return flow_double((double)random_below(random, 1000) / 8.0);
    default: return flow_double(awkward[random_below(random, sizeof awkward / sizeof *awkward)]);
    }
}

static struct flow_value random_integer(struct random_source *random)
{
    switch (random_below(random, 4)) {
    case 0: return flow_int((int64_t)random_next(random));
    case 1: return flow_int(random_below(random, 2) ? INT64_MIN : INT64_MAX);
    default: return flow_int((int64_t)random_below(random, 100) - 20);
    }
}

static struct flow_value random_text(struct random_source *random)
{
    static const char *const texts[] = {"", "a", "two words", "caf\xc3\xa9", "\xe6\xbc\xa2\xe5\xad\x97",
        "\x1b[31mred", "line\nbreak", "\xf0\x9f\x99\x82", "quote \" and \\",
        "a longer text that does not fit into a small buffer"};
    struct flow_value value = flow_null();
    int status = flow_string(&value, texts[random_below(random, sizeof texts / sizeof *texts)]);
    return value_or_null(status, value);
}

static struct flow_value random_bytes(struct random_source *random)
{
    unsigned char bytes[40];
    size_t length = random_below(random, sizeof bytes);
    for (size_t i = 0; i < length; i++)
        bytes[i] = (unsigned char)random_next(random);
    struct flow_value value = flow_null();
    int status = flow_bytes_create(&value, bytes, length);
    return value_or_null(status, value);
}

static struct flow_value random_list(struct random_source *random, unsigned depth)
{
    struct flow_value items[4];
    size_t count = random_below(random, 5);
    for (size_t i = 0; i < count; i++)
        items[i] = random_value(random, depth - 1);
    struct flow_value value = flow_null();
    int status = flow_list_create(&value, items, count);
    return value_or_null(status, value);
}

static struct flow_value random_map(struct random_source *random, unsigned depth)
{
    static const char *const names[] = {"k", "long key", "", "\xc3\xa9"};
    struct flow_member members[4];
    size_t count = random_below(random, 5);
    for (size_t i = 0; i < count; i++) {
        members[i].key = flow_null();
        int status = flow_string(&members[i].key, names[i]);
        members[i].key = value_or_null(status, members[i].key);
        members[i].value = random_value(random, depth - 1);
    }
    struct flow_value value = flow_null();
    int status = flow_map_create(&value, members, count);
    return value_or_null(status, value);
}

struct flow_value random_value(struct random_source *random, unsigned depth)
{
    struct flow_value value = flow_null();
    switch (random_below(random, depth > 0 ? 10 : 8)) {
    case 0: return value;
    case 1: return flow_bool(random_below(random, 2));
    case 2: return random_integer(random);
    case 3: return random_number(random);
    case 4: return random_text(random);
    case 5: return random_bytes(random);
    case 6: {
        int status = flow_opaque_create(&value, "Tensor", "shape=(3, 4)");
        return value_or_null(status, value);
    }
    case 7: return flow_int((int64_t)random_below(random, 10));
    case 8: return random_list(random, depth);
    default: return random_map(random, depth);
    }
}
