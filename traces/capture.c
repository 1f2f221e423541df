/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "traces/capture.h"

#include <pcap/pcap.h>
#include <stdlib.h>
#include <string.h>

#include "traces/decode.h"
#include "traces/pcapng.h"
#include "traces/stream.h"

/* draft-ietf-opsawg-pcap, section 4 */
#define PCAP_US 0xa1b2c3d4u
#define PCAP_NS 0xa1b23c4du

/* What a pcap of the usual kind promises of its records. */
struct plain {
	struct stream_view *view; /* NULL: of another kind, or ended */
	uint32_t captured_max;
	uint32_t fraction_max, fraction_ns; /* parts of a second, their unit */
};

struct capture {
	char *path;
	struct stream *stream;
	pcap_t *pcap;	    /* one of the two */
	struct pcapng *png; /* is set */
	uint64_t records;
	int dlt; /* of a pcap */
	struct plain plain;
	bool ended, failed; /* by reading, not by what was read */
	const char *status;
	char detail[256];
};

static int check_link(int dlt, struct err *err)
{
	char name[DECODE_LINK_NAME_MAX];

	if (decode_supports(dlt))
		return 0;
	return err_set(err, ERR_INPUT,
		       "link type %s is not supported; convert the capture to "
		       "Ethernet, Linux cooked, raw IP, NULL, PPP or 802.11",
		       decode_link_name(dlt, name));
}

/*
 * The usual kind: version 2.4, in the byte order of this machine.  Anything
 * else is left to libpcap.
 */
static void recognise(struct capture *capture, uint32_t magic)
{
	struct plain *plain = &capture->plain;
	bool us = magic == PCAP_US || magic == __builtin_bswap32(PCAP_US);
	bool ns = magic == PCAP_NS || magic == __builtin_bswap32(PCAP_NS);

	if ((!us && !ns) || pcap_is_swapped(capture->pcap) ||
	    pcap_major_version(capture->pcap) != 2 ||
	    pcap_minor_version(capture->pcap) != 4)
		return;
	plain->view = stream_view(capture->stream);
	plain->captured_max = (uint32_t)pcap_snapshot(capture->pcap);
	plain->fraction_max = us ? 999999 : 999999999;
	plain->fraction_ns = us ? 1000 : 1;
}

static int open_pcap(struct capture *capture, uint32_t magic, struct err *err)
{
	FILE *file = stream_file(capture->stream);
	char why[PCAP_ERRBUF_SIZE];

	setvbuf(file, NULL, _IONBF, 0);
	capture->pcap = pcap_fopen_offline_with_tstamp_precision(
		file, PCAP_TSTAMP_PRECISION_NANO, why);
	if (!capture->pcap) {
		const char *trouble = stream_trouble(capture->stream);

		return err_set(err, ERR_INPUT,
			       "not a pcap or pcapng capture, plain or "
			       "compressed: %s",
			       trouble ? trouble : why);
	}
	stream_disown(capture->stream); /* pcap_close() closes it */
	recognise(capture, magic);
	capture->dlt = pcap_datalink(capture->pcap);
	return check_link(capture->dlt, err);
}

static int open_format(struct capture *capture, struct err *err)
{
	struct err inner = ERR_INIT;
	uint32_t magic = stream_magic(capture->stream, &inner);

	if (inner.text[0]) {
		err_set(err, inner.kind, "%s", inner.text);
		return -1;
	}
	if (magic != PCAPNG_MAGIC)
		return open_pcap(capture, magic, err);
	capture->png = pcapng_new(capture->stream, err);
	return capture->png ? 0 : -1;
}

struct capture *capture_open(const char *path, struct err *err)
{
	struct capture *capture = calloc(1, sizeof(*capture));

	if (!capture || !(capture->path = strdup(path))) {
		free(capture);
		err_nomem(err, "a capture reader");
		return NULL;
	}
	capture->status = "complete";
	capture->stream = stream_open(path, err);
	if (!capture->stream || open_format(capture, err) < 0) {
		err_wrap(err, "'%s'", path);
		capture_close(capture);
		return NULL;
	}
	return capture;
}

void capture_close(struct capture *capture)
{
	if (!capture)
		return;
	if (capture->pcap)
		pcap_close(capture->pcap);
	pcapng_free(capture->png);
	stream_close(capture->stream);
	free(capture->path);
	free(capture);
}

