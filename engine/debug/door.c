#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "debug/session_private.h"

int dbg_door_open(struct dbg_session *s, struct str *name, struct flow_error *err)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    uint64_t random[2];
    if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random)
        return flow_error_set(err, FLOW_EIO, "no random numbers: %s", strerror(errno));
    str_addf(name, "flowdbg-%016llx%016llx", (unsigned long long)random[0], (unsigned long long)random[1]);
    if (name->failed)
        return flow_error_set(err, FLOW_ENOMEM, "out of memory");
    /* The abstract namespace: no file, gone with us. */
    memcpy(address.sun_path + 1, name->text, name->length);
    s->door = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + name->length);
    if (s->door < 0 || bind(s->door, (struct sockaddr *)&address, size) < 0 || listen(s->door, 1) < 0)
        return flow_error_set(err, FLOW_EIO, "making a socket: %s", strerror(errno));
    return FLOW_OK;
}

static bool is_our_inferior(const struct dbg_session *s, int fd)
{
    struct ucred who;
    socklen_t size = sizeof who;
    return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &size) == 0 && who.pid == s->pid;
}

static bool hand_over_files(const struct dbg_session *s, int fd)
{
    int files[DBG_DOOR_FILES] = {s->trace_fd, s->streams[0].fd, s->streams[1].fd};
    char byte = 0;
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(sizeof files)];
    } control = {.bytes = {0}};
    struct iovec part = {&byte, 1};
    struct msghdr message = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
    struct cmsghdr *head = CMSG_FIRSTHDR(&message);
    head->cmsg_level = SOL_SOCKET;
    head->cmsg_type = SCM_RIGHTS;
    head->cmsg_len = CMSG_LEN(sizeof files);
    memcpy(CMSG_DATA(head), files, sizeof files);
    return sendmsg(fd, &message, MSG_NOSIGNAL) == 1;
}

void dbg_door_answer(struct dbg_session *s)
{
    int fd = accept4(s->door, NULL, NULL, SOCK_CLOEXEC);
    if (fd < 0)
        return;
    if (!is_our_inferior(s, fd) || !hand_over_files(s, fd)) {
        close(fd);
        return;
    }
    close(s->link.fd);
    msg_link_finish(&s->link);
    s->link = (struct msg_link){.fd = fd};
    s->has_control = true;
    /* What was said into the closed socket is lost: say again what still counts. */
    dbg_breakpoints_send(s);
    if (s->status.is_interrupting)
        msg_post(&s->link, DBG_MSG_INTERRUPT, NULL);
}
