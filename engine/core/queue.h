/* The queue: entries in a ring whose size is a power of two. Front is position 0. */
#ifndef CORE_QUEUE_H
#define CORE_QUEUE_H

#include <stdbool.h>

#include "core/value.h"
#include "flow/event.h"

/* One place in the queue: run this task, for this reason. 64 bytes, copied about freely. */
struct queue_entry {
    uint64_t number;        /* counts from 1, never reused */
    uint64_t cause;         /* the step that made it; 0: start or user */
    struct flow_value data; /* owned by the entry */
    flow_task task;
    uint8_t reason;     /* enum flow_reason */
    uint8_t origin;     /* enum flow_origin; user: put there by hand */
    bool is_tentative;  /* made by a body's call: withdrawn should that execution fail and be retried */
    flow_task source;   /* the task that caused it, or none */
    flow_task via;      /* the predecessor along whose edge its chain was entered, or none */
    uint32_t iteration; /* 1 is the first execution of the chain */
    uint32_t retries;   /* used so far */
    uint32_t held;  /* how many of the task's successors its chain holds: always the first ones of its links,
                     * because links are only ever added at the end */
    uint32_t flags; /* enum execution_flag; in the queue only IS_LADEN */
};

/* The entries are at[i & mask] for head <= i < tail: both counters run freely, also below zero and around. */
struct queue {
    struct queue_entry *at;
    size_t head;
    size_t tail;
    size_t mask;
    size_t capacity; /* mask + 1, or 0 */
};

#define QUEUE_NONE SIZE_MAX

void queue_finish(struct queue *q);
/* Doubles the room. FLOW_OK or FLOW_ENOMEM (unchanged then). */
int queue_grow(struct queue *q);
static inline size_t queue_count(const struct queue *q)
{
    return q->tail - q->head;
}
static inline int queue_reserve(struct queue *q)
{
    return queue_count(q) < q->capacity ? FLOW_OK : queue_grow(q);
}
static inline struct queue_entry *queue_at(const struct queue *q, size_t position)
{
    return &q->at[(q->head + position) & q->mask];
}
/* Inserts before `position` (<= count); room must be reserved. */
void queue_insert(struct queue *q, size_t position, const struct queue_entry *entry);
/* Takes the entry at `position` out; its data is the caller's. */
struct queue_entry queue_remove(struct queue *q, size_t position);
/* The position of the entry with that number, or QUEUE_NONE. */
size_t queue_find(const struct queue *q, uint64_t number);

#endif
