/* Finding places in a trace without going there. */
#include <string.h>

#include "trace/timeline_private.h"

static bool has_bit(const uint8_t *filter, uint32_t number)
{
    return filter[number % 256 / 8] >> number % 8 & 1;
}

static bool is_any_kind(const struct trace_search *search)
{
    return !search->kinds[0] && !search->kinds[1];
}

/* May the block hold what is looked for? */
static bool may_hold(const struct block_place *place, const struct trace_search *search)
{
    if (!is_any_kind(search) && !(place->kinds[0] & search->kinds[0]) &&
        !(place->kinds[1] & search->kinds[1]))
        return false;
    return (search->task == FLOW_TASK_NONE || has_bit(place->tasks, search->task)) &&
           (search->key == FLOW_KEY_NONE || has_bit(place->keys, search->key));
}

static bool is_match(const struct trace_search *search, const struct flow_event *event)
{
    if (is_any_kind(search) ? flow_event_is_note(event->kind)
                            : !(search->kinds[event->kind / 64] >> event->kind % 64 & 1))
        return false;
    if (search->task != FLOW_TASK_NONE) {
        const struct flow_event_info *info = flow_event_info(event->kind);
        uint32_t fields = info ? info->fields : 0;
        if (!(fields & FLOW_F_TASK && event->task == search->task) &&
            !(fields & FLOW_F_OTHER && event->other == search->task))
            return false;
    }
    if (search->key != FLOW_KEY_NONE &&
        ((event->kind != FLOW_EV_CHANNEL_SET && event->kind != FLOW_EV_CHANNEL_DELETED) ||
            event->key != search->key))
        return false;
    return !search->matches || search->matches(search->user, event);
}

/* One search: between two numbers, which are outside. */
struct hunt {
    struct trace_reader *scout;
    const struct trace_search *search;
    uint64_t after, before;
    bool wants_last; /* the last match, not the first */
    bool is_found;
    uint64_t number;
    struct flow_error *err;
};

/* What the scout reads next, if it is in the block it stands in or, with is_open_end, anywhere behind.
 * FLOW_OK, FLOW_END, failures. */
static int scout_next(struct hunt *h, bool is_open_end, struct flow_event *event)
{
    const struct reader_block *block = &h->scout->block;
    if (!is_open_end && block->is_whole && block->at == block->payload.length)
        return FLOW_END;
    int status = trace_reader_next(h->scout, event, h->err);
    return status == FLOW_AGAIN ? FLOW_END : status;
}

static int scan(struct hunt *h, bool is_open_end)
{
    struct flow_event event;
    int status;
    unsigned count = 0;
    while ((status = scout_next(h, is_open_end, &event)) == FLOW_OK) {
        if (event.number >= h->before)
            return FLOW_OK;
        if (event.number > h->after && is_match(h->search, &event)) {
            h->is_found = true;
            h->number = event.number;
            if (!h->wants_last)
                return FLOW_OK;
        }
        if (is_open_end && ++count % 65536 == 0 && h->search->is_interrupted &&
            h->search->is_interrupted(h->search->user))
            return FLOW_AGAIN;
    }
    return status == FLOW_END ? FLOW_OK : status;
}

/* Looks through one block of the file. A block that cannot be read is an error: what is looked for may be in
 * it. */
static int scan_block(struct hunt *h, const struct block_place *place)
{
    if (h->search->is_interrupted && h->search->is_interrupted(h->search->user))
        return FLOW_AGAIN;
    h->scout->broken.code = 0;
    int status = reader_open_block(h->scout, place->sequence, h->err);
    return status == FLOW_OK ? scan(h, false) : status;
}

/* Looks through what is behind the blocks of the file: in the ring, or cut off. */
static int scan_rest(struct hunt *h)
{
    const struct block_table *table = &h->scout->table;
    if (h->before <= block_table_last_event(table) + 1)
        return FLOW_OK;
    uint64_t sequence =
        table->blocks.count ? vec_last(&table->blocks).sequence + 1 : reader_first_block(h->scout);
    h->scout->broken.code = 0;
    int status = reader_open_block(h->scout, sequence, h->err);
    if (status == FLOW_AGAIN)
        return FLOW_OK;
    return status == FLOW_OK ? scan(h, true) : status;
}

