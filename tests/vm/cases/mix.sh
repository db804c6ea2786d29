# SPDX-License-Identifier: GPL-2.0
# The scripted mix of the oracle module, all operations: calls, errors and bytes per operation
# and direction equal to the module's own; per hook equal to the kernel's kprobe counts.

guest()
{
	insmod /dmt_oracle.ko
	dmatrace stat -f json -v -- sh -c 'echo mix 1 1 >/dev/dmt_oracle' >stat.json 2>stat.err || cat stat.err
	cat /dev/dmt_oracle >oracle
	dmatrace hooks --facts >facts
}

check()
{
	"$here/compare.py" stat.json oracle
}
