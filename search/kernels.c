/* Kernels: the loops over articles that NumPy would need several passes for, each in one pass.

   kernels.py says what each is for, compiled_kernels.py calls them, and array_kernels.py has the same in NumPy, which
   the tests hold these to. Nothing is allocated here and nothing checked: the caller gives arrays that are large enough
   and ordinals that are below their limits. Ordinals have 1, 2 or 4 bytes, their `width`; a loop is made for each. */

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define AHEAD 32   /* articles that are asked for before their turn, since each is a miss of the caches */
#define ROOM 2048  /* ordinals in a buffer that stays in the first cache */
#define LANES 8    /* ordinals of a list that are looked at together, whether it has fewer or not */
#define BLOCK 512  /* values of which the greatest is found first; words of sets that are put together */
#define SHOWN 3    /* bits of an ordinal, the same again if it is shown */
#define SETS (1 << 2 * SHOWN)
#define SMALL 64   /* so many at most are put in order one by one */
#define LISTED 4   /* where fewer articles are than one for so many ordinals, what they have is listed as it is met */
#define WAYS 4     /* adding to the number that was just written has to wait for it: numbers are added to in turn */

#define FETCH(address) __builtin_prefetch(address)

#ifndef DIGEST
#define DIGEST "unknown"
#endif

/* The SHA-256 of the source this was made of, as the one who compiled it said. */
const char *source_digest(void) {
    return DIGEST;
}

#define EACH_WIDTH(loop) loop(8) loop(16) loop(32)
#define LOOP static inline __attribute__((always_inline))
#define BY_WIDTH(name, ...)                                                                                            \
    (width == 1 ? name##_8(__VA_ARGS__) : width == 2 ? name##_16(__VA_ARGS__) : name##_32(__VA_ARGS__))
#define BY_WIDTH_OF(articles, name, ...)                                                                               \
    (articles ? BY_WIDTH(name, articles, __VA_ARGS__) : BY_WIDTH(name, NULL, __VA_ARGS__))

/* Which of the articles of a column are meant, ascending or not; NULL: all, in their order. */
#define ARTICLE(i) (articles ? articles[i] : (i))
#define FETCH_VALUE(i) if (articles && (i) + AHEAD < n) FETCH(&value[articles[(i) + AHEAD]])
#define FETCH_LIST(i)                                                                                                  \
    if (articles && (i) + 2 * AHEAD < n)                                                                               \
        FETCH(&start[articles[(i) + 2 * AHEAD]]), FETCH(&value[start[articles[(i) + AHEAD]]])

/* The same of pairs of a story (above) and an article (below), unless the column has been gathered for them. */
#define BY_WIDTH_OF_PAIRS(gathered, name, ...)                                                                         \
    (gathered ? BY_WIDTH(name, 1, __VA_ARGS__) : BY_WIDTH(name, 0, __VA_ARGS__))
#define PAIRED(i) (gathered ? (i) : (int64_t)(uint32_t)pairs[i])
#define FETCH_PAIRED_VALUE(i) if (!gathered && (i) + AHEAD < n) FETCH(&value[PAIRED((i) + AHEAD)])
#define FETCH_PAIRED_LIST(i)                                                                                           \
    if (!gathered && (i) + 2 * AHEAD < n)                                                                              \
        FETCH(&start[PAIRED((i) + 2 * AHEAD)]), FETCH(&value[start[PAIRED((i) + AHEAD)]])

/* -- sets of articles ---------------------------------------------------------------------------------------------- */

/* The numbers of the bits that are set, ascending, into `found`; the lowest bit of the first of n words is number 0. */
void ones(const uint64_t *words, int64_t n, int64_t *found) {
    for (int64_t i = 0; i < n; i++)
        for (uint64_t word = words[i]; word; word &= word - 1) *found++ = i * 64 + __builtin_ctzll(word);
}

static inline uint64_t in_all(const uint64_t *const *sets, int64_t many, int64_t i) {
    uint64_t word = sets[0][i];
    for (int64_t set = 1; set < many; set++) word &= sets[set][i];
    return word;
}

/* The same of what is set in all of `many` sets of n words; how many. */
int64_t ones_in_all(const uint64_t *const *sets, int64_t many, int64_t n, int64_t *found) {
    int64_t known = 0;
    for (int64_t i = 0; i < n; i++)
        for (uint64_t word = in_all(sets, many, i); word; word &= word - 1)
            found[known++] = i * 64 + __builtin_ctzll(word);
    return known;
}

#define SET_BITS(bits)                                                                                                 \
    LOOP int64_t set_bits_##bits(const void *values, int64_t n, uint32_t limit, uint64_t *words) {                     \
        const uint##bits##_t *value = values;                                                                          \
        int64_t i = 0;                                                                                                 \
        for (; i < n && value[i] < limit; i++) words[value[i] >> 6] |= (uint64_t)1 << (value[i] & 63);                 \
        return i;                                                                                                      \
    }
EACH_WIDTH(SET_BITS)

/* Set the bit of each of n numbers; less than n are told where the next is not below `limit`. */
int64_t set_bits(const void *values, int64_t n, int32_t width, uint32_t limit, uint64_t *words) {
    return BY_WIDTH(set_bits, values, n, limit, words);
}

