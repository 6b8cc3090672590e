#include "trace/timeline.h"

#include <string.h>

#include "trace/timeline_private.h"

static struct timeline_entry *entry_at(const struct trace_timeline *tl, uint64_t number)
{
    return &tl->log[number % TRACE_TIMELINE_UNDO];
}

static void release(struct timeline_entry *entry, bool is_folded)
{
    if (is_folded)
        state_undo_drop(&entry->undo);
    flow_value_unref(entry->event.value);
    flow_value_unref(entry->event.old);
    mem_free(entry->texts);
    entry->texts = NULL;
}

static void clear_log(struct trace_timeline *tl)
{
    for (; tl->first < tl->last; tl->first++)
        release(entry_at(tl, tl->first), tl->first < tl->at);
    tl->at = tl->last;
}

int trace_timeline_create(struct trace_timeline **out, struct trace_reader *reader, struct flow_error *err)
{
    struct trace_timeline *tl = mem_zalloc(sizeof *tl);
    if (tl) {
        tl->log = mem_array(NULL, TRACE_TIMELINE_UNDO, sizeof *tl->log);
        tl->codec = mem_zalloc(sizeof *tl->codec);
    }
    if (!tl || !tl->log || !tl->codec) {
        if (tl) {
            mem_free(tl->log);
            mem_free(tl->codec);
        }
        mem_free(tl);
        trace_reader_destroy(reader);
        return flow_error_set(err, FLOW_ENOMEM, "out of memory opening the trace");
    }
    tl->reader = reader;
    trace_state_init(&tl->state);
    trace_state_init(&tl->glimpse);
    *out = tl;
    return FLOW_OK;
}

int trace_timeline_open(struct trace_timeline **out, const char *path, struct flow_error *err)
{
    struct trace_reader *reader;
    int status = trace_reader_open(&reader, path, err);
    return status < 0 ? status : trace_timeline_create(out, reader, err);
}

void trace_timeline_destroy(struct trace_timeline *tl)
{
    if (!tl)
        return;
    clear_log(tl);
    release(&tl->given, false);
    trace_reader_destroy(tl->scout);
    trace_reader_destroy(tl->reader);
    trace_state_finish(&tl->state);
    trace_state_finish(&tl->glimpse);
    record_codec_finish(tl->codec);
    mem_free(tl->codec);
    mem_free(tl->keyframe.bytes);
    mem_free(tl->log);
    mem_free(tl);
}

int timeline_scout(struct trace_timeline *tl, struct flow_error *err)
{
    if (tl->scout)
        return FLOW_OK;
    return trace_reader_create(&tl->scout, tl->reader->fd, tl->reader->ring, err);
}

const struct trace_state *trace_timeline_state(const struct trace_timeline *tl)
{
    return &tl->state;
}

uint64_t trace_timeline_position(const struct trace_timeline *tl)
{
    return tl->state.event;
}

uint64_t trace_timeline_count(const struct trace_timeline *tl)
{
    return trace_reader_count(tl->reader);
}

const char *trace_timeline_missing(const struct trace_timeline *tl)
{
    return trace_reader_missing(tl->reader);
}

/* Keeps an event: members that its kind does not use are made harmless. FLOW_OK or FLOW_ENOMEM. */
static int keep_event(struct timeline_entry *entry, const struct flow_event *event)
{
    const struct flow_event_info *info = flow_event_info(event->kind);
    uint32_t fields = info ? info->fields : 0;
    size_t text = fields & FLOW_F_TEXT ? event->text_length : 0;
    size_t detail = fields & FLOW_F_DETAIL ? event->detail_length : 0;
    entry->event = *event;
    entry->event.value = fields & FLOW_F_VALUE ? flow_value_ref(event->value) : flow_null();
    entry->event.old = fields & FLOW_F_OLD ? flow_value_ref(event->old) : flow_null();
    entry->event.text = entry->event.detail = "";
    entry->event.text_length = text;
    entry->event.detail_length = detail;
    entry->texts = NULL;
    if (text + detail == 0)
        return FLOW_OK;
    entry->texts = mem_array(NULL, text + detail, 1);
    if (!entry->texts) {
        release(entry, false);
        return FLOW_ENOMEM;
    }
    if (text)
        memcpy(entry->texts, event->text, text);
    if (detail)
        memcpy(entry->texts + text, event->detail, detail);
    entry->event.text = entry->texts;
    entry->event.detail = entry->texts + text;
    return FLOW_OK;
}

