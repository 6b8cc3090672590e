/* What a trace costs and how fast it is to move about in, on the reference mix (mix.h).
 *
 *     bench_trace [EVENTS [FOLDER]]      10 million events, in a file in the current folder
 *
 * Figures to compare are measured in turns in one process; what counts is their ratio. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "tests/bench/mix.h"
#include "trace/timeline.h"
#include "trace/writer.h"

enum { ROUNDS = 41, CHUNK = 20000, SAMPLES = 2000 };

static char path[4096];

static void give_up(const char *what, const struct flow_error *err)
{
    fprintf(stderr, "bench_trace: %s: %s\n", what, err->text);
    unlink(path);
    exit(2);
}

static void check(int status, const char *what, const struct flow_error *err)
{
    if (status != FLOW_OK)
        give_up(what, err);
}

static int64_t clock_of(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

/* Of this process only: others on the machine do not count. */
static double now_ns(void)
{
    return (double)clock_of(CLOCK_PROCESS_CPUTIME_ID);
}

static int64_t wall(void *user)
{
    (void)user;
    return clock_of(CLOCK_MONOTONIC);
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double quantile(double *samples, size_t count, double q)
{
    qsort(samples, count, sizeof *samples, by_size);
    return samples[(size_t)(q * (double)(count - 1))];
}

static void report(const char *what, double value, const char *unit, double most)
{
    printf("%-52s %10.2f %-10s", what, value, unit);
    if (most > 0)
        printf(" %s %.2f", value <= most ? "<=" : "ABOVE", most);
    printf("\n");
}

/* A recording in the making. */
struct recording {
    int fd;
    struct trace_ring *ring;
    struct trace_writer *writer;
    uint64_t events;
};

static void on_event(void *user, struct flow_run *run, const struct flow_event *event)
{
    struct recording *r = user;
    (void)run;
    r->events += !flow_event_is_note(event->kind);
    trace_writer_append(r->writer, event);
}

static void record_begin(struct recording *r)
{
    struct flow_error err = FLOW_ERROR_INIT;
    memset(r, 0, sizeof *r);
    r->fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (r->fd < 0) {
        perror(path);
        exit(2);
    }
    check(trace_ring_create(&r->ring, 256 << 10, &err), "ring", &err);
    struct trace_writer_options options = {.size = sizeof options, .ring = r->ring, .fd = r->fd};
    check(trace_writer_create(&r->writer, &options, &err), "writer", &err);
}

static void record_end(struct recording *r)
{
    trace_writer_destroy(r->writer);
    trace_ring_destroy(r->ring);
    close(r->fd);
}

static struct flow_hooks hooks_of(struct recording *r)
{
    return (struct flow_hooks){.size = sizeof(struct flow_hooks), .user = r, .on_event = on_event};
}

static void step_many(struct flow_run *run, int steps)
{
    struct flow_error err = FLOW_ERROR_INIT;
    for (int i = 0; i < steps; i++)
        check(flow_run_step(run, &err), "step", &err);
}

static void step_many_with_clock(struct flow_run *run, int steps)
{
    struct flow_error err = FLOW_ERROR_INIT;
    for (int i = 0; i < steps; i++) {
        wall(NULL);
        check(flow_run_step(run, &err), "step", &err);
        wall(NULL);
    }
}

/* The floor: 24 bytes an event, copied into 64 KiB that go to a file of the same file system. */
static void copy_many(int fd, uint64_t events)
{
    static uint8_t buffer[64 << 10];
    uint64_t row[3] = {1, 2, 3};
    size_t at = 0;
    for (uint64_t i = 0; i < events; i++) {
        row[0] = i;
        memcpy(buffer + at, row, sizeof row);
        __asm__ volatile("" ::: "memory");
        at += sizeof row;
        if (at + sizeof row > sizeof buffer) {
            ssize_t written = write(fd, buffer, at);
            (void)written;
            at = 0;
        }
    }
}

static void bench_recording(void)
{
    static double recorded[ROUNDS], plain[ROUNDS], floor_ns[ROUNDS], silent[ROUNDS];
    static struct mix with, without;
    struct flow_error err = FLOW_ERROR_INIT;
    struct recording r;
    struct flow_run *recorded_run, *plain_run;
    char other[sizeof path + 8];
    snprintf(other, sizeof other, "%s.floor", path);
    int fd = open(other, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    record_begin(&r);
    struct flow_run_options options = {.clock_ns = wall, .hooks = hooks_of(&r)};
    if (mix_init(&with, 1, false, &err) < 0 || mix_init(&without, 1, false, &err) < 0)
        give_up("mix", &err);
    check(mix_start(&with, &recorded_run, options, &err), "start", &err);
    check(mix_start(&without, &plain_run, (struct flow_run_options){0}, &err), "start", &err);
    uint64_t per_round = 0;
    for (int round = 0; round < ROUNDS; round++) {
        uint64_t before = r.events;
        double a = now_ns();
        step_many(recorded_run, CHUNK);
        double b = now_ns();
        step_many_with_clock(plain_run, CHUNK);
        double c = now_ns();
        copy_many(fd, r.events - before);
        double d = now_ns();
        per_round = r.events - before;
        recorded[round] = (b - a) / CHUNK;
        plain[round] = (c - b) / CHUNK;
        silent[round] = ((b - a) - (c - b)) / (double)per_round;
        floor_ns[round] = (d - c) / (double)per_round;
    }
    flow_run_destroy(recorded_run);
    flow_run_destroy(plain_run);
    mix_finish(&with);
    mix_finish(&without);
    record_end(&r);
    close(fd);
    unlink(other);
    double x = quantile(recorded, ROUNDS, 0.5), y = quantile(plain, ROUNDS, 0.5);
    double e = quantile(silent, ROUNDS, 0.5), f = quantile(floor_ns, ROUNDS, 0.5);
    report("events a step", (double)per_round / CHUNK, "", 0);
    report("a recorded step", x, "ns", 0);
    report("the same unrecorded, with two clock readings", y, "ns", 0);
    report("  ratio", x / y, "", 2.0);
    report("an event: what recording adds", e, "ns", 0);
    report("24 bytes copied and written", f, "ns", 0);
    report("  ratio", e / f, "", 1.0);
}

/* Records that many events on the mix's own clock; returns bytes an event. */
static double record_mix(uint64_t events, bool has_strings)
{
    static struct mix mix;
    struct flow_error err = FLOW_ERROR_INIT;
    struct recording r;
    struct flow_run *run;
    check(mix_init(&mix, 1, has_strings, &err), "mix", &err);
    mix.wants_time = true;
    record_begin(&r);
    check(mix_start(&mix, &run, (struct flow_run_options){.hooks = hooks_of(&r)}, &err), "start", &err);
    while (r.events < events)
        check(flow_run_step(run, &err), "step", &err);
    flow_run_end(run, FLOW_OUTCOME_COMPLETED, "");
    flow_run_step(run, &err);
    if (trace_writer_problem(r.writer))
        fprintf(stderr, "bench_trace: %s\n", trace_writer_problem(r.writer));
    uint64_t written = r.events;
    flow_run_destroy(run);
    mix_finish(&mix);
    trace_writer_destroy(r.writer);
    double bytes = (double)lseek(r.fd, 0, SEEK_END);
    trace_ring_destroy(r.ring);
    close(r.fd);
    return bytes / (double)written;
}

static uint64_t random_state = 88172645463325252u;
static uint64_t draw(uint64_t bound)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state % bound;
}

static void report_samples(const char *what, double *samples, size_t count, double most_p50, double most_p99)
{
    char name[80];
    snprintf(name, sizeof name, "%s, p50", what);
    report(name, quantile(samples, count, 0.5) / 1e3, "us", most_p50);
    snprintf(name, sizeof name, "%s, p99", what);
    report(name, quantile(samples, count, 0.99) / 1e3, "us", most_p99);
}

static double measured_open(struct trace_timeline **out)
{
    struct flow_error err = FLOW_ERROR_INIT;
    double begin = now_ns();
    check(trace_timeline_open(out, path, &err), "open", &err);
    return now_ns() - begin;
}

static void bench_open(void)
{
    static double samples[25];
    for (int i = 0; i < 25; i++) {
        struct trace_timeline *tl;
        struct flow_error err = FLOW_ERROR_INIT;
        double begin = now_ns();
        measured_open(&tl);
        check(trace_timeline_seek_end(tl, &err), "seek to the end", &err);
        samples[i] = now_ns() - begin;
        trace_timeline_destroy(tl);
    }
    report("open, warm, and go to the end", quantile(samples, 25, 0.5) / 1e6, "ms", 2.0);
}

static void bench_open_cut(void)
{
    char cut[sizeof path + 8];
    snprintf(cut, sizeof cut, "%s.cut", path);
    FILE *in = fopen(path, "re"), *out = fopen(cut, "we");
    static char buffer[1 << 20];
    size_t got, total = 0;
    fseeko(in, 0, SEEK_END);
    off_t size = ftello(in) - 20000;
    rewind(in);
    while (total < (size_t)size && (got = fread(buffer, 1, sizeof buffer, in)) > 0)
        total += fwrite(buffer, 1, got < (size_t)size - total ? got : (size_t)size - total, out);
    fclose(in);
    fclose(out);
    static double samples[9];
    for (int i = 0; i < 9; i++) {
        struct trace_timeline *tl;
        struct flow_error err = FLOW_ERROR_INIT;
        double begin = now_ns();
        check(trace_timeline_open(&tl, cut, &err), "open", &err);
        samples[i] = now_ns() - begin;
        trace_timeline_destroy(tl);
    }
    unlink(cut);
    report("open after a crash", quantile(samples, 9, 0.5) / 1e6, "ms", 200);
}

static void bench_moves(struct trace_timeline *tl, uint64_t count)
{
    static double samples[SAMPLES];
    struct flow_error err = FLOW_ERROR_INIT;
    struct flow_event event;
    for (int i = 0; i < SAMPLES; i++) {
        uint64_t to = draw(count) + 1;
        double begin = now_ns();
        check(trace_timeline_seek(tl, to, &err), "seek", &err);
        samples[i] = now_ns() - begin;
    }
    report_samples("seek", samples, SAMPLES, 0, 100);
    double begin = now_ns();
    int steps = 0;
    for (; steps < 100000 && trace_timeline_back(tl, &event, &err) == FLOW_OK; steps++)
        continue;
    report("a step back, mean of 100,000", (now_ns() - begin) / steps / 1e3, "us", 1.0);
    begin = now_ns();
    for (steps = 0; steps < 100000 && trace_timeline_next(tl, &event, &err) == FLOW_OK; steps++)
        continue;
    report("a step forward, mean of 100,000", (now_ns() - begin) / steps / 1e3, "us", 0);
    for (int i = 0; i < SAMPLES; i++) {
        uint64_t at = count / 2 + draw(count / 2), number;
        flow_key key = (flow_key)draw(MIX_KEYS);
        begin = now_ns();
        int status = trace_timeline_last_writer(tl, key, at, &number, &err);
        samples[i] = now_ns() - begin;
        if (status < 0)
            give_up("last writer", &err);
    }
    report_samples("last writer of a key", samples, SAMPLES, 0, 150);
}

static bool is_last(void *user, const struct flow_event *event)
{
    return event->number == *(uint64_t *)user;
}

static void bench_search(struct trace_timeline *tl, uint64_t count)
{
    struct flow_error err = FLOW_ERROR_INIT;
    uint64_t number, first = 700;
    struct trace_search search = TRACE_SEARCH_INIT;
    search.kinds[0] = UINT64_C(1) << FLOW_EV_ERROR;
    double begin = now_ns();
    int status = trace_timeline_search_back(tl, &search, count, &number, &err);
    report("search back for an error; there is none", (now_ns() - begin) / 1e6, "ms", 1000);
    if (status < 0)
        give_up("search", &err);
    search = (struct trace_search)TRACE_SEARCH_INIT;
    search.matches = is_last;
    search.user = &first;
    begin = now_ns();
    status = trace_timeline_search_back(tl, &search, count, &number, &err);
    double whole = now_ns() - begin;
    if (status < 0)
        give_up("search", &err);
    report("search back through every event", whole / 1e6, "ms", 1000);
    report("  which is", (double)count / whole * 1e3, "M events/s", 0);
}

static void bench_fold(void)
{
    struct flow_error err = FLOW_ERROR_INIT;
    struct trace_reader *reader;
    struct trace_state state;
    struct flow_event event;
    uint64_t count = 0;
    check(trace_reader_open(&reader, path, &err), "open", &err);
    double begin = now_ns();
    while (trace_reader_next(reader, &event, &err) == FLOW_OK)
        count++;
    double middle = now_ns();
    check(trace_reader_seek(reader, 0, &err), "seek", &err);
    trace_state_init(&state);
    double again = now_ns();
    while (trace_reader_next(reader, &event, &err) == FLOW_OK)
        check(trace_state_apply(&state, &event, &err), "fold", &err);
    double end = now_ns();
    report("decode an event", (middle - begin) / (double)count, "ns", 0);
    report("decode and fold an event", (end - again) / (double)count, "ns", 0);
    trace_state_finish(&state);
    trace_reader_destroy(reader);
}

int main(int argc, char **argv)
{
    uint64_t events = argc > 1 ? strtoull(argv[1], NULL, 10) : 10000000;
    snprintf(path, sizeof path, "%s/bench_trace.%d.trace", argc > 2 ? argv[2] : ".", (int)getpid());
    printf("%llu events\n", (unsigned long long)events);
    bench_recording();
    report("bytes an event, with strings", record_mix(events / 10, true), "", 0);
    report("bytes an event", record_mix(events, false), "", 2.8);
    struct trace_timeline *tl;
    bench_open();
    bench_open_cut();
    measured_open(&tl);
    uint64_t count = trace_timeline_count(tl);
    bench_moves(tl, count);
    bench_search(tl, count);
    trace_timeline_destroy(tl);
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    report("most memory", (double)usage.ru_maxrss / 1024, "MiB", 0);
    bench_fold();
    unlink(path);
    return 0;
}
