/* Memory: the one place where the tree allocates, so that a host can bring its allocator and a test can make
 * any allocation fail. Not thread-safe to change; safe to use from several threads if the allocator is. */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stddef.h>

/* Resizes `ptr` (NULL: allocates) to `size` bytes (0: frees, returns NULL). NULL on failure, `ptr` untouched.
 */
typedef void *(*mem_resize_fn)(void *user, void *ptr, size_t size);

/* Replaces the allocator; fn NULL restores the C library's. Only while nothing is allocated. */
void mem_set_allocator(mem_resize_fn fn, void *user);

void *mem_alloc(size_t size);                          /* NULL on failure; size 0 counts as 1 */
void *mem_zalloc(size_t size);                         /* the same, zeroed */
void *mem_resize(void *ptr, size_t size);              /* like realloc, size > 0 */
void *mem_array(void *ptr, size_t count, size_t each); /* resize with overflow check */
void mem_free(void *ptr);                              /* NULL is fine */
char *mem_strdup(const char *text);                    /* NULL on failure */
char *mem_strndup(const char *text, size_t len);       /* copies len bytes and adds a NUL */

#endif
