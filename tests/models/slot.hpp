/* SPDX-License-Identifier: BSD-2-Clause
 *
 * slot.hpp - the 16-byte slot {seq, desc} of shared channels.
 *
 * It is one 64-bit atomic of two halves; a load of one half is a load of the
 * whole of which one half is used.  So a CAS changes both at once, and "seq,
 * desc, seq again" can still be torn.  What this cannot show by itself is the
 * order of the loads: one location is always coherent, two halves that are
 * loaded apart are not.
 */
#ifndef WI_MODELS_SLOT_HPP
#define WI_MODELS_SLOT_HPP

#include "model.hpp"

namespace model
{

typedef unsigned long long u64;

inline u64
pack(int seq, int desc)
{
	return (u64)(unsigned)seq << 32 | (unsigned)desc;
}

inline int
seq_of(u64 slot)
{
	return (int)(slot >> 32);
}

inline int
desc_of(u64 slot)
{
	return (int)(slot & 0xffffffffU);
}

} // namespace model

#endif
