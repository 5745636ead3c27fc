/* SPDX-License-Identifier: BSD-2-Clause
 *
 * weir.h - everything but <weir/msgpack.h> and <weir/inspect.h>.
 */
#ifndef WEIR_H
#define WEIR_H

#include <weir/bridge.h>
#include <weir/channel.h>
#include <weir/consumer.h>
#include <weir/error.h>
#include <weir/producer.h>
#include <weir/record.h>
#include <weir/schema.h>
#include <weir/store.h>
#include <weir/version.h>

#endif
