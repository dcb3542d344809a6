/* Rows per second of LightGBM and XGBoost through their C interfaces, on one thread, without the
 * cost of another language in front of them.
 *
 *   trees lightgbm|xgboost LIBRARY MODEL TABLE COLUMNS
 *
 * TABLE holds doubles, row after row. Prints `single RATE`, `batch RATE` (the best of some rounds)
 * and `bits HEX`: all raw scores as doubles, combined so that one other bit shows. */
#include <dlfcn.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { BATCH_ROUNDS = 5, SINGLE_ROUNDS = 3, SINGLE_ROWS_MAX = 8192 };

static void *library;
static double *table, *raw;
static long rows, columns;

static void fail(const char *what) {
    fprintf(stderr, "trees: %s\n", what);
    exit(1);
}

static void check(int status, const char *what) {
    if (status != 0) fail(what);
}

static void *symbol(const char *name) {
    void *found = dlsym(library, name);
    if (!found) fail(name);
    return found;
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static void read_table(const char *path) {
    FILE *file = fopen(path, "rb");
    if (!file || fseek(file, 0, SEEK_END) != 0) fail(path);
    long bytes = ftell(file);
    rewind(file);
    rows = bytes / columns / (long)sizeof(double);
    table = malloc((size_t)bytes);
    raw = malloc((size_t)rows * sizeof(double));
    if (!table || !raw || fread(table, 1, (size_t)bytes, file) != (size_t)bytes) fail(path);
    fclose(file);
}

/* Prints the best rate of `rounds` calls of `score` over the first `count` rows. */
static void measure(const char *name, int rounds, long count, void (*score)(long)) {
    double best = 0;
    for (int round = 0; round < rounds; round++) {
        double begin = now();
        score(count);
        double rate = (double)count / (now() - begin);
        if (rate > best) best = rate;
    }
    printf("%s %.0f\n", name, best);
}

/* LightGBM: doubles, raw scores. */
enum { FLOAT64 = 1, RAW_SCORE = 1 };
static void *booster, *fast;
static int (*light_batch)(void *, const void *, int, int32_t, int32_t, int, int, int, int,
                          const char *, int64_t *, double *);
static int (*light_single)(void *, const void *, int64_t *, double *);

static void score_light_batch(long count) {
    int64_t length;
    check(light_batch(booster, table, FLOAT64, (int32_t)count, (int32_t)columns, 1, RAW_SCORE, 0,
                      -1, "num_threads=1", &length, raw),
          "LGBM_BoosterPredictForMat");
}

static void score_light_single(long count) {
    int64_t length;
    for (long row = 0; row < count; row++)
        check(light_single(fast, table + row * columns, &length, raw + row),
              "LGBM_BoosterPredictForMatSingleRowFast");
}

static void open_light(const char *model) {
    int iterations;
    int (*open)(const char *, int *, void **) = symbol("LGBM_BoosterCreateFromModelfile");
    int (*init)(void *, int, int, int, int, int32_t, const char *, void **) =
        symbol("LGBM_BoosterPredictForMatSingleRowFastInit");
    light_batch = symbol("LGBM_BoosterPredictForMat");
    light_single = symbol("LGBM_BoosterPredictForMatSingleRowFast");
    check(open(model, &iterations, &booster), "LGBM_BoosterCreateFromModelfile");
    check(init(booster, RAW_SCORE, 0, -1, FLOAT64, (int32_t)columns, "num_threads=1", &fast),
          "LGBM_BoosterPredictForMatSingleRowFastInit");
}

/* XGBoost: floats, margins, in place (as `Booster.inplace_predict` of its Python package). */
static const char CONFIG[] =
    "{\"type\": 1, \"training\": false, \"iteration_begin\": 0, \"iteration_end\": 0, "
    "\"missing\": NaN, \"strict_shape\": false, \"cache_id\": 0}";
static float *singles;
static int (*boost)(void *, const char *, const char *, void *, const uint64_t **, uint64_t *,
                    const float **);

static void score_boost_at(long first, long count) {
    const uint64_t *shape;
    uint64_t dimensions;
    const float *margins;
    char array[256];
    snprintf(array, sizeof array,
             "{\"data\": [%zu, true], \"shape\": [%ld, %ld], \"typestr\": \"<f4\", \"version\": 3}",
             (size_t)(singles + first * columns), count, columns);
    check(boost(booster, array, CONFIG, NULL, &shape, &dimensions, &margins),
          "XGBoosterPredictFromDense");
    for (long row = 0; row < count; row++) raw[first + row] = (double)margins[row];
}

static void score_boost_batch(long count) { score_boost_at(0, count); }

static void score_boost_single(long count) {
    for (long row = 0; row < count; row++) score_boost_at(row, 1);
}

static void open_boost(const char *model) {
    int (*create)(const void *, uint64_t, void **) = symbol("XGBoosterCreate");
    int (*load)(void *, const char *) = symbol("XGBoosterLoadModel");
    int (*set)(void *, const char *, const char *) = symbol("XGBoosterSetParam");
    boost = symbol("XGBoosterPredictFromDense");
    check(create(NULL, 0, &booster), "XGBoosterCreate");
    check(load(booster, model), "XGBoosterLoadModel");
    check(set(booster, "nthread", "1"), "XGBoosterSetParam");
    singles = malloc((size_t)(rows * columns) * sizeof(float));
    if (!singles) fail("no memory");
    for (long at = 0; at < rows * columns; at++) singles[at] = (float)table[at];
}

int main(int count, char **arguments) {
    if (count != 6) fail("usage: trees lightgbm|xgboost LIBRARY MODEL TABLE COLUMNS");
    columns = atol(arguments[5]);
    if (columns < 1) fail("no columns");
    library = dlopen(arguments[2], RTLD_NOW);
    if (!library) fail(dlerror());
    read_table(arguments[4]);
    int light = strcmp(arguments[1], "lightgbm") == 0;
    (light ? open_light : open_boost)(arguments[3]);
    long few = rows < SINGLE_ROWS_MAX ? rows : SINGLE_ROWS_MAX;
    measure("single", SINGLE_ROUNDS, few, light ? score_light_single : score_boost_single);
    measure("batch", BATCH_ROUNDS, rows, light ? score_light_batch : score_boost_batch);
    uint64_t all = 0;
    for (long row = 0; row < rows; row++) {
        uint64_t bits;
        memcpy(&bits, raw + row, sizeof bits);
        all = (all << 1 | all >> 63) ^ bits;
    }
    printf("bits %016llx\n", (unsigned long long)all);
    return 0;
}
