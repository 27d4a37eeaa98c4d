/* SPDX-License-Identifier: MIT */
/*
 * The main() of a fuzz target where libFuzzer is not: plays files, each given by name or found in a
 * folder, and says how many in TAP.  A target that finds fault ends the process.
 */
#include "fuzz.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

/* Longer than any kept input. */
#define SIZE_MAX_PLAYED (1u << 20)

static unsigned played;

static void play_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    uint8_t *data = malloc(SIZE_MAX_PLAYED), *exact;
    size_t size;

    if (file == NULL || data == NULL) {
        printf("Bail out! cannot read %s\n", path);
        exit(99);
    }
    size = fread(data, 1, SIZE_MAX_PLAYED, file);
    fclose(file);
    exact = realloc(data, size > 0 ? size : 1);
    printf("# %s\n", path); /* the last line before a crash */
    LLVMFuzzerTestOneInput(exact == NULL ? data : exact, size);
    free(exact == NULL ? data : exact);
    played++;
}

static void play_folder(const char *path)
{
    struct dirent **entries;
    int count = scandir(path, &entries, NULL, alphasort);

    for (int i = 0; i < count; i++) {
        char name[4096];

        snprintf(name, sizeof name, "%s/%s", path, entries[i]->d_name);
        if (entries[i]->d_name[0] != '.')
            play_file(name);
        free(entries[i]);
    }
    if (count >= 0)
        free(entries);
}

int main(int argc, char **argv)
{
    struct stat what;

    setvbuf(stdout, NULL, _IOLBF, 0);
    LLVMFuzzerInitialize(&argc, &argv);
    for (int i = 1; i < argc; i++)
        if (stat(argv[i], &what) == 0 && S_ISDIR(what.st_mode))
            play_folder(argv[i]);
        else
            play_file(argv[i]);
    printf("%s 1 - %u inputs played\n1..1\n", played > 0 ? "ok" : "not ok", played);
    return played > 0 ? 0 : 1;
}
