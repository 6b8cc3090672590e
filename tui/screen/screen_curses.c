/* The terminal, through ncurses: the one file that includes <curses.h>. Curses writes (it knows how to move,
 * to colour and to scroll cheaply); it does not read: bytes are decoded by decode.c, signals are guard.c's.
 */
#define NCURSES_WIDECHAR 1
#include <curses.h>
#include <term.h>

#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "tui/screen/decode.h"
#include "tui/screen/guard.h"
#include "tui/screen/screen_impl.h"

#define PAIRS_MAX  200
#define STYLE_SETS 8 /* combinations of the three style flags */
#define PUT_MAX    512

/* What a style is for curses; made when first used. */
struct pen {
    bool known;
    attr_t attrs;
    short pair;
};

struct curses_screen {
    struct screen base;
    SCREEN *curses;
    TERMINAL *terminal; /* libedit and others replace curses' current one behind its back */
    FILE *in, *out;     /* on descriptors of our own */
    bool guarded;       /* guard.c is ours */
    bool in_modes;      /* between enter and leave */
    bool gone;          /* the terminal was closed */
    bool hangup_told;
    bool test_protocol;
    bool no_mouse;
    bool default_colors;
    unsigned syncs;
    struct decoder decoder;
    struct str enter_codes, leave_codes; /* what curses does not send itself */
    struct str show_codes;    /* the cursor, seen: some terminals bring it back hidden with the main screen */
    struct str restore_codes; /* all that a signal handler must send */
    struct pen pens[STYLE_SETS][ROLE_COUNT];
    struct {
        int32_t fg, bg;
    } pairs[PAIRS_MAX];
    int pair_count;
};

static struct curses_screen *curses_of(struct screen *s)
{
    return (struct curses_screen *)s;
}

/* Before every use of curses. */
static void use(struct curses_screen *c)
{
    set_term(c->curses);
    if (cur_term != c->terminal)
        set_curterm(c->terminal);
}

static int64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void write_raw(struct curses_screen *c, const struct str *bytes)
{
    const char *at = str_text(bytes);
    size_t left = bytes->length;
    while (left > 0) {
        ssize_t n = write(fileno(c->out), at, left);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return;
        at += n;
        left -= (size_t)n;
    }
}

/* tputs has no argument for its output function. */
static struct str *codes;

static int add_code_char(int ch)
{
    str_add_char(codes, (char)ch);
    return ch;
}

static const char *capability(const char *name)
{
    char *text = tigetstr(name);
    return text && text != (char *)-1 ? text : NULL;
}

/* Adds a capability without its padding. */
static void add_capability(struct str *out, const char *text)
{
    codes = out;
    if (text)
        tputs(text, 1, add_code_char);
}

/* Terminals of the ANSI family ignore a private mode that they do not know; others would print it. */
static bool is_ansi(void)
{
    const char *cup = capability("cup");
    return cup && strncmp(cup, "\033[", 2) == 0;
}

/* One sequence a mode: some terminals honour only the first number of a list. */
static void add_modes(struct str *out, bool mouse, char final)
{
    if (!is_ansi())
        return;
    if (mouse && capability("kmous")) {
        str_addf(out, "\033[?1000%c", final);
        str_addf(out, "\033[?1006%c", final);
    }
    str_addf(out, "\033[?2004%c", final);
}

static void make_codes(struct curses_screen *c)
{
    bool mouse = !c->no_mouse;
    add_capability(&c->enter_codes, capability("smkx"));
    add_modes(&c->enter_codes, mouse, 'h');
    add_modes(&c->leave_codes, mouse, 'l');
    add_capability(&c->leave_codes, capability("rmkx"));
    add_capability(&c->show_codes, capability("cnorm"));
}

/* Depends on the size: without an alternate screen the shell's prompt goes to the last line. */
static void make_restore(struct curses_screen *c)
{
    str_clear(&c->restore_codes);
    str_add(&c->restore_codes, str_text(&c->leave_codes));
    add_capability(&c->restore_codes, capability("sgr0"));
    add_capability(&c->restore_codes, capability("op"));
    const char *cup = capability("cup");
    if (cup)
        add_capability(&c->restore_codes, tparm((char *)cup, c->base.grid.rows - 1, 0, 0, 0, 0, 0, 0, 0, 0));
    const char *rmcup = capability("rmcup");
    add_capability(&c->restore_codes, rmcup ? rmcup : capability("el"));
    add_capability(&c->restore_codes, capability("cnorm"));
    if (c->in_modes)
        guard_arm(str_text(&c->restore_codes), c->restore_codes.length);
}

