#include "tui/screen/text.h"

#include <stdio.h>
#include <string.h>
#include <wchar.h>

#define REPLACEMENT 0xfffdu

struct range {
    uint32_t first, last;
};

static bool is_in(const struct range *ranges, size_t count, uint32_t code)
{
    for (size_t i = 0; i < count; i++)
        if (code >= ranges[i].first && code <= ranges[i].last)
            return true;
    return false;
}

/* Joiners, selectors and directional marks: they have no cell of their own, and terminals disagree about what
 * they do to their neighbours. */
static bool is_joiner(uint32_t code)
{
    static const struct range joiners[] = {
        {0x00ad, 0x00ad},   /* soft hyphen */
        {0x061c, 0x061c},   /* Arabic letter mark */
        {0x180b, 0x180f},   /* Mongolian selectors */
        {0x200b, 0x200f},   /* zero-width space and joiners, direction marks */
        {0x2060, 0x2064},   /* word joiner, invisible operators */
        {0xfe00, 0xfe0f},   /* variation selectors */
        {0xfeff, 0xfeff},   /* byte order mark */
        {0xe0001, 0xe007f}, /* tags */
        {0xe0100, 0xe01ef}, /* variation selectors */
    };
    return code >= 0xad && is_in(joiners, sizeof joiners / sizeof *joiners, code);
}

/* Skin tones, after the character that they colour. */
static bool is_modifier(uint32_t code)
{
    return code >= 0x1f3fb && code <= 0x1f3ff;
}

static bool is_control(uint32_t code)
{
    return code < 0x20 || (code >= 0x7f && code < 0xa0);
}

