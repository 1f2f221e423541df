/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "models/machine.h"
#include "models/rx/rx.h"

#define ROW(name) &rx_##name##_ops,
const struct rx_ops *const rx_registry[] = { RX_STRATEGIES(ROW) NULL };
#undef ROW

const struct param rx_no_params[] = { { .key = NULL } };

int rx_setup_nothing(struct rx_queue *queue, const struct config *cfg,
		     struct err *err)
{
	(void)queue;
	(void)cfg;
	(void)err;
	return 0;
}

const char *rx_ops_name(const struct rx_ops *ops)
{
	return ops->name;
}

const char *rx_ops_summary(const struct rx_ops *ops)
{
	return ops->summary;
}

const struct param *rx_ops_params(const struct rx_ops *ops)
{
	return ops->params;
}

const struct rx_ops *rx_ops_find(const char *name)
{
	const struct rx_ops *const *ops;

	for (ops = rx_registry; *ops; ops++)
		if (!strcmp((*ops)->name, name))
			return *ops;
	return NULL;
}