/* What goes wrong while the cursor moves stays, until a seek. */
static int fail(struct trace_timeline *tl, int status, const struct flow_error *cause, struct flow_error *err)
{
    if (cause != &tl->broken)
        tl->broken = *cause;
    tl->broken.code = status;
    if (err)
        *err = tl->broken;
    return status;
}

static int is_broken(const struct trace_timeline *tl, struct flow_error *err)
{
    if (tl->broken.code && err)
        *err = tl->broken;
    return tl->broken.code;
}

/* Folds the event of the entry at tl->at. */
static int fold_entry(struct trace_timeline *tl, struct timeline_entry *entry, struct flow_error *err)
{
    const struct flow_event *event = &entry->event;
    if (flow_event_is_note(event->kind)) {
        memset(&entry->undo, 0, sizeof entry->undo);
        tl->has_notes = true;
    } else {
        state_undo_prepare(&entry->undo, &tl->state, event);
        int status = trace_state_apply(&tl->state, event, err);
        if (status < 0) {
            state_undo_drop(&entry->undo);
            return status;
        }
        tl->has_notes = false;
    }
    tl->at++;
    return FLOW_OK;
}

static int read_next(struct trace_timeline *tl, struct flow_event *event, struct flow_error *err)
{
    struct flow_event next;
    struct flow_error *cause = &tl->broken; /* so that the usual case need not clear a kilobyte */
    int status = trace_reader_next(tl->reader, &next, cause);
    if (status > 0)
        return status;
    if (status < 0)
        return fail(tl, status, cause, err);
    if (tl->last - tl->first == TRACE_TIMELINE_UNDO) {
        release(entry_at(tl, tl->first), true);
        tl->first++;
    }
    struct timeline_entry *entry = entry_at(tl, tl->last);
    status = keep_event(entry, &next);
    if (status < 0)
        return fail(tl, status, &(struct flow_error){.text = "out of memory reading the trace"}, err);
    tl->last++;
    status = fold_entry(tl, entry, cause);
    if (status < 0) {
        release(entry, false);
        tl->last--;
        return fail(tl, status, cause, err);
    }
    if (event)
        *event = entry->event;
    return FLOW_OK;
}

int trace_timeline_next(struct trace_timeline *tl, struct flow_event *event, struct flow_error *err)
{
    int status = is_broken(tl, err);
    if (status < 0)
        return status;
    if (tl->at == tl->last)
        return read_next(tl, event, err);
    struct timeline_entry *entry = entry_at(tl, tl->at);
    status = fold_entry(tl, entry, &tl->broken);
    if (status < 0)
        return fail(tl, status, &tl->broken, err);
    if (event)
        *event = entry->event;
    return FLOW_OK;
}

/* Takes entries back to just after the event before the last one, before its notes. False: the log does not
 * go back so far, or an event cannot be taken back; then it is as it was. */
static bool take_back(struct trace_timeline *tl, struct flow_event *event)
{
    uint64_t at = tl->at;
    while (at > tl->first && flow_event_is_note(entry_at(tl, at - 1)->event.kind))
        at--;
    if (at == tl->first || !entry_at(tl, at - 1)->undo.is_possible)
        return false;
    struct timeline_entry *entry = entry_at(tl, --at);
    state_undo_apply(&entry->undo, &tl->state, &entry->event);
    while (at > tl->first && flow_event_is_note(entry_at(tl, at - 1)->event.kind))
        at--;
    /* Where the log begins with notes it is not known whether there were more of them. */
    tl->has_notes = at == tl->first;
    tl->at = at;
    if (event)
        *event = entry->event;
    return true;
}

