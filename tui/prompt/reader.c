/* Lines without the screen. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "tui/prompt/editor.h"
#include "tui/prompt/history.h"
#include "tui/prompt/prompt.h"
#include "tui/prompt/prompt_impl.h"
#include "tui/prompt/wide.h"

struct prompt_reader {
    EditLine *el; /* NULL: not a terminal, getline */
    struct line_history history;
    prompt_complete_fn complete;
    void *user;
    wchar_t *label;
    struct str line;
    char *plain; /* getline's */
    size_t plain_size;
};

static volatile sig_atomic_t interrupted;

static void note_interrupt(int signal)
{
    interrupted = 1;
}

static struct prompt_reader *reader_of(EditLine *el)
{
    struct prompt_reader *r;
    el_wget(el, EL_CLIENTDATA, &r);
    return r;
}

static wchar_t *give_label(EditLine *el)
{
    static wchar_t none[] = L"";
    struct prompt_reader *r = reader_of(el);
    return r->label ? r->label : none;
}

/* Names may come from a workflow: only what can do no harm reaches the terminal. */
static void print_clean(const char *text)
{
    for (; *text; text++)
        putchar((unsigned char)*text < ' ' || *text == 0x7f ? '?' : *text);
}

/* Below the line; libedit draws that again afterwards. */
static void print_list(const struct prompt_candidates *list)
{
    putchar('\n');
    vec_foreach (const struct prompt_candidate, one, list) {
        print_clean(one->text);
        if (one->help) {
            fputs("   ", stdout);
            print_clean(one->help);
        }
        putchar('\n');
    }
    fflush(stdout);
}

static unsigned char insert_utf8(EditLine *el, const char *text, size_t length, const char *after)
{
    struct str bytes = {0};
    str_add_bytes(&bytes, text, length);
    str_add(&bytes, after);
    wchar_t *wide = wide_from_utf8(str_text(&bytes));
    int failed = wide ? el_winsertstr(el, wide) : -1;
    mem_free(wide);
    str_finish(&bytes);
    return failed < 0 ? CC_ERROR : CC_REFRESH;
}

static unsigned char complete(EditLine *el, wint_t key)
{
    struct prompt_reader *r = reader_of(el);
    const LineInfoW *info = el_wline(el);
    struct str line = {0};
    wide_add_utf8(&line, info->buffer, (size_t)(info->cursor - info->buffer));
    size_t cursor = line.length;
    wide_add_utf8(&line, info->cursor, (size_t)(info->lastchar - info->cursor));
    struct prompt_candidates list = {.from = cursor};
    int status = r->complete && !line.failed ? r->complete(r->user, str_text(&line), cursor, &list) : -1;
    unsigned char result = CC_ERROR;
    if (status >= 0 && list.count > 0 && list.from <= cursor) {
        size_t typed = cursor - list.from, common = prompt_candidates_common(&list);
        bool only = list.count == 1;
        /* Candidates start with what was typed; where one only does so but for case, leave the line alone. */
        bool extends = common >= typed && strncmp(list.at[0].text, str_text(&line) + list.from, typed) == 0;
        if (extends && (common > typed || only)) {
            const char *after = only && !list.no_space ? " " : "";
            result = insert_utf8(el, list.at[0].text + typed, common - typed, after);
        } else {
            print_list(&list);
            result = CC_REDISPLAY;
        }
    }
    prompt_candidates_finish(&list);
    str_finish(&line);
    return result;
}

static int start_libedit(struct prompt_reader *r, struct flow_error *err)
{
    r->el = el_init("flowdbg", stdin, stdout, stderr);
    if (!r->el)
        return flow_error_set(err, FLOW_EIO, "libedit cannot be started on this terminal");
    el_wset(r->el, EL_CLIENTDATA, r);
    el_wset(r->el, EL_SIGNAL, 1);
    el_wset(r->el, EL_PROMPT, give_label);
    el_wset(r->el, EL_HIST, history_w, r->history.edit);
    el_wset(r->el, EL_ADDFN, L"flowdbg-complete", L"complete the word", complete);
    el_wset(r->el, EL_EDITOR, L"emacs"); /* its own default is vi */
    el_source(r->el, NULL);
    el_wset(r->el, EL_EDITMODE, 1);
    editor_unbind_unsafe(r->el);
    el_wset(r->el, EL_BIND, L"^I", L"flowdbg-complete", NULL);
    el_wset(r->el, EL_BIND, L"^R", L"ed-search-prev-history", NULL);
    return FLOW_OK;
}

int prompt_reader_create(
    const struct prompt_options *options, struct prompt_reader **out, struct flow_error *err)
{
    struct prompt_reader *r = mem_zalloc(sizeof *r);
    if (!r)
        return flow_error_set(err, FLOW_ENOMEM, "no memory for the command line");
    r->complete = options->complete;
    r->user = options->user;
    bool tty = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
    int status = tty ? line_history_init(&r->history, options->history_file) : FLOW_OK;
    if (status < 0)
        flow_error_set(err, status, "no memory for the history");
    else if (tty)
        status = start_libedit(r, err);
    if (status < 0) {
        prompt_reader_destroy(r);
        return status;
    }
    *out = r;
    return FLOW_OK;
}

void prompt_reader_destroy(struct prompt_reader *r)
{
    if (!r)
        return;
    if (r->el)
        el_end(r->el);
    line_history_finish(&r->history);
    mem_free(r->label);
    str_finish(&r->line);
    free(r->plain);
    mem_free(r);
}

bool prompt_reader_is_tty(const struct prompt_reader *r)
{
    return r->el != NULL;
}

static int read_plain(struct prompt_reader *r, const char **line, struct flow_error *err)
{
    errno = 0;
    ssize_t n = getline(&r->plain, &r->plain_size, stdin);
    if (n < 0 && interrupted) {
        clearerr(stdin);
        return FLOW_AGAIN;
    }
    if (n < 0)
        return ferror(stdin) ? flow_error_set(err, FLOW_EIO, "reading commands: %s", strerror(errno))
                             : FLOW_END;
    while (n > 0 && (r->plain[n - 1] == '\n' || r->plain[n - 1] == '\r'))
        r->plain[--n] = '\0';
    *line = r->plain;
    return FLOW_OK;
}

static int read_edited(struct prompt_reader *r, const char *label, const char **line, struct flow_error *err)
{
    mem_free(r->label);
    r->label = wide_from_utf8(label);
    int count = 0;
    errno = 0;
    const wchar_t *text = el_wgets(r->el, &count);
    if (interrupted) {
        fputs("^C\n", stdout);
        fflush(stdout);
        el_reset(r->el);
        return FLOW_AGAIN;
    }
    if (!text || count <= 0)
        return FLOW_END;
    while (count > 0 && text[count - 1] == L'\n')
        count--;
    str_clear(&r->line);
    if (wide_add_utf8(&r->line, text, (size_t)count) < 0 ||
        line_history_add(&r->history, str_text(&r->line)) < 0)
        return flow_error_set(err, FLOW_ENOMEM, "no memory for the line");
    *line = str_text(&r->line);
    return FLOW_OK;
}

int prompt_reader_line(struct prompt_reader *r, const char *label, const char **line, struct flow_error *err)
{
    /* Without SA_RESTART: Ctrl-C has to end the wait for a key. */
    struct sigaction act = {.sa_handler = note_interrupt}, before;
    sigemptyset(&act.sa_mask);
    interrupted = 0;
    sigaction(SIGINT, &act, &before);
    int status = r->el ? read_edited(r, label, line, err) : read_plain(r, line, err);
    sigaction(SIGINT, &before, NULL);
    return status;
}
