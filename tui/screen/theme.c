#include "tui/screen/theme.h"

#include <stdlib.h>
#include <string.h>

/* A colour is chosen twice: the exact one, which 256 colours approximate, and the nearest of the 16 that the
 * user may have redefined. Blue, orange and their neighbours tell states apart for colour-blind eyes too; red
 * and green never stand against each other alone, and a mark says the same as every colour. */
struct color {
    int32_t rgb;
    int16_t ansi;
};

#define NONE                                                                                                 \
    {                                                                                                        \
        LOOK_DEFAULT, LOOK_DEFAULT                                                                           \
    }

struct role_look {
    struct color dark, light;
    struct color dark_bg, light_bg;
    unsigned flags; /* with colour */
    unsigned plain; /* without */
};

#define B LOOK_BOLD
#define D LOOK_DIM
#define U LOOK_UNDERLINE
#define R LOOK_REVERSE

static const struct role_look looks[ROLE_COUNT] = {
    [ROLE_NORMAL] = {NONE, NONE, NONE, NONE, 0, 0},
    [ROLE_DIM] = {{0x8a8a8a, 8}, {0x767676, 8}, NONE, NONE, 0, D},
    [ROLE_TITLE] = {{0xe4e4e4, 15}, {0x262626, 0}, {0x303a46, 4}, {0xd7dfe8, 7}, 0, R},
    [ROLE_TITLE_LIVE] = {{0x000000, 0}, {0xffffff, 15}, {0x5fd7af, 2}, {0x00735c, 2}, B, R | B},
    [ROLE_TITLE_REPLAY] = {{0x000000, 0}, {0xffffff, 15}, {0x87afff, 12}, {0x005faf, 4}, B, R | B},
    [ROLE_TITLE_FORK] = {{0x000000, 0}, {0xffffff, 15}, {0xffaf5f, 3}, {0xaf5f00, 3}, B, R | B},
    [ROLE_HEADING] = {NONE, NONE, NONE, NONE, B, B},
    [ROLE_ACCENT] = {{0x5fd7ff, 14}, {0x005f87, 6}, NONE, NONE, B, B},
    [ROLE_CHANGED] = {{0xffd75f, 11}, {0x8f5902, 3}, NONE, NONE, B, B | U},
    [ROLE_ERROR] = {{0xff875f, 9}, {0xaf2f00, 1}, NONE, NONE, B, B},
    [ROLE_WARNING] = {{0xffaf5f, 11}, {0x9a5b00, 3}, NONE, NONE, 0, U},
    [ROLE_OK] = {{0x5fd7af, 10}, {0x00735c, 2}, NONE, NONE, 0, 0},
    [ROLE_CURRENT] = {{0x5fd7ff, 14}, {0x005f87, 4}, NONE, NONE, B, B},
    [ROLE_RUNNING] = {{0x5fd7ff, 14}, {0x005f87, 4}, NONE, NONE, B, B},
    [ROLE_QUEUED] = {{0x87afff, 12}, {0x3a5fcd, 4}, NONE, NONE, 0, 0},
    [ROLE_GOTO] = {{0xd7afff, 13}, {0x7a3fb0, 5}, NONE, NONE, 0, 0},
    [ROLE_DYNAMIC] = {{0x5fd7d7, 6}, {0x007a7a, 6}, NONE, NONE, 0, 0},
    [ROLE_ITERATION] = {{0xffd787, 3}, {0x8f5902, 3}, NONE, NONE, 0, 0},
    [ROLE_CANCELLED] = {{0xff87af, 5}, {0x9f1f5f, 5}, NONE, NONE, 0, D},
    [ROLE_BREAKPOINT] = {{0xff875f, 9}, {0xaf2f00, 1}, NONE, NONE, B, B},
    [ROLE_KEY] = {{0xffd787, 11}, {0x005f87, 4}, NONE, NONE, B, B},
    [ROLE_NAME] = {NONE, NONE, NONE, NONE, B, B},
    [ROLE_STRING] = {{0xafd7af, 2}, {0x2f6f2f, 2}, NONE, NONE, 0, 0},
    [ROLE_NUMBER] = {{0x87d7ff, 6}, {0x005f87, 6}, NONE, NONE, 0, 0},
    [ROLE_KEYWORD] = {{0xafafff, 12}, {0x4f3fbf, 4}, NONE, NONE, 0, B},
    [ROLE_COMMENT] = {{0x8a8a8a, 8}, {0x767676, 8}, NONE, NONE, 0, D},
    [ROLE_MATCH] = {{0x000000, 0}, {0x000000, 0}, {0xffd75f, 3}, {0xffd75f, 11}, 0, R},
    [ROLE_BORDER] = {{0x626262, 8}, {0x9e9e9e, 8}, NONE, NONE, 0, D},
    [ROLE_BORDER_FOCUSED] = {{0x5fafff, 12}, {0x005faf, 4}, NONE, NONE, B, B},
    [ROLE_STATUS] = {{0xbcbcbc, 7}, {0x444444, 0}, NONE, NONE, 0, 0},
    [ROLE_PROMPT] = {{0x5fd7ff, 14}, {0x005f87, 4}, NONE, NONE, B, B},
    [ROLE_POPUP] = {{0xe4e4e4, 15}, {0x262626, 0}, {0x262b31, 4}, {0xe0e6ed, 7}, 0, R},
};