static void add_terminal_keys(struct decoder *d)
{
    static const struct {
        const char *name;
        uint32_t key;
        unsigned mods;
    } keys[] = {
        {"kcuu1", K_UP, 0},
        {"kcud1", K_DOWN, 0},
        {"kcub1", K_LEFT, 0},
        {"kcuf1", K_RIGHT, 0},
        {"khome", K_HOME, 0},
        {"kend", K_END, 0},
        {"kpp", K_PAGE_UP, 0},
        {"knp", K_PAGE_DOWN, 0},
        {"kich1", K_INSERT, 0},
        {"kdch1", K_DELETE, 0},
        {"kcbt", K_TAB, MOD_SHIFT},
        {"kent", K_ENTER, 0},
        {"kri", K_UP, MOD_SHIFT},
        {"kind", K_DOWN, MOD_SHIFT},
        {"kLFT", K_LEFT, MOD_SHIFT},
        {"kRIT", K_RIGHT, MOD_SHIFT},
    };
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        decoder_add_key(d, capability(keys[i].name), keys[i].key, keys[i].mods);
    for (unsigned i = 1; i <= 24; i++) {
        char name[8];
        snprintf(name, sizeof name, "kf%u", i);
        decoder_add_key(d, capability(name), K_F1 + (i - 1) % 12, i > 12 ? MOD_SHIFT : 0);
    }
}

static void terminal_size(struct curses_screen *c, int *rows, int *cols)
{
    struct winsize size;
    bool known = ioctl(fileno(c->out), TIOCGWINSZ, &size) == 0 && size.ws_row > 0 && size.ws_col > 0;
    *rows = known ? size.ws_row : 24;
    *cols = known ? size.ws_col : 80;
}

static void set_modes(struct curses_screen *c)
{
    raw();
    noecho();
    nonl();
    typeahead(-1);
    curs_set(c->base.cursor_y >= 0 ? 1 : 0);
}

static void curses_enter(struct screen *s)
{
    struct curses_screen *c = curses_of(s);
    if (c->in_modes || c->gone)
        return;
    use(c);
    c->in_modes = true;
    make_restore(c);
    reset_prog_mode();
    set_modes(c);
    clearok(curscr, TRUE);
    doupdate();
    write_raw(c, &c->enter_codes);
    s->stale = true;
    s->shown_cursor_y = -2;
}

static void curses_leave(struct screen *s)
{
    struct curses_screen *c = curses_of(s);
    if (!c->in_modes)
        return;
    use(c);
    write_raw(c, &c->leave_codes);
    curs_set(1);
    endwin();
    write_raw(c, &c->show_codes);
    guard_disarm();
    c->in_modes = false;
}

/* Takes the new size, if it is one. */
static bool take_size(struct curses_screen *c)
{
    int rows, cols;
    terminal_size(c, &rows, &cols);
    if ((rows == c->base.grid.rows && cols == c->base.grid.cols) || screen_set_size(&c->base, rows, cols) < 0)
        return false;
    use(c);
    resizeterm(rows, cols);
    clearok(curscr, TRUE);
    make_restore(c);
    return true;
}

static void curses_suspend(struct screen *s)
{
    curses_leave(s);
    guard_stop_process();
    curses_enter(s);
    take_size(curses_of(s)); /* the window may have changed while we stood still */
    guard_forget_signal(SIGCONT);
    guard_forget_signal(SIGTSTP);
}

static short pair_for(struct curses_screen *c, int32_t fg, int32_t bg)
{
    if (!c->default_colors) {
        fg = fg == LOOK_DEFAULT ? COLOR_WHITE : fg;
        bg = bg == LOOK_DEFAULT ? COLOR_BLACK : bg;
    }
    if (fg == LOOK_DEFAULT && bg == LOOK_DEFAULT)
        return 0;
    for (int i = 0; i < c->pair_count; i++)
        if (c->pairs[i].fg == fg && c->pairs[i].bg == bg)
            return (short)(i + 1);
    if (c->pair_count >= PAIRS_MAX || c->pair_count + 1 >= COLOR_PAIRS)
        return 0;
    if (init_extended_pair(c->pair_count + 1, fg, bg) == ERR)
        return 0;
    c->pairs[c->pair_count].fg = fg;
    c->pairs[c->pair_count].bg = bg;
    return (short)++c->pair_count;
}

