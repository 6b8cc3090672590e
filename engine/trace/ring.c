#include "trace/ring.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "trace/ring_private.h"

#define RING_MAGIC UINT64_C(0x31676e6972776c66) /* "flwring1" */

static_assert(sizeof(struct ring_control) <= RING_CONTROL_SIZE, "the control page is one page");
static_assert(RING_HALF_MAX < 1 << RING_LENGTH_BITS, "a length fits the published word");

static bool is_half_size(size_t size)
{
    return size >= RING_HALF_MIN && size <= RING_HALF_MAX && (size & (size - 1)) == 0;
}

/* Maps fd, whose size is known to be right. */
static int ring_map(struct trace_ring **out, int fd, size_t half_size, bool owns_fd, struct flow_error *err)
{
    struct trace_ring *ring = mem_zalloc(sizeof *ring);
    if (!ring)
        return flow_error_set(err, FLOW_ENOMEM, "out of memory mapping the trace ring");
    void *map = mmap(NULL, RING_CONTROL_SIZE + 2 * half_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (map == MAP_FAILED) {
        mem_free(ring);
        return flow_error_set(err, FLOW_EIO, "mapping the trace ring: %s", strerror(errno));
    }
    *ring = (struct trace_ring){
        .control = map,
        .halves = (uint8_t *)map + RING_CONTROL_SIZE,
        .half_size = half_size,
        .fd = fd,
        .owns_fd = owns_fd,
    };
    *out = ring;
    return FLOW_OK;
}

int trace_ring_create(struct trace_ring **out, size_t half_size, struct flow_error *err)
{
    if (!is_half_size(half_size))
        return flow_error_set(err, FLOW_EINVAL,
            "halves of a trace ring are a power of two from %d to %d bytes, not %zu", RING_HALF_MIN,
            RING_HALF_MAX, half_size);
    int fd = memfd_create("flow-trace", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (fd < 0)
        return flow_error_set(err, FLOW_EIO, "creating the trace ring: %s", strerror(errno));
    /* Sealed, so that nobody who inherits it can cut it short under our mapping. */
    int status;
    if (ftruncate(fd, (off_t)(RING_CONTROL_SIZE + 2 * half_size)) < 0 ||
        fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) < 0) {
        status = flow_error_set(err, FLOW_EIO, "sizing the trace ring: %s", strerror(errno));
        goto fail;
    }
    struct trace_ring *ring;
    status = ring_map(&ring, fd, half_size, true, err);
    if (status < 0)
        goto fail;
    ring->control->magic = RING_MAGIC;
    ring->control->half_size = half_size;
    *out = ring;
    return FLOW_OK;
fail:
    close(fd);
    return status;
}

int trace_ring_open(struct trace_ring **out, int fd, struct flow_error *err)
{
    struct stat st;
    if (fstat(fd, &st) < 0)
        return flow_error_set(err, FLOW_EIO, "opening the trace ring: %s", strerror(errno));
    size_t size = st.st_size > RING_CONTROL_SIZE ? (size_t)st.st_size - RING_CONTROL_SIZE : 0;
    if (size % 2 || !is_half_size(size / 2))
        return flow_error_set(
            err, FLOW_EFORMAT, "descriptor %d is not a trace ring: %lld bytes", fd, (long long)st.st_size);
    struct trace_ring *ring;
    int status = ring_map(&ring, fd, size / 2, false, err);
    if (status < 0)
        return status;
    if (ring->control->magic != RING_MAGIC) {
        trace_ring_destroy(ring);
        return flow_error_set(err, FLOW_EFORMAT, "descriptor %d is not a trace ring", fd);
    }
    *out = ring;
    return FLOW_OK;
}

void trace_ring_destroy(struct trace_ring *ring)
{
    if (!ring)
        return;
    munmap(ring->control, RING_CONTROL_SIZE + 2 * ring->half_size);
    if (ring->owns_fd)
        close(ring->fd);
    mem_free(ring);
}

int trace_ring_fd(const struct trace_ring *ring)
{
    return ring->fd;
}

void trace_ring_set_interrupt(struct trace_ring *ring, uint32_t value)
{
    __atomic_store_n(&ring->control->interrupt, value, __ATOMIC_RELEASE);
}

uint32_t trace_ring_interrupt(const struct trace_ring *ring)
{
    return __atomic_load_n(&ring->control->interrupt, __ATOMIC_ACQUIRE);
}

uint64_t trace_ring_published_event(const struct trace_ring *ring)
{
    return __atomic_load_n(&ring->control->event, __ATOMIC_ACQUIRE);
}

bool ring_is_fresh(const struct trace_ring *ring)
{
    return __atomic_load_n(&ring->control->published, __ATOMIC_ACQUIRE) == 0;
}

static void publish(struct trace_ring *ring, struct ring_position end)
{
    uint64_t word = (end.block + 1) << RING_LENGTH_BITS | end.length;
    __atomic_store_n(&ring->control->published, word, __ATOMIC_RELEASE);
}

void ring_open_block(struct trace_ring *ring, uint64_t block, const uint8_t *header)
{
    __atomic_store_n(&ring->control->generation[block % 2], block + 1, __ATOMIC_RELAXED);
    /* The generation must be seen to change before any byte of the half does. */
    __atomic_thread_fence(__ATOMIC_RELEASE);
    memcpy(ring_half(ring, block), header, FORMAT_BLOCK_HEADER_SIZE);
    publish(ring, (struct ring_position){.block = block});
}

void ring_publish_event(struct trace_ring *ring, uint64_t event)
{
    __atomic_store_n(&ring->control->event, event, __ATOMIC_RELEASE);
}

void ring_append(
    struct trace_ring *ring, struct ring_position *end, const void *bytes, size_t count, uint64_t event)
{
    assert(count <= ring_capacity(ring) - end->length);
    if (count)
        memcpy(ring_half(ring, end->block) + FORMAT_BLOCK_HEADER_SIZE + end->length, bytes, count);
    end->length += count;
    publish(ring, *end);
    ring_publish_event(ring, event);
}

void ring_close_block(struct trace_ring *ring, uint64_t block, uint64_t length)
{
    __atomic_store_n(&ring->control->closed[block % 2], length, __ATOMIC_RELEASE);
}

struct ring_position ring_published(const struct trace_ring *ring)
{
    uint64_t word = __atomic_load_n(&ring->control->published, __ATOMIC_ACQUIRE);
    struct ring_position end = {0};
    if (word >> RING_LENGTH_BITS == 0)
        return end;
    end.block = (word >> RING_LENGTH_BITS) - 1;
    end.length = word & ((1u << RING_LENGTH_BITS) - 1);
    if (end.length > ring_capacity(ring))
        end.length = ring_capacity(ring);
    return end;
}

int ring_copy(const struct trace_ring *ring, uint64_t block, size_t offset, void *out, size_t count)
{
    const uint64_t *generation = &ring->control->generation[block % 2];
    if (offset > ring->half_size || count > ring->half_size - offset)
        return FLOW_NOT_FOUND;
    if (__atomic_load_n(generation, __ATOMIC_ACQUIRE) != block + 1)
        return FLOW_NOT_FOUND;
    memcpy(out, ring_half(ring, block) + offset, count);
    __atomic_thread_fence(__ATOMIC_ACQUIRE);
    return __atomic_load_n(generation, __ATOMIC_RELAXED) == block + 1 ? FLOW_OK : FLOW_NOT_FOUND;
}

int ring_closed_length(const struct trace_ring *ring, uint64_t block, size_t *length)
{
    const uint64_t *generation = &ring->control->generation[block % 2];
    if (__atomic_load_n(generation, __ATOMIC_ACQUIRE) != block + 1)
        return FLOW_NOT_FOUND;
    uint64_t closed = __atomic_load_n(&ring->control->closed[block % 2], __ATOMIC_ACQUIRE);
    if (closed > ring_capacity(ring) || __atomic_load_n(generation, __ATOMIC_RELAXED) != block + 1)
        return FLOW_NOT_FOUND;
    *length = (size_t)closed;
    return FLOW_OK;
}
