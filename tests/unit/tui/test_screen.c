#include "tests/unit/test.h"

#include <fcntl.h>
#include <locale.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "base/mem.h"
#include "tui/screen/decode.h"
#include "tui/screen/screen.h"

/* ---- decoding: bytes in, a line of names out */

static void add_event(struct str *out, const struct event *e)
{
    char name[KEY_NAME_MAX];
    if (out->length > 0)
        str_add_char(out, ' ');
    switch (e->kind) {
    case EVENT_KEY: str_add(out, event_key_name(e->key, e->mods, name)); break;
    case EVENT_MOUSE: {
        static const char *const actions[] = {"click", "double", "right", "middle", "wheel-up", "wheel-down"};
        str_addf(out, "%s@%d,%d", actions[e->mouse], e->y, e->x);
        break;
    }
    case EVENT_PASTE: str_addf(out, "paste[%.*s]", (int)e->length, e->text); break;
    case EVENT_SYNC: str_add(out, "sync"); break;
    case EVENT_RESIZE:
    case EVENT_REPAINT:
    case EVENT_SUSPEND:
    case EVENT_QUIT: str_add(out, "?"); break;
    }
}

static void add_events(struct decoder *d, int64_t now_ms, struct str *out)
{
    struct event e;
    while (decoder_next(d, now_ms, &e) == FLOW_OK)
        add_event(out, &e);
}

static const struct {
    const char *name, *bytes, *events;
} sequences[] = {
    {"letters", "aZ9", "a Z 9"},
    {"UTF-8", "é日👍", "é 日 👍"},
    {"bad UTF-8", "a\xff\xc3z", "a z"},
    {"C1 in UTF-8",
        "\xc2\x9b"
        "A",
        "A"},
    {"controls", "\001\003\032\034\037", "C-a C-c C-z C-\\ C-_"},
    {"keys with a control character", "\t\r\n\177\b", "Tab Enter Enter Backspace Backspace"},
    {"space", " ", "Space"},
    {"xterm arrows", "\033[A\033[B\033[C\033[D", "Up Down Right Left"},
    {"application arrows", "\033OA\033OB\033OC\033OD", "Up Down Right Left"},
    {"modified arrows", "\033[1;2A\033[1;3B\033[1;5C\033[1;6D", "S-Up M-Down C-Right C-S-Left"},
    {"home and end", "\033[H\033[F\033OH\033OF\033[1~\033[4~\033[7~\033[8~",
        "Home End Home End Home End Home End"},
    {"block keys", "\033[2~\033[3~\033[5~\033[6~\033[5;5~", "Ins Del PgUp PgDn C-PgUp"},
    {"F1 to F4", "\033OP\033OQ\033OR\033OS\033[11~\033[14~", "F1 F2 F3 F4 F1 F4"},
    {"F5 to F12", "\033[15~\033[17~\033[18~\033[19~\033[20~\033[21~\033[23~\033[24~",
        "F5 F6 F7 F8 F9 F10 F11 F12"},
    {"shifted function keys", "\033[1;2P\033[15;2~\033[23;2~\033[31~", "S-F1 S-F5 S-F11 S-F5"},
    {"Linux console", "\033[[A\033[[E", "F1 F5"},
    {"rxvt", "\033[a\033Oc\033[3$\033[3^\033\033[A", "S-Up C-Right S-Del C-Del M-Up"},
    {"Esc and another sequence", "\033\033[?7777n\033\033[<0;1;1M\033\033[200~p\033[201~\033\033[15~",
        "Esc sync Esc click@0,0 Esc paste[p] Esc F5"},
    {"back tab", "\033[Z", "S-Tab"},
    {"keypad", "\033OM\033Oj\033Ok\033Op\033Oy", "Enter * + 0 9"},
    {"alt", "\033x\033é\033\001", "M-x M-é C-M-a"},
    {"CSI u", "\033[97;5u\033[27u\033[13;2u\033[233u", "C-a Esc S-Enter é"},
    {"modifyOtherKeys", "\033[27;5;65~", "C-a"},
    {"mouse", "\033[<0;11;6M\033[<0;11;6m\033[<2;1;1M\033[<64;3;4M\033[<65;3;4M",
        "click@5,10 right@0,0 wheel-up@3,2 wheel-down@3,2"},
    {"double click", "\033[<0;2;2M\033[<0;2;2m\033[<0;2;2M\033[<0;2;2M", "click@1,1 double@1,1 click@1,1"},
    {"clicks at two places", "\033[<0;2;2M\033[<0;3;2M", "click@1,1 click@1,2"},
    {"far mouse", "\033[<0;400;90M", "click@89,399"},
    {"moving mouse", "\033[<32;4;4M\033[<35;4;4M", ""},
    {"old mouse", "\033[M !!\033[M#!!\033[M`!!", "click@0,0 wheel-up@0,0"},
    {"paste", "a\033[200~x\ry\r\nz\033[A\033[201~b", "a paste[x\ny\nz\033[A] b"},
    {"empty paste", "\033[200~\033[201~", "paste[]"},
    {"sync", "\033[?7777n", "sync"},
    {"answers nobody asked for", "\033[?1;2c\033[?62;1$y\033]11;rgb:0/0/0\033\\\033]0;t\a\033P1$r0m\033\\x",
        "x"},
    {"focus", "\033[I\033[O", ""},
    {"unknown", "\033[99~\033[1;2y\033Oz!", "!"},
    {"broken off", "\033[1;\033[A", "Up"},
};

