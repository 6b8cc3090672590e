/* Recordings on the screen: what was recorded live is shown again, event by event, forwards and backwards. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/vec.h"
#include "tests/e2e/term.h"

enum { MOST_EVENTS = 400 };

static char folder[64], trace[96];

static int make_folder(void **state)
{
    snprintf(folder, sizeof folder, "/tmp/flowdbg-replay-XXXXXX");
    if (!mkdtemp(folder))
        return -1;
    snprintf(trace, sizeof trace, "%s/run.trace", folder);
    return 0;
}

static int remove_folder(void **state)
{
    char marks[128];
    snprintf(marks, sizeof marks, "%s.marks", trace);
    unlink(marks);
    unlink(trace);
    rmdir(folder);
    return 0;
}

static struct term *open_live(const char *file, int rows, int cols)
{
    struct term *t = term_start(&(struct term_options){
        .argv = TERM_ARGV(term_build_path("tui/flowdbg"), "--seed", "1", "--record", trace, file),
        .rows = rows,
        .cols = cols,
        .cwd = term_source_path("plugins/examples"),
    });
    term_sync(t);
    term_wait_text(t, "paused before");
    term_sync(t);
    return t;
}

static struct term *open_replay(int rows, int cols)
{
    struct term *t = term_start(&(struct term_options){
        .argv = TERM_ARGV(term_build_path("tui/flowdbg"), "replay", trace),
        .rows = rows,
        .cols = cols,
        .cwd = term_source_path("plugins/examples"),
    });
    term_sync(t);
    term_wait_text(t, "REPLAY");
    term_sync(t);
    return t;
}

/* The screen below the title, with the graph put in order: a drawing that grew keeps its places. */
static char *take_frame(struct term *t)
{
    term_type(t, "o");
    char *screen = term_screen_take(t), *below = strchr(screen, '\n');
    char *frame = mem_strdup(below ? below : "");
    mem_free(screen);
    return frame;
}

static void assert_frame(struct term *t, const char *expected, const char *how, size_t at)
{
    char *frame = take_frame(t);
    if (strcmp(frame, expected) != 0)
        term_fail(t, "%s, frame %zu: the live one was\n%s", how, at, expected);
    mem_free(frame);
}

struct frames {
    VEC(char *);
};

static void record_frames(const char *file, int rows, int cols, struct frames *frames)
{
    struct term *t = open_live(file, rows, cols);
    assert_int_equal(vec_push(frames, take_frame(t)), FLOW_OK);
    while (!strstr(term_text(t, 0), "ended: ") && frames->count < MOST_EVENTS) {
        term_type(t, "s");
        assert_int_equal(vec_push(frames, take_frame(t)), FLOW_OK);
    }
    assert_true(frames->count > 5 && frames->count < MOST_EVENTS);
    term_keys(t, "q");
    term_wait_exit(t);
    term_finish(t);
}

static void replay_frames(int rows, int cols, const struct frames *frames)
{
    struct term *t = open_replay(rows, cols);
    assert_frame(t, frames->at[0], "opened", 0);
    for (size_t i = 1; i < frames->count; i++) {
        term_type(t, "s");
        assert_frame(t, frames->at[i], "forwards", i);
    }
    for (size_t i = frames->count - 1; i-- > 0;) {
        term_type(t, "S");
        assert_frame(t, frames->at[i], "backwards", i);
    }
    term_type(t, ":seek end<Enter>");
    assert_frame(t, vec_last(frames), "at the end", frames->count - 1);
    term_type(t, ":seek start<Enter>");
    assert_frame(t, frames->at[0], "at the start", 0);
    term_keys(t, "q");
    assert_int_equal(term_wait_exit(t), 0);
    term_finish(t);
}

static void every_frame_of_a_replay_is_the_live_one(void **state)
{
    static const char *const examples[] = {"page/error_handling.lua", "page/enqueue_demo.lua",
        "page/optimization.lua", "page/caching.lua", "page/validation.lua"};
    for (size_t i = 0; i < sizeof examples / sizeof *examples; i++) {
        struct frames frames = {0};
        record_frames(examples[i], 24, 80, &frames);
        replay_frames(24, 80, &frames);
        for (size_t j = 0; j < frames.count; j++)
            mem_free(frames.at[j]);
        vec_finish(&frames);
    }
}

static void every_frame_of_a_look_back_is_the_live_one(void **state)
{
    struct frames frames = {0};
    struct term *t = open_live("page/optimization.lua", 24, 80);
    assert_int_equal(vec_push(&frames, take_frame(t)), FLOW_OK);
    for (int i = 0; i < 30; i++) {
        term_type(t, "s");
        assert_int_equal(vec_push(&frames, take_frame(t)), FLOW_OK);
    }
    for (size_t i = frames.count - 1; i-- > 0;) {
        term_type(t, "S");
        assert_screen_has(t, "LIVE, looking back");
        assert_frame(t, frames.at[i], "backwards", i);
    }
    for (size_t i = 1; i < frames.count; i++) {
        term_type(t, "s");
        assert_frame(t, frames.at[i], "forwards", i);
    }
    assert_screen_lacks(t, "looking back");
    term_type(t, "c");
    assert_screen_has(t, "ended: completed");
    for (size_t i = 0; i < frames.count; i++)
        mem_free(frames.at[i]);
    vec_finish(&frames);
}

