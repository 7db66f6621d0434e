#ifndef TIDE_APP_SERVICE_H
#define TIDE_APP_SERVICE_H
#include "app/config.h"
#include <signal.h>
/*
 * What commands share that serve until a signal comes: the names that they go by at the broker, the
 * signals, and a watchdog.
 *
 *  (1) One group a config and service, one name a config, service and instance. A second process
 *      with the same name takes over, and the first one ends (exit 76).
 *  (2) The group is `tidemark-<name>` and so is the worker, unless kafka says another group.id or
 *      transactional.id; then come the service, and the instance behind a hyphen.
 */
#define TIDE_SERVICE_NAME_MAX 256
#define TIDE_SERVICE_STALL_S  240 /* a commit retries for ever; it waits for nothing so long */

struct tide_service_names {
	char group[TIDE_SERVICE_NAME_MAX], worker[TIDE_SERVICE_NAME_MAX];
};

/** service: "" or as "-repartition"; instance: NULL: the config's only one. Errors: USAGE: it is no
 *  name of 1 to 64 of A-Z a-z 0-9 . _ -; CONFIG: the names are too long. */
int tide_service_names(const struct tide_config *config, const char *service, const char *instance,
                       struct tide_service_names *names, struct tide_error *error) TIDE_MUSTCHECK;

/** Set by SIGTERM and SIGINT once tide_service_signals was called. */
extern volatile sig_atomic_t tide_service_stop;
/** Set by SIGHUP, where it is for reloading; whoever acts on it clears it. */
extern volatile sig_atomic_t tide_service_reload;
void tide_service_signals(bool reloads);
/** The process is alive: without a next beat in TIDE_SERVICE_STALL_S it ends with exit 75. */
void tide_service_beat(void *closure);
#endif
