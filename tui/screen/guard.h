/* Who keeps the promise that the terminal is given back: signal handlers, an exit handler, and the terminal's
 * modes as they were found. Knows no curses: what has to be written is handed over as bytes, because a
 * handler may call almost nothing. There is one guard a process. Internal to tui/screen. */
#ifndef TUI_SCREEN_GUARD_H
#define TUI_SCREEN_GUARD_H

#include <stdbool.h>
#include <stddef.h>

#include "flow/error.h"

/* Reads the terminal's modes from `fd` (borrowed until guard_stop) and installs the handlers. FLOW_ESTATE
 * when there is a guard already; FLOW_EIO. Not armed yet. */
int guard_start(int fd, struct flow_error *err);
/* Disarms, and puts back the handlers that were there before. */
void guard_stop(void);

/* From here on the terminal has other modes than were found, and `restore` has to be written to it on any way
 * out. Descriptor 2, if it is a terminal, is kept in memory from now on. May be called again with other
 * bytes. */
void guard_arm(const char *restore, size_t length);
/* The program has written all that is needed itself: modes as found, descriptor 2 is the terminal again, and
 * what was written to it meanwhile is shown. */
void guard_disarm(void);

/* Readable when a signal came in. */
int guard_fd(void);
/* The next signal that came in (SIGTERM, SIGHUP, SIGINT, SIGTSTP, SIGCONT, SIGWINCH), each once; 0: none. */
int guard_next_signal(void);
/* Forgets one that came in. */
void guard_forget_signal(int signal);
/* Stops the process group as Ctrl-Z of a terminal does; returns when continued. */
void guard_stop_process(void);

#endif
