#include "tests/e2e/picture.h"

#include <errno.h>
#include <limits.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/e2e/picture_glyphs.h"

/* The colours of a terminal's window: calm ones, dark or light. */
struct window_colours {
    unsigned window, bar, edge, text, title;
    unsigned palette[16]; /* the eight colours and the bright ones */
};
static const struct window_colours dark = {
    .window = 0x1c2027,
    .bar = 0x262b34,
    .edge = 0x3a414d,
    .text = 0xd3d9e3,
    .title = 0x9aa4b4,
    .palette = {0x2b313b, 0xe8747c, 0x9ccc7a, 0xe6c177, 0x6cb2f2, 0xc792ea, 0x5fc4cf, 0xc9d0db, 0x7c8797,
        0xf49097, 0xb5dd97, 0xf2d596, 0x92c8f8, 0xd9b3f3, 0x86d9e1, 0xf2f5f9},
};
static const struct window_colours light = {
    .window = 0xfbfbf8,
    .bar = 0xe6e6e1,
    .edge = 0xc9c9c3,
    .text = 0x2b2f36,
    .title = 0x62676f,
    .palette = {0x2b2f36, 0xb3261e, 0x2e7d32, 0x8a6100, 0x1f5fbf, 0x8636a8, 0x00707a, 0xd0d3d8, 0x7c828b,
        0xd0453c, 0x43923f, 0xa87800, 0x3878d6, 0x9c4fbe, 0x0b8792, 0xfbfbf8},
};

enum { MARGIN = 8, PADDING = 12, BAR = 34 };
/* DejaVu Sans Mono advances 1233/2048 of its size: this size makes it advance exactly one cell. */
#define FONT_SIZE (GLYPH_WIDTH * 2048.0 / 1233.0)
static const double baseline = 15.75;

struct style {
    unsigned fg, bg;
    bool bold, italic, underline;
};

/* The colour of a cell's paint as 0xRRGGBB. */
static unsigned rgb(const struct window_colours *colours, int colour, unsigned fallback)
{
    static const unsigned levels[6] = {0, 95, 135, 175, 215, 255};
    if (colour == TERM_COLOUR_DEFAULT)
        return fallback;
    if (colour & TERM_COLOUR_RGB)
        return (unsigned)colour & 0xffffff;
    unsigned n = (unsigned)colour;
    if (n < 16)
        return colours->palette[n];
    if (n >= 232)
        return (n - 232) * 0x0a0a0a + 0x080808;
    n -= 16;
    return levels[n / 36] << 16 | levels[n / 6 % 6] << 8 | levels[n % 6];
}

/* A colour three fifths of the way from `from` to `to`. */
static unsigned blend(unsigned from, unsigned to)
{
    unsigned mixed = 0;
    for (unsigned shift = 0; shift <= 16; shift += 8) {
        unsigned a = from >> shift & 0xff, b = to >> shift & 0xff;
        mixed |= (2 * a + 3 * b) / 5 << shift;
    }
    return mixed;
}

static bool is_light(unsigned colour)
{
    return 3 * (colour >> 16 & 0xff) + 6 * (colour >> 8 & 0xff) + (colour & 0xff) > 1400;
}

static struct style cell_style(const struct window_colours *colours, const struct term_cell *cell)
{
    struct style s = {
        .fg = rgb(colours, cell->fg, colours->text),
        .bg = rgb(colours, cell->bg, colours->window),
        .bold = cell->bold,
        .italic = cell->italic,
        .underline = cell->underline,
    };
    /* The palette is made for text; light text on it needs it darker. */
    if (cell->bg > 0 && cell->bg < 16 && is_light(s.fg))
        s.bg = s.bg >> 1 & 0x7f7f7f;
    if (cell->reverse) {
        unsigned fg = s.fg;
        s.fg = s.bg;
        s.bg = fg;
    }
    if (cell->dim)
        s.fg = blend(s.bg, s.fg);
    return s;
}

/* The screen to be drawn: one style per cell, the cursor already in it. */
struct canvas {
    const struct term *t;
    const struct window_colours *colours;
    struct str *out;
    int rows, cols;
};

static double cell_x(int col)
{
    return MARGIN + PADDING + (double)col * GLYPH_WIDTH;
}

