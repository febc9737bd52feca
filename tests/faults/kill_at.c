/*
 * Preloaded into a process, kills it with SIGKILL before its file operation number KILL_AT (0 is the
 * first) under the folder KILL_UNDER, counted over all its threads; a write is done half before. The
 * operation's name and path go to stderr. strace cannot do this: its counts are per thread, and Deno
 * spreads file operations over a pool of threads.
 */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static atomic_long operations;

static int counts(const char *path) {
  const char *folder = getenv("KILL_UNDER");
  return folder != NULL && strncmp(path, folder, strlen(folder)) == 0;
}

/* True where the process ends now. */
static int is_last(const char *name, const char *path) {
  const char *at = getenv("KILL_AT");
  if (at == NULL || !counts(path) || atomic_fetch_add(&operations, 1) != atol(at)) return 0;
  dprintf(2, "killed before %s %s\n", name, path);
  return 1;
}

static void die(void) {
  kill(getpid(), SIGKILL);
  for (;;) pause();
}

static void before(const char *name, const char *path) {
  if (is_last(name, path)) die();
}

static const char *path_of(int fd, char *path) {
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, PATH_MAX - 1);
  path[length < 0 ? 0 : length] = '\0';
  return path;
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

#define OPENS(name)                                       \
  int name(const char *path, int flags, ...) {            \
    va_list rest;                                         \
    va_start(rest, flags);                                \
    mode_t mode = va_arg(rest, mode_t);                   \
    va_end(rest);                                         \
    before("open", path);                                 \
    return REAL(name)(path, flags, mode);                 \
  }

OPENS(open)
OPENS(open64)

ssize_t write(int fd, const void *bytes, size_t length) {
  char path[PATH_MAX];
  if (fd > 2 && is_last("write", path_of(fd, path))) {
    REAL(write)(fd, bytes, length / 2);
    die();
  }
  return REAL(write)(fd, bytes, length);
}

ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t offset) {
  char path[PATH_MAX];
  if (is_last("write", path_of(fd, path))) {
    REAL(pwrite64)(fd, bytes, length / 2, offset);
    die();
  }
  return REAL(pwrite64)(fd, bytes, length, offset);
}

#define ON_DESCRIPTOR(name)              \
  int name(int fd) {                     \
    char path[PATH_MAX];                 \
    before(#name, path_of(fd, path));    \
    return REAL(name)(fd);               \
  }

ON_DESCRIPTOR(fsync)
ON_DESCRIPTOR(fdatasync)

int rename(const char *from, const char *to) {
  before("rename", from);
  return REAL(rename)(from, to);
}

int mkdir(const char *path, mode_t mode) {
  before("mkdir", path);
  return REAL(mkdir)(path, mode);
}

int unlink(const char *path) {
  before("unlink", path);
  return REAL(unlink)(path);
}

int ftruncate64(int fd, off64_t length) {
  char path[PATH_MAX];
  before("ftruncate", path_of(fd, path));
  return REAL(ftruncate64)(fd, length);
}
