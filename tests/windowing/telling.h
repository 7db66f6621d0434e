#ifndef TIDE_TESTS_WINDOWING_TELLING_H
#define TIDE_TESTS_WINDOWING_TELLING_H
#include "alerts/encode.h"
#include "windowing/window.h"
/* All that can be seen of an evidence, as a line: its key and result with every detector's word. */
#define TELLING_FINDINGS 4096
#define TELLING_DOUBLES 4000

static inline void
telling_write(const struct tide_window_setup *setup, const struct tide_evidence *evidence,
              struct tide_buffer *out)
{
	static struct tide_finding findings[TELLING_FINDINGS];
	static double doubles[TELLING_DOUBLES];
	const struct tide_scratch scratch = {doubles, TELLING_DOUBLES};
	const struct tide_encode_context context = {"n", "h", NULL, setup->segments,
	                                            setup->segment_count, NULL};
	size_t count = evidence->side == TIDE_SIDE_INPUT
	                       ? 0
	                       : tide_detector_judge(evidence, NULL, &scratch, findings,
	                                             TELLING_FINDINGS);

	TIDE_ASSERT(count < TELLING_FINDINGS);
	tide_encode_result_key(out, &context, evidence, 1);
	tide_text_put_format(out, "\t%d ", evidence->capped);
	tide_encode_result(out, &context, evidence, evidence->revision, findings, count, 1, 0);
	tide_text_put_string(out, "\n");
}
#endif
