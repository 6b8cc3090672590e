/* What a session is made of; for the files session*.c, breakpoint.c and output.c only. */
#ifndef DEBUG_SESSION_PRIVATE_H
#define DEBUG_SESSION_PRIVATE_H

#include "debug/protocol.h"
#include "debug/session.h"
#include "trace/ring.h"
#include "trace/timeline.h"

struct dbg_source {
    char *path;
    char *text;
    size_t length;
};

/* A run of bytes of one stream and step. kept counts from its start, what follows was dropped. */
struct dbg_chunk {
    uint8_t stream;
    flow_task task;
    uint64_t step;
    uint64_t event;
    uint64_t offset;
    uint64_t length;
    uint64_t kept;
};

/* One captured stream: an unlinked file that the inferior appends to. */
struct dbg_stream {
    int fd;
    uint64_t size;    /* of the file, as last seen */
    uint64_t noted;   /* up to here bytes belong to chunks */
    uint64_t taken;   /* up to here they were passed on */
    uint64_t punched; /* up to here passed-on bytes were given back */
    uint64_t step;    /* the step that kept_of_step is about */
    uint64_t kept_of_step;
    struct {
        VEC(uint32_t);
    } chunks; /* indexes of its chunks, by offset */
    struct {
        VEC(struct dbg_printed);
    } printed; /* by event */
};

/* How long a stream was at an event: what can be told of a past moment. */
struct dbg_printed {
    uint64_t event;
    uint64_t length;
};

/* Why we ended the inferior ourselves. */
enum dbg_end_cause { DBG_END_NONE, DBG_END_KILLED, DBG_END_RUN_TIMEOUT, DBG_END_TASK_TIMEOUT };

/* How long a command waits for a run where the front end did not say how to wait: a script in the screen. */
#define DBG_UNATTENDED_MS 10000

struct dbg_session {
    struct dbg_config config; /* texts owned through `texts`, arrays owned */
    struct {
        VEC(char *);
    } texts;
    uint64_t generation;
    struct dbg_status status;
    unsigned changed; /* enum dbg_change not yet told */

    /* The inferior; pid 0: none. */
    pid_t pid;
    int pidfd;
    struct msg_link link;
    int door;            /* listens for an inferior whose task has closed our socket */
    bool has_control;    /* its socket still answers */
    bool has_lost_trace; /* what it published makes no sense: nothing is folded any more */
    bool is_loaded;      /* the workflow was loaded */
    bool has_stopped;    /* a stop was told; it counts once the fold has got there */
    struct {
        enum dbg_stop why;
        uint32_t breakpoint;
        uint64_t event;
        bool is_at_boundary;
    } due;
    bool is_exiting; /* exit() was called */
    bool runs_on;    /* `run`: the first stop is no stop */
    void (*wait)(void *user, struct dbg_session *session);
    void *wait_user;
    unsigned script_depth; /* files that `source` is reading */
    enum dbg_end_cause end_cause;
    int64_t end_deadline_ns; /* it said that the run has ended and should be gone by then; 0: has not */
    uint32_t interrupt_word;
    uint64_t edit_sent; /* ids of edits */
    uint64_t edit_answered;
    int edit_status;
    uint64_t edit_event;
    struct str edit_text;
    int64_t resumed_ns;    /* monotonic, when it began to run; 0: it stands */
    int64_t ran_ns;        /* run time before that */
    uint64_t timed_step;   /* the step that step_ran_ns is about */
    int64_t step_began_ns; /* run time when we saw it begin */

    bool is_dead; /* waited for */
    int exit_code;
    int exit_signal;
    struct dbg_crash crash; /* signal 0: no report came */
    struct str maps;
    struct str crash_text;
    struct str problem;
    struct str load_error;
    struct str error_detail;
    int load_status;

    /* What happened. */
    struct trace_ring *ring;
    int trace_fd;
    struct trace_reader *reader;  /* where the fold stands */
    struct trace_reader *history; /* for those who look back; made when first asked for */
    struct trace_state state;
    bool is_behind;
    struct {
        VEC(struct dbg_source);
    } sources;
    struct dbg_stream streams[2];
    struct {
        VEC(struct dbg_chunk);
    } chunks;
    uint64_t kept; /* bytes of output on disk */

    struct {
        VEC(struct dbg_breakpoint);
    } breakpoints;
    uint32_t last_breakpoint;

