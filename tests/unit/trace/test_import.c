/* Text in, trace out: what lines may leave out, what they may say, and how wrong ones are refused. */
#include "tests/unit/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "tests/unit/trace/samples.h"
#include "trace/import.h"
#include "trace/reader.h"
#include "trace/text_scan.h"
#include "trace/text_write.h"

#define START "{\"kind\":\"run started\",\"text\":\"w\"}\n"

/* Imports a text; its events as words, one a line. Returns the last status. */
static int import(const char *text, size_t length, struct str *words, struct flow_error *err)
{
    struct trace_importer *importer;
    struct trace_reader *reader;
    struct trace_state state;
    struct flow_event event;
    int from = sample_file(), to = sample_file(), status;
    assert_int_equal(write(from, text, length), (ssize_t)length);
    lseek(from, 0, SEEK_SET);
    assert_int_equal(trace_importer_create(&importer, from, to, err), FLOW_OK);
    while ((status = trace_importer_next(importer, err)) == FLOW_OK)
        ;
    trace_importer_destroy(importer);
    assert_int_equal(trace_reader_create(&reader, to, NULL, NULL), FLOW_OK);
    trace_state_init(&state);
    while (trace_reader_next(reader, &event, NULL) == FLOW_OK) {
        char line[300];
        assert_int_equal(trace_state_apply(&state, &event, NULL), FLOW_OK);
        trace_print_event(&state, &event, line, sizeof line);
        str_addf(words, "%s%s", words->length ? "|" : "", line);
    }
    trace_state_finish(&state);
    trace_reader_destroy(reader);
    close(from);
    close(to);
    return status;
}