static int begin_hunt(struct trace_timeline *tl, struct hunt *h)
{
    int status = timeline_scout(tl, h->err);
    if (status < 0)
        return status;
    h->scout = tl->scout;
    return block_table_scan(&h->scout->table, h->err);
}

/* The event that wrote the key last before a block with a keyframe. FLOW_OK, FLOW_NOT_FOUND, failures. */
static int ask_keyframe(struct trace_timeline *tl, const struct block_place *place, flow_key key,
    uint64_t *number, struct flow_error *err)
{
    int status = block_table_load_keyframe(&tl->scout->table, place, &tl->keyframe, err);
    if (status == FLOW_OK)
        status = keyframe_get(tl->codec, &tl->glimpse, tl->keyframe.bytes, tl->keyframe.length, err);
    if (status < 0)
        return status;
    if (key >= tl->glimpse.keys.count || !tl->glimpse.keys.at[key].event)
        return FLOW_NOT_FOUND;
    *number = tl->glimpse.keys.at[key].event;
    return FLOW_OK;
}

static int end_hunt(const struct hunt *h, int status, uint64_t *number)
{
    if (status != FLOW_OK)
        return status;
    if (!h->is_found)
        return FLOW_NOT_FOUND;
    *number = h->number;
    return FLOW_OK;
}

int trace_timeline_search_forward(struct trace_timeline *tl, const struct trace_search *search,
    uint64_t after, uint64_t *number, struct flow_error *err)
{
    struct hunt h = {.search = search, .after = after, .before = UINT64_MAX, .err = err};
    int status = begin_hunt(tl, &h);
    if (status < 0)
        return status;
    const struct block_table *table = &h.scout->table;
    const struct block_place *first = block_table_find_event(table, after < UINT64_MAX ? after + 1 : after);
    size_t index = first ? (size_t)(first - table->blocks.at) : 0;
    for (; status == FLOW_OK && !h.is_found && index < table->blocks.count; index++)
        if (may_hold(&table->blocks.at[index], search))
            status = scan_block(&h, &table->blocks.at[index]);
    if (status == FLOW_OK && !h.is_found)
        status = scan_rest(&h);
    return end_hunt(&h, status, number);
}

int trace_timeline_search_back(struct trace_timeline *tl, const struct trace_search *search, uint64_t before,
    uint64_t *number, struct flow_error *err)
{
    struct hunt h = {.search = search, .before = before, .wants_last = true, .err = err};
    int status = begin_hunt(tl, &h);
    if (status < 0)
        return status;
    const struct block_table *table = &h.scout->table;
    status = scan_rest(&h);
    const struct block_place *last = before ? block_table_find_event(table, before - 1) : NULL;
    size_t count = last ? (size_t)(last - table->blocks.at) + 1 : 0;
    while (status == FLOW_OK && !h.is_found && count-- > 0)
        if (may_hold(&table->blocks.at[count], search))
            status = scan_block(&h, &table->blocks.at[count]);
    return end_hunt(&h, status, number);
}

/* Looks back to the last keyframe, which knows the rest. */
static int find_writer(struct trace_timeline *tl, const struct trace_search *search, uint64_t before,
    uint64_t *number, struct flow_error *err)
{
    struct hunt h = {.search = search, .before = before, .wants_last = true, .err = err};
    int status = begin_hunt(tl, &h);
    if (status < 0)
        return status;
    const struct block_table *table = &h.scout->table;
    status = scan_rest(&h);
    const struct block_place *last = block_table_find_event(table, before - 1);
    size_t count = last ? (size_t)(last - table->blocks.at) + 1 : 0;
    while (status == FLOW_OK && !h.is_found && count-- > 0) {
        const struct block_place *place = &table->blocks.at[count];
        if (may_hold(place, search))
            status = scan_block(&h, place);
        if (status == FLOW_OK && !h.is_found && place->keyframe) {
            status = ask_keyframe(tl, place, search->key, number, err);
            if (status != FLOW_EFORMAT)
                return status;
            status = FLOW_OK; /* it is damaged: the blocks before it know too */
        }
    }
    return end_hunt(&h, status, number);
}

