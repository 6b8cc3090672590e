#include "tui/prompt/editor.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/vec.h"
#include "tui/prompt/wide.h"

#if defined(__SANITIZE_ADDRESS__)
#define HAVE_FIBERS 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HAVE_FIBERS 1
#endif
#endif
#ifdef HAVE_FIBERS
#include <sanitizer/common_interface_defs.h>
#include <sanitizer/lsan_interface.h>

/* libedit looks its terminal up with tgetent, which never frees a few bytes of it. */
const char *__lsan_default_suppressions(void)
{
    return "leak:_nc_trim_sgr0\n";
}
#endif

#define STACK_SIZE ((size_t)256 * 1024)
#define GUARD_SIZE ((size_t)4096)
#define TEXT_MAX   4096 /* characters in a line: far more than anybody types, little enough to stay quick */

enum action {
    ACTION_NONE,
    ACTION_SET,
    ACTION_INSERT,
    ACTION_RESET,
};

struct editor {
    EditLine *el;
    FILE *nowhere;
    int master, slave; /* the private pseudo terminal */

    /* The coroutine. `inside` runs libedit, `outside` whoever feeds it. */
    ucontext_t inside, outside;
    char *stack;
    const void *outside_stack;
    size_t outside_size;
    bool running;  /* the coroutine has been started and has not ended */
    bool leaving;  /* libedit gets an end of file for every question now */
    unsigned asks; /* how often libedit asked for a character */

    struct {
        VEC(wchar_t);
    } keys; /* to be read */
    size_t keys_read;

    enum action action; /* what EDITOR_ACTION does next */
    const wchar_t *action_text;
    size_t action_cursor; /* in characters */

    enum editor_news news;
    struct str text, entered;
    size_t cursor;
    size_t count; /* characters in text */
    bool is_vi;
    bool has_stray; /* a character that is no text got into the line */
};

static void switch_inside(struct editor *e)
{
#ifdef HAVE_FIBERS
    void *fake;
    __sanitizer_start_switch_fiber(&fake, e->stack + GUARD_SIZE, STACK_SIZE);
#endif
    swapcontext(&e->outside, &e->inside);
#ifdef HAVE_FIBERS
    __sanitizer_finish_switch_fiber(fake, NULL, NULL);
#endif
}

static void switch_outside(struct editor *e, bool for_ever)
{
#ifdef HAVE_FIBERS
    void *fake = NULL;
    __sanitizer_start_switch_fiber(for_ever ? NULL : &fake, e->outside_stack, e->outside_size);
#endif
    swapcontext(&e->inside, &e->outside);
#ifdef HAVE_FIBERS
    __sanitizer_finish_switch_fiber(fake, &e->outside_stack, &e->outside_size);
#endif
}

/* vi's $ on an empty line leaves the cursor before it, its n and N without a pattern behind it, and the next
 * command would read there. */
static void clamp_cursor(EditLine *el)
{
    const LineInfoW *line = el_wline(el);
    if (line->cursor < line->buffer)
        el_cursor(el, (int)(line->buffer - line->cursor));
    else if (line->cursor > line->lastchar)
        el_cursor(el, (int)(line->lastchar - line->cursor));
}

/* libedit's question for a character: the only place where the coroutine is left. */
static int read_key(EditLine *el, wchar_t *out)
{
    struct editor *e;
    el_wget(el, EL_CLIENTDATA, &e);
    e->asks++;
    clamp_cursor(el);
    while (e->keys_read >= e->keys.count && !e->leaving)
        switch_outside(e, false);
    if (e->leaving)
        return 0;
    *out = e->keys.at[e->keys_read++];
    return 1;
}

static void run_inside(unsigned high, unsigned low)
{
    struct editor *e = (struct editor *)((uintptr_t)high << 16 << 16 | (uintptr_t)low);
#ifdef HAVE_FIBERS
    __sanitizer_finish_switch_fiber(NULL, &e->outside_stack, &e->outside_size);
#endif
    while (!e->leaving) {
        unsigned asked = e->asks;
        int count = 0;
        const wchar_t *line = el_wgets(e->el, &count);
        if (e->leaving || (!line && asked == e->asks))
            break; /* the second is a libedit that fails without asking: it would for ever */
        if (!line || count <= 0)
            continue;
        while (count > 0 && line[count - 1] == L'\n')
            count--;
        str_clear(&e->entered);
        wide_add_utf8(&e->entered, line, (size_t)count);
        e->news = EDITOR_ENTERED;
    }
    e->running = false;
    switch_outside(e, true);
}

