/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The version: the one place it stands.  It goes into every result and its
 * digest, so it changes whenever results may.
 */
#ifndef CORE_VERSION_H
#define CORE_VERSION_H

#define DMASIM_VERSION "0.1.0"

#endif
