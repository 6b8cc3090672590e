/* libedit as a line editor that can be fed key by key. Internal to tui/prompt.
 *
 * libedit wants to own a terminal and to wait for keys. It gets a private pseudo terminal that nobody looks
 * at, its drawing goes nowhere, and it runs as a coroutine that leaves only where it waits for the next
 * character. What it edits is read back from it after each key. */
#ifndef TUI_PROMPT_EDITOR_H
#define TUI_PROMPT_EDITOR_H

#include <histedit.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"
#include "flow/error.h"

struct editor;

/* What a key can do whatever the user's bindings are: these are characters that nobody types (C1 controls),
 * bound in every key map. */
enum editor_key {
    EDITOR_LEFT = 0x80,
    EDITOR_RIGHT,
    EDITOR_WORD_LEFT,
    EDITOR_WORD_RIGHT,
    EDITOR_UP,
    EDITOR_DOWN,
    EDITOR_HOME,
    EDITOR_END,
    EDITOR_DELETE,
    EDITOR_ACTION, /* what editor_set, editor_insert and editor_reset have prepared */
    EDITOR_KEY_END
};

/* Reads the user's ~/.editrc ($EDITRC). `history` stays the caller's and must outlive it. */
int editor_create(HistoryW *history, struct editor **out, struct flow_error *err);
void editor_destroy(struct editor *e);

/* What the keys led to besides a changed text. */
enum editor_news {
    EDITOR_EDITED,
    EDITOR_ENTERED, /* a line was entered: editor_entered(); the text is empty again */
    EDITOR_ESCAPED, /* Esc in vi's command mode, where it does nothing */
    EDITOR_SEARCH,  /* vi's / or ? */
};
enum editor_news editor_feed(struct editor *e, const wchar_t *keys, size_t count);

/* UTF-8, and the cursor's byte in it; valid until the next feed. Never a control character. */
const struct str *editor_text(const struct editor *e);
size_t editor_cursor(const struct editor *e);
const char *editor_entered(const struct editor *e);
bool editor_is_vi(const struct editor *e);

/* Replaces the text, cursor at the byte. */
void editor_set(struct editor *e, const char *text, size_t cursor);
void editor_insert(struct editor *e, const char *text);
/* Begins a new line: empty text, vi's insert mode. */
void editor_reset(struct editor *e);

/* Takes away the keys that crash or hang the libedit of Debian 12, and those that start programs. */
void editor_unbind_unsafe(EditLine *el);

#endif
