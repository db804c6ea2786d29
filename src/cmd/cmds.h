/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Every command there is; main.c lists them in order.
 */
#ifndef CMDS_H
#define CMDS_H

#include "base/cmd.h"

extern const struct cmd cmd_stat, cmd_hist, cmd_swiotlb, cmd_iommu, cmd_stacks, cmd_live, cmd_trace,
			cmd_record, cmd_report, cmd_diff, cmd_check, cmd_export, cmd_devices,
			cmd_hooks, cmd_explain;

#endif
