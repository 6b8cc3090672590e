#include "tests/unit/test.h"

#include <math.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "debug/json.h"
#include "debug/message.h"
#include "debug/protocol.h"

static struct msg_in reading(const struct str *body)
{
    return (struct msg_in){str_text(body), str_text(body) + body->length, false};
}

static struct flow_value value_of(const char *json)
{
    struct flow_error err = FLOW_ERROR_INIT;
    struct flow_value value;
    if (dbg_value_parse(json, strlen(json), &value, &err) < 0)
        fail_msg("%s: %s", json, err.text);
    return value;
}

static void fields_come_back(void **state)
{
    struct str body = {0};
    size_t length;
    (void)state;
    msg_put_u64(&body, UINT64_MAX);
    msg_put_text(&body, NULL);
    msg_put_text(&body, "");
    msg_put_text(&body, "text");
    msg_put_bytes(&body, "a\0b", 3);
    struct msg_in in = reading(&body);
    assert_true(msg_get_u64(&in) == UINT64_MAX);
    assert_null(msg_get_text(&in));
    assert_string_equal(msg_get_text(&in), "");
    assert_string_equal(msg_get_text(&in), "text");
    assert_memory_equal(msg_get_bytes(&in, &length), "a\0b", 3);
    assert_int_equal(length, 3);
    assert_false(in.failed);
    assert_true(in.at == in.end);
    str_finish(&body);
}

static void values_come_back(void **state)
{
    static const char *const texts[] = {"null", "true", "-9223372036854775808", "0.1", "nan", "-inf", "\"\"",
        "\"a\\u0000b\"", "[]", "{}", "[1, [2, {\"a\": [{\"$f\": \"nan\"}]}]]",
        "{\"k\": {\"l\": [1.5, null, \"x\"]}}"};
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        const char *text = texts[i];
        struct flow_value before = value_of(text), after;
        struct str body = {0};
        msg_put_value(&body, before);
        struct msg_in in = reading(&body);
        assert_int_equal(msg_get_value(&in, &after), FLOW_OK);
        if (!flow_value_equal(before, after) || in.at != in.end)
            fail_msg("%s came back different", text);
        flow_value_unref(before);
        flow_value_unref(after);
        str_finish(&body);
    }
}

static void a_message_cut_anywhere_is_refused(void **state)
{
    struct flow_value value = value_of("{\"a\": [1, 2.5, \"text\", {\"b\": null}], \"c\": true}"), out;
    struct str body = {0};
    (void)state;
    msg_put_value(&body, value);
    for (size_t length = 0; length < body.length; length++) {
        struct str cut = {0};
        str_add_bytes(&cut, body.text, length);
        struct msg_in in = reading(&cut);
        assert_int_equal(msg_get_value(&in, &out), FLOW_EFORMAT);
        assert_true(in.failed);
        str_finish(&cut);
    }
    str_finish(&body);
    flow_value_unref(value);
}

static void hostile_lengths_are_refused(void **state)
{
    static const uint64_t words[][2] = {{FLOW_TYPE_STRING, UINT64_MAX}, {FLOW_TYPE_LIST, UINT64_MAX},
        {FLOW_TYPE_MAP, 1ull << 60}, {FLOW_TYPE_BYTES, 9}, {99, 0}};
    (void)state;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        struct str body = {0};
        struct flow_value out;
        msg_put_u64(&body, words[i][0]);
        msg_put_u64(&body, words[i][1]);
        struct msg_in in = reading(&body);
        assert_int_equal(msg_get_value(&in, &out), FLOW_EFORMAT);
        str_finish(&body);
    }
}

static void endless_nesting_is_refused(void **state)
{
    struct str body = {0};
    struct flow_value out;
    (void)state;
    for (int i = 0; i < 100000; i++) {
        msg_put_u64(&body, FLOW_TYPE_LIST);
        msg_put_u64(&body, 1);
    }
    struct msg_in in = reading(&body);
    assert_int_equal(msg_get_value(&in, &out), FLOW_EFORMAT);
    str_finish(&body);
}

