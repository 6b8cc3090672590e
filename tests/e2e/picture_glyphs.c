#include "tests/e2e/picture_glyphs.h"

#include <stddef.h>

enum { NONE, LIGHT, HEAVY, DOUBLE };
enum { BOX_FIRST = 0x2500, BOX_LAST = 0x257f, BLOCK_FIRST = 0x2580, BLOCK_LAST = 0x259f };

/* The weights of the arms of U+2500..U+257F: up, right, down, left. Dashes, arcs and diagonals are drawn
 * apart. */
static const char box_arms[128][5] = {
    "0101", "0202", "1010", "2020", "0101", "0202", "1010", "2020", /* ─━│┃┄┅┆┇ */
    "0101", "0202", "1010", "2020", "0110", "0210", "0120", "0220", /* ┈┉┊┋┌┍┎┏ */
    "0011", "0012", "0021", "0022", "1100", "1200", "2100", "2200", /* ┐┑┒┓└┕┖┗ */
    "1001", "1002", "2001", "2002", "1110", "1210", "2110", "1120", /* ┘┙┚┛├┝┞┟ */
    "2120", "2210", "1220", "2220", "1011", "1012", "2011", "1021", /* ┠┡┢┣┤┥┦┧ */
    "2021", "2012", "1022", "2022", "0111", "0112", "0211", "0212", /* ┨┩┪┫┬┭┮┯ */
    "0121", "0122", "0221", "0222", "1101", "1102", "1201", "1202", /* ┰┱┲┳┴┵┶┷ */
    "2101", "2102", "2201", "2202", "1111", "1112", "1211", "1212", /* ┸┹┺┻┼┽┾┿ */
    "2111", "1121", "2121", "2112", "2211", "1122", "1221", "2212", /* ╀╁╂╃╄╅╆╇ */
    "1222", "2122", "2221", "2222", "0101", "0202", "1010", "2020", /* ╈╉╊╋╌╍╎╏ */
    "0303", "3030", "0310", "0130", "0330", "0013", "0031", "0033", /* ═║╒╓╔╕╖╗ */
    "1300", "3100", "3300", "1003", "3001", "3003", "1310", "3130", /* ╘╙╚╛╜╝╞╟ */
    "3330", "1013", "3031", "3033", "0313", "0131", "0333", "1303", /* ╠╡╢╣╤╥╦╧ */
    "3101", "3303", "1313", "3131", "3333", "0110", "0011", "1001", /* ╨╩╪╫╬╭╮╯ */
    "1100", "0000", "0000", "0000", "0001", "1000", "0100", "0010", /* ╰╱╲╳╴╵╶╷ */
    "0002", "2000", "0200", "0020", "0201", "1020", "0102", "2010", /* ╸╹╺╻╼╽╾╿ */
};

static int arm(unsigned code_point, unsigned side)
{
    if (code_point < BOX_FIRST || code_point > BOX_LAST)
        return NONE;
    return box_arms[code_point - BOX_FIRST][side % 4] - '0';
}

bool glyph_reaches(unsigned code_point, enum glyph_side side)
{
    return arm(code_point, side) != NONE;
}

/* Geometry: the middle of all lines is at (5.5, 10.5), so that a light line, 1 wide, covers whole units,
 * which are pixels. A double line is two light ones, two units off the middle. */
static const double middle_x = 5.5, middle_y = 10.5;
static const double half_width[] = {0, 0.5, 1.5, 0.5};
static const double double_offset = 2;

struct pen {
    struct str *out;
    const char *colour;
    double x, y; /* corner of the cell */
};

static void rect(const struct pen *p, double x0, double y0, double x1, double y1)
{
    str_addf(p->out, "<rect x=\"%g\" y=\"%g\" width=\"%g\" height=\"%g\" fill=\"%s\"/>\n", p->x + x0,
        p->y + y0, x1 - x0, y1 - y0, p->colour);
}

/* A line from an edge of the cell to `end` beyond (+) or short of (-) the middle, `offset` off the middle
 * sideways. */
