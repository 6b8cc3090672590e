/* A rectangle of character cells: what every view draws into and what a screen compares with what it showed
 * last.
 *
 * Text comes in as UTF-8 from anywhere (tasks, traces, files) and is made harmless here, in one place:
 * control characters and ESC are drawn escaped (`\e`, `\n`, `\x07`), bytes that are not UTF-8 and characters
 * without a width become U+FFFD, joiners are dropped. So nothing that is in a grid can do anything to a
 * terminal.
 *
 * A grid that is `ascii` holds ASCII only: lines and marks become their nearest ASCII form, other characters
 * `?`. */
#ifndef TUI_SCREEN_GRID_H
#define TUI_SCREEN_GRID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "flow/error.h"

/* What a cell means. Views name roles, never colours; theme.c says how a role looks. */
#define ROLES(X)                                                                                             \
    X(NORMAL, "normal")                                                                                      \
    X(DIM, "dim")             /* secondary text, separators, what is not reached yet */                      \
    X(TITLE, "title")         /* the title line */                                                           \
    X(TITLE_LIVE, "live")     /* LIVE in the title line */                                                   \
    X(TITLE_REPLAY, "replay") /* REPLAY */                                                                   \
    X(TITLE_FORK, "fork")     /* FORK */                                                                     \
    X(HEADING, "heading")     /* names of views, of groups, of columns */                                    \
    X(ACCENT, "accent")       /* what the eye should find first */                                           \
    X(CHANGED, "changed")     /* changed in this step */                                                     \
    X(ERROR, "error")                                                                                        \
    X(WARNING, "warning")                                                                                    \
    X(OK, "ok")                                                                                              \
    X(CURRENT, "current") /* where execution stands */                                                       \
    X(RUNNING, "running")                                                                                    \
    X(QUEUED, "queued")                                                                                      \
    X(GOTO, "goto")                                                                                          \
    X(DYNAMIC, "dynamic")                                                                                    \
    X(ITERATION, "iteration")                                                                                \
    X(CANCELLED, "cancelled")                                                                                \
    X(BREAKPOINT, "breakpoint")                                                                              \
    X(KEY, "key")       /* name of a key to press */                                                         \
    X(NAME, "name")     /* task names */                                                                     \
    X(STRING, "string") /* values and source text */                                                         \
    X(NUMBER, "number")                                                                                      \
    X(KEYWORD, "keyword")                                                                                    \
    X(COMMENT, "comment")                                                                                    \
    X(MATCH, "match") /* found by a search */                                                                \
    X(BORDER, "border")                                                                                      \
    X(BORDER_FOCUSED, "border focused")                                                                      \
    X(STATUS, "status") /* the bottom line */                                                                \
    X(PROMPT, "prompt")                                                                                      \
    X(POPUP, "popup") /* text of lists and boxes that lie over a view */

enum role {
#define X(name, text) ROLE_##name,
    ROLES(X)
#undef X
        ROLE_COUNT
};

/* A style is a role, or-ed with these. Selected keeps the role's colour where there are
 * enough colours, and is seen without any. */
enum style_flag {
    STYLE_SELECTED = 0x100,
    STYLE_STRONG = 0x200,
    STYLE_UNDERLINE = 0x400,
    STYLE_ROLE_MASK = 0xff,
};

#define CELL_MARKS 2

/* One cell. A character of two columns lies in the left cell; the right one has width 0 and code 0.
 * No padding, so that rows compare with memcmp. An all-zero cell is not valid: a blank one holds a space. */
struct cell {
    uint32_t code;
    uint32_t marks[CELL_MARKS]; /* combining marks, 0 when unused */
    uint16_t style;
    uint8_t width; /* 1, 2, or 0: right half of the character to the left */
    uint8_t unused;
};

struct grid {
    struct cell *cells;
    int rows, cols;
    bool ascii;
};

/* An all-zero grid is empty and valid. */
void grid_finish(struct grid *g);
/* Makes it rows x cols, all blank. FLOW_OK or FLOW_ENOMEM (unchanged then). */
int grid_resize(struct grid *g, int rows, int cols);
void grid_clear(struct grid *g);
/* y and x must lie inside. */
const struct cell *grid_cell(const struct grid *g, int y, int x);
/* The row as UTF-8 without trailing blanks, appended. */
int grid_row_text(const struct grid *g, int y, struct str *out);

/* A part of a grid with coordinates of its own, passed by value. Drawing outside of it does nothing.
 * pan_y, pan_x say which coordinate is shown in the top left corner: 0, 0 unless the view scrolls. */
