#include "trace/text_write.h"

#include <math.h>
#include <string.h>

#include "trace/text_words.h"

/* Integers up to here are the same in every reader of JSON. */
#define SAFE_INTEGER (INT64_C(1) << 53)

static void put(struct str *out, const char *text)
{
    str_add_bytes(out, text, strlen(text));
}

static void put_u64(struct str *out, uint64_t number)
{
    char digits[20];
    size_t at = sizeof digits;
    do
        digits[--at] = (char)('0' + number % 10);
    while (number /= 10);
    str_add_bytes(out, digits + at, sizeof digits - at);
}

static void put_i64(struct str *out, int64_t number)
{
    if (number < 0)
        str_add_char(out, '-');
    put_u64(out, number < 0 ? -(uint64_t)number : (uint64_t)number);
}

/* Characters that stand for themselves in a string. */
static inline bool is_plain(unsigned char c)
{
    return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

static bool is_hidden(unsigned cp)
{
    return (cp >= 0x7f && cp < 0xa0) || cp == 0x061c || (cp >= 0x200b && cp <= 0x200f) ||
           (cp >= 0x2028 && cp <= 0x202e) || (cp >= 0x2060 && cp <= 0x206f) || cp == 0xfeff;
}

static void put_escape(struct str *out, unsigned cp)
{
    static const char named[] = "\"\\\n\r\t\b\f", words[] = "\"\\nrtbf";
    const char *at = cp && cp < 0x80 ? strchr(named, (int)cp) : NULL;
    if (at)
        str_add_bytes(out, (char[]){'\\', words[at - named]}, 2);
    else
        str_addf(out, "\\u%04x", cp);
}

/* A string of text that is known to be UTF-8. */
static void put_string(struct str *out, const char *text, size_t length)
{
    str_add_char(out, '"');
    for (size_t i = 0; i < length;) {
        size_t start = i;
        while (i < length && is_plain((unsigned char)text[i]))
            i++;
        str_add_bytes(out, text + start, i - start);
        if (i == length)
            break;
        unsigned cp = 0xfffd;
        size_t size = utf8_decode(text + i, length - i, &cp);
        if (cp < 0x80 || is_hidden(cp))
            put_escape(out, cp);
        else
            str_add_bytes(out, text + i, size);
        i += size ? size : 1;
    }
    str_add_char(out, '"');
}

static void put_base64(struct str *out, const char *bytes, size_t length)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    put(out, "{\"$b\":\"");
    for (size_t i = 0; i < length; i += 3) {
        uint32_t group = 0;
        for (size_t k = 0; k < 3; k++)
            group = group << 8 | (i + k < length ? (unsigned char)bytes[i + k] : 0);
        char four[4];
        for (size_t k = 0; k < 4; k++)
            four[k] = i + k > length ? '=' : letters[group >> (18 - 6 * k) & 63];
        str_add_bytes(out, four, 4);
    }
    put(out, "\"}");
}

void trace_text_write_bytes(struct str *out, const char *bytes, size_t length)
{
    if (utf8_is_valid(bytes, length))
        put_string(out, bytes, length);
    else
        put_base64(out, bytes, length);
}

static void put_integer(struct str *out, int64_t number)
{
    bool is_safe = number >= -SAFE_INTEGER && number <= SAFE_INTEGER;
    put(out, is_safe ? "" : "{\"$i\":\"");
    put_i64(out, number);
    put(out, is_safe ? "" : "\"}");
}

static void put_double(struct str *out, double number)
{
    char text[40];
    if (isfinite(number)) {
        flow_value_print(flow_double(number), text, sizeof text);
        put(out, text);
    } else {
        put(out, isnan(number) ? "{\"$f\":\"nan\"}" : number < 0 ? "{\"$f\":\"-inf\"}" : "{\"$f\":\"inf\"}");
    }
}

static void put_list(struct str *out, struct flow_value list)
{
    for (size_t i = 0; i < flow_value_count(list); i++) {
        str_add_char(out, i ? ',' : '[');
        trace_text_write_value(out, flow_list_at(list, i));
    }
    put(out, flow_value_count(list) ? "]" : "[]");
}

