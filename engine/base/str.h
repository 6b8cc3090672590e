/* A growable byte string, always NUL-terminated once anything was added, and text helpers.
 *
 * An all-zero str is empty and valid; str_text() of it is "". The append functions return FLOW_OK or
 * FLOW_ENOMEM and are sticky: after a failure every later append fails too and `failed` stays set, so that a
 * formatter may check once at its end. */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "flow/error.h"

struct str {
    char *text;
    size_t length; /* bytes, without the NUL */
    size_t capacity;
    bool failed;
};

void str_finish(struct str *s);
void str_clear(struct str *s); /* length 0, memory kept, failure forgotten */
const char *str_text(const struct str *s);
char *str_take(struct str *s); /* the caller frees with mem_free; NULL if it failed; s is empty after */

int str_add(struct str *s, const char *text);
int str_add_bytes(struct str *s, const void *bytes, size_t count);
int str_add_char(struct str *s, char c);
int str_addf(struct str *s, const char *fmt, ...) FLOW_PRINTF(2, 3);
int str_addv(struct str *s, const char *fmt, va_list args);

/* Decodes one UTF-8 character of at most `length` bytes. Returns its size in bytes (1-4) and stores the code
 * point, or returns 0 where the bytes are not valid UTF-8 (overlong, surrogate, cut). length must be > 0. */
size_t utf8_decode(const char *bytes, size_t length, unsigned *code_point);
/* Writes at most 4 bytes, returns how many. Invalid code points become U+FFFD. */
size_t utf8_encode(unsigned code_point, char out[4]);
bool utf8_is_valid(const char *bytes, size_t length);

/* Shell-style pattern over whole texts: * ? [abc] [a-z] [!x] and \ to escape. */
bool glob_matches(const char *pattern, const char *text);
/* Edit distance, bounded: returns limit + 1 when larger than limit. For "did you mean". */
unsigned edit_distance(const char *a, const char *b, unsigned limit);

#endif
