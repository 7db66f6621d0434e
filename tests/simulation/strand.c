#include "tests/simulation/strand.h"
#include "base/assert.h"

static void
wait_for(sem_t *semaphore)
{
	while (sem_wait(semaphore)) /* a signal came */
		;
}

static void *
strand_body(void *opaque)
{
	struct strand *strand = opaque;

	wait_for(&strand->go);
	strand->body(strand->closure);
	strand->ended = true;
	sem_post(&strand->back);
	return NULL;
}

void
strand_start(struct strand *strand, void (*body)(void *closure), void *closure)
{
	*strand = (struct strand){.body = body, .closure = closure};
	TIDE_ASSERT(!sem_init(&strand->go, 0, 0) && !sem_init(&strand->back, 0, 0));
	TIDE_ASSERT(!pthread_create(&strand->thread, NULL, strand_body, strand));
}

bool
strand_run(struct strand *strand)
{
	sem_post(&strand->go);
	wait_for(&strand->back);
	if (!strand->ended)
		return false;
	pthread_join(strand->thread, NULL);
	sem_destroy(&strand->go);
	sem_destroy(&strand->back);
	return true;
}

void
strand_yield(struct strand *strand)
{
	sem_post(&strand->back);
	wait_for(&strand->go);
}