/* A key that begins with $ could be taken for one of our own. */
static bool has_dollar(struct flow_value map)
{
    for (size_t i = 0; i < flow_value_count(map); i++)
        if (*flow_value_text(flow_map_at(map, i).key, NULL) == '$')
            return true;
    return false;
}

static void put_map(struct str *out, struct flow_value map)
{
    bool is_pairs = has_dollar(map);
    put(out, is_pairs ? "{\"$m\":[" : "{");
    for (size_t i = 0; i < flow_value_count(map); i++) {
        struct flow_member member = flow_map_at(map, i);
        put(out, i ? "," : "");
        put(out, is_pairs ? "[" : "");
        trace_text_write_value(out, member.key);
        str_add_char(out, is_pairs ? ',' : ':');
        trace_text_write_value(out, member.value);
        put(out, is_pairs ? "]" : "");
    }
    put(out, is_pairs ? "]}" : "}");
}

void trace_text_write_value(struct str *out, struct flow_value value)
{
    size_t length;
    const char *text = flow_value_text(value, &length);
    switch ((enum flow_type)value.type) {
    case FLOW_TYPE_NULL: put(out, "null"); break;
    case FLOW_TYPE_BOOL: put(out, value.as.boolean ? "true" : "false"); break;
    case FLOW_TYPE_INT: put_integer(out, value.as.integer); break;
    case FLOW_TYPE_DOUBLE: put_double(out, value.as.number); break;
    case FLOW_TYPE_STRING: put_string(out, text, length); break;
    case FLOW_TYPE_BYTES: put_base64(out, text, length); break;
    case FLOW_TYPE_LIST: put_list(out, value); break;
    case FLOW_TYPE_MAP: put_map(out, value); break;
    case FLOW_TYPE_OPAQUE:
        put(out, "{\"$o\":[");
        put_string(out, flow_opaque_type(value), strlen(flow_opaque_type(value)));
        str_add_char(out, ',');
        put_string(out, text, length);
        put(out, "]}");
        break;
    case FLOW_TYPE_COUNT: break;
    }
}

void trace_text_write_header(struct str *out, const char *producer)
{
    str_addf(out, "{\"format\":\"" TEXT_FORMAT "\",\"version\":%d,\"producer\":", TEXT_VERSION);
    put_string(out, producer, strlen(producer));
    put(out, "}\n");
}

static void put_name(struct str *out, const char *field)
{
    put(out, ",\"");
    put(out, field);
    put(out, "\":");
}

static void put_number(struct str *out, const char *field, uint64_t number)
{
    put_name(out, field);
    put_u64(out, number);
}

/* A task by its id, or by its number where the id is not known. */
static void put_task(struct str *out, const struct trace_state *state, const char *field, flow_task task)
{
    if (task == FLOW_TASK_NONE)
        return;
    if (task >= state->tasks.count) {
        put_number(out, field, task);
        return;
    }
    put_name(out, field);
    put_string(out, state->tasks.at[task].id, strlen(state->tasks.at[task].id));
}

static bool is_name(const char *name, const struct flow_event *event)
{
    return name && strlen(name) == event->text_length && memcmp(name, event->text, event->text_length) == 0;
}

/* Task or key at the event that announces it: its name, and its number as `index`. False: the state does not
 * know it by that name. */
static bool put_announced(struct str *out, const struct trace_state *state, const struct flow_event *event)
{
    bool is_task = event->kind == FLOW_EV_TASK_ADDED;
    uint32_t index = is_task ? event->task : event->key;
    const char *name = NULL;
    if (event->text_length == 0)
        return false;
    if (is_task && index < state->tasks.count)
        name = state->tasks.at[index].id;
    else if (event->kind == FLOW_EV_CHANNEL_SET && index < state->keys.count)
        name = state->keys.at[index].name;
    if (!is_name(name, event))
        return false;
    put_name(out, is_task ? "task" : "key");
    put_string(out, name, strlen(name));
    put_number(out, "index", index);
    return true;
}