static void the_past_cannot_be_changed_and_says_how_to_leave_it(void **state)
{
    struct term *t = open_live("page/enqueue_demo.lua", 24, 80);
    term_type(t, "nn");
    term_type(t, "N");
    assert_screen_has(t, "LIVE, looking back");
    assert_screen_has(t, "paused before extra_logging");
    term_type(t, ":drop<Enter>");
    assert_screen_has(t, "seek end");
    term_type(t, "<Esc>:seek end<Enter>");
    assert_screen_lacks(t, "looking back");
    assert_screen_has(t, "paused before continuation");
    term_type(t, "NNc");
    assert_screen_has(t, "ended: completed");
}

static void a_mark_is_found_again_by_the_next_session(void **state)
{
    struct term *t = open_live("page/enqueue_demo.lua", 24, 80);
    term_type(t, "nm<Esc>:mark after_process<Enter>");
    term_type(t, "c");
    term_keys(t, "q");
    term_wait_exit(t);
    t = open_replay(24, 80);
    term_type(t, "'after<Tab><Enter>");
    assert_screen_has(t, "paused before extra_logging");
    assert_screen_has(t, "event 14 of");
}

static void enter_in_the_timeline_goes_to_the_selected_event(void **state)
{
    struct term *t = open_live("page/enqueue_demo.lua", 24, 80);
    term_type(t, "c");
    term_type(t, "4<Home>jjjj<Enter>");
    assert_screen_has(t, "event 5 of");
    assert_screen_has(t, "paused before process");
    term_type(t, "jjj<Enter>");
    assert_screen_has(t, "event 8 of");
    term_type(t, "G<Enter>");
    assert_screen_lacks(t, "looking back");
    assert_screen_has(t, "ended: completed");
}

static void a_replay_refuses_what_needs_a_run(void **state)
{
    struct term *t = open_live("page/enqueue_demo.lua", 24, 80);
    term_type(t, "c");
    term_keys(t, "q");
    term_wait_exit(t);
    t = open_replay(24, 80);
    term_type(t, "R");
    assert_screen_has(t, "this is a recording");
    term_type(t, ":set a 1<Enter>");
    assert_screen_has(t, "this is a recording");
    term_type(t, "c");
    assert_screen_has(t, "ended: completed");
    term_type(t, "C");
    assert_screen_has(t, "start of history");
    term_keys(t, "q");
    assert_int_equal(term_wait_exit(t), 0);
    assert_left_clean(t);
}

/* Copies the recording's bytes [from, to) to the end of another file. */
static void append(const char *path, size_t from, size_t to)
{
    char bytes[65536];
    FILE *in = fopen(trace, "r"), *out = fopen(path, "a");
    assert_true(in && out && to - from <= sizeof bytes);
    assert_int_equal(fseek(in, (long)from, SEEK_SET), 0);
    assert_int_equal(fread(bytes, 1, to - from, in), to - from);
    assert_int_equal(fwrite(bytes, 1, to - from, out), to - from);
    fclose(in);
    fclose(out);
}

static void a_recording_that_grows_is_followed_to_its_end(void **state)
{
    struct stat about;
    char whole[sizeof trace];
    struct term *t = open_live("page/optimization.lua", 24, 80);
    term_type(t, "c");
    term_keys(t, "q");
    term_wait_exit(t);
    assert_int_equal(stat(trace, &about), 0);
    size_t size = (size_t)about.st_size;
    snprintf(whole, sizeof whole, "%s", trace);
    char *growing = mem_strdup(trace);
    growing[strlen(growing) - 1] = '2';
    append(growing, 0, size / 2);
    snprintf(trace, sizeof trace, "%s", growing);
    t = open_replay(24, 80);
    snprintf(trace, sizeof trace, "%s", whole);
    assert_screen_has(t, "cut off");
    term_type(t, ":seek end<Enter>");
    assert_screen_lacks(t, "ended: completed");
    append(growing, size / 2, size);
    term_wait_text(t, "ended: completed");
    term_wait_gone(t, "cut off");
    term_wait_text(t, "Converged!");
    unlink(growing);
    mem_free(growing);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        term_test(every_frame_of_a_replay_is_the_live_one),
        term_test(every_frame_of_a_look_back_is_the_live_one),
        term_test(the_past_cannot_be_changed_and_says_how_to_leave_it),
        term_test(a_mark_is_found_again_by_the_next_session),
        term_test(enter_in_the_timeline_goes_to_the_selected_event),
        term_test(a_replay_refuses_what_needs_a_run),
        term_test(a_recording_that_grows_is_followed_to_its_end),
    };
    return !!cmocka_run_group_tests(tests, make_folder, remove_folder);
}
