# SPDX-License-Identifier: GPL-2.0
# The same with fentry forced off.
. "$here/cases/reason-forced.sh"

guest()
{
	guest_classes -w kprobe
}

# what tables hold has nothing to do with it
guest_more()
{
	return 1
}
