/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which devices and drivers are asked for: shell patterns, matched once for each device.  User
 * space makes bits of them (src/base/glob.c); only commands with extras have them.
 */
#ifndef FILTER_BPF_H
#define FILTER_BPF_H

const volatile struct dmt_glob device_glob = {}, driver_glob = {};

/* Bit n of `at`: the first n parts fit what was read so far.  Nothing fits a name there is not. */
static __always_inline bool glob_matches(const volatile struct dmt_glob *glob, const char *name)
{
	__u64 stars = glob->stars, at = 1 | (stars & 1) << 1;

	if (!glob->given)
		return true;
	if (!name[0])
		return false;
	for (int i = 0; i < DMT_NAME_LEN; i++) {
		__u8 c = name[i];

		if (!c)
			break;
		at = (at & glob->accepts[c]) << 1 | (at & stars);
		at |= (at & stars) << 1;
	}
	return at >> (glob->parts & 63) & 1;
}

#endif
