/* What changed inside a list or a map, shorter than both. */
#include "tui/view/change.h"

static void add_value(struct str *out, struct flow_value value)
{
    char text[200];
    flow_value_print(value, text, sizeof text);
    str_add(out, text);
}

static void add_item(struct str *out, const char *sign, struct flow_value value)
{
    str_addf(out, "%s%s ", out->length ? ", " : "", sign);
    add_value(out, value);
}

/* Items between what both lists have at their beginning and at their end. */
static bool add_list_change(struct str *out, struct flow_value before, struct flow_value after)
{
    size_t old_count = flow_value_count(before), count = flow_value_count(after), head = 0, tail = 0;
    size_t least = old_count < count ? old_count : count;
    while (head < least && flow_value_equal(flow_list_at(before, head), flow_list_at(after, head)))
        head++;
    while (head + tail < least && flow_value_equal(flow_list_at(before, old_count - tail - 1),
                                      flow_list_at(after, count - tail - 1)))
        tail++;
    for (size_t i = head; i < old_count - tail; i++)
        add_item(out, "-", flow_list_at(before, i));
    for (size_t i = head; i < count - tail; i++)
        add_item(out, "+", flow_list_at(after, i));
    return head + tail > 0;
}

static bool add_map_change(struct str *out, struct flow_value before, struct flow_value after, bool ascii)
{
    size_t kept = 0, length;
    for (size_t i = 0; i < flow_value_count(after); i++) {
        struct flow_member member = flow_map_at(after, i);
        const char *key = flow_value_text(member.key, &length);
        struct flow_value old;
        bool was_there = flow_map_get(before, key, length, &old) == FLOW_OK;
        if (was_there && flow_value_equal(old, member.value)) {
            kept++;
            continue;
        }
        str_addf(out, "%s%s%s: ", out->length ? ", " : "", was_there ? "" : "+ ", key);
        if (was_there) {
            add_value(out, old);
            str_add(out, ascii ? " -> " : " → ");
        }
        add_value(out, member.value);
    }
    for (size_t i = 0; i < flow_value_count(before); i++) {
        struct flow_value key = flow_map_at(before, i).key, now;
        const char *text = flow_value_text(key, &length);
        if (flow_map_get(after, text, length, &now) != FLOW_OK)
            str_addf(out, "%s- %s", out->length ? ", " : "", text);
    }
    return kept > 0;
}

bool view_add_change(struct str *out, struct flow_value before, struct flow_value after, bool ascii)
{
    if (before.type != after.type)
        return false;
    if (before.type == FLOW_TYPE_LIST)
        return add_list_change(out, before, after);
    return before.type == FLOW_TYPE_MAP && add_map_change(out, before, after, ascii);
}
