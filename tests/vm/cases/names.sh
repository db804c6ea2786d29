# SPDX-License-Identifier: GPL-2.0
# Whose functions stand on a call path: __init functions, whose code is gone by then, modules that
# are gone as well, and others in their place; two of them, loaded ten times each, where the other
# one was before.  Counted by name that is what they say of themselves in the kernel's log.
. "$here/cases/cells.inc"
. "$here/cases/load.inc"
smp=$cpus

applies()
{
	eight_of_all
}

guest_script()
{
	cat <<-'END'
		rmmod dmt_early
		for pair in 'early other' 'other early'; do
			for turn in 1 2 3 4 5; do
				for name in $pair; do
					insmod /dmt_$name.ko calls=3 || exit 1
				done
				rmmod dmt_early dmt_other || exit 1
			done
		done
	END
}

guest()
{
	guest_load || return 1
	insmod /dmt_early.ko calls=0 || return 1
	guest_script >script
	dmatrace stacks -f json -p alloc -p free -- sh script >stacks.json || return 1
	dmesg | grep -o 'dmt_.*: loaded .*' >loaded
	echo 'insmod /dmt_early.ko calls=4 leave=1; rmmod dmt_early; insmod /dmt_other.ko' >script
	dmatrace live -f json -- sh script >live.json || return 1
	rmmod dmt_other
	echo 'insmod /dmt_other.ko; insmod /dmt_early.ko; rmmod dmt_other dmt_early' >script
	dmatrace trace --stack -f json -p alloc -p free -- sh script >trace.json || return 1
}

check()
{
	python3 - <<-'END'
		import json
		from collections import Counter

		loads = [line.split() for line in open("loaded")]
		wanted, places = Counter(), {"early": [], "other": []}
		for module, _, tried, _, code, init in loads:
		    name = module[4:-1]
		    wanted["dma_alloc_attrs", f"{name}_try", f"{name}_init"] += int(tried)
		    if int(tried):
		        wanted["dma_alloc_attrs", f"{name}_keep", f"{name}_init"] += 1
		        wanted["dma_free_attrs", f"{name}_try", f"{name}_init"] += int(tried)
		    wanted["dma_free_attrs", f"{name}_drop", f"{name}_exit"] += 1
		    places[name].append((code, init))
		assert len(loads) == 21, len(loads)
		assert sum(wanted.values()) == 20 * 8 + 1, wanted
		for name, at in places.items():
		    print(name, "was at", sorted(set(at)))
		    assert len(set(at)) > 1, "always at the same place"
		shared = set(places["early"]) & set(places["other"])
		assert shared, "never where the other one was"

		def of(frames):
		    frames = frames[next(i for i, f in enumerate(frames) if f.startswith("dma_")):]
		    inner = frames[:3]
		    assert all(f.endswith(f"[dmt_{f[:5]}]") for f in inner[1:]), frames
		    others = [f for f in frames[3:] if "[" in f]
		    assert not others, frames
		    return (inner[0], *(f.split()[0] for f in inner[1:]))

		found = Counter()
		for row in json.load(open("stacks.json"))["stacks"]:
		    found[of(row["frames"])] += row["calls"]
		assert found == wanted, f"{found - wanted} too many, {wanted - found} missing"
	END
	python3 - <<-'END'
		import json
		from collections import Counter

		def inner(row):
		    return next(f for f in row["stack"] if not f.startswith("dma_"))

		held = Counter()
		for row in json.load(open("live.json"))["live"]:
		    held[row["op"], inner(row)] += row["count"]
		wanted = {("alloc", "early_try [dmt_early]"): 4, ("alloc", "other_keep [dmt_other]"): 1}
		assert held == wanted, held
		events = [json.loads(line) for line in open("trace.json")]
		calls = Counter((e["op"], inner(e)) for e in events if "end" not in e)
		wanted = {(op, f"{name}_{function} [dmt_{name}]"): 1 for name in ("early", "other")
		          for op, function in (("alloc", "try"), ("free", "try"), ("alloc", "keep"),
		                               ("free", "drop"))}
		assert calls == wanted, calls
	END
}
