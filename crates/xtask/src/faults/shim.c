/* Makes calls of the file system fail, or something happen directly before them, for `cargo xtask faults`: loaded before the C library.
 *
 * FAULT_CALL   read, write, open, sync, rename or close
 * FAULT_PATH   only for files whose path contains this
 * FAULT_AT     the first call that fails, counted from 1; 0: none
 * FAULT_ERRNO  the error, as a number
 * FAULT_LASTS  set: all calls from there on fail, not only one
 * FAULT_RUN    a command of the shell that runs before call FAULT_AT, which then does not fail
 * FAULT_COUNT  a file to write the number of calls to, when the process ends
 * FAULT_SERVE  set: for each byte on standard input, a copy of the process runs from here on, and how it
 *              ended is written as four bytes; so libraries are loaded once for many runs
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *call, *part, *counted, *command;
static long at;
static int error_number, lasts;
static atomic_long calls;

static long number(const char *name) {
    const char *text = getenv(name);
    return text ? atol(text) : 0;
}

__attribute__((constructor)) static void begin(void) {
    call = getenv("FAULT_CALL");
    part = getenv("FAULT_PATH");
    counted = getenv("FAULT_COUNT");
    command = getenv("FAULT_RUN");
    at = number("FAULT_AT");
    error_number = (int)number("FAULT_ERRNO");
    lasts = getenv("FAULT_LASTS") != NULL;
}

__attribute__((destructor)) static void end(void) {
    char text[32];
    if (!call || !counted) return;
    int length = snprintf(text, sizeof text, "%ld", (long)calls);
    long file = syscall(SYS_open, counted, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (file >= 0) {
        syscall(SYS_write, file, text, length);
        syscall(SYS_close, file);
    }
}

/* Waits until the command has ended. */
static void run_command(void) {
    int status, kept = errno;
    pid_t shell = fork();
    if (shell == 0) {
        unsetenv("LD_PRELOAD");
        execl("/bin/sh", "sh", "-c", command, (char *)NULL);
        _exit(127);
    }
    while (waitpid(shell, &status, 0) < 0 && errno == EINTR) {}
    errno = kept;
}

/* Whether this call on a path is to fail. */
static int fails(const char *name, const char *path) {
    if (!call || strcmp(name, call) != 0 || (part && !strstr(path, part))) return 0;
    long n = ++calls;
    if (at == 0 || n < at || (n > at && !lasts)) return 0;
    if (command) {
        run_command();
        return 0;
    }
    errno = error_number;
    return 1;
}

static int fails_on(const char *name, int file) {
    char link[40], path[4097];
    if (!call || strcmp(name, call) != 0) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    long length = syscall(SYS_readlink, link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return fails(name, path);
}

#define NEXT(name) \
    static __typeof__(name) *next; \
    if (!next) next = (__typeof__(name) *)dlsym(RTLD_NEXT, #name)

#define ON_FILE(result, what, name, arguments, values, failed) \
    result name arguments { \
        NEXT(name); \
        return fails_on(what, file) ? (failed) : next values; \
    }

ON_FILE(ssize_t, "read", read, (int file, void *b, size_t n), (file, b, n), -1)
ON_FILE(ssize_t, "read", pread, (int file, void *b, size_t n, off_t o), (file, b, n, o), -1)
ON_FILE(ssize_t, "read", pread64, (int file, void *b, size_t n, off64_t o), (file, b, n, o), -1)
ON_FILE(ssize_t, "read", readv, (int file, const struct iovec *v, int n), (file, v, n), -1)
ON_FILE(ssize_t, "write", write, (int file, const void *b, size_t n), (file, b, n), -1)
ON_FILE(ssize_t, "write", pwrite, (int file, const void *b, size_t n, off_t o), (file, b, n, o), -1)
ON_FILE(ssize_t, "write", pwrite64, (int file, const void *b, size_t n, off64_t o), (file, b, n, o), -1)
ON_FILE(ssize_t, "write", writev, (int file, const struct iovec *v, int n), (file, v, n), -1)
ON_FILE(int, "sync", fsync, (int file), (file), -1)
ON_FILE(int, "sync", fdatasync, (int file), (file), -1)

int close(int file) {
    NEXT(close);
    int failed = fails_on("close", file);
    int kept = errno, result = next(file);
    if (failed) errno = kept;
    return failed ? -1 : result;
}

int rename(const char *from, const char *to) {
    NEXT(rename);
    return fails("rename", from) ? -1 : next(from, to);
}

#define OPENS(name) \
    int name(const char *path, int flags, ...) { \
        NEXT(name); \
        va_list more; \
        va_start(more, flags); \
        int mode = va_arg(more, int); \
        va_end(more); \
        return fails("open", path) ? -1 : next(path, flags, mode); \
    }

OPENS(open)
OPENS(open64)

FILE *fopen(const char *path, const char *mode) {
    NEXT(fopen);
    return fails("open", path) ? NULL : next(path, mode);
}

FILE *fopen64(const char *path, const char *mode) {
    NEXT(fopen64);
    return fails("open", path) ? NULL : next(path, mode);
}

/* What the C library does when a call below it fails: ferror() tells. */
static size_t failed(FILE *stream) {
#ifdef __GLIBC__
    stream->_flags |= 0x20;
#endif
    return 0;
}

size_t fread(void *b, size_t size, size_t n, FILE *stream) {
    NEXT(fread);
    return fails_on("read", fileno(stream)) ? failed(stream) : next(b, size, n, stream);
}

size_t fwrite(const void *b, size_t size, size_t n, FILE *stream) {
    NEXT(fwrite);
    return fails_on("write", fileno(stream)) ? failed(stream) : next(b, size, n, stream);
}

#ifdef __GLIBC__
/* Returns in each copy. One that takes a minute of the processor, or ten of the clock, gets a signal. */
static void serve(void) {
    char go;
    unsetenv("FAULT_SERVE");
    while (read(0, &go, 1) == 1) {
        int status = -1;
        pid_t copy = fork();
        if (copy == 0) {
            struct rlimit limit = {60, 70};
            int null = open("/dev/null", O_RDWR);
            for (int file = 0; file < 3; file++) dup2(null, file);
            setrlimit(RLIMIT_CPU, &limit);
            alarm(600);
            return;
        }
        while (waitpid(copy, &status, 0) < 0 && errno == EINTR) {}
        if (write(1, &status, sizeof status) != sizeof status) break;
    }
    _exit(0);
}

/* What begins a program once its libraries are loaded. */
int __libc_start_main(int (*main)(int, char **, char **), int argc, char **argv, void (*init)(void),
                      void (*fini)(void), void (*rtld_fini)(void), void *stack_end) {
    NEXT(__libc_start_main);
    if (getenv("FAULT_SERVE")) serve();
    return next(main, argc, argv, init, fini, rtld_fini, stack_end);
}
#endif
