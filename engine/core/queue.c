#include "core/queue.h"

#include <string.h>

#include "base/mem.h"

void queue_finish(struct queue *q)
{
    for (size_t i = 0; i < queue_count(q); i++)
        value_unref(queue_at(q, i)->data);
    mem_free(q->at);
    *q = (struct queue){0};
}

int queue_grow(struct queue *q)
{
    size_t capacity = q->capacity ? q->capacity * 2 : 16;
    struct queue_entry *at = mem_array(NULL, capacity, sizeof *at);
    if (!at)
        return FLOW_ENOMEM;
    for (size_t i = 0; i < queue_count(q); i++)
        at[i] = *queue_at(q, i);
    mem_free(q->at);
    q->at = at;
    q->tail -= q->head;
    q->head = 0;
    q->capacity = capacity;
    q->mask = capacity - 1;
    return FLOW_OK;
}

void queue_insert(struct queue *q, size_t position, const struct queue_entry *entry)
{
    if (position == 0) { /* goto: the usual one beside the back */
        q->head--;
    } else {
        q->tail++;
        for (size_t i = queue_count(q) - 1; i > position; i--)
            *queue_at(q, i) = *queue_at(q, i - 1);
    }
    *queue_at(q, position) = *entry;
}

struct queue_entry queue_remove(struct queue *q, size_t position)
{
    struct queue_entry removed = *queue_at(q, position);
    if (position == 0) {
        q->head++;
        return removed;
    }
    q->tail--;
    for (size_t i = position; i < queue_count(q); i++)
        *queue_at(q, i) = *queue_at(q, i + 1);
    return removed;
}

size_t queue_find(const struct queue *q, uint64_t number)
{
    for (size_t i = 0; i < queue_count(q); i++)
        if (queue_at(q, i)->number == number)
            return i;
    return QUEUE_NONE;
}
