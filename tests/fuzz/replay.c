/* Gives a fuzz target each file of a corpus, without a fuzzer: replay FOLDER. */
#include "fuzz.h"
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#define BYTES_MAX (2u << 20)

static bool
file_give(const char *folder, const char *name)
{
	uint8_t *bytes = malloc(BYTES_MAX);
	char path[4096];
	FILE *file;
	size_t size;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	file = fopen(path, "rb");
	if (!bytes || !file) {
		fprintf(stderr, "%s cannot be read\n", path);
		exit(1);
	}
	printf("%s\n", name); /* the last one said is the one that failed */
	fflush(stdout);
	size = fread(bytes, 1, BYTES_MAX, file);
	fclose(file);
	LLVMFuzzerTestOneInput(bytes, size);
	free(bytes);
	return true;
}

int
main(int argc, char **argv)
{
	DIR *folder = argc == 2 ? opendir(argv[1]) : NULL;
	size_t count = 0;

	if (!folder) {
		fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
		return 1;
	}
	for (struct dirent *entry; (entry = readdir(folder));)
		count += entry->d_name[0] != '.' && file_give(argv[1], entry->d_name);
	closedir(folder);
	return count > 0 ? 0 : 1;
}
