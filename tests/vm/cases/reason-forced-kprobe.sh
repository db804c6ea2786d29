# SPDX-License-Identifier: GPL-2.0
# The same with fentry forced off.
. "$here/cases/reason-forced.sh"

guest()
{
	guest_classes -w kprobe
}
