#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/vec.h"
#include "tests/e2e/term_private.h"

static struct term *live_terminals;

int64_t term_now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* ---- Paths ---- */

static const char *path_under(const char *variable, const char *fallback, const char *relative)
{
    static char paths[8][PATH_MAX];
    static unsigned next;
    char *path = paths[next++ % 8];
    const char *root = getenv(variable);
    snprintf(path, PATH_MAX, "%s/%s", root && *root ? root : fallback, relative);
    return path;
}

const char *term_source_path(const char *relative)
{
    return path_under("FLOWDBG_SOURCE_ROOT", FLOWDBG_SOURCE_ROOT, relative);
}

const char *term_build_path(const char *relative)
{
    return path_under("FLOWDBG_BUILD_ROOT", FLOWDBG_BUILD_ROOT, relative);
}

const char *term_folder(const struct term *t)
{
    return t->folder;
}

/* ---- What libvterm reports ---- */

static int on_property(VTermProp property, VTermValue *value, void *user)
{
    struct term *t = user;
    if (property == VTERM_PROP_ALTSCREEN)
        t->alternate = value->boolean;
    else if (property == VTERM_PROP_CURSORVISIBLE)
        t->cursor_visible = value->boolean;
    else if (property == VTERM_PROP_MOUSE)
        t->mouse = value->number;
    else if (property == VTERM_PROP_TITLE)
        snprintf(t->title, sizeof t->title, "%s", value->string);
    return 1;
}

/* An OSC that libvterm does not know: the program's answers and the leader's markers. */
static int on_osc(const char *command, size_t length, void *user)
{
    struct term *t = user;
    char text[64];
    unsigned n;
    snprintf(text, sizeof text, "%.*s", (int)length, command);
    if (sscanf(text, "7777;%u", &n) == 1)
        t->answered = n;
    else if (sscanf(text, "7778;%u", &n) == 1)
        t->marker = n;
    return 1;
}

/* libvterm answers questions of the program (device attributes, cursor position) and encodes keys. */
static void on_output(const char *bytes, size_t count, void *user)
{
    struct term *t = user;
    str_add_bytes(&t->typed, bytes, count);
}

static const VTermScreenCallbacks screen_callbacks = {.settermprop = on_property};
static const VTermParserCallbacks unknown_callbacks = {.osc = on_osc};

static void vterm_open(struct term *t, int rows, int cols)
{
    t->vterm = vterm_new(rows, cols);
    vterm_set_utf8(t->vterm, 1);
    vterm_output_set_callback(t->vterm, on_output, t);
    t->screen = vterm_obtain_screen(t->vterm);
    vterm_screen_set_callbacks(t->screen, &screen_callbacks, t);
    vterm_screen_set_unrecognised_fallbacks(t->screen, &unknown_callbacks, t);
    vterm_screen_enable_altscreen(t->screen, 1);
    vterm_screen_reset(t->screen, 1);
    term_stream_set_mode(&t->stream, 7, true);
    term_stream_set_mode(&t->stream, 25, true);
    t->cursor_visible = true;
}

/* ---- Starting ---- */

struct environment {
    VEC(char *);
};

static void environment_set(struct environment *e, const char *pair)
{
    size_t name = strcspn(pair, "=");
    size_t keep = 0;
    for (size_t i = 0; i < e->count; i++) {
        if (strncmp(e->at[i], pair, name) == 0 && e->at[i][name] == '=')
            mem_free(e->at[i]);
        else
            e->at[keep++] = e->at[i];
    }
    e->count = keep;
    if (pair[name] == '=')
        assert_int_equal(vec_push(e, mem_strdup(pair)), FLOW_OK);
}

