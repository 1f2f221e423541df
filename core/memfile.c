/* SPDX-License-Identifier: Apache-2.0 */
#include "core/memfile.h"

#include <stdlib.h>

bool memfile_close(FILE *out, char **text)
{
	bool whole;

	if (!out)
		return false;
	whole = !ferror(out);
	if (fclose(out) == 0 && whole && *text)
		return true;
	free(*text);
	*text = NULL;
	return false;
}
