# SPDX-License-Identifier: GPL-2.0
# A device that reaches neither the buffer nor the pool: it gets a slot, and cannot use it.
. "$here/cases/cells.inc"
. "$here/cases/path.inc"
mem=5120M

applies()
{
	memory_around_28_bits
}

guest_steps()
{
	cat <<-END
		map 25 4096 to_device : direct
		mask 28 :
		map 26 4096 to_device : bounce 0 26
	END
}

guest()
{
	guest_classes
}

check()
{
	check_classes mask
}
