/* A small full-screen program to test the terminal harness with: raw ANSI, speaks the sync protocol, and can
 * misbehave on request. The first byte of each key decides; everything typed is shown.
 *
 *   q  ends with status 3         !  dies of SIGABRT, terminal left as it is     ^Z  suspends itself
 *   c  starts a child             d  starts a child in a session of its own      k   kills the children
 *   m  takes 24 MB                l  shows LATE after 50 ms                      h   hides the cursor */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <termios.h>
#include <unistd.h>

static const char sync_query[] = "\033[?7777n";

static struct {
    struct termios found;
    char typed[512];
    size_t typed_length;
    unsigned answered;
    bool late, hidden, hung_up;
    char *memory;
    int timer;
    pid_t children[8];
    int child_count;
} program;

static void put(const char *text)
{
    fputs(text, stdout);
}

static void screen_enter(void)
{
    struct termios raw = program.found;
    raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO | ISIG);
    raw.c_iflag &= ~(tcflag_t)(ICRNL | IXON);
    tcsetattr(0, TCSANOW, &raw);
    put("\033[?1049h\033[?1006;1000h\033[?2004h\033[?1h\033]2;selftest\a");
}

static void screen_leave(void)
{
    put("\033[0m\033[?1006;1000l\033[?2004l\033[?1l\033[?1049l\033[?25h");
    fflush(stdout);
    tcsetattr(0, TCSANOW, &program.found);
}

static void paint_typed(void)
{
    put("\033[5;1H\033[Ktyped: ");
    for (size_t i = 0; i < program.typed_length; i++) {
        unsigned char c = (unsigned char)program.typed[i];
        if (c < 0x20 || c == 0x7f)
            printf("\\x%02x", c);
        else
            putchar(c);
    }
}

static void paint(void)
{
    struct winsize size = {0};
    ioctl(0, TIOCGWINSZ, &size);
    put("\033[H\033[2J");
    printf("selftest %dx%d", size.ws_col, size.ws_row);
    put("\033[2;1H\033[31mred\033[0m \033[1;38;5;208mbold orange\033[0m \033[48;2;1;2;3mrgb\033[0m "
        "\033[2mdim\033[22m \033[4munder\033[24m \033[7mreverse\033[27m");
    put("\033[3;1H漢字 é|");
    put("\033[4;1H┌─┬─┐");
    paint_typed();
    if (program.late)
        put("\033[6;1HLATE");
    printf("\033[%d;%dH*", size.ws_row, size.ws_col);
    put(program.hidden ? "\033[?25l" : "\033[?25h");
    put("\033[1;3H");
}

static void child_start(bool own_session)
{
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        if (own_session)
            setsid();
        else
            setpgid(0, 0);
        for (;;)
            pause();
    }
    program.children[program.child_count++] = pid;
}

static void children_kill(void)
{
    while (program.child_count > 0)
        kill(program.children[--program.child_count], SIGKILL);
}

static void memory_take(size_t size)
{
    program.memory = malloc(size);
    if (program.memory)
        memset(program.memory, 1, size);
}

static void suspend(void)
{
    screen_leave();
    raise(SIGSTOP);
    screen_enter();
}

static void handle_key(const char *keys, size_t count)
{
    static const struct itimerspec late = {.it_value = {.tv_nsec = 50 * 1000 * 1000}};
    switch (keys[0]) {
    case 'q': screen_leave(); exit(3);
    case '!': fflush(stdout); abort();
    case 'c': child_start(false); break;
    case 'd': child_start(true); break;
    case 'k': children_kill(); break;
    case 'm': memory_take(24 << 20); break;
    case 'l': timerfd_settime(program.timer, 0, &late, NULL); break;
    case 'h': program.hidden = !program.hidden; break;
    case 032: suspend(); break;
    default: break;
    }
    if (count > sizeof program.typed - program.typed_length)
        program.typed_length = 0;
    memcpy(program.typed + program.typed_length, keys, count);
    program.typed_length += count;
}

/* Splits what was read at the queries: keys before a query are handled before it is answered. What begins
 * with an ESC waits for the next query, as it may be a cut one. */
static void handle_input(void)
{
    static char input[4096];
    static size_t length;
    ssize_t count = read(0, input + length, sizeof input - length);
    program.hung_up = count <= 0; /* the signal follows */
    if (program.hung_up)
        return;
    length += (size_t)count;
    for (char *query; (query = memmem(input, length, sync_query, strlen(sync_query)));) {
        if (query > input)
            handle_key(input, (size_t)(query - input));
        length -= (size_t)(query - input) + strlen(sync_query);
        memmove(input, query + strlen(sync_query), length);
        paint();
        printf("\033]7777;%u\a", ++program.answered);
    }
    const char *escape = memchr(input, '\033', length);
    size_t plain = escape ? (size_t)(escape - input) : length;
    if (plain > 0) {
        handle_key(input, plain);
        length -= plain;
        memmove(input, input + plain, length);
        paint();
    }
}

static void handle_signal(int signals)
{
    struct signalfd_siginfo info;
    if (read(signals, &info, sizeof info) != sizeof info)
        return;
    if (info.ssi_signo == SIGWINCH) {
        paint();
        return;
    }
    screen_leave();
    exit(128 + (int)info.ssi_signo);
}

int main(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGWINCH);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGHUP);
    sigprocmask(SIG_BLOCK, &set, NULL);
    int signals = signalfd(-1, &set, SFD_CLOEXEC);
    program.timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
    if (tcgetattr(0, &program.found) < 0)
        return 1;
    screen_enter();
    paint();
    for (;;) {
        struct pollfd fds[] = {{.fd = signals, .events = POLLIN}, {.fd = program.timer, .events = POLLIN},
            {.fd = program.hung_up ? -1 : 0, .events = POLLIN}};
        fflush(stdout);
        poll(fds, 3, -1);
        if (fds[0].revents) {
            handle_signal(signals);
        } else if (fds[1].revents) {
            uint64_t ticks;
            program.late = read(program.timer, &ticks, sizeof ticks) > 0;
            paint();
        } else if (fds[2].revents) {
            handle_input();
        }
    }
}