static void arm_line(const struct pen *p, unsigned side, double half, double offset, double end)
{
    switch ((enum glyph_side)side) {
    case GLYPH_UP: rect(p, middle_x + offset - half, 0, middle_x + offset + half, middle_y + end); break;
    case GLYPH_DOWN:
        rect(p, middle_x + offset - half, middle_y - end, middle_x + offset + half, GLYPH_HEIGHT);
        break;
    case GLYPH_LEFT: rect(p, 0, middle_y + offset - half, middle_x + end, middle_y + offset + half); break;
    case GLYPH_RIGHT:
        rect(p, middle_x - end, middle_y + offset - half, GLYPH_WIDTH, middle_y + offset + half);
        break;
    }
}

/* Where one of the two lines of a double arm ends: at the near line of a double arm on its own side, at the
 * far one where nothing is on that side, so that corners are closed and crossings stay hollow. */
static double double_end(int own_side, int other_side)
{
    if (own_side == DOUBLE)
        return -double_offset + half_width[DOUBLE];
    if (own_side == NONE && other_side == DOUBLE)
        return double_offset + half_width[DOUBLE];
    return half_width[LIGHT];
}

static void draw_arm(const struct pen *p, unsigned code_point, unsigned side)
{
    int weight = arm(code_point, side);
    int opposite = arm(code_point, side + 2);
    /* The perpendicular arms at the smaller and the greater coordinate. */
    bool vertical = side == GLYPH_UP || side == GLYPH_DOWN;
    int before = arm(code_point, vertical ? GLYPH_LEFT : GLYPH_UP);
    int after = arm(code_point, vertical ? GLYPH_RIGHT : GLYPH_DOWN);
    if (weight == DOUBLE) {
        arm_line(p, side, half_width[DOUBLE], -double_offset, double_end(before, after));
        arm_line(p, side, half_width[DOUBLE], double_offset, double_end(after, before));
    } else if (weight != NONE) {
        double end = half_width[before == HEAVY || after == HEAVY ? HEAVY : LIGHT];
        if (opposite == NONE && (before == DOUBLE || after == DOUBLE))
            end += before == after ? -double_offset : double_offset;
        arm_line(p, side, half_width[weight], 0, end);
    }
}

/* ┄┅┆┇ in three, ┈┉┊┋ in four, ╌╍╎╏ in two pieces; 0 for lines without gaps. */
static int dash_count(unsigned code_point)
{
    if (code_point >= 0x2504 && code_point <= 0x2507)
        return 3;
    if (code_point >= 0x2508 && code_point <= 0x250b)
        return 4;
    return code_point >= 0x254c && code_point <= 0x254f ? 2 : 0;
}

static void draw_dashes(const struct pen *p, unsigned code_point, int count)
{
    bool vertical = arm(code_point, GLYPH_UP) != NONE;
    double half = half_width[arm(code_point, vertical ? GLYPH_UP : GLYPH_RIGHT)];
    double step = (vertical ? GLYPH_HEIGHT : GLYPH_WIDTH) / (double)count;
    for (int i = 0; i < count; i++) {
        double from = (i + 0.2) * step, to = (i + 0.8) * step;
        if (vertical)
            rect(p, middle_x - half, from, middle_x + half, to);
        else
            rect(p, from, middle_y - half, to, middle_y + half);
    }
}

/* ╭╮╯╰: from the edges to a quarter of a rounded corner. */
static void draw_arc(const struct pen *p, unsigned code_point)
{
    const double radius = 4.75;
    bool down = arm(code_point, GLYPH_DOWN) != NONE, right = arm(code_point, GLYPH_RIGHT) != NONE;
    double cx = p->x + middle_x, cy = p->y + middle_y;
    str_addf(p->out,
        "<path d=\"M%g %g L%g %g Q%g %g %g %g L%g %g\" fill=\"none\" stroke=\"%s\" stroke-width=\"1\"/>\n",
        cx, down ? p->y + GLYPH_HEIGHT : p->y, cx, down ? cy + radius : cy - radius, cx, cy,
        right ? cx + radius : cx - radius, cy, right ? p->x + GLYPH_WIDTH : p->x, cy, p->colour);
}

static void draw_diagonal(const struct pen *p, bool rising)
{
    str_addf(p->out, "<path d=\"M%g %g L%g %g\" stroke=\"%s\" stroke-width=\"1\"/>\n", p->x,
        rising ? p->y + GLYPH_HEIGHT : p->y, p->x + GLYPH_WIDTH, rising ? p->y : p->y + GLYPH_HEIGHT,
        p->colour);
}