static void lines_without_numbers_are_completed(void **unused)
{
    static const struct {
        const char *what, *text, *words;
    } rows[] = {
        {"starts alone are a run",
            "{\"kind\":\"step started\",\"task\":\"a\"}\n{\"kind\":\"step started\",\"task\":\"b\"}\n",
            "run of imported started|task a added|enqueued a (start)|took a from the queue|step 1 started: a|"
            "a returned null|step 1 ended: a completed|task b added|enqueued b (successor)|took b from the "
            "queue|"
            "step 2 started: b"},
        {"an end implies a return",
            START "{\"kind\":\"step started\",\"task\":\"a\"}\n{\"kind\":\"step "
                  "ended\",\"value\":3,\"code\":\"failed\"}\n",
            "run of w started|task a added|enqueued a (start)|took a from the queue|step 1 started: a|a "
            "failed|"
            "step 1 ended: a failed"},
        {"an entry behind others is moved to the front",
            START "{\"kind\":\"enqueued\",\"task\":\"a\"}\n{\"kind\":\"enqueued\",\"task\":\"b\"}\n"
                  "{\"kind\":\"dequeued\",\"task\":\"b\"}\n",
            "run of w started|task a added|enqueued a (start)|task b added|enqueued b (successor)|"
            "moved b to the front|took b from the queue"},
        {"the front is taken where no task is named",
            START
            "{\"kind\":\"enqueued\",\"task\":\"a\"}\n{\"kind\":\"dequeued\"}\n{\"kind\":\"step started\"}\n",
            "run of w started|task a added|enqueued a (start)|took a from the queue|step 1 started: a"},
        {"old values come from the run",
            START "{\"kind\":\"channel set\",\"key\":\"k\",\"value\":1}\n"
                  "{\"kind\":\"channel set\",\"key\":\"k\",\"value\":2}\n"
                  "{\"kind\":\"channel deleted\",\"key\":\"k\"}\n",
            "run of w started|k = 1|k: 1 -> 2|k deleted, was 2"},
        {"a task is added once",
            START "{\"kind\":\"task added\",\"task\":\"a\"}\n{\"kind\":\"task added\",\"task\":\"a\"}\n",
            "run of w started|task a added"},
        {"a run ends completed", START "{\"kind\":\"run ended\"}\n", "run of w started|run ended: completed"},
        {"fields may come in any order, null is nothing",
            START "{\"task\":\"a\",\"other\":null,\"reason\":\"goto\",\"kind\":\"enqueued\"}\n",
            "run of w started|task a added|enqueued a (goto)"},
        {"unknown fields are passed over", "{\"x\":[{\"y\":null}],\"kind\":\"run started\",\"text\":\"w\"}\n",
            "run of w started"},
        {"blank lines, CRLF, a mark and no last newline",
            "\xef\xbb\xbf\n  \r\n{\"kind\":\"run started\",\"text\":\"w\"}\r\n{\"kind\":\"run ended\"}",
            "run of w started|run ended: completed"},
        {"nothing", "", ""},
        {"a header alone", "{\"format\":\"flowdbg-trace\",\"version\":1}\n", ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct flow_error err = FLOW_ERROR_INIT;
        struct str words = {0};
        if (import(rows[i].text, strlen(rows[i].text), &words, &err) != FLOW_END)
            fail_msg("%s: %s", rows[i].what, err.text);
        if (strcmp(str_text(&words), rows[i].words) != 0)
            fail_msg("%s:\n%s\nnot\n%s", rows[i].what, str_text(&words), rows[i].words);
        str_finish(&words);
    }
}

static void wrong_lines_are_refused_with_line_and_column(void **unused)
{
    static const struct {
        const char *text, *error;
    } rows[] = {
        {"hello\n", "line 1, column 1: expected '{'"},
        {"{}\n", "line 1, column 1: a line without \"kind\""},
        {"{\"kind\":\"enqueud\"}\n",
            "line 1, column 9: there is no such kind of event; docs/trace-text.md lists them"},
        {START "{\"kind\" \"x\"}\n", "line 2, column 9: expected ':'"},
        {START "{\"kind\":\"run ended\",}\n", "line 2, column 21: expected '\"'"},
        {START "{\"kind\":\"run ended\"} 1\n", "line 2, column 22: there is more behind the object"},
        {START "{\"kind\":\"run ended\",\"kind\":\"run ended\"}\n",
            "line 2, column 21: the field \"kind\" for the second time"},
        {START "{\"kind\":\"run ended\",\"code\":\"fine\"}\n",
            "line 2, column 28: a code that events of this kind do not have"},
        {START "{\"kind\":\"step ended\",\"n\":-1}\n",
            "line 2, column 26: expected a whole number from 0 to 18446744073709551615"},
        {START "{\"kind\":\"run ended\",\"text\":\"a\\q\"}\n",
            "line 2, column 30: there is no such escape in JSON"},
        {START "{\"kind\":\"run ended\",\"text\":\"\xff\"}\n",
            "line 2, column 29: the bytes are not valid UTF-8"},
        {START "{\"kind\":\"run ended\",\"text\":\"\t\"}\n",
            "line 2, column 29: a control character in a string (write \\u0009)"},
        {START "{\"kind\":\"channel set\",\"key\":\"k\",\"value\":{\"a\":1,\"a\":2}}\n",
            "line 2, column 41: an object that has a key twice, or is nested too deep"},
        {START "{\"kind\":\"channel set\",\"key\":\"k\",\"value\":01}\n",
            "line 2, column 41: this is not a number"},
        {START "{\"kind\":\"channel set\",\"key\":\"k\",\"value\":{\"$b\":\"a\"}}\n",
            "line 2, column 47: this is not base64"},
        {START "{\"kind\":\"channel set\",\"key\":\"k\",\"value\":{\"$f\":\"1\"}}\n",
            "line 2, column 47: $f is \"nan\", \"inf\" or \"-inf\""},
        {START "{\"kind\":\"run ended\"\n", "line 2, column 20: the line ends too early"},
        {START "{\"n\":2,\"step\":0,\"kind\":\"edge added\",\"task\":\"a\",\"other\":\"b\"}\n",
            "line 2: task 'a' has not been added"},
        {START "{\"n\":7,\"kind\":\"run ended\",\"code\":1}\n",
            "line 2: event 7 (run ended): it does not follow event 1"},
        {"{\"format\":\"flowdbg-trace\",\"version\":2}\n",
            "line 1: version 2 of the format; this program reads version 1"},
        {"{\"format\":\"other\"}\n", "line 1, column 11: this is another format, not \"flowdbg-trace\""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct flow_error err = FLOW_ERROR_INIT;
        struct str words = {0};
        int status = import(rows[i].text, strlen(rows[i].text), &words, &err);
        assert_true(status < 0);
        if (strcmp(err.text, rows[i].error) != 0)
            fail_msg("%s\ngives  %s\nnot    %s", rows[i].text, err.text, rows[i].error);
        str_finish(&words);
    }
}

/* The value that a line sets, as it is written again. */
static void values_are_read_as_they_are_written(void **unused)
{
    static const struct {
        const char *in, *out; /* NULL: the same */
    } rows[] = {
        {"null", NULL},
        {"true", NULL},
        {"-7", NULL},
        {"9007199254740992", NULL},
        {"9007199254740993", "{\"$i\":\"9007199254740993\"}"},
        {"{\"$i\":\"-9223372036854775808\"}", NULL},
        {"18446744073709551616", "1.8446744073709552e+19"},
        {"1.0", NULL},
        {"-0.0", NULL},
        {"1e300", "1e+300"},
        {"0.1", NULL},
        {"NaN", "{\"$f\":\"nan\"}"},
        {"-Infinity", "{\"$f\":\"-inf\"}"},
        {"{\"$f\":\"inf\"}", NULL},
        {"\"a\\\"b\\\\c\\n\\u0000\\u001b\"", NULL},
        {"\"\\u00e9\\ud83d\\ude00\\/\"", "\"\xc3\xa9\xf0\x9f\x98\x80/\""},
        {"\"\\ud800x\"", "\"\xef\xbf\xbdx\""},
        {"\"\\u202e\"", NULL},
        {"{\"$b\":\"\"}", NULL},
        {"{\"$b\":\"AP8=\"}", NULL},
        {"{\"$b\":\"AP/+\"}", NULL},
        {"{\"$o\":[\"Point\",\"(1, 2)\"]}", NULL},
        {"[]", NULL},
        {"{}", NULL},
        {"[1,[2,{\"a\":[]}],\"x\"]", NULL},
        {" [ 1 , { \"a\" : 2 } ] ", "[1,{\"a\":2}]"},
        {"{\"$m\":[[\"$b\",1],[\"a\",{\"$m\":[[\"$\",2]]}]]}", NULL},
        {"{\"$ref\":\"x\"}", "{\"$m\":[[\"$ref\",\"x\"]]}"},
        {"{\"a\":1,\"$b\":2}", "{\"$m\":[[\"a\",1],[\"$b\",2]]}"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct flow_error err = FLOW_ERROR_INIT;
        struct text_scan scan = {0};
        struct str out = {0}, in = {0};
        struct flow_value value;
        str_addf(&in, "%s\n", rows[i].in);
        scan_begin(&scan, in.text, in.text + in.length - 1, 1, &err);
        if (scan_value(&scan, &value) != FLOW_OK)
            fail_msg("%s: %s", rows[i].in, err.text);
        assert_int_equal(scan_peek(&scan), '\0');
        trace_text_write_value(&out, value);
        if (strcmp(str_text(&out), rows[i].out ? rows[i].out : rows[i].in) != 0)
            fail_msg("%s is written as %s", rows[i].in, str_text(&out));
        flow_value_unref(value);
        str_finish(&in);
        str_finish(&out);
        scan_finish(&scan);
    }
}

static struct str nested(const char *open, size_t depth, const char *close)
{
    struct str text = {0};
    str_add(&text, START "{\"kind\":\"channel set\",\"key\":\"k\",\"value\":");
    for (size_t i = 0; i < depth; i++)
        str_add(&text, open);
    str_add(&text, "0");
    for (size_t i = 0; i < depth; i++)
        str_add(&text, close);
    str_add(&text, "}\n");
    return text;
}

static void nesting_is_bounded(void **unused)
{
    static const struct {
        const char *open, *close;
        size_t depth;
        bool is_fine;
    } rows[] = {
        {"[", "]", FLOW_VALUE_DEPTH_MAX, true},
        {"[", "]", FLOW_VALUE_DEPTH_MAX + 1, false},
        {"{\"$m\":[[\"$\",", "]]}", FLOW_VALUE_DEPTH_MAX, true},
        {"{\"a\":", "}", FLOW_VALUE_DEPTH_MAX + 1, false},
        {"[", "]", 1000000, false},
        {"[", "", 1000000, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct flow_error err = FLOW_ERROR_INIT;
        struct str words = {0}, text = nested(rows[i].open, rows[i].depth, rows[i].close);
        int status = import(text.text, text.length, &words, &err);
        if ((status == FLOW_END) != rows[i].is_fine)
            fail_msg("row %zu: %d, %s", i, status, err.text);
        str_finish(&text);
        str_finish(&words);
    }
}

struct faulty_memory {
    long blocks;
    long requests, fails_at; /* from 1 */
};

static void *faulty_resize(void *user, void *ptr, size_t size)
{
    struct faulty_memory *memory = user;
    if (size == 0) {
        memory->blocks -= ptr != NULL;
        free(ptr);
        return NULL;
    }
    if (++memory->requests == memory->fails_at)
        return NULL;
    void *resized = realloc(ptr, size);
    memory->blocks += !ptr && resized;
    return resized;
}

static int import_to(int to, const char *text, struct flow_error *err)
{
    struct trace_importer *importer = NULL;
    int from = sample_file();
    assert_int_equal(write(from, text, strlen(text)), (ssize_t)strlen(text));
    lseek(from, 0, SEEK_SET);
    int status = trace_importer_create(&importer, from, to, err);
    while (status == FLOW_OK)
        status = trace_importer_next(importer, err);
    trace_importer_destroy(importer);
    close(from);
    return status;
}

static uint64_t count_events(int fd)
{
    struct trace_reader *reader;
    assert_int_equal(trace_reader_create(&reader, fd, NULL, NULL), FLOW_OK);
    uint64_t count = trace_reader_count(reader);
    trace_reader_destroy(reader);
    return count;
}

static void an_import_survives_the_failure_of_any_allocation(void **unused)
{
    static const char text[] = START
        "{\"kind\":\"step started\",\"task\":\"a\"}\n"
        "{\"kind\":\"channel "
        "set\",\"key\":\"k\",\"value\":[1,{\"a\":\"b\"},{\"$m\":[[\"$\",{\"$b\":\"AP8=\"}]]}]}\n"
        "{\"kind\":\"channel set\",\"key\":\"k\",\"value\":{\"$o\":[\"T\",\"x\"]},\"other field\":\"x\"}\n"
        "{\"kind\":\"step started\",\"task\":\"b\"}\n{\"kind\":\"run ended\",\"text\":\"m\"}\n";
    struct faulty_memory memory = {0};
    uint64_t all = 0;
    mem_set_allocator(faulty_resize, &memory);
    bool has_failed = true;
    for (long fails_at = 0; has_failed; fails_at++) { /* 0: none fails */
        struct flow_error err = FLOW_ERROR_INIT;
        int to = sample_file();
        memory.requests = 0;
        memory.fails_at = fails_at;
        int status = import_to(to, text, &err);
        memory.fails_at = 0;
        if (status != FLOW_END && status != FLOW_ENOMEM && status != FLOW_EIO)
            fail_msg("allocation %ld fails: %d, %s", fails_at, status, err.text);
        has_failed = memory.requests >= fails_at;
        uint64_t count = status == FLOW_END ? count_events(to) : 0;
        if (fails_at == 0)
            all = count;
        if (status == FLOW_END && count != all) /* memories that only make a trace smaller may fail */
            fail_msg("allocation %ld fails: events are lost without a word", fails_at);
        if (memory.blocks != 0)
            fail_msg("allocation %ld fails: %ld blocks are left", fails_at, memory.blocks);
        close(to);
    }
    assert_int_equal(all, 14);
    mem_set_allocator(NULL, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_without_numbers_are_completed),
        cmocka_unit_test(wrong_lines_are_refused_with_line_and_column),
        cmocka_unit_test(values_are_read_as_they_are_written),
        cmocka_unit_test(nesting_is_bounded),
        cmocka_unit_test(an_import_survives_the_failure_of_any_allocation),
    };
    return RUN_TESTS(tests);
}