struct win {
    struct grid *grid;
    int top, left; /* in the grid */
    int rows, cols;
    int pan_y, pan_x;
};

struct win win_whole(struct grid *g);
/* The part of w that starts at y, x (in w's coordinates) of at most rows x cols, cut to w. Its pan is 0, 0.
 */
struct win win_sub(struct win w, int y, int x, int rows, int cols);
struct win win_panned(struct win w, int pan_y, int pan_x);

/* Text functions return the column after the text, as if nothing had been cut: x = win_put(w, y, x, ...). */
int win_put(struct win w, int y, int x, unsigned style, const char *text);
int win_putn(struct win w, int y, int x, unsigned style, const char *bytes, size_t length);
int win_putf(struct win w, int y, int x, unsigned style, const char *fmt, ...) FLOW_PRINTF(5, 6);

/* Which part gives way to an ellipsis when the text is wider than `cols`. */
enum fit {
    FIT_END,   /* "validate_in…" */
    FIT_START, /* "…ate_input" */
    FIT_MIDDLE /* "valida…input" */
};
/* Draws text in at most `cols` columns and returns the column after what was drawn. */
int win_fit(struct win w, int y, int x, int cols, unsigned style, const char *text, enum fit fit);
/* The same, ending at column x + cols. Returns the first column used. */
int win_fit_right(struct win w, int y, int x, int cols, unsigned style, const char *text);

/* One character: a line, a mark. Characters of two columns are fine. */
void win_char(struct win w, int y, int x, unsigned style, uint32_t code);
void win_fill(struct win w, unsigned style, uint32_t code);
/* Gives cells a new style and keeps the text. */
void win_style(struct win w, int y, int x, int cols, unsigned style);
/* Ors flags (enum style_flag) into the styles that are there: selection of a row drawn already. */
void win_flag(struct win w, int y, int x, int cols, unsigned flags);

void win_hline(struct win w, int y, int x, int cols, unsigned style);
void win_vline(struct win w, int y, int x, int rows, unsigned style);
/* A frame along the edge of w; needs at least 2x2. */
void win_box(struct win w, unsigned style);

/* Arms of a line character. */
enum line_arm {
    LINE_UP = 1,
    LINE_RIGHT = 2,
    LINE_DOWN = 4,
    LINE_LEFT = 8,
};
/* Adds arms to the cell: a line that is there is joined (─ and │ give ┼), anything else is replaced. */
void win_join(struct win w, int y, int x, unsigned style, unsigned arms);
/* The line character with these arms, 0 for none; and the arms of a light line character, 0 for others. */
uint32_t line_code(unsigned arms);
unsigned line_arms(uint32_t code);

/* Columns that win_put would use. `ascii` as in the grid. */
int text_cols(const char *text, bool ascii);
int text_colsn(const char *bytes, size_t length, bool ascii);
/* The nearest ASCII character to a line or mark that the program draws; `?` for others. */
char text_ascii(uint32_t code);

/* Marks with a meaning, one column each. Write them with win_char, or as UTF-8 in texts. */
#define MARK_DONE       0x2713u /* ✓ */
#define MARK_FAILED     0x2717u /* ✗ */
#define MARK_RUNNING    0x25b6u /* ▶ */
#define MARK_CURRENT    0x2192u /* → */
#define MARK_QUEUED     0x25e6u /* ◦ */
#define MARK_IDLE       0x00b7u /* · */
#define MARK_CANCELLED  0x2298u /* ⊘ */
#define MARK_BREAKPOINT 0x25cfu /* ● */
#define MARK_BREAK_OFF  0x25cbu /* ○ */
#define MARK_GOTO       0x21e2u /* ⇢ */
#define MARK_ITERATION  0x21bbu /* ↻ */
#define MARK_DYNAMIC    0x25c7u /* ◇ */
#define MARK_CHANGED    0x2022u /* • */
#define MARK_FOLDED     0x25b8u /* ▸ */
#define MARK_UNFOLDED   0x25beu /* ▾ */
#define MARK_ELLIPSIS   0x2026u /* … */
#define MARK_UP         0x2191u /* ↑ */
#define MARK_DOWN       0x2193u /* ↓ */
#define MARK_LEFT       0x2190u /* ← */
#define MARK_BLOCKED    0x25a1u /* □ */
#define MARK_WARNING    0x25b2u /* ▲ */

#endif
