/* SPDX-License-Identifier: BSD-2-Clause
 *
 * out.h - what goes to standard output, and what is said on standard error.
 *
 * Everything that comes from a store or a file passes through out_text(),
 * out_lines(), out_quoted(), out_msgpack() or talk(), which let no control
 * character and no broken UTF-8 through.
 */
#ifndef WI_TOOLS_OUT_H
#define WI_TOOLS_OUT_H

#include <stddef.h>
#include <stdint.h>
#include <weir.h>

/* Collected in a buffer; the first failure is remembered and the rest of
 * the output dropped. */
void out_raw(const void *bytes, size_t len);
void out_fmt(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void out_text(const char *s, size_t len); /* control characters as \xNN */
void out_lines(const char *s, size_t len, const char *indent); /* keeps them */
void out_quoted(const char *s, size_t len);		 /* as a JSON string */
void out_time(uint64_t ns);				 /* RFC 3339; 0: "-" */
void out_msgpack(const void *msg, size_t len, int *bad); /* as JSON text */

/* out_time_text - what out_time() prints, with so many digits of a second, 1 to
 * 9; good until the next call. */
const char *out_time_text(uint64_t ns, int digits);

/* out_json - a record as JSON text, good until the next call or
 * out_msgpack().  Return: its length, or -errno, WEIR_E*. */
int64_t out_json(const void *msg, size_t len, const char **json);

/* out_flush - 0, or -errno if something could not be written. */
int out_flush(void);

/* out_failed - has something not been written?  Then there is no point in
 * going on. */
int out_failed(void);

/* out_reader_is_gone - has whoever reads our output gone away?  A write would
 * tell, but where nothing comes there is none. */
int out_reader_is_gone(void);

/* out_lost - say that the output could not be written, and why: @rc, -errno.
 * Of a reader that went away, or a signal, nothing is said.  X_FAILED. */
int out_lost(int rc);

/* out_end - flush, say what failed, and turn that into an exit code: @code,
 * or X_FAILED. */
int out_end(int code);

/* The last of these before a message is its "weir dump: " */
extern const char *talk_verb;

/* talk - one line on standard error. */
void talk(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* talk_hold - keep what is said, up to a few lines, until talk_release(): the
 * screen is somebody's. */
void talk_hold(void);
void talk_release(void);

/* fail - talk "WHAT: reason (CODE)"; returns the exit code for @rc. */
int fail(const char *what, int rc, const weir_diag *diag);

/* reason - the reason and the code of a failure, in one line. */
const char *reason(int rc, const weir_diag *diag);

/* reason_at - the same of an item of a file: "line 5, column 2: ...",
 * "value 3: ...". */
const char *reason_at(const char *unit, uint64_t number, int rc,
		      const weir_diag *diag);

/* code_name - "ENOENT", "WEIR_ESCHEMA", or a number. */
const char *code_name(int rc);

/* exit_of - the exit code that a failure of the library leads to. */
int exit_of(int rc);

#endif
