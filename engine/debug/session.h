/* A debugging session, without a screen: one workflow, its inferior, what is known of it, and the commands
 * that act on it.
 *
 * A session never blocks by itself: front ends poll its descriptors and dispatch. Commands that set the
 * inferior running return at once; dbg_session_wait() is for front ends that have nothing else to do.
 *
 * What happened is read from the trace (dbg_session_state, dbg_session_reader); how the inferior stands, from
 * dbg_session_status. */
#ifndef DEBUG_SESSION_H
#define DEBUG_SESSION_H

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/str.h"
#include "base/vec.h"
#include "debug/stop_rules.h"
#include "flow/flow.h"
#include "trace/reader.h"
#include "trace/state.h"

struct dbg_session;

/* What to debug and how. Texts and arrays are copied by dbg_session_create; zero-initialise and set what
 * differs. */
struct dbg_config {
    const char *file;           /* .lua, .so or what a plugin's host knows; with is_replay: a trace */
    bool is_replay;             /* look at a recording: there is no inferior, and nothing can be changed */
    const char *workflow;       /* name, when the file defines several; NULL: its only one */
    const char *const *plugins; /* explicit plugin paths, plugin_count of them */
    size_t plugin_count;
    const char *plugin_path; /* colon-separated folders where EXT.so hosts a file x.EXT; NULL:
                                FLOWDBG_PLUGIN_PATH, then the built-in ones */
    const char *program;     /* argv[0] of the inferior: NULL: /proc/self/exe */
    const char *start;       /* task id or NULL */
    uint64_t seed;
    uint64_t max_steps; /* 0: the engine's default */
    enum flow_profile profile;
    const struct flow_member *channel; /* initial values (--set), channel_count of them */
    size_t channel_count;
    const char *const *args; /* after `--` */
    size_t arg_count;
    const char *cwd;        /* NULL: ours */
    const char *const *env; /* "K=V" added to the environment, env_count of them */
    size_t env_count;
    const char *allow;        /* "io,os,clock" or NULL */
    const char *input;        /* file given as standard input; NULL: /dev/null */
    const char *record;       /* trace file to keep, or NULL */
    uint64_t run_timeout_ms;  /* of run time, pauses not counted; 0: none */
    uint64_t task_timeout_ms; /* of one step; 0: none */
    int64_t wall_ns; /* the time of day that tasks are told, for runs that must repeat; 0: the real one */
    uint64_t output_limit;    /* bytes of output kept; 0: 64 MiB */
    bool is_output_passed_on; /* `flowdbg run`: the front end takes all output with dbg_output_take; nothing
                                 is dropped */
};

/* How the inferior stands. X(NAME, "word") */
#define DBG_PHASES(X)                                                                                        \
    X(IDLE, "not started") /* no inferior: before the first start, or after kill */                          \
    X(LOADING, "loading")                                                                                    \
    X(STOPPED, "paused") /* it waits for a command */                                                        \
    X(RUNNING, "running")                                                                                    \
    X(ENDED, "ended") /* the run has ended (state.outcome says how); the inferior may be gone */
enum dbg_phase {
#define X(name, word) DBG_PHASE_##name,
    DBG_PHASES(X)
#undef X
};

/* Why it stopped last. */
#define DBG_STOPS(X)                                                                                         \
    X(NONE, "")                                                                                              \
    X(START, "at the start")                                                                                 \
    X(STEP, "after a step")                                                                                  \
    X(BREAKPOINT, "breakpoint")                                                                              \
    X(UNTIL, "reached")                                                                                      \
    X(FINISH, "finished")                                                                                    \
    X(INTERRUPT, "interrupted")                                                                              \
    X(ENDED, "run ended")                                                                                    \
    X(HISTORY_START, "start of history")                                                                     \
    X(HISTORY_END, "end of history") /* the present of a live run, the end of a recording */                 \
    X(SOUGHT, "")                    /* somebody went here */
enum dbg_stop {
#define X(name, word) DBG_STOP_##name,
    DBG_STOPS(X)
#undef X
};

struct dbg_status {
    enum dbg_phase phase;
    enum dbg_stop stop;
    uint32_t breakpoint; /* number of the one that stopped it, or 0 */
    bool is_at_boundary; /* stopped between steps */
    char text[256]; /* one line for people: "paused before validate (breakpoint 2)", "running process, 3.2 s"
                     */
    int64_t running_since_ns; /* monotonic clock; 0 unless running */
    pid_t pid;                /* of the inferior, or 0 */
    const char *crash; /* several lines: signal, task, step, backtrace; NULL if it did not crash. Borrowed */
    const char *problem;    /* recording trouble to show in the title line, or NULL. Borrowed */
    bool is_interrupting;   /* asked to stop, and has not answered yet */
    unsigned pending_edits; /* accepted, waiting for the next moment they can be applied */
    bool is_replay;         /* a recording is looked at */
    bool is_past;           /* what is shown is not the last there is: nothing can be changed here */
    uint64_t event, step;   /* where what is shown stands */
    uint64_t last_event, last_step;
};

