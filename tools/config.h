/* SPDX-License-Identifier: BSD-2-Clause
 *
 * config.h - a file that says what a store and its channels are to be.
 *
 *     {
 *       "store": { "max_bytes": "64M", "max_channels": 32 },
 *       "channels": {
 *         "metric-data": { "schema": "metric.json", "capacity": 1024 },
 *         "orders":      { "schema": {"type": "object"},
 *                          "overflow": "block" }
 *       }
 *     }
 *
 * A schema is the path of a file, from the folder of this one, or stands
 * there itself.  The other keys are those of fields.h.
 */
#ifndef WI_TOOLS_CONFIG_H
#define WI_TOOLS_CONFIG_H

#include <weir.h>

struct config_channel {
	char *name;
	char *schema; /* or NULL; .opts points to it */
	weir_channel_opts opts;
};

struct config {
	weir_store_opts store;
	struct config_channel *channels;
	size_t cnt;
};

/* config_load - read and check all of @path, without touching a store.
 * Returns 0, or an exit code after having said why. */
int config_load(struct config *cf, const char *path);
void config_free(struct config *cf);

/* config_schema - the text of a schema file.  Returns as config_load(). */
int config_schema(const char *path, char **text, size_t *len);

/* config_check - can a channel be like this?  Returns as config_load(). */
int config_check(const char *where, const weir_channel_opts *opts);

#endif
