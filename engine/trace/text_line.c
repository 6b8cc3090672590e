#include "trace/text_line.h"

#include <stdio.h>
#include <string.h>

#include "trace/text_words.h"

/* A line while it is being parsed. Words that depend on the kind wait until it is known. */
struct parse {
    struct text_scan *scan;
    struct line_owned *owned;
    struct text_line *line;
    bool is_header;
    uint64_t version;
    bool is_stamped;
    struct text_span code_word;
    const char *code_at;
};

typedef int (*field_fn)(struct parse *parse);

static int take_whole(struct parse *parse, uint64_t *out, uint64_t limit)
{
    bool is_negative;
    uint64_t number;
    scan_peek(parse->scan);
    const char *at = parse->scan->at;
    int status = scan_whole(parse->scan, &number, &is_negative);
    if (status < 0)
        return status;
    if (is_negative || number > limit)
        return scan_refuse(
            parse->scan, at, "expected a whole number from 0 to %llu", (unsigned long long)limit);
    *out = number;
    return FLOW_OK;
}

static int take_format(struct parse *parse)
{
    struct text_span word;
    scan_peek(parse->scan);
    const char *at = parse->scan->at;
    int status = scan_string(parse->scan, &word);
    if (status < 0)
        return status;
    if (word.length != strlen(TEXT_FORMAT) || memcmp(word.text, TEXT_FORMAT, word.length) != 0)
        return scan_refuse(parse->scan, at, "this is another format, not \"" TEXT_FORMAT "\"");
    parse->is_header = true;
    return FLOW_OK;
}

static int take_version(struct parse *parse)
{
    return take_whole(parse, &parse->version, UINT64_MAX);
}

static int take_producer(struct parse *parse)
{
    struct text_span word;
    return scan_string(parse->scan, &word);
}

static int take_kind(struct parse *parse)
{
    struct text_span word;
    uint64_t number = 0;
    bool is_word = scan_peek(parse->scan) == '"';
    const char *at = parse->scan->at;
    int status =
        is_word ? scan_string(parse->scan, &word) : take_whole(parse, &number, FLOW_EV_FIRST_UNUSED - 1);
    if (status < 0)
        return status;
    parse->line->event.kind = (uint16_t)number;
    if (is_word ? !text_kind_find(word.text, word.length, &parse->line->event.kind) : number == 0)
        return scan_refuse(parse->scan, at, "there is no such kind of event; docs/trace-text.md lists them");
    return FLOW_OK;
}

static int take_number(struct parse *parse)
{
    return take_whole(parse, &parse->line->event.number, UINT64_MAX);
}

static int take_step(struct parse *parse)
{
    return take_whole(parse, &parse->line->event.step, UINT64_MAX);
}

static int take_origin(struct parse *parse)
{
    struct text_span word;
    uint64_t number = 0;
    bool is_word = scan_peek(parse->scan) == '"';
    const char *at = parse->scan->at;
    int status = is_word ? scan_string(parse->scan, &word) : take_whole(parse, &number, UINT8_MAX);
    if (status < 0)
        return status;
    parse->line->event.origin = (uint8_t)number;
    if (is_word && !text_origin_find(word.text, word.length, &parse->line->event.origin))
        return scan_refuse(parse->scan, at, "an origin is \"engine\", \"task\", \"user\" or \"host\"");
    return FLOW_OK;
}

static int take_time(struct parse *parse)
{
    bool is_negative;
    uint64_t number;
    const char *at = parse->scan->at;
    int status = scan_whole(parse->scan, &number, &is_negative);
    if (status == FLOW_OK && !is_negative && number > INT64_MAX)
        return scan_refuse(parse->scan, at, "a time beyond the range of 64 bits");
    parse->line->event.time_ns = (int64_t)number;
    return status;
}

static int take_stamp(struct parse *parse)
{
    return scan_bool(parse->scan, &parse->is_stamped);
}

static int take_name(struct parse *parse, struct text_name *name)
{
    name->is_name = scan_peek(parse->scan) == '"';
    return name->is_name ? scan_string(parse->scan, &name->name)
                         : take_whole(parse, &name->index, UINT32_MAX);
}

static int take_task(struct parse *parse)
{
    return take_name(parse, &parse->line->task);
}

