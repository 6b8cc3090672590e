#include "base/mem.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static void *libc_resize(void *user, void *ptr, size_t size)
{
    (void)user;
    if (size == 0) {
        free(ptr);
        return NULL;
    }
    return realloc(ptr, size);
}

static struct {
    mem_resize_fn fn;
    void *user;
} allocator = {libc_resize, NULL};

void mem_set_allocator(mem_resize_fn fn, void *user)
{
    allocator.fn = fn ? fn : libc_resize;
    allocator.user = fn ? user : NULL;
}

void *mem_alloc(size_t size)
{
    return allocator.fn(allocator.user, NULL, size ? size : 1);
}

void *mem_zalloc(size_t size)
{
    void *ptr = mem_alloc(size);
    if (ptr)
        memset(ptr, 0, size);
    return ptr;
}

void *mem_resize(void *ptr, size_t size)
{
    return allocator.fn(allocator.user, ptr, size ? size : 1);
}

void *mem_array(void *ptr, size_t count, size_t each)
{
    if (each && count > SIZE_MAX / each)
        return NULL;
    return mem_resize(ptr, count * each);
}

void mem_free(void *ptr)
{
    if (ptr)
        allocator.fn(allocator.user, ptr, 0);
}

char *mem_strdup(const char *text)
{
    return mem_strndup(text, strlen(text));
}

char *mem_strndup(const char *text, size_t len)
{
    char *copy = len < SIZE_MAX ? mem_alloc(len + 1) : NULL;
    if (!copy)
        return NULL;
    memcpy(copy, text, len);
    copy[len] = '\0';
    return copy;
}