/* How many bits of a word are set. The compiler's own would be a call where it may not take this very processor's. */
static inline int64_t count_set(uint64_t word) {
    word -= word >> 1 & 0x5555555555555555u;
    word = (word & 0x3333333333333333u) + (word >> 2 & 0x3333333333333333u);
    return (int64_t)(((word + (word >> 4)) & 0x0f0f0f0f0f0f0f0fu) * 0x0101010101010101u >> 56);
}

static int64_t count_in_any(const uint64_t *words, int64_t n, const uint64_t *const *sets, int64_t many) {
    int64_t found = 0;
    for (int64_t at = 0; at < n; at += BLOCK) {
        uint64_t any[BLOCK] = {0};
        int64_t some = n - at < BLOCK ? n - at : BLOCK, set = 0;
        for (; set + 4 <= many; set += 4) {
            const uint64_t *a = sets[set] + at, *b = sets[set + 1] + at, *c = sets[set + 2] + at, *d = sets[set + 3] + at;
            for (int64_t i = 0; i < some; i++) any[i] |= a[i] | b[i] | c[i] | d[i];
        }
        for (; set < many; set++) for (int64_t i = 0; i < some; i++) any[i] |= sets[set][at + i];
        for (int64_t i = 0; i < some; i++) found += count_set(words[at + i] & any[i]);
    }
    return found;
}

/* For each of `groups` groups, of which the next begins at `ends`: how many of the bits set in n words are set in any of
   its sets of so many words too. Some words of all its sets at a time, so that what is put together stays in the first
   cache. */
void count_in_each(const uint64_t *words, int64_t n, const uint64_t *const *sets, const int64_t *ends, int64_t groups,
                   int64_t *counts) {
    for (int64_t group = 0, begin = 0; group < groups; begin = ends[group++])
        counts[group] = count_in_any(words, n, sets + begin, ends[group] - begin);
}

/* For each of n articles whose bit is set: its index, into `which`, and how many bits are set below, into `rank`, both
   with room for n + 1; how many there are. `below`: how many bits are set below each word. */
int64_t marked_places(const int64_t *articles, int64_t n, const uint64_t *words, const int32_t *below, int64_t *which,
                      int64_t *rank) {
    int64_t known = 0;
    for (int64_t i = 0; i < n; i++) {
        if (i + AHEAD < n) FETCH(&words[articles[i + AHEAD] >> 6]);
        uint64_t word = words[articles[i] >> 6], bit = (uint64_t)1 << (articles[i] & 63);
        which[known] = i;
        rank[known] = below[articles[i] >> 6] + count_set(word & (bit - 1));
        known += (word & bit) != 0;
    }
    return known;
}

/* Add score[i] to the total of the i-th of n articles. */
void add_scores(const int64_t *articles, int64_t n, const float *score, float *totals) {
    for (int64_t i = 0; i < n; i++) totals[articles[i]] += score[i];
}

/* Set the bit of each of n articles and add its score to its total; how many bits were not set before. `score`: NULL where
   they have none. */
int64_t unite(const int64_t *articles, int64_t n, const float *score, uint64_t *words, float *totals) {
    int64_t known = 0;
    for (int64_t i = 0; i < n; i++) {
        uint64_t *word = words + (articles[i] >> 6), bit = (uint64_t)1 << (articles[i] & 63);
        known += (*word & bit) == 0;
        *word |= bit;
        if (score) totals[articles[i]] += score[i];
    }
    return known;
}

/* The numbers of the bits that are set in n words, as `ones` gives them, and their totals. */
void united(const uint64_t *words, int64_t n, const float *totals, int64_t *found, float *scores) {
    for (int64_t i = 0; i < n; i++)
        for (uint64_t word = words[i]; word; word &= word - 1) {
            *found = i * 64 + __builtin_ctzll(word);
            *scores++ = totals[*found++];
        }
}

/* story << 32 | article of each of n articles that shares its story, which is not 0 then, into `pairs`, which has room
   for n + 1; how many there are. If these are few they are put in order. */
int64_t sharing_articles(const int64_t *articles, int64_t n, const uint32_t *story, uint64_t *pairs) {
    int64_t known = 0;
    for (int64_t i = 0; i < n; i++) {
        if (i + AHEAD < n) FETCH(&story[articles[i + AHEAD]]);
        pairs[known] = (uint64_t)story[articles[i]] << 32 | (uint64_t)articles[i];
        known += story[articles[i]] != 0;
    }
    for (int64_t i = 1; i < known && known <= SMALL; i++) {
        uint64_t one = pairs[i];
        int64_t to = i;
        for (; to && pairs[to - 1] > one; to--) pairs[to] = pairs[to - 1];
        pairs[to] = one;
    }
    return known;
}

/* Those of n pairs of a story (above) and an article (below) whose bit is set, with i instead of the article if they are
   `numbered`, into `marked`, which has room for n + 1; how many there are. */
int64_t marked_pairs(const uint64_t *pairs, int64_t n, const uint64_t *words, int32_t numbered, uint64_t *marked) {
    int64_t known = 0;
    for (int64_t i = 0; i < n; i++) {
        uint32_t article = (uint32_t)pairs[i];
        marked[known] = numbered ? (pairs[i] >> 32 << 32) | (uint64_t)i : pairs[i];
        known += words[article >> 6] >> (article & 63) & 1;
    }
    return known;
}

