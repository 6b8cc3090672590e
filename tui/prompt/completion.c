#include <string.h>

#include "tui/prompt/prompt_impl.h"

void prompt_list_close(struct prompt *p)
{
    prompt_candidates_finish(&p->list);
    p->list = (struct prompt_candidates){0};
    p->list_open = false;
    p->selected = -1;
}

const struct prompt_candidates *prompt_list(const struct prompt *p, int *selected)
{
    if (!p->list_open)
        return NULL;
    if (selected)
        *selected = p->selected;
    return &p->list;
}

size_t prompt_candidates_common(const struct prompt_candidates *c)
{
    if (c->count == 0)
        return 0;
    const char *first = c->at[0].text;
    size_t common = strlen(first);
    vec_foreach (const struct prompt_candidate, one, c) {
        size_t same = 0;
        while (same < common && one->text[same] == first[same])
            same++;
        common = same;
    }
    /* Never half a character. */
    while (common > 0 && ((unsigned char)first[common] & 0xc0) == 0x80)
        common--;
    return common;
}

/* Replaces `size` bytes of the line at list.from. */
static void replace_word(struct prompt *p, size_t size, const char *word, size_t length, const char *after)
{
    const struct str *text = editor_text(p->editor);
    struct str line = {0};
    size_t end = p->list.from + size;
    str_add_bytes(&line, str_text(text), p->list.from);
    str_add_bytes(&line, word, length);
    str_add(&line, after);
    size_t cursor = line.length;
    str_add(&line, str_text(text) + end);
    if (!line.failed)
        editor_set(p->editor, str_text(&line), cursor);
    str_finish(&line);
}

/* Asks for candidates for what stands before the cursor. */
static size_t ask(struct prompt *p)
{
    prompt_list_close(p);
    size_t cursor = editor_cursor(p->editor);
    p->list.from = cursor;
    int status = p->complete ? p->complete(p->user, str_text(editor_text(p->editor)), cursor, &p->list) : 0;
    if (status < 0 || p->list.from > cursor)
        prompt_list_close(p);
    p->word_size = cursor - p->list.from;
    return p->list.count;
}

static void take_only(struct prompt *p)
{
    const char *word = p->list.at[0].text;
    char next = str_text(editor_text(p->editor))[editor_cursor(p->editor)];
    replace_word(p, p->word_size, word, strlen(word), p->list.no_space || next == ' ' ? "" : " ");
    prompt_list_close(p);
}

static void choose(struct prompt *p, int step)
{
    int count = (int)p->list.count;
    p->selected = p->selected < 0 ? (step > 0 ? 0 : count - 1) : (p->selected + step + count) % count;
    const char *word = p->list.at[p->selected].text;
    replace_word(p, p->word_size, word, strlen(word), "");
    p->word_size = strlen(word);
}

enum prompt_result prompt_list_tab(struct prompt *p, bool backwards)
{
    if (p->list_open) {
        choose(p, backwards ? -1 : 1);
        return PROMPT_EDITING;
    }
    size_t count = ask(p);
    if (count == 1) {
        take_only(p);
    } else if (count > 1) {
        size_t common = prompt_candidates_common(&p->list);
        if (common > p->word_size) {
            replace_word(p, p->word_size, p->list.at[0].text, common, "");
            p->word_size = common;
        }
        p->list_open = true;
    }
    return PROMPT_EDITING;
}

void prompt_list_update(struct prompt *p)
{
    bool chosen = p->selected >= 0;
    if (!chosen && ask(p) > 0)
        p->list_open = true;
    else
        prompt_list_close(p);
}
