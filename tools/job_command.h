/* SPDX-License-Identifier: BSD-2-Clause
 *
 * job_command.h - a command that runs as a job: what it prints, how far it says
 * that it is, how it ended.
 *
 * It is a process group of its own, so that all of it can be told to end, and
 * is told so by the kernel if we die.  Its standard output is kept, its
 * standard error goes to ours but for lines like "progress 0.4 message".  The
 * job ends with the command: what processes that it leaves behind print later
 * is not its output.
 */
#ifndef WI_TOOLS_JOB_COMMAND_H
#define WI_TOOLS_JOB_COMMAND_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define COMMAND_LINE_MAX 1024 /* of a message; longer ones are cut */
#define COMMAND_TAIL_MAX 2048 /* of the end of standard error */

struct command {
	pid_t pid;
	int pidfd, out_fd, err_fd; /* -1: at its end */
	char *out;
	size_t out_len, out_max; /* what is over is counted, not kept */
	uint64_t out_total;
	char line[COMMAND_LINE_MAX];
	size_t line_len;
	int is_rest; /* what is in .line is not the beginning of its line */
	char tail[COMMAND_TAIL_MAX];
	size_t tail_len;
	double progress; /* of the line that came last */
	char message[COMMAND_LINE_MAX];
	unsigned int drained; /* reads since it has ended */
	int status;	      /* as waitpid() says it */
};

enum command_event {
	COMMAND_NOTHING,  /* the time is over, or a signal came */
	COMMAND_PROGRESS, /* .progress, .message */
	COMMAND_ENDED,	  /* .status */
};

/* command_start - run @argv; @out_max: bytes of output to keep.
 * Return: 0 or -errno, also why it could not be executed. */
int command_start(struct command *c, char **argv, size_t out_max);

/* command_wait - what happens next within @timeout_ns (< 0: for ever). */
enum command_event command_wait(struct command *c, int64_t timeout_ns);

/* command_signal - to all of it that has not left its group. */
void command_signal(const struct command *c, int sig);

void command_free(struct command *c);

#endif
