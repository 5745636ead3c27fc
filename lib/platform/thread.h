/* SPDX-License-Identifier: BSD-2-Clause
 *
 * thread.h - private locks and threads of this process.  Nothing of this is
 * ever in the segment.
 */
#ifndef WI_PLATFORM_THREAD_H
#define WI_PLATFORM_THREAD_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

struct wi_mutex {
	pthread_mutex_t m;
};
#define WI_MUTEX                                                               \
	{                                                                      \
		PTHREAD_MUTEX_INITIALIZER                                      \
	}

/* wi_mutex_new - NULL: no memory. */
struct wi_mutex *wi_mutex_new(void);
void wi_mutex_free(struct wi_mutex *m); /* NULL is allowed */
void wi_mutex_lock(struct wi_mutex *m);
/* wi_mutex_try - lock it if that needs no waiting. */
bool wi_mutex_try(struct wi_mutex *m);
void wi_mutex_unlock(struct wi_mutex *m);

/* wi_thread_start - run fn(arg) in a detached thread with all signals
 * blocked and a small stack.  Return: 0 or -errno. */
int wi_thread_start(void (*fn)(void *), void *arg);

/* wi_thread_join_start - the same with a stack as any thread has, because
 * it runs code of others; wi_thread_join() waits until @fn has returned, and
 * must be called. */
int wi_thread_join_start(void (*fn)(void *), void *arg, pthread_t *thread);
void wi_thread_join(pthread_t thread);

/* wi_thread_self - a number that is this thread's alone while it lives. */
uintptr_t wi_thread_self(void);

/* How often this thread has looked for records, in any store.  A producer that
 * has not looked since it published last streams. */
extern _Thread_local uint32_t wi_thread_looks
    __attribute__((tls_model("initial-exec")));

/* wi_at_fork - run @prepare before every fork from now on, @parent and @child
 * after it.  -ENOMEM.  A fork that has begun runs none of them: hence at load
 * (wi_at_load). */
int wi_at_fork(void (*prepare)(void), void (*parent)(void),
	       void (*child)(void));

/* wi_event_new - an eventfd, non-blocking, close-on-exec; or -errno. */
int wi_event_new(void);
void wi_event_set(int fd);
void wi_event_clear(int fd);

#endif