/* What has changed since the last dispatch; or-ed. */
enum dbg_change {
    DBG_CHANGED_STATE = 1, /* events were folded */
    DBG_CHANGED_STATUS = 2,
    DBG_CHANGED_OUTPUT = 4,
    DBG_CHANGED_BREAKPOINTS = 8,
    DBG_CHANGED_ALL = 15, /* a new run began */
};

/* Copies the configuration; does not start anything. FLOW_ENOENT (no such file), FLOW_EINVAL, FLOW_ENOMEM. */
int dbg_session_create(struct dbg_session **out, const struct dbg_config *config, struct flow_error *err);
/* Ends the inferior, waits for it, removes temporary files. NULL is fine. */
void dbg_session_destroy(struct dbg_session *session);

/* Starts (or restarts) an inferior and lets it load the workflow; it stops at the first boundary. The state
 * is new, breakpoints stay. Loading goes on in the background: wait or dispatch; a failure to load shows as
 * phase IDLE and dbg_session_error. */
int dbg_session_start(struct dbg_session *session, struct flow_error *err);
/* The words of the last failure to load, "" if none: file, line, what to do. Borrowed. */
const char *dbg_session_load_error(const struct dbg_session *session);
/* Asks the inferior to stop at its next event. */
void dbg_session_interrupt(struct dbg_session *session);
/* Kills the inferior; the run ends as `killed`, naming the task that did not yield. */
void dbg_session_kill(struct dbg_session *session);

/* Stops the inferior's processes as job control does, and lets them go on: around the debugger's own stop. */
void dbg_session_suspend(struct dbg_session *session, bool is_suspended);

/* How a session goes on. */
struct dbg_resume {
    enum dbg_mode mode;
    uint64_t count;    /* of events, boundaries, breakpoints to stop at; 0 counts as 1 */
    const char *until; /* task, glob; for UNTIL */
    bool is_backwards; /* through what is recorded */
};
/* At the present: sets the inferior running and returns at once. In the past, or backwards: moves through
 * what is recorded, which is over when this returns; STEP, NEXT and FINISH stop at the present, CONTINUE and
 * UNTIL go on from there. The start of history is a stop like others. FLOW_ESTATE: there is nothing that
 * could go on; FLOW_AGAIN: interrupted, nothing has moved. */
int dbg_session_resume(struct dbg_session *session, const struct dbg_resume *resume, struct flow_error *err);
/* A place to look at. */
struct dbg_place {
    enum { DBG_AT_EVENT, DBG_AT_STEP, DBG_AT_TIME, DBG_AT_START, DBG_AT_END } kind;
    uint64_t number; /* event or step */
    int64_t time_ns; /* since the run began */
};
/* Looks at a place: DBG_AT_STEP is before the step's entry is taken, DBG_AT_START where a run begins to do
 * something, DBG_AT_END the present. FLOW_OK; FLOW_ENOENT: there is no such place; FLOW_ESTATE: it runs, or
 * nothing is there to look at. */
int dbg_session_seek(struct dbg_session *session, const struct dbg_place *place, struct flow_error *err);
/* Who is asked, every few milliseconds of a long look back, whether to give up; NULL: nobody. */
void dbg_session_set_patience(struct dbg_session *session, bool (*is_interrupted)(void *user), void *user);

/* Marks: events with a name. Those of a trace that is kept are kept beside it, in FILE.marks. */
struct dbg_mark {
    char *name; /* owned by the session */
    uint64_t event;
};
size_t dbg_mark_count(const struct dbg_session *session);
const struct dbg_mark *dbg_mark_at(const struct dbg_session *session, size_t index); /* by event */
/* FLOW_OK, or FLOW_NOT_FOUND. */
int dbg_mark_find(const struct dbg_session *session, const char *name, uint64_t *event);
/* Sets or moves one. FLOW_EINVAL: a name has no blanks; FLOW_EIO: it is set but cannot be kept. */
int dbg_mark_set(struct dbg_session *session, const char *name, uint64_t event, struct flow_error *err);
int dbg_mark_delete(struct dbg_session *session, const char *name, struct flow_error *err);

/* Changes the run. task: an id, or NULL; edit->task is ignored; edit->value is taken over. On a stopped
 * inferior the effects are folded when this returns. FLOW_OK: done; FLOW_AGAIN: accepted, takes effect at the
 * next moment it can; FLOW_ENOENT, FLOW_ESTATE, FLOW_EINVAL with words. */
int dbg_session_edit(
    struct dbg_session *session, const char *task, const struct flow_edit *edit, struct flow_error *err);

/* Fills at most `size` poll descriptors, returns how many. *timeout_ms is lowered to what the session needs
 * (it may be -1). */
size_t dbg_session_poll(const struct dbg_session *session, struct pollfd *fds, size_t size, int *timeout_ms);
/* Does what there is to do, never blocks: messages, deaths, timeouts, new events (at most a few milliseconds'
 * worth each call). Returns what changed, or-ed enum dbg_change. */
