/* SPDX-License-Identifier: MIT */
/* One line for each comparison. */
#include "bench/report.h"

#include <stdlib.h>
#include <string.h>

#define ROUNDS_DEFAULT       11U
#define MILLISECONDS_DEFAULT 60U

static struct {
    const char *only; /* measure what has this in its name; or NULL */
    unsigned rounds, milliseconds;
    unsigned met, missed;
} report = {NULL, ROUNDS_DEFAULT, MILLISECONDS_DEFAULT, 0, 0};

/* --- Options -------------------------------------------------------------------------------- */

unsigned report_number(const char *text)
{
    char *end;
    unsigned long value = strtoul(text, &end, 10);

    if (*text == '\0' || *end != '\0' || value > 100000)
        die("%s is not a number", text);
    return (unsigned)value;
}

static bool option_take(const char *name, const char *value)
{
    if (value == NULL)
        return false;
    if (strcmp(name, "--rounds") == 0)
        report.rounds = report_number(value);
    else if (strcmp(name, "--milliseconds") == 0)
        report.milliseconds = report_number(value);
    else if (strcmp(name, "--only") == 0)
        report.only = value;
    else
        return false;
    return true;
}

void report_options(int argc, char **argv, const char *usage)
{
    for (int i = 1; i < argc; i += 2)
        if (!option_take(argv[i], argv[i + 1])) {
            fprintf(stderr,
                    "usage: %s\n"
                    "--rounds N, --milliseconds N for each side, row and round; --only TEXT picks "
                    "rows by name.\n",
                    usage);
            exit(2);
        }
    measure_setup(report.rounds, report.milliseconds);
    printf("processor time, medians over %u rounds\n", report.rounds);
}

bool report_wanted(const char *name)
{
    return report.only == NULL || strstr(name, report.only) != NULL;
}

/* --- Rows ----------------------------------------------------------------------------------- */

void report_heading(const char *title, const char *ours, const char *other)
{
    printf("\n%-40s %11s %9s %11s   ratio  [min .. max]      wall  faster  added ns   allocations  "
           "    target\n",
           title, ours, "per s", other);
}

void report_verdict(bool met)
{
    puts(met ? "met" : "MISSED");
    report.met += met;
    report.missed += !met;
}

static bool target_met(const struct target *target, const struct result *result)
{
    double limit = target->allocations == ALLOCATE_NONE ? 0 : result->bare_allocations;

    return (target->ratio == 0 || result->ratio.median <= target->ratio) &&
           (target->faster == 0 || 1 / result->ratio.median >= target->faster) &&
           (target->added == 0 || result->added.median <= target->added) &&
           (target->allocations == ALLOCATE_ANY || result->ours_allocations <= limit);
}

static void target_print(const struct target *target, const struct result *result)
{
    static const char *const allocations[] = {
        [ALLOCATE_ANY] = "",
        [ALLOCATE_NO_MORE] = ", +0 allocations",
        [ALLOCATE_NONE] = ", no allocation",
    };

    if (target->ratio != 0)
        printf("  ratio <= %.2f", target->ratio);
    if (target->faster != 0)
        printf("  >= %.2f x", target->faster);
    if (target->added != 0)
        printf("  <= %.0f ns", target->added);
    printf("%s: ", allocations[target->allocations]);
    report_verdict(target_met(target, result));
}

static bool promises(const struct target *target)
{
    return target != NULL && (target->ratio != 0 || target->faster != 0 || target->added != 0);
}

void report_row(const char *name, const struct target *target, const struct trial *trial)
{
    struct result result;

    measure(trial, &result);
    printf(
        "%-40s %8.3f us %9.0f %8.3f us   %.3f  [%.3f .. %.3f]  %.3f  %6.2f %9.0f  %6.1f / %-6.1f",
        name, result.ours / 1000, 1e9 / result.ours, result.bare / 1000, result.ratio.median,
        result.ratio.min, result.ratio.max, result.wall_ratio.median, 1 / result.ratio.median,
        result.added.median, result.ours_allocations, result.bare_allocations);
    if (promises(target))
        target_print(target, &result);
    else
        putchar('\n');
    fflush(stdout);
}

void report_end(void)
{
    printf("\ntargets: %u met, %u missed\n", report.met, report.missed);
}