static bool has_keyframe(const struct block_place *place)
{
    return place->keyframe != 0;
}

/* Makes the state that before a block with a keyframe, and the reader stand there. */
static int begin_at(struct trace_timeline *tl, const struct block_place *place, struct flow_error *err)
{
    uint64_t sequence = place->sequence, event = place->first_event - 1;
    int status = block_table_load_keyframe(&tl->reader->table, place, &tl->keyframe, err);
    if (status == FLOW_OK)
        status = keyframe_get(tl->codec, &tl->state, tl->keyframe.bytes, tl->keyframe.length, err);
    if (status == FLOW_OK && tl->state.event != event)
        status = flow_error_set(err, FLOW_EFORMAT, "the keyframe before block %llu is of another event",
            (unsigned long long)sequence);
    tl->reader->broken.code = 0;
    if (status == FLOW_OK)
        status = reader_open_block(tl->reader, sequence, err);
    return status == FLOW_AGAIN
               ? flow_error_set(err, FLOW_EFORMAT, "block %llu is gone", (unsigned long long)sequence)
               : status;
}

static int begin_at_start(struct trace_timeline *tl, struct flow_error *err)
{
    trace_state_finish(&tl->state);
    trace_state_init(&tl->state);
    return trace_reader_seek(tl->reader, 0, err);
}

/* The last block with a keyframe at or before an event's, NULL: none. */
static const struct block_place *find_keyframe(const struct trace_timeline *tl, uint64_t number)
{
    const struct block_table *table = &tl->reader->table;
    const struct block_place *place =
        block_table_find_event(table, number < UINT64_MAX ? number + 1 : number);
    if (!place)
        return NULL;
    while (!has_keyframe(place) && place > table->blocks.at)
        place--;
    return has_keyframe(place) ? place : NULL;
}

/* Goes to the beginning of the segment of an event, or of one before it if that one's keyframe is damaged.
 * The log is empty then. */
static int begin_before(struct trace_timeline *tl, uint64_t number, struct flow_error *err)
{
    const struct block_table *table = &tl->reader->table;
    clear_log(tl);
    tl->has_notes = false;
    const struct block_place *place = find_keyframe(tl, number);
    while (place) {
        size_t index = (size_t)(place - table->blocks.at);
        int status = begin_at(tl, place, err);
        if (status != FLOW_EFORMAT)
            return status;
        for (place = NULL; index > 0 && !place; index--)
            if (has_keyframe(&table->blocks.at[index - 1]))
                place = &table->blocks.at[index - 1];
    }
    return begin_at_start(tl, err);
}

/* Folds forward to an event without keeping what is passed, but for the last ones. */
static int fold_to(struct trace_timeline *tl, uint64_t number, uint64_t kept, struct flow_error *err)
{
    struct flow_event event;
    int status = FLOW_OK;
    if (tl->state.event < number && tl->has_notes)
        tl->has_notes = false;
    while (status == FLOW_OK && tl->state.event < number) {
        if (tl->at < tl->last || number - tl->state.event <= kept) {
            status = trace_timeline_next(tl, NULL, err);
            continue;
        }
        if (tl->first < tl->last)
            clear_log(tl);
        status = trace_reader_next(tl->reader, &event, err);
        if (status == FLOW_OK)
            status = trace_state_apply(&tl->state, &event, err);
    }
    if (status == FLOW_OK && tl->state.event != number)
        return FLOW_NOT_FOUND;
    return status;
}

