/* SPDX-License-Identifier: BSD-2-Clause */
#include "term.h"

#include <curses.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "cmd.h"
#include "out.h"
#include "reach.h"
#include "stop.h"

#define ESCAPE_MS 25 /* how long a sequence of keys may follow an Esc */

/* Signals are blocked but while we wait for a key, so none comes between a
 * look at these and the wait. */
static volatile sig_atomic_t to_stop, is_stale;
static sigset_t outside; /* the mask that was there before, for waits */
static SCREEN *screen;
static int is_coloured;

int
term_is_there(void)
{
	return isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
}

static void
on_signal(int sig)
{
	if (sig == SIGTSTP)
		to_stop = 1;
	else
		is_stale = 1;
}

static void
handle(int sig)
{
	struct sigaction sa, old;

	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = on_signal;
	sigaction(sig, NULL, &old);
	if (old.sa_handler != SIG_IGN)
		sigaction(sig, &sa, NULL);
}

/* Takes the place of what curses has installed, which works in handlers what
 * may not be done there. */
static void
take_signals(void)
{
	static const int ours[] = {SIGINT,   SIGTERM, SIGHUP,
				   SIGWINCH, SIGTSTP, SIGCONT};
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < sizeof(ours) / sizeof(*ours); i++)
		sigaddset(&set, ours[i]);
	sigprocmask(SIG_BLOCK, &set, &outside);
	stop_catch();
	handle(SIGWINCH);
	handle(SIGTSTP);
	handle(SIGCONT);
}

static void
take_colours(void)
{
	const char *no = getenv("NO_COLOR");

	is_coloured = !(no && *no) && has_colors();
	if (!is_coloured)
		return;
	start_color();
	use_default_colors();
	for (short c = COLOR_BLACK; c <= COLOR_WHITE; c++)
		init_pair(c, c, -1);
}

int
term_begin(void)
{
	const char *term = getenv("TERM");
	const char *move;

	screen = newterm(NULL, stdout, stdin);
	if (!screen) {
		talk("the terminal \"%s\" ($TERM) is not known; once, plain: "
		     "%s -1",
		     term ? term : "", reach_command(talk_verb));
		return X_FAILED;
	}
	take_signals();
	move = tigetstr("cup");
	if (!move || move == (char *)-1) {
		term_end();
		talk("the terminal \"%s\" ($TERM) has no full screen; once, "
		     "plain: %s -1",
		     term ? term : "", reach_command(talk_verb));
		return X_FAILED;
	}
	talk_hold();
	cbreak();
	noecho();
	nonl();
	keypad(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	set_escdelay(ESCAPE_MS);
	curs_set(0);
	take_colours();
	return 0;
}

int
term_has_colours(void)
{
	return is_coloured;
}

void
term_end(void)
{
	if (!screen)
		return;
	endwin();
	talk_release();
	delscreen(screen);
	screen = NULL;
	sigprocmask(SIG_SETMASK, &outside, NULL);
}

/* Ends as a process does that does not catch it, so that the shell sees what
 * it expects; and goes on here. */
static void
stop_here(void)
{
	struct sigaction dfl, ours;
	sigset_t inside;

	to_stop = 0;
	endwin();
	memset(&dfl, 0, sizeof(dfl));
	dfl.sa_handler = SIG_DFL;
	sigaction(SIGTSTP, &dfl, &ours);
	raise(SIGTSTP);
	sigprocmask(SIG_SETMASK, &outside, &inside); /* stops in here */
	sigprocmask(SIG_SETMASK, &inside, NULL);
	sigaction(SIGTSTP, &ours, NULL);
	is_stale = 1;
}

/* Asked, instead of waiting to be told: a signal is sent to those in the
 * foreground only. */
static int
is_resized(void)
{
	struct winsize w;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) < 0 || !w.ws_row ||
	    !w.ws_col || !is_term_resized(w.ws_row, w.ws_col))
		return 0;
	resizeterm(w.ws_row, w.ws_col);
	return 1;
}

/* Somebody else may have had the terminal meanwhile; and what one shows that is
 * given another size, only it knows. */
static void
renew(void)
{
	is_stale = 0;
	reset_prog_mode();
	clearok(curscr, TRUE);
}

static int
take_key(struct term_key *key)
{
	wint_t c;
	int rc = get_wch(&c);

	if (rc == ERR)
		return 0;
	*key = (struct term_key){.code = rc == KEY_CODE_YES ? (int)c : 0,
				 .c = (wchar_t)c};
	return key->code != KEY_RESIZE;
}

enum term_event
term_wait(int64_t until_ns, struct term_key *key)
{
	struct pollfd in = {.fd = STDIN_FILENO, .events = POLLIN};
	struct timespec t;
	int64_t left;
	int rc = 0;

	for (;;) {
		if (stop_signal())
			return TERM_END;
		if (to_stop)
			stop_here();
		if (is_resized() || is_stale) {
			renew();
			return TERM_SIZE;
		}
		if (take_key(key)) /* also those that curses has read ahead */
			return TERM_KEY;
		if (rc > 0 && (in.revents & (POLLHUP | POLLERR | POLLNVAL)))
			return TERM_GONE;
		left = until_ns - clock_mono();
		if (left <= 0)
			return TERM_TIME;
		t.tv_sec = left / 1000000000;
		t.tv_nsec = left % 1000000000;
		rc = ppoll(&in, 1, until_ns == INT64_MAX ? NULL : &t, &outside);
	}
}