int trace_timeline_last_writer(
    struct trace_timeline *tl, flow_key key, uint64_t position, uint64_t *number, struct flow_error *err)
{
    struct trace_search search = {
        .kinds = {UINT64_C(1) << FLOW_EV_CHANNEL_SET | UINT64_C(1) << FLOW_EV_CHANNEL_DELETED},
        .task = FLOW_TASK_NONE,
        .key = key,
    };
    if (position != tl->state.event || tl->broken.code)
        return find_writer(tl, &search, position < UINT64_MAX ? position + 1 : position, number, err);
    if (key >= tl->state.keys.count || !tl->state.keys.at[key].event)
        return FLOW_NOT_FOUND;
    *number = tl->state.keys.at[key].event;
    return FLOW_OK;
}

/* The event that begins a step, and the last one before it that took an entry. */
struct step_hunt {
    uint64_t step;
    uint64_t taken;
};

static bool begins_step(void *user, const struct flow_event *event)
{
    struct step_hunt *hunt = user;
    if (event->kind == FLOW_EV_DEQUEUED) {
        hunt->taken = event->number;
        return false;
    }
    return event->step == hunt->step;
}

int trace_timeline_seek_step(struct trace_timeline *tl, uint64_t step, struct flow_error *err)
{
    struct step_hunt hunt = {.step = step};
    struct trace_search search = {
        .kinds = {UINT64_C(1) << FLOW_EV_DEQUEUED | UINT64_C(1) << FLOW_EV_STEP_STARTED},
        .task = FLOW_TASK_NONE,
        .key = FLOW_KEY_NONE,
        .matches = begins_step,
        .user = &hunt,
    };
    const struct block_table *table = &tl->reader->table;
    int status = block_table_scan(&tl->reader->table, err);
    if (status < 0)
        return status;
    size_t low = 0, high = table->blocks.count; /* the first block before which the step has begun */
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (table->blocks.at[middle].first_step >= step)
            high = middle;
        else
            low = middle + 1;
    }
    /* Its entry may have been taken at the end of the block before. */
    uint64_t after = low > 1 ? table->blocks.at[low - 2].first_event - 1 : 0, number;
    status = step ? trace_timeline_search_forward(tl, &search, after, &number, err) : FLOW_NOT_FOUND;
    return status == FLOW_OK ? trace_timeline_seek(tl, hunt.taken ? hunt.taken - 1 : number - 1, err)
                             : status;
}

static bool is_after_time(void *user, const struct flow_event *event)
{
    const int64_t *time_ns = user;
    return event->has_time && event->time_ns > *time_ns;
}

int trace_timeline_seek_time(struct trace_timeline *tl, int64_t time_ns, struct flow_error *err)
{
    struct trace_search search = TRACE_SEARCH_INIT;
    search.matches = is_after_time;
    search.user = &time_ns;
    const struct block_table *table = &tl->reader->table;
    int status = block_table_scan(&tl->reader->table, err);
    if (status < 0)
        return status;
    size_t low = 0, high = table->blocks.count; /* the first block that begins after the time */
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (table->blocks.at[middle].first_time > time_ns)
            high = middle;
        else
            low = middle + 1;
    }
    uint64_t after = low ? table->blocks.at[low - 1].first_event - 1 : 0, number;
    status = trace_timeline_search_forward(tl, &search, after, &number, err);
    if (status == FLOW_NOT_FOUND)
        return trace_timeline_seek_end(tl, err);
    return status == FLOW_OK ? trace_timeline_seek(tl, number - 1, err) : status;
}

int trace_timeline_seek_end(struct trace_timeline *tl, struct flow_error *err)
{
    int status = block_table_scan(&tl->reader->table, err);
    if (status < 0)
        return status;
    uint64_t last = block_table_last_event(&tl->reader->table);
    if (last > tl->state.event || tl->broken.code)
        status = trace_timeline_seek(tl, last, err);
    /* Not further than what is there now: a running engine may be faster than we are. */
    uint64_t end = trace_reader_count(tl->reader);
    while (status == FLOW_OK && tl->state.event < end)
        status = trace_timeline_next(tl, NULL, err);
    return status == FLOW_END || status == FLOW_AGAIN ? FLOW_OK : status;
}
