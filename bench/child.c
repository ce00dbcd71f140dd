/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/child.h"

#include <fcntl.h>
#include <spawn.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static pid_t spawn(const char *const *argv, const posix_spawn_file_actions_t *actions)
{
	pid_t pid = -1;

	/* posix_spawnp writes to none of them */
	if (posix_spawnp(&pid, argv[0], actions, NULL, (char *const *)(uintptr_t)argv,
			 environ) != 0)
		bench_die(argv[0]);
	return pid;
}

static double seconds(struct timeval t)
{
	return (double)t.tv_sec + (double)t.tv_usec * 1e-6;
}

struct bench_weight bench_child(const char *const *argv, const char *out)
{
	posix_spawn_file_actions_t actions;
	struct rusage usage;
	int status = 0;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 1, out ? out : "/dev/null",
					 O_WRONLY | O_CREAT | O_TRUNC, 0644);
	posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
	double from = bench_wall();
	pid_t pid = spawn(argv, &actions);
	if (wait4(pid, &status, 0, &usage) != pid)
		bench_die("wait4");
	double wall = bench_wall() - from;
	posix_spawn_file_actions_destroy(&actions);
	return (struct bench_weight){
		.status = WIFEXITED(status) ? WEXITSTATUS(status) : 255,
		.cpu = seconds(usage.ru_utime) + seconds(usage.ru_stime),
		.wall = wall,
		.rss = (size_t)usage.ru_maxrss * 1024,
	};
}

void bench_peer_start(struct bench_peer *peer, const char *const *argv)
{
	posix_spawn_file_actions_t actions;
	int in[2], out[2];

	if (pipe2(in, O_CLOEXEC) != 0 || pipe2(out, O_CLOEXEC) != 0)
		bench_die("pipe2");
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, in[0], 0);
	posix_spawn_file_actions_adddup2(&actions, out[1], 1);
	peer->pid = spawn(argv, &actions);
	posix_spawn_file_actions_destroy(&actions);
	close(in[0]);
	close(out[1]);
	peer->to = fdopen(in[1], "w");
	peer->from = fdopen(out[0], "r");
	if (!peer->to || !peer->from)
		bench_die("fdopen");
}

void bench_peer_ask(struct bench_peer *peer, const char *line, char *answer, size_t cap)
{
	fprintf(peer->to, "%s\n", line);
	fflush(peer->to);
	if (!fgets(answer, (int)cap, peer->from))
		bench_die("the peer ended");
	answer[strcspn(answer, "\n")] = '\0';
}

void bench_peer_stop(struct bench_peer *peer)
{
	fclose(peer->to);
	fclose(peer->from);
	waitpid(peer->pid, NULL, 0);
}
