#include "debug/message.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "base/mem.h"

/* Deeper values are refused: they would overflow the stack of whoever walks them. */
#define MAX_DEPTH 512

void msg_put_u64(struct str *body, uint64_t number)
{
    str_add_bytes(body, &number, sizeof number);
}

void msg_put_bytes(struct str *body, const void *bytes, size_t length)
{
    msg_put_u64(body, length);
    str_add_bytes(body, bytes, length);
    str_add_char(body, '\0');
}

void msg_put_text(struct str *body, const char *text)
{
    msg_put_u64(body, text != NULL);
    if (text)
        msg_put_bytes(body, text, strlen(text));
}

void msg_put_value(struct str *body, struct flow_value value)
{
    msg_put_u64(body, value.type);
    switch ((enum flow_type)value.type) {
    case FLOW_TYPE_NULL:
    case FLOW_TYPE_COUNT: break;
    case FLOW_TYPE_BOOL: msg_put_u64(body, value.as.boolean); break;
    case FLOW_TYPE_INT:
    case FLOW_TYPE_DOUBLE: msg_put_u64(body, (uint64_t)value.as.integer); break;
    case FLOW_TYPE_OPAQUE:
        msg_put_text(body, flow_opaque_type(value));
        msg_put_text(body, flow_value_text(value, NULL));
        break;
    case FLOW_TYPE_STRING:
    case FLOW_TYPE_BYTES: {
        size_t length;
        const char *text = flow_value_text(value, &length);
        msg_put_bytes(body, text, length);
        break;
    }
    case FLOW_TYPE_LIST:
        msg_put_u64(body, flow_value_count(value));
        for (size_t i = 0; i < flow_value_count(value); i++)
            msg_put_value(body, flow_list_at(value, i));
        break;
    case FLOW_TYPE_MAP:
        msg_put_u64(body, flow_value_count(value));
        for (size_t i = 0; i < flow_value_count(value); i++) {
            msg_put_value(body, flow_map_at(value, i).key);
            msg_put_value(body, flow_map_at(value, i).value);
        }
        break;
    }
}

uint64_t msg_get_u64(struct msg_in *in)
{
    uint64_t number = 0;
    if (in->failed || (size_t)(in->end - in->at) < sizeof number) {
        in->failed = true;
        return 0;
    }
    memcpy(&number, in->at, sizeof number);
    in->at += sizeof number;
    return number;
}

const char *msg_get_bytes(struct msg_in *in, size_t *length)
{
    uint64_t wanted = msg_get_u64(in);
    size_t left = (size_t)(in->end - in->at);
    if (in->failed || wanted >= left || in->at[wanted] != '\0') {
        in->failed = true;
        *length = 0;
        return NULL;
    }
    const char *bytes = in->at;
    in->at += wanted + 1;
    *length = (size_t)wanted;
    return bytes;
}

const char *msg_get_text(struct msg_in *in)
{
    size_t length;
    if (!msg_get_u64(in))
        return NULL;
    const char *text = msg_get_bytes(in, &length);
    if (text && strlen(text) != length)
        in->failed = true;
    return in->failed ? NULL : text;
}

static int get_value(struct msg_in *in, struct flow_value *out, unsigned depth);

static int get_list(struct msg_in *in, struct flow_value *out, unsigned depth)
{
    struct {
        VEC(struct flow_value);
    } items = {0};
    uint64_t count = msg_get_u64(in);
    int status = in->failed ? FLOW_EFORMAT : FLOW_OK;
    for (uint64_t i = 0; i < count && status == FLOW_OK; i++) {
        struct flow_value item;
        if ((status = get_value(in, &item, depth + 1)) == FLOW_OK && (status = vec_push(&items, item)) < 0)
            flow_value_unref(item);
    }
    if (status == FLOW_OK)
        status = flow_list_create(out, items.at, items.count);
    else
        vec_foreach (struct flow_value, item, &items)
            flow_value_unref(*item);
    vec_finish(&items);
    return status;
}