/* -- columns: one ordinal an article ------------------------------------------------------------------------------- */

#define COUNT_COLUMN(bits)                                                                                             \
    LOOP void count_column_##bits(const int64_t *articles, int64_t n, const void *values, const uint32_t *table,       \
                                  uint32_t *counts) {                                                                  \
        const uint##bits##_t *value = values;                                                                          \
        for (int64_t i = 0; i < n; i++) {                                                                              \
            FETCH_VALUE(i);                                                                                            \
            counts[table[value[ARTICLE(i)]]]++;                                                                        \
        }                                                                                                              \
    }
EACH_WIDTH(COUNT_COLUMN)

/* Add 1 to counts[table[o]] for the ordinal o of each of n articles. */
void count_column(const int64_t *articles, int64_t n, const void *values, int32_t width, const uint32_t *table,
                  uint32_t *counts) {
    BY_WIDTH_OF(articles, count_column, n, values, table, counts);
}

/* For what has no place, which are most, one of WAYS before the first: without a branch, which would often be guessed
   wrong. */
#define NOWHERE(its, i) ((i) % WAYS & -(int64_t)((its) == 0))

#define REPEATS_IN_COLUMN(bits)                                                                                        \
    LOOP void column_repeats_##bits(int32_t gathered, const uint64_t *pairs, int64_t n, const void *values,            \
                                    const uint32_t *table, const uint32_t *place, uint32_t below, uint32_t *last,      \
                                    uint32_t *again) {                                                                 \
        const uint##bits##_t *value = values;                                                                          \
        for (int64_t i = 0; i < n; i++) {                                                                              \
            FETCH_PAIRED_VALUE(i);                                                                                     \
            uint32_t of_all = place[table[value[PAIRED(i)]]], story = (uint32_t)(pairs[i] >> 32);                      \
            int64_t its = of_all > below ? of_all - below + WAYS - 1 : 0;                                              \
            its += NOWHERE(its, i);                                                                                    \
            again[its] += last[its] == story;                                                                          \
            last[its] = story;                                                                                         \
        }                                                                                                              \
    }
EACH_WIDTH(REPEATS_IN_COLUMN)

/* Add 1 to again[WAYS + p] for each of n pairs of a story, not 0, and an article, ascending, if the ordinal o of the
   article has the place p = place[table[o]] - below - 1 that the story had before. last[WAYS + p]: the story that had p
   last, 0 at first. What is not above `below` has no place. */
void column_repeats(int32_t gathered, const uint64_t *pairs, int64_t n, const void *values, int32_t width,
                    const uint32_t *table, const uint32_t *place, uint32_t below, uint32_t *last, uint32_t *again) {
    BY_WIDTH_OF_PAIRS(gathered, column_repeats, pairs, n, values, table, place, below, last, again);
}

/* -- lists: the ordinals of article a are those from start[a] to start[a + 1] -------------------------------------- */

