/* What the parts of the terminal share. Tests include term.h. */
#ifndef TESTS_E2E_TERM_PRIVATE_H
#define TESTS_E2E_TERM_PRIVATE_H

#include <limits.h>
#include <stdint.h>
#include <termios.h>

#include <vterm.h>

#include "base/str.h"
#include "tests/e2e/term.h"
#include "tests/e2e/term_leader.h"
#include "tests/e2e/term_stream.h"

enum { TERM_DEADLINE_MS = 20000 };

enum term_state { TERM_RUNNING, TERM_STOPPED, TERM_ENDED };

/* A terminal with its session. Bytes flow program -> master -> stream -> vterm, and keys -> typed -> master.
 * Live terminals are chained, so that the teardown finds those a failed test left. */
struct term {
    struct term *next;
    char folder[PATH_MAX];
    int master;  /* -1 after a hangup */
    int control; /* to the leader */
    pid_t leader, program;

    enum term_state state;
    int status;               /* as waitpid gives it, when ended */
    unsigned serial;          /* of the leader's last report; its marker has been read */
    unsigned marker;          /* of the last marker read */
    unsigned asked, answered; /* sync queries */

    VTerm *vterm;
    VTermScreen *screen;
    struct term_stream stream;
    struct str prepared; /* output on its way to vterm */
    struct str typed;    /* input on its way to the program */
    char osc[4096];      /* an OSC that libvterm does not know, which may come in parts */
    size_t osc_length;
    char title[256];
    bool alternate, cursor_visible;
    int mouse; /* VTERM_PROP_MOUSE_... */
    unsigned long bytes_read;
    struct termios modes_found;
};

/* Milliseconds on the monotonic clock. */
int64_t term_now_ms(void);
/* Sends what is in `typed`. Reads meanwhile, so that neither side can block the other for ever. */
void term_flush(struct term *t);
/* Handles what comes from the program or the leader; waits for it at most until `deadline_ms`. False when it
 * passed. */
bool term_pump(struct term *t, int64_t deadline_ms);

/* Processes of the session, without the leader. Fills at most `max`, returns how many there are. */
int term_list_processes(const struct term *t, pid_t *pids, int max);

#endif