static struct decoder make_decoder(void)
{
    return (struct decoder){.utf8 = true, .test_protocol = true};
}

static void sequences_are_decoded_however_they_arrive(void **state)
{
    for (size_t i = 0; i < sizeof sequences / sizeof *sequences; i++)
        for (int split = 0; split < 2; split++) {
            struct decoder d = make_decoder();
            struct str events = {0};
            const char *bytes = sequences[i].bytes;
            size_t length = strlen(bytes), step = split ? 1 : length;
            int64_t now = 1000;
            for (size_t at = 0; at < length; at += step) {
                decoder_feed(&d, bytes + at, step, now);
                add_events(&d, now, &events);
                now++;
            }
            add_events(&d, now + 5000, &events);
            if (strcmp(str_text(&events), sequences[i].events) != 0)
                print_error("row '%s', %s\n", sequences[i].name, split ? "byte by byte" : "at once");
            assert_string_equal(str_text(&events), sequences[i].events);
            str_finish(&events);
            decoder_finish(&d);
        }
}

static void what_is_half_there_waits_only_so_long(void **state)
{
    static const struct {
        const char *bytes;
        int patience;
        const char *early, *late;
    } rows[] = {
        {"\033", 25, "", "Esc"},
        {"\033[", 25, "", "M-["},
        {"\033O", 25, "", "M-O"},
        {"\033\033", 25, "", "Esc Esc"},
        {"\033[1;", 500, "", ""},
        {"\033]0;title", 500, "", ""},
        {"\xe6\x97", 25, "", ""},
        {"\033[200~abc", 2000, "", "paste[abc]"},
        {"\033[200~", 2000, "", "paste[]"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct decoder d = make_decoder();
        struct str early = {0}, late = {0};
        assert_int_equal(decoder_wait_ms(&d, 1000), -1);
        decoder_feed(&d, rows[i].bytes, strlen(rows[i].bytes), 1000);
        add_events(&d, 1000, &early);
        assert_int_equal(decoder_wait_ms(&d, 1000), rows[i].patience);
        add_events(&d, 1000 + rows[i].patience - 1, &early);
        assert_string_equal(str_text(&early), rows[i].early);
        add_events(&d, 1000 + rows[i].patience, &late);
        add_events(&d, 9000, &late);
        assert_string_equal(str_text(&late), rows[i].late);
        assert_int_equal(decoder_wait_ms(&d, 9000), -1);
        str_finish(&early);
        str_finish(&late);
        decoder_finish(&d);
    }
}

static void slow_clicks_are_single_clicks(void **state)
{
    struct decoder d = make_decoder();
    struct str events = {0};
    decoder_feed(&d, "\033[<0;2;2M", 9, 1000);
    add_events(&d, 1000, &events);
    decoder_feed(&d, "\033[<0;2;2M", 9, 1401);
    add_events(&d, 1401, &events);
    assert_string_equal(str_text(&events), "click@1,1 click@1,1");
    str_finish(&events);
    decoder_finish(&d);
}

static void without_the_variable_sync_means_nothing(void **state)
{
    struct decoder d = {.utf8 = true};
    struct str events = {0};
    decoder_feed(&d, "\033[?7777nx", 9, 1000);
    add_events(&d, 1000, &events);
    assert_string_equal(str_text(&events), "x");
    str_finish(&events);
    decoder_finish(&d);
}

static void the_terminal_description_adds_keys(void **state)
{
    struct decoder d = make_decoder();
    struct str events = {0};
    decoder_add_key(&d, "\033[Q", K_F5, 0);
    decoder_add_key(&d, "\033[QQ", K_F6, 0);
    decoder_add_key(&d, NULL, K_F7, 0);
    decoder_add_key(&d, (const char *)-1, K_F8, 0);
    decoder_add_key(&d, "x", K_F9, 0);
    decoder_feed(&d, "\033[QQ\033[Qx", 8, 1000);
    add_events(&d, 1000, &events);
    assert_string_equal(str_text(&events), "F6 F5 x");
    str_finish(&events);
    decoder_finish(&d);
}

static void random_bytes_always_end_in_silence(void **state)
{
    unsigned random = 7;
    for (int round = 0; round < 2000; round++) {
        struct decoder d = make_decoder();
        int64_t now = 1000;
        for (int chunk = 0; chunk < 8; chunk++) {
            char bytes[24];
            for (size_t i = 0; i < sizeof bytes; i++) {
                static const char likely[] = "\033[O]P<;~0123M?u\x9b\xe6$";
                random = random * 1103515245u + 12345u;
                bytes[i] =
                    random & 0x8000 ? (char)(random >> 16) : likely[(random >> 16) % (sizeof likely - 1)];
            }
            decoder_feed(&d, bytes, sizeof bytes, now++);
            struct event e;
            while (decoder_next(&d, now, &e) == FLOW_OK)
                assert_true(e.kind != EVENT_KEY || (e.key >= ' ' && e.key < K_LAST && e.key != K_NONE));
        }
        struct event e;
        while (decoder_next(&d, now + 5000, &e) == FLOW_OK)
            ;
        assert_int_equal(decoder_wait_ms(&d, now + 5000), -1);
        decoder_finish(&d);
    }
}

static void key_names_are_read_back(void **state)
{
    static const char *const names[] = {"s", "S", "Space", "C-c", "M-x", "C-M-a", "S-F5", "S-Tab", "PgUp",
        "é", "-", "C--", "Esc", "C-S-Left", "C-Space", "C"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        uint32_t key;
        unsigned mods;
        char name[KEY_NAME_MAX];
        assert_int_equal(event_key_parse(names[i], &key, &mods), FLOW_OK);
        assert_string_equal(event_key_name(key, mods, name), names[i]);
    }
    static const char *const wrong[] = {"", "Pgup", "ab", "C-", "F13"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        uint32_t key;
        unsigned mods;
        assert_int_equal(event_key_parse(wrong[i], &key, &mods), FLOW_NOT_FOUND);
    }
}

/* ---- the twin in memory */

static void the_twin_shows_a_frame_only_when_flushed(void **state)
{
    struct screen *s;
    assert_int_equal(screen_memory_create(3, 10, &s), FLOW_OK);
    assert_int_equal(screen_flush(s), 30); /* the first frame is whole */
    win_put(win_whole(screen_grid(s)), 1, 2, ROLE_OK, "日x");
    assert_int_equal(grid_cell(screen_memory_shown(s), 1, 2)->code, ' ');
    assert_int_equal(screen_flush(s), 3);
    assert_int_equal(screen_flush(s), 0);
    assert_int_equal(grid_cell(screen_memory_shown(s), 1, 4)->code, 'x');
    assert_int_equal(grid_cell(screen_memory_shown(s), 1, 4)->style, ROLE_OK);
    screen_redraw(s);
    assert_int_equal(screen_flush(s), 30);
    int y, x;
    screen_memory_cursor(s, &y, &x);
    assert_int_equal(y, -1);
    screen_set_cursor(s, 2, 9);
    screen_flush(s);
    screen_memory_cursor(s, &y, &x);
    assert_int_equal(y, 2);
    assert_int_equal(x, 9);
    screen_set_cursor(s, 3, 0); /* outside: hidden */
    screen_flush(s);
    screen_memory_cursor(s, &y, &x);
    assert_int_equal(y, -1);
    screen_destroy(s);
}

static void the_twin_gives_events_in_order(void **state)
{
    struct screen *s;
    struct event e;
    assert_int_equal(screen_memory_create(3, 10, &s), FLOW_OK);
    assert_int_equal(screen_next_event(s, &e), FLOW_AGAIN);
    assert_int_equal(screen_timeout_ms(s, 70), 70);
    assert_int_equal(screen_memory_keys(s, "s S-Tab  C-c"), FLOW_OK);
    assert_int_equal(screen_memory_keys(s, "nonsense"), FLOW_EINVAL);
    assert_int_equal(
        screen_memory_push(s, (struct event){.kind = EVENT_RESIZE, .rows = 5, .cols = 6}), FLOW_OK);
    assert_int_equal(screen_timeout_ms(s, 70), 0);
    struct str events = {0};
    while (screen_next_event(s, &e) == FLOW_OK && e.kind == EVENT_KEY)
        add_event(&events, &e);
    assert_string_equal(str_text(&events), "s S-Tab C-c");
    assert_int_equal(e.kind, EVENT_RESIZE);
    assert_int_equal(screen_grid(s)->rows, 5);
    assert_int_equal(screen_grid(s)->cols, 6);
    assert_int_equal(screen_next_event(s, &e), FLOW_AGAIN);
    str_finish(&events);
    screen_destroy(s);
}

/* ---- a real terminal */

struct terminal {
    int master, slave;
    struct termios before;
};

static struct terminal open_terminal(void)
{
    struct terminal t;
    memset(&t, 0, sizeof t); /* modes are compared as bytes, padding and all */
    struct winsize size = {.ws_row = 24, .ws_col = 80};
    assert_int_equal(openpty(&t.master, &t.slave, NULL, NULL, &size), 0);
    fcntl(t.master, F_SETFL, O_NONBLOCK);
    assert_int_equal(tcgetattr(t.slave, &t.before), 0);
    return t;
}

static void close_terminal(struct terminal *t)
{
    close(t->master);
    close(t->slave);
}

/* All that the program has written since the last time. */
static void read_output(struct terminal *t, struct str *out)
{
    char bytes[4096];
    ssize_t n;
    str_clear(out);
    while ((n = read(t->master, bytes, sizeof bytes)) > 0)
        str_add_bytes(out, bytes, (size_t)n);
}

static bool has(const struct str *out, const char *what)
{
    return out->length > 0 && memmem(out->text, out->length, what, strlen(what)) != NULL;
}

static int open_screen(struct terminal *t, const char *term, struct screen **s, struct flow_error *err)
{
    struct screen_options options = {.in_fd = t->slave, .out_fd = t->slave, .term = term};
    return screen_create(&options, s, err);
}

static void assert_as_found(struct terminal *t)
{
    struct termios now;
    memset(&now, 0, sizeof now);
    assert_int_equal(tcgetattr(t->slave, &now), 0);
    assert_memory_equal(&now, &t->before, sizeof now);
}

static void a_terminal_is_given_back_as_it_was_found(void **state)
{
    struct terminal t = open_terminal();
    struct screen *s;
    struct str out = {0};
    struct flow_error err = FLOW_ERROR_INIT;
    assert_int_equal(open_screen(&t, "xterm-256color", &s, &err), FLOW_OK);
    screen_flush(s);
    read_output(&t, &out);
    static const char *const on[] = {"\033[?1049h", "\033[?1000h", "\033[?1006h", "\033[?2004h", "\033[?25l"};
    for (size_t i = 0; i < sizeof on / sizeof *on; i++)
        assert_true(has(&out, on[i]));
    struct termios now;
    tcgetattr(t.slave, &now);
    assert_false(now.c_lflag & (ICANON | ECHO | ISIG));
    screen_destroy(s);
    read_output(&t, &out);
    static const char *const off[] = {
        "\033[?1049l", "\033[?1000l", "\033[?1006l", "\033[?2004l", "\033[?25h"};
    for (size_t i = 0; i < sizeof off / sizeof *off; i++)
        assert_true(has(&out, off[i]));
    assert_as_found(&t);
    str_finish(&out);
    close_terminal(&t);
}

static void only_what_changed_is_sent(void **state)
{
    struct terminal t = open_terminal();
    struct screen *s;
    struct str out = {0};
    struct flow_error err = FLOW_ERROR_INIT;
    assert_int_equal(open_screen(&t, "xterm-256color", &s, &err), FLOW_OK);
    win_put(win_whole(screen_grid(s)), 5, 5, ROLE_ERROR, "what stays here");
    screen_flush(s);
    read_output(&t, &out);
    assert_true(has(&out, "what stays here"));
    assert_int_equal(screen_flush(s), 0);
    read_output(&t, &out);
    assert_int_equal(out.length, 0);
    grid_clear(screen_grid(s)); /* the same frame, drawn again */
    win_put(win_whole(screen_grid(s)), 5, 5, ROLE_ERROR, "what stays here");
    assert_int_equal(screen_flush(s), 0);
    read_output(&t, &out);
    assert_int_equal(out.length, 0);
    win_put(win_whole(screen_grid(s)), 5, 10, ROLE_ERROR, "S");
    assert_int_equal(screen_flush(s), 1);
    read_output(&t, &out);
    assert_in_range(out.length, 1, 40);
    screen_redraw(s);
    screen_flush(s);
    read_output(&t, &out);
    assert_true(has(&out, "what Stays here"));
    screen_destroy(s);
    str_finish(&out);
    close_terminal(&t);
}

static void events_come_from_the_terminal(void **state)
{
    struct terminal t = open_terminal();
    struct screen *s;
    struct str out = {0}, events = {0};
    struct flow_error err = FLOW_ERROR_INIT;
    setenv("FLOWDBG_TEST", "1", 1);
    assert_int_equal(open_screen(&t, "xterm-256color", &s, &err), FLOW_OK);
    unsetenv("FLOWDBG_TEST");
    static const char keys[] = "\003\033[15~\033[<0;1;1M\033[200~two\rlines\033[201~é\033[?7777n";
    assert_int_equal(write(t.master, keys, sizeof keys - 1), sizeof keys - 1);
    struct pollfd p = {.fd = screen_fd(s), .events = POLLIN};
    assert_int_equal(poll(&p, 1, 5000), 1);
    struct event e;
    while (screen_next_event(s, &e) == FLOW_OK)
        add_event(&events, &e);
    assert_string_equal(str_text(&events), "C-c F5 click@0,0 paste[two\nlines] é sync");
    for (int i = 1; i <= 2; i++) {
        char answer[32];
        win_putf(win_whole(screen_grid(s)), 0, 0, ROLE_NORMAL, "frame %d", i);
        read_output(&t, &out);
        screen_sync_reply(s);
        read_output(&t, &out);
        snprintf(answer, sizeof answer, "\033]7777;%d\a", i);
        assert_true(out.length > strlen(answer));
        assert_string_equal(out.text + out.length - strlen(answer), answer);
    }
    screen_destroy(s);
    str_finish(&out);
    str_finish(&events);
    close_terminal(&t);
}

static void a_new_size_is_an_event(void **state)
{
    struct terminal t = open_terminal();
    struct screen *s;
    struct flow_error err = FLOW_ERROR_INIT;
    assert_int_equal(open_screen(&t, "xterm-256color", &s, &err), FLOW_OK);
    struct winsize size = {.ws_row = 7, .ws_col = 33};
    ioctl(t.slave, TIOCSWINSZ, &size);
    raise(SIGWINCH);
    struct pollfd p = {.fd = screen_signal_fd(s), .events = POLLIN};
    assert_int_equal(poll(&p, 1, 0), 1);
    struct event e;
    assert_int_equal(screen_next_event(s, &e), FLOW_OK);
    assert_int_equal(e.kind, EVENT_RESIZE);
    assert_int_equal(e.rows, 7);
    assert_int_equal(e.cols, 33);
    assert_int_equal(screen_grid(s)->cols, 33);
    win_put(win_whole(screen_grid(s)), 6, 20, ROLE_NORMAL, "日本語日本語日本語");
    assert_int_equal(screen_flush(s), 7 * 33);
    raise(SIGWINCH); /* the same size again */
    assert_int_equal(screen_next_event(s, &e), FLOW_AGAIN);
    assert_int_equal(poll(&p, 1, 0), 0);
    screen_destroy(s);
    close_terminal(&t);
}

static void signals_that_end_a_program_are_events_first(void **state)
{
    static const int signals[] = {SIGTERM, SIGHUP, SIGINT};
    for (size_t i = 0; i < 3; i++) {
        struct terminal t = open_terminal();
        struct screen *s;
        struct event e;
        struct flow_error err = FLOW_ERROR_INIT;
        assert_int_equal(open_screen(&t, "xterm", &s, &err), FLOW_OK);
        raise(signals[i]);
        assert_int_equal(screen_next_event(s, &e), FLOW_OK);
        assert_int_equal(e.kind, EVENT_QUIT);
        assert_int_equal(e.signal, signals[i]);
        screen_destroy(s);
        assert_as_found(&t);
        close_terminal(&t);
    }
}

static void a_closed_terminal_is_one_quit(void **state)
{
    struct terminal t = open_terminal();
    struct screen *s;
    struct event e;
    struct flow_error err = FLOW_ERROR_INIT;
    assert_int_equal(open_screen(&t, "xterm", &s, &err), FLOW_OK);
    close(t.master);
    assert_int_equal(screen_next_event(s, &e), FLOW_OK);
    assert_int_equal(e.kind, EVENT_QUIT);
    assert_int_equal(e.signal, SIGHUP);
    assert_int_equal(screen_next_event(s, &e), FLOW_AGAIN);
    assert_int_equal(screen_fd(s), -1); /* polling it would never rest */
    win_put(win_whole(screen_grid(s)), 0, 0, ROLE_NORMAL, "x");
    assert_int_equal(screen_flush(s), FLOW_EIO);
    screen_destroy(s);
    close(t.slave);
}

static void every_usual_terminal_can_be_used(void **state)
{
    static const char *const terms[] = {"xterm-256color", "xterm", "xterm-mono", "screen-256color",
        "tmux-256color", "linux", "vt100", "vt220", "ansi", "rxvt-unicode-256color"};
    for (size_t i = 0; i < sizeof terms / sizeof *terms; i++) {
        struct terminal t = open_terminal();
        struct screen *s;
        struct str out = {0};
        struct flow_error err = FLOW_ERROR_INIT;
        if (open_screen(&t, terms[i], &s, &err) < 0)
            fail_msg("%s", err.text);
        for (unsigned role = 0; role < ROLE_COUNT; role++)
            win_put(win_whole(screen_grid(s)), (int)role % 24, 0, role | STYLE_SELECTED, "drawn");
        screen_flush(s);
        read_output(&t, &out);
        assert_true(has(&out, "drawn"));
        screen_destroy(s);
        assert_as_found(&t);
        str_finish(&out);
        close_terminal(&t);
    }
}

/* How a child that owns a screen ends. */
enum end {
    END_BY_SIGNAL,
    END_BY_TWO,  /* the first is never looked at */
    END_BY_EXIT, /* exit() with the screen still there */
    END_BY_ABORT /* after a message to stderr */
};

static void run_child(struct terminal *t, enum end end, int signal)
{
    setsid();
    ioctl(t->slave, TIOCSCTTY, 0);
    dup2(t->slave, STDERR_FILENO);
    /* A sanitizer's own handlers would turn the signal into an exit. */
    struct sigaction act = {.sa_handler = SIG_DFL};
    for (int i = 1; i < NSIG; i++)
        sigaction(i, &act, NULL);
    struct screen *s;
    if (open_screen(t, "xterm-256color", &s, NULL) < 0)
        _exit(99);
    screen_flush(s);
    switch (end) {
    case END_BY_SIGNAL: raise(signal); break;
    case END_BY_TWO:
        raise(signal);
        raise(signal);
        break;
    case END_BY_EXIT: exit(signal);
    case END_BY_ABORT: fputs("what went\033wrong\n", stderr); abort();
    }
    _exit(98);
}

static void every_way_out_gives_the_terminal_back(void **state)
{
    static const struct {
        enum end end;
        int number;
    } rows[] = {
        {END_BY_SIGNAL, SIGSEGV},
        {END_BY_SIGNAL, SIGABRT},
        {END_BY_SIGNAL, SIGBUS},
        {END_BY_SIGNAL, SIGFPE},
        {END_BY_SIGNAL, SIGILL},
        {END_BY_SIGNAL, SIGQUIT},
        {END_BY_TWO, SIGTERM},
        {END_BY_TWO, SIGHUP},
        {END_BY_TWO, SIGINT},
        {END_BY_EXIT, 7},
        {END_BY_ABORT, SIGABRT},
    };
    static const char *const off[] = {"\033[?1049l", "\033[?1000l", "\033[?1006l", "\033[?2004l"};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct terminal t = open_terminal();
        struct str out = {0};
        fflush(NULL);
        pid_t child = fork();
        if (child == 0)
            run_child(&t, rows[i].end, rows[i].number);
        int status;
        assert_int_equal(waitpid(child, &status, 0), child);
        if (rows[i].end == END_BY_EXIT)
            assert_true(WIFEXITED(status) && WEXITSTATUS(status) == rows[i].number);
        else
            assert_true(WIFSIGNALED(status) && WTERMSIG(status) == rows[i].number);
        assert_as_found(&t);
        read_output(&t, &out);
        for (size_t j = 0; j < sizeof off / sizeof *off; j++)
            assert_true(has(&out, off[j]));
        if (rows[i].end == END_BY_ABORT) { /* on the normal screen, harmless */
            const char *left = memmem(out.text, out.length, off[0], strlen(off[0]));
            assert_non_null(strstr(left, "what went?wrong"));
        }
        str_finish(&out);
        close_terminal(&t);
    }
}

