# SPDX-License-Identifier: GPL-2.0
# The examples of README.md and of the manual pages that need root, as they stand there.
devices=nvme
modules=nvme
timeout=600

applies()
{
	[ "$KERNEL-$ARCH-$IOMMU" = 6.12-amd64-intel ] || { echo "one cell will do, it takes long"; return 1; }
}

# The policy that its manual page shows, for the example there.
policy=$(sed -n '/^\.Bd/,/^\.Ed/p' "$here/../../man/dmatrace-policy.5" | sed '/^\.Ed/,$d; 1d')

eval "guest()
{
cat >dma.yml <<'END'
$policy
END
$("$here/../lint/examples.sh" --root | awk '!seen[$0]++' | sed 's/.*/& >out || { echo "fails: &"; return 1; }/')
}"
