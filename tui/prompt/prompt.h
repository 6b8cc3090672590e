/* A command line: libedit's editing (emacs or vi keys and the user's ~/.editrc), our drawing.
 *
 * Inside the screen, `struct prompt` edits one line from key events and never touches the terminal: the
 * program draws it (prompt_draw) in a row of the grid. Without the screen, `struct prompt_reader` reads lines
 * from the terminal with libedit itself, or from a file or pipe.
 *
 * setlocale(LC_ALL, "") must have been called before anything here. */
#ifndef TUI_PROMPT_PROMPT_H
#define TUI_PROMPT_PROMPT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/vec.h"
#include "flow/error.h"
#include "tui/screen/event.h"
#include "tui/screen/grid.h"

/* What can stand at the cursor. Owns its texts. An all-zero one is empty and valid. */
struct prompt_candidate {
    char *text; /* the whole word that would replace the one being typed */
    char *help; /* a few words beside it; may be NULL */
};

struct prompt_candidates {
    VEC(struct prompt_candidate);
    size_t from;   /* byte in the line where the word being completed starts */
    bool no_space; /* do not add a blank after a single match (folders, prefixes) */
};

int prompt_candidates_add(struct prompt_candidates *c, const char *text, const char *help);
void prompt_candidates_finish(struct prompt_candidates *c);

/* Fills `out` with what can stand at byte `cursor` of `line`: only candidates that start with what is typed
 * from out->from on. Negative statuses count as no candidates. */
typedef int (*prompt_complete_fn)(void *user, const char *line, size_t cursor, struct prompt_candidates *out);

struct prompt_options {
    const char *history_file; /* NULL: history of this session only */
    prompt_complete_fn complete;
    void *user;
};

/* The usual place: $XDG_STATE_HOME/flowdbg/history or ~/.local/state/flowdbg/history. FLOW_OK and a path to
 * free with mem_free, FLOW_NOT_FOUND when there is no home. Folders are made when the first line is saved. */
int prompt_history_path(char **out);

/* One line being edited in the screen. */
struct prompt;

/* FLOW_OK; FLOW_EIO when the system gives no pseudo terminal; FLOW_ENOMEM. A history file that cannot be read
 * or written is no error: prompt_history_error says so. */
int prompt_create(const struct prompt_options *options, struct prompt **out, struct flow_error *err);
void prompt_destroy(struct prompt *p); /* NULL is fine */
/* NULL when the history file is fine, else one line of text that says what is wrong; valid until destroy. */
const char *prompt_history_error(const struct prompt *p);

enum prompt_result {
    PROMPT_EDITING,   /* taken; draw again */
    PROMPT_ACCEPTED,  /* Enter: prompt_line() is the line; the prompt is empty again, the line is in the
                         history */
    PROMPT_CANCELLED, /* Esc, Ctrl-C, Ctrl-D or Backspace on an empty line; the prompt is empty again */
    PROMPT_IGNORED,   /* not a key for a command line (F5, PgUp, mouse, Ctrl-Z): the program may use it */
};

/* Feeds a key or a paste; other kinds are ignored. */
enum prompt_result prompt_feed(struct prompt *p, const struct event *e);
/* Replaces the text, cursor at the end: to start with a command filled in. UTF-8. */
void prompt_set_text(struct prompt *p, const char *text);
/* Enters a line into the history (and its file) as if it had been accepted. */
void prompt_history_add(struct prompt *p, const char *line);

/* The line accepted last. Valid until the next PROMPT_ACCEPTED. */
const char *prompt_line(const struct prompt *p);
/* What is being edited now, UTF-8, and the cursor's byte in it. Valid until the next call on p. */
const char *prompt_text(const struct prompt *p);
size_t prompt_cursor(const struct prompt *p);
/* While Ctrl-R searches: "reverse-search 'pat'"; else NULL. */
const char *prompt_search_label(const struct prompt *p);
bool prompt_is_vi(const struct prompt *p);

/* The candidates to show above the prompt after Tab; NULL when no list is open. *selected is the one that Tab
 * has put into the line, or -1. */
const struct prompt_candidates *prompt_list(const struct prompt *p, int *selected);

/* Draws `label` and the text in the first row of w, scrolled so that the cursor is visible. Returns the
 * cursor's column in w. */
int prompt_draw(const struct prompt *p, struct win w, const char *label);
/* Draws the open list at the bottom of w (the area above the prompt), at most half of it. Returns rows used.
 */
int prompt_draw_list(const struct prompt *p, struct win w);

/* Lines without the screen. */
struct prompt_reader;

/* Reads stdin: with libedit if stdin and stdout are terminals, else plainly. */
int prompt_reader_create(
    const struct prompt_options *options, struct prompt_reader **out, struct flow_error *err);
void prompt_reader_destroy(struct prompt_reader *r); /* NULL is fine */
bool prompt_reader_is_tty(const struct prompt_reader *r);
/* Waits for a line. FLOW_OK and *line without its newline, valid until the next call; FLOW_END at the end of
 * the input; FLOW_AGAIN after Ctrl-C (the line is dropped); FLOW_EIO, FLOW_ENOMEM. `label` is shown on a
 * terminal only. Non-empty lines from a terminal go into the history. */
int prompt_reader_line(struct prompt_reader *r, const char *label, const char **line, struct flow_error *err);

#endif
