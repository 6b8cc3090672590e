#include "tui/screen/guard.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <termios.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__)
#define HAVE_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HAVE_SANITIZER 1
#endif
#endif
#ifdef HAVE_SANITIZER
void __sanitizer_set_death_callback(void (*callback)(void));
#endif

/* What the program hears about, and what ends it. */
static const int told[] = {SIGTERM, SIGHUP, SIGINT, SIGTSTP, SIGCONT, SIGWINCH};
static const int fatal[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGSYS, SIGQUIT, SIGALRM};

#define TOLD_COUNT     (sizeof told / sizeof *told)
#define FATAL_COUNT    (sizeof fatal / sizeof *fatal)
#define GRACE_SECONDS  3
#define RESTORE_MAX    512
#define ALT_STACK_SIZE 65536

/* Handlers read this at any moment: `armed` is set last and cleared first. */
static struct {
    bool started;
    volatile sig_atomic_t armed;
    int fd;
    struct termios found;
    char restore[RESTORE_MAX];
    size_t restore_length;

    int wake[2]; /* the self-pipe */
    volatile sig_atomic_t came[TOLD_COUNT];
    volatile sig_atomic_t ending; /* the SIGTERM, SIGHUP or SIGINT that the program is busy with */

    int memory;   /* keeps what is written to descriptor 2; -1: none */
    int real_err; /* what descriptor 2 was; -1: it is in place */

    struct sigaction old_told[TOLD_COUNT], old_fatal[FATAL_COUNT];
    stack_t old_stack;
    bool exit_handler;
    pid_t owner; /* a forked child must not touch the terminal */
} guard = {.wake = {-1, -1}, .memory = -1, .real_err = -1};

static char alt_stack[ALT_STACK_SIZE];

/* Everything down to restore_now is called by handlers: async-signal-safe functions only. */

static void write_all(int fd, const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t n = write(fd, bytes, length);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno == EAGAIN) {
            struct pollfd p = {.fd = fd, .events = POLLOUT};
            if (poll(&p, 1, 1000) <= 0)
                return;
            continue;
        }
        if (n <= 0)
            return;
        bytes += n;
        length -= (size_t)n;
    }
}

/* Control characters of a message must not garble the terminal that was just put right. */
static void write_printable(int fd, const char *bytes, size_t length)
{
    char out[256];
    size_t used = 0;
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)bytes[i];
        if (used == sizeof out) {
            write_all(fd, out, used);
            used = 0;
        }
        out[used++] = (c < 0x20 && c != '\n' && c != '\t') || c == 0x7f ? '?' : (char)c;
    }
    write_all(fd, out, used);
}

static void give_back_stderr(void)
{
    if (guard.real_err < 0)
        return;
    dup2(guard.real_err, STDERR_FILENO);
    close(guard.real_err);
    guard.real_err = -1;
    char bytes[256];
    off_t at = 0;
    ssize_t n;
    while ((n = pread(guard.memory, bytes, sizeof bytes, at)) > 0) {
        write_printable(STDERR_FILENO, bytes, (size_t)n);
        at += n;
    }
    if (ftruncate(guard.memory, 0) < 0)
        return;
}

static void set_found_modes(void)
{
    /* From the background tcsetattr would stop us: blocked, SIGTTOU lets it through. */
    sigset_t ttou, old;
    sigemptyset(&ttou);
    sigaddset(&ttou, SIGTTOU);
    pthread_sigmask(SIG_BLOCK, &ttou, &old);
    while (tcsetattr(guard.fd, TCSANOW, &guard.found) < 0 && errno == EINTR)
        ;
    pthread_sigmask(SIG_SETMASK, &old, NULL);
}

static void restore_now(void)
{
    if (!guard.armed || getpid() != guard.owner)
        return;
    guard.armed = 0;
    write_all(guard.fd, guard.restore, guard.restore_length);
    set_found_modes();
    give_back_stderr();
}

static void die_by(int signal)
{
    struct sigaction act = {.sa_handler = SIG_DFL};
    sigaction(signal, &act, NULL);
    sigset_t only;
    sigemptyset(&only);
    sigaddset(&only, signal);
    pthread_sigmask(SIG_UNBLOCK, &only, NULL);
    raise(signal);
    _exit(128 + signal);
}

static void handle_fatal(int signal)
{
    int saved = errno;
    restore_now();
    if (signal == SIGALRM) /* the grace of a SIGTERM is over */
        die_by(guard.ending ? guard.ending : SIGTERM);
    for (size_t i = 0; i < FATAL_COUNT; i++)
        if (fatal[i] == signal)
            sigaction(signal, &guard.old_fatal[i], NULL);
    errno = saved;
    raise(signal); /* pending until we return: dies at the place that failed */
}

