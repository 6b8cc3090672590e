#include "tests/unit/test.h"

#include <string.h>

#include "debug/json.h"

static const struct {
    const char *text;
    const char *printed; /* NULL: refused */
    const char *words;   /* in the message */
} rows[] = {
    {"3", "3", NULL},
    {"  -7 ", "-7", NULL},
    {"0.5", "0.5", NULL},
    {"1e3", "1000.0", NULL},
    {"true", "true", NULL},
    {"null", "null", NULL},
    {"\"text\"", "\"text\"", NULL},
    {"\"\\u0000\"", "\"\\x00\"", NULL},
    {"[1, [2.0, null], {}]", "[1, [2.0, null], {}]", NULL},
    {"{\"b\": 1, \"a\": {\"c\": []}}", "{b: 1, a: {c: []}}", NULL},
    {"nan", "nan", NULL},
    {"NaN", "nan", NULL},
    {"-Infinity", "-inf", NULL},
    {"inf", "inf", NULL},
    {"[{\"$f\": \"-inf\"}]", "[-inf]", NULL},
    {"{\"$f\": \"no number\"}", "{\"$f\": \"no number\"}", NULL},
    {"9223372036854775807", "9223372036854775807", NULL},
    {"", NULL, "a value is missing"},
    {"   ", NULL, "a value is missing"},
    {"bob", NULL, "a text needs quotes: \"bob\""},
    {"{\"a\": 1, \"a\": 2}", NULL, "duplicate"},
    {"[1, 2", NULL, "not a value"},
    {"1 2", NULL, "not a value"},
    {"9223372036854775808", NULL, "too big"},
    {"\"\xff\"", NULL, "not a value"},
};

static void values_are_read_as_people_type_them(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct flow_error err = FLOW_ERROR_INIT;
        struct flow_value value;
        char printed[200] = "";
        int status = dbg_value_parse(rows[i].text, strlen(rows[i].text), &value, &err);
        if (status == FLOW_OK) {
            flow_value_print(value, printed, sizeof printed);
            flow_value_unref(value);
        }
        if ((status == FLOW_OK) != (rows[i].printed != NULL) ||
            (rows[i].printed && strcmp(printed, rows[i].printed)))
            fail_msg("'%s' gives '%s' (%s), expected '%s'", rows[i].text, printed, err.text,
                rows[i].printed ? rows[i].printed : "a refusal");
        if (rows[i].words && !strstr(err.text, rows[i].words))
            fail_msg("'%s' is refused with '%s', expected '%s'", rows[i].text, err.text, rows[i].words);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(values_are_read_as_people_type_them)};
    return RUN_TESTS(tests);
}
