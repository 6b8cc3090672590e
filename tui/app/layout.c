#include "tui/app/layout.h"

#include <string.h>

enum {
    TILED_COLS = 64, /* narrower or lower screens show one view and a line for each of the others */
    TILED_ROWS = 16,
    SOURCE_COLS = 44, /* size of the right column from which the source has a tile of its own there */
    SOURCE_ROWS = 34,
    GROW_STEP = 5,
};

static bool is_drawer(enum view_id view)
{
    return view == VIEW_TIMELINE || view == VIEW_SOURCE || view == VIEW_BREAKPOINTS;
}

static struct tile *add_tile(struct tiling *out, enum view_id view, int top, int left, int rows, int cols)
{
    struct tile *tile = &out->tiles[out->count++];
    *tile = (struct tile){
        .view = view, .top = top, .left = left, .rows = rows, .cols = cols, .tabs = {view}, .tab_count = 1};
    return tile;
}

static void set_tabs(struct tile *tile, const enum view_id *tabs, size_t count)
{
    memcpy(tile->tabs, tabs, count * sizeof *tabs);
    tile->tab_count = count;
}

static void one_view(const struct layout *layout, int rows, int cols, struct tiling *out)
{
    struct tile *tile = add_tile(out, layout->focus, 0, 0, rows, cols);
    tile->tab_count = 0;
    for (enum view_id view = 0; view < VIEW_ID_COUNT; view++)
        tile->tabs[tile->tab_count++] = view;
}

/* The focused view and, in their usual order, a line for each of the others that there is room for. */
static void accordion(const struct layout *layout, int rows, int cols, struct tiling *out)
{
    int folded = rows - 6 < VIEW_ID_COUNT - 1 ? rows - 6 : VIEW_ID_COUNT - 1;
    int top = 0;
    if (folded < 0)
        folded = 0;
    for (enum view_id view = 0; view < VIEW_ID_COUNT; view++) {
        int height = view == layout->focus ? rows - folded : 1;
        if (view != layout->focus && (int)out->count - (view > layout->focus) >= folded)
            continue;
        add_tile(out, view, top, 0, height, cols)->is_folded = view != layout->focus;
        top += height;
    }
}

/* The right column does not move with the graph. */
static void right_column(const struct layout *layout, int rows, int left, int cols, struct tiling *out)
{
    static const enum view_id second[] = {VIEW_SOURCE, VIEW_BREAKPOINTS};
    bool has_source = rows >= SOURCE_ROWS && cols >= SOURCE_COLS;
    int queue = has_source ? rows / 6 : rows * 3 / 11;
    int channels = has_source ? rows * 2 / 7 : rows * 4 / 11;
    int source = has_source ? rows * 2 / 7 : 0;
    int top = queue + channels;
    add_tile(out, VIEW_QUEUE, 0, left, queue, cols);
    add_tile(out, VIEW_CHANNELS, queue, left, channels, cols);
    if (has_source)
        set_tabs(add_tile(out, layout->second_drawer, top, left, source, cols), second, 2);
    add_tile(out, VIEW_OUTPUT, top + source, left, rows - top - source, cols);
}

static void tiled(const struct layout *layout, int rows, int cols, struct tiling *out)
{
    static const enum view_id drawers[] = {VIEW_TIMELINE, VIEW_SOURCE, VIEW_BREAKPOINTS};
    int left = cols * layout->left_percent / 100;
    int top = rows * layout->top_percent / 100;
    add_tile(out, VIEW_GRAPH, 0, 0, top, left);
    right_column(layout, rows, left + 1, cols - left - 1, out);
    struct tile *drawer = add_tile(out, VIEW_TIMELINE, top, 0, rows - top, left);
    if (!layout_tile(out, layout->second_drawer)) {
        drawer->view = layout->drawer;
        set_tabs(drawer, drawers, 3);
    }
    out->separator = left;
}

const struct tile *layout_tile(const struct tiling *tiling, enum view_id view)
{
    for (size_t i = 0; i < tiling->count; i++) {
        if (tiling->tiles[i].view == view)
            return &tiling->tiles[i];
    }
    return NULL;
}

void layout_compute(const struct layout *layout, int rows, int cols, struct tiling *out)
{
    *out = (struct tiling){.separator = -1};
    if (rows < LAYOUT_MIN_ROWS - 2 || cols < LAYOUT_MIN_COLS)
        return;
    if (layout->is_zoomed)
        one_view(layout, rows, cols, out);
    else if (rows < TILED_ROWS || cols < TILED_COLS)
        accordion(layout, rows, cols, out);
    else
        tiled(layout, rows, cols, out);
}

void layout_focus(struct layout *layout, enum view_id view)
{
    layout->focus = view;
    if (is_drawer(view))
        layout->drawer = view;
    if (view == VIEW_SOURCE || view == VIEW_BREAKPOINTS)
        layout->second_drawer = view;
}

void layout_cycle(struct layout *layout, const struct tiling *tiling, int direction)
{
    int view = (int)layout->focus;
    do {
        view = (view + direction + VIEW_ID_COUNT) % VIEW_ID_COUNT;
    } while (tiling->count > 1 && !layout_tile(tiling, (enum view_id)view));
    layout_focus(layout, (enum view_id)view);
}

static int clamp(int value, int low, int high)
{
    return value < low ? low : value > high ? high : value;
}

void layout_grow(struct layout *layout, const struct tiling *tiling, int direction)
{
    const struct tile *tile = layout_tile(tiling, layout->focus);
    if (!tile || tiling->separator < 0)
        return;
    bool is_left = tile->left < tiling->separator;
    int step = direction * GROW_STEP;
    layout->left_percent = clamp(layout->left_percent + (is_left ? step : -step), 30, 80);
    if (is_left)
        layout->top_percent = clamp(layout->top_percent + (tile->top == 0 ? step : -step), 25, 85);
}
