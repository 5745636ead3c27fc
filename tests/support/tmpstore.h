/* SPDX-License-Identifier: BSD-2-Clause
 *
 * tmpstore.h - stores for tests, which are gone when the test is.
 *
 * Names are weir-test-<pid>-<n>: run.sh knows by the pid whose they are.
 * What is left of a store when the process that asked for its name exits is
 * removed, whole or broken; also that of a child which was killed meanwhile.
 */
#ifndef WI_TESTS_SUPPORT_TMPSTORE_H
#define WI_TESTS_SUPPORT_TMPSTORE_H

#include <weir/store.h>

/* A name that no store has.  Constant until exit; 64 of them at most are
 * remembered at a time. */
const char *tmpstore_name(void);

/* A new store with a name of its own and the default sizes.  If that cannot
 * be, the reason is printed and the program ends: there is nothing to test.
 * @name may be NULL, else it receives the name. */
weir_store *tmpstore_new(const char **name);

/* A second handle, on an existing store; flags of weir_store_opts.  Ends the
 * program as above. */
weir_store *tmpstore_open(const char *name, uint32_t flags);

/* Where the store's file is; constant until the next call. */
const char *tmpstore_path(const char *name);

/* Remove it now, whatever state it is in. */
void tmpstore_drop(const char *name);

#endif
