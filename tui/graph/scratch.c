#include "tui/graph/scratch.h"

#include <stdint.h>
#include <string.h>

#include "base/mem.h"

#define BLOCK_SIZE ((size_t)64 * 1024)
#define ALIGNMENT  sizeof(max_align_t)

struct scratch_block {
    struct scratch_block *before;
    max_align_t bytes[];
};

static void pop_block(struct scratch *s)
{
    struct scratch_block *before = s->blocks->before;
    mem_free(s->blocks);
    s->blocks = before;
}

void scratch_finish(struct scratch *s)
{
    while (s->blocks)
        pop_block(s);
    *s = (struct scratch){0};
}

struct scratch_mark scratch_mark(const struct scratch *s)
{
    return (struct scratch_mark){s->blocks, s->used, s->size};
}

void scratch_release(struct scratch *s, struct scratch_mark mark)
{
    while (s->blocks != mark.block)
        pop_block(s);
    s->used = mark.used;
    s->size = mark.size;
}

static bool push_block(struct scratch *s, size_t size)
{
    if (size < BLOCK_SIZE)
        size = BLOCK_SIZE;
    struct scratch_block *block = size > SIZE_MAX / 2 ? NULL : mem_alloc(sizeof *block + size);
    if (!block) {
        s->failed = true;
        return false;
    }
    block->before = s->blocks;
    s->blocks = block;
    s->used = 0;
    s->size = size;
    return true;
}

void *scratch_take(struct scratch *s, size_t count, size_t each)
{
    if (s->failed || (each && count > SIZE_MAX / 4 / each)) {
        s->failed = true;
        return NULL;
    }
    size_t size = (count * each + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    if ((!s->blocks || s->size - s->used < size) && !push_block(s, size))
        return NULL;
    void *at = (char *)s->blocks->bytes + s->used;
    s->used += size;
    return memset(at, 0, size);
}
