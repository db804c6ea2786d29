// SPDX-License-Identifier: GPL-2.0
/*
 * Any bytes as a recording: read, or refused, and all reports made of what was read; and compared
 * with itself.
 *
 *	fuzz_recording --seeds DIR	writes recordings to begin with
 */
#include "recording.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char path[64];

static void seed(const char *dir, const char *name, struct model *m)
{
	char file[4096];

	snprintf(file, sizeof(file), "%s/%s", dir, name);
	recording_make(file, m);
}

static void seeds(const char *dir)
{
	struct model m = { 0 };

	seed(dir, "nothing.db", &m);
	model_fill(&m);
	seed(dir, "all.db", &m);
	model_release(&m);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	if (*argc == 3 && !strcmp((*argv)[1], "--seeds")) {
		seeds((*argv)[2]);
		exit(0);
	}
	snprintf(path, sizeof(path), "/dev/shm/dmatrace-fuzz.%d", getpid());
	return 0;
}

static void put(const uint8_t *data, size_t size)
{
	FILE *out = fopen(path, "w");

	must(out && fwrite(data, 1, size, out) == size && !fclose(out));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	put(data, size);
	recording_read(path);
	unlink(path);
	return 0;
}