/* Returns whether the event's text has been said with it. */
static bool put_names(
    struct str *out, const struct trace_state *state, const struct flow_event *event, uint32_t fields)
{
    bool is_announced = put_announced(out, state, event);
    if (fields & FLOW_F_TASK && !(is_announced && event->kind == FLOW_EV_TASK_ADDED))
        put_task(out, state, "task", event->task);
    if (fields & FLOW_F_OTHER)
        put_task(out, state, "other", event->other);
    if (!(fields & FLOW_F_KEY) || event->key == FLOW_KEY_NONE || is_announced)
        return is_announced;
    bool has_name = event->key < state->keys.count && state->keys.at[event->key].name;
    if (has_name && event->text_length == 0) {
        put_name(out, "key");
        put_string(out, state->keys.at[event->key].name, strlen(state->keys.at[event->key].name));
    } else {
        put_number(out, "key", event->key);
    }
    return false;
}

static void put_numbers(struct str *out, const struct flow_event *event, uint32_t fields)
{
    if (fields & FLOW_F_ENTRY)
        put_number(out, "entry", event->entry);
    if (fields & FLOW_F_ITERATION)
        put_number(out, "iteration", event->iteration);
    if (fields & FLOW_F_REASON) {
        put_name(out, "reason");
        str_addf(out, "\"%s\"", flow_reason_name(event->reason));
    }
    if (fields & FLOW_F_CAUSE)
        put_number(out, "cause", event->cause);
    if (fields & FLOW_F_POSITION)
        put_number(out, "position", event->position);
    if (fields & FLOW_F_COUNT)
        put_number(out, "count", event->count);
}

static void put_code(struct str *out, const struct flow_event *event)
{
    const char *word = text_code_word(event->kind, event->code);
    if (event->kind == FLOW_EV_CHANNEL_SET && (event->code == 0 || event->code == 1))
        return; /* said by the presence of `old` */
    put_name(out, "code");
    if (word)
        str_addf(out, "\"%s\"", word);
    else
        put_i64(out, event->code);
}

static void put_values(struct str *out, const struct flow_event *event, uint32_t fields)
{
    bool has_old = fields & FLOW_F_OLD && !(event->kind == FLOW_EV_CHANNEL_SET && event->code == 0);
    if (fields & FLOW_F_VALUE && event->value.type != FLOW_TYPE_NULL) {
        put_name(out, "value");
        trace_text_write_value(out, event->value);
    }
    if (has_old) {
        put_name(out, "old");
        trace_text_write_value(out, event->old);
    }
}

static void put_text(struct str *out, const char *field, const char *text, size_t length)
{
    if (length == 0)
        return;
    put_name(out, field);
    trace_text_write_bytes(out, text, length);
}

/* Every line has a time, so that tools which sort by it can: the last stamp, where it has none of its own. */
static void put_head(struct str *out, const struct trace_state *state, const struct flow_event *event)
{
    const struct flow_event_info *info = flow_event_info(event->kind);
    put(out, "{\"n\":");
    put_u64(out, event->number);
    put_number(out, "step", event->step);
    put_name(out, "t");
    put_i64(out, event->has_time ? event->time_ns : state->time_ns);
    if (!event->has_time)
        put(out, ",\"stamp\":false");
    put_name(out, "kind");
    if (info) {
        str_add_char(out, '"');
        put(out, info->name);
        str_add_char(out, '"');
    } else {
        put_u64(out, event->kind);
    }
    put_name(out, "origin");
    if (event->origin <= FLOW_ORIGIN_HOST)
        str_addf(out, "\"%s\"", flow_origin_name(event->origin));
    else
        put_u64(out, event->origin);
}

void trace_text_write_event(struct str *out, const struct trace_state *state, const struct flow_event *event)
{
    const struct flow_event_info *info = flow_event_info(event->kind);
    uint32_t fields = info ? info->fields : 0;
    put_head(out, state, event);
    bool is_said = put_names(out, state, event, fields);
    put_numbers(out, event, fields);
    if (fields & FLOW_F_CODE)
        put_code(out, event);
    put_values(out, event, fields);
    if (fields & FLOW_F_TEXT && !is_said)
        put_text(out, "text", event->text, event->text_length);
    if (fields & FLOW_F_DETAIL)
        put_text(out, "detail", event->detail, event->detail_length);
    put(out, "}\n");
}
