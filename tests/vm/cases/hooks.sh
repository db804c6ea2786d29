# SPDX-License-Identifier: GPL-2.0
# What really attaches is what the plan for this kernel says: way, target, state and reason of
# every hook, to the letter.  The facts behind it are those of tests/kernels.

guest()
{
	dmatrace hooks --layers all >hooks
	dmatrace hooks --facts >facts
}

# The lines above the table name the host and the exact release.
table()	# FILE
{
	sed -n '/^OP /,$p' "$1"
}

# Releases move on, and the order says nothing.
facts()	# FILE
{
	grep -v '^kernel ' "$1" | sort
}

check()
{
	diff <(facts "$here/../kernels/$KERNEL-$ARCH.txt") <(facts facts)
	diff <(table "$here/../golden/hooks/$KERNEL-$ARCH.txt") <(table hooks)
}
