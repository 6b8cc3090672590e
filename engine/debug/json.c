#include "debug/json.h"

#include <ctype.h>
#include <jansson.h>
#include <math.h>
#include <string.h>

#include "base/vec.h"

static bool parse_word(const char *text, size_t length, double *out)
{
    static const struct {
        const char *word;
        double number;
    } words[] = {
        {"nan", NAN},
        {"NaN", NAN},
        {"inf", INFINITY},
        {"+inf", INFINITY},
        {"Infinity", INFINITY},
        {"-inf", -INFINITY},
        {"-Infinity", -INFINITY},
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strlen(words[i].word) == length && memcmp(words[i].word, text, length) == 0) {
            *out = words[i].number;
            return true;
        }
    }
    return false;
}

static int convert(const json_t *json, struct flow_value *out);

static int convert_list(const json_t *json, struct flow_value *out)
{
    struct {
        VEC(struct flow_value);
    } items = {0};
    int status = FLOW_OK;
    for (size_t i = 0; i < json_array_size(json) && status == FLOW_OK; i++) {
        struct flow_value item;
        status = convert(json_array_get(json, i), &item);
        if (status == FLOW_OK && (status = vec_push(&items, item)) < 0)
            flow_value_unref(item);
    }
    if (status == FLOW_OK)
        status = flow_list_create(out, items.at, items.count);
    else
        vec_foreach (struct flow_value, item, &items)
            flow_value_unref(*item);
    vec_finish(&items);
    return status;
}

static int convert_map(json_t *json, struct flow_value *out)
{
    struct {
        VEC(struct flow_member);
    } members = {0};
    const char *key;
    json_t *value;
    size_t length;
    int status = FLOW_OK;
    json_object_keylen_foreach(json, key, length, value)
    {
        struct flow_member member = {flow_null(), flow_null()};
        status = flow_string_create(&member.key, key, length);
        if (status == FLOW_OK)
            status = convert(value, &member.value);
        if (status == FLOW_OK)
            status = vec_push(&members, member);
        if (status < 0) {
            flow_value_unref(member.key);
            flow_value_unref(member.value);
            break;
        }
    }
    if (status == FLOW_OK) {
        status = flow_map_create(out, members.at, members.count);
    } else {
        vec_foreach (struct flow_member, member, &members) {
            flow_value_unref(member->key);
            flow_value_unref(member->value);
        }
    }
    vec_finish(&members);
    return status;
}

/* {"$f": "nan"}, as in the text form of traces. */
static bool is_special_number(const json_t *json, double *out)
{
    const json_t *word = json_object_size(json) == 1 ? json_object_get(json, "$f") : NULL;
    return word &&
           parse_word(json_string_value(word) ? json_string_value(word) : "", json_string_length(word), out);
}

static int convert(const json_t *json, struct flow_value *out)
{
    double number;
    switch (json_typeof(json)) {
    case JSON_NULL: *out = flow_null(); return FLOW_OK;
    case JSON_TRUE:
    case JSON_FALSE: *out = flow_bool(json_is_true(json)); return FLOW_OK;
    case JSON_INTEGER: *out = flow_int(json_integer_value(json)); return FLOW_OK;
    case JSON_REAL: *out = flow_double(json_real_value(json)); return FLOW_OK;
    case JSON_STRING: return flow_string_create(out, json_string_value(json), json_string_length(json));
    case JSON_ARRAY: return convert_list(json, out);
    case JSON_OBJECT:
        if (is_special_number(json, &number)) {
            *out = flow_double(number);
            return FLOW_OK;
        }
        return convert_map((json_t *)json, out);
    }
    return FLOW_EINVAL;
}

/* A bare word is what people type first when they mean a text. */
static bool looks_like_word(const char *text, size_t length)
{
    return length > 0 && (isalpha((unsigned char)text[0]) || text[0] == '_');
}

int dbg_value_parse(const char *text, size_t length, struct flow_value *out, struct flow_error *err)
{
    json_error_t why;
    double number;
    while (length > 0 && isspace((unsigned char)*text))
        text++, length--;
    while (length > 0 && isspace((unsigned char)text[length - 1]))
        length--;
    if (length == 0)
        return flow_error_set(
            err, FLOW_EINVAL, "a value is missing: 3, 0.5, \"text\", [1, 2], {\"a\": null}");
    if (parse_word(text, length, &number)) {
        *out = flow_double(number);
        return FLOW_OK;
    }
    json_t *json = json_loadb(text, length, JSON_DECODE_ANY | JSON_ALLOW_NUL | JSON_REJECT_DUPLICATES, &why);
    if (!json && looks_like_word(text, length))
        return flow_error_set(err, FLOW_EINVAL, "not a value: %.*s (a text needs quotes: \"%.*s\")",
            (int)(length < 60 ? length : 60), text, (int)(length < 60 ? length : 60), text);
    if (!json)
        return flow_error_set(err, FLOW_EINVAL, "not a value: %.*s: %s at character %d",
            (int)(length < 60 ? length : 60), text, why.text, why.column);
    int status = convert(json, out);
    json_decref(json);
    return status < 0 ? flow_error_set(err, status, "the value cannot be kept: %s", flow_status_name(status))
                      : FLOW_OK;
}
