/* A view: one part of the screen that shows one aspect of the run. It is a small table of functions plus data
 * of its own.
 *
 * Data flows one way: session -> state -> views. A view draws from the context it is given and remembers only
 * how it looks at it (scroll position, selection, folds). It never acts on the session: keys that do are
 * commands, which the app runs with what the view has selected. */
#ifndef TUI_VIEW_VIEW_H
#define TUI_VIEW_VIEW_H

#include "debug/session.h"
#include "tui/screen/event.h"
#include "tui/screen/grid.h"

/* What views draw from. Borrowed for the call. */
struct view_context {
    struct dbg_session *session;
    const struct trace_state *state;
    const struct dbg_status *status;
    flow_task selected_task; /* the task the person looks at, or none: shared by the views */
    bool ascii;
};

/* What is selected in a view; members that do not apply are none / 0. */
struct view_selection {
    flow_task task;
    flow_key key;
    uint64_t entry;
    uint32_t breakpoint;
    uint64_t event;
};
#define VIEW_SELECTION_NONE                                                                                  \
    {                                                                                                        \
        .task = FLOW_TASK_NONE, .key = FLOW_KEY_NONE                                                         \
    }

enum view_navigation {
    VIEW_UP,
    VIEW_DOWN,
    VIEW_LEFT,
    VIEW_RIGHT,
    VIEW_PAGE_UP,
    VIEW_PAGE_DOWN,
    VIEW_HOME,
    VIEW_END,
    VIEW_TOGGLE, /* Enter: fold or unfold, more or less detail */
    VIEW_FOLLOW, /* back to where the run stands */
    VIEW_TIDY,   /* forget how it came about: what is seen depends on the shown state alone */
};

struct view;

struct view_class {
    const char *name;             /* "queue": in commands */
    const char *title;            /* "Queue" */
    struct view *(*create)(void); /* NULL: out of memory */
    void (*destroy)(struct view *view);
    /* Before a frame, and only then: takes over what is new (changes: or-ed enum dbg_change, DBG_CHANGED_ALL
     * for a new run). True: there is more to take over, come again soon. */
    bool (*update)(struct view *view, const struct view_context *context, unsigned changes);
    void (*draw)(struct view *view, const struct view_context *context, struct win win, bool is_focused);
    /* A few words for the heading ("3 keys"), or, for a view that is folded to one line, what matters most in
     * it. May add nothing. */
    void (*summarize)(struct view *view, const struct view_context *context, bool is_folded, struct str *out);
    void (*navigate)(struct view *view, const struct view_context *context, enum view_navigation where);
    /* A click on a cell of its window: selects what is there. */
    void (*click)(struct view *view, const struct view_context *context, int y, int x);
    void (*select)(struct view *view, const struct view_context *context, struct view_selection *out);
    /* Selects the next (or, direction < 0, previous) thing whose text contains `text`, going round. False:
     * none. */
    bool (*search)(struct view *view, const struct view_context *context, const char *text, int direction);
};

/* The views, in the order of their number keys. */
extern const struct view_class view_graph;
extern const struct view_class view_queue;
extern const struct view_class view_channels;
extern const struct view_class view_timeline;
extern const struct view_class view_output;
extern const struct view_class view_source;
extern const struct view_class view_breakpoints;

/* How the status of a task looks: a mark and a role, never colour alone. */
struct view_look {
    uint32_t mark;
    enum role role;
};
struct view_look view_task_look(const struct view_context *context, flow_task task);
/* Why a join of a run that ended blocked was not complete, or NULL: it was. */
const struct trace_blocked *view_blocked(const struct trace_state *state, flow_task join);
/* The task that runs, or else the one that will run next; none at the end. */
flow_task view_current_task(const struct trace_state *state);
/* Does `text` contain `part`, letters compared without case (ASCII)? */
bool view_text_contains(const char *text, const char *part);
/* Appends a text of several lines broken into lines of at most `most` columns, where words allow it. */
void view_wrap(const char *text, int most, struct str *out);
/* Draws a text of several lines as far as there is room. */
void view_put_lines(struct win w, unsigned style, const char *text);

/* Selects a task in the graph and brings it into sight. */
void view_graph_show(struct view *graph, flow_task task);

#endif