static const int32_t selected_bg_dark = 0x444c58, selected_bg_light = 0xc6d8ec;

/* The 6x6x6 cube and the grey ramp of xterm's 256 colours. */
static int cube_level(int step)
{
    return step == 0 ? 0 : 55 + 40 * step;
}

static int cube_step(int level)
{
    return level < 48 ? 0 : level < 115 ? 1 : (level - 35) / 40;
}

static int square(int a)
{
    return a * a;
}

static int32_t nearest_256(int32_t rgb)
{
    int r = rgb >> 16 & 255, g = rgb >> 8 & 255, b = rgb & 255;
    int cr = cube_step(r), cg = cube_step(g), cb = cube_step(b);
    int gray_step = (r + g + b) / 3 < 8 ? 0 : ((r + g + b) / 3 - 3) / 10;
    if (gray_step > 23)
        gray_step = 23;
    int gray = 8 + 10 * gray_step;
    int cube_far = square(cube_level(cr) - r) + square(cube_level(cg) - g) + square(cube_level(cb) - b);
    int gray_far = square(gray - r) + square(gray - g) + square(gray - b);
    return gray_far < cube_far ? 232 + gray_step : 16 + 36 * cr + 6 * cg + cb;
}

static int32_t pick(const struct theme *t, const struct color *c)
{
    if (t->colors == THEME_16)
        return c->ansi;
    if (c->rgb == LOOK_DEFAULT)
        return LOOK_DEFAULT;
    return t->colors == THEME_TRUE ? c->rgb : nearest_256(c->rgb);
}

/* What is held back on the normal background would be lost on another. */
static bool is_faint(unsigned role)
{
    return role == ROLE_DIM || role == ROLE_COMMENT || role == ROLE_BORDER;
}

/* A selected cell keeps its colour, on a background of its own, where there are enough colours for that to be
 * readable. With fewer, selection is one reversed bar. */
static void select_look(const struct theme *t, unsigned role, struct look *look)
{
    if (look->bg != LOOK_DEFAULT || is_faint(role) || t->colors < THEME_256)
        look->fg = LOOK_DEFAULT;
    look->bg = LOOK_DEFAULT;
    look->flags &= ~(unsigned)LOOK_DIM;
    if (t->colors < THEME_256) {
        /* What is reversed already would become normal: underline it, so that selection is always seen. */
        look->flags ^= LOOK_REVERSE;
        if (!(look->flags & LOOK_REVERSE))
            look->flags |= LOOK_UNDERLINE;
        return;
    }
    int32_t rgb = t->variant == THEME_LIGHT ? selected_bg_light : selected_bg_dark;
    look->bg = t->colors == THEME_TRUE ? rgb : nearest_256(rgb);
}

struct look theme_look(const struct theme *t, unsigned style)
{
    unsigned role = style & STYLE_ROLE_MASK;
    const struct role_look *r = &looks[role < ROLE_COUNT ? role : ROLE_NORMAL];
    struct look look = {.fg = LOOK_DEFAULT, .bg = LOOK_DEFAULT, .flags = r->plain};
    if (t->colors != THEME_NO_COLOR) {
        bool light = t->variant == THEME_LIGHT;
        look.fg = pick(t, light ? &r->light : &r->dark);
        look.bg = pick(t, light ? &r->light_bg : &r->dark_bg);
        look.flags = r->flags;
    }
    if (style & STYLE_STRONG) {
        look.flags |= LOOK_BOLD;
        look.flags &= ~(unsigned)LOOK_DIM;
    }
    if (style & STYLE_UNDERLINE)
        look.flags |= LOOK_UNDERLINE;
    if (style & STYLE_SELECTED)
        select_look(t, role, &look);
    return look;
}

enum theme_variant theme_variant_choose(enum theme_variant wanted)
{
    if (wanted != THEME_AUTO)
        return wanted;
    const char *own = getenv("FLOWDBG_THEME");
    if (own && strcmp(own, "light") == 0)
        return THEME_LIGHT;
    if (own && strcmp(own, "dark") == 0)
        return THEME_DARK;
    /* "15;0" or "15;default;0": the last number is the background. */
    const char *pair = getenv("COLORFGBG");
    const char *last = pair ? strrchr(pair, ';') : NULL;
    if (!last || last[1] < '0' || last[1] > '9')
        return THEME_DARK;
    int bg = atoi(last + 1);
    return bg == 7 || (bg >= 9 && bg <= 15) ? THEME_LIGHT : THEME_DARK;
}

enum theme_colors theme_colors_choose(long terminal_colors, bool direct)
{
    const char *no_color = getenv("NO_COLOR");
    if ((no_color && no_color[0]) || terminal_colors < 8)
        return THEME_NO_COLOR;
    if (direct)
        return THEME_TRUE;
    return terminal_colors >= 256 ? THEME_256 : THEME_16;
}