    /* Looking back: timeline.c. */
    struct trace_timeline *past; /* made when first needed; of a replay, always what is shown */
    struct trace_timeline *tip;  /* of a replay: the end, for names and totals */
    bool is_away;                /* what is shown is `past`, not `state` */
    struct dbg_status shown_status;
    enum dbg_stop past_stop;
    uint32_t past_breakpoint;
    int64_t looked_ns; /* when a replay last looked whether its file has grown */
    bool (*is_interrupted)(void *user);
    void *interrupt_user;
    struct {
        VEC(struct dbg_mark);
    } marks;
};

int64_t dbg_now_ns(void);

/* launch.c: makes socket, ring, files and the process. What it made before a failure is in the session and
 * goes with dbg_session_clear. */
int dbg_launch(struct dbg_session *s, struct flow_error *err);

/* plugin_path.c: finds the plugin that hosts the file and adds it to the configuration. */
int dbg_plugin_find(struct dbg_session *s, struct flow_error *err);

/* workflow_file.c: FLOW_OK if it can be read, else an error that says why and which file may have been meant.
 */
int dbg_workflow_file_check(const char *path, struct flow_error *err);

/* session.c */
void dbg_set_phase(struct dbg_session *s, enum dbg_phase phase);
/* Run time so far, pauses not counted. */
int64_t dbg_run_time_ns(const struct dbg_session *s);

/* door.c */
int dbg_door_open(struct dbg_session *s, struct str *name, struct flow_error *err);
/* Lets the inferior in again if it has come back. */
void dbg_door_answer(struct dbg_session *s);

/* session_messages.c: takes what the inferior says; returns enum dbg_change. */
void dbg_receive(struct dbg_session *s);
/* Tells the inferior that there is mail, where it runs. */
void dbg_ring_bell(struct dbg_session *s);

/* session_fold.c */
void dbg_fold(struct dbg_session *s, int64_t slice_ns);

/* session_end.c: looks whether the process is gone; ends the run in the trace once all is folded. */
void dbg_reap(struct dbg_session *s);
void dbg_conclude(struct dbg_session *s);
void dbg_check_timers(struct dbg_session *s);
/* Lowers *timeout_ms to the next timer. */
void dbg_next_timer(const struct dbg_session *s, int *timeout_ms);

/* timeline.c */
/* What is shown. */
const struct trace_state *dbg_shown(const struct dbg_session *s);
/* The latest state. */
const struct trace_state *dbg_tip(const struct dbg_session *s);
/* Back to the present of a live run. */
void dbg_return_to_present(struct dbg_session *s);
void dbg_timeline_close(struct dbg_session *s);
/* The cursor of looks back, placed where what is shown stands. */
int dbg_timeline_open(struct dbg_session *s, struct flow_error *err);
/* Places it and makes it what is shown. */
int dbg_timeline_show(struct dbg_session *s, uint64_t event, struct flow_error *err);
/* trace_search's is_interrupted; user: the session. */
bool dbg_is_interrupted(void *session);

/* travel.c: goes on in the past. FLOW_END: what is recorded was used up on the way, and a live run is to go
 * on. */
int dbg_travel(struct dbg_session *s, const struct dbg_resume *how, struct flow_error *err);

/* replay.c: a session over a recording. */
int dbg_replay_open(struct dbg_session *s, struct flow_error *err);
void dbg_replay_dispatch(struct dbg_session *s);

/* marks.c */
void dbg_marks_open(struct dbg_session *s);
void dbg_marks_close(struct dbg_session *s);

/* session_status.c */
void dbg_update_status(struct dbg_session *s);

/* output.c */
int dbg_output_open(struct dbg_session *s, struct flow_error *err);
void dbg_output_close(struct dbg_session *s);
void dbg_output_noted(struct dbg_session *s, const struct flow_event *event);
/* Takes over how long the streams are now. */
void dbg_output_measure(struct dbg_session *s);
/* Gives what was measured and is not noted to the step that runs. */
void dbg_output_attribute(struct dbg_session *s);

/* breakpoint.c */
void dbg_breakpoints_send(struct dbg_session *s);
void dbg_breakpoint_hit(struct dbg_session *s, uint32_t number);
void dbg_breakpoints_finish(struct dbg_session *s);

/* symbol.c: the report of a crash in words. */
void dbg_crash_describe(struct dbg_session *s, struct str *out);

#endif
