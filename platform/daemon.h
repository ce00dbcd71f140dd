/* SPDX-License-Identifier: Apache-2.0
 *
 * daemon - what a service says to systemd and hears from it. The three protocols are a
 * datagram, two variables and a signal; libsystemd for them would cost the agent more memory
 * than they have lines. Without systemd all of it does nothing.
 */
#pragma once
#include "platform/message.h"

#include <assay/base.h>

/* Type=notify-reload. status is one line for `systemctl status`, NULL: none. */
void platform_daemon_ready(const char *status);
void platform_daemon_reloading(void);
void platform_daemon_stopping(void);
void platform_daemon_alive(void); /* WATCHDOG=1 */
/* How often platform_daemon_alive() is to be called, half of WatchdogSec=; 0: never. */
unsigned platform_daemon_alive_ms(void);

/* The number of sockets that systemd handed over; they are *first, *first + 1, ... and are
 * closed on exec from now on. To be called once: children do not see them. */
unsigned platform_daemon_sockets(int *first);

/* Blocks SIGTERM, SIGINT and SIGHUP for this thread and those it starts from now on, ignores
 * SIGPIPE, and returns a signalfd for the three; -1 with *why. */
int platform_daemon_signals(struct platform_message *why);
/* Waits at most ms (-1: for ever): the signal's number, or 0. */
int platform_daemon_wait(int fd, int ms);
