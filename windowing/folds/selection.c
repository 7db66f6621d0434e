#include "windowing/folds/selection.h"
#include <math.h>

void
tide_selection_add(struct tide_selection_fold *fold, const struct tide_selection_edges *edges,
                   double number, bool labelled)
{
	size_t bin = 0;

	if (edges->count == 0 || isnan(number))
		return;
	while (bin < edges->count && bin + 1 < TIDE_SELECTION_BINS && edges->edges[bin] < number)
		bin++;
	fold->bins[labelled][bin]++;
}

void
tide_selection_merge(struct tide_selection_fold *to, const struct tide_selection_fold *from)
{
	for (size_t has = 0; has < 2; has++) {
		for (size_t i = 0; i < TIDE_SELECTION_BINS; i++)
			to->bins[has][i] += from->bins[has][i];
		for (size_t i = 0; i < 256; i++)
			to->classes[has][i] += from->classes[has][i];
	}
}
