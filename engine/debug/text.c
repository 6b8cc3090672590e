#include "debug/text.h"

#include <stdbool.h>
#include <string.h>

/* Sequences longer than this are no colours. */
#define LONGEST_SGR 64

/* Characters that move or reorder what stands around them. */
static bool is_unsafe(unsigned c)
{
    return c < 0x20 || (c >= 0x7f && c < 0xa0) || (c >= 0x200b && c <= 0x200f) ||
           (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) || c == 0xfeff || c == 0x061c;
}

static void add_escape(struct str *out, unsigned c)
{
    static const char short_names[] = "\aa\bb\tt\nn\vv\ff\rr\x1b"
                                      "e";
    for (const char *name = short_names; *name; name += 2) {
        if ((unsigned char)*name == c) {
            str_addf(out, "\\%c", name[1]);
            return;
        }
    }
    str_addf(out, c < 0x100 ? "\\x%02x" : "\\u{%x}", c);
}

/* Length of a colour sequence at text, or 0. */
static size_t sgr_length(const char *text, size_t length)
{
    size_t i = 2;
    if (length < 3 || text[0] != '\x1b' || text[1] != '[')
        return 0;
    while (i < length && i < LONGEST_SGR &&
           ((text[i] >= '0' && text[i] <= '9') || text[i] == ';' || text[i] == ':'))
        i++;
    return i < length && i < LONGEST_SGR && text[i] == 'm' ? i + 1 : 0;
}

enum keep { KEEP_NOTHING, KEEP_LINES, KEEP_COLOURS };

static void escape(struct str *out, const char *text, size_t length, enum keep keep)
{
    for (size_t i = 0; i < length;) {
        unsigned c;
        size_t sgr = keep == KEEP_COLOURS ? sgr_length(text + i, length - i) : 0;
        size_t size = sgr ? sgr : utf8_decode(text + i, length - i, &c);
        if (sgr) {
            str_add_bytes(out, text + i, sgr);
        } else if (size == 0) {
            str_addf(out, "\\x%02x", (unsigned char)text[i]);
            size = 1;
        } else if (keep == KEEP_LINES && c == '\t') {
            str_add(out, "    ");
        } else if ((c == '\n' && keep != KEEP_NOTHING) || (c == '\t' && keep == KEEP_COLOURS) ||
                   !is_unsafe(c)) {
            str_add_bytes(out, text + i, size);
        } else {
            add_escape(out, c);
        }
        i += size;
    }
}

void dbg_escape(struct str *out, const char *text, size_t length)
{
    escape(out, text, length, KEEP_NOTHING);
}

void dbg_escape_lines(struct str *out, const char *text, size_t length)
{
    escape(out, text, length, KEEP_LINES);
}

void dbg_escape_coloured(struct str *out, const char *text, size_t length)
{
    escape(out, text, length, KEEP_COLOURS);
}

static bool is_sgr_start(const char *text, size_t length)
{
    for (size_t i = 1; i < length; i++) {
        bool fits =
            i == 1 ? text[i] == '[' : (text[i] >= '0' && text[i] <= '9') || text[i] == ';' || text[i] == ':';
        if (!fits)
            return false;
    }
    return length < LONGEST_SGR;
}

size_t dbg_unfinished(const char *text, size_t length)
{
    for (size_t back = 1; back <= length && back < LONGEST_SGR; back++) {
        const char *at = text + length - back;
        if (*at == '\x1b')
            return is_sgr_start(at, back) ? back : 0;
        unsigned char c = (unsigned char)*at;
        size_t wanted = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : c >= 0xc0 ? 2 : 1;
        if (wanted > back)
            return back;
    }
    return 0;
}

void dbg_cut_utf8(char *text)
{
    size_t length = strlen(text);
    for (size_t back = 1; back <= length && back <= 4; back++) {
        unsigned char c = (unsigned char)text[length - back];
        if (c < 0x80)
            return;
        if (c >= 0xc0) {
            if ((c >= 0xf0 ? 4u : c >= 0xe0 ? 3u : 2u) > back)
                text[length - back] = '\0';
            return;
        }
    }
}
