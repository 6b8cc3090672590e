/* What the app's own files share: its state, and the functions by which they call each other. */
#ifndef TUI_APP_STATE_H
#define TUI_APP_STATE_H

#include "debug/command.h"
#include "tui/app/app.h"
#include "tui/app/keys.h"
#include "tui/app/layout.h"
#include "tui/prompt/prompt.h"
#include "tui/view/view.h"

/* What keys go to. */
enum app_mode {
    APP_NORMAL,
    APP_PROMPT,  /* the command line */
    APP_SEARCH,  /* the same line, for a text to search */
    APP_CONFIRM, /* y or n to the question in `message` */
    APP_HELP,    /* the help screen; letters filter it */
    APP_REPLY,   /* a reply of several lines lies over the views */
};

struct app {
    struct dbg_session *session;
    struct screen *screen;
    struct prompt *prompt;      /* the command line */
    struct prompt *search_line; /* the search line has a history of its own */
    struct view *views[VIEW_ID_COUNT];
    struct layout layout;
    struct tiling tiling; /* of the last frame */
    enum app_mode mode;
    struct str message; /* in the bottom line until the next key; or the question */
    bool is_message_error;
    struct str reply; /* several lines */
    size_t reply_top;
    struct str confirm_line; /* what runs on y */
    struct str help_filter;
    size_t help_top;
    struct str search;       /* the text searched last */
    unsigned changes;        /* not yet taken over by the views */
    bool is_dirty;           /* a frame is wanted */
    bool is_views_behind;    /* a view has more to take over */
    int64_t moving_since_ns; /* when the inferior was set running or loading; 0: it is not */
    bool is_playing;
    int64_t play_at_ns;
    int64_t frame_ns; /* when the last frame was drawn */
    bool is_sync_wanted;
    bool is_input_held;     /* keys were left unread while the run settled */
    int64_t command_ns;     /* when the command that is being run was begun */
    struct event typed[32]; /* read while a command was running, to be handled after it */
    size_t typed_count;
    bool is_done;
    int signal;
};

/* app.c */
struct view_context app_context(const struct app *app);
void app_selection(const struct app *app, struct view_selection *out);
const struct view_class *app_view_class(enum view_id id);
int64_t app_now_ns(void);

/* act.c: running command lines */
void app_run_line(struct app *app, const char *line, bool is_confirmed);
/* Replaces the placeholders of a binding. False, with a message set, when something is not selected. */
bool app_expand(struct app *app, const char *command, struct str *out);
void app_say(struct app *app, bool is_error, const char *fmt, ...) FLOW_PRINTF(3, 4);
/* Lays a text over the views, broken into lines that fit. */
void app_show_reply(struct app *app, const char *text);
/* The screen's own commands, beside the debugger's. */
struct app_command {
    const char *name;
    const char *synopsis;
    const char *summary;
    void (*run)(struct app *app, const char *rest);
};
const struct app_command *app_commands(size_t *count);

/* input.c */
void app_handle(struct app *app, const struct event *event);

/* The next event: what was typed while a command was running comes first. As screen_next_event. */
int app_next_event(struct app *app, struct event *out);
/* Was Ctrl-C pressed while a command is running? For dbg_session_set_patience. */
bool app_is_interrupted(void *app);

/* frame.c */
void app_draw(struct app *app);
/* The tab in the heading of a tile at column x of it. */
bool app_tab_at(const struct tile *tile, int x, enum view_id *out);

/* json.c */
/* Adds a value as `set` reads it. False: it cannot be typed (bytes, what only the host knows). */
bool app_add_json(struct str *out, struct flow_value value);

/* trouble.c: says at once, and in full, what a person would have to ask for otherwise. */
void app_report_trouble(struct app *app, enum dbg_phase before, enum dbg_phase now);

/* help.c */
void help_draw(struct app *app, struct win win);
bool help_key(struct app *app, const struct event *event); /* false: close it */

#endif
