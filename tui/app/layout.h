/* Where the views are on the screen: tiles with a heading each. Pure arithmetic; tiles keep their place while
 * a run goes on and depend only on the size of the screen and on what the person chose. */
#ifndef TUI_APP_LAYOUT_H
#define TUI_APP_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>

/* The views in the order of their number keys; the table of classes is app.c's. */
enum view_id {
    VIEW_GRAPH,
    VIEW_QUEUE,
    VIEW_CHANNELS,
    VIEW_TIMELINE,
    VIEW_OUTPUT,
    VIEW_SOURCE,
    VIEW_BREAKPOINTS,
    VIEW_ID_COUNT
};

/* What the person chose. */
struct layout {
    enum view_id focus;
    bool is_zoomed;      /* the focused view has the whole screen */
    int left_percent;    /* width of the left column */
    int top_percent;     /* height of the graph */
    enum view_id drawer; /* which of timeline, source and breakpoints is in front where they share a tile */
    enum view_id second_drawer; /* which of source and breakpoints, where they have a tile of their own */
};
#define LAYOUT_INIT                                                                                          \
    {                                                                                                        \
        .focus = VIEW_GRAPH, .left_percent = 60, .top_percent = 62, .drawer = VIEW_TIMELINE,                 \
        .second_drawer = VIEW_SOURCE                                                                         \
    }

/* A tile: a heading line, and below it the view. */
struct tile {
    enum view_id view;
    int top, left, rows, cols;        /* with the heading */
    enum view_id tabs[VIEW_ID_COUNT]; /* views that share the tile, the one in front included */
    size_t tab_count;
    bool is_folded; /* one line: the heading with a summary */
};

enum { LAYOUT_MIN_ROWS = 5, LAYOUT_MIN_COLS = 20 };

struct tiling {
    struct tile tiles[VIEW_ID_COUNT];
    size_t count;
    int separator; /* column of the line between the left and the right, or -1 */
};

/* Fills the area of rows x cols (below the title line, above the bottom line). Too small an area gives no
 * tiles. */
void layout_compute(const struct layout *layout, int rows, int cols, struct tiling *out);
/* Brings a view to the front and focuses it. */
void layout_focus(struct layout *layout, enum view_id view);
/* Focuses the next (or previous) tile that is on the screen. */
void layout_cycle(struct layout *layout, const struct tiling *tiling, int direction);
/* Makes the focused tile larger (or smaller) by a few percent. */
void layout_grow(struct layout *layout, const struct tiling *tiling, int direction);
/* The tile of a view, or NULL when it is not on the screen. */
const struct tile *layout_tile(const struct tiling *tiling, enum view_id view);

#endif
