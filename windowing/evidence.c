#include "windowing/evidence.h"

const struct tide_evidence *
tide_evidence_group(const struct tide_evidence *total, int segment,
                    const struct tide_evidence *last)
{
	const struct tide_evidence *end = total->after + total->after_count;

	for (const struct tide_evidence *at = last ? last + 1 : total->after; at != end; at++) {
		if (!tide_text_equal(at->key.model, total->key.model) ||
		    !tide_text_equal(at->key.version, total->key.version) ||
		    at->key.segment > segment)
			return NULL;
		if (at->key.segment == segment && at->start_ms == total->start_ms &&
		    at->side == total->side)
			return at;
	}
	return NULL;
}

const struct tide_evidence *
tide_evidence_cell(const struct tide_evidence *total, const struct tide_cell_key *key)
{
	const struct tide_evidence *end = total->after + total->after_count;
	size_t low = 0, high = total->after_count;

	while (low < high) {
		size_t middle = (low + high) / 2;
		if (tide_cell_key_compare(&total->after[middle].key, key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	for (const struct tide_evidence *at = total->after + low; at != end; at++) {
		if (tide_cell_key_compare(&at->key, key) != 0)
			return NULL;
		if (at->start_ms == total->start_ms && at->side == total->side)
			return at;
	}
	return NULL;
}
