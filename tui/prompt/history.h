/* Lines entered before, in this session and in earlier ones. The file is plain text, one line each, oldest
 * first; a line is appended when it is entered, so that several sessions may share a file and a killed one
 * loses nothing. Internal to tui/prompt. */
#ifndef TUI_PROMPT_HISTORY_H
#define TUI_PROMPT_HISTORY_H

#include <histedit.h>
#include <stdbool.h>

#include "base/str.h"
#include "base/vec.h"

#define HISTORY_MAX 2000

struct line_history {
    struct {
        VEC(char *);
    } lines;          /* oldest first */
    HistoryW *edit;   /* the same for libedit */
    char *path;       /* NULL: not kept */
    struct str error; /* what is wrong with the file, "" when nothing is */
};

/* An all-zero one may be finished. path NULL: this session only. FLOW_OK or FLOW_ENOMEM. */
int line_history_init(struct line_history *h, const char *path);
void line_history_finish(struct line_history *h);
/* Empty lines, lines of blanks and repetitions of the last line are not entered. FLOW_OK or FLOW_ENOMEM. */
int line_history_add(struct line_history *h, const char *line);

#endif
