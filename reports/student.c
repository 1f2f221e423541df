/* SPDX-License-Identifier: Apache-2.0 */
#include "core/err.h"
#include "reports/summary.h"

/* Two-sided 95 %: the usual table, three decimals. */
static const double t975[] = {
	12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228,
	2.201,	2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086,
	2.080,	2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042,
};

double student_t975(unsigned degrees)
{
	BUG_ON(degrees == 0);
	if (degrees <= sizeof(t975) / sizeof(t975[0]))
		return t975[degrees - 1];
	if (degrees < 40)
		return 2.042;
	if (degrees < 60)
		return 2.021;
	if (degrees < 120)
		return 2.000;
	return 1.980;
}
