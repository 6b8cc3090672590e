/* Making the inferior: everything that can fail or allocate is done before fork, because between fork and
 * exec only async-signal-safe calls are allowed (the prompt may have threads). */
#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "debug/session_private.h"

extern char **environ;

#define RING_HALF (256u << 10)

/* What the child needs between fork and exec. */
struct child {
    int fds[DBG_FD_END - DBG_FD_CONTROL]; /* in the order of enum dbg_inferior_fd */
    int input;
    const char *program;
    char *argv[4];
    char **env;
    const char *cwd;
    pid_t parent;
};

static void tell_and_exit(int fd, const char *what, int error)
{
    /* The one message written by hand: LOAD_FAILED with code and text, as msg_put_* would. */
    struct {
        struct msg_packet head;
        uint64_t code, has_text, length;
        char text[200];
    } packet = {{DBG_MSG_LOAD_FAILED, 0}, (uint64_t)(int64_t)FLOW_EIO, 1, 0, {0}};
    const char *reason = strerrordesc_np(error);
    const char *parts[] = {"starting the inferior: ", what, ": ", reason ? reason : "unknown error"};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        for (const char *c = parts[i]; *c && packet.length < sizeof packet.text - 1; c++)
            packet.text[packet.length++] = *c;
    }
    size_t size = offsetof(__typeof__(packet), text) + packet.length + 1;
    if (send(fd, &packet, size, MSG_NOSIGNAL) < 0)
        _exit(126);
    _exit(127);
}

static void reset_signals(void)
{
    sigset_t none;
    signal(SIGPIPE, SIG_DFL);
    for (int number = 1; number < NSIG; number++) {
        if (number != SIGKILL && number != SIGSTOP)
            signal(number, SIG_DFL);
    }
    signal(SIGXFSZ, SIG_IGN); /* a file that may not grow is an error to tell, not a death */
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

static _Noreturn void become_inferior(struct child *child)
{
    setsid(); /* a process group of its own, and no terminal that a task could open */
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != child->parent)
        _exit(126); /* the debugger died before the line above */
    reset_signals();
    /* Out of the way of the numbers they will get. */
    for (int i = 0; i < DBG_FD_END - DBG_FD_CONTROL; i++)
        child->fds[i] = fcntl(child->fds[i], F_DUPFD_CLOEXEC, DBG_FD_END);
    int control = child->fds[0];
    for (int i = 0; i < DBG_FD_END - DBG_FD_CONTROL; i++) {
        if (child->fds[i] >= 0 && dup2(child->fds[i], DBG_FD_CONTROL + i) < 0)
            tell_and_exit(control, "more than 215 descriptors are needed", errno);
    }
    if (dup2(child->input, 0) < 0 || dup2(DBG_FD_STDOUT, 1) < 0 || dup2(DBG_FD_STDERR, 2) < 0)
        tell_and_exit(DBG_FD_CONTROL, "standard streams", errno);
    close_range(3, DBG_FD_CONTROL - 1, 0);
    close_range(DBG_FD_END, ~0u, CLOSE_RANGE_CLOEXEC);
    if (child->cwd && chdir(child->cwd) < 0)
        tell_and_exit(DBG_FD_CONTROL, child->cwd, errno);
    execve(child->program, child->argv, child->env);
    tell_and_exit(DBG_FD_CONTROL, child->program, errno);
    _exit(127);
}

/* Our environment with the configured variables added or replaced. The array is the caller's, its texts are
 * borrowed. NULL: out of memory. */
static char **make_environment(const struct dbg_config *config)
{
    size_t count = 0;
    while (environ[count])
        count++;
    char **env = mem_array(NULL, count + config->env_count + 1, sizeof *env);
    if (!env)
        return NULL;
    size_t used = 0;
    for (size_t i = 0; i < count; i++) {
        size_t name = strcspn(environ[i], "=") + 1;
        bool is_replaced = false;
        for (size_t j = 0; j < config->env_count; j++)
            is_replaced = is_replaced || strncmp(environ[i], config->env[j], name) == 0;
        if (!is_replaced)
            env[used++] = environ[i];
    }
    for (size_t j = 0; j < config->env_count; j++)
        env[used++] = (char *)config->env[j];
    env[used] = NULL;
    return env;
}

/* An unlinked file in TMPDIR: on disk, so that what tasks print is not memory. */
static int open_temporary(int flags, struct flow_error *err)
{
    const char *folder = getenv("TMPDIR");
    if (!folder || !*folder)
        folder = "/tmp";
    int fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC | flags, 0600);
    if (fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL)) {
        struct str path = {0};
        str_addf(&path, "%s/flowdbg-XXXXXX", folder);
        fd = path.failed ? -1 : mkostemp(path.text, O_CLOEXEC | flags);
        if (fd >= 0)
            unlink(path.text);
        str_finish(&path);
    }
    if (fd < 0)
        return flow_error_set(err, FLOW_EIO, "making a temporary file in '%s': %s", folder, strerror(errno));
    return fd;
}

int dbg_output_open(struct dbg_session *s, struct flow_error *err)
{
    for (int i = 0; i < 2; i++) {
        int fd = open_temporary(O_APPEND, err);
        if (fd < 0)
            return fd;
        s->streams[i].fd = fd;
    }
    return FLOW_OK;
}

