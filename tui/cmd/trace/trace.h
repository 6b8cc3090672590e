/* flowdbg trace: tools for recorded runs. One file per command, one row per command in trace.c. */
#ifndef TUI_CMD_TRACE_TRACE_H
#define TUI_CMD_TRACE_TRACE_H

#include <stdio.h>

#include "base/str.h"
#include "trace/reader.h"
#include "trace/state.h"

/* Exit codes of all commands. */
enum { TRACE_FINE = 0, TRACE_DIFFERS = 1, TRACE_CANNOT = 2 };

/* Which events are meant; all by default. */
struct trace_filter {
    uint64_t from, to; /* events */
    uint64_t first_step, last_step;
    const char *kind, *task, *key, *origin; /* patterns over names, or NULL */
    bool has_notes;
};

/* What the command line says. Strings point into argv. */
struct trace_args {
    const char *command;
    const char *operands[2];
    size_t count;
    struct trace_filter filter;
    const char *format;
    const char *output;
    bool has_at;
    uint64_t at;
    bool has_times, is_counting, is_inverted, is_caseless, is_forced;
};

struct trace_option {
    const char *name;
    char letter;          /* 0: none */
    const char *argument; /* NULL: takes none */
    const char *help;
    int (*take)(struct trace_args *args, const char *text, struct flow_error *err);
};

/* Options that several commands have (args.c). */
extern const struct trace_option trace_option_from, trace_option_to, trace_option_step, trace_option_kind,
    trace_option_task, trace_option_key, trace_option_origin, trace_option_notes, trace_option_times,
    trace_option_count, trace_option_invert, trace_option_caseless, trace_option_output, trace_option_force,
    trace_option_format, trace_option_at;

struct trace_command {
    const char *name;
    const char *operands;
    size_t least, most; /* operands */
    const char *summary;
    const struct trace_option *const *options; /* up to a NULL */
    const char *more;                          /* the rest of its help */
    int (*run)(struct trace_args *args);       /* returns the exit code */
};
extern const struct trace_command trace_info, trace_dump, trace_grep, trace_stats, trace_diff, trace_export,
    trace_import, trace_recover;
const struct trace_command *const *trace_commands(size_t *count);

/* FLOW_OK; FLOW_END: --help was asked for; FLOW_EINVAL with words. argv[0] is the command. */
int trace_args_parse(struct trace_args *args, const struct trace_command *command, int argc, char **argv,
    struct flow_error *err);

/* flowdbg trace ARGV...; argv[0] is "trace". Returns the exit code. */
int cmd_trace(int argc, char **argv);
/* "flowdbg: WHAT: text" on stderr. Returns TRACE_CANNOT. */
int trace_complain(const char *what, const char *text);

/* progress.c: how far a long work has come, on stderr when that is a terminal. All zero is valid. */
struct trace_progress {
    const char *verb; /* "reading" */
    uint64_t calls;
    int64_t next_ms;
    bool is_shown;
};
/* `total` 0: not known. Cheap enough for every event. */
void trace_progress_show(struct trace_progress *progress, uint64_t done, uint64_t total, const char *unit);
void trace_progress_end(struct trace_progress *progress);

/* source.c: a trace that is read from its beginning, with the run as it stands after the last event. */
struct trace_source {
    const char *path;
    struct trace_reader *reader;
    struct trace_state state;
    struct flow_event event; /* the last one that was read */
    uint64_t note;           /* of a note: its number among those of its event, else 0 */
    int status;              /* of the last read */
    struct flow_error err;
    struct trace_progress progress;
};
/* False: it has complained. To be finished in any case. */
bool trace_source_open(struct trace_source *source, const char *path);
void trace_source_finish(struct trace_source *source);
/* The next event or note, folded. False: there is none, see trace_source_end. */
bool trace_source_next(struct trace_source *source);
/* After the last event: says what is damaged or missing, if something is. Returns the exit code. */
int trace_source_end(struct trace_source *source);

/* out.c: output that goes to a file or to standard output. A reader that has enough is no failure. */
struct trace_out {
    int fd;
    const char *path; /* NULL: standard output */
    struct str buffer;
    bool is_gone; /* nobody reads any more, or writing failed: be done soon */
    bool has_failed;
};
/* path NULL: standard output. False: it has complained. `source` is the file that is being read, or NULL. */
bool trace_out_open(struct trace_out *out, const char *path, bool is_forced, const char *source);
/* Passes on what is in the buffer, if that is enough to be worth it. Returns false when it is_gone. */
bool trace_out_flush_some(struct trace_out *out);
/* Passes everything on and closes. Returns `code`, or TRACE_CANNOT with words where something was not
 * written. */
int trace_out_close(struct trace_out *out, int code);
/* Opens a file that must not be there, unless forced, and never the source. The descriptor, or -1 with words.
 */
int trace_create_file(const char *path, bool is_forced, const char *source);

/* select.c */
bool trace_filter_takes(const struct trace_filter *filter, const struct trace_source *source);
/* One line for the last event, as dump shows it. */
void trace_add_line(struct str *out, const struct trace_source *source, bool has_time);
/* "1.234 ms" */
void trace_add_duration(struct str *out, int64_t ns);

#endif
