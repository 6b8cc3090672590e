/* The full-screen front end: one session, seen and driven through a terminal. */
#ifndef TUI_APP_APP_H
#define TUI_APP_APP_H

#include "debug/session.h"
#include "tui/screen/screen.h"

struct tui_options {
    struct screen_options screen;
    const char *history_file; /* of the command line; NULL: this session only */
};

/* Takes the terminal over, starts the session if it is not started, and works until the person quits. The
 * terminal is given back before it returns; the session stays the caller's. FLOW_OK: quit; FLOW_END: a signal
 * asked for the end, its number in *signal; failures: no usable terminal, out of memory. setlocale(LC_ALL,
 * "") must have been called. */
int tui_app_run(
    struct dbg_session *session, const struct tui_options *options, int *signal, struct flow_error *err);
/* The same on a screen that exists already (tests); it stays the caller's. */
int tui_app_run_on(struct dbg_session *session, struct screen *screen, const struct tui_options *options,
    int *signal, struct flow_error *err);

#endif
