#include "tui/screen/grid.h"

#include <limits.h>
#include <string.h>

#include "base/mem.h"
#include "tui/screen/text.h"

static const struct cell blank = {.code = ' ', .style = ROLE_NORMAL, .width = 1};

void grid_finish(struct grid *g)
{
    mem_free(g->cells);
    g->cells = NULL;
    g->rows = g->cols = 0;
}

void grid_clear(struct grid *g)
{
    size_t count = (size_t)g->rows * (size_t)g->cols;
    for (size_t i = 0; i < count; i++)
        g->cells[i] = blank;
}

int grid_resize(struct grid *g, int rows, int cols)
{
    struct cell *cells = mem_array(NULL, (size_t)rows * (size_t)cols + 1, sizeof *cells);
    if (!cells)
        return FLOW_ENOMEM;
    mem_free(g->cells);
    g->cells = cells;
    g->rows = rows;
    g->cols = cols;
    grid_clear(g);
    return FLOW_OK;
}

static struct cell *cell_at(struct grid *g, int y, int x)
{
    return &g->cells[(size_t)y * (size_t)g->cols + (size_t)x];
}

const struct cell *grid_cell(const struct grid *g, int y, int x)
{
    return &g->cells[(size_t)y * (size_t)g->cols + (size_t)x];
}

static void add_code(struct str *out, uint32_t code)
{
    char bytes[4];
    str_add_bytes(out, bytes, utf8_encode(code, bytes));
}

int grid_row_text(const struct grid *g, int y, struct str *out)
{
    int end = g->cols;
    while (end > 0 && grid_cell(g, y, end - 1)->code == ' ' && grid_cell(g, y, end - 1)->marks[0] == 0)
        end--;
    for (int x = 0; x < end; x++) {
        const struct cell *c = grid_cell(g, y, x);
        if (c->width == 0)
            continue;
        add_code(out, c->code);
        for (int i = 0; i < CELL_MARKS && c->marks[i]; i++)
            add_code(out, c->marks[i]);
    }
    return out->failed ? FLOW_ENOMEM : FLOW_OK;
}

struct win win_whole(struct grid *g)
{
    return (struct win){.grid = g, .rows = g->rows, .cols = g->cols};
}

static int clamp(int value, int low, int high)
{
    return value < low ? low : value > high ? high : value;
}

struct win win_sub(struct win w, int y, int x, int rows, int cols)
{
    int top = clamp(y - w.pan_y, 0, w.rows), left = clamp(x - w.pan_x, 0, w.cols);
    int bottom = clamp(y - w.pan_y + (rows < 0 ? 0 : rows), top, w.rows);
    int right = clamp(x - w.pan_x + (cols < 0 ? 0 : cols), left, w.cols);
    return (struct win){.grid = w.grid,
        .top = w.top + top,
        .left = w.left + left,
        .rows = bottom - top,
        .cols = right - left};
}

struct win win_panned(struct win w, int pan_y, int pan_x)
{
    w.pan_y = pan_y;
    w.pan_x = pan_x;
    return w;
}

/* The cell at y, x of w, or NULL when it is not visible. */
static struct cell *visible_cell(struct win w, int y, int x)
{
    int row = y - w.pan_y, col = x - w.pan_x;
    if (row < 0 || row >= w.rows || col < 0 || col >= w.cols)
        return NULL;
    row += w.top;
    col += w.left;
    if (row >= w.grid->rows || col >= w.grid->cols)
        return NULL;
    return cell_at(w.grid, row, col);
}

/* Before one half of a wide character is overwritten, the other half becomes a blank: never half a character.
 * Halves are always neighbours in the same row. */
static void split_wide(struct cell *c)
{
    struct cell *other = c->width == 0 ? c - 1 : c->width == 2 ? c + 1 : NULL;
    if (!other)
        return;
    uint16_t style = other->style;
    *other = blank;
    other->style = style;
}

static void set_cell(struct win w, int y, int x, struct cell value)
{
    struct cell *c = visible_cell(w, y, x);
    if (!c)
        return;
    split_wide(c);
    *c = value;
}

static void put_cell(struct win w, int y, int x, struct cell value)
{
    if (value.width != 2) {
        set_cell(w, y, x, value);
        return;
    }
    struct cell right = {.style = value.style};
    if (!visible_cell(w, y, x) || !visible_cell(w, y, x + 1)) {
        /* cut by an edge: the visible half is a blank */
        struct cell half = {.code = ' ', .style = value.style, .width = 1};
        set_cell(w, y, x, half);
        set_cell(w, y, x + 1, half);
        return;
    }
    set_cell(w, y, x, value);
    /* set_cell would take this pair apart again */
    struct cell *c = visible_cell(w, y, x + 1);
    if (c->width == 2)
        split_wide(c);
    *c = right;
}

