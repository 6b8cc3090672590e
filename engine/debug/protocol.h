/* What debugger and inferior say to each other. Fields of each message in the order given. */
#ifndef DEBUG_PROTOCOL_H
#define DEBUG_PROTOCOL_H

#include "debug/message.h"
#include "debug/session.h"

/* The inferior's descriptors: high and fixed, so that a task that closes everything and opens files of its
 * own does not get their numbers. */
enum dbg_inferior_fd {
    DBG_FD_CONTROL = 210,
    DBG_FD_RING,
    DBG_FD_TRACE,
    DBG_FD_STDOUT, /* the file behind descriptor 1 */
    DBG_FD_STDERR,
    DBG_FD_END
};

enum dbg_message {
    /* Debugger to inferior. */
    DBG_MSG_CONFIG = 1, /* see dbg_config_put; then the name of the door */
    DBG_MSG_BREAKS,     /* count, then number, pattern, is_after, is_temporary each: all of them */
    DBG_MSG_RESUME,     /* mode, count, until */
    DBG_MSG_EDIT,       /* id, kind, task (id or NULL), entry, position, key, message, command, value */
    DBG_MSG_INTERRUPT,  /* nothing: stop at the next event */
    /* Inferior to debugger. */
    DBG_MSG_SOURCE = 32, /* path, text */
    DBG_MSG_LOADED,      /* workflow */
    DBG_MSG_LOAD_FAILED, /* code, text */
    DBG_MSG_STOPPED,     /* why, breakpoint, event, is_at_boundary, count, numbers of breakpoints */
    DBG_MSG_EDITED,      /* id, status, text, event */
    DBG_MSG_ENDED,       /* event */
    DBG_MSG_PROBLEM,     /* text */
    DBG_MSG_EXITING,     /* nothing: exit() was called while the run had not ended */
    DBG_MSG_CRASH,       /* struct dbg_crash, raw */
    DBG_MSG_MAPS,        /* a piece of /proc/self/maps, raw */
};

/* A task may close every descriptor, ours too. The door is a listening socket of the debugger, in the
 * abstract namespace, by which the inferior comes back: it connects, and is handed its files again, in one
 * message of one byte: trace, stdout, stderr. */
#define DBG_DOOR_FILES 3

/* A fatal signal, as the handler saw it. Sent twice: at once, and again with the frames. */
#define DBG_CRASH_FRAMES 64
struct dbg_crash {
    int32_t signal;
    int32_t code; /* si_code */
    uint64_t address;
    uint64_t ip; /* where it happened */
    uint32_t frame_count;
    uint32_t reserved;
    uint64_t frames[DBG_CRASH_FRAMES];
};

/* The part of the configuration that the inferior needs. plugins: resolved paths. */
void dbg_config_put(struct str *body, const struct dbg_config *config);
/* Reads it into *out, whose texts point into the body; arrays and values are owned by *out.
 * FLOW_OK, FLOW_EFORMAT, FLOW_ENOMEM. */
int dbg_config_get(struct msg_in *in, struct dbg_config *out);
void dbg_config_finish(struct dbg_config *config);

/* The inferior's side: `fd` is the control socket. Returns the process's exit status. */
int dbg_inferior_main(int fd);

#endif
