#ifndef TIDE_SIMULATION_STRAND_H
#define TIDE_SIMULATION_STRAND_H
#include <pthread.h>
#include <semaphore.h>
#include <stdbool.h>
/*
 * A process of the simulation: a thread that runs only while it holds the baton.
 *
 *  (1) Exactly one thread of all runs: strand_run gives the baton to a strand and waits until it
 *      yields or ends. What runs next is the caller's choice, so that a seed repeats a run.
 *  (2) No lock is needed for what strands share: the baton orders all they do.
 */
struct strand {
	pthread_t thread;
	sem_t go, back;
	void (*body)(void *closure);
	void *closure;
	bool ended;
};

/** It runs with the first strand_run. */
void strand_start(struct strand *strand, void (*body)(void *closure), void *closure);
/** True: it has ended, and is no more. */
bool strand_run(struct strand *strand);
/** Called by the strand: gives the baton back and waits for it. */
void strand_yield(struct strand *strand);
#endif
