#include "tui/app/keys.h"

#include <string.h>

#include "flow/error.h"

#define STOPPED KEYS_WHEN_STOPPED
#define RUNNING KEYS_WHEN_RUNNING
#define OVER    KEYS_WHEN_OVER
#define ALWAYS  KEYS_WHEN_ALWAYS
static const struct key_binding bindings[] = {
    {"n F10", "next", NULL, KEYS_RUN, "run to the next boundary: one task", "next", STOPPED},
    {"s F11", "step", NULL, KEYS_RUN, "one event", "step", STOPPED},
    {"f", "finish", NULL, KEYS_RUN, "to the end of this task", NULL, 0},
    {"c F5", "continue", NULL, KEYS_RUN, "go on until a breakpoint or the end", "continue", STOPPED},
    {"S S-F11", "reverse-step", NULL, KEYS_BACK, "back by one event", NULL, 0},
    {"N S-F10", "reverse-next", NULL, KEYS_BACK, "back to the boundary before: one task", NULL, 0},
    {"F", "reverse-finish", NULL, KEYS_BACK, "back to where this task began", NULL, 0},
    {"C S-F5", "reverse-continue", NULL, KEYS_BACK, "back to a breakpoint or the start", NULL, 0},
    {"m", ":mark ", NULL, KEYS_BACK, "mark this moment", NULL, 0},
    {"'", ":seek mark ", NULL, KEYS_BACK, "go to a mark", NULL, 0},
    {"Enter", "seek %n", "timeline", KEYS_BACK, "look at the selected event", "look", STOPPED | OVER},
    {"Space", "play", NULL, KEYS_RUN, "play: a task every half second; again: pause", NULL, 0},
    {"C-c", "interrupt", NULL, KEYS_RUN, "stop a running task at its next event; again: kill it", "interrupt",
        RUNNING},
    {"R", "start", NULL, KEYS_RUN, "start the run again from the beginning", "run again", OVER},
    {"t", "until %t", NULL, KEYS_RUN, "run until the selected task is next", NULL, 0},

    {"b F9", "toggle-break %t", NULL, KEYS_BREAK, "breakpoint on the selected task, on and off", "break",
        STOPPED | OVER},
    {"T", "tbreak %t", NULL, KEYS_BREAK, "breakpoint that goes when it is hit", NULL, 0},
    {"d Del", "delete %b", "breakpoints", KEYS_BREAK, "delete the selected breakpoint", "delete",
        STOPPED | OVER},

    {"g", ":goto %t", NULL, KEYS_CHANGE, "goto: make the selected task the next one", "goto", STOPPED},
    {"a", ":enqueue %t", NULL, KEYS_CHANGE, "add the selected task to the queue", NULL, 0},
    {"x", ":cancel ", NULL, KEYS_CHANGE, "cancel the run, with a message", NULL, 0},
    {"X", ":terminate ", NULL, KEYS_CHANGE, "end the run early as a success", NULL, 0},
    {"e", ":set %k %v", "channels", KEYS_CHANGE, "edit the selected value", "edit", STOPPED},
    {"d Del", ":unset %k", "channels", KEYS_CHANGE, "delete the selected key", NULL, 0},
    {"e", ":move %e ", "queue", KEYS_CHANGE, "move the selected entry", "move", STOPPED},
    {"d Del", ":drop %e", "queue", KEYS_CHANGE, "drop the selected entry", "drop", STOPPED},

    {"Up k", "go up", NULL, KEYS_MOVE, "up", NULL, 0},
    {"Down j", "go down", NULL, KEYS_MOVE, "down", NULL, 0},
    {"Left h", "go left", NULL, KEYS_MOVE, "left; fold", NULL, 0},
    {"Right l", "go right", NULL, KEYS_MOVE, "right; unfold", NULL, 0},
    {"PgUp C-u", "go page-up", NULL, KEYS_MOVE, "a page up", NULL, 0},
    {"PgDn C-d", "go page-down", NULL, KEYS_MOVE, "a page down", NULL, 0},
    {"Home", "go first", NULL, KEYS_MOVE, "to the first", NULL, 0},
    {"End G", "go last", NULL, KEYS_MOVE, "to the last", NULL, 0},
    {"Enter", "go toggle", "graph", KEYS_MOVE, "more or less detail", NULL, 0},
    {"Enter", "go toggle", "channels", KEYS_MOVE, "unfold a list or map", NULL, 0},
    {"Enter", "show %t", NULL, KEYS_MOVE, "show the selected line's task in the graph", NULL, 0},
    {"o", "go tidy", "graph", KEYS_MOVE, "put the drawing in order: lay it out anew", NULL, 0},
    {".", "go current", NULL, KEYS_MOVE, "back to where the run stands, and follow it", NULL, 0},
    {"/", "search", NULL, KEYS_MOVE, "search in the focused view", NULL, 0},
    {";", "search-next", NULL, KEYS_MOVE, "next match", NULL, 0},
    {",", "search-previous", NULL, KEYS_MOVE, "previous match", NULL, 0},

    {"Tab", "focus next", NULL, KEYS_SCREEN, "focus the next view", NULL, 0},
    {"S-Tab", "focus previous", NULL, KEYS_SCREEN, "focus the previous view", NULL, 0},
    {"1", "focus graph", NULL, KEYS_SCREEN, "graph", NULL, 0},
    {"2", "focus queue", NULL, KEYS_SCREEN, "queue", NULL, 0},
    {"3", "focus channels", NULL, KEYS_SCREEN, "channels", NULL, 0},
    {"4", "focus timeline", NULL, KEYS_SCREEN, "timeline", NULL, 0},
    {"5", "focus output", NULL, KEYS_SCREEN, "output", NULL, 0},
    {"6", "focus source", NULL, KEYS_SCREEN, "source", NULL, 0},
    {"7", "focus breakpoints", NULL, KEYS_SCREEN, "breakpoints", NULL, 0},
    {"z", "zoom", NULL, KEYS_SCREEN, "the focused view alone, and back", NULL, 0},
    {"+ =", "grow", NULL, KEYS_SCREEN, "make the focused view larger", NULL, 0},
    {"-", "shrink", NULL, KEYS_SCREEN, "make it smaller", NULL, 0},
    {"C-l", "redraw", NULL, KEYS_SCREEN, "draw the screen again", NULL, 0},
    {"C-z", "suspend", NULL, KEYS_SCREEN, "back to the shell; fg returns", NULL, 0},
    {":", "prompt", NULL, KEYS_SCREEN, "type a command", "command", ALWAYS},
    {"? F1 8", "help", NULL, KEYS_SCREEN, "this help; type to filter it", "help", ALWAYS},
    {"q", "quit", NULL, KEYS_SCREEN, "quit", "quit", ALWAYS},
};
#undef STOPPED
#undef RUNNING
#undef OVER
#undef ALWAYS

const struct key_binding *key_bindings(size_t *count)
{
    *count = sizeof bindings / sizeof *bindings;
    return bindings;
}

static bool has_key(const char *keys, const struct event *event)
{
    while (*keys) {
        size_t length = strcspn(keys, " ");
        char name[KEY_NAME_MAX];
        uint32_t key;
        unsigned mods;
        if (length < sizeof name) {
            memcpy(name, keys, length);
            name[length] = '\0';
            if (event_key_parse(name, &key, &mods) == FLOW_OK && event_is_key(event, key, mods))
                return true;
        }
        keys += length + strspn(keys + length, " ");
    }
    return false;
}

const struct key_binding *key_find(const struct event *event, const char *view)
{
    const struct key_binding *found = NULL;
    for (size_t i = 0; i < sizeof bindings / sizeof *bindings; i++) {
        const struct key_binding *b = &bindings[i];
        if ((b->view && strcmp(b->view, view) != 0) || !has_key(b->keys, event))
            continue;
        if (b->view)
            return b;
        found = b;
    }
    return found;
}

const char *key_group_name(enum key_group group)
{
    static const char *const names[] = {
#define X(name, text) text,
        KEYS_GROUPS(X)
#undef X
    };
    return names[group];
}
