#include "detectors/reference_private.h"

static struct kept_windows *
windows_find(const struct kept_column *column, const struct tide_detector *detector)
{
	struct kept_windows *windows = column ? column->windows : NULL;

	while (windows && windows->detector != detector)
		windows = windows->next;
	return windows;
}

static struct kept_windows *
windows_make(struct tide_reference *reference, const struct tide_cell_key *key,
             const struct tide_finding *finding)
{
	struct kept_column *column =
	        tide_reference_store_column_make(reference, key, finding->column);
	struct kept_windows *windows = windows_find(column, finding->detector);

	if (!column || windows)
		return windows;
	windows = take(reference, sizeof *windows);
	if (!windows)
		return NULL;
	*windows = (struct kept_windows){.detector = finding->detector, .next = column->windows};
	column->windows = windows;
	reference->has_windows = true;
	return windows;
}

bool
tide_reference_windows_add(struct tide_reference *reference, const struct tide_cell_key *key,
                           const struct tide_finding *finding)
{
	struct kept_windows *windows = windows_make(reference, key, finding);

	if (!windows)
		return false;
	if (!tide_sum_product_fits(finding->value, finding->value))
		return true;
	tide_sum_add(&windows->sum, finding->value);
	tide_sum_add_product(&windows->squares, finding->value, finding->value);
	windows->count++;
	return true;
}

void
tide_reference_windows(const struct tide_reference *reference, const struct tide_cell_key *key,
                       struct tide_finding *finding)
{
	const struct kept_windows *windows;

	if (!reference->has_windows)
		return;
	windows = windows_find(tide_reference_store_column(reference, key, finding->column),
	                       finding->detector);
	if (!windows || !(windows->count > 0))
		return;
	finding->window_mean = tide_sum_round(&windows->sum) / windows->count;
	finding->window_std = sqrt(
	        tide_sum_variance(&windows->sum, &windows->squares, windows->count, 0));
}
