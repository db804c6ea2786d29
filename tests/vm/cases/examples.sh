# SPDX-License-Identifier: GPL-2.0
# The examples of README.md and of the manual pages that need root, as they stand there.
devices=nvme
modules=nvme
timeout=1000

applies()
{
	[ "$KERNEL-$ARCH-$IOMMU" = 6.12-amd64-intel ] || { echo "one cell will do, it takes long"; return 1; }
}

# The policy that its manual page shows, for the example there.
policy=$(sed -n '/^\.Bd/,/^\.Ed/p' "$here/../../man/dmatrace-policy.5" | sed '/^\.Ed/,$d; 1d')
examples=$("$here/../lint/examples.sh" --root | awk '!seen[$0]++')

eval "guest_files()
{
	cat >dma.yml <<'END'
$policy
END
	cat >examples <<'END'
$examples
END
}"

# One after the other, but those that only wait for ten seconds: they do so beside the others.
guest()
{
	guest_files
	while read -r example <&8; do
		case $example in
		*'-d 10s'*)	guest_example "$example" & ;;
		*)		guest_example "$example" ;;
		esac
	done 8<examples
	wait
	[ ! -s failed ] || { cat failed; return 1; }
}

guest_example()	# COMMAND
{
	sh -c "$1" >/dev/null || echo "fails: $1" >>failed
}

check()
{
	[ "$(wc -l <examples)" -gt 40 ]
}