/* Goes to an event, keeping `kept` events before it to be taken back. */
static int go_to(struct trace_timeline *tl, uint64_t number, uint64_t kept, struct flow_error *err)
{
    tl->broken.code = 0;
    int status = block_table_scan(&tl->reader->table, err);
    if (status < 0)
        return status;
    const struct block_table *table = &tl->reader->table;
    if (!tl->reader->ring && !table->has_tail && !table->damage.code &&
        number > block_table_last_event(table))
        return FLOW_NOT_FOUND;
    uint64_t from = number > kept ? number - kept : 0;
    const struct block_place *place = find_keyframe(tl, from);
    uint64_t start = place ? place->first_event - 1 : 0;
    uint64_t position = tl->state.event;
    bool is_ahead = position < number || (position == number && !tl->has_notes);
    if (kept || !is_ahead || position < start)
        status = begin_before(tl, from, err);
    if (status == FLOW_OK)
        status = fold_to(tl, number, kept, err);
    return status == FLOW_END || status == FLOW_AGAIN ? FLOW_NOT_FOUND : status;
}

/* Goes back to where the cursor was before a move that failed. */
static void go_back(struct trace_timeline *tl, uint64_t position)
{
    struct flow_error err = FLOW_ERROR_INIT;
    tl->has_notes = true; /* whatever was folded since is in doubt */
    int status = begin_before(tl, position, &err);
    if (status == FLOW_OK)
        status = fold_to(tl, position, 0, &err);
    if (status > 0)
        status = flow_error_set(&err, FLOW_EFORMAT, "the place in the trace cannot be read any more");
    if (status < 0)
        fail(tl, status, &err, NULL);
}

int trace_timeline_seek(struct trace_timeline *tl, uint64_t number, struct flow_error *err)
{
    enum { NEAR = 64 };
    uint64_t position = tl->state.event;
    if (!tl->broken.code && number < position && position - number <= NEAR) {
        while (tl->state.event > number && take_back(tl, NULL))
            continue;
        if (tl->state.event == number && !tl->has_notes)
            return FLOW_OK;
    }
    int status = go_to(tl, number, 0, err);
    if (status != FLOW_OK)
        go_back(tl, position);
    return status;
}

/* Goes back over the last event, which is in the log but cannot be taken back. */
static int go_over(struct trace_timeline *tl, struct flow_event *event, struct flow_error *err)
{
    struct flow_error cause = FLOW_ERROR_INIT;
    while (flow_event_is_note(entry_at(tl, tl->at - 1)->event.kind))
        tl->at--;
    struct timeline_entry *entry = entry_at(tl, tl->at - 1);
    uint64_t before = entry->undo.run.event;
    release(&tl->given, false);
    tl->given = (struct timeline_entry){.event = entry->event, .texts = entry->texts};
    entry->texts = NULL;
    entry->event.value = entry->event.old = flow_null();
    tl->has_notes = true;
    int status = go_to(tl, before, 0, &cause);
    if (status > 0)
        status = flow_error_set(&cause, FLOW_EFORMAT, "the place in the trace cannot be read any more");
    if (status < 0)
        return fail(tl, status, &cause, err);
    if (event)
        *event = tl->given.event;
    return FLOW_OK;
}

int trace_timeline_back(struct trace_timeline *tl, struct flow_event *event, struct flow_error *err)
{
    int status = is_broken(tl, err);
    if (status < 0)
        return status;
    if (take_back(tl, event))
        return FLOW_OK;
    if (tl->state.event == 0)
        return FLOW_END;
    /* Comes from further back, so that the next ones are near. */
    uint64_t position = tl->state.event;
    struct flow_error cause = FLOW_ERROR_INIT;
    status = go_to(tl, position, TRACE_TIMELINE_UNDO - 1, &cause);
    if (status > 0)
        status = flow_error_set(&cause, FLOW_EFORMAT, "the place in the trace cannot be read any more");
    if (status < 0)
        return fail(tl, status, &cause, err);
    if (take_back(tl, event))
        return FLOW_OK;
    return go_over(tl, event, err);
}
