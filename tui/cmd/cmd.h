/* The front ends without a screen, and what they share. */
#ifndef TUI_CMD_CMD_H
#define TUI_CMD_CMD_H

#include <stdio.h>
#include <sys/types.h>

#include "debug/session.h"
#include "tui/cmd/options.h"

/* Each returns the exit code. */
int cmd_run(const struct cli_options *options);
int cmd_repl(const struct cli_options *options); /* also --batch */
int cmd_screen(const struct cli_options *options);
int cmd_graph(const struct cli_options *options);

/* interrupt.c: Ctrl-C as a readable descriptor, while a front end waits for a run. */
/* Catches SIGINT, SIGTERM and SIGHUP from here on, and lets the inferior's process group (0: none) stand
 * still while we are suspended; returns the descriptor, or -1 where the system has none to spare. The
 * handlers that were there come back with cmd_interrupt_end. */
int cmd_interrupt_begin(pid_t inferior);
/* Returns the last signal that came, or 0. */
int cmd_interrupt_end(void);

/* report.c */
/* Prints how a run that was no success ended, or why it could not be loaded, to `to`. */
void cmd_report(struct dbg_session *session, FILE *to);
/* Prints "flowdbg: text". */
void cmd_complain(FILE *to, const char *text);

#endif
