/* Messages between debugger and inferior, over one SOCK_SEQPACKET socket.
 *
 * A message is a type and a body of fields in a fixed order. Bodies larger than a packet are split. Neither
 * side trusts the other: a wild task can write to the inferior's socket, so every length is checked and a
 * message that does not fit is refused as a whole. */
#ifndef DEBUG_MESSAGE_H
#define DEBUG_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "base/vec.h"
#include "flow/value.h"

/* Writing a body: fields are appended to a str, whose `failed` says at the end whether memory was enough. */
void msg_put_u64(struct str *body, uint64_t number);
void msg_put_bytes(struct str *body, const void *bytes, size_t length);
void msg_put_text(struct str *body, const char *text); /* NULL is kept apart from "" */
void msg_put_value(struct str *body, struct flow_value value);

/* Reading a body. The first field that does not fit sets `failed`; every later read gives 0 or NULL. */
struct msg_in {
    const char *at;
    const char *end;
    bool failed;
};
uint64_t msg_get_u64(struct msg_in *in);
const char *msg_get_bytes(struct msg_in *in, size_t *length); /* borrowed from the body, a NUL follows */
const char *msg_get_text(struct msg_in *in);                  /* NULL where NULL was put */
/* FLOW_OK and an owned value, FLOW_EFORMAT, FLOW_ENOMEM. */
int msg_get_value(struct msg_in *in, struct flow_value *out);

/* One end of the socket. An all-zero link with fd set is valid. Owns its buffers, not the descriptor. */
struct msg_link {
    int fd;
    struct str body;  /* of the message being received */
    uint32_t type;    /* of it */
    bool is_complete; /* body is a whole message: the next receive starts anew */
    struct {
        VEC(struct str);
    } waiting; /* packets that the socket had no room for yet */
};

void msg_link_finish(struct msg_link *link);
/* Sends a message; waits while the socket is full. FLOW_OK, FLOW_EIO (the other side is gone), FLOW_ENOMEM.
 */
int msg_send(struct msg_link *link, uint32_t type, const struct str *body);
/* The same without waiting: what does not fit is kept for msg_flush. */
int msg_post(struct msg_link *link, uint32_t type, const struct str *body);
/* Sends what is kept. FLOW_OK: nothing is left; FLOW_AGAIN: poll for writing; FLOW_EIO. */
int msg_flush(struct msg_link *link);
/* Receives a message into link->type and *in (borrowed until the next call). FLOW_OK; FLOW_AGAIN: none yet
 * (only without is_waiting); FLOW_END: the other side is gone; FLOW_EFORMAT: not one of our packets;
 * FLOW_EIO; FLOW_ENOMEM. */
int msg_receive(struct msg_link *link, bool is_waiting, struct msg_in *in);

/* The header of a packet, for the crash handler, which must write packets without any of the above. */
struct msg_packet {
    uint32_t type;
    uint32_t has_more;
};
#define MSG_PACKET_MAX 16384u
#define MSG_SIZE_MAX   (256u << 20)

#endif