static int start_coroutine(struct editor *e)
{
    size_t size = STACK_SIZE + GUARD_SIZE;
    void *stack = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
    if (stack == MAP_FAILED)
        return FLOW_ENOMEM;
    e->stack = stack;
    mprotect(stack, GUARD_SIZE, PROT_NONE);
    getcontext(&e->inside);
    e->inside.uc_stack.ss_sp = e->stack + GUARD_SIZE;
    e->inside.uc_stack.ss_size = STACK_SIZE;
    e->inside.uc_link = NULL;
    uintptr_t self = (uintptr_t)e;
    makecontext(&e->inside, (void (*)(void))run_inside, 2, (unsigned)(self >> 16 >> 16), (unsigned)self);
    e->running = true;
    switch_inside(e);
    return FLOW_OK;
}

static void clear_line(EditLine *el)
{
    const LineInfoW *line = el_wline(el);
    int count = (int)(line->lastchar - line->buffer);
    el_cursor(el, count + 1);
    el_deletestr(el, count);
}

static unsigned char do_action(EditLine *el, wint_t key)
{
    struct editor *e;
    el_wget(el, EL_CLIENTDATA, &e);
    enum action action = e->action;
    e->action = ACTION_NONE;
    switch (action) {
    case ACTION_NONE: return CC_NORM;
    case ACTION_INSERT: el_winsertstr(el, e->action_text); return CC_REFRESH;
    case ACTION_RESET: clear_line(el); return CC_NEWLINE;
    case ACTION_SET: break;
    }
    clear_line(el);
    el_winsertstr(el, e->action_text);
    const LineInfoW *line = el_wline(el);
    el_cursor(el, (int)e->action_cursor - (int)(line->cursor - line->buffer));
    return CC_REFRESH;
}

static unsigned char do_escape(EditLine *el, wint_t key)
{
    struct editor *e;
    el_wget(el, EL_CLIENTDATA, &e);
    e->news = EDITOR_ESCAPED;
    return CC_NORM;
}

static unsigned char do_search(EditLine *el, wint_t key)
{
    struct editor *e;
    el_wget(el, EL_CLIENTDATA, &e);
    e->news = EDITOR_SEARCH;
    return CC_NORM;
}

static void bind(EditLine *el, bool command_map, const wchar_t *keys, const wchar_t *function)
{
    if (command_map)
        el_wset(el, EL_BIND, L"-a", keys, function, NULL);
    else
        el_wset(el, EL_BIND, keys, function, NULL);
}

static bool uses_vi(EditLine *el)
{
    const wchar_t *mode = NULL;
    return el_wget(el, EL_EDITOR, &mode) == 0 && mode && wcscmp(mode, L"vi") == 0;
}

void editor_unbind_unsafe(EditLine *el)
{
    /* Extended commands, their alias form, copy-prev-word and the incremental searches: memory errors.
     * ^Z: would stop us behind the back of the screen. */
    static const wchar_t *const keys[] = {
        L"\033x", L"\033X", L"\xf8", L"\xd8", L"\033\x1f", L"\x9f", L"^R", L"^S", L"^Z", L"^Y^Z"};
    /* vi's : and @ as above; . may loop for ever; v starts an editor on the terminal. */
    static const wchar_t *const command_keys[] = {L":", L"@", L".", L"v", L"^R", L"^S", L"^Z"};
    bool vi = uses_vi(el);
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        el_wset(el, EL_BIND, L"-r", keys[i], NULL);
    for (size_t i = 0; vi && i < sizeof command_keys / sizeof *command_keys; i++)
        el_wset(el, EL_BIND, L"-a", L"-r", command_keys[i], NULL);
}

