#ifndef TIDE_TESTS_APP_CONFIG_FIXTURE_H
#define TIDE_TESTS_APP_CONFIG_FIXTURE_H
/* A config as text: read as a file is, or refused with what `error` then says. */
#include "app/config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

static struct tide_error error;

/* NULL: it is refused. */
static struct tide_config *
load(const char *text)
{
	char path[] = "/tmp/tide-config-XXXXXX";
	FILE *file = fdopen(mkstemp(path), "w");
	struct tide_config *config = NULL;

	assert_non_null(file);
	(void) fputs(text, file);
	(void) fclose(file);
	memset(&error, 0, sizeof error);
	if (tide_config_load(path, &config, &error))
		config = NULL;
	(void) unlink(path);
	return config;
}
#endif