#define GATHER_LISTS(bits)                                                                                             \
    LOOP void gather_lists_##bits(const int64_t *articles, int64_t n, const uint32_t *start, const void *values,       \
                                  int64_t all, uint32_t *own, void *gathered) {                                        \
        const uint##bits##_t *value = values;                                                                          \
        uint##bits##_t *next = gathered;                                                                               \
        for (int64_t i = 0; i < n; i++) {                                                                              \
            FETCH_LIST(i);                                                                                             \
            int64_t at = start[ARTICLE(i)], many = start[ARTICLE(i) + 1] - at;                                         \
            own[i] = (uint32_t)(next - (uint##bits##_t *)gathered);                                                    \
            memcpy(next, value + at, (many <= LANES && at + LANES <= all ? LANES : many) * sizeof *value);             \
            next += many;                                                                                              \
        }                                                                                                              \
        own[n] = (uint32_t)(next - (uint##bits##_t *)gathered);                                                        \
    }
EACH_WIDTH(GATHER_LISTS)

/* The lists of n articles one after the other, into `gathered`, and where each of them begins, shape (n + 1,). `all`:
   how many ordinals all lists have. LANES ordinals are copied at a time without a branch that depends on how many an
   article has, since what is too much is overwritten by the next: there is room for LANES more. */
void gather_lists(const int64_t *articles, int64_t n, const uint32_t *start, const void *values, int32_t width,
                  int64_t all, uint32_t *own, void *gathered) {
    BY_WIDTH_OF(articles, gather_lists, n, start, values, all, own, gathered);
}

#define COUNT_LISTS(bits)                                                                                              \
    static int64_t count_some_##bits(const uint##bits##_t *value, int64_t n, const uint32_t *table, uint32_t *counts,  \
                                     uint32_t *seen, int64_t known) {                                                  \
        if (!seen) for (int64_t i = 0; i < n; i++) counts[value[i]]++;                                                 \
        else for (int64_t i = 0; i < n; i++) {                                                                         \
            uint32_t one = table[value[i]];                                                                            \
            seen[known] = one;                                                                                         \
            known += !counts[one];                                                                                     \
            counts[one]++;                                                                                             \
        }                                                                                                              \
        return known;                                                                                                  \
    }                                                                                                                  \
    LOOP int64_t count_lists_##bits(const int64_t *articles, int64_t n, const uint32_t *start, const void *values,     \
                                    int64_t all, const uint32_t *table, uint32_t *counts, uint32_t *seen,              \
                                    int64_t known) {                                                                   \
        const uint##bits##_t *value = values;                                                                          \
        uint##bits##_t buffer[ROOM + LANES];                                                                           \
        int64_t held = 0;                                                                                              \
        if (!articles) return count_some_##bits(value, start[n], table, counts, seen, known);                          \
        for (int64_t i = 0; i < n; i++) {                                                                              \
            FETCH_LIST(i);                                                                                             \
            int64_t at = start[ARTICLE(i)], many = start[ARTICLE(i) + 1] - at;                                         \
            if (many > LANES || at + LANES > all) {                                                                    \
                known = count_some_##bits(value + at, many, table, counts, seen, known);                               \
                continue;                                                                                              \
            }                                                                                                          \
            memcpy(buffer + held, value + at, LANES * sizeof *value);                                                  \
            held += many;                                                                                              \
            if (held >= ROOM) known = count_some_##bits(buffer, held, table, counts, seen, known), held = 0;           \
        }                                                                                                              \
        return count_some_##bits(buffer, held, table, counts, seen, known);                                            \
    }
EACH_WIDTH(COUNT_LISTS)

/* Add 1 to the count of every ordinal in the lists of n articles: counts[table[o]], and put those that had none behind
   the `known` ones in `seen`, which has room for one more than there are; how many are there then. `table` and `seen`
   are NULL together: counts[o]. Lists are gathered in a buffer first. */
int64_t count_lists(const int64_t *articles, int64_t n, const uint32_t *start, const void *values, int32_t width,
                    int64_t all, const uint32_t *table, uint32_t *counts, uint32_t *seen, int64_t known) {
    return BY_WIDTH_OF(articles, count_lists, n, start, values, all, table, counts, seen, known);
}

/* FIRST[n]: all bits for the first n lanes, none for the others. */
static const uint32_t FIRST[LANES + 1][LANES] = {
    {0}, {~0u}, {~0u, ~0u}, {~0u, ~0u, ~0u}, {~0u, ~0u, ~0u, ~0u}, {~0u, ~0u, ~0u, ~0u, ~0u},
    {~0u, ~0u, ~0u, ~0u, ~0u, ~0u}, {~0u, ~0u, ~0u, ~0u, ~0u, ~0u, ~0u}, {~0u, ~0u, ~0u, ~0u, ~0u, ~0u, ~0u, ~0u}};

#define COUNT_SETS(bits)                                                                                               \
    LOOP void count_sets_##bits(const int64_t *articles, int64_t n, const uint32_t *start, const void *values,         \
                                int64_t all, const uint8_t *group, int64_t *having) {                                  \
        const uint##bits##_t *value = values;                                                                          \
        int64_t counts[WAYS][SETS] = {{0}};                                                                            \
        for (int64_t i = 0; i < n; i++) {                                                                              \
            FETCH_LIST(i);                                                                                             \
            int64_t at = start[ARTICLE(i)], end = start[ARTICLE(i) + 1];                                               \
            uint32_t set = 0;                                                                                          \
            if (end - at <= LANES && at + LANES <= all)                                                                \
                for (int lane = 0; lane < LANES; lane++) set |= group[value[at + lane]] & FIRST[end - at][lane];       \
            else for (; at < end; at++) set |= group[value[at]];                                                       \
            counts[i % WAYS][set]++;                                                                                   \
        }                                                                                                              \
        for (int set = 0; set < SETS; set++) {                                                                       \
            int64_t its = 0;                                                                                           \
            for (int way = 0; way < WAYS; way++) its += counts[way][set];                                              \
            for (int bit = 0; bit < 2 * SHOWN; bit++) having[bit] += (set >> bit & 1) * its;                           \
        }                                                                                                              \
    }
EACH_WIDTH(COUNT_SETS)

/* For each of n articles add 1 to having[b] for each bit b that `group` has for some ordinal in its list, shape
   (2 * SHOWN,). The ordinals `shown`, which are -1 for none, have the bits that they have in `group`, all below SHOWN,
   once more from SHOWN on; after that `group` is as it was. */
void count_sets(const int64_t *articles, int64_t n, const uint32_t *start, const void *values, int32_t width,
                int64_t all, uint8_t *group, const int32_t *shown, int64_t count, int64_t *having) {
    for (int64_t i = 0; i < count; i++) if (shown[i] >= 0) group[shown[i]] |= (uint8_t)(group[shown[i]] << SHOWN);
    BY_WIDTH_OF(articles, count_sets, n, start, values, all, group, having);
    for (int64_t i = 0; i < count; i++) if (shown[i] >= 0) group[shown[i]] &= (1 << SHOWN) - 1;
}

#define REPEATS_IN_LISTS(bits)                                                                                         \
    LOOP void list_repeats_##bits(int32_t gathered, const uint64_t *pairs, int64_t n, const uint32_t *start,           \
                                  const void *values, const uint16_t *place, uint32_t *last, uint32_t *again) {        \
        const uint##bits##_t *value = values;                                                                          \
        for (int64_t i = 0; i < n; i++) {                                                                              \
            FETCH_PAIRED_LIST(i);                                                                                      \
            uint32_t story = (uint32_t)(pairs[i] >> 32);                                                               \
            for (int64_t at = start[PAIRED(i)], end = start[PAIRED(i) + 1]; at < end; at++) {                          \
                int64_t its = place[value[at]];                                                                        \
                its += NOWHERE(its, at);                                                                               \
                again[its] += last[its] == story;                                                                      \
                last[its] = story;                                                                                     \
            }                                                                                                          \
        }                                                                                                              \
    }