static void put_grapheme(struct win w, int y, int x, unsigned style, const struct grapheme *g)
{
    if (g->escape[0]) {
        for (int i = 0; g->escape[i]; i++)
            put_cell(w, y, x + i,
                (struct cell){.code = (unsigned char)g->escape[i], .style = (uint16_t)style, .width = 1});
        return;
    }
    struct cell value = {.code = g->code, .style = (uint16_t)style, .width = (uint8_t)g->width};
    memcpy(value.marks, g->marks, sizeof value.marks);
    put_cell(w, y, x, value);
}

int win_putn(struct win w, int y, int x, unsigned style, const char *bytes, size_t length)
{
    int right = w.pan_x + w.cols;
    for (size_t at = 0; at < length;) {
        /* Beyond the edge only the width matters, and nobody reads that of a very long text. */
        if (x >= right && length - at > 4096)
            return x + (int)(length - at > INT_MAX / 2 ? INT_MAX / 2 : length - at);
        struct grapheme g;
        at += grapheme_next(bytes + at, length - at, w.grid->ascii, &g);
        if (g.width > 0 && x < right)
            put_grapheme(w, y, x, style, &g);
        x += g.width;
    }
    return x;
}

int win_put(struct win w, int y, int x, unsigned style, const char *text)
{
    return win_putn(w, y, x, style, text, strlen(text));
}

int win_putf(struct win w, int y, int x, unsigned style, const char *fmt, ...)
{
    struct str text = {0};
    va_list args;
    va_start(args, fmt);
    str_addv(&text, fmt, args);
    va_end(args);
    x = win_putn(w, y, x, style, str_text(&text), text.length);
    str_finish(&text);
    return x;
}

/* How many bytes of the text fit in `cols` columns. */
static size_t bytes_in(const char *text, size_t length, int cols, bool ascii)
{
    size_t at = 0;
    while (at < length) {
        struct grapheme g;
        size_t used = grapheme_next(text + at, length - at, ascii, &g);
        if (g.width > cols)
            break;
        cols -= g.width;
        at += used;
    }
    return at;
}

/* The first byte after which the rest of the text fits in `cols` columns. */
static size_t tail_in(const char *text, size_t length, int total, int cols, bool ascii)
{
    size_t at = 0;
    while (at < length && total > cols) {
        struct grapheme g;
        at += grapheme_next(text + at, length - at, ascii, &g);
        total -= g.width;
    }
    return at;
}

int win_fit(struct win w, int y, int x, int cols, unsigned style, const char *text, enum fit fit)
{
    if (cols <= 0)
        return x;
    bool ascii = w.grid->ascii;
    size_t length = strlen(text);
    int total = text_colsn(text, length, ascii);
    if (total <= cols)
        return win_putn(w, y, x, style, text, length);
    int room = cols - 1; /* one column for the ellipsis */
    int head_cols = fit == FIT_END ? room : fit == FIT_START ? 0 : (room + 1) / 2;
    size_t head = bytes_in(text, length, head_cols, ascii);
    size_t tail = fit == FIT_END ? length : tail_in(text, length, total, room - head_cols, ascii);
    x = win_putn(w, y, x, style, text, head);
    win_char(w, y, x, style, MARK_ELLIPSIS);
    return win_putn(w, y, x + 1, style, text + tail, length - tail);
}

int win_fit_right(struct win w, int y, int x, int cols, unsigned style, const char *text)
{
    int width = text_cols(text, w.grid->ascii);
    int start = width < cols ? x + cols - width : x;
    win_fit(w, y, start, cols, style, text, FIT_END);
    return start;
}

static struct cell cell_of(struct win w, unsigned style, uint32_t code)
{
    char bytes[4];
    struct grapheme g;
    grapheme_next(bytes, utf8_encode(code, bytes), w.grid->ascii, &g);
    if (g.escape[0] || g.width == 0)
        g = (struct grapheme){.code = w.grid->ascii ? '?' : 0xfffd, .width = 1};
    return (struct cell){.code = g.code, .style = (uint16_t)style, .width = (uint8_t)g.width};
}

