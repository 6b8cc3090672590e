/* Values out of JSON: lists and maps, and the objects that stand for what JSON cannot say. */
#include <stdlib.h>
#include <string.h>

#include "trace/text_scan_private.h"

/* {"$m":[[k,v]]} nests three deep for one level of a map. */
#define JSON_DEPTH_MAX (3 * FLOW_VALUE_DEPTH_MAX + 8)

static int scan_deep(struct text_scan *scan, struct flow_value *out, unsigned depth);

void scan_drop(struct text_scan *scan, size_t items, size_t members)
{
    while (scan->items.count > items)
        flow_value_unref(vec_pop(&scan->items));
    while (scan->members.count > members) {
        struct flow_member member = vec_pop(&scan->members);
        flow_value_unref(member.key);
        flow_value_unref(member.value);
    }
}

/* A constructor's status as ours. */
static int check_made(struct text_scan *scan, const char *at, int status, const char *what)
{
    if (status == FLOW_ENOMEM)
        return scan_no_memory(scan);
    return status < 0 ? scan_refuse(scan, at, "%s", what) : FLOW_OK;
}

static int make_string(struct text_scan *scan, struct flow_value *out)
{
    struct text_span span;
    const char *at = scan->at;
    int status = scan_string(scan, &span);
    if (status < 0)
        return status;
    return check_made(scan, at, flow_string_create(out, span.text, span.length), "not valid UTF-8");
}

static int take_items(struct text_scan *scan, unsigned depth)
{
    if (scan_take(scan, ']'))
        return FLOW_OK;
    for (;;) {
        struct flow_value item;
        int status = scan_deep(scan, &item, depth + 1);
        if (status < 0)
            return status;
        if (vec_push(&scan->items, item) < 0) {
            flow_value_unref(item);
            return scan_no_memory(scan);
        }
        if (!scan_take(scan, ','))
            return scan_expect(scan, ']');
    }
}

static int make_list(struct text_scan *scan, struct flow_value *out, unsigned depth)
{
    size_t first = scan->items.count;
    const char *at = scan->at++;
    int status = take_items(scan, depth);
    if (status < 0) {
        scan_drop(scan, first, scan->members.count);
        return status;
    }
    size_t count = scan->items.count - first;
    scan->items.count = first; /* the references go over */
    status = flow_list_create(out, count ? scan->items.at + first : NULL, count);
    return check_made(scan, at, status, "a list that is nested too deep");
}

static int push_member(struct text_scan *scan, struct flow_value key, unsigned depth)
{
    struct flow_member member = {.key = key};
    int status = scan_deep(scan, &member.value, depth + 1);
    if (status < 0) {
        flow_value_unref(key);
        return status;
    }
    if (vec_push(&scan->members, member) == FLOW_OK)
        return FLOW_OK;
    flow_value_unref(key);
    flow_value_unref(member.value);
    return scan_no_memory(scan);
}

static int make_map(struct text_scan *scan, struct flow_value *out, const char *at, size_t first)
{
    size_t count = scan->members.count - first;
    scan->members.count = first;
    int status = flow_map_create(out, count ? scan->members.at + first : NULL, count);
    return check_made(scan, at, status, "an object that has a key twice, or is nested too deep");
}

