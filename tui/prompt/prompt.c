#include "tui/prompt/prompt_impl.h"

#include <string.h>

#include "base/mem.h"

int prompt_candidates_add(struct prompt_candidates *c, const char *text, const char *help)
{
    struct prompt_candidate one = {.text = mem_strdup(text), .help = help ? mem_strdup(help) : NULL};
    if (!one.text || (help && !one.help) || vec_push(c, one) < 0) {
        mem_free(one.text);
        mem_free(one.help);
        return FLOW_ENOMEM;
    }
    return FLOW_OK;
}

void prompt_candidates_finish(struct prompt_candidates *c)
{
    vec_foreach (struct prompt_candidate, one, c) {
        mem_free(one->text);
        mem_free(one->help);
    }
    vec_finish(c);
}

int prompt_create(const struct prompt_options *options, struct prompt **out, struct flow_error *err)
{
    struct prompt *p = mem_zalloc(sizeof *p);
    if (!p)
        return flow_error_set(err, FLOW_ENOMEM, "no memory for the command line");
    p->complete = options->complete;
    p->user = options->user;
    int status = line_history_init(&p->history, options->history_file);
    if (status < 0)
        flow_error_set(err, status, "no memory for the history");
    else
        status = editor_create(p->history.edit, &p->editor, err);
    if (status < 0) {
        prompt_destroy(p);
        return status;
    }
    *out = p;
    return FLOW_OK;
}

void prompt_destroy(struct prompt *p)
{
    if (!p)
        return;
    prompt_list_close(p);
    prompt_search_finish(p);
    editor_destroy(p->editor);
    line_history_finish(&p->history);
    str_finish(&p->line);
    mem_free(p);
}

const char *prompt_history_error(const struct prompt *p)
{
    return p->history.error.length > 0 ? str_text(&p->history.error) : NULL;
}

void prompt_history_add(struct prompt *p, const char *line)
{
    line_history_add(&p->history, line);
}

const char *prompt_line(const struct prompt *p)
{
    return str_text(&p->line);
}

const char *prompt_text(const struct prompt *p)
{
    return p->searching ? prompt_search_text(p) : str_text(editor_text(p->editor));
}

size_t prompt_cursor(const struct prompt *p)
{
    return p->searching ? prompt_search_cursor(p) : editor_cursor(p->editor);
}

bool prompt_is_vi(const struct prompt *p)
{
    return editor_is_vi(p->editor);
}

void prompt_set_text(struct prompt *p, const char *text)
{
    prompt_list_close(p);
    p->searching = false;
    editor_set(p->editor, text, strlen(text));
}

static enum prompt_result cancel(struct prompt *p)
{
    prompt_list_close(p);
    editor_reset(p->editor);
    return PROMPT_CANCELLED;
}

static enum prompt_result accept(struct prompt *p, const char *line)
{
    prompt_list_close(p);
    str_clear(&p->line);
    str_add(&p->line, line);
    line_history_add(&p->history, str_text(&p->line));
    return PROMPT_ACCEPTED;
}

enum prompt_result prompt_feed_keys(struct prompt *p, const wchar_t *keys, size_t count)
{
    switch (editor_feed(p->editor, keys, count)) {
    case EDITOR_EDITED: break;
    case EDITOR_ENTERED: return accept(p, editor_entered(p->editor));
    case EDITOR_ESCAPED:
        if (editor_text(p->editor)->length == 0)
            return cancel(p);
        break;
    case EDITOR_SEARCH: prompt_search_start(p); break;
    }
    return PROMPT_EDITING;
}

static enum prompt_result feed_key(struct prompt *p, wchar_t key)
{
    return prompt_feed_keys(p, &key, 1);
}

/* Control characters of a paste would be commands of the editor: newlines and tabs become blanks, others go.
 */
static enum prompt_result paste(struct prompt *p, const char *text, size_t length)
{
    struct str clean = {0};
    while (length > 0 && (text[length - 1] == '\n' || text[length - 1] == ' '))
        length--;
    for (size_t at = 0; at < length;) {
        unsigned code;
        size_t size = utf8_decode(text + at, length - at, &code);
        if (size == 1 && (code == '\n' || code == '\t'))
            str_add_char(&clean, ' ');
        else if (size > 0 && code >= ' ' && (code < 0x7f || code >= 0xa0))
            str_add_bytes(&clean, text + at, size);
        at += size > 0 ? size : 1;
    }
    editor_insert(p->editor, str_text(&clean));
    str_finish(&clean);
    prompt_list_close(p);
    return PROMPT_EDITING;
}