static int take_other(struct parse *parse)
{
    return take_name(parse, &parse->line->other);
}

static int take_key(struct parse *parse)
{
    return take_name(parse, &parse->line->key);
}

static int take_index(struct parse *parse)
{
    return take_whole(parse, &parse->line->index, UINT32_MAX - 1);
}

static int take_entry(struct parse *parse)
{
    return take_whole(parse, &parse->line->event.entry, UINT64_MAX);
}

static int take_iteration(struct parse *parse)
{
    uint64_t number = 0;
    int status = take_whole(parse, &number, UINT32_MAX);
    parse->line->event.iteration = (uint32_t)number;
    return status;
}

static int take_reason(struct parse *parse)
{
    struct text_span word;
    scan_peek(parse->scan);
    const char *at = parse->scan->at;
    int status = scan_string(parse->scan, &word);
    if (status == FLOW_OK && !text_reason_find(word.text, word.length, &parse->line->event.reason))
        return scan_refuse(parse->scan, at, "there is no such reason; docs/trace-text.md lists them");
    return status;
}

static int take_cause(struct parse *parse)
{
    return take_whole(parse, &parse->line->event.cause, UINT64_MAX);
}

static int take_position(struct parse *parse)
{
    return take_whole(parse, &parse->line->event.position, UINT64_MAX);
}

static int take_count(struct parse *parse)
{
    return take_whole(parse, &parse->line->event.count, UINT64_MAX);
}

static int take_code(struct parse *parse)
{
    bool is_negative;
    uint64_t number;
    bool is_word = scan_peek(parse->scan) == '"';
    parse->code_at = parse->scan->at;
    if (is_word)
        return scan_string(parse->scan, &parse->code_word);
    int status = scan_whole(parse->scan, &number, &is_negative);
    if (status < 0)
        return status;
    int64_t code = (int64_t)number;
    if (code < INT32_MIN || code > INT32_MAX || (!is_negative && code < 0))
        return scan_refuse(parse->scan, parse->code_at, "a code of more than 32 bits");
    parse->line->event.code = (int32_t)code;
    return FLOW_OK;
}

static int take_value(struct parse *parse)
{
    return scan_value(parse->scan, &parse->owned->value);
}

static int take_old(struct parse *parse)
{
    return scan_value(parse->scan, &parse->owned->old);
}

static int take_text(struct parse *parse)
{
    struct text_span span = {"", 0};
    int status = scan_bytes(parse->scan, &span);
    parse->line->event.text = span.text;
    parse->line->event.text_length = span.length;
    return status;
}

static int take_detail(struct parse *parse)
{
    struct text_span span = {"", 0};
    int status = scan_bytes(parse->scan, &span);
    parse->line->event.detail = span.text;
    parse->line->event.detail_length = span.length;
    return status;
}

/* A field may stand once. Those of the header have bits too, which nobody looks at. */
static const struct field {
    const char *name;
    uint32_t bit;
    field_fn take;
} fields[] = {
    {"n", TEXT_F_NUMBER, take_number},
    {"step", TEXT_F_STEP, take_step},
    {"t", FLOW_F_TIME, take_time},
    {"stamp", 1 << 21, take_stamp},
    {"kind", TEXT_F_KIND, take_kind},
    {"origin", TEXT_F_ORIGIN, take_origin},
    {"task", FLOW_F_TASK, take_task},
    {"key", FLOW_F_KEY, take_key},
    {"value", FLOW_F_VALUE, take_value},
    {"old", FLOW_F_OLD, take_old},
    {"entry", FLOW_F_ENTRY, take_entry},
    {"other", FLOW_F_OTHER, take_other},
    {"iteration", FLOW_F_ITERATION, take_iteration},
    {"reason", FLOW_F_REASON, take_reason},
    {"cause", FLOW_F_CAUSE, take_cause},
    {"position", FLOW_F_POSITION, take_position},
    {"count", FLOW_F_COUNT, take_count},
    {"code", FLOW_F_CODE, take_code},
    {"text", FLOW_F_TEXT, take_text},
    {"detail", FLOW_F_DETAIL, take_detail},
    {"index", TEXT_F_INDEX, take_index},
    {"format", 1 << 22, take_format},
    {"version", 1 << 23, take_version},
    {"producer", 1 << 24, take_producer},
};