static void *fail_once(void *user, void *ptr, size_t size)
{
    int *left = user;
    if (size > 0 && (*left)-- == 0)
        return NULL;
    if (size == 0) {
        free(ptr);
        return NULL;
    }
    return realloc(ptr, size);
}

static void a_screen_without_memory_gives_the_terminal_back(void **state)
{
    int refused = 0;
    for (int failing = 0; failing < 30; failing++) {
        struct terminal t = open_terminal();
        struct screen *s = NULL;
        struct flow_error err = FLOW_ERROR_INIT;
        int left = failing;
        mem_set_allocator(fail_once, &left);
        if (open_screen(&t, "xterm-256color", &s, &err) < 0) {
            assert_int_equal(err.code, FLOW_ENOMEM);
            refused++;
        } else {
            win_put(win_whole(screen_grid(s)), 0, 0, ROLE_NORMAL, "x");
            assert_true(screen_flush(s) > 0);
        }
        screen_destroy(s);
        mem_set_allocator(NULL, NULL);
        assert_as_found(&t);
        close_terminal(&t);
    }
    assert_true(refused > 3);
}

static void terminals_that_cannot_be_used_are_refused_with_a_reason(void **state)
{
    static const struct {
        const char *term, *reason;
    } rows[] = {
        {"dumb", "terminal 'dumb' cannot place its cursor"},
        {"no-such-terminal", "terminal 'no-such-terminal' is not known here"},
        {"", "$TERM is not set"},
    };
    struct terminal t = open_terminal();
    struct screen *s = NULL;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct flow_error err = FLOW_ERROR_INIT;
        assert_int_equal(open_screen(&t, rows[i].term, &s, &err), FLOW_ENOENT);
        assert_non_null(strstr(err.text, rows[i].reason));
        assert_non_null(strstr(err.text, "--no-tui"));
        assert_as_found(&t);
    }
    struct flow_error err = FLOW_ERROR_INIT;
    int null = open("/dev/null", O_RDWR);
    struct screen_options options = {.in_fd = null, .out_fd = null, .term = "xterm"};
    assert_int_equal(screen_create(&options, &s, &err), FLOW_ENOENT);
    assert_non_null(strstr(err.text, "not a terminal"));
    close(null);
    assert_null(s);
    close_terminal(&t);
}

