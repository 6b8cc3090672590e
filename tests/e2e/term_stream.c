#include "tests/e2e/term_stream.h"

#include <stdlib.h>
#include <string.h>

bool term_stream_mode(const struct term_stream *s, int mode)
{
    for (size_t i = 0; i < s->mode_count; i++) {
        if (s->modes[i] == mode)
            return true;
    }
    return false;
}

void term_stream_set_mode(struct term_stream *s, int mode, bool on)
{
    size_t i = 0;
    while (i < s->mode_count && s->modes[i] != mode)
        i++;
    if (on && i == s->mode_count && i < TERM_STREAM_MODES)
        s->modes[s->mode_count++] = mode;
    else if (!on && i < s->mode_count)
        s->modes[i] = s->modes[--s->mode_count];
}

/* CSI ? a ; b h  ->  CSI ? a h CSI ? b h */
static void split_modes(struct term_stream *s, struct str *out)
{
    char final = s->held[s->held_length - 1];
    const char *at = s->held + 3;
    for (;;) {
        char *end;
        int mode = (int)strtol(at, &end, 10);
        term_stream_set_mode(s, mode, final == 'h');
        str_addf(out, "\033[?%d%c", mode, final);
        if (*end != ';')
            return;
        at = end + 1;
    }
}

/* The numbers of an SGR one by one; those of an extended colour (38;5;N, 38;2;R;G;B) are not attributes. */
static void rewrite_attributes(const char *numbers, struct str *out)
{
    int colour_numbers = 0;
    bool colour_kind = false;
    str_add(out, "\033[");
    for (const char *at = numbers;;) {
        char *end;
        long n = strtol(at, &end, 10);
        str_add_bytes(out, at, (size_t)(end - at));
        if (colour_kind) {
            colour_numbers = n == 5 ? 1 : n == 2 ? 3 : 0;
            colour_kind = false;
        } else if (colour_numbers > 0) {
            colour_numbers--;
        } else if (n == 38 || n == 48) {
            colour_kind = true;
        } else if (n == 2) {
            str_addf(out, ";1%d", TERM_STREAM_DIM_FONT);
        } else if (n == 22 || n == 0) {
            str_add(out, ";10");
        }
        if (*end != ';')
            break;
        str_add_char(out, ';');
        at = end + 1;
    }
    str_add_char(out, 'm');
}

static bool only_numbers(const char *text, size_t length)
{
    return strspn(text, "0123456789;") >= length;
}

/* A whole CSI is held: passes it on, rewritten where libvterm needs it. */
static void finish_sequence(struct term_stream *s, struct str *out)
{
    char final = s->held[s->held_length - 1];
    s->held[s->held_length] = '\0';
    if (s->held[2] == '?' && (final == 'h' || final == 'l') && only_numbers(s->held + 3, s->held_length - 4))
        split_modes(s, out);
    else if (final == 'm' && only_numbers(s->held + 2, s->held_length - 3))
        rewrite_attributes(s->held + 2, out);
    else
        str_add_bytes(out, s->held, s->held_length);
    s->held_length = 0;
}

void term_stream_feed(struct term_stream *s, const char *bytes, size_t count, struct str *out)
{
    for (size_t i = 0; i < count; i++) {
        char c = bytes[i];
        bool starts = c == '\033';
        bool belongs = s->held_length == 1 ? c == '[' : s->held_length > 1 && c >= 0x20 && c <= 0x7e;
        if (s->held_length > 0 && (starts || !belongs || s->held_length == sizeof s->held - 1)) {
            str_add_bytes(out, s->held, s->held_length);
            s->held_length = 0;
        }
        if (!starts && s->held_length == 0) {
            str_add_char(out, c);
            continue;
        }
        s->held[s->held_length++] = c;
        if (s->held_length > 2 && c >= 0x40)
            finish_sequence(s, out);
    }
}
