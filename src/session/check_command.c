// SPDX-License-Identifier: GPL-2.0
/*
 * How COMMAND ended, as a verdict (analysis/check.h), so that whoever reads only verdicts reads it.
 */
#include <stdio.h>
#include <sys/wait.h>
#include "analysis/check.h"

int check_command(struct checks *c, const char *command, int status, bool interrupted)
{
	static const struct limit limit = {
		.text = (char *)"COMMAND exits with 0", .quantity = QUANTITY_COMMAND,
	};
	struct checked one = { .limit = &limit };

	snprintf(one.calls, sizeof(one.calls), "%s", command);
	if (status < 0 && interrupted) {
		one.verdict = JUDGED_INCOMPLETE;
		snprintf(one.why, sizeof(one.why), "a signal ended the run while it was running");
	} else if (status < 0) {
		snprintf(one.why, sizeof(one.why), "it was running when the time was over");
	} else if (WIFSIGNALED(status)) {
		one.verdict = JUDGED_FAILED;
		snprintf(one.why, sizeof(one.why), "killed by signal %d", WTERMSIG(status));
	} else {
		one.measured = WEXITSTATUS(status);
		one.measured_known = true;
		one.verdict = one.measured ? JUDGED_FAILED : JUDGED_PASSED;
	}
	return checks_add(c, one);
}