static void a_second_screen_is_refused_and_harms_nothing(void **state)
{
    struct terminal t = open_terminal();
    struct screen *first, *second = NULL;
    struct flow_error err = FLOW_ERROR_INIT;
    assert_int_equal(open_screen(&t, "xterm", &first, &err), FLOW_OK);
    assert_int_equal(open_screen(&t, "xterm", &second, &err), FLOW_ESTATE);
    win_put(win_whole(screen_grid(first)), 0, 0, ROLE_NORMAL, "still here");
    assert_true(screen_flush(first) > 0);
    screen_destroy(first);
    assert_as_found(&t);
    close_terminal(&t);
}

static void leaving_and_entering_paints_everything_again(void **state)
{
    struct terminal t = open_terminal();
    struct screen *s;
    struct str out = {0};
    struct flow_error err = FLOW_ERROR_INIT;
    assert_int_equal(open_screen(&t, "xterm-256color", &s, &err), FLOW_OK);
    win_put(win_whole(screen_grid(s)), 3, 3, ROLE_NORMAL, "again");
    screen_flush(s);
    screen_leave(s);
    assert_as_found(&t);
    win_put(win_whole(screen_grid(s)), 4, 3, ROLE_NORMAL, "hidden");
    read_output(&t, &out);
    screen_flush(s);
    read_output(&t, &out);
    assert_int_equal(out.length, 0);
    screen_enter(s);
    screen_flush(s);
    read_output(&t, &out);
    assert_true(has(&out, "again"));
    assert_true(has(&out, "hidden"));
    screen_destroy(s);
    assert_as_found(&t);
    str_finish(&out);
    close_terminal(&t);
}

