/* The parts of a prompt: the line (prompt.c), its completion list (completion.c), its search (search.c).
 * Internal to tui/prompt. */
#ifndef TUI_PROMPT_PROMPT_IMPL_H
#define TUI_PROMPT_PROMPT_IMPL_H

#include <wchar.h>

#include "base/str.h"
#include "tui/prompt/editor.h"
#include "tui/prompt/history.h"
#include "tui/prompt/prompt.h"

struct prompt {
    struct editor *editor;
    struct line_history history;
    prompt_complete_fn complete;
    void *user;
    struct str line; /* accepted last */

    /* The list after Tab. */
    bool list_open;
    struct prompt_candidates list;
    int selected;     /* put into the line by a second Tab; -1: none yet */
    size_t word_size; /* bytes after list.from that the next choice replaces */

    /* Ctrl-R: the editor keeps the line as it was; what is shown is history.lines.at[found]. */
    bool searching;
    bool failing; /* nothing (more) matches; `found` is the last that did */
    struct str pattern;
    struct str label;
    size_t found; /* history.lines.count: nothing yet */
};

enum prompt_result prompt_feed_keys(struct prompt *p, const wchar_t *keys, size_t count);

enum prompt_result prompt_list_tab(struct prompt *p, bool backwards);
/* After the line changed under an open list: narrows it, or closes it. */
void prompt_list_update(struct prompt *p);
void prompt_list_close(struct prompt *p);
/* Bytes that all candidates have in common. */
size_t prompt_candidates_common(const struct prompt_candidates *c);

void prompt_search_start(struct prompt *p);
/* False when the key is for the line, into which what was found has been taken. */
bool prompt_search_feed(struct prompt *p, const struct event *e, enum prompt_result *result);
/* Ends a search, if there is one, with what it found in the line. */
void prompt_search_take(struct prompt *p);
const char *prompt_search_text(const struct prompt *p);
size_t prompt_search_cursor(const struct prompt *p);
void prompt_search_finish(struct prompt *p);

#endif