static void bind_keys(struct editor *e)
{
    static const struct {
        enum editor_key key;
        const wchar_t *function;
    } keys[] = {
        {EDITOR_LEFT, L"ed-prev-char"},
        {EDITOR_RIGHT, L"ed-next-char"},
        {EDITOR_WORD_LEFT, L"ed-prev-word"},
        {EDITOR_WORD_RIGHT, L"em-next-word"},
        {EDITOR_UP, L"ed-prev-history"},
        {EDITOR_DOWN, L"ed-next-history"},
        {EDITOR_HOME, L"ed-move-to-beg"},
        {EDITOR_END, L"ed-move-to-end"},
        {EDITOR_DELETE, L"em-delete-or-list"},
        {EDITOR_ACTION, L"flowdbg-action"},
    };
    e->is_vi = uses_vi(e->el);
    editor_unbind_unsafe(e->el);
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        wchar_t text[2] = {(wchar_t)keys[i].key};
        bind(e->el, false, text, keys[i].function);
        bind(e->el, true, text, keys[i].function);
    }
    if (!e->is_vi)
        return;
    /* Arrow keys never come as sequences here, so Esc need not wait for their rest. */
    bind(e->el, false, L"\033", L"vi-command-mode");
    static const wchar_t delete[] = {EDITOR_DELETE, 0};
    bind(e->el, true, delete, L"ed-delete-next-char");
    bind(e->el, true, L"\033", L"flowdbg-escape");
    bind(e->el, true, L"/", L"flowdbg-search");
    bind(e->el, true, L"?", L"flowdbg-search");
}

static wchar_t *no_prompt(EditLine *el)
{
    static wchar_t nothing[] = L"";
    return nothing;
}

static int open_pty(struct editor *e, struct flow_error *err)
{
    e->master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    char name[64];
    if (e->master < 0 || grantpt(e->master) < 0 || unlockpt(e->master) < 0 ||
        ptsname_r(e->master, name, sizeof name) != 0 ||
        (e->slave = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC)) < 0)
        return flow_error_set(
            err, FLOW_EIO, "opening a pseudo terminal for the command line: %s", strerror(errno));
    e->nowhere = fopen("/dev/null", "r+e");
    return e->nowhere ? FLOW_OK : flow_error_set(err, FLOW_EIO, "opening /dev/null: %s", strerror(errno));
}

static int set_up(struct editor *e, HistoryW *history, struct flow_error *err)
{
    int status = open_pty(e, err);
    if (status < 0)
        return status;
    e->el = el_init_fd("flowdbg", e->nowhere, e->nowhere, e->nowhere, e->slave, e->slave, e->slave);
    if (!e->el)
        return flow_error_set(err, FLOW_EIO, "libedit cannot be started");
    el_wset(e->el, EL_CLIENTDATA, e);
    el_wset(e->el, EL_SIGNAL, 0);
    el_wset(e->el, EL_PROMPT, no_prompt);
    el_wset(e->el, EL_HIST, history_w, history);
    el_wset(e->el, EL_ADDFN, L"flowdbg-action", L"what the program does to the line", do_action);
    el_wset(e->el, EL_ADDFN, L"flowdbg-escape", L"back out", do_escape);
    el_wset(e->el, EL_ADDFN, L"flowdbg-search", L"search the history", do_search);
    el_wset(e->el, EL_EDITOR, L"emacs"); /* its own default is vi */
    el_source(e->el, NULL);              /* no ~/.editrc is fine */
    el_wset(e->el, EL_EDITMODE, 1);
    el_wset(e->el, EL_GETCFN, read_key);
    bind_keys(e);
    if (start_coroutine(e) < 0)
        return flow_error_set(err, FLOW_ENOMEM, "no memory for the command line");
    return FLOW_OK;
}

int editor_create(HistoryW *history, struct editor **out, struct flow_error *err)
{
    struct editor *e = mem_zalloc(sizeof *e);
    if (!e)
        return flow_error_set(err, FLOW_ENOMEM, "no memory for the command line");
    e->master = e->slave = -1;
    int status = set_up(e, history, err);
    if (status < 0) {
        editor_destroy(e);
        return status;
    }
    *out = e;
    return FLOW_OK;
}

void editor_destroy(struct editor *e)
{
    if (!e)
        return;
    e->leaving = true;
    while (e->running)
        switch_inside(e); /* libedit sees the end of its input and returns */
    if (e->el)
        el_end(e->el);
    if (e->stack)
        munmap(e->stack, STACK_SIZE + GUARD_SIZE);
    if (e->nowhere)
        fclose(e->nowhere);
    if (e->slave >= 0)
        close(e->slave);
    if (e->master >= 0)
        close(e->master);
    vec_finish(&e->keys);
    str_finish(&e->text);
    str_finish(&e->entered);
    mem_free(e);
}

