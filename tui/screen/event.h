/* What comes in from a terminal, decoded: the one struct that key maps, views and the prompt see. */
#ifndef TUI_SCREEN_EVENT_H
#define TUI_SCREEN_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum event_kind {
    EVENT_KEY,
    EVENT_MOUSE,
    EVENT_RESIZE,  /* rows, cols: the grid has been resized and blanked already */
    EVENT_PASTE,   /* text, length: bracketed paste, any bytes the terminal sent, newlines as \n */
    EVENT_REPAINT, /* the screen is back after a stop: draw a frame */
    EVENT_SUSPEND, /* SIGTSTP from outside: get ready, then call screen_suspend */
    EVENT_QUIT,    /* signal: SIGTERM, SIGHUP, SIGINT, or the terminal went away (SIGHUP) */
    EVENT_SYNC,    /* test protocol: answer with screen_sync_reply once all is done and painted */
};

enum key_mod {
    MOD_SHIFT = 1,
    MOD_ALT = 2,
    MOD_CTRL = 4,
};

/* A key is a Unicode code point as typed, or one of these. Control characters arrive as letter + MOD_CTRL:
 * Ctrl-C is 'c' with MOD_CTRL, Ctrl-Space is ' ', Ctrl-_ is '_'. Shift shows in the letter itself ('S');
 * MOD_SHIFT is only set on named keys. Backspace is one key whichever byte the terminal sends for it. */
#define KEYS(X)                                                                                              \
    X(ENTER, "Enter")                                                                                        \
    X(TAB, "Tab")                                                                                            \
    X(BACKSPACE, "Backspace")                                                                                \
    X(ESCAPE, "Esc")                                                                                         \
    X(UP, "Up")                                                                                              \
    X(DOWN, "Down")                                                                                          \
    X(LEFT, "Left")                                                                                          \
    X(RIGHT, "Right")                                                                                        \
    X(HOME, "Home")                                                                                          \
    X(END, "End")                                                                                            \
    X(PAGE_UP, "PgUp")                                                                                       \
    X(PAGE_DOWN, "PgDn")                                                                                     \
    X(INSERT, "Ins")                                                                                         \
    X(DELETE, "Del")                                                                                         \
    X(F1, "F1")                                                                                              \
    X(F2, "F2")                                                                                              \
    X(F3, "F3")                                                                                              \
    X(F4, "F4")                                                                                              \
    X(F5, "F5")                                                                                              \
    X(F6, "F6")                                                                                              \
    X(F7, "F7")                                                                                              \
    X(F8, "F8")                                                                                              \
    X(F9, "F9")                                                                                              \
    X(F10, "F10")                                                                                            \
    X(F11, "F11")                                                                                            \
    X(F12, "F12")

enum named_key {
    K_NONE = 0x110000, /* above all code points */
#define X(name, text) K_##name,
    KEYS(X)
#undef X
        K_LAST
};

enum mouse_action {
    MOUSE_CLICK,        /* left button went down */
    MOUSE_DOUBLE_CLICK, /* and once more at the same place, soon; a click came before */
    MOUSE_RIGHT_CLICK,
    MOUSE_MIDDLE_CLICK,
    MOUSE_WHEEL_UP,
    MOUSE_WHEEL_DOWN,
};

struct event {
    enum event_kind kind;
    uint32_t key;
    unsigned mods; /* enum key_mod */
    enum mouse_action mouse;
    int y, x; /* mouse: cell in the grid, from 0 */
    int rows, cols;
    int signal;
    const char *text; /* paste: borrowed until the next screen_next_event */
    size_t length;
};

#define EVENT_KEY_INIT(code, modifiers)                                                                      \
    {                                                                                                        \
        .kind = EVENT_KEY, .key = (code), .mods = (modifiers)                                                \
    }

/* Is it this key with exactly these modifiers? */
static inline bool event_is_key(const struct event *e, uint32_t key, unsigned mods)
{
    return e->kind == EVENT_KEY && e->key == key && e->mods == mods;
}

#define KEY_NAME_MAX 32
/* "s", "S", "Space", "C-c", "M-x", "S-F5", "S-Tab", "PgUp", "é". Always NUL-terminated. Returns out. */
const char *event_key_name(uint32_t key, unsigned mods, char out[KEY_NAME_MAX]);
/* Reads such a name. FLOW_OK, or FLOW_NOT_FOUND. */
int event_key_parse(const char *name, uint32_t *key, unsigned *mods);

#endif