static void make_links(struct msg_link links[2])
{
    int pair[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
    links[0] = (struct msg_link){.fd = pair[0]};
    links[1] = (struct msg_link){.fd = pair[1]};
}

static void drop_link(struct msg_link *link)
{
    close(link->fd);
    msg_link_finish(link);
}

static void large_messages_arrive_whole_without_waiting(void **state)
{
    struct msg_link links[2];
    struct msg_in in;
    struct str body = {0};
    (void)state;
    make_links(links);
    for (int i = 0; i < 300000; i++)
        msg_put_u64(&body, (uint64_t)i);
    /* Larger than the socket's room: the sender keeps what does not fit. */
    assert_int_equal(msg_post(&links[0], 5, &body), FLOW_OK);
    assert_true(links[0].waiting.count > 0);
    int status;
    while ((status = msg_receive(&links[1], false, &in)) == FLOW_AGAIN)
        assert_true(msg_flush(&links[0]) >= 0);
    assert_int_equal(status, FLOW_OK);
    assert_int_equal(links[1].type, 5);
    assert_int_equal(in.end - in.at, body.length);
    assert_memory_equal(in.at, body.text, body.length);
    assert_int_equal(msg_receive(&links[1], false, &in), FLOW_AGAIN);
    str_finish(&body);
    drop_link(&links[0]);
    drop_link(&links[1]);
}

static void last_words_are_heard_though_ours_were_not(void **state)
{
    struct msg_link links[2];
    struct msg_in in;
    (void)state;
    make_links(links);
    msg_post(&links[0], 1, NULL); /* never read by the other side */
    struct str body = {0};
    msg_put_text(&body, "farewell");
    assert_int_equal(msg_send(&links[1], 9, &body), FLOW_OK);
    drop_link(&links[1]);
    assert_int_equal(msg_receive(&links[0], false, &in), FLOW_OK);
    assert_string_equal(msg_get_text(&in), "farewell");
    assert_int_equal(msg_receive(&links[0], false, &in), FLOW_END);
    str_finish(&body);
    drop_link(&links[0]);
}

static void a_crash_report_cuts_in(void **state)
{
    struct msg_link links[2];
    struct msg_in in;
    struct msg_packet begun = {3, 1}, crash = {8, 0};
    (void)state;
    make_links(links);
    assert_true(send(links[1].fd, &begun, sizeof begun, 0) > 0); /* more would follow, but the process died */
    assert_true(send(links[1].fd, &crash, sizeof crash, 0) > 0);
    assert_int_equal(msg_receive(&links[0], false, &in), FLOW_OK);
    assert_int_equal(links[0].type, 8);
    drop_link(&links[0]);
    drop_link(&links[1]);
}

static void noise_on_the_socket_is_refused(void **state)
{
    struct msg_link links[2];
    struct msg_in in;
    (void)state;
    make_links(links);
    assert_true(send(links[1].fd, "hi", 2, 0) > 0); /* a task wrote to the descriptor */
    assert_int_equal(msg_receive(&links[0], false, &in), FLOW_EFORMAT);
    assert_int_equal(msg_send(&links[1], 4, NULL), FLOW_OK);
    assert_int_equal(msg_receive(&links[0], false, &in), FLOW_OK);
    assert_int_equal(links[0].type, 4);
    drop_link(&links[0]);
    drop_link(&links[1]);
}

static void configuration_comes_back(void **state)
{
    static const char *const args[] = {"one", ""}, *const plugins[] = {"/p.so"};
    struct flow_member member = {value_of("\"key\""), value_of("[1, 2]")};
    struct dbg_config out, config = {.file = "f.lua",
                               .args = args,
                               .arg_count = 2,
                               .plugins = plugins,
                               .plugin_count = 1,
                               .seed = 42,
                               .profile = FLOW_PROFILE_PACKAGE,
                               .channel = &member,
                               .channel_count = 1};
    struct str body = {0};
    (void)state;
    dbg_config_put(&body, &config);
    struct msg_in in = reading(&body);
    assert_int_equal(dbg_config_get(&in, &out), FLOW_OK);
    assert_string_equal(out.file, "f.lua");
    assert_null(out.workflow);
    assert_int_equal(out.arg_count, 2);
    assert_string_equal(out.args[1], "");
    assert_string_equal(out.plugins[0], "/p.so");
    assert_int_equal(out.seed, 42);
    assert_int_equal(out.profile, FLOW_PROFILE_PACKAGE);
    assert_true(flow_value_equal(out.channel[0].value, member.value));
    dbg_config_finish(&out);
    for (size_t length = 0; length < body.length; length++) {
        struct msg_in cut = {body.text, body.text + length, false};
        assert_true(dbg_config_get(&cut, &out) < 0);
    }
    str_finish(&body);
    flow_value_unref(member.key);
    flow_value_unref(member.value);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_come_back),
        cmocka_unit_test(values_come_back),
        cmocka_unit_test(a_message_cut_anywhere_is_refused),
        cmocka_unit_test(hostile_lengths_are_refused),
        cmocka_unit_test(endless_nesting_is_refused),
        cmocka_unit_test(large_messages_arrive_whole_without_waiting),
        cmocka_unit_test(last_words_are_heard_though_ours_were_not),
        cmocka_unit_test(a_crash_report_cuts_in),
        cmocka_unit_test(noise_on_the_socket_is_refused),
        cmocka_unit_test(configuration_comes_back),
    };
    return RUN_TESTS(tests);
}