/* Overrides of direction reorder what a person reads: shown as a replacement, never obeyed. */
static bool is_bidi_override(uint32_t code)
{
    return (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
}

static int code_width(uint32_t code)
{
    if (code < 0x7f)
        return 1;
    return is_bidi_override(code) ? -1 : wcwidth((wchar_t)code);
}

static void escape_control(uint32_t code, struct grapheme *out)
{
    const char *known = NULL;
    switch (code) {
    case '\n': known = "\\n"; break;
    case '\r': known = "\\r"; break;
    case '\t': known = "\\t"; break;
    case 0x1b: known = "\\e"; break;
    default: break;
    }
    if (known)
        snprintf(out->escape, sizeof out->escape, "%s", known);
    else
        snprintf(out->escape, sizeof out->escape, "\\x%02x", (unsigned)(code & 0xff));
    out->width = (int)strlen(out->escape);
}

/* Takes what belongs to the character before: marks that fit, and everything without a cell of its own. */
static size_t take_marks(const char *bytes, size_t length, bool ascii, struct grapheme *out)
{
    size_t used = 0;
    int marks = 0;
    while (used < length && (unsigned char)bytes[used] >= 0x80) {
        unsigned code;
        size_t size = utf8_decode(bytes + used, length - used, &code);
        if (size == 0)
            break;
        /* Without a UTF-8 locale wcwidth knows no marks: the common block does. */
        bool mark = ascii ? code >= 0x300 && code <= 0x36f : code >= 0xa0 && code_width(code) == 0;
        if (!mark && !is_joiner(code) && !is_modifier(code))
            break;
        if (mark && !is_joiner(code) && !ascii && marks < CELL_MARKS)
            out->marks[marks++] = code;
        used += size;
    }
    return used;
}

size_t grapheme_next(const char *bytes, size_t length, bool ascii, struct grapheme *out)
{
    *out = (struct grapheme){.width = 1};
    unsigned code = (unsigned char)bytes[0];
    size_t used = code < 0x80 ? 1 : utf8_decode(bytes, length, &code);
    if (used == 0) {
        out->code = ascii ? '?' : REPLACEMENT;
        return 1;
    }
    if (is_control(code)) {
        escape_control(code, out);
        return used;
    }
    if (is_joiner(code)) {
        out->width = 0;
        return used;
    }
    if (ascii) {
        out->code = code < 0x80 ? code : (unsigned char)text_ascii(code);
    } else {
        int width = code_width(code);
        out->code = width < 0 ? REPLACEMENT : code;
        out->width = width < 0 ? 1 : width;
        if (width == 0) { /* a mark without a character before it stands on a blank */
            out->code = ' ';
            out->marks[0] = code;
            out->width = 1;
            return used;
        }
    }
    return used + take_marks(bytes + used, length - used, ascii, out);
}

int text_colsn(const char *bytes, size_t length, bool ascii)
{
    int cols = 0;
    for (size_t at = 0; at < length;) {
        struct grapheme g;
        at += grapheme_next(bytes + at, length - at, ascii, &g);
        cols += g.width;
    }
    return cols;
}

int text_cols(const char *text, bool ascii)
{
    return text_colsn(text, strlen(text), ascii);
}

static char ascii_line(uint32_t code)
{
    static const char form[] = /* U+2500 .. U+257F */
        "--||--||--||++++++++++++++++++++"
        "++++++++++++++++++++++++++++++++"
        "++++++++++++--||-|++++++++++++++"
        "+++++++++++++++++/\\X-|-|-|-|-|-|";
    return form[code - 0x2500];
}

static const struct {
    uint32_t code;
    char ascii;
} ascii_forms[] = {
    {0x00a0, ' '},
    {0x00d7, 'x'},
    {MARK_IDLE, '.'},
    {0x2013, '-'},
    {0x2014, '-'},
    {0x2018, '\''},
    {0x2019, '\''},
    {0x201c, '"'},
    {0x201d, '"'},
    {MARK_CHANGED, '*'},
    {MARK_ELLIPSIS, '~'},
    {0x203a, '>'},
    {0x2039, '<'},
    {MARK_LEFT, '<'},
    {MARK_UP, '^'},
    {MARK_CURRENT, '>'},
    {MARK_DOWN, 'v'},
    {0x21a9, '<'},
    {0x21aa, '>'},
    {0x21b3, '>'},
    {0x21b7, '~'},
    {0x21ba, '@'},
    {MARK_ITERATION, '@'},
    {0x21d0, '<'},
    {0x21d2, '>'},
    {0x21e0, '~'},
    {0x21e1, '^'},
    {MARK_GOTO, '~'},
    {0x21e3, 'v'},
    {0x2212, '-'},
    {MARK_CANCELLED, '/'},
    {0x2260, '!'},
    {0x2264, '<'},
    {0x2265, '>'},
    {0x25a0, '#'},
    {MARK_BLOCKED, '#'},
    {MARK_WARNING, '!'},
    {0x25b3, '^'},
    {0x25b4, '^'},
    {MARK_RUNNING, '>'},
    {0x25b7, '>'},
    {MARK_FOLDED, '>'},
    {0x25b9, '>'},
    {0x25bc, 'v'},
    {0x25bd, 'v'},
    {MARK_UNFOLDED, 'v'},
    {0x25bf, 'v'},
    {0x25c0, '<'},
    {0x25c1, '<'},
    {0x25c2, '<'},
    {0x25c3, '<'},
    {0x25c6, '%'},
    {MARK_DYNAMIC, '%'},
    {MARK_BREAK_OFF, 'O'},
    {MARK_BREAKPOINT, '*'},
    {0x25c9, '*'},
    {MARK_QUEUED, 'o'},
    {0x26a0, '!'},
    {MARK_DONE, '+'},
    {0x2714, '+'},
    {0x2715, 'x'},
    {0x2716, 'x'},
    {MARK_FAILED, 'x'},
    {0x2718, 'x'},
    {0x276f, '>'},
    {0x27f3, '@'},
};

char text_ascii(uint32_t code)
{
    if (code < 0x80)
        return (char)code;
    if (code >= 0x2500 && code <= 0x257f)
        return ascii_line(code);
    if (code >= 0x2580 && code <= 0x259f)
        return '#';
    for (size_t i = 0; i < sizeof ascii_forms / sizeof *ascii_forms; i++)
        if (ascii_forms[i].code == code)
            return ascii_forms[i].ascii;
    return '?';
}