static double cell_y(int row)
{
    return MARGIN + BAR + PADDING + (double)row * GLYPH_HEIGHT;
}

static struct style style_at(const struct canvas *c, int row, int col)
{
    struct term_cell cell = term_cell(c->t, row, col);
    if (cell.width == 0 && col > 0) /* the right half looks as the left one */
        cell = term_cell(c->t, row, --col);
    struct style s = cell_style(c->colours, &cell);
    int cursor_row, cursor_col;
    if (term_cursor(c->t, &cursor_row, &cursor_col) && row == cursor_row && col == cursor_col) {
        s.fg = c->colours->window;
        s.bg = c->colours->text;
    }
    return s;
}

static bool same_style(struct style a, struct style b)
{
    return a.fg == b.fg && a.bg == b.bg && a.bold == b.bold && a.italic == b.italic &&
           a.underline == b.underline;
}

static unsigned code_point(const struct term_cell *cell)
{
    unsigned point = ' ';
    if (cell->glyph[0])
        utf8_decode(cell->glyph, strlen(cell->glyph), &point);
    return point;
}

static void draw_backgrounds(const struct canvas *c, int row)
{
    for (int col = 0, end; col < c->cols; col = end) {
        unsigned bg = style_at(c, row, col).bg;
        for (end = col + 1; end < c->cols && style_at(c, row, end).bg == bg;)
            end++;
        if (bg != c->colours->window)
            str_addf(c->out, "<rect x=\"%g\" y=\"%g\" width=\"%d\" height=\"%d\" fill=\"#%06x\"/>\n",
                cell_x(col), cell_y(row), (end - col) * GLYPH_WIDTH, GLYPH_HEIGHT, bg);
    }
}

static void add_escaped(struct str *out, const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (text[i] == '&')
            str_add(out, "&amp;");
        else if (text[i] == '<')
            str_add(out, "&lt;");
        else
            str_add_char(out, text[i]);
    }
}

static void draw_text(
    const struct canvas *c, double x, double y, struct style s, const char *anchor, const struct str *text)
{
    str_addf(c->out, "<text x=\"%g\" y=\"%g\" fill=\"#%06x\"%s%s%s xml:space=\"preserve\">", x, y + baseline,
        s.fg, s.bold ? " font-weight=\"bold\"" : "", s.italic ? " font-style=\"italic\"" : "", anchor);
    add_escaped(c->out, str_text(text), text->length);
    str_add(c->out, "</text>\n");
}

/* Characters outside ASCII one by one, in the middle of their cells: they may come from another font. */
static void draw_symbol(
    const struct canvas *c, int row, int col, const struct term_cell *cell, struct style s)
{
    static const int row_step[] = {-1, 0, 1, 0}, col_step[] = {0, 1, 0, -1};
    char colour[16];
    unsigned point = code_point(cell);
    int base = glyph_base(point);
    bool joined = false;
    if (base >= 0) {
        struct term_cell neighbour = term_cell(c->t, row + row_step[base], col + col_step[base]);
        joined = glyph_reaches(code_point(&neighbour), (enum glyph_side)((base + 2) % 4));
    }
    snprintf(colour, sizeof colour, "#%06x", s.fg);
    if (!glyph_draw(c->out, point, cell_x(col), cell_y(row), colour, joined)) {
        struct str text = {0};
        str_add(&text, cell->glyph);
        double middle = cell_x(col) + cell->width * GLYPH_WIDTH / 2.0;
        draw_text(c, middle, cell_y(row), s, " text-anchor=\"middle\"", &text);
        str_finish(&text);
    }
}

static void draw_row(const struct canvas *c, int row)
{
    for (int col = 0, end; col < c->cols; col = end) {
        struct term_cell cell = term_cell(c->t, row, col);
        struct style s = style_at(c, row, col);
        struct str run = {0};
        size_t used = 0; /* without trailing spaces */
        for (end = col; end < c->cols && same_style(style_at(c, row, end), s); end++) {
            struct term_cell next = term_cell(c->t, row, end);
            if (strlen(next.glyph) != 1)
                break;
            str_add(&run, next.glyph);
            if (next.glyph[0] != ' ')
                used = run.length;
        }
        run.length = used;
        if (used > 0)
            draw_text(c, cell_x(col), cell_y(row), s, "", &run);
        if (end == col) {
            end++;
            if (cell.width > 0)
                draw_symbol(c, row, col, &cell, s);
        }
        if (s.underline)
            str_addf(c->out, "<rect x=\"%g\" y=\"%g\" width=\"%d\" height=\"1\" fill=\"#%06x\"/>\n",
                cell_x(col), cell_y(row) + baseline + 2.25, (end - col) * GLYPH_WIDTH, s.fg);
        str_finish(&run);
    }
}

