/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODELS_HOST_WALKER_H
#define MODELS_HOST_WALKER_H
#include <stdbool.h>
#include <stdint.h>
struct walker;
struct walker_request {
	struct walker_request *next;
	uint64_t address; /* logical; never crosses 4 KiB */
	uint64_t key;	  /* of events */
	bool write;
	void (*done)(struct walker_request *request);
};
static inline bool walker_translate(struct walker *walker, struct walker_request *request)
{
	(void)walker;
	(void)request;
	return true;
}
static inline void walker_release(struct walker *walker, struct walker_request *request)
{
	(void)walker;
	(void)request;
}
#endif