/* Eight colours: the bright ones are the plain ones, in bold when they are in front; grey is dim. */
static int32_t on_eight(int32_t color, bool front, attr_t *attrs)
{
    if (COLORS >= 16 || color < 8)
        return color;
    if (color == 8) {
        *attrs |= front ? A_DIM : 0;
        return LOOK_DEFAULT;
    }
    *attrs |= front ? A_BOLD : 0;
    return color - 8;
}

static const struct pen *pen_for(struct curses_screen *c, unsigned style)
{
    unsigned role = style & STYLE_ROLE_MASK;
    struct pen *pen = &c->pens[(style >> 8) % STYLE_SETS][role < ROLE_COUNT ? role : ROLE_NORMAL];
    if (pen->known)
        return pen;
    struct look look = theme_look(&c->base.theme, style);
    pen->attrs = (look.flags & LOOK_BOLD ? A_BOLD : 0) | (look.flags & LOOK_DIM ? A_DIM : 0) |
                 (look.flags & LOOK_UNDERLINE ? A_UNDERLINE : 0) |
                 (look.flags & LOOK_REVERSE ? A_REVERSE : 0);
    if (c->base.theme.colors == THEME_16) {
        look.fg = on_eight(look.fg, true, &pen->attrs);
        look.bg = on_eight(look.bg, false, &pen->attrs);
    }
    if (c->base.theme.colors != THEME_NO_COLOR)
        pen->pair = pair_for(c, look.fg, look.bg);
    pen->known = true;
    return pen;
}

static void curses_put(struct screen *s, int y, int x, const struct cell *cells, int count)
{
    struct curses_screen *c = curses_of(s);
    use(c);
    cchar_t row[PUT_MAX];
    for (int i = 0; i < count;) {
        int start = i, used = 0;
        for (; i < count && used < PUT_MAX; i++) {
            const struct cell *cell = &cells[i];
            if (cell->width == 0) /* curses fills the right half */
                continue;
            wchar_t text[CELL_MARKS + 2] = {(wchar_t)cell->code};
            for (int m = 0; m < CELL_MARKS; m++)
                text[m + 1] = (wchar_t)cell->marks[m];
            const struct pen *pen = pen_for(c, cell->style);
            if (setcchar(&row[used], text, pen->attrs, pen->pair, NULL) == ERR)
                setcchar(&row[used], L"?", pen->attrs, pen->pair, NULL);
            used++;
        }
        mvadd_wchnstr(y, x + start, row, used);
    }
}

static int curses_commit(struct screen *s, bool whole)
{
    struct curses_screen *c = curses_of(s);
    if (c->gone || !c->in_modes)
        return c->gone ? FLOW_EIO : FLOW_OK;
    use(c);
    if (whole)
        clearok(curscr, TRUE);
    if (s->cursor_y >= 0)
        move(s->cursor_y, s->cursor_x);
    leaveok(stdscr, s->cursor_y < 0);
    curs_set(s->cursor_y >= 0 ? 1 : 0);
    refresh();
    return FLOW_OK;
}

/* FLOW_OK and an event when a signal asks for one. */
static int signal_event(struct curses_screen *c, struct event *out)
{
    for (int signal; (signal = guard_next_signal()) != 0;) {
        *out = (struct event){.kind = EVENT_QUIT, .signal = signal};
        switch (signal) {
        case SIGTERM:
        case SIGHUP:
        case SIGINT: return FLOW_OK;
        case SIGTSTP: out->kind = EVENT_SUSPEND; return FLOW_OK;
        case SIGCONT:
            /* Stopped by SIGSTOP, unprepared: the shell may have changed every mode. */
            if (!c->in_modes)
                continue;
            use(c);
            c->in_modes = false;
            curses_enter(&c->base);
            out->kind = EVENT_REPAINT;
            return FLOW_OK;
        case SIGWINCH:
            if (!take_size(c))
                continue;
            out->kind = EVENT_RESIZE;
            out->rows = c->base.grid.rows;
            out->cols = c->base.grid.cols;
            return FLOW_OK;
        default: continue;
        }
    }
    return FLOW_AGAIN;
}

