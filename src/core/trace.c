/* SPDX-License-Identifier: MIT */
/* The trace. */
#include "core/trace.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "core/buffer.h"
#include "core/status.h"

#define LINE_MAX_SIZE 1024

_Atomic enum trace_state trace_state = TRACE_UNREAD;

static int trace_fd = -1;
static pthread_once_t trace_once = PTHREAD_ONCE_INIT;

/* A regular file and nothing else: a FIFO without a reader would hold the program up. */
static int trace_file(const char *where)
{
    struct stat status;
    int fd;

    if (strcmp(where, "stderr") == 0)
        return STDERR_FILENO;
    fd = open(where, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK,
              S_IRUSR | S_IWUSR);
    if (fd >= 0 && (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode))) {
        close(fd);
        fd = -1;
    }
    return fd;
}

/* secure_getenv(): a set-id program must not write where its caller says. */
static void trace_start(void)
{
    const char *where = secure_getenv("SSPI_TRACE");

    if (where != NULL && *where != '\0')
        trace_fd = trace_file(where);
    atomic_store_explicit(&trace_state, trace_fd >= 0 ? TRACE_ON : TRACE_OFF, memory_order_release);
}

bool trace_open(void)
{
    pthread_once(&trace_once, trace_start);
    return trace_fd >= 0;
}

/* One write() per line, so that the lines of several threads and processes stay whole. */
void trace_write(const char *format, ...)
{
    char line[LINE_MAX_SIZE];
    struct timespec now;
    int saved = errno, head, body;
    size_t length;
    va_list arguments;

    if (!trace_enabled())
        return;
    clock_gettime(CLOCK_REALTIME, &now);
    head = snprintf(line, sizeof(line), "[%ld] %lld.%06ld sspi: ", (long)syscall(SYS_gettid),
                    (long long)now.tv_sec, now.tv_nsec / 1000);
    va_start(arguments, format);
    body = vsnprintf(line + head, sizeof(line) - (size_t)head - 1, format, arguments);
    va_end(arguments);
    if (body > 0) {
        length = (size_t)head + (size_t)body;
        if (length > sizeof(line) - 2)
            length = sizeof(line) - 2;
        for (size_t i = 0; i < length; i++)
            if ((unsigned char)line[i] < ' ')
                line[i] = ' ';
        line[length++] = '\n';
        if (write(trace_fd, line, length) < 0)
            saved = errno == EINTR ? saved : errno;
    }
    errno = saved;
}

SECURITY_STATUS trace_result(const char *call, SECURITY_STATUS status)
{
    trace("%s -> 0x%08x %s", call, (unsigned)status, status_name(status));
    return status;
}

static const char *const buffer_names[] = {
    [SECBUFFER_EMPTY] = "EMPTY",
    [SECBUFFER_DATA] = "DATA",
    [SECBUFFER_TOKEN] = "TOKEN",
    [SECBUFFER_PKG_PARAMS] = "PKG_PARAMS",
    [SECBUFFER_MISSING] = "MISSING",
    [SECBUFFER_EXTRA] = "EXTRA",
    [SECBUFFER_STREAM_TRAILER] = "STREAM_TRAILER",
    [SECBUFFER_STREAM_HEADER] = "STREAM_HEADER",
    [SECBUFFER_NEGOTIATION_INFO] = "NEGOTIATION_INFO",
    [SECBUFFER_PADDING] = "PADDING",
    [SECBUFFER_STREAM] = "STREAM",
    [SECBUFFER_MECHLIST] = "MECHLIST",
    [SECBUFFER_MECHLIST_SIGNATURE] = "MECHLIST_SIGNATURE",
    [SECBUFFER_TARGET] = "TARGET",
    [SECBUFFER_CHANNEL_BINDINGS] = "CHANNEL_BINDINGS",
    [SECBUFFER_CHANGE_PASS_RESPONSE] = "CHANGE_PASS_RESPONSE",
    [SECBUFFER_TARGET_HOST] = "TARGET_HOST",
    [SECBUFFER_ALERT] = "ALERT",
    [SECBUFFER_APPLICATION_PROTOCOLS] = "APPLICATION_PROTOCOLS",
};

const char *trace_buffers(const SecBufferDesc *list, char *text, size_t size)
{
    size_t used = 0;

    *text = '\0';
    if (list == NULL || list->pBuffers == NULL)
        return "none";
    for (ULONG i = 0; i < list->cBuffers && i < BUFFER_COUNT_MAX && used < size; i++) {
        const SecBuffer *buffer = &list->pBuffers[i];
        ULONG type = buffer->BufferType & ~SECBUFFER_ATTRMASK;
        const char *name =
            type < sizeof(buffer_names) / sizeof(*buffer_names) ? buffer_names[type] : NULL;
        const char *mark = buffer->BufferType & SECBUFFER_READONLY                 ? "!"
                           : buffer->BufferType & SECBUFFER_READONLY_WITH_CHECKSUM ? "+"
                                                                                   : "";
        int n = name != NULL ? snprintf(text + used, size - used, "%s%s%s[%u]", i ? " " : "", name,
                                        mark, (unsigned)buffer->cbBuffer)
                             : snprintf(text + used, size - used, "%s%u%s[%u]", i ? " " : "",
                                        (unsigned)type, mark, (unsigned)buffer->cbBuffer);

        if (n < 0)
            break;
        used += (size_t)n;
    }
    return text;
}