static void draw_box(const struct pen *p, unsigned code_point)
{
    int dashes = dash_count(code_point);
    if (dashes > 0) {
        draw_dashes(p, code_point, dashes);
    } else if (code_point >= 0x256d && code_point <= 0x2570) {
        draw_arc(p, code_point);
    } else if (code_point >= 0x2571 && code_point <= 0x2573) {
        if (code_point != 0x2572)
            draw_diagonal(p, true);
        if (code_point != 0x2571)
            draw_diagonal(p, false);
    } else {
        for (unsigned side = 0; side < 4; side++)
            draw_arm(p, code_point, side);
    }
}

/* ▖..▟ as bits: 1 upper left, 2 upper right, 4 lower left, 8 lower right. */
static const unsigned char quadrants[] = {4, 8, 1, 13, 9, 7, 11, 2, 6, 14};

static void draw_block(const struct pen *p, unsigned code_point)
{
    const double w = GLYPH_WIDTH, h = GLYPH_HEIGHT;
    unsigned n = code_point - BLOCK_FIRST;
    if (n == 0) {
        rect(p, 0, 0, w, h / 2);
    } else if (n <= 8) {
        rect(p, 0, h - n * h / 8, w, h);
    } else if (n <= 15) {
        rect(p, 0, 0, (16 - n) * w / 8, h);
    } else if (n == 16) {
        rect(p, w / 2, 0, w, h);
    } else if (n <= 19) {
        str_addf(p->out, "<g opacity=\"0.%u\">", (n - 16) * 25);
        rect(p, 0, 0, w, h);
        str_add(p->out, "</g>");
    } else if (n == 20) {
        rect(p, 0, 0, w, h / 8);
    } else if (n == 21) {
        rect(p, w - w / 8, 0, w, h);
    } else {
        for (unsigned i = 0; i < 4; i++) {
            if (quadrants[n - 22] & (1u << i))
                rect(p, i % 2 ? w / 2 : 0, i / 2 ? h / 2 : 0, i % 2 ? w : w / 2, i / 2 ? h : h / 2);
        }
    }
}

static const struct {
    unsigned code_point;
    enum glyph_side base;
    const char *points; /* three corners, around the middle */
} triangles[] = {
    {0x25b2, GLYPH_DOWN, "-4.5,4 4.5,4 0,-5"},    /* ▲ */
    {0x25bc, GLYPH_UP, "-4.5,-4 4.5,-4 0,5"},     /* ▼ */
    {0x25b6, GLYPH_LEFT, "-4,-4.5 -4,4.5 4.5,0"}, /* ▶ */
    {0x25ba, GLYPH_LEFT, "-4,-4.5 -4,4.5 4.5,0"}, /* ► */
    {0x25c0, GLYPH_RIGHT, "4,-4.5 4,4.5 -4.5,0"}, /* ◀ */
    {0x25c4, GLYPH_RIGHT, "4,-4.5 4,4.5 -4.5,0"}, /* ◄ */
};

static int triangle_index(unsigned code_point)
{
    for (int i = 0; i < (int)(sizeof triangles / sizeof *triangles); i++) {
        if (triangles[i].code_point == code_point)
            return i;
    }
    return -1;
}

int glyph_base(unsigned code_point)
{
    int i = triangle_index(code_point);
    return i < 0 ? -1 : (int)triangles[i].base;
}

static bool draw_triangle(const struct pen *p, unsigned code_point, bool joined)
{
    int i = triangle_index(code_point);
    if (i < 0)
        return false;
    str_addf(p->out, "<polygon transform=\"translate(%g %g)\" points=\"%s\" fill=\"%s\"/>\n", p->x + middle_x,
        p->y + middle_y, triangles[i].points, p->colour);
    if (joined)
        arm_line(p, triangles[i].base, half_width[LIGHT], 0, half_width[LIGHT]);
    return true;
}

bool glyph_draw(struct str *out, unsigned code_point, double x, double y, const char *colour, bool joined)
{
    struct pen pen = {.out = out, .colour = colour, .x = x, .y = y};
    if (code_point >= BOX_FIRST && code_point <= BOX_LAST)
        draw_box(&pen, code_point);
    else if (code_point >= BLOCK_FIRST && code_point <= BLOCK_LAST)
        draw_block(&pen, code_point);
    else
        return draw_triangle(&pen, code_point, joined);
    return true;
}
