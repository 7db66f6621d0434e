#include "detectors/dialects/grid.h"

static size_t
values_below(const double *values, size_t from, size_t count, double edge, bool closed)
{
	while (from < count && (values[from] < edge || (closed && values[from] <= edge)))
		from++;
	return from;
}

void
tide_grid_start(struct tide_grid *grid, const struct tide_subject *subject)
{
	const double *reference = subject->distribution->sorted;
	size_t m = subject->distribution->counts.values;
	bool flat = !(reference[0] < reference[m - 1]);

	*grid = (struct tide_grid){.subject = subject,
	                           .first = reference[0] - (flat ? .5 : 0),
	                           .last = reference[m - 1] + (flat ? .5 : 0)};
	grid->i = values_below(subject->sorted, 0, subject->counts.values, grid->first, false);
}

bool
tide_grid_next(struct tide_grid *grid)
{
	const struct tide_subject *subject = grid->subject;

	if (grid->bin == TIDE_GRID_BINS)
		return false;
	bool closed = ++grid->bin == TIDE_GRID_BINS;
	double width = (grid->last - grid->first) / TIDE_GRID_BINS;
	double edge = closed ? grid->last : grid->first + (double)grid->bin * width;
	grid->i = values_below(subject->sorted, grid->i, subject->counts.values, edge, closed);
	grid->j = values_below(subject->distribution->sorted, grid->j,
	                       subject->distribution->counts.values, edge, closed);
	return true;
}
