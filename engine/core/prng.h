/* The random numbers of tasks: xoshiro256** 1.0, seeded with splitmix64, as its authors advise (David
 * Blackman and Sebastiano Vigna, "Scrambled linear pseudorandom number generators", 2018; public domain,
 * https://prng.di.unimi.it). The same seed gives the same numbers on every machine. */
#ifndef CORE_PRNG_H
#define CORE_PRNG_H

#include <stdint.h>

struct prng {
    uint64_t s[4];
};

void prng_seed(struct prng *r, uint64_t seed);
uint64_t prng_next(struct prng *r);

#endif