EACH_WIDTH(REPEATS_IN_LISTS)

/* As column_repeats, for every ordinal in the lists of n articles. That of shown[i] has the place i, none where it is
   -1. `room`: by ordinal, 0 before and after. */
void list_repeats(int32_t gathered, const uint64_t *pairs, int64_t n, const uint32_t *start, const void *values,
                  int32_t width, const int32_t *shown, int64_t count, uint16_t *room, uint32_t *last,
                  uint32_t *again) {
    for (int64_t i = 0; i < count; i++) if (shown[i] >= 0) room[shown[i]] = (uint16_t)(i + WAYS);
    BY_WIDTH_OF_PAIRS(gathered, list_repeats, pairs, n, start, values, room, last, again);
    for (int64_t i = 0; i < count; i++) if (shown[i] >= 0) room[shown[i]] = 0;
}

/* -- what was counted ---------------------------------------------------------------------------------------------- */

/* Add local[o] to counts[table[o] - below] for each of n ordinals. */
void add_counts(const uint32_t *local, int64_t n, const uint32_t *table, uint32_t below, uint32_t *counts) {
    for (int64_t i = 0; i < n; i++) counts[table[i] - below] += local[i];
}

/* The first and the last of the ordinals from `begin` to `end` that has a count, as first << 32 | last; -1: none. */
int64_t counted_span(const uint32_t *counts, int64_t begin, int64_t end) {
    while (begin < end && !counts[begin]) begin++;
    while (begin < end && !counts[end - 1]) end--;
    return begin < end ? begin << 32 | (end - 1) : -1;
}

/* No count for each of n ordinals. */
void clear_counts(uint32_t *counts, const uint32_t *some, int64_t n) {
    for (int64_t i = 0; i < n; i++) counts[some[i]] = 0;
}

/* Put a value into a heap of the `size` greatest so far, the least of them first: beside the `held` there are, or, when
   it is full, in the place of the least. */
#define PUT(heap, held, size, value)                                                                                   \
    if (held < size) {                                                                                                 \
        int64_t to = held++;                                                                                           \
        for (; to && heap[(to - 1) / 2] > value; to = (to - 1) / 2) heap[to] = heap[(to - 1) / 2];                     \
        heap[to] = value;                                                                                              \
    } else {                                                                                                           \
        int64_t to = 0;                                                                                                \
        for (int64_t child; (child = 2 * to + 1) < held; heap[to] = heap[child], to = child) {                         \
            if (child + 1 < held && heap[child + 1] < heap[child]) child++;                                            \
            if (heap[child] >= value) break;                                                                           \
        }                                                                                                              \
        heap[to] = value;                                                                                              \
    }

/* Whether any of the next LANES values is as great as one. */
#define ANY(name, type)                                                                                                \
    static inline int any_##name(const type *values, type least) {                                                     \
        int any = 0;                                                                                                   \
        for (int lane = 0; lane < LANES; lane++) any |= values[lane] >= least;                                         \
        return any;                                                                                                    \
    }
ANY(count, uint32_t)
ANY(float, float)
ANY(integer, int64_t)

#define TOP(name, type)                                                                                                \
    int64_t top_##name(const type *values, int64_t n, int64_t size, type *heap, int64_t *found) {                      \
        int64_t held = 0, many = 0;                                                                                    \
        type least = values[0], *peaks_of = heap + size;                                                               \
        int64_t blocks = n / BLOCK < size ? 0 : n / BLOCK;                                                             \
        if (!blocks) for (int64_t i = 1; i < n; i++) least = values[i] < least ? values[i] : least;                    \
        else {                                                                                                         \
            for (int64_t block = 0; block < blocks * BLOCK; block += BLOCK) {                                          \
                type peaks[LANES], peak = values[block];   /* of every LANES-th value: these go together */            \
                for (int lane = 0; lane < LANES; lane++) peaks[lane] = values[block + lane];                           \
                for (int64_t i = block; i < block + BLOCK; i += LANES)                                                 \
                    for (int lane = 0; lane < LANES; lane++)                                                           \
                        peaks[lane] = values[i + lane] > peaks[lane] ? values[i + lane] : peaks[lane];                 \
                for (int lane = 0; lane < LANES; lane++) peak = peaks[lane] > peak ? peaks[lane] : peak;               \
                peaks_of[block / BLOCK] = peak;                                                                        \
                if (held < size || peak > heap[0]) { PUT(heap, held, size, peak) }                                     \
            }                                                                                                          \
            least = heap[0], held = 0;                           /* at least `size` values are as great */             \
        }                                                                                                              \
        for (int64_t begin = 0; begin < n; begin += BLOCK) {                                                           \
            if (begin / BLOCK < blocks && peaks_of[begin / BLOCK] < least) continue;                                   \
            int64_t end = n - begin < BLOCK ? n : begin + BLOCK;                                                       \
            for (int64_t i = begin; i < end; i++) {                                                                    \
                while (i + LANES <= end && !any_##name(values + i, least)) i += LANES;                                 \
                if (i == end) break;                                                                                   \
                if (values[i] < least) continue;                                                                       \
                found[many++] = i;                                                                                     \
                if (held == size && values[i] == heap[0]) continue;                                                    \
                PUT(heap, held, size, values[i])                                                                       \
                if (held == size) least = heap[0];                                                                     \
            }                                                                                                          \
        }                                                                                                              \
        n = many, many = 0;                                                                                            \
        for (int64_t i = 0; i < n; i++) {                                                                              \
            found[many] = found[i];                                                                                    \
            many += values[found[i]] >= least;                                                                         \
        }                                                                                                              \
        return many;                                                                                                   \
    }

