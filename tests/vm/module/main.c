// SPDX-License-Identifier: GPL-2.0
/*
 * main.c: /dev/dmt_oracle on top of QEMU's edu device (PCI 1234:11e8). One write is one command,
 * a read gives the totals since "reset". The device never does DMA itself: it only lends its
 * struct device, so any mask and any IOMMU can be tried with it.
 */
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/sched/signal.h>
#include <linux/seq_file.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include "oracle.h"

#define MAX_ARGS	4
#define DIRS		(DMA_NONE + 1)

struct tally {
	atomic64_t calls, errors, bytes;
};

struct command {
	const char *name;
	const char *args;	/* one letter each: n number, d direction, g gfp, c context */
	int (*run)(const u64 *arg);
};

struct oracle oracle;

static DEFINE_MUTEX(lock);		/* one command at a time, and not across unbind */
static struct tally tallies[OP_MAX][DIRS];
static atomic64_t infos[INFO_MAX];

const char * const oracle_op_names[] = { ORACLE_OPS(AS_NAME) };
static const char * const info_names[] = { ORACLE_INFOS(AS_NAME) };
const char * const oracle_dir_names[] = {
	[DMA_BIDIRECTIONAL] = "bidirectional",
	[DMA_TO_DEVICE] = "to_device",
	[DMA_FROM_DEVICE] = "from_device",
	[DMA_NONE] = "none",
};

void oracle_count_many(enum oracle_op op, enum dma_data_direction dir, u64 calls, u64 errors,
		       u64 bytes)
{
	struct tally *t = &tallies[op][dir];

	atomic64_add(calls, &t->calls);
	atomic64_add(errors, &t->errors);
	atomic64_add(bytes, &t->bytes);
}

void oracle_count(enum oracle_op op, enum dma_data_direction dir, bool ok, u64 bytes)
{
	oracle_count_many(op, dir, 1, !ok, ok ? bytes : 0);
}

void oracle_info_set(enum oracle_info info, u64 value)
{
	atomic64_set(&infos[info], value);
}

void oracle_info_add(enum oracle_info info, u64 value)
{
	atomic64_add(value, &infos[info]);
}

/* Every loop asks this once a turn: it yields, and lets a killed writer stop early. */
bool oracle_interrupted(void)
{
	cond_resched();
	return fatal_signal_pending(current);
}

static int cmd_reset(const u64 *arg)
{
	int i, dir;

	for (i = 0; i < OP_MAX; i++)
		for (dir = 0; dir < DIRS; dir++) {
			atomic64_set(&tallies[i][dir].calls, 0);
			atomic64_set(&tallies[i][dir].errors, 0);
			atomic64_set(&tallies[i][dir].bytes, 0);
		}
	for (i = 0; i < INFO_MAX; i++)
		atomic64_set(&infos[i], 0);
	oracle_paths_reset();
	return 0;
}

static int cmd_mask(const u64 *arg)
{
	int err;

	if (!arg[0] || arg[0] > 64)
		return -EINVAL;
	err = dma_set_mask_and_coherent(oracle.dev, DMA_BIT_MASK(arg[0]));
	if (!err)
		oracle.mask_bits = arg[0];
	return err;
}

/*
 * Numbers may end in K, M or G; DIR is one of oracle_dir_names[] but "none", GFP kernel or atomic,
 * CONTEXT task, softirq or hardirq.
 */
