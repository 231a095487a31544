// SPDX-License-Identifier: GPL-2.0-or-later
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>

#include <kdtls/kdtls.h>

#include "inherited.h"
#include "say.h"
#include "settings.h"
#include "socket.h"

static int protect_socket(int fd)
{
	struct sockaddr_storage storage;
	struct sockaddr *addr = (struct sockaddr *)&storage;
	socklen_t len = sizeof(storage);
	struct kdtls_options options;

	if (getsockname(fd, addr, &len) || settings_plain(addr, len))
		return 0;
	if (kdtls_enable(fd))
		return -1;
	if (!settings_listen(addr, len)) {
		say("the UDP socket at descriptor %d has no DTLS and cannot send",
		    fd);
		return 0;
	}
	settings_options(&options);
	return kdtls_listen(fd, &options) && errno != EALREADY ? -1 : 0;
}

int inherited_protect(void)
{
	DIR *dir = opendir("/proc/self/fd");
	struct dirent *entry;
	int err = 0;

	if (!dir) {
		say("/proc/self/fd cannot be read; mount /proc");
		return -1;
	}
	while (!err && (entry = readdir(dir))) {
		int fd = atoi(entry->d_name);

		if (*entry->d_name == '.' || !socket_is_udp(fd) ||
		    socket_attached(fd))
			continue;
		err = protect_socket(fd);
		if (err)
			say("the UDP socket at descriptor %d: %s", fd,
			    kdtls_strerror(errno));
	}
	closedir(dir);
	return err;
}