static void draw_window(const struct canvas *c, int width, int height)
{
    static const unsigned lamps[] = {0xe8747c, 0xe6c177, 0x9ccc7a};
    struct str title = {0};
    double right = width - MARGIN, bottom = height - MARGIN, bar = MARGIN + BAR;
    str_addf(c->out,
        "<rect x=\"%d.5\" y=\"%d.5\" width=\"%g\" height=\"%g\" rx=\"10\" fill=\"#%06x\" "
        "stroke=\"#%06x\"/>\n",
        MARGIN, MARGIN, right - MARGIN - 1, bottom - MARGIN - 1, c->colours->window, c->colours->edge);
    str_addf(c->out, "<path d=\"M%d %g V%d a9 9 0 0 1 9 -9 H%g a9 9 0 0 1 9 9 V%g Z\" fill=\"#%06x\"/>\n",
        MARGIN + 1, bar, MARGIN + 10, right - 10, bar, c->colours->bar);
    for (int i = 0; i < 3; i++)
        str_addf(c->out, "<circle cx=\"%d\" cy=\"%d\" r=\"5\" fill=\"#%06x\" opacity=\"0.75\"/>\n",
            MARGIN + 20 + 18 * i, MARGIN + BAR / 2, lamps[i]);
    str_add(&title, term_title(c->t));
    struct style s = {.fg = c->colours->title};
    draw_text(c, width / 2.0, MARGIN + 7, s, " text-anchor=\"middle\"", &title);
    str_finish(&title);
}

void picture_svg(const struct term *t, enum picture_theme theme, struct str *out)
{
    struct canvas c = {.t = t,
        .colours = theme == PICTURE_LIGHT ? &light : &dark,
        .out = out,
        .rows = term_rows(t),
        .cols = term_cols(t)};
    int width = 2 * (MARGIN + PADDING) + c.cols * GLYPH_WIDTH;
    int height = 2 * (MARGIN + PADDING) + BAR + c.rows * GLYPH_HEIGHT;
    str_addf(out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" "
        "font-family=\"DejaVu Sans Mono, WenQuanYi Zen Hei Mono, Noto Sans Mono CJK SC, monospace\" "
        "font-size=\"%.4f\">\n",
        width, height, FONT_SIZE);
    draw_window(&c, width, height);
    for (int row = 0; row < c.rows; row++)
        draw_backgrounds(&c, row);
    for (int row = 0; row < c.rows; row++)
        draw_row(&c, row);
    str_add(out, "</svg>\n");
}

static int convert(const char *svg, const char *png)
{
    const char *const argv[] = {"rsvg-convert", "-o", png, svg, NULL};
    extern char **environ;
    pid_t pid;
    int status;
    if (posix_spawnp(&pid, argv[0], NULL, NULL, (char *const *)argv, environ) != 0)
        return 127;
    while (waitpid(pid, &status, 0) < 0) {
        if (errno != EINTR)
            return 127;
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

void picture_write_(struct term *t, enum picture_theme theme, const char *name)
{
    char svg[PATH_MAX], png[PATH_MAX];
    const char *folder = getenv("FLOWDBG_PICTURES");
    struct str text = {0};
    if (!folder || !*folder)
        return;
    snprintf(svg, sizeof svg, "%s/picture.svg", term_folder(t));
    snprintf(png, sizeof png, "%s/%s.png", folder, name);
    picture_svg(t, theme, &text);
    FILE *file = fopen(svg, "w");
    if (!file || fputs(str_text(&text), file) < 0 || fclose(file) != 0)
        term_fail_(t, "cannot write %s: %s", svg, strerror(errno));
    str_finish(&text);
    int status = convert(svg, png);
    if (status == 127)
        term_fail_(NULL, "pictures need rsvg-convert (package librsvg2-bin)");
    if (status != 0)
        term_fail_(NULL, "rsvg-convert could not write %s (status %d)", png, status);
}
