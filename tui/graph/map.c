#include "tui/graph/map.h"

#include "tui/graph/model.h"

#define DOTS_ACROSS 2
#define DOTS_DOWN   4
#define BRAILLE     0x2800u
#define DOTS_ALL    0xffu

/* One axis: `size` cells of the plane on `dots` dots of the map. */
struct axis {
    int32_t size, dots;
};

static struct axis axis(int32_t size, int32_t cells, int32_t dots_of_cell)
{
    int32_t used = size < cells ? size : cells;
    return (struct axis){size, used * dots_of_cell};
}

static int32_t dot_at(struct axis a, int32_t at)
{
    int64_t dot = (int64_t)at * a.dots / a.size;
    return dot < 0 ? 0 : dot >= a.dots ? a.dots - 1 : (int32_t)dot;
}

/* Dots of a stretch, rounded down so that neighbours stay apart; at least one. */
static int32_t dots_of(struct axis a, int32_t length)
{
    int64_t dots = (int64_t)length * a.dots / a.size;
    return dots < 1 ? 1 : (int32_t)dots;
}

/* Braille numbers the left column of dots 1 2 3 7, the right one 4 5 6 8. */
static uint32_t dot_bit(int32_t x, int32_t y)
{
    static const uint8_t bits[DOTS_ACROSS][DOTS_DOWN] = {{0x01, 0x02, 0x04, 0x40}, {0x08, 0x10, 0x20, 0x80}};
    return bits[x % DOTS_ACROSS][y % DOTS_DOWN];
}

/* While boxes are drawn, glyph holds the dots. */
static void draw_box(const struct graph_map *map, struct axis across, struct axis down, struct graph_rect box,
    uint8_t class, struct graph_map_cell *cells)
{
    int32_t left = dot_at(across, box.x), top = dot_at(down, box.y);
    int32_t right = left + dots_of(across, box.w), bottom = top + dots_of(down, box.h);
    for (int32_t y = top; y < bottom && y < down.dots; y++) {
        for (int32_t x = left; x < right && x < across.dots; x++) {
            struct graph_map_cell *cell = &cells[y / DOTS_DOWN * map->cols + x / DOTS_ACROSS];
            cell->glyph |= dot_bit(x, y);
            cell->has_nodes = true;
            if (class > cell->class)
                cell->class = class;
        }
    }
}

static uint32_t dots_glyph(uint32_t dots, enum graph_glyphs glyphs)
{
    int count = 0;
    if (dots == 0)
        return ' ';
    if (glyphs == GRAPH_UNICODE)
        return BRAILLE | dots;
    for (uint32_t rest = dots & DOTS_ALL; rest; rest &= rest - 1)
        count++;
    return count <= 2 ? '.' : count <= 5 ? ':' : '#';
}

static uint32_t frame_glyph(const struct graph_rect *frame, int32_t x, int32_t y, bool ascii)
{
    bool left = x == frame->x, right = x == frame->x + frame->w - 1;
    bool top = y == frame->y, bottom = y == frame->y + frame->h - 1;
    if (frame->w == 1 && frame->h == 1)
        return ascii ? '+' : 0x25A1;
    if (frame->h == 1)
        return left ? '[' : right ? ']' : ascii ? '-' : 0x2500;
    if (frame->w == 1)
        return ascii ? '|' : 0x2502;
    if (ascii)
        return (left || right) && (top || bottom) ? '+' : top || bottom ? '-' : '|';
    if (top)
        return left ? 0x250C : right ? 0x2510 : 0x2500;
    if (bottom)
        return left ? 0x2514 : right ? 0x2518 : 0x2500;
    return 0x2502;
}

/* The cells of the map that the view covers, of one axis: from *start, *count of them. */
static void cover(
    struct axis a, int32_t dots_of_cell, int32_t at, int32_t length, int32_t *start, int32_t *count)
{
    int64_t end = (int64_t)at + length;
    if (at < 0)
        at = 0;
    if (end > a.size)
        end = a.size;
    if (at >= end) {
        *count = 0;
        return;
    }
    *start = dot_at(a, at) / dots_of_cell;
    *count = dot_at(a, (int32_t)end - 1) / dots_of_cell - *start + 1;
}

static void draw_frame(
    const struct graph_map *map, struct axis across, struct axis down, struct graph_map_cell *cells)
{
    struct graph_rect frame = {0};
    cover(across, DOTS_ACROSS, map->view.x, map->view.w, &frame.x, &frame.w);
    cover(down, DOTS_DOWN, map->view.y, map->view.h, &frame.y, &frame.h);
    if (frame.w == 0 || frame.h == 0)
        return;
    for (int32_t y = frame.y; y < frame.y + frame.h; y++) {
        for (int32_t x = frame.x; x < frame.x + frame.w; x++) {
            struct graph_map_cell *cell = &cells[y * map->cols + x];
            cell->is_in_view = true;
            cell->is_frame =
                x == frame.x || x == frame.x + frame.w - 1 || y == frame.y || y == frame.y + frame.h - 1;
            if (cell->is_frame && !cell->has_nodes)
                cell->glyph = frame_glyph(&frame, x, y, map->glyphs == GRAPH_ASCII);
        }
    }
}

void graph_map_draw(const struct graph_layout *g, const struct graph_map *map, struct graph_map_cell *cells)
{
    struct axis across = axis(graph_layout_width(g), map->cols, DOTS_ACROSS);
    struct axis down = axis(graph_layout_height(g), map->rows, DOTS_DOWN);
    size_t count = (size_t)map->cols * (size_t)map->rows;
    for (size_t i = 0; i < count; i++)
        cells[i] = (struct graph_map_cell){0};
    for (uint32_t i = 0; across.dots > 0 && down.dots > 0 && i < g->nodes.count; i++) {
        if (g->nodes.at[i].hidden || g->nodes.at[i].item == NONE)
            continue;
        uint8_t class = map->class_of ? map->class_of(map->user, i) : 0;
        draw_box(map, across, down, graph_layout_node_rect(g, i), class, cells);
    }
    for (size_t i = 0; i < count; i++)
        cells[i].glyph = dots_glyph(cells[i].glyph, map->glyphs);
    if (across.dots > 0 && down.dots > 0)
        draw_frame(map, across, down, cells);
}

static int32_t middle(struct axis a, int32_t dots_of_cell, int32_t cell)
{
    int64_t at = a.dots ? ((int64_t)cell * 2 + 1) * dots_of_cell * a.size / (a.dots * INT64_C(2)) : 0;
    return at < 0 ? 0 : at >= a.size ? (a.size > 0 ? a.size - 1 : 0) : (int32_t)at;
}

struct graph_point graph_map_point(
    const struct graph_layout *g, const struct graph_map *map, int32_t col, int32_t row)
{
    return (struct graph_point){middle(axis(graph_layout_width(g), map->cols, DOTS_ACROSS), DOTS_ACROSS, col),
        middle(axis(graph_layout_height(g), map->rows, DOTS_DOWN), DOTS_DOWN, row)};
}