/* The indices of the `size` greatest of n values and of all that equal the last of them, ascending; how many. `size` is
   from 1 to n, `heap` has room for it and the greatest value of each BLOCK, `found` for n: first it has all that could be
   among the greatest when their turn came. */
TOP(float, float)
TOP(integer, int64_t)

/* Whether the i-th of some articles comes before the j-th, both of the same value: the later, then the lesser key. */
static inline int is_before(int64_t i, int64_t j, const int64_t *articles, const int64_t *moments,
                            const uint64_t *keys) {
    int64_t one = moments[articles[i]], other = moments[articles[j]];
    return one != other ? one > other : keys[articles[i]] < keys[articles[j]];
}

#define FIRST_OF(name, type)                                                                                           \
    int64_t first_##name(const type *values, int64_t n, int64_t size, const int64_t *articles, const int64_t *moments, \
                         const uint64_t *keys, type *heap, int64_t *found, int64_t *first) {                           \
        int64_t many = n, held = 0;                                                                                    \
        if (n > size) many = top_##name(values, n, size, heap, found);                                                 \
        for (int64_t place = 0; place < many; place++) {                                                               \
            int64_t i = n > size ? found[place] : place, to = held < size ? held++ : size;                             \
            for (; to; to--) {                                                                                         \
                int64_t before = first[to - 1];                                                                        \
                if (values[before] != values[i] ? values[before] > values[i]                                           \
                                                : is_before(before, i, articles, moments, keys)) break;                \
                if (to < size) first[to] = before;                                                                     \
            }                                                                                                          \
            if (to < size) first[to] = i;                                                                              \
        }                                                                                                              \
        return held;                                                                                                   \
    }

/* The indices of the first `size` of n articles, which is not 0: by the greatest value, then the later, then the lesser
   key; how many there are. `heap` and `found`: as in top_. Each is put in its place among the first so far, so `size` is
   small. */
FIRST_OF(float, float)
FIRST_OF(integer, int64_t)

/* Of the ordinals from `first` to `end`: those whose count is at least the `size`-th greatest and not 0, into `found`;
   how many. `some`, unless NULL: the n ordinals that have a count. `heap` has room for `size`, which is not 0, or as
   many as there are ordinals. */
static int64_t most_of(const uint32_t *counts, const uint32_t *some, int64_t n, uint32_t first, uint32_t end,
                       int64_t size, uint32_t *heap, uint32_t *found) {
    int64_t held = 0, many = 0, steps = (int64_t)end - first;
    uint32_t least = 1;                                /* what a count must be at least */
    if (some) {                                        /* those of the range first, no branch depending on them */
        steps = 0;
        for (int64_t i = 0; i < n; i++) {
            found[steps] = some[i];
            steps += some[i] - first < end - first;
        }
    }
    for (int64_t i = 0; i < steps; i++) {
        while (!some && i + LANES <= steps && !any_count(counts + first + i, least)) i += LANES;
        if (i == steps) break;
        uint32_t one = some ? found[i] : first + (uint32_t)i;
        if (counts[one] < least) continue;
        found[many++] = one;
        if (held == size && counts[one] == heap[0]) continue;
        PUT(heap, held, size, counts[one])
        if (held == size) least = heap[0];
    }
    n = many, many = 0;
    for (int64_t i = 0; i < n; i++) {
        uint32_t one = found[i];
        found[many] = one;
        many += counts[one] >= least;
    }
    return many;
}

/* The same for `ranges` ranges that have none in common, edges[2r] to edges[2r + 1], one after the other in `found`,
   which has room for one more than there are ordinals, and the counts of these in `its`; how[r]: how many of each. */
void most(const uint32_t *counts, const uint32_t *some, int64_t n, const uint32_t *edges, int64_t ranges, int64_t size,
          uint32_t *heap, uint32_t *found, uint32_t *its, int64_t *how) {
    for (int64_t r = 0; r < ranges; r++) {
        how[r] = size ? most_of(counts, some, n, edges[2 * r], edges[2 * r + 1], size, heap, found) : 0;
        for (int64_t i = 0; i < how[r]; i++) *its++ = counts[found[i]];
        found += how[r];
    }
}

