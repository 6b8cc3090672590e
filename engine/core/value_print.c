/* The printed form of values. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "core/value.h"

/* Counts everything, keeps what fits: snprintf's contract. */
struct sink {
    char *buffer;
    size_t size;
    size_t length;
};

static void put(struct sink *s, const char *bytes, size_t count)
{
    if (s->length + 1 < s->size) {
        size_t room = s->size - s->length - 1;
        memcpy(s->buffer + s->length, bytes, count < room ? count : room);
    }
    s->length += count;
}

static void put_text(struct sink *s, const char *text)
{
    put(s, text, strlen(text));
}

/* The shortest of 15 to 17 digits that reads back the same, with a point whatever the locale says. */
static void put_double(struct sink *s, double number)
{
    char text[40];
    if (isnan(number) || isinf(number)) {
        put_text(s, isnan(number) ? "nan" : number < 0 ? "-inf" : "inf");
        return;
    }
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, number);
        if (strtod(text, NULL) == number)
            break;
    }
    size_t point = strspn(text, "-0123456789");
    if (text[point] == '\0') {
        put_text(s, text);
        put_text(s, ".0");
        return;
    }
    if (text[point] != 'e' && text[point] != '.') { /* a decimal separator of the locale */
        size_t rest = point + strcspn(text + point, "0123456789");
        text[point] = '.';
        memmove(text + point + 1, text + rest, strlen(text + rest) + 1);
    }
    put_text(s, text);
}

static bool put_named_escape(struct sink *s, char c)
{
    static const char named[] = "\"\\\n\r\t", words[] = "\"\\nrt";
    const char *at = c ? strchr(named, c) : NULL;
    if (!at)
        return false;
    put(s, (char[]){'\\', words[at - named]}, 2);
    return true;
}

static void put_hex(struct sink *s, unsigned char byte)
{
    char text[8];
    snprintf(text, sizeof text, "\\x%02x", byte);
    put_text(s, text);
}

/* Text in quotes: valid UTF-8, controls (C0, DEL, C1) escaped. */
static void put_quoted(struct sink *s, const char *text, size_t length)
{
    put(s, "\"", 1);
    for (size_t i = 0, size; i < length; i += size) {
        unsigned code_point = 0;
        size = utf8_decode(text + i, length - i, &code_point);
        if (size == 1 && put_named_escape(s, text[i]))
            continue;
        if (size == 0 || code_point < 0x20 || code_point == 0x7f) {
            size = 1;
            put_hex(s, (unsigned char)text[i]);
        } else if (code_point >= 0x80 && code_point < 0xa0) {
            char escaped[8];
            snprintf(escaped, sizeof escaped, "\\u%04x", code_point);
            put_text(s, escaped);
        } else {
            put(s, text + i, size);
        }
    }
    put(s, "\"", 1);
}

static void put_bytes(struct sink *s, const char *bytes, size_t length)
{
    put(s, "b\"", 2);
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)bytes[i];
        if (put_named_escape(s, bytes[i]))
            continue;
        if (c < 0x20 || c >= 0x7f)
            put_hex(s, c);
        else
            put(s, bytes + i, 1);
    }
    put(s, "\"", 1);
}

/* Text outside quotes (opaques): controls escaped, nothing else. */
static void put_bare(struct sink *s, const char *text, size_t length)
{
    for (size_t i = 0, size; i < length; i += size) {
        unsigned code_point = 0;
        size = utf8_decode(text + i, length - i, &code_point);
        if (size == 0 || code_point < 0x20 || code_point == 0x7f ||
            (code_point >= 0x80 && code_point < 0xa0)) {
            size = size ? size : 1;
            for (size_t k = 0; k < size; k++)
                put_hex(s, (unsigned char)text[i + k]);
        } else {
            put(s, text + i, size);
        }
    }
}

static bool is_word(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        char c = text[i];
        bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
        if (!is_letter && (i == 0 || c < '0' || c > '9'))
            return false;
    }
    return length > 0;
}

static void put_value(struct sink *s, struct flow_value v);

static void put_members(struct sink *s, struct flow_value map)
{
    for (size_t i = 0; i < flow_value_count(map); i++) {
        struct flow_member member = flow_map_at(map, i);
        size_t length;
        const char *key = flow_value_text(member.key, &length);
        if (i)
            put(s, ", ", 2);
        if (is_word(key, length))
            put(s, key, length);
        else
            put_quoted(s, key, length);
        put(s, ": ", 2);
        put_value(s, member.value);
    }
}

static void put_value(struct sink *s, struct flow_value v)
{
    char text[32];
    size_t length;
    const char *bytes = flow_value_text(v, &length);
    switch ((enum flow_type)v.type) {
    case FLOW_TYPE_NULL: put_text(s, "null"); break;
    case FLOW_TYPE_BOOL: put_text(s, v.as.boolean ? "true" : "false"); break;
    case FLOW_TYPE_INT:
        snprintf(text, sizeof text, "%lld", (long long)v.as.integer);
        put_text(s, text);
        break;
    case FLOW_TYPE_DOUBLE: put_double(s, v.as.number); break;
    case FLOW_TYPE_STRING: put_quoted(s, bytes, length); break;
    case FLOW_TYPE_BYTES: put_bytes(s, bytes, length); break;
    case FLOW_TYPE_LIST:
        put(s, "[", 1);
        for (size_t i = 0; i < flow_value_count(v); i++) {
            if (i)
                put(s, ", ", 2);
            put_value(s, flow_list_at(v, i));
        }
        put(s, "]", 1);
        break;
    case FLOW_TYPE_MAP:
        put(s, "{", 1);
        put_members(s, v);
        put(s, "}", 1);
        break;
    case FLOW_TYPE_OPAQUE:
        put(s, "<", 1);
        put_bare(s, flow_opaque_type(v), strlen(flow_opaque_type(v)));
        put(s, ": ", 2);
        put_bare(s, bytes, length);
        put(s, ">", 1);
        break;
    case FLOW_TYPE_COUNT: break;
    }
}

size_t flow_value_print(struct flow_value v, char *buffer, size_t size)
{
    struct sink s = {buffer, size, 0};
    put_value(&s, v);
    if (size)
        buffer[s.length < size ? s.length : size - 1] = '\0';
    return s.length;
}
