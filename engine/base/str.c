#include "base/str.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"

void str_finish(struct str *s)
{
    mem_free(s->text);
    *s = (struct str){0};
}

void str_clear(struct str *s)
{
    s->length = 0;
    s->failed = false;
    if (s->text)
        s->text[0] = '\0';
}

const char *str_text(const struct str *s)
{
    return s->text ? s->text : "";
}

char *str_take(struct str *s)
{
    if (!s->text && !s->failed)
        str_add_bytes(s, "", 0);
    char *text = s->failed ? NULL : s->text;
    if (text)
        s->text = NULL;
    str_finish(s);
    return text;
}

static int reserve(struct str *s, size_t extra)
{
    if (s->failed)
        return FLOW_ENOMEM;
    if (s->text && extra < s->capacity - s->length)
        return FLOW_OK;
    size_t wanted = s->length + extra + 1;
    if (wanted < s->capacity * 2)
        wanted = s->capacity * 2;
    if (wanted < 32)
        wanted = 32;
    char *text = extra < SIZE_MAX / 4 ? mem_resize(s->text, wanted) : NULL;
    if (!text) {
        s->failed = true;
        return FLOW_ENOMEM;
    }
    s->text = text;
    s->capacity = wanted;
    return FLOW_OK;
}

int str_add_bytes(struct str *s, const void *bytes, size_t count)
{
    if (reserve(s, count) < 0)
        return FLOW_ENOMEM;
    if (count)
        memcpy(s->text + s->length, bytes, count);
    s->length += count;
    s->text[s->length] = '\0';
    return FLOW_OK;
}

int str_add(struct str *s, const char *text)
{
    return str_add_bytes(s, text, strlen(text));
}

int str_add_char(struct str *s, char c)
{
    return str_add_bytes(s, &c, 1);
}

int str_addv(struct str *s, const char *fmt, va_list args)
{
    va_list again;
    va_copy(again, args);
    int wanted = vsnprintf(NULL, 0, fmt, again);
    va_end(again);
    if (wanted < 0 || reserve(s, (size_t)wanted) < 0)
        return FLOW_ENOMEM;
    vsnprintf(s->text + s->length, (size_t)wanted + 1, fmt, args);
    s->length += (size_t)wanted;
    return FLOW_OK;
}

int str_addf(struct str *s, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    int status = str_addv(s, fmt, args);
    va_end(args);
    return status;
}

size_t utf8_decode(const char *bytes, size_t length, unsigned *code_point)
{
    const unsigned char *p = (const unsigned char *)bytes;
    static const unsigned smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    if (p[0] < 0x80) {
        *code_point = p[0];
        return 1;
    }
    size_t size = p[0] >= 0xf0 && p[0] < 0xf8 ? 4 : p[0] >= 0xe0 ? 3 : p[0] >= 0xc0 ? 2 : 0;
    if (size == 0 || p[0] >= 0xf8 || size > length)
        return 0;
    unsigned value = p[0] & (0x7fu >> size);
    for (size_t i = 1; i < size; i++) {
        if ((p[i] & 0xc0) != 0x80)
            return 0;
        value = value << 6 | (p[i] & 0x3f);
    }
    if (value < smallest[size] || value > 0x10ffff || (value >= 0xd800 && value < 0xe000))
        return 0;
    *code_point = value;
    return size;
}

size_t utf8_encode(unsigned cp, char out[4])
{
    if (cp > 0x10ffff || (cp >= 0xd800 && cp < 0xe000))
        cp = 0xfffd;
    if (cp < 0x80) {
        out[0] = (char)cp;
        return 1;
    }
    static const unsigned char lead[] = {0, 0, 0xc0, 0xe0, 0xf0};
    size_t size = cp < 0x800 ? 2 : cp < 0x10000 ? 3 : 4;
    for (size_t i = size - 1; i > 0; i--, cp >>= 6)
        out[i] = (char)(0x80 | (cp & 0x3f));
    out[0] = (char)(lead[size] | cp);
    return size;
}

bool utf8_is_valid(const char *bytes, size_t length)
{
    for (size_t i = 0; i < length;) {
        unsigned cp;
        size_t size = utf8_decode(bytes + i, length - i, &cp);
        if (size == 0)
            return false;
        i += size;
    }
    return true;
}

/* Matches one [set] at *pattern against c and moves past it. A set without its ']' matches a plain '['. */
static bool set_matches(const char **pattern, char c)
{
    const char *p = *pattern + 1;
    bool negated = *p == '!' || *p == '^', found = false;
    if (negated)
        p++;
    const char *first = p;
    while (*p && (*p != ']' || p == first)) {
        if (p[1] == '-' && p[2] && p[2] != ']') {
            found |= (unsigned char)p[0] <= (unsigned char)c && (unsigned char)c <= (unsigned char)p[2];
            p += 3;
        } else {
            found |= *p++ == c;
        }
    }
    if (!*p) {
        ++*pattern;
        return c == '[';
    }
    *pattern = p + 1;
    return found != negated;
}

bool glob_matches(const char *pattern, const char *text)
{
    const char *star = NULL, *retry = NULL;
    while (*text) {
        const char *p = pattern;
        bool matches;
        if (*p == '*') {
            star = ++pattern;
            retry = text;
            continue;
        }
        if (*p == '[') {
            matches = set_matches(&p, *text);
        } else {
            if (*p == '\\' && p[1])
                p++;
            matches = *p == *text || (*p == '?' && p == pattern);
            p += *p != '\0';
        }
        if (matches) {
            pattern = p;
            text++;
        } else if (star) {
            pattern = star;
            text = ++retry;
        } else {
            return false;
        }
    }
    while (*pattern == '*')
        pattern++;
    return *pattern == '\0';
}

unsigned edit_distance(const char *a, const char *b, unsigned limit)
{
    enum { LONGEST = 63 };
    size_t la = strlen(a), lb = strlen(b);
    if (la > LONGEST || lb > LONGEST)
        return limit + 1;
    unsigned row[LONGEST + 1];
    for (size_t j = 0; j <= lb; j++)
        row[j] = (unsigned)j;
    for (size_t i = 1; i <= la; i++) {
        unsigned diagonal = row[0];
        row[0] = (unsigned)i;
        for (size_t j = 1; j <= lb; j++) {
            unsigned best = diagonal + (a[i - 1] != b[j - 1]);
            diagonal = row[j];
            if (best > row[j] + 1)
                best = row[j] + 1;
            if (best > row[j - 1] + 1)
                best = row[j - 1] + 1;
            row[j] = best;
        }
    }
    return row[lb] > limit ? limit + 1 : row[lb];
}
