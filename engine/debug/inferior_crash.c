/* Reports a fatal signal to the debugger, then dies of it. Everything here runs inside a signal handler on a
 * stack of its own and keeps to async-signal-safe calls; addresses go out raw, the debugger finds the names.
 * The first packet leaves before the stack is walked: a walk through a broken stack may fault again. */
#include <execinfo.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <ucontext.h>
#include <unistd.h>

#include "debug/inferior.h"

#define STACK_SIZE (256u << 10)

static int crash_fd = -1;
static pid_t crash_pid; /* a process that a task forks is none of the debugger's business */

static void send_raw(uint32_t type, bool has_more, const void *bytes, size_t length)
{
    char packet[sizeof(struct msg_packet) + 8192];
    struct msg_packet head = {type, has_more};
    if (length > sizeof packet - sizeof head)
        length = sizeof packet - sizeof head;
    memcpy(packet, &head, sizeof head);
    memcpy(packet + sizeof head, bytes, length);
    if (send(crash_fd, packet, sizeof head + length, MSG_NOSIGNAL) < 0)
        return;
}

static uint64_t instruction_pointer(const void *context)
{
    const ucontext_t *uc = context;
#if defined(__x86_64__)
    return (uint64_t)uc->uc_mcontext.gregs[REG_RIP];
#elif defined(__aarch64__)
    return uc->uc_mcontext.pc;
#else
    (void)uc;
    return 0;
#endif
}

static void send_maps(void)
{
    char piece[4096];
    int fd = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
    ssize_t got = 0;
    while (fd >= 0 && (got = read(fd, piece, sizeof piece)) > 0)
        send_raw(DBG_MSG_MAPS, true, piece, (size_t)got);
    send_raw(DBG_MSG_MAPS, false, "", 0);
    if (fd >= 0)
        close(fd);
}

static void on_crash(int number, siginfo_t *info, void *context)
{
    static struct dbg_crash crash; /* too large for comfort on a signal stack */
    struct stat st;
    if (getpid() == crash_pid && fstat(crash_fd, &st) == 0 && S_ISSOCK(st.st_mode)) {
        crash.signal = number;
        crash.code = info->si_code;
        crash.address = (uint64_t)(uintptr_t)info->si_addr;
        crash.ip = instruction_pointer(context);
        send_raw(DBG_MSG_CRASH, false, &crash, sizeof crash);
        send_maps();
        void *frames[DBG_CRASH_FRAMES];
        int count = backtrace(frames, DBG_CRASH_FRAMES);
        for (int i = 0; i < count; i++)
            crash.frames[i] = (uint64_t)(uintptr_t)frames[i];
        crash.frame_count = count > 0 ? (uint32_t)count : 0;
        send_raw(DBG_MSG_CRASH, false, &crash, sizeof crash);
    }
    /* SA_RESETHAND put the default action back; it is blocked until we return, and fatal then. */
    raise(number);
}

void inferior_crash_install(int fd)
{
    static const int signals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGSYS, SIGTRAP};
    void *primer[2];
    bool is_installed = crash_fd >= 0;
    crash_fd = fd;
    crash_pid = getpid();
    if (is_installed)
        return;
    backtrace(primer, 2); /* loads libgcc now, not in the handler */
    void *stack = mmap(NULL, STACK_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (stack == MAP_FAILED)
        return;
    stack_t alternate = {.ss_sp = stack, .ss_size = STACK_SIZE};
    if (sigaltstack(&alternate, NULL) < 0)
        return;
    struct sigaction action = {.sa_sigaction = on_crash, .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESETHAND};
    sigfillset(&action.sa_mask);
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
        sigaction(signals[i], &action, NULL);
}