/* Recording there would wipe out what is to be run. */
static bool is_read_too(const struct dbg_config *config, const char *path)
{
    const char *const read[] = {config->file, config->input};
    struct stat one, other;
    for (size_t i = 0; i < sizeof read / sizeof *read; i++) {
        if (read[i] && stat(path, &one) == 0 && S_ISREG(one.st_mode) && stat(read[i], &other) == 0 &&
            one.st_dev == other.st_dev && one.st_ino == other.st_ino)
            return true;
    }
    return false;
}

/* The first run of a session is recorded under the given name, later ones beside it: NAME.2, NAME.3. */
static int open_trace(struct dbg_session *s, struct flow_error *err)
{
    if (!s->config.record) {
        int fd = open_temporary(0, err);
        if (fd < 0)
            return fd;
        s->trace_fd = fd;
        return FLOW_OK;
    }
    struct str path = {0};
    str_add(&path, s->config.record);
    if (s->generation > 1)
        str_addf(&path, ".%llu", (unsigned long long)s->generation);
    if (!path.failed && is_read_too(&s->config, path.text)) {
        int refused = flow_error_set(err, FLOW_EINVAL,
            "recording to '%s' would overwrite what is to be run: name another file", path.text);
        str_finish(&path);
        return refused;
    }
    s->trace_fd = path.failed ? -1 : open(path.text, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    int status = s->trace_fd >= 0 ? FLOW_OK
                                  : flow_error_set(err, FLOW_EIO, "recording to '%s': %s", str_text(&path),
                                        strerror(errno));
    str_finish(&path);
    return status;
}

static int start_process(struct dbg_session *s, struct child *child, struct flow_error *err)
{
    /* The child must not run a handler of ours between fork and exec. */
    sigset_t all, before;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &before);
    child->parent = getpid();
    pid_t pid = fork();
    if (pid == 0)
        become_inferior(child);
    int error = errno;
    sigprocmask(SIG_SETMASK, &before, NULL);
    if (pid < 0)
        return flow_error_set(err, FLOW_EIO, "starting the inferior: %s", strerror(error));
    s->pid = pid;
    s->pidfd = pidfd_open(pid, 0);
    if (s->pidfd < 0)
        return flow_error_set(err, FLOW_EIO, "watching the inferior: %s", strerror(errno));
    return FLOW_OK;
}

static int open_all(struct dbg_session *s, struct child *child, int *theirs, struct flow_error *err)
{
    int pair[2];
    struct stat about;
    const char *input = s->config.input ? s->config.input : "/dev/null";
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
        return flow_error_set(err, FLOW_EIO, "making the control socket: %s", strerror(errno));
    s->link.fd = pair[0];
    *theirs = pair[1];
    s->has_control = true;
    int status = trace_ring_create(&s->ring, RING_HALF, err);
    if (status == FLOW_OK)
        status = open_trace(s, err);
    if (status == FLOW_OK)
        status = dbg_output_open(s, err);
    if (status != FLOW_OK)
        return status;
    child->input = open(input, O_RDONLY | O_CLOEXEC);
    if (child->input < 0)
        return flow_error_set(err, FLOW_EIO, "opening '%s' for standard input: %s", input, strerror(errno));
    if (fstat(child->input, &about) == 0 && S_ISDIR(about.st_mode))
        return flow_error_set(err, FLOW_EIO, "opening '%s' for standard input: it is a folder", input);
    child->fds[0] = *theirs;
    child->fds[DBG_FD_RING - DBG_FD_CONTROL] = trace_ring_fd(s->ring);
    child->fds[DBG_FD_TRACE - DBG_FD_CONTROL] = s->trace_fd;
    child->fds[DBG_FD_STDOUT - DBG_FD_CONTROL] = s->streams[0].fd;
    child->fds[DBG_FD_STDERR - DBG_FD_CONTROL] = s->streams[1].fd;
    return FLOW_OK;
}

static int send_config(struct dbg_session *s, struct flow_error *err)
{
    struct str body = {0}, door = {0};
    if (dbg_door_open(s, &door, err) < 0) {
        str_finish(&door);
        return FLOW_EIO;
    }
    dbg_config_put(&body, &s->config);
    msg_put_text(&body, str_text(&door));
    str_finish(&door);
    int status = msg_post(&s->link, DBG_MSG_CONFIG, &body);
    str_finish(&body);
    /* One that is gone already has left word of why. */
    return status == FLOW_ENOMEM ? flow_error_set(err, status, "configuring the inferior: out of memory")
                                 : FLOW_OK;
}

int dbg_launch(struct dbg_session *s, struct flow_error *err)
{
    struct child child = {.input = -1,
        .program = s->config.program ? s->config.program : "/proc/self/exe",
        .argv = {(char *)"flowdbg", (char *)"--inferior", (char *)s->config.file, NULL},
        .cwd = s->config.cwd};
    int theirs = -1;
    int status = open_all(s, &child, &theirs, err);
    if (status == FLOW_OK) {
        child.env = make_environment(&s->config);
        status = child.env ? start_process(s, &child, err)
                           : flow_error_set(err, FLOW_ENOMEM, "starting the inferior: out of memory");
    }
    mem_free(child.env);
    if (child.input >= 0)
        close(child.input);
    if (theirs >= 0)
        close(theirs);
    if (status == FLOW_OK)
        status = send_config(s, err);
    if (status == FLOW_OK)
        status = trace_reader_create(&s->reader, s->trace_fd, s->ring, err);
    return status;
}