static void environment_fill(struct environment *e, const struct term *t, const char *const *more)
{
    static const char *const inherited[] = {"PATH", "LD_LIBRARY_PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS",
        "LSAN_OPTIONS", "TSAN_OPTIONS", "ASAN_SYMBOLIZER_PATH"};
    static const char *const fixed[] = {
        "TERM=xterm-256color", "LANG=C.UTF-8", "TZ=UTC", "FLOWDBG_TEST=1", "SHELL=/bin/sh"};
    static const char *const folders[] = {"HOME", "TMPDIR", "XDG_CONFIG_HOME", "XDG_DATA_HOME",
        "XDG_STATE_HOME", "XDG_CACHE_HOME", "XDG_RUNTIME_DIR"};
    char pair[PATH_MAX + 64];
    for (size_t i = 0; i < sizeof inherited / sizeof *inherited; i++) {
        const char *value = getenv(inherited[i]);
        if (value) {
            snprintf(pair, sizeof pair, "%s=%s", inherited[i], value);
            environment_set(e, pair);
        }
    }
    for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++)
        environment_set(e, fixed[i]);
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        bool home = strcmp(folders[i], "HOME") == 0;
        snprintf(
            pair, sizeof pair, "%s=%s%s%s", folders[i], t->folder, home ? "" : "/", home ? "" : folders[i]);
        mkdir(strchr(pair, '=') + 1, 0700);
        environment_set(e, pair);
    }
    for (; more && *more; more++)
        environment_set(e, *more);
    assert_int_equal(vec_push(e, NULL), FLOW_OK);
}

static void folder_create(struct term *t)
{
    const char *parent = getenv("TMPDIR");
    snprintf(t->folder, sizeof t->folder, "%s/flowdbg-e2e-XXXXXX", parent && *parent ? parent : "/tmp");
    if (!mkdtemp(t->folder))
        term_fail_(NULL, "cannot create %s: %s", t->folder, strerror(errno));
}

/* Opens the pair; the program finds the modes a fresh terminal window has. */
static int terminal_open(struct term *t, int rows, int cols)
{
    struct winsize size = {.ws_row = (unsigned short)rows, .ws_col = (unsigned short)cols};
    int slave;
    if (openpty(&t->master, &slave, NULL, NULL, &size) < 0)
        term_fail_(NULL, "cannot open a pseudo-terminal: %s", strerror(errno));
    tcgetattr(slave, &t->modes_found);
    t->modes_found.c_iflag |= IUTF8;
    tcsetattr(slave, TCSANOW, &t->modes_found);
    fcntl(t->master, F_SETFD, FD_CLOEXEC);
    fcntl(t->master, F_SETFL, O_NONBLOCK);
    return slave;
}

static void leader_start(struct term *t, int slave, const struct leader_job *job)
{
    int sockets[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets) < 0)
        term_fail_(NULL, "cannot open a socket pair: %s", strerror(errno));
    t->leader = fork();
    if (t->leader == 0)
        leader_run(slave, sockets[1], job);
    close(slave);
    close(sockets[1]);
    t->control = sockets[0];
    if (t->leader < 0)
        term_fail_(t, "cannot fork: %s", strerror(errno));
}

struct term *term_start_(const struct term_options *options)
{
    struct term *t = mem_zalloc(sizeof *t);
    struct environment env = {0};
    int rows = options->rows ? options->rows : 24;
    int cols = options->cols ? options->cols : 80;
    assert_non_null(t);
    t->master = t->control = -1;
    folder_create(t);
    t->next = live_terminals;
    live_terminals = t;
    int slave = terminal_open(t, rows, cols);
    vterm_open(t, rows, cols);
    environment_fill(&env, t, options->env);
    struct leader_job job = {
        .argv = options->argv,
        .env = (const char *const *)env.at,
        .cwd = options->cwd ? options->cwd : t->folder,
    };
    leader_start(t, slave, &job);
    for (size_t i = 0; i < env.count; i++)
        mem_free(env.at[i]);
    vec_finish(&env);
    int64_t deadline = term_now_ms() + TERM_DEADLINE_MS;
    while (t->program == 0) {
        if (!term_pump(t, deadline))
            term_fail_(t, "the session leader did not start the program");
    }
    return t;
}

pid_t term_pid(const struct term *t)
{
    return t->program;
}

/* ---- Ending ---- */

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *walk)
{
    if (type == FTW_DP || type == FTW_D)
        rmdir(path);
    else
        unlink(path);
    return 0;
}

