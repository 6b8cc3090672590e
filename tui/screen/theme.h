/* How roles look: the only place with colours. */
#ifndef TUI_SCREEN_THEME_H
#define TUI_SCREEN_THEME_H

#include <stdbool.h>
#include <stdint.h>

#include "tui/screen/grid.h"

enum theme_colors {
    THEME_NO_COLOR, /* bold, underline and reverse only */
    THEME_16,
    THEME_256,
    THEME_TRUE,
};

enum theme_variant {
    THEME_AUTO, /* $FLOWDBG_THEME (dark, light), else $COLORFGBG, else dark */
    THEME_DARK,
    THEME_LIGHT,
};

struct theme {
    enum theme_colors colors;
    enum theme_variant variant; /* not THEME_AUTO */
};

enum look_flag {
    LOOK_BOLD = 1,
    LOOK_DIM = 2,
    LOOK_UNDERLINE = 4,
    LOOK_REVERSE = 8,
};

#define LOOK_DEFAULT (-1)

/* Colours are palette numbers (THEME_16, THEME_256), 0xRRGGBB (THEME_TRUE) or LOOK_DEFAULT. */
struct look {
    int32_t fg, bg;
    unsigned flags; /* enum look_flag */
};

/* style: enum role | enum style_flag. Unknown roles look normal. */
struct look theme_look(const struct theme *t, unsigned style);
/* Never THEME_AUTO. `wanted` wins unless it is THEME_AUTO. Reads the environment. */
enum theme_variant theme_variant_choose(enum theme_variant wanted);
/* Colours to use on a terminal that knows `terminal_colors` (terminfo). NO_COLOR, if set and not empty, wins.
 */
enum theme_colors theme_colors_choose(long terminal_colors, bool direct);

#endif
