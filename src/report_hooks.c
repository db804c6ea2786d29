// SPDX-License-Identifier: GPL-2.0
/*
 * What this kernel offers, what is attached how, what is not and why.
 */
#include "report.h"

struct doc *report_hooks(const struct model *m)
{
	struct doc *doc = doc_new();

	report_head(doc, m->host, m->release, m->arch);
	report_hook_rows(doc, m, SHOW_ALL);
	return doc;
}