static void read_input(struct curses_screen *c)
{
    char bytes[4096];
    int fd = fileno(c->in);
    struct pollfd p = {.fd = fd, .events = POLLIN};
    while (!c->gone && c->in_modes && poll(&p, 1, 0) > 0 && (p.revents & (POLLIN | POLLHUP | POLLERR))) {
        ssize_t n = read(fd, bytes, sizeof bytes);
        if (n > 0)
            decoder_feed(&c->decoder, bytes, (size_t)n, now_ms());
        else if (n == 0 || (errno != EINTR && errno != EAGAIN))
            c->gone = true;
        if (n != sizeof bytes)
            return;
    }
}

static int curses_next_event(struct screen *s, struct event *out)
{
    struct curses_screen *c = curses_of(s);
    if (signal_event(c, out) == FLOW_OK)
        return FLOW_OK;
    int status = decoder_next(&c->decoder, now_ms(), out);
    if (status == FLOW_OK)
        return FLOW_OK;
    read_input(c);
    status = decoder_next(&c->decoder, now_ms(), out);
    if (status == FLOW_OK || !c->gone || c->hangup_told)
        return status;
    c->hangup_told = true;
    *out = (struct event){.kind = EVENT_QUIT, .signal = SIGHUP};
    return FLOW_OK;
}

static int curses_fd(const struct screen *s)
{
    const struct curses_screen *c = (const struct curses_screen *)s;
    return c->gone ? -1 : fileno(c->in); /* poll ignores -1, where a dead terminal would wake it for ever */
}

static int curses_signal_fd(const struct screen *s)
{
    return guard_fd();
}

static int curses_timeout_ms(const struct screen *s, int wanted_ms)
{
    const struct curses_screen *c = (const struct curses_screen *)s;
    int wait = decoder_wait_ms(&c->decoder, now_ms());
    return wait >= 0 && (wanted_ms < 0 || wait < wanted_ms) ? wait : wanted_ms;
}

static void curses_sync_reply(struct screen *s)
{
    struct curses_screen *c = curses_of(s);
    if (!c->test_protocol)
        return;
    screen_flush(s);
    struct str answer = {0};
    str_addf(&answer, "\033]7777;%u\a", ++c->syncs);
    write_raw(c, &answer);
    str_finish(&answer);
}

static void curses_bell(struct screen *s)
{
    use(curses_of(s));
    beep();
}

static void curses_destroy(struct screen *s)
{
    struct curses_screen *c = curses_of(s);
    curses_leave(s);
    if (c->guarded)
        guard_stop();
    if (c->curses)
        delscreen(c->curses);
    if (c->in)
        fclose(c->in);
    if (c->out)
        fclose(c->out);
    decoder_finish(&c->decoder);
    str_finish(&c->enter_codes);
    str_finish(&c->show_codes);
    str_finish(&c->leave_codes);
    str_finish(&c->restore_codes);
    screen_finish(s);
    mem_free(s);
}

static const struct screen_ops curses_ops = {
    .destroy = curses_destroy,
    .put = curses_put,
    .commit = curses_commit,
    .next_event = curses_next_event,
    .fd = curses_fd,
    .signal_fd = curses_signal_fd,
    .timeout_ms = curses_timeout_ms,
    .suspend = curses_suspend,
    .leave = curses_leave,
    .enter = curses_enter,
    .sync_reply = curses_sync_reply,
    .ring = curses_bell,
};

static FILE *open_stream(int fd, const char *mode)
{
    int own = fd < 0 ? open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC) : fcntl(fd, F_DUPFD_CLOEXEC, 3);
    if (own < 0)
        return NULL;
    FILE *stream = fdopen(own, mode);
    if (!stream)
        close(own);
    return stream;
}

static int open_terminal(struct curses_screen *c, const struct screen_options *o, struct flow_error *err)
{
    c->in = open_stream(o->in_fd, "r");
    c->out = open_stream(o->out_fd, "w");
    if (!c->in || !c->out)
        return flow_error_set(
            err, FLOW_ENOENT, "there is no terminal (%s): use --no-tui or --batch", strerror(errno));
    if (!isatty(fileno(c->in)) || !isatty(fileno(c->out)))
        return flow_error_set(err, FLOW_ENOENT, "not a terminal: use --no-tui or --batch");
    return FLOW_OK;
}

