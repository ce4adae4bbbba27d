/* Preloaded into a process, it makes every write take 1 ms and every sync 50 ms. The process dies by SIGKILL in the middle of
   the sync whose number, from 1, the variable LAST_SYNC of the environment names. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

static int syncs;

static int take_time(int fd, const char *name) {
    usleep(50000);
    const char *last = getenv("LAST_SYNC");
    if (last && ++syncs == atoi(last)) kill(getpid(), SIGKILL);
    return ((int (*)(int)) dlsym(RTLD_NEXT, name))(fd);
}

int fsync(int fd) { return take_time(fd, "fsync"); }

int fdatasync(int fd) { return take_time(fd, "fdatasync"); }

ssize_t pwrite64(int fd, const void *bytes, size_t count, off64_t at) {
    usleep(1000);
    return ((ssize_t (*)(int, const void *, size_t, off64_t)) dlsym(RTLD_NEXT, "pwrite64"))(fd, bytes, count, at);
}
