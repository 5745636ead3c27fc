/* SPDX-License-Identifier: BSD-2-Clause
 *
 * workers.h - what the processes of a soak do, each until it is ended.
 */
#ifndef WI_TESTS_SOAK_WORKERS_H
#define WI_TESTS_SOAK_WORKERS_H

#include "soak/table.h"

/* Several producers on several channels, all ways of publishing. */
void soak_producer(struct soak *s);
/* Several consumers, all ways of reading and waiting; or observers. */
void soak_consumer(struct soak *s);
/* Looks at everything that can be looked at. */
void soak_looker(struct soak *s);
/* Removes channels and the values of the dead. */
void soak_remover(struct soak *s);
/* Attaches and detaches; makes and destroys a store beside. */
void soak_visitor(struct soak *s);
/* Runs the reading verbs of the command. */
void soak_command(struct soak *s);

#endif
