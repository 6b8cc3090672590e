/* Values as `set` reads them, so that editing one begins with what it is. */
#include <math.h>

#include "tui/app/state.h"

static char short_escape(char c)
{
    switch (c) {
    case '\b': return 'b';
    case '\t': return 't';
    case '\n': return 'n';
    case '\f': return 'f';
    case '\r': return 'r';
    case '"':
    case '\\': return c;
    default: return '\0';
    }
}

static void add_string(struct str *out, const char *text, size_t length)
{
    str_add_char(out, '"');
    for (size_t i = 0; i < length; i++) {
        if (short_escape(text[i]))
            str_addf(out, "\\%c", short_escape(text[i]));
        else if ((unsigned char)text[i] < ' ' || text[i] == 0x7f)
            str_addf(out, "\\u%04x", (unsigned)text[i]);
        else
            str_add_char(out, text[i]);
    }
    str_add_char(out, '"');
}

static bool add_list(struct str *out, struct flow_value list)
{
    bool is_typeable = true;
    str_add_char(out, '[');
    for (size_t i = 0; is_typeable && i < flow_value_count(list); i++) {
        str_add(out, i ? ", " : "");
        is_typeable = app_add_json(out, flow_list_at(list, i));
    }
    str_add_char(out, ']');
    return is_typeable;
}

static bool add_map(struct str *out, struct flow_value map)
{
    bool is_typeable = true;
    str_add_char(out, '{');
    for (size_t i = 0; is_typeable && i < flow_value_count(map); i++) {
        struct flow_member member = flow_map_at(map, i);
        str_add(out, i ? ", " : "");
        is_typeable = member.key.type == FLOW_TYPE_STRING && app_add_json(out, member.key);
        str_add(out, ": ");
        is_typeable = is_typeable && app_add_json(out, member.value);
    }
    str_add_char(out, '}');
    return is_typeable;
}

bool app_add_json(struct str *out, struct flow_value value)
{
    size_t length;
    switch ((enum flow_type)value.type) {
    case FLOW_TYPE_NULL:
    case FLOW_TYPE_BOOL:
    case FLOW_TYPE_INT:
    case FLOW_TYPE_DOUBLE: {
        char text[64];
        flow_value_print(value, text, sizeof text);
        str_add(out, text);
        return value.type != FLOW_TYPE_DOUBLE || isfinite(value.as.number);
    }
    case FLOW_TYPE_STRING: {
        const char *text = flow_value_text(value, &length);
        add_string(out, text, length);
        return true;
    }
    case FLOW_TYPE_LIST: return add_list(out, value);
    case FLOW_TYPE_MAP: return add_map(out, value);
    case FLOW_TYPE_BYTES:
    case FLOW_TYPE_OPAQUE:
    case FLOW_TYPE_COUNT: break;
    }
    return false;
}