/* Looks the terminal up before newterm, which says nothing about why it fails. */
static int check_terminal(struct curses_screen *c, const char *name, struct flow_error *err)
{
    if (!name || !name[0])
        return flow_error_set(
            err, FLOW_ENOENT, "$TERM is not set: set it to your terminal's name, or use --no-tui");
    int found = 0;
    TERMINAL *before = cur_term;
    if (setupterm(name, fileno(c->out), &found) == ERR)
        return found < 0
                   ? flow_error_set(err, FLOW_ENOENT,
                         "there is no terminal database (terminfo): install ncurses-base, or use --no-tui")
                   : flow_error_set(err, FLOW_ENOENT,
                         "terminal '%s' is not known here: set TERM to a known one, or use --no-tui", name);
    bool able = capability("cup") && capability("clear");
    TERMINAL *probe = cur_term;
    set_curterm(before);
    del_curterm(probe);
    if (!able)
        return flow_error_set(err, FLOW_ENOENT,
            "terminal '%s' cannot place its cursor: set TERM to what it really is, or use --no-tui", name);
    return FLOW_OK;
}

static void choose_theme(struct curses_screen *c, const struct screen_options *o)
{
    if (has_colors()) {
        start_color();
        c->default_colors = use_default_colors() != ERR;
    }
    bool direct = tigetflag("RGB") > 0 && COLORS > 256;
    c->base.theme.variant = theme_variant_choose(o->variant);
    c->base.theme.colors =
        o->no_color ? THEME_NO_COLOR : theme_colors_choose(has_colors() ? COLORS : 0, direct);
}

static int start(struct curses_screen *c, const struct screen_options *o, struct flow_error *err)
{
    const char *name = o->term ? o->term : getenv("TERM");
    int status = open_terminal(c, o, err);
    if (status == FLOW_OK)
        status = check_terminal(c, name, err);
    /* The modes are read, and the handlers that curses would leave alone installed, before curses comes. */
    if (status == FLOW_OK)
        status = guard_start(fileno(c->out), err);
    if (status != FLOW_OK)
        return status;
    c->guarded = true;
    use_env(FALSE);   /* LINES and COLUMNS of the environment would fix the size for ever */
    use_tioctl(TRUE); /* the Linux console has no size in its description */
    int rows, cols;
    terminal_size(c, &rows, &cols);
    bool utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
    if (screen_init(&c->base, &curses_ops, rows, cols, o->ascii || !utf8) < 0)
        return flow_error_set(err, FLOW_ENOMEM, "no memory for the screen");
    c->curses = newterm(name, c->out, c->in);
    if (!c->curses)
        return flow_error_set(err, FLOW_EIO, "curses cannot use terminal '%s'", name);
    c->terminal = cur_term;
    c->decoder.utf8 = utf8;
    const char *test = getenv("FLOWDBG_TEST");
    c->test_protocol = c->decoder.test_protocol = test && strcmp(test, "1") == 0;
    c->no_mouse = o->no_mouse;
    resizeterm(rows, cols);
    choose_theme(c, o);
    add_terminal_keys(&c->decoder);
    make_codes(c);
    curses_enter(&c->base);
    return c->enter_codes.failed || c->leave_codes.failed || c->show_codes.failed || c->restore_codes.failed
               ? flow_error_set(err, FLOW_ENOMEM, "no memory for the screen")
               : FLOW_OK;
}

int screen_create(const struct screen_options *options, struct screen **out, struct flow_error *err)
{
    struct curses_screen *c = mem_zalloc(sizeof *c);
    if (!c)
        return flow_error_set(err, FLOW_ENOMEM, "no memory for the screen");
    c->base.ops = &curses_ops;
    int status = start(c, options, err);
    if (status < 0) {
        curses_destroy(&c->base);
        return flow_error_prefix(err, "opening the screen");
    }
    *out = &c->base;
    return FLOW_OK;
}

void screen_die_by_signal(int signal)
{
    struct sigaction act = {.sa_handler = SIG_DFL};
    sigaction(signal, &act, NULL);
    raise(signal);
    _exit(128 + signal);
}
