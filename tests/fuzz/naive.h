/* SPDX-License-Identifier: BSD-2-Clause
 *
 * naive.h - JSON Schema checked the slow and plain way, to compare with.
 *
 * It walks the schema document itself, knows nothing of nodes, frames or
 * guesses, and shares only the reading of heads and the comparing of values
 * with the checker.
 */
#ifndef WI_TESTS_FUZZ_NAIVE_H
#define WI_TESTS_FUZZ_NAIVE_H

#include <stddef.h>
#include <stdint.h>

/* naive_check - does the well-formed record msg[0 .. len) conform to the
 * schema document doc[0 .. doc_len), which the compiler has accepted?
 * Return: 1 yes, 0 no, -1 no opinion: a pattern, a reference with a "%" or to
 * another document or to one of several anchors with that name, $id,
 * x-msgpack, unevaluated* of more than 64, numbers of very different size in
 * multipleOf, or too much work. */
int naive_check(const uint8_t *doc, size_t doc_len, const uint8_t *msg,
		size_t len);

#endif
