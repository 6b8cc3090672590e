#include "tui/app/layout.h"

#include <string.h>

enum {
    TILED_COLS = 64, /* narrower or lower screens show one view and a line for each of the others */
    TILED_ROWS = 16,
    DRAWERS_COLS =
        66, /* width of the left column from which the timeline and its neighbour stand side by side */
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

static void drawers(const struct layout *layout, int top, int rows, int cols, struct tiling *out)
{
    static const enum view_id all[] = {VIEW_TIMELINE, VIEW_SOURCE, VIEW_BREAKPOINTS};
    if (cols < DRAWERS_COLS) {
        set_tabs(add_tile(out, layout->drawer, top, 0, rows, cols), all, 3);
        return;
    }
    int left = cols / 2;
    add_tile(out, VIEW_TIMELINE, top, 0, rows, left);
    set_tabs(add_tile(out, layout->second_drawer, top, left + 1, rows, cols - left - 1), all + 1, 2);
    out->second_separator = left;
    out->second_separator_top = top;
}

static void tiled(const struct layout *layout, int rows, int cols, struct tiling *out)
{
    int left = cols * layout->left_percent / 100;
    int top = rows * layout->top_percent / 100;
    int right_cols = cols - left - 1;
    /* The right column does not move with the graph: queue, channels, output share it 3 : 4 : 4. */
    int queue = rows * 3 / 11, channels = rows * 4 / 11;
    add_tile(out, VIEW_GRAPH, 0, 0, top, left);
    add_tile(out, VIEW_QUEUE, 0, left + 1, queue, right_cols);
    add_tile(out, VIEW_CHANNELS, queue, left + 1, channels, right_cols);
    drawers(layout, top, rows - top, left, out);
    add_tile(out, VIEW_OUTPUT, queue + channels, left + 1, rows - queue - channels, right_cols);
    out->separator = left;
    out->separator_rows = rows;
}

void layout_compute(const struct layout *layout, int rows, int cols, struct tiling *out)
{
    *out = (struct tiling){.separator = -1, .second_separator = -1};
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
    if (tiling->count <= 1) {
        int view = ((int)layout->focus + direction + VIEW_ID_COUNT) % VIEW_ID_COUNT;
        layout_focus(layout, (enum view_id)view);
        return;
    }
    size_t at = 0;
    while (at < tiling->count && tiling->tiles[at].view != layout->focus)
        at++;
    at = (at + tiling->count + (direction > 0 ? 1 : tiling->count - 1)) % tiling->count;
    layout_focus(layout, tiling->tiles[at].view);
}

static int clamp(int value, int low, int high)
{
    return value < low ? low : value > high ? high : value;
}

void layout_grow(struct layout *layout, int direction)
{
    bool is_left = layout->focus == VIEW_GRAPH || is_drawer(layout->focus);
    int step = direction * GROW_STEP;
    layout->left_percent = clamp(layout->left_percent + (is_left ? step : -step), 30, 80);
    if (layout->focus == VIEW_GRAPH || is_drawer(layout->focus))
        layout->top_percent =
            clamp(layout->top_percent + (layout->focus == VIEW_GRAPH ? step : -step), 25, 85);
}