unsigned dbg_session_dispatch(struct dbg_session *session);
/* True while a call of dispatch would have more to fold at once. */
bool dbg_session_is_behind(const struct dbg_session *session);
/* Polls and dispatches until the inferior is not LOADING or RUNNING and everything is folded. timeout_ms < 0:
 * no limit. interrupt_fd (or -1): when it becomes readable the inferior is interrupted, and killed when it
 * does not yield within 2 s or it becomes readable again. FLOW_OK or FLOW_AGAIN (time is up). */
int dbg_session_wait(struct dbg_session *session, int timeout_ms, int interrupt_fd);

/* How commands that consist of others (source) wait for a run; NULL: they wait for at most ten seconds. */
void dbg_session_set_wait(
    struct dbg_session *session, void (*wait)(void *user, struct dbg_session *session), void *user);

const char *dbg_phase_name(unsigned phase);
const char *dbg_stop_name(unsigned stop);
const struct dbg_status *dbg_session_status(const struct dbg_session *session);
/* The state that is shown: of the latest event, or, while somebody looks back, of an earlier one. */
const struct trace_state *dbg_session_state(const struct dbg_session *session);
/* The state of the latest event, wherever the shown one is: it knows all names. */
const struct trace_state *dbg_session_tip(const struct dbg_session *session);
/* A second cursor over the same trace, for views that look at past events; the caller destroys it before the
 * session starts anew (DBG_CHANGED_ALL) or ends. */
int dbg_session_reader(struct dbg_session *session, struct trace_reader **out, struct flow_error *err);
/* A cursor over the same trace that the session owns, shared by all who seek before they read; NULL while
 * there is no trace. Borrowed until the next call on the session. */
struct trace_reader *dbg_session_history(struct dbg_session *session);
const struct dbg_config *dbg_session_config(const struct dbg_session *session);
/* The number of the running or last run in this session, from 1: changes when DBG_CHANGED_ALL does. */
uint64_t dbg_session_generation(const struct dbg_session *session);
/* A source text the inferior reported, by path; FLOW_OK or FLOW_NOT_FOUND. Borrowed until the next start. */
int dbg_session_source(
    const struct dbg_session *session, const char *path, const char **text, size_t *length);

/* Output of the run, as captured. Stream 1 or 2; bytes are attributed to the step during which they came. */
struct dbg_output_chunk {
    int stream;
    uint64_t step;   /* 0: while loading or between steps */
    flow_task task;  /* or none */
    uint64_t event;  /* the event they hang on */
    uint64_t offset; /* in the stream */
    uint64_t length;
    uint64_t dropped; /* bytes of this chunk that were not kept, at its end */
};
/* Chunks so far, oldest first. Neighbours of one step and stream are one chunk. */
size_t dbg_output_count(const struct dbg_session *session);
void dbg_output_at(const struct dbg_session *session, size_t index, struct dbg_output_chunk *out);
/* Reads kept bytes of a stream; returns how many (0 at the end or where nothing is kept). */
size_t dbg_output_read(
    const struct dbg_session *session, int stream, uint64_t offset, void *buffer, size_t size);
uint64_t dbg_output_length(const struct dbg_session *session, int stream);
/* How much of it had been printed where the shown state stands. */
uint64_t dbg_output_shown(const struct dbg_session *session, int stream);
/* With is_output_passed_on: takes the next bytes of a stream, in order; their room on disk is given back.
 * Returns how many; 0: none at the moment. */
size_t dbg_output_take(struct dbg_session *session, int stream, void *buffer, size_t size);

/* Breakpoints. */
struct dbg_breakpoint {
    uint32_t number; /* from 1, never used again */
    char *pattern;   /* task name, glob; owned by the session */
    bool is_after;   /* stops at the boundary after the task */
    bool is_temporary;
    bool is_enabled;
    uint64_t hits;
};
size_t dbg_breakpoint_count(const struct dbg_session *session);
const struct dbg_breakpoint *dbg_breakpoint_at(const struct dbg_session *session, size_t index);
/* Adds one; *number is what it is called from now on. They may be made before a start and stay over restarts.
 */
int dbg_breakpoint_add(struct dbg_session *session, const char *pattern, bool is_after, bool is_temporary,
    uint32_t *number, struct flow_error *err);
/* FLOW_OK or FLOW_NOT_FOUND. */
int dbg_breakpoint_delete(struct dbg_session *session, uint32_t number);
int dbg_breakpoint_enable(struct dbg_session *session, uint32_t number, bool is_enabled);
/* The first enabled one whose pattern matches the task, or NULL. */
const struct dbg_breakpoint *dbg_breakpoint_of(const struct dbg_session *session, const char *task_id);

/* Location or traceback of the latest error of the run, "" if none. Borrowed until the next dispatch. */
const char *dbg_session_error_detail(const struct dbg_session *session);
/* Exit code of the session so far, as the man page lists them. */
int dbg_session_exit_code(const struct dbg_session *session);

#endif