/* -- articles of one view: what a facet shows of them, a call each ----------------------------------------------------- */

/* What the articles of a view have: the lists of their entities, a source and a day; what an ordinal of each is
   among those of all views, and what an entity of all is here, -1 for none; a place for each source of all, from 1 on; the
   story of each article; how many mentions and how many entities there are. As _Columns in one_view.py. */
struct columns {
    const uint32_t *start;
    const void *mention, *source, *day;
    const uint32_t *entity_table, *source_table, *day_table, *each;
    const int32_t *local_entity;
    const uint32_t *story;
    int64_t mentions, ordinals;
    int32_t mention_width, source_width, day_width;
};

/* n articles of a view, and those of them that share their story as `paired` pairs; -1: no more than SMALL articles,
   of which that is not known yet. As _Found in one_view.py. */
struct found {
    const struct columns *its;
    const int64_t *articles;
    int64_t n;
    const uint64_t *pairs;
    int64_t paired;
    uint64_t own[SMALL + 1];
};

static void find_pairs(struct found *some) {
    if (some->paired >= 0) return;
    some->paired = sharing_articles(some->articles, some->n, some->its->story, some->own);
    some->pairs = some->own;
}

/* Room for what is counted by entity: for `most`, count_sets and list_repeats. As _Room in one_view.py. */
struct desk {
    uint32_t *counts, *seen, *heap, *found, *of_found;
    uint8_t *group;
    uint16_t *places;
};

/* Put an ordinal in its place among the first `size`, of which there are `held`: by the greatest count, then the lesser
   rank; how many there are then. */
static inline int64_t put_ranked(uint32_t one, uint32_t count, const uint32_t *rank, int64_t size, int64_t held,
                                 int64_t *first, int64_t *its) {
    int64_t to = held < size ? held++ : size;
    for (; to; to--) {
        int64_t before = first[to - 1];
        if (its[to - 1] != count ? its[to - 1] > count : rank[before] < rank[one]) break;
        if (to < size) first[to] = before, its[to] = its[to - 1];
    }
    if (to < size) first[to] = one, its[to] = count;
    return held;
}

/* Facets give what they show in `room`: the numbers that are named there, then three columns of `size` (of each range) for
   what is shown, how many articles and how many stories it has, then room for what is counted by value. */

/* Room for what is counted in so many places, and for what column_repeats wants, one after the other, all 0. */
static uint32_t *cleared(void *room, int64_t places) {
    return memset(room, 0, (size_t)(3 * places + 2 * WAYS) * sizeof(uint32_t));
}

/* The first `size` sources of the articles, at most SMALL, in order, behind how many articles have source `none`, which is
   no source; how many are shown. `rank`: of each of `sources`. */
int64_t shown_sources(struct found *some, int64_t sources, int64_t none, const uint32_t *rank, int64_t size,
                      int64_t *room) {
    const struct columns *its = some->its;
    find_pairs(some);
    int64_t *first = room + 1, *of_first = first + size, *stories = of_first + size, held = 0;
    uint32_t *counts = cleared(stories + size, sources), *last = counts + sources, *again = last + WAYS + sources;
    *room = 0;
    count_column(some->articles, some->n, its->source, its->source_width, its->source_table, counts);
    column_repeats(0, some->pairs, some->paired, its->source, its->source_width, its->source_table, its->each, 0, last,
                   again);
    for (int64_t one = 0; one < sources; one++) {
        if (one == none) *room = counts[one];
        else if (counts[one]) held = put_ranked((uint32_t)one, counts[one], rank, size, held, first, of_first);
    }
    for (int64_t i = 0; i < held; i++) stories[i] = of_first[i] - again[WAYS + first[i]];
    return held;
}

#define DAYS_OF(bits)                                                                                                  \
    LOOP int64_t days_of_##bits(const int64_t *articles, int64_t n, const void *values, const uint32_t *table,         \
                                int64_t begin, int64_t *others) {                                                      \
        const uint##bits##_t *value = values;                                                                          \
        int64_t first = UINT32_MAX, last = -1, before = 0;                                                             \
        for (int64_t i = 0; i < n; i++) {                                                                              \
            int64_t day = table[value[articles[i]]];                                                                   \
            before += day < begin;                                                                                     \
            first = day >= begin && day < first ? day : first;                                                         \
            last = day >= begin && day > last ? day : last;                                                            \
        }                                                                                                              \
        *others = before;                                                                                              \
        return last < 0 ? -1 : first << 32 | last;                                                                     \
    }
EACH_WIDTH(DAYS_OF)

#define COUNT_PLACED(bits)                                                                                             \
    LOOP void count_placed_##bits(const int64_t *articles, int64_t n, const void *values, const uint32_t *table,       \
                                  const uint32_t *place, uint32_t below, uint32_t *counts) {                           \
        const uint##bits##_t *value = values;                                                                          \
        for (int64_t i = 0; i < n; i++) {                                                                              \
            uint32_t its = place[table[value[articles[i]]]];                                                           \
            if (its > below) counts[its - below - 1]++;                                                                \
        }                                                                                                              \
    }
EACH_WIDTH(COUNT_PLACED)

/* Of the days of the articles from `begin` on the first and the last, as counted_span; how many are before, into
   `others`. */
