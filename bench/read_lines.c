/*
 * What reading costs: finds the lines of files and does nothing with them.
 *
 *	read_lines FILE...
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static char block[1 << 16];

int
main(int argc, char **argv)
{
	unsigned long long lines = 0, bytes = 0;

	for (int i = 1; i < argc; i++) {
		int fd = open(argv[i], O_RDONLY);
		ssize_t size;
		if (fd < 0) {
			fprintf(stderr, "read_lines: %s: %s\n", argv[i], strerror(errno));
			return 66;
		}
		while ((size = read(fd, block, sizeof block)) > 0) {
			const char *at = block, *end = block + size;
			while ((at = memchr(at, '\n', (size_t) (end - at)))) {
				at++;
				lines++;
			}
			bytes += (unsigned long long) size;
		}
		close(fd);
	}
	printf("%llu lines, %llu bytes\n", lines, bytes);
	return 0;
}
