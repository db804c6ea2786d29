#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What users read in a report they find in a manual page: operations, losses, columns and keys.
set -eu
status=0

explained()	# WORD PAGE WHAT
{
	grep -qE "(^\.|[ (])Cm( [a-z0-9_]+ ,)* $1( |\$)" "$2" && return
	echo "$2: $3 '$1' is not explained"
	status=1
}

# The second word of each row of an X-macro
row_names()	# MACRO
{
	sed -n "/^#define $1(X)/,/[^\\\\]\$/s/.*X([A-Z0-9_]*, \"\\([a-z_]*\\)\".*/\\1/p" bpf/dmatrace.h
}

columns_of()	# FILE
{
	sed -n 's/^	{ "\([a-z_]*\)", .*UNIT_[A-Z_]*, SHOW_[A-Z]* },$/\1/p' "$1"
}

# Keys may be told in passing.
mentioned()	# WORD PAGE
{
	grep -qw -- "$1" "$2" && return
	echo "$2: column '$1' is not explained"
	status=1
}

for op in $(row_names DMT_OPS); do
	explained "$op" man/dmatrace.1 operation
done
for loss in $(row_names DMT_LOSSES) missed; do
	explained "$loss" man/dmatrace-stat.1 loss
done
for column in $(columns_of src/report_stat.c); do
	mentioned "$column" man/dmatrace-stat.1
done
for column in $(columns_of src/report_pgtable.c); do
	mentioned "$column" man/dmatrace-stat.1
done
for column in $(columns_of src/report_findings.c); do
	mentioned "$column" man/dmatrace-stat.1
done
for column in $(columns_of src/report_swiotlb.c); do
	mentioned "$column" man/dmatrace-swiotlb.1
done
for column in $(columns_of src/report_iommu.c); do
	mentioned "$column" man/dmatrace-iommu.1
done
for column in $(columns_of src/report_stacks.c); do
	mentioned "$column" man/dmatrace-stacks.1
done
for column in $(columns_of src/report_live.c); do
	mentioned "$column" man/dmatrace-live.1
done
for column in $(columns_of src/report_events.c); do
	mentioned "$column" man/dmatrace-trace.1
done
for column in $(columns_of src/report.c); do
	mentioned "$column" man/dmatrace-hooks.1
done
for column in $(columns_of src/report_devices.c); do
	mentioned "$column" man/dmatrace-devices.1
done
for command in $(./dmatrace --dump-options | cut -f 1 | sort -u); do
	explained "$command" man/dmatrace.1 command
done
if [ -z "$(row_names DMT_OPS)" ] || [ -z "$(row_names DMT_LOSSES)" ]; then
	echo "bpf/dmatrace.h: no names found"
	status=1
fi
exit $status