/* Not for a command line: private characters that a waiting command took for text, controls from quoted
 * insert. */
static bool is_stray(wchar_t c)
{
    return c < 0x20 || (c >= 0x7f && c < 0xa0);
}

/* Reads back what libedit edits. */
static void read_line(struct editor *e)
{
    const LineInfoW *line = el_wline(e->el);
    size_t count = line->lastchar > line->buffer ? (size_t)(line->lastchar - line->buffer) : 0;
    size_t cursor = line->cursor > line->buffer ? (size_t)(line->cursor - line->buffer) : 0;
    if (cursor > count)
        cursor = count;
    str_clear(&e->text);
    e->has_stray = false;
    e->cursor = e->count = 0;
    for (size_t i = 0; i < count; i++) {
        if (i == cursor)
            e->cursor = e->text.length;
        if (is_stray(line->buffer[i])) {
            e->has_stray = true;
            continue;
        }
        wide_add_utf8(&e->text, &line->buffer[i], 1);
        e->count++;
    }
    if (cursor >= count)
        e->cursor = e->text.length;
}

static void feed_raw(struct editor *e, const wchar_t *keys, size_t count)
{
    if (!e->running)
        return;
    vec_clear(&e->keys);
    e->keys_read = 0;
    if (vec_reserve(&e->keys, count) < 0)
        return; /* a key is lost, nothing else */
    memcpy(e->keys.at, keys, count * sizeof *keys);
    e->keys.count = count;
    switch_inside(e);
    read_line(e);
}

/* A command that waits for a character (vi's r and f, quoted insert) takes the first one for itself. */
static void act(struct editor *e, enum action action, const wchar_t *text, size_t cursor)
{
    static const wchar_t key = EDITOR_ACTION;
    e->action = action;
    e->action_text = text;
    e->action_cursor = cursor;
    for (int i = 0; i < 3 && e->action != ACTION_NONE; i++)
        feed_raw(e, &key, 1);
    e->action = ACTION_NONE;
    e->action_text = NULL;
}

static size_t chars_in(const char *text, size_t bytes)
{
    size_t count = 0;
    for (size_t i = 0; i < bytes; i++)
        count += ((unsigned char)text[i] & 0xc0) != 0x80;
    return count;
}

static size_t bytes_of(const struct str *text, size_t chars)
{
    size_t at = 0;
    for (; at < text->length; at++)
        if (((unsigned char)text->text[at] & 0xc0) != 0x80 && chars-- == 0)
            break;
    return at;
}

static void set_text(struct editor *e, const char *text, size_t cursor)
{
    wchar_t *wide = wide_from_utf8(text);
    if (wide)
        act(e, ACTION_SET, wide, chars_in(text, cursor));
    mem_free(wide);
}

/* Takes stray characters out of the line, and what makes it longer than a line can be (counts, yanks). */
static void clean_up(struct editor *e)
{
    if (!e->has_stray && e->count <= TEXT_MAX)
        return;
    struct str text = {0};
    str_add_bytes(&text, str_text(&e->text), bytes_of(&e->text, TEXT_MAX));
    set_text(e, str_text(&text), e->cursor < text.length ? e->cursor : text.length);
    str_finish(&text);
}

enum editor_news editor_feed(struct editor *e, const wchar_t *keys, size_t count)
{
    e->news = EDITOR_EDITED;
    feed_raw(e, keys, count);
    enum editor_news news = e->news;
    clean_up(e);
    return news;
}

const struct str *editor_text(const struct editor *e)
{
    return &e->text;
}

size_t editor_cursor(const struct editor *e)
{
    return e->cursor;
}

const char *editor_entered(const struct editor *e)
{
    return str_text(&e->entered);
}

bool editor_is_vi(const struct editor *e)
{
    return e->is_vi;
}

void editor_set(struct editor *e, const char *text, size_t cursor)
{
    set_text(e, text, cursor);
    clean_up(e);
}

void editor_insert(struct editor *e, const char *text)
{
    wchar_t *wide = wide_from_utf8(text);
    if (wide && wcslen(wide) > TEXT_MAX)
        wide[TEXT_MAX] = L'\0';
    if (wide)
        act(e, ACTION_INSERT, wide, 0);
    mem_free(wide);
    clean_up(e);
}

void editor_reset(struct editor *e)
{
    act(e, ACTION_RESET, L"", 0);
}
