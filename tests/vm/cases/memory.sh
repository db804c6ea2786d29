# SPDX-License-Identifier: GPL-2.0
# The kernel memory a run takes is what README.md's formula says, within a tenth, and the rest what
# it says of the rest.
smp=8 mem=1G
programs=/usr/sbin/bpftool

applies()
{
	[ "$KERNEL-$ARCH-$IOMMU" = 6.12-amd64-none ] ||
		{ echo "the sizes of maps are the same anywhere; from 6.4 on the kernel tells"; return 1; }
}

guest()
{
	dmatrace stat -- sh -c 'bpftool -j map show >maps.json' >stat.txt
}

check()
{
	python3 - "$here/../../README.md" <<-'END'
		import json, re, sys
		text = re.search(r"^## Memory$(.*?)^## ", open(sys.argv[1]).read(), re.M | re.S)[1]
		account, *others = re.search(r"accounts x (\d+) \+ (\d+) stacks x (\d+) \+ "
		                             r"(\d+) devices x (\d+) \+ (\d+) CPUs x (\d+)",
		                             text).groups()
		others = [int(n) for n in others]
		accounts = 8 * int(re.search(r"(\d+) accounts for each CPU", text)[1])
		said = accounts * int(account)
		said += sum(a * b for a, b in zip(others[::2], others[1::2]))
		rest = int(re.search(r"add less than (\d+) MiB", text)[1]) << 20
		maps = {m["name"]: m["bytes_memlock"] for m in json.load(open("maps.json"))}
		formula = sum(maps.pop(name) for name in ("accounts", "devices", "dmatrace.bss"))
		print(f"{formula} bytes, {said} said; besides {sum(maps.values())}: {maps}")
		assert abs(formula - said) < said / 10
		assert sum(maps.values()) < rest
	END
}