static void nothing_of_a_text_reaches_the_terminal_unescaped(void **state)
{
    struct terminal t = open_terminal();
    struct screen *s;
    struct str out = {0};
    struct flow_error err = FLOW_ERROR_INIT;
    assert_int_equal(open_screen(&t, "xterm-256color", &s, &err), FLOW_OK);
    screen_flush(s);
    read_output(&t, &out);
    win_put(win_whole(screen_grid(s)), 3, 3, ROLE_NORMAL,
        "\033]52;c;aGk=\a\033[2J\x9b\xc2\x9b"
        "2J");
    screen_flush(s);
    read_output(&t, &out);
    assert_true(has(&out, "\\e]52;c;aGk=\\x07\\e[2J"));
    assert_false(has(&out, "\033]52"));
    assert_false(has(&out, "\033[2J"));
    assert_false(has(&out, "\xc2\x9b"));
    screen_destroy(s);
    str_finish(&out);
    close_terminal(&t);
}

int main(void)
{
    if (!setlocale(LC_ALL, "C.UTF-8"))
        return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sequences_are_decoded_however_they_arrive),
        cmocka_unit_test(what_is_half_there_waits_only_so_long),
        cmocka_unit_test(slow_clicks_are_single_clicks),
        cmocka_unit_test(without_the_variable_sync_means_nothing),
        cmocka_unit_test(the_terminal_description_adds_keys),
        cmocka_unit_test(random_bytes_always_end_in_silence),
        cmocka_unit_test(key_names_are_read_back),
        cmocka_unit_test(the_twin_shows_a_frame_only_when_flushed),
        cmocka_unit_test(the_twin_gives_events_in_order),
        cmocka_unit_test(a_terminal_is_given_back_as_it_was_found),
        cmocka_unit_test(only_what_changed_is_sent),
        cmocka_unit_test(events_come_from_the_terminal),
        cmocka_unit_test(a_new_size_is_an_event),
        cmocka_unit_test(signals_that_end_a_program_are_events_first),
        cmocka_unit_test(a_closed_terminal_is_one_quit),
        cmocka_unit_test(every_usual_terminal_can_be_used),
        cmocka_unit_test(every_way_out_gives_the_terminal_back),
        cmocka_unit_test(a_screen_without_memory_gives_the_terminal_back),
        cmocka_unit_test(terminals_that_cannot_be_used_are_refused_with_a_reason),
        cmocka_unit_test(a_second_screen_is_refused_and_harms_nothing),
        cmocka_unit_test(leaving_and_entering_paints_everything_again),
        cmocka_unit_test(nothing_of_a_text_reaches_the_terminal_unescaped),
    };
    return RUN_TESTS(tests);
}