static int base64_digit(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* Decodes where it lies. */
static int take_base64(struct text_scan *scan, struct text_span *out)
{
    const char *at = scan->at;
    int status = scan_string(scan, out);
    if (status < 0)
        return status;
    char *to = scan->start + (out->text - scan->start);
    size_t length = out->length, used = 0;
    while (length > 0 && out->text[length - 1] == '=' && out->length - length < 2)
        length--;
    uint32_t group = 0;
    for (size_t i = 0; i < length; i++) {
        int digit = base64_digit(out->text[i]);
        if (digit < 0)
            break;
        group = group << 6 | (uint32_t)digit;
        if (i % 4 != 0)
            to[used++] = (char)(group >> (6 - 2 * (i % 4)) & 255);
        if (i + 1 == length && i % 4 != 0 && out->length % 4 == 0) {
            out->length = used;
            return FLOW_OK;
        }
    }
    if (out->length == 0)
        return FLOW_OK;
    return scan_refuse(scan, at, "this is not base64");
}

static int take_bytes(struct text_scan *scan, struct flow_value *out, unsigned depth)
{
    struct text_span span;
    int status = take_base64(scan, &span);
    if (status == FLOW_OK && flow_bytes_create(out, span.text, span.length) < 0)
        status = scan_no_memory(scan);
    return status;
}

static bool is_word(struct text_span span, const char *word)
{
    return span.length == strlen(word) && memcmp(span.text, word, span.length) == 0;
}

static int take_float(struct text_scan *scan, struct flow_value *out, unsigned depth)
{
    struct text_span span;
    const char *at = scan->at;
    int status = scan_string(scan, &span);
    if (status < 0)
        return status;
    if (is_word(span, "nan"))
        *out = flow_double(NAN);
    else if (is_word(span, "inf") || is_word(span, "-inf"))
        *out = flow_double(*span.text == '-' ? -HUGE_VAL : HUGE_VAL);
    else
        return scan_refuse(scan, at, "$f is \"nan\", \"inf\" or \"-inf\"");
    return FLOW_OK;
}

static int take_integer(struct text_scan *scan, struct flow_value *out, unsigned depth)
{
    bool is_negative;
    uint64_t number;
    int status = scan_expect(scan, '"');
    const char *at = scan->at;
    if (status == FLOW_OK)
        status = scan_whole(scan, &number, &is_negative);
    if (status == FLOW_OK && !is_negative && number > INT64_MAX)
        return scan_refuse(scan, at, "an integer of more than 64 bits");
    if (status == FLOW_OK)
        status = scan_expect(scan, '"');
    if (status == FLOW_OK)
        *out = flow_int((int64_t)number);
    return status;
}

static int copy_printed(struct text_scan *scan, char **out)
{
    struct text_span span;
    scan_peek(scan);
    const char *at = scan->at;
    int status = scan_string(scan, &span);
    if (status < 0)
        return status;
    if (memchr(span.text, '\0', span.length))
        return scan_refuse(scan, at, "there may be no \\u0000 in $o");
    *out = mem_strndup(span.text, span.length);
    return *out ? FLOW_OK : scan_no_memory(scan);
}

static int take_opaque(struct text_scan *scan, struct flow_value *out, unsigned depth)
{
    char *type = NULL, *printed = NULL;
    int status = scan_expect(scan, '[');
    if (status == FLOW_OK)
        status = copy_printed(scan, &type);
    if (status == FLOW_OK)
        status = scan_expect(scan, ',');
    if (status == FLOW_OK)
        status = copy_printed(scan, &printed);
    if (status == FLOW_OK)
        status = scan_expect(scan, ']');
    if (status == FLOW_OK && flow_opaque_create(out, type, printed) < 0)
        status = scan_no_memory(scan);
    mem_free(type);
    mem_free(printed);
    return status;
}

static int take_pair(struct text_scan *scan, unsigned depth)
{
    struct flow_value key;
    int status = scan_expect(scan, '[');
    if (status == FLOW_OK)
        status = make_string(scan, &key);
    if (status < 0)
        return status;
    status = scan_expect(scan, ',');
    if (status < 0) {
        flow_value_unref(key);
        return status;
    }
    status = push_member(scan, key, depth);
    return status < 0 ? status : scan_expect(scan, ']');
}

static int take_pairs(struct text_scan *scan, struct flow_value *out, unsigned depth)
{
    size_t first = scan->members.count;
    const char *at = scan->at;
    int status = scan_expect(scan, '[');
    bool is_empty = status == FLOW_OK && scan_take(scan, ']');
    while (status == FLOW_OK && !is_empty) {
        status = take_pair(scan, depth);
        if (status == FLOW_OK && !scan_take(scan, ',')) {
            status = scan_expect(scan, ']');
            break;
        }
    }
    if (status == FLOW_OK)
        return make_map(scan, out, at, first);
    scan_drop(scan, scan->items.count, first);
    return status;
}

typedef int (*take_fn)(struct text_scan *scan, struct flow_value *out, unsigned depth);

static take_fn special(struct text_span name)
{
    static const struct {
        const char *name;
        take_fn take;
    } specials[] = {{"$f", take_float}, {"$b", take_bytes}, {"$o", take_opaque}, {"$i", take_integer},
        {"$m", take_pairs}};
    for (size_t i = 0; i < sizeof specials / sizeof *specials; i++)
        if (is_word(name, specials[i].name))
            return specials[i].take;
    return NULL;
}

/* Our own object: `take` reads its only member, whose name has been read. */
static int make_special(struct text_scan *scan, struct flow_value *out, take_fn take, unsigned depth)
{
    int status = scan_expect(scan, ':');
    if (status < 0)
        return status;
    struct flow_value value;
    scan_peek(scan);
    status = take(scan, &value, depth + 2);
    if (status < 0)
        return status;
    status = scan_expect(scan, '}');
    if (status < 0)
        flow_value_unref(value);
    else
        *out = value;
    return status;
}

static int take_member(struct text_scan *scan, struct text_span name, const char *at, unsigned depth)
{
    struct flow_value key;
    int status = check_made(scan, at, flow_string_create(&key, name.text, name.length), "not valid UTF-8");
    if (status < 0)
        return status;
    status = scan_expect(scan, ':');
    if (status < 0) {
        flow_value_unref(key);
        return status;
    }
    return push_member(scan, key, depth);
}

static int make_object(struct text_scan *scan, struct flow_value *out, unsigned depth)
{
    size_t first = scan->members.count;
    const char *at = scan->at++;
    int status = FLOW_OK;
    bool is_done = scan_take(scan, '}');
    while (!is_done && status == FLOW_OK) {
        struct text_span name;
        status = scan_string(scan, &name);
        if (status < 0)
            break;
        take_fn take = scan->members.count == first ? special(name) : NULL;
        if (take)
            return make_special(scan, out, take, depth);
        status = take_member(scan, name, at, depth);
        if (status == FLOW_OK && !scan_take(scan, ',')) {
            status = scan_expect(scan, '}');
            is_done = true;
        }
    }
    if (status == FLOW_OK)
        return make_map(scan, out, at, first);
    scan_drop(scan, scan->items.count, first);
    return status;
}

static int make_word(
    struct text_scan *scan, struct flow_value *out, const char *word, struct flow_value value)
{
    int status = scan_literal(scan, word);
    if (status == FLOW_OK)
        *out = value;
    return status;
}

static int scan_deep(struct text_scan *scan, struct flow_value *out, unsigned depth)
{
    char c = scan_peek(scan);
    if (scan->at == scan->end)
        return scan_refuse_end(scan);
    if (depth > JSON_DEPTH_MAX)
        return scan_refuse(scan, scan->at, "a value that is nested too deep");
    switch (c) {
    case '"': return make_string(scan, out);
    case '[': return make_list(scan, out, depth);
    case '{': return make_object(scan, out, depth);
    case 't': return make_word(scan, out, "true", flow_bool(true));
    case 'f': return make_word(scan, out, "false", flow_bool(false));
    case 'n': return make_word(scan, out, "null", flow_null());
    case 'N': return make_word(scan, out, "NaN", flow_double(NAN));
    case 'I': return make_word(scan, out, "Infinity", flow_double(HUGE_VAL));
    default: return scan_number(scan, out);
    }
}

int scan_value(struct text_scan *scan, struct flow_value *out)
{
    return scan_deep(scan, out, 0);
}

int scan_bytes(struct text_scan *scan, struct text_span *out)
{
    struct text_span name;
    if (scan_peek(scan) != '{')
        return scan_string(scan, out);
    scan->at++;
    const char *at = scan->at;
    int status = scan_string(scan, &name);
    if (status == FLOW_OK && !is_word(name, "$b"))
        status = scan_refuse(scan, at, "expected a string or {\"$b\":\"base64\"}");
    if (status == FLOW_OK)
        status = scan_expect(scan, ':');
    if (status == FLOW_OK)
        status = (scan_peek(scan), take_base64(scan, out));
    return status < 0 ? status : scan_expect(scan, '}');
}
