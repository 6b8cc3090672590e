/* Commands: one table from which the interpreter, help, completion and the manual follow. */
#ifndef DEBUG_COMMAND_H
#define DEBUG_COMMAND_H

#include "debug/session.h"

/* What an argument is, for completion and for the synopsis. */
enum dbg_arg {
    DBG_ARG_NONE,
    DBG_ARG_TASK,
    DBG_ARG_KEY,
    DBG_ARG_COUNT,
    DBG_ARG_ENTRY,
    DBG_ARG_FILE,
    DBG_ARG_WORD, /* one of the words in `words` */
    DBG_ARG_TEXT,
    DBG_ARG_BREAKPOINT,
    DBG_ARG_COMMAND,
    DBG_ARG_MARK,
    DBG_ARG_NAME, /* of a task or a key */
};

/* What a command printed or did, for the front end. Lines are UTF-8; control characters from tasks are
 * escaped already. */
struct dbg_reply {
    struct str text;    /* what to show, lines separated by \n, no newline at the end; may be empty */
    bool is_error;      /* text is an error */
    bool is_running;    /* the command set the inferior running: wait for it, or draw on */
    bool is_quit;       /* the front end should end */
    bool needs_confirm; /* text asks a question; call dbg_execute again with confirmed = true */
};
void dbg_reply_finish(struct dbg_reply *reply);

struct dbg_command {
    const char *name;     /* "next" */
    const char *alias;    /* "n", or NULL; wins over prefixes */
    const char *group;    /* heading in help: "Running", "Looking back", "Breakpoints", "Changing the run",
                             "Looking", "Session" */
    const char *synopsis; /* "[COUNT]" or "" */
    const char *summary;  /* one line for lists */
    const char *help;     /* the rest, some lines */
    enum dbg_arg args[2];
    const char *const *words;
    void (*run)(struct dbg_session *session, char **argv, size_t argc, const char *rest, bool confirmed,
        struct dbg_reply *reply);
};

/* The table, in the order of help; *count rows. */
const struct dbg_command *dbg_commands(size_t *count);
/* By name, alias or unique abbreviation; NULL and words in err otherwise ("ambiguous: step, start", "did you
 * mean"). */
const struct dbg_command *dbg_command_find(const char *word, struct flow_error *err);
/* Runs one command line. An empty line does nothing (front ends decide whether it repeats). Comments begin
 * with #. */
void dbg_execute(struct dbg_session *session, const char *line, bool confirmed, struct dbg_reply *reply);

/* Completion of the word that ends at `cursor` (bytes). */
struct dbg_candidate {
    char *text; /* the whole word */
    char *help; /* short, may be NULL */
};
struct dbg_candidates {
    VEC(struct dbg_candidate);
    size_t start; /* byte offset where the completed word begins */
};
int dbg_complete(struct dbg_session *session, const char *line, size_t cursor, struct dbg_candidates *out);
void dbg_candidates_finish(struct dbg_candidates *candidates);

#endif
