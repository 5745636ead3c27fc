/* SPDX-License-Identifier: BSD-2-Clause
 *
 * ask.c - who calls the service, and knows nothing of weir: sends a line to a
 * Unix socket and prints the answer.
 *
 *     ask SOCKET TEXT
 *
 * Exit code 1 if the answer is no.
 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "../common/demo.h"

int
main(int argc, char **argv)
{
	struct sockaddr_un to = {.sun_family = AF_UNIX};
	static struct demo_lines in;
	char answer[300];

	if (argc != 3 || strlen(argv[1]) >= sizeof(to.sun_path))
		return 2;
	demo_begin("ask", NULL);
	strcpy(to.sun_path, argv[1]);
	in.fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (in.fd < 0 ||
	    connect(in.fd, (struct sockaddr *)&to, sizeof(to)) != 0)
		return demo_fail("cannot connect", -errno, NULL);
	if (send(in.fd, argv[2], strlen(argv[2]), MSG_NOSIGNAL) < 0)
		return demo_fail("send", -errno, NULL);
	if (!demo_line(&in, answer, sizeof(answer)))
		return demo_fail("no answer", -EPIPE, NULL);
	close(in.fd);
	demo_say("%s: %s", argv[2], answer);
	return strncmp(answer, "seq ", 4) != 0;
}
