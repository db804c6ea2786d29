# SPDX-License-Identifier: GPL-2.0
# The kernel memory of a run is what the formula in dmatrace(1) says, within a tenth, and the rest
# what it says of the rest: with 2 CPUs, 8 and 256, computed from the sizes maps have with 8.
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
	python3 - "$here/../../man/dmatrace.1" <<-'END'
		import json, re, sys
		page = re.search(r"^\.Sh MEMORY$(.*?)^\.Sh ", open(sys.argv[1]).read(), re.M | re.S)[1]
		text = " ".join(page.split())
		account, *others = re.search(r"accounts x (\d+) \+ (\d+) stacks x (\d+) \+ "
		                             r"(\d+) devices x (\d+) \+ (\d+) CPUs x (\d+)",
		                             text).groups()
		others = [int(n) for n in others]
		for_each, least, most = map(int, re.search(
		    r"(\d+) accounts for each CPU, at least (\d+) and at most (\d+)", text).groups())
		rest = int(re.search(r"add less than (\d+) MiB", text)[1]) << 20
		of_accounts = "accounts", "account_index", "free_accounts"
		maps = {m["name"]: m for m in json.load(open("maps.json"))}
		cpus_here, accounts_here = 8, maps["accounts"]["max_entries"]

		for cpus in 2, cpus_here, 256:
		    accounts = min(max(for_each * cpus, least), most)
		    assert cpus != cpus_here or accounts == accounts_here, accounts_here
		    said = accounts * int(account)
		    said += sum(a * b for a, b in zip(others[::2], others[1::2]))
		    taken = {name: m["bytes_memlock"] * (accounts if name in of_accounts else accounts_here)
		             // accounts_here for name, m in maps.items()}
		    formula = sum(taken.pop(name) for name in ("accounts", "devices", "dmatrace.bss"))
		    print(f"{cpus} CPUs: {formula} bytes, {said} said; besides {sum(taken.values())}")
		    assert abs(formula - said) < said / 10
		    assert sum(taken.values()) < rest
		    assert formula + sum(taken.values()) <= 64 << 20
	END
}
