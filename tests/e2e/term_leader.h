/* The session leader: what a shell is to the program under test.
 *
 * It runs in a fork of the test, owns the terminal, starts the program in its own process group in the
 * foreground, and tells the test over a socket when the program stops or ends. Before each report it writes
 * CAN ESC ] 7778 ; SERIAL BEL to the terminal: when the test has read that, it has read everything the
 * program wrote. */
#ifndef TESTS_E2E_TERM_LEADER_H
#define TESTS_E2E_TERM_LEADER_H

#include <sys/types.h>

enum leader_event { LEADER_STARTED, LEADER_STOPPED, LEADER_ENDED };

struct leader_report {
    enum leader_event event;
    pid_t pid;       /* of the program */
    int status;      /* as waitpid gives it, when ended */
    unsigned serial; /* 1, 2, ...; 0 where no marker was written (started) */
};

enum leader_command { LEADER_FOREGROUND = 'f', LEADER_QUIT = 'q' };

struct leader_job {
    const char *const *argv;
    const char *const *env; /* complete */
    const char *cwd;
};

/* Called in the forked child; `terminal` is the slave side, `control` a SOCK_SEQPACKET socket. Quits on
 * LEADER_QUIT and when the test is gone. */
_Noreturn void leader_run(int terminal, int control, const struct leader_job *job);

#endif