static const struct command commands[] = {
	{ "reset",	"",	cmd_reset },	/* forget all totals */
	{ "mask",	"n",	cmd_mask },	/* BITS of both DMA masks */
	{ "mix",	"nn",	cmd_mix },	/* SEED ROUNDS of everything */
	{ "nest",	"nn",	cmd_nest },	/* HARD pairs in a timer, TASK or more in a task */
	{ "map",	"nnd",	cmd_map },	/* N SIZE DIR */
	{ "alloc",	"nng",	cmd_alloc },	/* N SIZE GFP */
	{ "alloc_contiguous", "nng", cmd_alloc_contiguous },	/* N SIZE GFP */
	{ "alloc_pages", "nnd",	cmd_alloc_pages },	/* N SIZE DIR */
	{ "alloc_noncontiguous", "nnd", cmd_alloc_noncontiguous },	/* N SIZE DIR */
	{ "sg",		"nnnd",	cmd_sg },	/* N NENTS SIZE DIR */
	{ "resource",	"n",	cmd_resource },	/* N */
	{ "iova",	"nn",	cmd_iova },	/* N SIZE */
	{ "iommu",	"nn",	cmd_iommu },	/* N SIZE */
	{ "latency",	"nn",	cmd_latency },	/* N SIZE, each call timed */
	{ "bench",	"nn",	cmd_bench },	/* N SIZE, timed as a whole */
	{ "bench_sg",	"nnn",	cmd_bench_sg },	/* N NENTS SIZE, the same for scatterlists */
	{ "bench_alloc", "nn",	cmd_bench_alloc },	/* N SIZE, and for coherent memory */
	{ "hold",	"nn",	cmd_hold },	/* N SIZE */
	{ "hold_alloc",	"nn",	cmd_hold_alloc },	/* N SIZE */
	{ "hold_sg",	"nn",	cmd_hold_sg },	/* AS_TABLE NENTS */
	{ "hold_noncontiguous", "nn", cmd_hold_noncontiguous },	/* N SIZE */
	{ "refill",	"n",	cmd_refill },	/* N of what is held, each by a new one */
	{ "release",	"",	cmd_release },	/* what is held */
	{ "cma",	"nn",	cmd_cma },	/* BASE SIZE of the kernel's contiguous memory */
	{ "restricted",	"nn",	cmd_restricted },	/* BASE SIZE of the device's own swiotlb */
	{ "pool",	"n",	cmd_pool },	/* 1: the device gets coherent memory of its own */
	{ "bounce",	"nndc",	cmd_bounce },	/* N SIZE DIR CONTEXT, with syncs and copies seen */
	{ "fill",	"nnd",	cmd_fill },	/* N SIZE DIR, kept as far as they work */
	{ "spill",	"n",	cmd_spill },	/* N of what "fill" kept, the first ones */
	{ "thin",	"",	cmd_thin },	/* every second slot of what "fill" kept */
	{ "keep",	"nng",	cmd_keep },	/* N SIZE GFP, kept as far as they work */
	{ "drain",	"",	cmd_drain },	/* what "fill" and "keep" kept */
	{ "unaligned",	"",	cmd_unaligned },	/* one iommu_map() that must fail */
	{ "unaligned_attached", "", cmd_unaligned_attached },	/* in the device's own domain */
	{ "again",	"",	cmd_again },	/* two of one I/O address */
	{ "beyond",	"",	cmd_beyond },	/* one beyond what IOMMUs translate */
	{ "neither",	"",	cmd_neither },	/* one to neither read nor write */
	{ "slow",	"n",	cmd_slow },	/* NS that each map takes longer */
	{ "limits",	"nnn",	cmd_limits },	/* SEGMENT BOUNDARY ALIGN; 0: as it is */
	{ "map_at",	"nnnd",	cmd_map_at },	/* N SIZE OFFSET DIR */
	{ "map_attrs",	"nnnd",	cmd_map_attrs },	/* N SIZE ATTRS DIR */
	{ "other",	"n",	cmd_other },	/* 1: a platform device lends itself instead */
	{ "p2p",	"nnn",	cmd_p2p },	/* N SIZE NEAR, memory of another device */
	{ "leak",	"nn",	cmd_leak },	/* N never unmapped among M that are */
	{ "stray",	"nnn",	cmd_stray },	/* N kept, N unmaps of that plus SHIFT plus I * STEP */
	{ "scale_devices", "nn", cmd_scale_devices },	/* N DEVICES, timed as a whole */
	{ "scale_live",	"nn",	cmd_scale_live },	/* N LIVE, timed as a whole */
	{ "scale_stacks", "nn",	cmd_scale_stacks },	/* N STACKS, timed as a whole */
	{ "scale_cpus",	"nn",	cmd_scale_cpus },	/* N CPUS, timed as a whole */
};

static int parse_arg(char kind, char *word, u64 *value)
{
	char *end;
	int i;

	switch (kind) {
	case 'd':
		i = match_string(oracle_dir_names, DMA_NONE, word);
		*value = i;
		return i < 0 ? -EINVAL : 0;
	case 'g':
		*value = strcmp(word, "atomic") ? GFP_KERNEL : GFP_ATOMIC;
		return strcmp(word, "atomic") && strcmp(word, "kernel") ? -EINVAL : 0;
	case 'c':
		i = match_string(oracle_context_names, CONTEXTS, word);
		*value = i;
		return i < 0 ? -EINVAL : 0;
	default:
		*value = memparse(word, &end);
		return end == word || *end ? -EINVAL : 0;
	}
}

static int run(char *line)
{
	const struct command *c = commands;
	u64 arg[MAX_ARGS] = {};
	char *word = strsep(&line, " ");
	int i, err;

	while (c < commands + ARRAY_SIZE(commands) && strcmp(c->name, word))
		c++;
	if (c == commands + ARRAY_SIZE(commands))
		return -EINVAL;
	for (i = 0; c->args[i]; i++) {
		word = strsep(&line, " ");
		if (!word)
			return -EINVAL;
		err = parse_arg(c->args[i], word, &arg[i]);
		if (err)
			return err;
	}
	return line ? -EINVAL : c->run(arg);
}

static ssize_t oracle_write(struct file *file, const char __user *from, size_t len, loff_t *pos)
{
	char line[128];
	int err = -ENODEV;

	if (len >= sizeof(line))
		return -EINVAL;
	if (copy_from_user(line, from, len))
		return -EFAULT;
	line[len] = '\0';
	mutex_lock(&lock);
	if (oracle.dev)
		err = run(strim(line));
	mutex_unlock(&lock);
	return err ?: len;
}

