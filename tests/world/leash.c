/* SPDX-License-Identifier: MIT */
/*
 * leash: runs a command that must not outlive the one who asked for it.
 *
 *     leash [-f] [-s SIGNAL] [-g SECONDS] [-o LOG] COMMAND [ARGUMENT...]
 *
 * The command and all its descendants end when leash is told to end (TERM, INT, HUP, QUIT), when
 * leash's parent dies, or when the command itself is over and has left children behind.  Daemons
 * that fork or start sessions of their own are reached too: leash is their subreaper.
 *
 *     -f          stay in the foreground session (a test program); else a session of its own
 *     -s SIGNAL   the number of the signal that ends the command politely, instead of TERM
 *     -g SECONDS  how long the command may take to end before KILL (5)
 *     -o LOG      standard output and error of the command are appended to this file
 *
 * The exit status is the command's, 128 + signal if a signal ended it.
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct leash {
    bool foreground;
    int polite;
    int grace;
    const char *log;
    sigset_t caught;
};

static const int caught_signals[] = {SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGCHLD};
#define CAUGHT_COUNT (sizeof caught_signals / sizeof caught_signals[0])

static void die(const char *what)
{
    fprintf(stderr, "leash: %s: %s\n", what, strerror(errno));
    exit(125);
}

static pid_t stat_parent(const char *pid)
{
    char path[64], line[512];
    const char *end;
    FILE *file;
    int parent = -1;

    snprintf(path, sizeof path, "/proc/%.20s/stat", pid);
    file = fopen(path, "re");
    if (file == NULL)
        return -1;
    /* The name in brackets may hold anything, so the fields count from the last bracket. */
    if (fgets(line, sizeof line, file) != NULL && (end = strrchr(line, ')')) != NULL)
        if (sscanf(end + 1, " %*c %d", &parent) != 1)
            parent = -1;
    fclose(file);
    return parent;
}

/* Sends a signal to every child; grandchildren become children as their parents end. */
static void signal_children(int number)
{
    DIR *proc = opendir("/proc");
    const struct dirent *entry;

    if (proc == NULL)
        return;
    while ((entry = readdir(proc)) != NULL)
        if (isdigit((unsigned char)entry->d_name[0]) && stat_parent(entry->d_name) == getpid())
            kill((pid_t)atol(entry->d_name), number);
    closedir(proc);
}

/* Reaps what has ended; true while a child is left.  The status of `command` goes to *status. */
static bool reap(pid_t command, int *status)
{
    for (;;) {
        int ended;
        pid_t pid = waitpid(-1, &ended, WNOHANG);

        if (pid == 0)
            return true;
        if (pid < 0)
            return false;
        if (pid == command)
            *status = ended;
    }
}

static bool wait_children(const struct leash *leash, pid_t command, int *status, double seconds)
{
    struct timespec pause = {0, 20 * 1000 * 1000};

    for (double left = seconds; reap(command, status); left -= 0.02) {
        if (left <= 0)
            return false;
        sigtimedwait(&leash->caught, NULL, &pause);
    }
    return true;
}

/* Ends the whole family: the polite signal, then KILL until nobody is left. */
static void end_family(const struct leash *leash, pid_t command, int *status)
{
    if (!reap(command, status))
        return;
    signal_children(leash->polite);
    if (wait_children(leash, command, status, leash->grace))
        return;
    do
        signal_children(SIGKILL);
    while (!wait_children(leash, command, status, 0.1));
}

static void run_child(const struct leash *leash, char **argv, const sigset_t *mask)
{
    if (!leash->foreground)
        setsid();
    /* A shell starts background jobs with INT and QUIT ignored. */
    for (size_t i = 0; i < CAUGHT_COUNT; i++)
        signal(caught_signals[i], SIG_DFL);
    sigprocmask(SIG_SETMASK, mask, NULL);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (leash->log != NULL) {
        int fd = open(leash->log, O_WRONLY | O_CREAT | O_APPEND, 0600);

        if (fd < 0 || dup2(fd, 1) < 0 || dup2(fd, 2) < 0)
            die(leash->log);
        close(fd);
    }
    execvp(argv[0], argv);
    fprintf(stderr, "leash: %s: %s\n", argv[0], strerror(errno));
    _exit(errno == ENOENT ? 127 : 126);
}

/* Waits for the command or for the word to end it; the status is -1 in the second case. */
static int watch(const struct leash *leash, pid_t command, pid_t parent)
{
    int status = -1, got;
    struct timespec look = {1, 0};

    while (status == -1) {
        got = sigtimedwait(&leash->caught, NULL, &look);
        if (got < 0 && getppid() == parent)
            continue;
        if (got != SIGCHLD)
            break;
        reap(command, &status);
    }
    return status;
}

static struct leash parse(int argc, char **argv)
{
    struct leash leash = {.polite = SIGTERM, .grace = 5};
    int option;

    while ((option = getopt(argc, argv, "+fs:g:o:")) != -1) {
        if (option == 'f')
            leash.foreground = true;
        else if (option == 's')
            leash.polite = atoi(optarg);
        else if (option == 'g')
            leash.grace = atoi(optarg);
        else if (option == 'o')
            leash.log = optarg;
        else
            exit(125);
    }
    if (optind >= argc) {
        fprintf(stderr, "usage: leash [-f] [-s SIGNAL] [-g SECONDS] [-o LOG] COMMAND...\n");
        exit(125);
    }
    return leash;
}

int main(int argc, char **argv)
{
    pid_t parent = getppid();
    struct leash leash = parse(argc, argv);
    sigset_t old;
    pid_t command;
    int status;

    sigemptyset(&leash.caught);
    for (size_t i = 0; i < CAUGHT_COUNT; i++) {
        signal(caught_signals[i], SIG_DFL);
        sigaddset(&leash.caught, caught_signals[i]);
    }
    sigprocmask(SIG_BLOCK, &leash.caught, &old);
    if (prctl(PR_SET_PDEATHSIG, SIGTERM) != 0 || prctl(PR_SET_CHILD_SUBREAPER, 1) != 0)
        die("prctl");
    if (getppid() != parent) /* it died before the first prctl */
        return 125;

    command = fork();
    if (command < 0)
        die("fork");
    if (command == 0)
        run_child(&leash, argv + optind, &old);

    status = watch(&leash, command, parent);
    end_family(&leash, command, &status);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