static int get_map(struct msg_in *in, struct flow_value *out, unsigned depth)
{
    struct {
        VEC(struct flow_member);
    } members = {0};
    uint64_t count = msg_get_u64(in);
    int status = in->failed ? FLOW_EFORMAT : FLOW_OK;
    for (uint64_t i = 0; i < count && status == FLOW_OK; i++) {
        struct flow_member member = {flow_null(), flow_null()};
        if ((status = get_value(in, &member.key, depth + 1)) == FLOW_OK)
            status = get_value(in, &member.value, depth + 1);
        if (status == FLOW_OK)
            status = vec_push(&members, member);
        if (status < 0) {
            flow_value_unref(member.key);
            flow_value_unref(member.value);
        }
    }
    if (status == FLOW_OK) {
        status = flow_map_create(out, members.at, members.count);
    } else {
        vec_foreach (struct flow_member, member, &members) {
            flow_value_unref(member->key);
            flow_value_unref(member->value);
        }
    }
    vec_finish(&members);
    return status;
}

static int get_text_value(struct msg_in *in, uint64_t type, struct flow_value *out)
{
    size_t length;
    if (type == FLOW_TYPE_OPAQUE) {
        const char *name = msg_get_text(in);
        const char *printed = msg_get_text(in);
        return name && printed ? flow_opaque_create(out, name, printed) : FLOW_EFORMAT;
    }
    const char *bytes = msg_get_bytes(in, &length);
    if (!bytes)
        return FLOW_EFORMAT;
    return type == FLOW_TYPE_STRING ? flow_string_create(out, bytes, length)
                                    : flow_bytes_create(out, bytes, length);
}

static int get_value(struct msg_in *in, struct flow_value *out, unsigned depth)
{
    uint64_t type = msg_get_u64(in);
    if (in->failed || depth > MAX_DEPTH)
        return FLOW_EFORMAT;
    struct flow_value value = flow_null();
    int status = FLOW_OK;
    if (type == FLOW_TYPE_BOOL)
        value = flow_bool(msg_get_u64(in) != 0);
    else if (type == FLOW_TYPE_INT)
        value = flow_int((int64_t)msg_get_u64(in));
    else if (type == FLOW_TYPE_DOUBLE) {
        value = flow_double(0);
        value.as.integer = (int64_t)msg_get_u64(in);
    } else if (type == FLOW_TYPE_LIST)
        status = get_list(in, &value, depth);
    else if (type == FLOW_TYPE_MAP)
        status = get_map(in, &value, depth);
    else if (type == FLOW_TYPE_STRING || type == FLOW_TYPE_BYTES || type == FLOW_TYPE_OPAQUE)
        status = get_text_value(in, type, &value);
    else if (type != FLOW_TYPE_NULL)
        status = FLOW_EFORMAT;
    if (status == FLOW_OK && in->failed)
        status = FLOW_EFORMAT;
    if (status == FLOW_OK)
        *out = value;
    return status;
}

int msg_get_value(struct msg_in *in, struct flow_value *out)
{
    int status = get_value(in, out, 0);
    if (status < 0)
        in->failed = true;
    return status;
}

void msg_link_finish(struct msg_link *link)
{
    str_finish(&link->body);
    vec_foreach (struct str, packet, &link->waiting)
        str_finish(packet);
    vec_finish(&link->waiting);
}

/* FLOW_OK, FLOW_AGAIN when the socket is full and is_waiting is not set, FLOW_EIO. */
static int send_packet(int fd, const void *bytes, size_t length, bool is_waiting)
{
    for (;;) {
        if (send(fd, bytes, length, MSG_NOSIGNAL | MSG_DONTWAIT) >= 0)
            return FLOW_OK;
        if (errno == EINTR)
            continue;
        if (errno != EAGAIN && errno != ENOBUFS)
            return FLOW_EIO;
        if (!is_waiting)
            return FLOW_AGAIN;
        struct pollfd ready = {.fd = fd, .events = POLLOUT};
        if (poll(&ready, 1, -1) < 0 && errno != EINTR)
            return FLOW_EIO;
    }
}