void win_char(struct win w, int y, int x, unsigned style, uint32_t code)
{
    put_cell(w, y, x, cell_of(w, style, code));
}

void win_fill(struct win w, unsigned style, uint32_t code)
{
    struct cell value = cell_of(w, style, code);
    for (int y = 0; y < w.rows; y++)
        for (int x = 0; x < w.cols; x += value.width)
            put_cell(w, y + w.pan_y, x + w.pan_x, value);
}

void win_style(struct win w, int y, int x, int cols, unsigned style)
{
    for (int i = 0; i < cols; i++) {
        struct cell *c = visible_cell(w, y, x + i);
        if (c)
            c->style = (uint16_t)style;
    }
}

void win_flag(struct win w, int y, int x, int cols, unsigned flags)
{
    for (int i = 0; i < cols; i++) {
        struct cell *c = visible_cell(w, y, x + i);
        if (c)
            c->style = (uint16_t)(c->style | (flags & ~(unsigned)STYLE_ROLE_MASK));
    }
}

static const uint32_t line_codes[16] = {
    [LINE_UP] = 0x2575,
    [LINE_RIGHT] = 0x2576,
    [LINE_DOWN] = 0x2577,
    [LINE_LEFT] = 0x2574,
    [LINE_UP | LINE_DOWN] = 0x2502,
    [LINE_LEFT | LINE_RIGHT] = 0x2500,
    [LINE_DOWN | LINE_RIGHT] = 0x250c,
    [LINE_DOWN | LINE_LEFT] = 0x2510,
    [LINE_UP | LINE_RIGHT] = 0x2514,
    [LINE_UP | LINE_LEFT] = 0x2518,
    [LINE_UP | LINE_DOWN | LINE_RIGHT] = 0x251c,
    [LINE_UP | LINE_DOWN | LINE_LEFT] = 0x2524,
    [LINE_DOWN | LINE_LEFT | LINE_RIGHT] = 0x252c,
    [LINE_UP | LINE_LEFT | LINE_RIGHT] = 0x2534,
    [LINE_UP | LINE_DOWN | LINE_LEFT | LINE_RIGHT] = 0x253c,
};

uint32_t line_code(unsigned arms)
{
    return line_codes[arms & 15];
}

unsigned line_arms(uint32_t code)
{
    for (unsigned arms = 1; arms < 16; arms++)
        if (line_codes[arms] == code)
            return arms;
    return 0;
}

/* In an ASCII grid the drawn form is all there is: corners and crossings have lost their arms, and joining
 * anything to them gives a crossing again. */
static unsigned drawn_arms(const struct cell *c, bool ascii)
{
    if (!ascii)
        return line_arms(c->code);
    switch (c->code) {
    case '-': return LINE_LEFT | LINE_RIGHT;
    case '|': return LINE_UP | LINE_DOWN;
    case '+': return LINE_UP | LINE_DOWN | LINE_LEFT | LINE_RIGHT;
    default: return 0;
    }
}

void win_join(struct win w, int y, int x, unsigned style, unsigned arms)
{
    const struct cell *c = visible_cell(w, y, x);
    if (c && (arms & 15))
        win_char(w, y, x, style, line_code(arms | drawn_arms(c, w.grid->ascii)));
}

void win_hline(struct win w, int y, int x, int cols, unsigned style)
{
    for (int i = 0; i < cols; i++)
        win_char(w, y, x + i, style, line_code(LINE_LEFT | LINE_RIGHT));
}

void win_vline(struct win w, int y, int x, int rows, unsigned style)
{
    for (int i = 0; i < rows; i++)
        win_char(w, y + i, x, style, line_code(LINE_UP | LINE_DOWN));
}

void win_box(struct win w, unsigned style)
{
    if (w.rows < 2 || w.cols < 2)
        return;
    w.pan_y = w.pan_x = 0;
    int bottom = w.rows - 1, right = w.cols - 1;
    win_hline(w, 0, 1, right - 1, style);
    win_hline(w, bottom, 1, right - 1, style);
    win_vline(w, 1, 0, bottom - 1, style);
    win_vline(w, 1, right, bottom - 1, style);
    win_char(w, 0, 0, style, line_code(LINE_DOWN | LINE_RIGHT));
    win_char(w, 0, right, style, line_code(LINE_DOWN | LINE_LEFT));
    win_char(w, bottom, 0, style, line_code(LINE_UP | LINE_RIGHT));
    win_char(w, bottom, right, style, line_code(LINE_UP | LINE_LEFT));
}
