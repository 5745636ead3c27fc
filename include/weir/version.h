/* SPDX-License-Identifier: BSD-2-Clause
 *
 * version.h - the version of the library, written here and nowhere else.
 *
 * Semantic versioning.  The format of a segment has a number of its own,
 * which weir_store_stat() shows.
 */
#ifndef WEIR_VERSION_H
#define WEIR_VERSION_H

#define WEIR_VERSION_MAJOR 0
#define WEIR_VERSION_MINOR 1
#define WEIR_VERSION_PATCH 0

#if defined(__GNUC__)
#define WEIR_API __attribute__((visibility("default")))
#else
#define WEIR_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/**
 * weir_version - the version of the library that runs
 *
 * It can differ from WEIR_VERSION_*, which is that of the headers.
 *
 * Return: "MAJOR.MINOR.PATCH", a constant string
 */
WEIR_API const char *weir_version(void);

#ifdef __cplusplus
}
#endif
#endif
