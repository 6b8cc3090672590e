#include <string.h>

#include "tui/prompt/prompt_impl.h"

static void set_label(struct prompt *p)
{
    str_clear(&p->label);
    str_addf(&p->label, "%sreverse-search '%s'", p->failing ? "failing " : "", str_text(&p->pattern));
}

void prompt_search_start(struct prompt *p)
{
    prompt_list_close(p);
    p->searching = true;
    p->failing = false;
    p->found = p->history.lines.count;
    str_clear(&p->pattern);
    set_label(p);
}

const char *prompt_search_label(const struct prompt *p)
{
    return p->searching ? str_text(&p->label) : NULL;
}

const char *prompt_search_text(const struct prompt *p)
{
    return p->found < p->history.lines.count ? p->history.lines.at[p->found]
                                             : str_text(editor_text(p->editor));
}

size_t prompt_search_cursor(const struct prompt *p)
{
    if (p->found >= p->history.lines.count)
        return editor_cursor(p->editor);
    const char *line = p->history.lines.at[p->found];
    const char *at = strcasestr(line, str_text(&p->pattern));
    return at ? (size_t)(at - line) : strlen(line);
}

/* The next line that matches, from `start` on in steps of `step`, and that is not the one shown. */
static void find(struct prompt *p, size_t start, int step)
{
    size_t count = p->history.lines.count;
    const char *shown = p->found < count ? p->history.lines.at[p->found] : NULL;
    p->failing = p->pattern.length > 0;
    for (size_t i = start; i < count && p->pattern.length > 0; i += (size_t)step) {
        const char *line = p->history.lines.at[i];
        if (!strcasestr(line, str_text(&p->pattern)) || (i != p->found && shown && strcmp(line, shown) == 0))
            continue;
        p->found = i;
        p->failing = false;
        break;
    }
    set_label(p);
}

/* Starts again from the newest line: the pattern has changed. */
static void find_newest(struct prompt *p)
{
    p->found = p->history.lines.count;
    find(p, p->found - 1, -1);
}

void prompt_search_take(struct prompt *p)
{
    if (!p->searching)
        return;
    size_t cursor = prompt_search_cursor(p);
    if (p->found < p->history.lines.count)
        editor_set(p->editor, p->history.lines.at[p->found], cursor);
    p->searching = false;
}

static void shorten_pattern(struct prompt *p)
{
    while (p->pattern.length > 0) {
        char last = p->pattern.text[--p->pattern.length];
        p->pattern.text[p->pattern.length] = '\0';
        if (((unsigned char)last & 0xc0) != 0x80)
            break;
    }
}

bool prompt_search_feed(struct prompt *p, const struct event *e, enum prompt_result *result)
{
    *result = PROMPT_EDITING;
    if (event_is_key(e, 'r', MOD_CTRL)) {
        find(p, p->found - 1, -1);
    } else if (event_is_key(e, 's', MOD_CTRL)) {
        find(p, p->found + 1, 1);
    } else if (event_is_key(e, 'c', MOD_CTRL) || event_is_key(e, 'g', MOD_CTRL)) {
        p->searching = false;
    } else if (event_is_key(e, K_BACKSPACE, 0)) {
        shorten_pattern(p);
        find_newest(p);
    } else if (event_is_key(e, K_ESCAPE, 0)) {
        prompt_search_take(p);
    } else if (e->mods == 0 && e->key >= ' ' && e->key < K_NONE) {
        char bytes[4];
        str_add_bytes(&p->pattern, bytes, utf8_encode(e->key, bytes));
        /* What is shown may go on matching. */
        size_t count = p->history.lines.count;
        find(p, p->found < count ? p->found : count - 1, -1);
    } else if (e->key > K_NONE && e->key >= K_F1) {
        *result = PROMPT_IGNORED;
    } else {
        prompt_search_take(p);
        return false;
    }
    return true;
}

void prompt_search_finish(struct prompt *p)
{
    str_finish(&p->pattern);
    str_finish(&p->label);
}
