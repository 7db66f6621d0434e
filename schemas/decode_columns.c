#include "schemas/decode_columns.h"
#include <math.h>

void
tide_decode_columns_start(struct tide_decode_row *row)
{
	row->record++;
	row->count = 0;
}

void
tide_decode_columns_put(struct tide_decode_row *row, struct tide_text name,
                        struct tide_value value)
{
	if (row->count == TIDE_COLUMNS_MAX)
		return;
	uint32_t column = tide_mapping_column(row->columns, name, row->order[row->count]);
	if (column == TIDE_NO_COLUMN || row->seen[column] == row->record)
		return;
	row->seen[column] = row->record;
	row->order[row->count] = column;
	value.column = column;
	row->values[row->count++] = value;
}

void
tide_decode_columns_scores(struct tide_decode_row *row, const struct tide_event *event)
{
	struct tide_buffer *name = &row->name;

	if (event->score.kind != TIDE_VALUE_NULL)
		tide_decode_columns_put(row, TIDE_TEXT("$score"), event->score);
	for (size_t i = 0; i < event->score_count; i++) {
		if (isnan(event->scores[i]))
			continue;
		tide_text_buffer_reset(name);
		tide_text_put_string(name, "$score:");
		tide_text_put(name, event->classes[i].bytes, event->classes[i].length);
		if (name->failed)
			row->lost = true;
		else
			tide_decode_columns_put(row, (struct tide_text){name->bytes, name->length},
			                        (struct tide_value){.kind = TIDE_VALUE_NUMBER,
			                                            .number = event->scores[i]});
	}
}