static int keep(struct msg_link *link, const void *bytes, size_t length)
{
    struct str packet = {0};
    str_add_bytes(&packet, bytes, length);
    if (packet.failed || vec_push(&link->waiting, packet) < 0) {
        str_finish(&packet);
        return FLOW_ENOMEM;
    }
    return FLOW_OK;
}

static int send_message(struct msg_link *link, uint32_t type, const struct str *body, bool is_waiting)
{
    if (body && body->failed)
        return FLOW_ENOMEM;
    const char *bytes = body ? str_text(body) : "";
    size_t left = body ? body->length : 0;
    int status = msg_flush(link);
    bool is_keeping = status == FLOW_AGAIN;
    do {
        char packet[MSG_PACKET_MAX];
        size_t part = left < sizeof packet - sizeof(struct msg_packet)
                          ? left
                          : sizeof packet - sizeof(struct msg_packet);
        struct msg_packet head = {type, part < left};
        memcpy(packet, &head, sizeof head);
        memcpy(packet + sizeof head, bytes, part);
        if (!is_keeping &&
            (status = send_packet(link->fd, packet, sizeof head + part, is_waiting)) == FLOW_AGAIN)
            is_keeping = true;
        if (is_keeping)
            status = keep(link, packet, sizeof head + part);
        bytes += part;
        left -= part;
    } while (left > 0 && status == FLOW_OK);
    return status;
}

int msg_send(struct msg_link *link, uint32_t type, const struct str *body)
{
    return send_message(link, type, body, true);
}

int msg_post(struct msg_link *link, uint32_t type, const struct str *body)
{
    return send_message(link, type, body, false);
}

int msg_flush(struct msg_link *link)
{
    size_t sent = 0;
    int status = FLOW_OK;
    while (sent < link->waiting.count) {
        struct str *packet = &link->waiting.at[sent];
        if ((status = send_packet(link->fd, packet->text, packet->length, false)) != FLOW_OK)
            break;
        str_finish(packet);
        sent++;
    }
    if (sent > 0) {
        memmove(link->waiting.at, link->waiting.at + sent,
            (link->waiting.count - sent) * sizeof *link->waiting.at);
        link->waiting.count -= sent;
    }
    return status;
}

int msg_receive(struct msg_link *link, bool is_waiting, struct msg_in *in)
{
    char packet[MSG_PACKET_MAX];
    struct msg_packet head;
    if (link->is_complete) {
        str_clear(&link->body);
        link->is_complete = false;
        link->type = 0;
    }
    do {
        ssize_t got = recv(link->fd, packet, sizeof packet, is_waiting ? 0 : MSG_DONTWAIT);
        /* ECONNRESET says once that the other side left without reading all of ours; what it sent before is
         * still there. */
        if (got < 0 && (errno == EINTR || errno == ECONNRESET))
            continue;
        if (got < 0)
            return errno == EAGAIN ? FLOW_AGAIN : FLOW_EIO;
        if (got == 0)
            return FLOW_END;
        if ((size_t)got < sizeof head)
            return FLOW_EFORMAT;
        memcpy(&head, packet, sizeof head);
        if (link->type != head.type) /* a crash report cuts in: what was begun is dropped */
            str_clear(&link->body);
        link->type = head.type;
        if (link->body.length > MSG_SIZE_MAX) {
            link->is_complete = true;
            return FLOW_EFORMAT;
        }
        if (str_add_bytes(&link->body, packet + sizeof head, (size_t)got - sizeof head) < 0) {
            link->is_complete = true;
            return FLOW_ENOMEM;
        }
        link->is_complete = !head.has_more;
    } while (!link->is_complete);
    *in = (struct msg_in){str_text(&link->body), str_text(&link->body) + link->body.length, false};
    return FLOW_OK;
}
