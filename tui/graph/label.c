#include "tui/graph/label.h"

#include <string.h>
#include <wchar.h>

#include "base/str.h"

#define REPLACEMENT 0xFFFDu
#define ELLIPSIS    0x2026u

/* The next character and its columns; bytes that are no UTF-8 count as one replacement each. */
static size_t next_char(
    const struct graph_layout_options *options, const char *at, size_t left, unsigned *code_point, int *width)
{
    size_t size = utf8_decode(at, left, code_point);
    if (size == 0) {
        *code_point = REPLACEMENT;
        *width = 1;
        return 1;
    }
    *width = options->char_width ? options->char_width(*code_point) : wcwidth((wchar_t)*code_point);
    if (*width < 0) {
        *code_point = REPLACEMENT;
        *width = 1;
    }
    if (*width > 2)
        *width = 2;
    return size;
}

static int32_t full_width(const struct graph_layout_options *options, const char *label)
{
    size_t left = strlen(label);
    int32_t sum = 0;
    while (left > 0) {
        unsigned code_point;
        int width;
        size_t size = next_char(options, label, left, &code_point, &width);
        sum += width;
        label += size;
        left -= size;
    }
    return sum;
}

int32_t graph_label_width(const struct graph_layout_options *options, const char *label)
{
    int32_t width = full_width(options, label);
    return options->label_max > 0 && width > options->label_max ? options->label_max : width;
}

void graph_label_glyphs(
    const struct graph_layout_options *options, const char *label, int32_t width, bool ascii, uint32_t *out)
{
    bool cut = full_width(options, label) > width;
    int32_t room = cut ? width - 1 : width, at = 0;
    size_t left = strlen(label);
    while (left > 0) {
        unsigned code_point;
        int columns;
        size_t size = next_char(options, label, left, &code_point, &columns);
        if (at + columns > room)
            break;
        if (columns > 0)
            out[at] = code_point;
        if (columns == 2)
            out[at + 1] = 0;
        at += columns;
        label += size;
        left -= size;
    }
    if (cut && at < width)
        out[at++] = ascii ? '~' : ELLIPSIS;
    while (at < width)
        out[at++] = ' ';
}
