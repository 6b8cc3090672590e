/* Workflows that misbehave in a task, one workflow a way to: `before >> culprit >> after`, named after it.
 * Nothing here may hurt the debugger, its screen or its session.
 *
 * What runs on or takes much ends by itself after a minute or some hundred megabytes, so that a test that
 * fails leaves nothing behind. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "flow/plugin.h"

#define LIFETIME_S 60
#define GIGABYTE   (1u << 30)

static int before(struct flow_ctx *ctx, void *user, struct flow_value *result)
{
    (void)user, (void)result;
    flow_ctx_printf(ctx, "before\n");
    return flow_ctx_set(ctx, "before", flow_int(1));
}

static int after(struct flow_ctx *ctx, void *user, struct flow_value *result)
{
    (void)user, (void)result;
    flow_ctx_printf(ctx, "after\n");
    return flow_ctx_set(ctx, "after", flow_int(1));
}

/* Ways to end the process. */

/* On purpose, so no sanitizer is to stop it first. */
__attribute__((no_sanitize("undefined", "address"))) static int segfault(
    struct flow_ctx *ctx, void *user, struct flow_value *result)
{
    (void)ctx, (void)user, (void)result;
    volatile int *volatile nowhere = NULL;
    *nowhere = 1;
    return FLOW_OK;
}

static int aborts(struct flow_ctx *ctx, void *user, struct flow_value *result)
{
    (void)ctx, (void)user, (void)result;
    abort();
}

static int exits_at_once(struct flow_ctx *ctx, void *user, struct flow_value *result)
{
    (void)ctx, (void)user, (void)result;
    _exit(0);
}

static int exits(struct flow_ctx *ctx, void *user, struct flow_value *result)
{
    (void)ctx, (void)user, (void)result;
    exit(3);
}

/* What the compiler cannot see through: always true. */
static volatile bool is_forever = true;

static int dig(volatile char *above)
{
    volatile char frame[4096];
    frame[0] = above ? above[0] : 0;
    return is_forever ? dig(frame) + frame[0] : 0;
}

static int stack_overflow(struct flow_ctx *ctx, void *user, struct flow_value *result)
{
    (void)ctx, (void)user, (void)result;
    return dig(NULL) == 12345 ? FLOW_EINVAL : FLOW_OK;
}

static int terminates_group(struct flow_ctx *ctx, void *user, struct flow_value *result)
{
    (void)ctx, (void)user, (void)result;
    kill(0, SIGTERM);
    return FLOW_OK;
}

/* Ways not to come back. */

static int endless_loop(struct flow_ctx *ctx, void *user, struct flow_value *result)
{
    (void)ctx, (void)user, (void)result;
    alarm(LIFETIME_S);
    while (is_forever)
        ;
    return FLOW_OK;
}

/* Does not even go when asked to. */
static int ignores_signals(struct flow_ctx *ctx, void *user, struct flow_value *result)
{
    (void)ctx, (void)user, (void)result;
    signal(SIGTERM, SIG_IGN);
    signal(SIGINT, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    signal(SIGALRM, SIG_DFL);
    alarm(LIFETIME_S);
    while (is_forever)
        pause();
    return FLOW_OK;
}

static int stops_group(struct flow_ctx *ctx, void *user, struct flow_value *result)
{
    (void)ctx, (void)user, (void)result;
    kill(0, SIGSTOP);
    return FLOW_OK;
}

/* Output. */

static int write_all(int fd, const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t n = write(fd, bytes, length);
        if (n < 0 && errno != EINTR && errno != EAGAIN)
            return FLOW_EIO;
        if (n > 0) {
            bytes += n;
            length -= (size_t)n;
        }
    }
    return FLOW_OK;
}

static void fill_lines(char *block, size_t size)
{
    for (size_t i = 0; i < size; i++)
        block[i] = i % 64 == 63 ? '\n' : (char)('a' + i / 64 % 26);
}

static int prints_gigabyte(struct flow_ctx *ctx, void *user, struct flow_value *result)
{
    (void)ctx, (void)user, (void)result;
    static char block[1 << 16];
    int status = FLOW_OK;
    fill_lines(block, sizeof block);
    for (size_t done = 0; done < GIGABYTE && status == FLOW_OK; done += sizeof block)
        status = write_all(STDOUT_FILENO, block, sizeof block);
    return status;
}

