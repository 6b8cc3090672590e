/* Nanoseconds a step: the engine with an empty hook table, beside a plain loop over a FIFO of function
 * pointers that runs the same bodies. Both are measured in turns in one process, so that a change of clock
 * speed meets both; the figures are medians. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "tests/bench/chain.h"

#define ROUNDS 301

/* The least that running a queue of tasks can cost: take one, call it, put its successor at the back. */
struct plain_task {
    flow_task_fn fn;
    void *user;
    size_t successor; /* PLAIN_NONE: none */
};
#define PLAIN_NONE SIZE_MAX

struct plain_loop {
    struct plain_task tasks[CHAIN_LENGTH];
    size_t ring[1024];
    size_t head, tail;
};

static double now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static void plain_init(struct plain_loop *loop, struct chain_sums *sums)
{
    for (size_t i = 0; i < CHAIN_LENGTH; i++)
        loop->tasks[i] = (struct plain_task){chain_body(i), sums, i + 1 < CHAIN_LENGTH ? i + 1 : PLAIN_NONE};
}

static uint64_t plain_run(struct plain_loop *loop)
{
    uint64_t steps = 0;
    loop->head = loop->tail = 0;
    loop->ring[loop->tail++ % 1024] = 0;
    while (loop->head != loop->tail) {
        const struct plain_task *task = &loop->tasks[loop->ring[loop->head++ % 1024]];
        struct flow_value result = flow_null();
        if (task->fn(NULL, task->user, &result) < 0)
            break;
        if (task->successor != PLAIN_NONE)
            loop->ring[loop->tail++ % 1024] = task->successor;
        steps++;
    }
    return steps;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *samples, size_t count)
{
    qsort(samples, count, sizeof *samples, by_size);
    return samples[count / 2];
}

int main(void)
{
    static struct plain_loop loop;
    static double engine[ROUNDS], plain[ROUNDS];
    struct chain_sums engine_sums = {0}, plain_sums = {0};
    struct flow_workflow *wf = chain_create(&engine_sums);
    plain_init(&loop, &plain_sums);

    for (int round = 0; round < ROUNDS; round++) {
        struct flow_run *run = chain_start(wf, (struct flow_hooks){0});
        double begin = now_ns();
        uint64_t steps = chain_step(run, CHAIN_LENGTH);
        double middle = now_ns();
        uint64_t plain_steps = plain_run(&loop);
        double end = now_ns();
        flow_run_destroy(run);
        engine[round] = (middle - begin) / (double)steps;
        plain[round] = (end - middle) / (double)plain_steps;
    }
    flow_workflow_destroy(wf);
    if (engine_sums.sum != plain_sums.sum || engine_sums.calls != plain_sums.calls) {
        fprintf(stderr, "bench_step: the two loops did not run the same bodies\n");
        return 1;
    }
    double a = median(engine, ROUNDS), b = median(plain, ROUNDS);
    printf("%-34s %8.1f ns/step\n%-34s %8.1f ns/step\n%-34s %8.1f\n", "libflow, empty hook table", a,
        "plain function-pointer FIFO", b, "ratio", a / b);
    return 0;
}
