/* The inferior's side: one process, one run. Files: inferior_main.c loads and runs, inferior_stop.c watches
 * the run and talks to the debugger, inferior_output.c counts what tasks print, inferior_crash.c reports
 * fatal signals. */
#ifndef DEBUG_INFERIOR_H
#define DEBUG_INFERIOR_H

#include <sys/types.h>

#include "debug/protocol.h"
#include "debug/stop_rules.h"
#include "trace/ring.h"
#include "trace/writer.h"

/* One captured stream: the file behind descriptor 1 or 2, through a descriptor of our own. */
struct inferior_output {
    int fd;
    dev_t device; /* which file it was when we began: a task may have put another behind the number */
    ino_t inode;
    uint64_t length; /* as last told */
};

struct inferior {
    struct msg_link link;
    bool has_control; /* the socket still is ours; false: no more stops, on to the end */
    dev_t control_device;
    ino_t control_inode;
    char door[64];    /* name of the debugger's listening socket */
    unsigned returns; /* how often it was used */
    struct dbg_config config;
    struct str config_body; /* what config points into */

    struct trace_ring *ring;
    struct trace_writer *writer;
    struct flow_loader *loader;
    struct flow_run *run;

    struct stop_rules rules;
    uint32_t interrupt_seen; /* the control page's word when the socket was last looked at */
    bool wants_stop;         /* an interrupt was asked for */
    bool stops_at_boundary;  /* a stop is due at the boundary that is about to come */
    enum dbg_stop due_why;
    bool is_talking; /* inside the conversation of a stop: events come of edits, none of them stops */
    flow_task ended; /* the task whose step has just ended, until the next one starts */

    struct inferior_output output[2];
    uint64_t recorded_step; /* the step that `recorded` is about */
    uint64_t recorded;      /* bytes of its output that the recording holds */
    int64_t step_start_ns;
    uint64_t event;    /* number of the last event */
    uint64_t step;     /* of it */
    flow_task task;    /* whose step runs, or none */
    int64_t paused_ns; /* how long it has stood in stops */
    bool is_frozen;    /* it stands in one: the run's clock shows frozen_ns */
    int64_t frozen_ns;
    pid_t pid;
    bool is_over; /* the run has ended: exit is no news */

    /* The latest line note, published with the event that follows it: a loop of a million lines without an
     * event costs no trace. */
    bool has_line;
    struct flow_event line;
    char line_file[256];
};

/* inferior_stop.c */
void inferior_hooks(struct inferior *inf, struct flow_hooks *hooks);
int64_t inferior_clock_ns(void *inf);
/* Sends a message if the control socket is still ours. */
/* The control socket is ours, or has become so again. */
bool inferior_has_control(struct inferior *inf);
void inferior_send(struct inferior *inf, uint32_t type, const struct str *body);

/* inferior_door.c: comes back to the debugger after a task closed our descriptors. False: it does not let us
 * in.
 */
bool inferior_return(struct inferior *inf);

/* inferior_output.c */
void inferior_output_open(struct inferior *inf);
/* Flushes stdio and notes new lengths. */
void inferior_output_note(struct inferior *inf);
int inferior_output_print(struct inferior *inf, int stream, const void *bytes, size_t length);

/* inferior_crash.c: reports fatal signals on `fd`. */
void inferior_crash_install(int fd);

#endif
