/* SPDX-License-Identifier: BSD-2-Clause
 *
 * number.h - doubles as decimal text, both ways.
 *
 * In integer arithmetic throughout: neither the locale nor the
 * floating-point mode of the host program has a say.
 */
#ifndef WI_CODEC_NUMBER_H
#define WI_CODEC_NUMBER_H

#include <stddef.h>
#include <stdint.h>

#define WI_NUMBER_MAX 32 /* bytes that wi_number_write() may need */

/* wi_number_read - the double nearest to the JSON number in [p, end), ties
 * to even; what is too small for a double becomes 0.
 * Return: 0 with the double's bits in *@bits, or -ERANGE: too large. */
int wi_number_read(const char *p, const char *end, uint64_t *bits);

/* wi_number_write - the shortest decimal that reads back as the double with
 * these @bits, and of those the nearest; with ".0" or an exponent.  Finite
 * doubles only.
 * Return: bytes in @buf; no NUL. */
size_t wi_number_write(char buf[WI_NUMBER_MAX], uint64_t bits);

/* wi_number_digits - the digits of that decimal, without the sign; its value is
 * digits * 10^*@exp. */
uint64_t wi_number_digits(uint64_t bits, int *exp);

/* wi_number_float - the float with exactly the value of the double with
 * these @bits.  Return: 1, or 0 if there is none. */
int wi_number_float(uint64_t bits, uint32_t *f);

#endif
