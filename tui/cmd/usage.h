/* How the program is used, as tables: options, forms, exit codes, environment, files. Parsing, --help, the
 * manual page and the shells' completions follow from them. */
#ifndef TUI_CMD_USAGE_H
#define TUI_CMD_USAGE_H

#include "base/str.h"

struct cli_options;

enum cli_mode {
    CLI_SCREEN, /* flowdbg FILE */
    CLI_REPL,   /* flowdbg --no-tui FILE */
    CLI_BATCH,  /* flowdbg --batch -x SCRIPT FILE */
    CLI_RUN,    /* flowdbg run FILE */
    CLI_GRAPH,  /* flowdbg graph FILE */
    CLI_HELP,
    CLI_VERSION,
};

/* Where an option counts. */
enum {
    CLI_IN_RUN = 1,
    CLI_IN_DEBUG = 2,
    CLI_IN_BATCH = 4,
    CLI_IN_GRAPH = 8,
    CLI_IN_REPLAY = 16,
    CLI_IN_RUNS = CLI_IN_RUN | CLI_IN_DEBUG | CLI_IN_BATCH,
    CLI_IN_LOADS = CLI_IN_RUNS | CLI_IN_GRAPH,
    CLI_EVERYWHERE = CLI_IN_LOADS | CLI_IN_REPLAY,
};

struct cli_option {
    const char *group; /* its heading; options of a group stand together */
    const char *name;
    char letter;          /* 0: none */
    const char *argument; /* what its value is called, NULL: takes none */
    unsigned where;       /* CLI_IN_... */
    const char *help;     /* one line */
    const char *more;     /* for the manual: sentences that say the rest, or NULL */
    const char *words;    /* the values there are, with blanks between; NULL: not so few */
    /* FLOW_OK, or a failure with words that need not name the option. */
    int (*take)(struct cli_options *options, const char *text, struct flow_error *err);
};
const struct cli_option *cli_option_table(size_t *count);

/* The ways to call it. The first one has no command. */
struct cli_form {
    const char *command; /* the first word: "run", or "" */
    const char *operands;
    const char *summary;
    enum cli_mode mode; /* options may change it */
    unsigned where;     /* the options it takes */
};
const struct cli_form *cli_forms(size_t *count);
/* The form that a first word asks for. */
const struct cli_form *cli_form_find(const char *word);

/* Anything that has a name and a meaning. */
struct cli_term {
    const char *name;
    const char *meaning;
};
const struct cli_term *cli_exit_codes(size_t *count);
const struct cli_term *cli_environment(size_t *count);
const struct cli_term *cli_files(size_t *count);

/* The text of --help: everything, or with the `where` of a command what concerns it. */
void cli_help(struct str *out, unsigned where);

#endif
