/* SPDX-License-Identifier: BSD-2-Clause */
#include "platform/thread.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct wi_mutex *
wi_mutex_new(void)
{
	struct wi_mutex *m = malloc(sizeof(*m));

	if (m && pthread_mutex_init(&m->m, NULL) != 0) {
		free(m);
		m = NULL;
	}
	return m;
}

void
wi_mutex_free(struct wi_mutex *m)
{
	if (!m)
		return;
	pthread_mutex_destroy(&m->m);
	free(m);
}

void
wi_mutex_lock(struct wi_mutex *m)
{
	pthread_mutex_lock(&m->m);
}

bool
wi_mutex_try(struct wi_mutex *m)
{
	return pthread_mutex_trylock(&m->m) == 0;
}

void
wi_mutex_unlock(struct wi_mutex *m)
{
	pthread_mutex_unlock(&m->m);
}

struct start {
	void (*fn)(void *);
	void *arg;
};

static void *
run(void *arg)
{
	struct start s = *(struct start *)arg;

	free(arg);
	s.fn(s.arg);
	return NULL;
}

static int
start(void (*fn)(void *), void *arg, int how, size_t stack, pthread_t *thread)
{
	struct start *s = malloc(sizeof(*s));
	sigset_t all, old;
	pthread_attr_t attr;
	int err;

	if (!s)
		return -ENOMEM;
	*s = (struct start){fn, arg};
	err = pthread_attr_init(&attr);
	if (err == 0) {
		pthread_attr_setdetachstate(&attr, how);
		if (stack)
			pthread_attr_setstacksize(&attr, stack);
		sigfillset(&all);
		pthread_sigmask(SIG_SETMASK, &all, &old);
		err = pthread_create(thread, &attr, run, s);
		pthread_sigmask(SIG_SETMASK, &old, NULL);
		pthread_attr_destroy(&attr);
	}
	if (err)
		free(s);
	return -err;
}

int
wi_thread_start(void (*fn)(void *), void *arg)
{
	pthread_t thread;

	return start(fn, arg, PTHREAD_CREATE_DETACHED, 256 * 1024, &thread);
}

int
wi_thread_join_start(void (*fn)(void *), void *arg, pthread_t *thread)
{
	return start(fn, arg, PTHREAD_CREATE_JOINABLE, 0, thread);
}

void
wi_thread_join(pthread_t thread)
{
	pthread_join(thread, NULL);
}

_Thread_local uint32_t wi_thread_looks
    __attribute__((tls_model("initial-exec")));

uintptr_t
wi_thread_self(void)
{
	static _Thread_local char here;

	return (uintptr_t)&here;
}

int
wi_at_fork(void (*prepare)(void), void (*parent)(void), void (*child)(void))
{
	return -pthread_atfork(prepare, parent, child);
}

int
wi_event_new(void)
{
	int fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

void
wi_event_set(int fd)
{
	uint64_t one = 1;

	/* fails otherwise only when it is set many times over already */
	while (write(fd, &one, sizeof(one)) < 0 && errno == EINTR)
		;
}

void
wi_event_clear(int fd)
{
	uint64_t n;

	/* fails otherwise only when it is clear already */
	while (read(fd, &n, sizeof(n)) < 0 && errno == EINTR)
		;
}