/* Who maps for the device: a function in its DMA ops has a name even where data has none. */
static void show_mapper(struct seq_file *s)
{
	const struct dma_map_ops *ops = compat_dma_ops(oracle.dev);
	struct iommu_domain *domain = iommu_get_domain_for_dev(oracle.dev);

	seq_printf(s, "info dma_iommu %d\n", compat_use_dma_iommu(oracle.dev));
#ifdef CONFIG_DMA_RESTRICTED_POOL
	seq_printf(s, "info restricted %d\n", is_swiotlb_for_alloc(oracle.dev));
#endif
	if (ops)
		seq_printf(s, "info dma_ops %ps %ps\n", ops, compat_ops_map(ops));
	if (domain)
		seq_printf(s, "info domain_type %u\n", domain->type);
	seq_printf(s, "info coherent_mask %llx\n", oracle.dev->coherent_dma_mask);
	seq_printf(s, "info bus_limit %llx\n", oracle.dev->bus_dma_limit);
	oracle_limits_show(s);
}

static int oracle_show(struct seq_file *s, void *unused)
{
	struct tally *t;
	int i, dir;

	for (i = 0; i < OP_MAX; i++)
		for (dir = 0; dir < DIRS; dir++) {
			t = &tallies[i][dir];
			if (atomic64_read(&t->calls))
				seq_printf(s, "%s %s %lld %lld %lld\n", oracle_op_names[i],
					   oracle_dir_names[dir], atomic64_read(&t->calls),
					   atomic64_read(&t->errors), atomic64_read(&t->bytes));
		}
	oracle_paths_show(s);
	for (i = 0; i < INFO_MAX; i++)
		if (i == INFO_SYNC_SKIPPED || atomic64_read(&infos[i]))
			seq_printf(s, "info %s %lld\n", info_names[i], atomic64_read(&infos[i]));
	mutex_lock(&lock);
	if (oracle.dev) {
		seq_printf(s, "info device %s\n", dev_name(oracle.dev));
		seq_printf(s, "info mask %u\n", oracle.mask_bits);
		show_mapper(s);
		seq_printf(s, "info held %u\n", oracle_held());
		oracle_held_show(s);
		seq_printf(s, "info buffer %llu\n", (u64)page_to_phys(oracle.buf));
		seq_printf(s, "info buffer_virt %lu\n", (unsigned long)page_address(oracle.buf));
		for (i = 0; i < OP_MAX; i++)
			if (oracle.unsupported[i])
				seq_printf(s, "unsupported %s %s\n", oracle_op_names[i],
					   oracle.unsupported[i]);
	}
	mutex_unlock(&lock);
	return 0;
}

static int oracle_open(struct inode *inode, struct file *file)
{
	file->private_data = NULL;	/* misc_open() left itself there, and seq_file minds */
	return single_open(file, oracle_show, NULL);
}

static const struct file_operations oracle_fops = {
	.owner = THIS_MODULE,
	.open = oracle_open,
	.read = seq_read,
	.write = oracle_write,
	.release = single_release,
};

static struct miscdevice oracle_misc = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "dmt_oracle",
	.fops = &oracle_fops,
};

static void oracle_close(void)
{
	oracle_remove_ops();
	__free_pages(oracle.buf, BUF_ORDER);
	pci_disable_device(oracle.pdev);
	memset(&oracle, 0, sizeof(oracle));
}

static int oracle_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	int err;

	if (oracle.dev)
		return -EBUSY;
	err = pci_enable_device(pdev);
	if (err)
		return err;
	oracle.buf = alloc_pages(GFP_KERNEL | __GFP_COMP | __GFP_ZERO, BUF_ORDER);
	if (!oracle.buf) {
		pci_disable_device(pdev);
		return -ENOMEM;
	}
	oracle.pdev = pdev;
	oracle.dev = &pdev->dev;
	oracle.bar = pci_resource_start(pdev, 0);
	oracle.bar_size = pci_resource_len(pdev, 0);
	err = cmd_mask((u64[]){ 64 });
	if (!err) {
		oracle_probe_ops();
		err = misc_register(&oracle_misc);
	}
	if (err)
		oracle_close();
	return err;
}

static void oracle_remove(struct pci_dev *pdev)
{
	misc_deregister(&oracle_misc);
	mutex_lock(&lock);
	cmd_release(NULL);
	cmd_drain(NULL);
	cmd_pool((u64[]){ 0 });
	cmd_slow((u64[]){ 0 });
	cmd_other((u64[]){ 0 });
	oracle_scale_end();
	oracle_close();
	mutex_unlock(&lock);
}

static const struct pci_device_id oracle_ids[] = {
	{ PCI_DEVICE(0x1234, 0x11e8) },
	{ }
};
MODULE_DEVICE_TABLE(pci, oracle_ids);

static struct pci_driver oracle_driver = {
	.name = "dmt_oracle",
	.id_table = oracle_ids,
	.probe = oracle_probe,
	.remove = oracle_remove,
};
module_pci_driver(oracle_driver);

MODULE_DESCRIPTION("makes DMA-mapping calls and counts exactly what it did");
MODULE_LICENSE("GPL");
