/* SPDX-License-Identifier: BSD-2-Clause
 *
 * recording.h - what a recording says of a store, in the words of MCAP.
 *
 * An MCAP channel is what one producer published on one channel: its topic is
 * the channel's name, its schema the channel's.  The clears of that producer
 * are an MCAP channel of their own, with the topic NAME/clear and messages
 * without content.  Both have this metadata, and RECORDING_FIELD(key) for
 * each field of fields.h, as a configuration file has it.
 *
 * A metadata record RECORDING_END stands at the end of a recording that was
 * not cut: "store", "version", "records", "lost", and "lost.NAME" for each
 * channel that lost some.
 */
#ifndef WI_TOOLS_RECORDING_H
#define WI_TOOLS_RECORDING_H

#define RECORDING_CHANNEL    "weir.channel"
#define RECORDING_PRODUCER   "weir.producer"
#define RECORDING_KIND	     "weir.kind" /* RECORDING_DATA, RECORDING_CLEAR */
#define RECORDING_FIELD(key) "weir." key
#define RECORDING_END	     "weir.recording"

#define RECORDING_DATA	"data"
#define RECORDING_CLEAR "clear"

#endif