static const struct field *find_field(struct text_span name)
{
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        if (*fields[i].name == *name.text && strlen(fields[i].name) == name.length &&
            memcmp(fields[i].name, name.text, name.length) == 0)
            return &fields[i];
    return NULL;
}

void line_owned_drop(struct line_owned *owned)
{
    flow_value_unref(owned->value);
    flow_value_unref(owned->old);
    owned->value = owned->old = flow_null();
}

static int pass_over(struct parse *parse, struct line_unknown *unknown, struct text_span name)
{
    struct flow_value value;
    if (unknown->count++ == 0) {
        size_t length = name.length < sizeof unknown->first ? name.length : sizeof unknown->first - 1;
        for (size_t i = 0; i < length; i++)
            unknown->first[i] = name.text[i] >= 0x20 && name.text[i] < 0x7f ? name.text[i] : '?';
    }
    int status = scan_value(parse->scan, &value);
    if (status == FLOW_OK)
        flow_value_unref(value);
    return status;
}

static int take_field(struct parse *parse, struct line_unknown *unknown)
{
    struct text_span name;
    scan_peek(parse->scan);
    const char *at = parse->scan->at;
    int status = scan_string(parse->scan, &name);
    if (status < 0)
        return status;
    const struct field *field = find_field(name);
    if (field && parse->line->given & field->bit)
        return scan_refuse(parse->scan, at, "the field \"%s\" for the second time", field->name);
    status = scan_expect(parse->scan, ':');
    if (status < 0)
        return status;
    if (!field)
        return pass_over(parse, unknown, name);
    if (scan_peek(parse->scan) == 'n' && !(field->bit & (FLOW_F_VALUE | FLOW_F_OLD))) {
        struct flow_value nothing; /* null: as if it were not there */
        return scan_value(parse->scan, &nothing);
    }
    parse->line->given |= field->bit;
    return field->take(parse);
}

static int take_fields(struct parse *parse, struct line_unknown *unknown)
{
    int status = scan_expect(parse->scan, '{');
    if (status < 0 || scan_take(parse->scan, '}'))
        return status;
    do
        status = take_field(parse, unknown);
    while (status == FLOW_OK && scan_take(parse->scan, ','));
    return status < 0 ? status : scan_expect(parse->scan, '}');
}

static int check_header(struct parse *parse)
{
    if (parse->version <= TEXT_VERSION)
        return FLOW_END;
    return flow_error_set(parse->scan->err, FLOW_EVERSION,
        "line %llu: version %llu of the format; this program reads version %d",
        (unsigned long long)parse->scan->line, (unsigned long long)parse->version, TEXT_VERSION);
}

/* What depends on several fields. */
static int settle(struct parse *parse)
{
    struct text_line *line = parse->line;
    if (!(line->given & TEXT_F_KIND))
        return scan_refuse(parse->scan, parse->scan->start, "a line without \"kind\"");
    if (parse->code_word.text &&
        !text_code_find(line->event.kind, parse->code_word.text, parse->code_word.length, &line->event.code))
        return scan_refuse(parse->scan, parse->code_at, "a code that events of this kind do not have");
    if (!parse->is_stamped)
        line->given &= ~(uint32_t)FLOW_F_TIME;
    line->event.has_time = line->given & FLOW_F_TIME;
    line->event.value = parse->owned->value;
    line->event.old = parse->owned->old;
    line->line = parse->scan->line;
    return FLOW_OK;
}

int line_parse(
    struct text_scan *scan, struct line_owned *owned, struct line_unknown *unknown, struct text_line *line)
{
    struct parse parse = {.scan = scan, .owned = owned, .line = line, .is_stamped = true};
    *line = (struct text_line){.event = {.text = "", .detail = "", .value = flow_null(), .old = flow_null()}};
    int status = take_fields(&parse, unknown);
    if (status < 0)
        return status;
    if (scan_peek(scan) != '\0' || scan->at != scan->end)
        return scan_refuse(scan, scan->at, "there is more behind the object");
    return parse.is_header ? check_header(&parse) : settle(&parse);
}
