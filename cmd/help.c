/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/help.h"

/* clang-format off: a line of the text a line */
static const struct help_topic topics[] = {
	{ "questions", "which command answers what",
	  "Which strategy is best for this traffic on this machine?\n"
	  "    dmasim compare CAPTURE\n"
	  "From what frame size on does mapping beat copying, and at what "
	  "price of\n"
	  "mapping would that change?\n"
	  "    dmasim breakeven CAPTURE\n"
	  "How many map registers, descriptors, receive buffers does it take?\n"
	  "    dmasim size CAPTURE --slo p99=50us\n"
	  "How fast can this go without loss, and what is the bottleneck?\n"
	  "    dmasim ndr CAPTURE\n"
	  "Which assumption does the answer hang on?\n"
	  "    dmasim sensitivity CAPTURE\n"
	  "What if this parameter were different, over a range?\n"
	  "    dmasim sweep CAPTURE --axis KEY=FIRST..LAST/xFACTOR -o DIR\n"
	  "What happened to this one frame?\n"
	  "    dmasim explain CAPTURE --frame N\n"
	  "What is in this capture, and what would a run make of it?\n"
	  "    dmasim trace stat CAPTURE\n" },
	{ "units", "how quantities are written",
	  "Bytes, times, rates and frequencies need a unit; only 0 may be "
	  "bare:\n"
	  "    bytes          64B 2KB 64KiB 1MiB    (KB: 1000, KiB: 1024)\n"
	  "    time           500ps 20ns 10us 2.5ms 1s 2min 1h\n"
	  "    rate           9.5Gbps 100Mbps       (bits per second)\n"
	  "    packet rate    1.2Mpps\n"
	  "    frequency      3.3GHz\n"
	  "Counts and cycles are bare: 256. A share is 30% or 0.3, a factor "
	  "2.5x or\n"
	  "2.5. A value must come to a whole number of its base unit: ps, "
	  "bytes, bits\n"
	  "per second, Hz.\n" },
	{ "captures", "what can be replayed",
	  "A capture is a pcap or pcapng file, plain or compressed by gzip, "
	  "xz,\n"
	  "bzip2, zstd or lz4 (told by content, not by name), '-' for standard "
	  "input,\n"
	  "or a generator:\n"
	  "    gen:imix,rate=200kpps,frames=100000\n"
	  "dmasim trace gen --help lists kinds and keys. Several captures are "
	  "merged\n"
	  "by time.\n"
	  "\n"
	  "Sizes are the original lengths of the records, so a capture cut to "
	  "a short\n"
	  "snapshot length is as good as a whole one. Damaged records are "
	  "counted and\n"
	  "said; what is sound is used.\n"
	  "\n"
	  "dmasim trace stat CAPTURE shows what was read, how and why.\n" },
	{ "direction", "which frames are sent and which received",
	  "A capture does not say which frames the card sent. In this order:\n"
	  "    --direction tx|rx        all frames go one way\n"
	  "    --local ADDRESS          frames from this MAC or IP address, "
	  "or\n"
	  "                             network, are sent; may be repeated\n"
	  "    Linux cooked captures    say it themselves\n"
	  "    else                     the unicast address with most peers "
	  "in\n"
	  "                             the first 65,536 frames is the local "
	  "one\n"
	  "What was decided, and the evidence, is printed and part of the "
	  "result. If\n"
	  "no address is on both ends of conversations, all frames are "
	  "received, with\n"
	  "a warning.\n" },
	{ "configuration", "where values come from, and which wins",
	  "Later ones win:\n"
	  "    1. defaults                          dmasim params\n"
	  "    2. presets: -m NAME, or those named  dmasim presets\n"
	  "       in configuration files, with\n"
	  "       their parents\n"
	  "    3. configuration files: -c FILE      dmasim.conf(5)\n"
	  "    4. -s KEY=VALUE and traffic options, in the order given\n"
	  "Each value's origin is in every result, the source of each number "
	  "in\n"
	  "    dmasim params -m NAME KEY\n"
	  "'assumed' means that no measurement or data sheet stands behind "
	  "it.\n" },
	{ "map-registers", "what they are and how they run dry",
	  "A map register is a page of translation, or of bounce memory, in "
	  "the HAL.\n"
	  "Mapping a buffer takes one for every page it spans, whether the "
	  "page needs\n"
	  "to be bounced or not, and keeps it until the buffer is unmapped: a "
	  "send\n"
	  "until its completion, a posted receive buffer until it is filled.\n"
	  "\n"
	  "They come from a pool (hal.pool, hal.pool_cap, hal.pool_growth), "
	  "shared by\n"
	  "all adapters, with a limit for each (hal.adapter_max). A request "
	  "that\n"
	  "finds too few waits, and everything behind it: grants are first "
	  "come,\n"
	  "first served. dmasim metrics hal lists what is measured of it. "
	  "Copying\n"
	  "strategies take none; that is what they are for.\n" },
	{ "saturation", "what a run beyond capacity says, and does not",
	  "Sends are open loop: what the ring or the registers cannot take "
	  "waits in a\n"
	  "queue of tx.queue_limit frames, beyond which the sender is pushed "
	  "back and\n"
	  "the frame counts as dropped. A run that lost frames, or whose work "
	  "ended\n"
	  "long after its load, is 'saturated': its latencies measure the "
	  "length of\n"
	  "the capture, not the strategy, and are never ranked.\n"
	  "\n"
	  "Capacity is the replay rate at which the first resource saturates,\n"
	  "confirmed by runs just below and just above. '~' marks a capacity "
	  "of\n"
	  "bursty traffic that loses frames before any resource is full on "
	  "average.\n"
	  "\n"
	  "--window SIZE closes the loop for each flow.\n" },
	{ "determinism", "seeds, replicates, threads",
	  "The same inputs give the same bytes on any machine, with any -j. "
	  "Time is\n"
	  "counted in whole picoseconds. Random draws (memory layout, hold "
	  "times,\n"
	  "interrupt delays) are keyed by --seed, component, replicate and "
	  "index, so\n"
	  "every strategy meets the same frames in the same memory, and "
	  "differences\n"
	  "are due to the strategy.\n"
	  "\n"
	  "--replicates N repeats a run with other layouts, holds and phases;\n"
	  "intervals are over replicates, and 'best' is marked only outside of "
	  "them.\n" },
	{ "exit-status", "what scripts are told",
	  "    0    done; drops and hazards are results, not errors\n"
	  "    1    a check said no, or the machine came to a deadlock\n"
	  "    2    the input is bad and there is no result\n"
	  "    3    internal, or input/output: memory, a full disk, a closed "
	  "pipe\n"
	  "    64   the command line or a configuration is wrong\n"
	  "    130  interrupted; partial results are marked so\n" },
};
/* clang-format on */

const struct help_topic *help_topic(size_t index)
{
	return index < sizeof(topics) / sizeof(topics[0]) ? &topics[index]
							  : NULL;
}