static int end_badly(struct capture *capture, bool cut, const char *why)
{
	const char *trouble = stream_trouble(capture->stream);

	if (trouble) {
		why = trouble;
		/* liblzma's words for the same */
		cut = strcasestr(trouble, "truncated") ||
		      strstr(trouble, "No progress is possible");
	}
	capture->failed =
		stream_failed(capture->stream) || strstr(why, "out of memory");
	capture->status = cut ? "cut" : "damaged";
	snprintf(capture->detail, sizeof(capture->detail),
		 "after record %llu: %s", (unsigned long long)capture->records,
		 why);
	return 0;
}

static int next_pcapng(struct capture *capture, struct packet *packet)
{
	int n = pcapng_next(capture->png, packet);
	const char *why;
	bool cut;

	if (n >= 0)
		return n;
	why = pcapng_trouble(capture->png, &cut);
	return end_badly(capture, cut, why);
}

/*
 * A microsecond field is scaled by libpcap in 32 bits, so one out of range may
 * come negative; a second is 32 bits without sign in files of our time.
 */
static uint64_t stamp_of(const struct timeval *tv, bool *bad)
{
	int64_t ns = tv->tv_usec;

	*bad = ns < 0 || ns > 999999999;
	if (*bad)
		ns = 999999999;
	return (uint64_t)(uint32_t)tv->tv_sec * 1000000000u + (uint64_t)ns;
}

/* A record as it lies in the file: draft-ietf-opsawg-pcap, section 5. */
struct record {
	uint32_t seconds, fraction, captured, original;
};

/*
 * The next record, where it lies: false unless all of it has been read and it
 * keeps what the kind promises.  Then it is for libpcap to read, or refuse.
 */
static bool take_record(struct capture *capture, struct packet *packet)
{
	const struct plain *plain = &capture->plain;
	struct stream_view *view = plain->view;
	struct record record;
	size_t left;

	if (!view)
		return false;
	left = (size_t)(view->end - view->at);
	if (left < sizeof(record))
		return false;
	memcpy(&record, view->at, sizeof(record));
	if (record.captured > left - sizeof(record) ||
	    record.captured > plain->captured_max ||
	    record.fraction > plain->fraction_max)
		return false;
	packet->stamp_ns = (uint64_t)record.seconds * 1000000000u +
			   (uint64_t)record.fraction * plain->fraction_ns;
	packet->captured = record.captured;
	packet->original = record.original;
	packet->data = view->at + sizeof(record);
	packet->dlt = capture->dlt;
	packet->hint = HINT_NONE;
	packet->fraction_bad = false;
	view->at = packet->data + record.captured;
	return true;
}

static int next_pcap(struct capture *capture, struct packet *packet)
{
	struct pcap_pkthdr *header;
	int n = pcap_next_ex(capture->pcap, &header, &packet->data);

	if (n == 1) {
		packet->captured = header->caplen;
		packet->original = header->len;
		packet->dlt = capture->dlt;
		packet->hint = HINT_NONE;
		packet->stamp_ns = stamp_of(&header->ts, &packet->fraction_bad);
		return 1;
	}
	if (n != PCAP_ERROR_BREAK) {
		const char *why = pcap_geterr(capture->pcap);

		return end_badly(capture, strstr(why, "truncated") != NULL,
				 why);
	}
	return 0;
}

static __attribute__((noinline)) int read_next(struct capture *capture,
					       struct packet *packet)
{
	int n = 0;

	if (!capture->ended)
		n = capture->pcap ? next_pcap(capture, packet)
				  : next_pcapng(capture, packet);
	capture->records += (unsigned)n;
	capture->ended = !n;
	if (!n)
		capture->plain.view = NULL;
	return n;
}

int capture_next(struct capture *capture, struct packet *packet)
{
	if (!take_record(capture, packet))
		return read_next(capture, packet);
	capture->records++;
	return 1;
}

const char *capture_status(const struct capture *capture, const char **detail)
{
	*detail = capture->detail;
	return capture->status;
}

int capture_check(const struct capture *capture, struct err *err)
{
	if (!capture->failed)
		return 0;
	return err_set(err, ERR_IO, "'%s': cannot read on %s", capture->path,
		       capture->detail);
}

bool capture_seekable(const struct capture *capture)
{
	return stream_seekable(capture->stream);
}

const char *capture_path(const struct capture *capture)
{
	return capture->path;
}