static void unlist(const struct term *t)
{
    struct term **link = &live_terminals;
    while (*link != t)
        link = &(*link)->next;
    *link = t->next;
}

void term_finish(struct term *t)
{
    pid_t pids[256];
    char quit = LEADER_QUIT;
    if (!t)
        return;
    unlist(t);
    int count = t->leader > 0 ? term_list_processes(t, pids, 256) : 0;
    for (int i = 0; i < count && i < 256; i++)
        kill(pids[i], SIGKILL);
    if (t->leader > 0) {
        send(t->control, &quit, 1, MSG_NOSIGNAL);
        while (waitpid(t->leader, NULL, 0) < 0 && errno == EINTR)
            continue;
    }
    if (t->master >= 0)
        close(t->master);
    if (t->control >= 0)
        close(t->control);
    if (t->vterm)
        vterm_free(t->vterm);
    str_finish(&t->prepared);
    str_finish(&t->typed);
    nftw(t->folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
    mem_free(t);
}

int term_teardown(void **state)
{
    while (live_terminals)
        term_finish(live_terminals);
    return 0;
}

/* ---- The two streams ---- */

/* One read; false when there was nothing. */
static bool read_master(struct term *t)
{
    char bytes[65536];
    ssize_t count = read(t->master, bytes, sizeof bytes);
    if (count <= 0)
        return false;
    t->bytes_read += (unsigned long)count;
    str_clear(&t->prepared);
    term_stream_feed(&t->stream, bytes, (size_t)count, &t->prepared);
    vterm_input_write(t->vterm, str_text(&t->prepared), t->prepared.length);
    return true;
}

static void read_control(struct term *t)
{
    struct leader_report r;
    ssize_t count = recv(t->control, &r, sizeof r, MSG_DONTWAIT);
    if (count < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (count != sizeof r)
        term_fail_(t, "the session leader has gone");
    if (r.event == LEADER_STARTED)
        t->program = r.pid;
    else
        t->state = r.event == LEADER_STOPPED ? TERM_STOPPED : TERM_ENDED;
    t->status = r.status;
    t->serial = r.serial;
    /* The marker comes before the report: read on until everything before it is on the screen. */
    int64_t deadline = term_now_ms() + TERM_DEADLINE_MS;
    struct pollfd fd = {.fd = t->master, .events = POLLIN};
    while (t->master >= 0 && t->marker < t->serial) {
        if (!read_master(t) && poll(&fd, 1, (int)(deadline - term_now_ms())) <= 0)
            term_fail_(t, "the session leader's marker %u did not come", t->serial);
    }
}

static void write_some(struct term *t)
{
    ssize_t count = write(t->master, t->typed.text, t->typed.length);
    if (count > 0) {
        t->typed.length -= (size_t)count;
        memmove(t->typed.text, t->typed.text + count, t->typed.length + 1);
    }
}

bool term_pump(struct term *t, int64_t deadline_ms)
{
    int64_t left = deadline_ms - term_now_ms();
    short events = (short)(POLLIN | (t->typed.length > 0 ? POLLOUT : 0));
    struct pollfd fds[] = {{.fd = t->control, .events = POLLIN}, {.fd = t->master, .events = events}};
    int ready = poll(fds, 2, left > 0 ? (int)left : 0);
    if (ready < 0 && errno != EINTR)
        term_fail_(t, "poll: %s", strerror(errno));
    if (ready <= 0)
        return left > 0;
    if (fds[1].revents & POLLIN)
        read_master(t);
    if (t->typed.length > 0 && (fds[1].revents & POLLOUT))
        write_some(t);
    if (fds[0].revents)
        read_control(t);
    return true;
}

void term_flush(struct term *t)
{
    int64_t deadline = term_now_ms() + TERM_DEADLINE_MS;
    if (t->master < 0)
        term_fail_(t, "nothing can be typed: the terminal was closed");
    while (t->typed.length > 0) {
        if (!term_pump(t, deadline))
            term_fail_(
                t, "the program reads nothing: %zu bytes typed are still on their way", t->typed.length);
    }
}