/* Named keys that move and delete, bound alike in every mode of the editor. 0: not one of them. */
static wchar_t movement(uint32_t key, unsigned mods)
{
    bool word = mods == MOD_CTRL || mods == MOD_ALT;
    switch (key) {
    case K_LEFT: return word ? EDITOR_WORD_LEFT : EDITOR_LEFT;
    case K_RIGHT: return word ? EDITOR_WORD_RIGHT : EDITOR_RIGHT;
    case K_UP: return EDITOR_UP;
    case K_DOWN: return EDITOR_DOWN;
    case K_HOME: return EDITOR_HOME;
    case K_END: return EDITOR_END;
    case K_DELETE: return EDITOR_DELETE;
    default: return 0;
    }
}

static enum prompt_result feed_escape(struct prompt *p)
{
    if (p->list_open) {
        prompt_list_close(p);
        return PROMPT_EDITING;
    }
    return editor_is_vi(p->editor) ? feed_key(p, L'\033') : cancel(p);
}

static enum prompt_result feed_named(struct prompt *p, const struct event *e)
{
    bool empty = editor_text(p->editor)->length == 0;
    switch (e->key) {
    case K_TAB: return prompt_list_tab(p, e->mods & MOD_SHIFT);
    case K_ESCAPE: return feed_escape(p);
    case K_ENTER: return feed_key(p, L'\n');
    case K_BACKSPACE:
        if (empty)
            return cancel(p);
        if (e->mods & (MOD_ALT | MOD_CTRL))
            return prompt_feed_keys(p, L"\033\177", 2);
        return feed_key(p, 0x7f);
    default: break;
    }
    if (e->key == K_DELETE && empty) /* in an empty line the editor takes it for the end of the input */
        return PROMPT_EDITING;
    wchar_t key = movement(e->key, e->mods);
    return key ? feed_key(p, key) : PROMPT_IGNORED;
}

static enum prompt_result feed_control(struct prompt *p, const struct event *e)
{
    switch (e->key) {
    case 'c':
    case 'g': return cancel(p);
    case 'l':
    case 'z': return PROMPT_IGNORED;
    case 'r': prompt_search_start(p); return PROMPT_EDITING;
    case 's': return PROMPT_EDITING;
    case 'd':
        if (editor_text(p->editor)->length == 0)
            return cancel(p);
        break;
    default: break;
    }
    wchar_t keys[2] = {L'\033', (wchar_t)(e->key & 0x1f)};
    return e->mods & MOD_ALT ? prompt_feed_keys(p, keys, 2) : prompt_feed_keys(p, keys + 1, 1);
}

static enum prompt_result feed_event(struct prompt *p, const struct event *e)
{
    if (e->key > K_NONE)
        return feed_named(p, e);
    if (e->mods & MOD_CTRL)
        return feed_control(p, e);
    if (e->key < ' ' || (e->key >= 0x7f && e->key < 0xa0))
        return PROMPT_IGNORED;
    wchar_t keys[2] = {L'\033', (wchar_t)e->key};
    return e->mods & MOD_ALT ? prompt_feed_keys(p, keys, 2) : prompt_feed_keys(p, keys + 1, 1);
}

enum prompt_result prompt_feed(struct prompt *p, const struct event *e)
{
    if (e->kind == EVENT_PASTE) {
        prompt_search_take(p);
        return paste(p, e->text, e->length);
    }
    if (e->kind != EVENT_KEY)
        return PROMPT_IGNORED;
    enum prompt_result result;
    if (p->searching && prompt_search_feed(p, e, &result))
        return result;
    bool was_open = p->list_open;
    result = feed_event(p, e);
    bool keeps_list = e->key == K_TAB || result == PROMPT_IGNORED;
    if (was_open && p->list_open && !keeps_list)
        prompt_list_update(p);
    return result;
}
