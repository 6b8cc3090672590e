#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "debug/inferior.h"

/* A task that closes everything again and again is let go in the end. */
#define RETURNS_MAX 1000

static int knock(const char *door)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t length = strlen(door);
    memcpy(address.sun_path + 1, door, length);
    int low = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    int fd = low < 0 ? -1 : fcntl(low, F_DUPFD_CLOEXEC, DBG_FD_CONTROL);
    if (low >= 0)
        close(low);
    socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + length);
    if (fd >= 0 && connect(fd, (struct sockaddr *)&address, size) < 0) {
        close(fd);
        return -1;
    }
    return fd;
}

/* Receives the files. False: we were not let in. */
static bool receive_files(int fd, int files[DBG_DOOR_FILES])
{
    char byte;
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(DBG_DOOR_FILES * sizeof(int))];
    } control;
    struct iovec part = {&byte, 1};
    struct msghdr message = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
    ssize_t got;
    do
        got = recvmsg(fd, &message, MSG_CMSG_CLOEXEC);
    while (got < 0 && errno == EINTR);
    struct cmsghdr *head = got == 1 ? CMSG_FIRSTHDR(&message) : NULL;
    if (!head || head->cmsg_type != SCM_RIGHTS || head->cmsg_len != CMSG_LEN(DBG_DOOR_FILES * sizeof(int)))
        return false;
    memcpy(files, CMSG_DATA(head), DBG_DOOR_FILES * sizeof(int));
    return true;
}

static bool is_same_file(int a, int b)
{
    struct stat of_a, of_b;
    return fstat(a, &of_a) == 0 && fstat(b, &of_b) == 0 && of_a.st_dev == of_b.st_dev &&
           of_a.st_ino == of_b.st_ino;
}

/* Puts a file back behind its number; one that the task has taken for a file of its own stays the task's. */
static int put_back(int file, int number)
{
    int kept = number;
    if (!is_same_file(file, number))
        kept = fcntl(file, F_DUPFD_CLOEXEC, number);
    close(file);
    return kept;
}

bool inferior_return(struct inferior *inf)
{
    int files[DBG_DOOR_FILES];
    struct stat st;
    if (!inf->door[0] || inf->returns++ >= RETURNS_MAX)
        return false;
    int fd = knock(inf->door);
    if (fd < 0 || !receive_files(fd, files) || fstat(fd, &st) < 0) {
        if (fd >= 0)
            close(fd);
        return false;
    }
    put_back(files[0], DBG_FD_TRACE); /* the writer knows it by number, and looks at what is behind it */
    inf->output[0].fd = put_back(files[1], DBG_FD_STDOUT);
    inf->output[1].fd = put_back(files[2], DBG_FD_STDERR);
    msg_link_finish(&inf->link);
    inf->link = (struct msg_link){.fd = fd};
    inf->control_device = st.st_dev;
    inf->control_inode = st.st_ino;
    inferior_crash_install(fd);
    return true;
}