/* The same through the engine's own call. */
static int hands_over_gigabyte(struct flow_ctx *ctx, void *user, struct flow_value *result)
{
    (void)user, (void)result;
    static char block[1 << 16];
    int status = FLOW_OK;
    fill_lines(block, sizeof block);
    for (size_t done = 0; done < GIGABYTE && status == FLOW_OK; done += sizeof block)
        status = flow_ctx_print(ctx, 1, block, sizeof block);
    return status;
}

/* Colours, title, alternate screen off, clear, cursor away, bracketed paste, mouse, a reset, a reply request,
 * a broken UTF-8 sequence and a NUL. */
static const char escapes[] =
    "\x1b[31mred\x1b[0m\x1b]0;owned\x07\x1b[?1049l\x1b[2J\x1b[99;99H\x1b[?2004l\x1b[?1000h"
    "\x1b"
    "c\x1b[6n\x9b\xff\xc3(\0\x0e\x7f\rend\n";

static int prints_escapes(struct flow_ctx *ctx, void *user, struct flow_value *result)
{
    (void)user, (void)result;
    struct flow_value text;
    int status = write_all(STDOUT_FILENO, escapes, sizeof escapes - 1);
    if (status == FLOW_OK)
        status = write_all(STDERR_FILENO, escapes, sizeof escapes - 1);
    if (status == FLOW_OK)
        status = flow_ctx_print(ctx, 1, escapes, sizeof escapes - 1);
    if (status == FLOW_OK)
        status = flow_string(&text, "\x1b[31mred\x1b]0;owned\x07\x1b[2J");
    return status == FLOW_OK ? flow_ctx_set(ctx, "\x1b[5mkey\x1b[2J", text) : status;
}

static int writes_terminal(struct flow_ctx *ctx, void *user, struct flow_value *result)
{
    (void)user, (void)result;
    int fd = open("/dev/tty", O_WRONLY | O_CLOEXEC);
    int status;
    if (fd < 0)
        return flow_ctx_printf(ctx, "no terminal: %s\n", strerror(errno));
    status = write_all(fd, escapes, sizeof escapes - 1);
    close(fd);
    return status;
}

static int reads_input(struct flow_ctx *ctx, void *user, struct flow_value *result)
{
    (void)user, (void)result;
    char byte;
    ssize_t n = read(STDIN_FILENO, &byte, 1);
    return flow_ctx_printf(ctx, "read %d\n", (int)n);
}

/* Resources. */

/* Afterwards its own files must hold what it wrote, and ours must be intact. */
static int closes_descriptors(struct flow_ctx *ctx, void *user, struct flow_value *result)
{
    (void)ctx, (void)user, (void)result;
    int fds[8];
    long limit = sysconf(_SC_OPEN_MAX);
    int status = FLOW_OK;
    for (int fd = 0; fd < (limit > 0 && limit < 65536 ? (int)limit : 65536); fd++)
        close(fd);
    for (int i = 0; i < 8; i++) {
        char name[64];
        snprintf(name, sizeof name, "closes_descriptors.%d.txt", i);
        fds[i] = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0644);
        if (fds[i] < 0)
            return flow_ctx_fail(ctx, "OSError", NULL, "%s: %s", name, strerror(errno));
    }
    for (int round = 0; round < 100 && status == FLOW_OK; round++) {
        for (int i = 0; i < 8 && status == FLOW_OK; i++) {
            char line[64];
            int length = snprintf(line, sizeof line, "file %d line %d\n", i, round);
            status = write_all(fds[i], line, (size_t)length);
        }
        if (status == FLOW_OK)
            status = flow_ctx_set(ctx, "round", flow_int(round));
    }
    return status;
}

static int hogs_memory(struct flow_ctx *ctx, void *user, struct flow_value *result)
{
    (void)user, (void)result;
    enum { CHUNKS = 40, CHUNK = 10 << 20 };
    char *chunks[CHUNKS] = {NULL};
    int got = 0;
    for (; got < CHUNKS && (chunks[got] = malloc(CHUNK)) != NULL; got++)
        memset(chunks[got], 0xaa, CHUNK);
    flow_ctx_printf(ctx, "took %d chunks\n", got);
    for (int i = 0; i < got; i++)
        free(chunks[i]);
    return FLOW_OK;
}

static void linger(void)
{
    signal(SIGALRM, SIG_DFL);
    alarm(LIFETIME_S);
    for (;;)
        pause();
}