static void handle_told(int signal)
{
    int saved = errno;
    bool ends = signal == SIGTERM || signal == SIGHUP || signal == SIGINT;
    if (ends && guard.ending) {
        restore_now();
        die_by(signal);
    }
    if (ends) {
        guard.ending = signal;
        alarm(GRACE_SECONDS);
    }
    for (size_t i = 0; i < TOLD_COUNT; i++)
        if (told[i] == signal)
            guard.came[i] = 1;
    ssize_t n = write(guard.wake[1], "", 1); /* full is as good as written */
    (void)n;
    errno = saved;
}

static void keep_stderr(void)
{
    if (guard.real_err >= 0 || !isatty(STDERR_FILENO))
        return;
    if (guard.memory < 0)
        guard.memory = memfd_create("messages", MFD_CLOEXEC);
    if (guard.memory < 0)
        return;
    fcntl(guard.memory, F_SETFL, O_APPEND);
    int real = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
    if (real < 0)
        return;
    dup2(guard.memory, STDERR_FILENO);
    guard.real_err = real;
}

static void install_handlers(void)
{
    stack_t stack = {.ss_sp = alt_stack, .ss_size = sizeof alt_stack};
    sigaltstack(&stack, &guard.old_stack);
    struct sigaction act = {.sa_handler = handle_told, .sa_flags = SA_RESTART | SA_ONSTACK};
    sigemptyset(&act.sa_mask);
    for (size_t i = 0; i < TOLD_COUNT; i++)
        sigaction(told[i], &act, &guard.old_told[i]);
    act.sa_handler = handle_fatal;
    act.sa_flags = SA_ONSTACK;
    for (size_t i = 0; i < FATAL_COUNT; i++)
        sigaction(fatal[i], &act, &guard.old_fatal[i]);
}

int guard_start(int fd, struct flow_error *err)
{
    if (guard.started)
        return flow_error_set(err, FLOW_ESTATE, "there is a screen already");
    if (tcgetattr(fd, &guard.found) < 0)
        return flow_error_set(err, FLOW_EIO, "reading the terminal's modes: %s", strerror(errno));
    if (pipe2(guard.wake, O_CLOEXEC | O_NONBLOCK) < 0)
        return flow_error_set(err, FLOW_EIO, "making a pipe for signals: %s", strerror(errno));
    guard.fd = fd;
    guard.armed = 0;
    guard.ending = 0;
    guard.owner = getpid();
    for (size_t i = 0; i < TOLD_COUNT; i++)
        guard.came[i] = 0;
    install_handlers();
    if (!guard.exit_handler)
        guard.exit_handler = atexit(restore_now) == 0;
#ifdef HAVE_SANITIZER
    __sanitizer_set_death_callback(restore_now);
#endif
    guard.started = true;
    return FLOW_OK;
}

void guard_stop(void)
{
    if (!guard.started)
        return;
    guard_disarm();
    if (guard.ending)
        alarm(0);
    for (size_t i = 0; i < TOLD_COUNT; i++)
        sigaction(told[i], &guard.old_told[i], NULL);
    for (size_t i = 0; i < FATAL_COUNT; i++)
        sigaction(fatal[i], &guard.old_fatal[i], NULL);
    sigaltstack(&guard.old_stack, NULL);
    close(guard.wake[0]);
    close(guard.wake[1]);
    if (guard.memory >= 0)
        close(guard.memory);
    guard.memory = guard.wake[0] = guard.wake[1] = -1;
    guard.started = false;
}

void guard_arm(const char *restore, size_t length)
{
    bool was_armed = guard.armed;
    guard.armed = 0;
    guard.restore_length = length < RESTORE_MAX ? length : RESTORE_MAX;
    memcpy(guard.restore, restore, guard.restore_length);
    guard.armed = 1;
    if (!was_armed)
        keep_stderr();
}

void guard_disarm(void)
{
    if (!guard.armed)
        return;
    set_found_modes();
    guard.armed = 0;
    give_back_stderr();
}

int guard_fd(void)
{
    return guard.wake[0];
}

int guard_next_signal(void)
{
    char bytes[64];
    while (read(guard.wake[0], bytes, sizeof bytes) == sizeof bytes)
        ;
    for (size_t i = 0; i < TOLD_COUNT; i++)
        if (guard.came[i]) {
            guard.came[i] = 0;
            return told[i];
        }
    return 0;
}

void guard_forget_signal(int signal)
{
    for (size_t i = 0; i < TOLD_COUNT; i++)
        if (told[i] == signal)
            guard.came[i] = 0;
}

void guard_stop_process(void)
{
    struct sigaction stop = {.sa_handler = SIG_DFL}, ours;
    sigaction(SIGTSTP, &stop, &ours);
    sigset_t only, old;
    sigemptyset(&only);
    sigaddset(&only, SIGTSTP);
    pthread_sigmask(SIG_UNBLOCK, &only, &old);
    /* The group, so that a script that waits for us stops too and the shell gets its prompt back. */
    kill(0, SIGTSTP);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    sigaction(SIGTSTP, &ours, NULL);
}
