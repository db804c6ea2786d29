# SPDX-License-Identifier: GPL-2.0
# The examples of README.md and of the manual pages that need root, as they stand there.
devices=nvme
modules=nvme
timeout=600

applies()
{
	[ "$KERNEL-$ARCH-$IOMMU" = 6.12-amd64-intel ] || { echo "one cell will do, it takes long"; return 1; }
}

eval "guest()
{
$("$here/../lint/examples.sh" --root | awk '!seen[$0]++' | sed 's/.*/& >out || { echo "fails: &"; return 1; }/')
}"
