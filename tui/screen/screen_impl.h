/* What a kind of screen brings. Internal to tui/screen. */
#ifndef TUI_SCREEN_SCREEN_IMPL_H
#define TUI_SCREEN_SCREEN_IMPL_H

#include "tui/screen/screen.h"

struct screen_ops {
    void (*destroy)(struct screen *s); /* frees s */
    /* Cells that changed, all in one row, beginning with a whole character. */
    void (*put)(struct screen *s, int y, int x, const struct cell *cells, int count);
    /* After all put: `whole` when everything was put because the terminal's content is not known. FLOW_OK,
     * FLOW_EIO. */
    int (*commit)(struct screen *s, bool whole);
    int (*next_event)(struct screen *s, struct event *out);
    int (*fd)(const struct screen *s);
    int (*signal_fd)(const struct screen *s);
    int (*timeout_ms)(const struct screen *s, int wanted_ms);
    void (*suspend)(struct screen *s);
    void (*leave)(struct screen *s);
    void (*enter)(struct screen *s);
    void (*sync_reply)(struct screen *s);
    void (*ring)(struct screen *s);
};

/* The common part, first member of each kind. `shown` is what the terminal shows, unless `stale`; both grids
 * have the same size. */
struct screen {
    const struct screen_ops *ops;
    struct grid grid, shown;
    bool stale;
    int cursor_y, cursor_x; /* wanted */
    int shown_cursor_y, shown_cursor_x;
    struct theme theme;
};

/* Sets up the common part; the caller has zeroed it. FLOW_OK or FLOW_ENOMEM. */
int screen_init(struct screen *s, const struct screen_ops *ops, int rows, int cols, bool ascii);
void screen_finish(struct screen *s);
/* Both grids blank in the new size. FLOW_OK or FLOW_ENOMEM (unchanged then). */
int screen_set_size(struct screen *s, int rows, int cols);

#endif
