#include "trace/text_scan.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "trace/text_scan_private.h"

void scan_begin(struct text_scan *scan, char *start, char *end, uint64_t line, struct flow_error *err)
{
    scan->start = scan->at = start;
    scan->end = end;
    scan->line = line;
    scan->is_cut = false;
    scan->err = err;
}

void scan_finish(struct text_scan *scan)
{
    scan_drop(scan, 0, 0);
    vec_finish(&scan->items);
    vec_finish(&scan->members);
}

int scan_refuse(struct text_scan *scan, const char *at, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    flow_error_setv(scan->err, FLOW_EFORMAT, fmt, args);
    va_end(args);
    flow_error_prefix(
        scan->err, "line %llu, column %zu", (unsigned long long)scan->line, (size_t)(at - scan->start) + 1);
    return FLOW_EFORMAT;
}

int scan_no_memory(struct text_scan *scan)
{
    return flow_error_set(
        scan->err, FLOW_ENOMEM, "out of memory at line %llu", (unsigned long long)scan->line);
}

int scan_refuse_end(struct text_scan *scan)
{
    scan->is_cut = true;
    return scan_refuse(scan, scan->end, "the line ends too early");
}

char scan_peek(struct text_scan *scan)
{
    while (scan->at < scan->end && (*scan->at == ' ' || *scan->at == '\t' || *scan->at == '\r'))
        scan->at++;
    return scan->at < scan->end ? *scan->at : '\0';
}

bool scan_take(struct text_scan *scan, char c)
{
    if (scan_peek(scan) != c || scan->at == scan->end)
        return false;
    scan->at++;
    return true;
}

