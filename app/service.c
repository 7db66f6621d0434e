#include "app/service.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define INSTANCE_MAX 64

volatile sig_atomic_t tide_service_stop, tide_service_reload;

static void
service_stops(int number)
{
	(void)number;
	tide_service_stop = 1;
}

static void
service_reloads(int number)
{
	(void)number;
	tide_service_reload = 1;
}

static void
service_hangs(int number)
{
	static const char text[] = "tidemark: nothing has moved for 240 s: restart me\n";

	(void)number;
	(void)!write(2, text, sizeof text - 1);
	_exit(TIDE_ERROR_RESTART);
}

void
tide_service_beat(void *closure)
{
	(void)closure;
	alarm(TIDE_SERVICE_STALL_S);
}

void
tide_service_signals(bool reloads)
{
	struct sigaction stop = {.sa_handler = service_stops}, hang = {.sa_handler = service_hangs};
	struct sigaction reload = {.sa_handler = service_reloads, .sa_flags = SA_RESTART};

	sigaction(SIGTERM, &stop, NULL);
	sigaction(SIGINT, &stop, NULL);
	if (reloads)
		sigaction(SIGHUP, &reload, NULL);
	sigaction(SIGALRM, &hang, NULL);
}

static bool
instance_is_name(const char *name)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
	size_t length = strlen(name);

	return length > 0 && length <= INSTANCE_MAX && strspn(name, letters) == length;
}

/* What kafka says, or the name of the config; false: it is too long. */
static bool
name_put(const struct tide_config *config, const char *property, const char *service,
         const char *instance, char name[TIDE_SERVICE_NAME_MAX])
{
	size_t length = strlen(property);
	const char *base = config->name, *before = "tidemark-";

	for (const char *const *given = config->kafka; *given; given++)
		if (strncmp(*given, property, length) == 0) {
			base = *given + length;
			before = "";
		}
	int needed = snprintf(name, TIDE_SERVICE_NAME_MAX, "%s%s%s%s%s", before, base, service,
	                      instance ? "-" : "", instance ? instance : "");
	return needed < TIDE_SERVICE_NAME_MAX;
}

int
tide_service_names(const struct tide_config *config, const char *service, const char *instance,
                   struct tide_service_names *names, struct tide_error *error)
{
	if (instance && !instance_is_name(instance))
		return tide_error_stop(error, TIDE_ERROR_USAGE,
				       "--instance is a name of 1 to %d of A-Z a-z 0-9 . _ -, not \"%s\"",
				       INSTANCE_MAX, instance);
	if (name_put(config, "group.id=", service, NULL, names->group) &&
	    name_put(config, "transactional.id=", service, instance, names->worker))
		return 0;
	return tide_error_stop(error, TIDE_ERROR_CONFIG,
			       "%s: the name of the worker is longer than %d bytes: shorten `name`",
			       config->path, TIDE_SERVICE_NAME_MAX - 1);
}