int64_t dated_span(const struct found *some, int64_t begin, int64_t *others) {
    const struct columns *its = some->its;
    int32_t width = its->day_width;
    return BY_WIDTH(days_of, some->articles, some->n, its->day, its->day_table, begin, others);
}

/* How many articles and how many stories each of `places` buckets of time has: two columns. An article is counted where its
   day has its place, if that is above `below`. */
void shown_buckets(struct found *some, const uint32_t *place, uint32_t below, int64_t places, int64_t *room) {
    const struct columns *its = some->its;
    find_pairs(some);
    int32_t width = its->day_width;
    uint32_t *counts = cleared(room + 2 * places, places), *last = counts + places, *again = last + WAYS + places;
    BY_WIDTH(count_placed, some->articles, some->n, its->day, its->day_table, place, below, counts);
    column_repeats(0, some->pairs, some->paired, its->day, its->day_width, its->day_table, place, below, last, again);
    for (int64_t i = 0; i < places; i++) room[i] = counts[i], room[places + i] = counts[i] - again[WAYS + i];
}

/* As count_lists, of counts that are 0 and none known. Where there are not many fewer articles than ordinals, what these
   have is counted first, in `local`, which has room for it. */
static int64_t count_mentions(const struct found *some, uint32_t *local, uint32_t *counts, uint32_t *seen) {
    const struct columns *its = some->its;
    int64_t known = 0;
    if (some->n * LISTED < its->ordinals)
        return count_lists(some->articles, some->n, its->start, its->mention, its->mention_width, its->mentions,
                           its->entity_table, counts, seen, 0);
    memset(local, 0, (size_t)its->ordinals * sizeof *local);
    count_lists(some->articles, some->n, its->start, its->mention, its->mention_width, its->mentions, NULL, local, NULL,
                0);
    for (int64_t o = 0; o < its->ordinals; o++) {
        seen[known] = its->entity_table[o];
        counts[seen[known]] += local[o];
        known += local[o] != 0;
    }
    return known;
}

/* The entities of the articles: how many of each of `ranges` ranges are shown, how many articles have any of a type and how
   many one of those shown, as count_sets (nothing unless `grouped`), and the first `size` of each range, at most SMALL, in
   order, range after range; how many all ranges together. Where `dense` entities have a count, all are gone through instead
   of these. -1 where one that may be among them has no rank yet, which is 0: then there is only what `most` gives, on the
   desk, and how many of each range. No counts are left. */
static int64_t shown_entities(struct found *some, const struct desk *desk, const uint32_t *edges, int64_t ranges,
                              int64_t size, const uint32_t *rank, int64_t dense, int32_t grouped, int64_t *room) {
    const struct columns *its = some->its;
    const uint32_t *found = desk->found, *of_found = desk->of_found;
    int64_t *how = room, *having = how + ranges, *first = having + 2 * SHOWN, *of_first = first + ranges * size;
    int64_t *stories = of_first + ranges * size, all = 0, place = 0;
    int32_t shown[SHOWN * SMALL];
    uint32_t last[WAYS + SHOWN * SMALL] = {0}, again[WAYS + SHOWN * SMALL] = {0};
    int64_t known = count_mentions(some, desk->of_found, desk->counts, desk->seen);
    most(desk->counts, known < dense ? desk->seen : NULL, known, edges, ranges, size, desk->heap, desk->found,
         desk->of_found, how);
    clear_counts(desk->counts, desk->seen, known);
    for (int64_t r = 0; r < ranges; r++) all += how[r];
    for (int64_t i = 0; i < all; i++) if (!rank[found[i]]) return -1;
    all = 0;
    for (int64_t r = 0; r < ranges; r++) {
        int64_t end = place + how[r];
        for (how[r] = 0; place < end; place++)
            how[r] = put_ranked(found[place], of_found[place], rank, size, how[r], first + all, of_first + all);
        all += how[r];
    }
    for (int64_t i = 0; i < all; i++) shown[i] = its->local_entity[first[i]];
    memset(having, 0, 2 * SHOWN * sizeof *having);
    if (grouped)
        count_sets(some->articles, some->n, its->start, its->mention, its->mention_width, its->mentions, desk->group,
                   shown, all, having);
    find_pairs(some);
    list_repeats(0, some->pairs, some->paired, its->start, its->mention, its->mention_width, shown, all, desk->places,
                 last, again);
    for (int64_t i = 0; i < all; i++) stories[i] = of_first[i] - again[WAYS + i];
    return all;
}

/* The first entities of the articles, behind what dated_span and shown_sources say of them, if there are `sources`: to be
   called takes longer than to count a few articles. First how many are before `begin`, the span, how many sources are
   shown. */
int64_t shown_first(struct found *some, const struct desk *desk, const uint32_t *edges, int64_t ranges, int64_t size,
                    const uint32_t *rank, int64_t dense, int32_t grouped, int64_t sources, int64_t none,
                    const uint32_t *source_rank, int64_t begin, int64_t *room) {
    if (sources) {
        room[1] = dated_span(some, begin, room);
        room[2] = shown_sources(some, sources, none, source_rank, size, room + 3);
    }
    return shown_entities(some, desk, edges, ranges, size, rank, dense, grouped, room + 4 + 3 * size);
}