int scan_expect(struct text_scan *scan, char c)
{
    if (scan_take(scan, c))
        return FLOW_OK;
    if (scan->at == scan->end)
        return scan_refuse_end(scan);
    return scan_refuse(scan, scan->at, "expected '%c'", c);
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Four hexadecimal digits at *at. -1: they are not there. */
static int hex_four(const char *at, const char *end)
{
    int number = 0;
    for (int i = 0; i < 4; i++) {
        int digit = at + i < end ? hex_digit(at[i]) : -1;
        if (digit < 0)
            return -1;
        number = number << 4 | digit;
    }
    return number;
}

/* \uXXXX with scan->at behind the u. A half of a pair alone is no character: it becomes U+FFFD. */
static int take_unicode(struct text_scan *scan, char **out)
{
    int unit = hex_four(scan->at, scan->end);
    if (unit < 0)
        return scan->end - scan->at < 4 ? scan_refuse_end(scan)
                                        : scan_refuse(scan, scan->at, "expected four hexadecimal digits");
    scan->at += 4;
    unsigned cp = (unsigned)unit;
    if (cp >= 0xd800 && cp < 0xdc00 && scan->end - scan->at >= 6 && scan->at[0] == '\\' &&
        scan->at[1] == 'u') {
        int low = hex_four(scan->at + 2, scan->end);
        if (low >= 0xdc00 && low < 0xe000) {
            cp = 0x10000 + ((cp & 0x3ff) << 10 | ((unsigned)low & 0x3ff));
            scan->at += 6;
        }
    }
    *out += utf8_encode(cp, *out);
    return FLOW_OK;
}

static int take_escape(struct text_scan *scan, char **out)
{
    static const char letters[] = "\"\\/bfnrt", characters[] = "\"\\/\b\f\n\r\t";
    if (++scan->at == scan->end)
        return scan_refuse_end(scan);
    char letter = *scan->at++;
    if (letter == 'u')
        return take_unicode(scan, out);
    const char *found = letter ? strchr(letters, letter) : NULL;
    if (!found)
        return scan_refuse(scan, scan->at - 2, "there is no such escape in JSON");
    *(*out)++ = characters[found - letters];
    return FLOW_OK;
}

/* A character of more than one byte, or one that may not be there. */
static int take_wide(struct text_scan *scan, char **out)
{
    unsigned cp;
    unsigned char c = (unsigned char)*scan->at;
    if (c < 0x20)
        return scan_refuse(scan, scan->at, "a control character in a string (write \\u%04x)", c);
    size_t left = (size_t)(scan->end - scan->at), size = utf8_decode(scan->at, left, &cp);
    if (size == 0) {
        scan->is_cut = left < 4;
        return scan_refuse(scan, scan->at, "the bytes are not valid UTF-8");
    }
    memmove(*out, scan->at, size);
    *out += size;
    scan->at += size;
    return FLOW_OK;
}

int scan_string(struct text_scan *scan, struct text_span *out)
{
    int status = scan_expect(scan, '"');
    char *start = scan->at, *to = start;
    while (status == FLOW_OK) {
        char *from = scan->at;
        while (scan->at < scan->end && scan_is_plain((unsigned char)*scan->at))
            scan->at++;
        if (to != from)
            memmove(to, from, (size_t)(scan->at - from));
        to += scan->at - from;
        if (scan->at == scan->end)
            return scan_refuse_end(scan);
        if (*scan->at == '"')
            break;
        status = *scan->at == '\\' ? take_escape(scan, &to) : take_wide(scan, &to);
    }
    if (status < 0)
        return status;
    scan->at++;
    *out = (struct text_span){start, (size_t)(to - start)};
    return FLOW_OK;
}

int scan_literal(struct text_scan *scan, const char *word)
{
    size_t length = strlen(word), left = (size_t)(scan->end - scan->at);
    if (left >= length && memcmp(scan->at, word, length) == 0) {
        scan->at += length;
        return FLOW_OK;
    }
    if (left < length && memcmp(scan->at, word, left) == 0)
        return scan_refuse_end(scan);
    return scan_refuse(scan, scan->at, "expected a value");
}

int scan_bool(struct text_scan *scan, bool *out)
{
    bool is_true = scan_peek(scan) == 't';
    int status = scan_literal(scan, is_true ? "true" : "false");
    if (status == FLOW_OK)
        *out = is_true;
    return status;
}

/* Where the number at scan->at ends; NULL: it is none. *is_whole: it has no point and no exponent. */
static char *number_end(struct text_scan *scan, bool *is_whole)
{
    char *at = scan->at + (*scan->at == '-');
    size_t digits = strspn(at, "0123456789");
    if (digits == 0 || (digits > 1 && *at == '0'))
        return NULL;
    at += digits;
    *is_whole = true;
    if (*at == '.') {
        digits = strspn(++at, "0123456789");
        if (digits == 0)
            return NULL;
        at += digits;
        *is_whole = false;
    }
    if ((*at | 0x20) == 'e') {
        at += at[1] == '+' || at[1] == '-' ? 2 : 1;
        digits = strspn(at, "0123456789");
        if (digits == 0)
            return NULL;
        at += digits;
        *is_whole = false;
    }
    return at;
}

static int refuse_number(struct text_scan *scan)
{
    char *at = scan->at + strspn(scan->at, "-+.eE0123456789");
    if (at >= scan->end)
        return scan_refuse_end(scan);
    return scan_refuse(scan, scan->at, scan->at == at ? "expected a value" : "this is not a number");
}

/* A whole number of at most 64 bits. False: it is larger. */
static bool whole_of(const char *at, const char *end, uint64_t *out, bool *is_negative)
{
    uint64_t number = 0;
    *is_negative = *at == '-';
    for (at += *is_negative; at < end; at++) {
        unsigned digit = (unsigned)(*at - '0');
        if (number > (UINT64_MAX - digit) / 10)
            return false;
        number = number * 10 + digit;
    }
    if (*is_negative && number > (uint64_t)INT64_MAX + 1)
        return false;
    *out = *is_negative ? -number : number;
    return true;
}

int scan_whole(struct text_scan *scan, uint64_t *out, bool *is_negative)
{
    bool is_whole = false;
    if (scan_peek(scan) == '\0' && scan->at == scan->end)
        return scan_refuse_end(scan);
    char *end = number_end(scan, &is_whole);
    if (!end)
        return refuse_number(scan);
    if (!is_whole || !whole_of(scan->at, end, out, is_negative))
        return scan_refuse(scan, scan->at, "expected a whole number of at most 64 bits");
    scan->at = end;
    return FLOW_OK;
}

int scan_number(struct text_scan *scan, struct flow_value *out)
{
    bool is_whole = false, is_negative;
    uint64_t whole;
    char *end = number_end(scan, &is_whole);
    if (!end && scan->at[0] == '-' && scan->end - scan->at > 1 && scan->at[1] == 'I') {
        int status = scan_literal(scan, "-Infinity");
        if (status == FLOW_OK)
            *out = flow_double(-HUGE_VAL);
        return status;
    }
    if (!end)
        return refuse_number(scan);
    if (is_whole && whole_of(scan->at, end, &whole, &is_negative) && (is_negative || whole <= INT64_MAX))
        *out = flow_int((int64_t)whole);
    else
        *out = flow_double(strtod(scan->at, NULL)); /* ends at a character that is no part of a number */
    scan->at = end;
    return FLOW_OK;
}
