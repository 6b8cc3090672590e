/* What each key does: one table from which the key map, the help screen and the hints in the bottom line
 * follow. Every key is a command line, so that whatever a key can do can be typed too. */
#ifndef TUI_APP_KEYS_H
#define TUI_APP_KEYS_H

#include <stddef.h>

#include "tui/screen/event.h"

#define KEYS_GROUPS(X)                                                                                       \
    X(RUN, "Running")                                                                                        \
    X(BACK, "Looking back")                                                                                  \
    X(BREAK, "Breakpoints")                                                                                  \
    X(CHANGE, "Changing the run")                                                                            \
    X(MOVE, "Moving about")                                                                                  \
    X(SCREEN, "Screen")
enum key_group {
#define X(name, text) KEYS_##name,
    KEYS_GROUPS(X)
#undef X
        KEYS_GROUP_COUNT
};

/* When a key's hint is of use, or-ed. */
enum key_when {
    KEYS_WHEN_STOPPED = 1,
    KEYS_WHEN_RUNNING = 2,
    KEYS_WHEN_OVER = 4, /* ended, or not begun */
    KEYS_WHEN_ALWAYS = 7,
};

struct key_binding {
    const char *keys; /* names as of event_key_parse, separated by blanks */
    /* What it runs. %t, %k, %e, %b, %n stand for the selected task, key, queue entry, breakpoint, event; %v
     * for the value of the key. With a ':' in front the line is put into the prompt to be completed and
     * confirmed there. */
    const char *command;
    const char *view; /* only while this view is focused, or NULL */
    enum key_group group;
    const char *summary;
    const char *hint; /* a word for the bottom line, or NULL */
    unsigned when;    /* it is shown there: enum key_when */
};

const struct key_binding *key_bindings(size_t *count);
/* The binding of a key in a view (by name), or NULL. One of the view itself wins. */
const struct key_binding *key_find(const struct event *event, const char *view);
const char *key_group_name(enum key_group group);

#endif