/* Children that keep our pipes open, and a grandchild that nobody waits for. */
static int leaves_children(struct flow_ctx *ctx, void *user, struct flow_value *result)
{
    (void)ctx, (void)user, (void)result;
    for (int i = 0; i < 4; i++) {
        pid_t child = fork();
        if (child < 0)
            return flow_ctx_fail(ctx, "OSError", NULL, "fork: %s", strerror(errno));
        if (child == 0) {
            if (i == 3 && fork() > 0)
                _exit(0);
            linger();
        }
        if (i == 3)
            waitpid(child, NULL, 0);
    }
    return FLOW_OK;
}

struct thread_gate {
    pthread_mutex_t mutex;
    pthread_cond_t moved;
    bool is_running;
};
static struct thread_gate gate = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, false};

static void *idle(void *unused)
{
    const struct timespec lifetime = {LIFETIME_S, 0};
    (void)unused;
    pthread_mutex_lock(&gate.mutex);
    gate.is_running = true;
    pthread_cond_signal(&gate.moved);
    pthread_mutex_unlock(&gate.mutex);
    nanosleep(&lifetime, NULL);
    return NULL;
}

/* The thread runs for certain when the body returns. */
static int starts_thread(struct flow_ctx *ctx, void *user, struct flow_value *result)
{
    (void)user, (void)result;
    pthread_t thread;
    int failure = pthread_create(&thread, NULL, idle, NULL);
    if (failure)
        return flow_ctx_fail(ctx, "OSError", NULL, "pthread_create: %s", strerror(failure));
    pthread_mutex_lock(&gate.mutex);
    while (!gate.is_running)
        pthread_cond_wait(&gate.moved, &gate.mutex);
    pthread_mutex_unlock(&gate.mutex);
    pthread_detach(thread);
    return FLOW_OK;
}

/* The workflows: X(name and culprit's id, body). */
#define CULPRITS(X)                                                                                          \
    X("segfault", segfault)                                                                                  \
    X("abort", aborts)                                                                                       \
    X("_exit", exits_at_once)                                                                                \
    X("exit", exits)                                                                                         \
    X("stack_overflow", stack_overflow)                                                                      \
    X("terminates_group", terminates_group)                                                                  \
    X("endless_loop", endless_loop)                                                                          \
    X("ignores_signals", ignores_signals)                                                                    \
    X("stops_group", stops_group)                                                                            \
    X("prints_gigabyte", prints_gigabyte)                                                                    \
    X("hands_over_gigabyte", hands_over_gigabyte)                                                            \
    X("prints_escapes", prints_escapes)                                                                      \
    X("writes_terminal", writes_terminal)                                                                    \
    X("reads_input", reads_input)                                                                            \
    X("closes_descriptors", closes_descriptors)                                                              \
    X("hogs_memory", hogs_memory)                                                                            \
    X("leaves_children", leaves_children)                                                                    \
    X("starts_thread", starts_thread)

static int add_workflow(
    struct flow_loader *loader, const char *name, flow_task_fn culprit, struct flow_error *err)
{
    const struct flow_task_def defs[] = {
        {.size = sizeof defs[0], .id = "before", .fn = before},
        {.size = sizeof defs[0], .id = name, .fn = culprit},
        {.size = sizeof defs[0], .id = "after", .fn = after},
    };
    struct flow_workflow *wf;
    flow_task tasks[3];
    int status = flow_loader_workflow(loader, name, &wf, err);
    for (size_t i = 0; status == FLOW_OK && i < 3; i++)
        status = flow_workflow_add_task(wf, &defs[i], &tasks[i], err);
    for (size_t i = 1; status == FLOW_OK && i < 3; i++)
        status = flow_workflow_add_edge(wf, tasks[i - 1], tasks[i], err);
    return status;
}

static int load(struct flow_loader *loader, struct flow_error *err)
{
    static const struct {
        const char *name;
        flow_task_fn fn;
    } culprits[] = {
#define ROW(name, fn) {name, fn},
        CULPRITS(ROW)
#undef ROW
    };
    int status = FLOW_OK;
    for (size_t i = 0; status == FLOW_OK && i < sizeof culprits / sizeof *culprits; i++)
        status = add_workflow(loader, culprits[i].name, culprits[i].fn, err);
    return status;
}

FLOW_PUBLIC extern const struct flow_plugin flow_plugin;
const struct flow_plugin flow_plugin = {
    FLOW_PLUGIN_HEADER,
    .name = "bad_tasks",
    .version = "1.0",
    .load = load,
};
