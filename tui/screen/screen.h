/* A terminal as a grid of cells, with a twin in memory for tests.
 *
 * The program draws a whole frame into screen_grid() and calls screen_flush(): only cells that differ from
 * the last frame are sent, nothing when nothing changed. Input is decoded by screen_next_event().
 *
 * The screen never waits. The program's own loop polls:
 *
 *     struct pollfd fds[] = {{screen_fd(s), POLLIN}, {screen_signal_fd(s), POLLIN}, ...};
 *     poll(fds, n, screen_timeout_ms(s, my_timeout));
 *     while (screen_next_event(s, &event) == FLOW_OK) ...
 *
 * and calls screen_next_event on every turn, whatever poll said (that drains the signal pipe too).
 *
 * One terminal screen at a time: while it stands it owns the terminal's modes, the handlers of SIGINT,
 * SIGTERM, SIGHUP, SIGTSTP, SIGCONT, SIGWINCH, SIGALRM and the fatal signals, and descriptor 2 if that is a
 * terminal (what is written there is kept and shown once the terminal is given back). All of it is put back
 * on every way out: screen_destroy, exit(), and death by any signal that can be caught. SIGTERM, SIGHUP and
 * SIGINT arrive as EVENT_QUIT; a second one, or 3 seconds without screen_destroy, ends the program at once,
 * restored. */
#ifndef TUI_SCREEN_SCREEN_H
#define TUI_SCREEN_SCREEN_H

#include <stdbool.h>

#include "flow/error.h"
#include "tui/screen/event.h"
#include "tui/screen/grid.h"
#include "tui/screen/theme.h"

struct screen;

struct screen_options {
    int in_fd, out_fd; /* a terminal, stays the caller's; both -1: /dev/tty is opened */
    const char *term;  /* NULL: $TERM */
    enum theme_variant variant;
    bool no_color; /* as if NO_COLOR were set */
    bool ascii;    /* no characters beyond ASCII even if the locale has them */
    bool no_mouse;
};

#define SCREEN_OPTIONS_INIT                                                                                  \
    {                                                                                                        \
        .in_fd = -1, .out_fd = -1                                                                            \
    }

/* Takes the terminal over. setlocale(LC_ALL, "") must have been called. FLOW_ENOENT: no terminal, or one that
 * cannot place the cursor (dumb); FLOW_ESTATE: there is a screen already; FLOW_EIO, FLOW_ENOMEM. */
int screen_create(const struct screen_options *options, struct screen **out, struct flow_error *err);
/* Gives the terminal back exactly as it was found. NULL is fine. */
void screen_destroy(struct screen *s);

/* Where the next frame is drawn. It keeps what was drawn last; its size changes only in screen_next_event. */
struct grid *screen_grid(struct screen *s);
const struct theme *screen_theme(const struct screen *s);
/* Where the cursor stands after the next flush; y < 0 hides it, as it is at the start. */
void screen_set_cursor(struct screen *s, int y, int x);
/* Sends what changed. Returns how many cells that were, 0 for none; FLOW_EIO when the terminal is gone. */
int screen_flush(struct screen *s);
/* The next flush sends every cell (Ctrl-L: something else has written to the terminal). */
void screen_redraw(struct screen *s);
void screen_bell(struct screen *s);

int screen_fd(const struct screen *s);        /* readable: input */
int screen_signal_fd(const struct screen *s); /* readable: a signal arrived */
/* The timeout to poll with: `wanted_ms` (-1: for ever) or less, when half an escape sequence is waiting. */
int screen_timeout_ms(const struct screen *s, int wanted_ms);
/* FLOW_OK and *out, or FLOW_AGAIN when there is nothing. */
int screen_next_event(struct screen *s, struct event *out);

/* Gives the terminal back, stops this process with SIGTSTP, and takes the terminal again when it is
 * continued; the next flush sends every cell. An orphaned process group cannot be stopped: it returns at
 * once. */
void screen_suspend(struct screen *s);
/* Gives the terminal back for a while (an editor, a pager), and takes it again. */
void screen_leave(struct screen *s);
void screen_enter(struct screen *s);

/* Test protocol: with FLOWDBG_TEST=1 in the environment the bytes `ESC [ ? 7777 n` are an EVENT_SYNC, and
 * this flushes and writes `ESC ] 7777 ; N BEL`, N counting from 1. Otherwise it does nothing. */
void screen_sync_reply(struct screen *s);

/* Ends the program by the signal of an EVENT_QUIT, after screen_destroy, so that the shell sees why. */
void screen_die_by_signal(int signal);

/* The twin in memory. */
int screen_memory_create(int rows, int cols, struct screen **out);
/* Queues an event; a paste's text is borrowed and must outlive its screen_next_event. */
int screen_memory_push(struct screen *s, struct event event);
/* Keys by name, separated by blanks: "s S-Tab C-c Space". FLOW_EINVAL for an unknown name. */
int screen_memory_keys(struct screen *s, const char *names);
/* What a terminal would show: the last flushed frame. */
const struct grid *screen_memory_shown(const struct screen *s);
/* The cursor of the last flushed frame; y -1 when hidden. */
void screen_memory_cursor(const struct screen *s, int *y, int *x);

#endif
