/* Kernels of the index: loops over the words of articles that NumPy would need several passes for, each in one pass.

   kernels.py loads them; beside each call stands the same in Python or NumPy, which the tests hold these to. Nothing is
   allocated here and nothing checked: the caller gives arrays that are large enough. */

#include <stdint.h>
#include <string.h>

#ifndef DIGEST
#define DIGEST "unknown"
#endif

/* The SHA-256 of the source this was made of, as the one who compiled it said. */
const char *source_digest(void) {
    return DIGEST;
}

/* -- chunks: what stands between two blanks, marks apart ------------------------------------------------------------- */

#define LONGEST 64 /* bytes of a chunk that is looked up; a longer one is new each time */
#define BLOCK 32   /* chunks whose slots are asked for before the first is looked at, since each is a miss of the caches */
#define HEAD 5     /* bytes of a record before those of its chunk: its number and how many they are */

/* What a byte is. Each run of OTHER, of BREAK and of MARK is a chunk: no token has bytes of two kinds, nor a hyphen at
   all (tokenizer.py). So a word is one chunk, whatever follows it. */
enum {OTHER, BLANK, BREAK, MARK, END};
static const uint8_t KIND[256] = {
    [' '] = BLANK, ['-'] = BLANK, ['\n'] = BREAK, [0xff] = END, [','] = MARK, [';'] = MARK, [':'] = MARK, ['('] = MARK,
    [')'] = MARK, ['['] = MARK, [']'] = MARK, ['"'] = MARK, ['&'] = MARK, ['/'] = MARK};

/* What one table of chunks has. A slot is 0 or hash << 32 | where the record is; a record the number, the length and
   the bytes of a chunk. At most half of the slots are taken, so that a look ends soon. */
struct table {
    uint64_t *slots;
    int64_t bits;      /* there are 1 << bits slots, 32 bits at most */
    uint8_t *records;
    int64_t room;      /* bytes */
    int64_t used;      /* bytes, from 1 on */
    int64_t count;     /* chunks that have a number, more than 0 */
};

/* Whether a chunk ends with a full stop that is a token of its own, since there is no other, as in initials, nor a mark
   before it that it makes a run with (0xa6 ends the three dots). It is a chunk of its own then. */
static int ends_sentence(const uint8_t *chunk, int64_t length) {
    return length > 1 && chunk[length - 1] == '.' && !memchr(chunk, '.', (size_t)length - 1)
        && chunk[length - 2] != '!' && chunk[length - 2] != '?' && chunk[length - 2] != 0xa6;
}

static int64_t first_slot(uint64_t hash, int64_t bits) {
    return (int64_t)(hash >> 32 >> (32 - bits));
}

/* The slots of a table in twice as many, all 0 before. */
void double_slots(const struct table *from, uint64_t *slots) {
    int64_t bits = from->bits + 1, mask = ((int64_t)1 << bits) - 1;
    for (int64_t i = 0; i <= mask >> 1; i++) {
        if (!from->slots[i]) continue;
        int64_t at = first_slot(from->slots[i], bits);
        while (slots[at]) at = (at + 1) & mask;
        slots[at] = from->slots[i];
    }
}

/* Number the chunks of a text that ends with END, from the byte `at` on, into `numbers`; END is number 0. What is new
   gets the next number, and where it stands in the text, begin and end, goes into `fresh`, room for half as many as
   there are slots. Where the table has no more room this stops. `keys`: LONGEST + 1 secret numbers, of which a hash is
   made that is strongly universal (Lemire and Kaser, "Strongly universal string hashing is fast", 2014). Into `reached`:
   the byte where it stopped, how many numbers. */
void number_chunks(struct table *table, const uint64_t *keys, const uint8_t *text, int64_t size, int64_t at,
                   int32_t *numbers, int64_t *fresh, int64_t *reached) {
    int64_t begins[BLOCK], ends[BLOCK], mask = ((int64_t)1 << table->bits) - 1;
    uint64_t hashes[BLOCK];
    int32_t *next = numbers;
    while (at < size) {
        int64_t held = 0;
        while (at < size && held < BLOCK) {
            int64_t begin = at, kind = KIND[text[at]];
            if (kind == BLANK) {
                at++;
                continue;
            }
            uint64_t hash = 0;
            if (kind == END) at++;
            else do hash += keys[(at - begin) % LONGEST] * text[at], at++; while (KIND[text[at]] == kind);
            if (ends_sentence(text + begin, at - begin)) at--, hash -= keys[(at - begin) % LONGEST] * '.';
            hash += keys[LONGEST] * (uint64_t)(at - begin);
            __builtin_prefetch(&table->slots[first_slot(hash, table->bits)]);
            begins[held] = begin, ends[held] = at, hashes[held++] = hash;
        }
        for (int64_t i = 0; i < held; i++) {
            const uint8_t *chunk = text + begins[i];
            int64_t length = ends[i] - begins[i], slot = first_slot(hashes[i], table->bits), is_long = length > LONGEST;
            int32_t number = -1;
            if (*chunk == 0xff) number = 0;
            else for (; !is_long && table->slots[slot]; slot = (slot + 1) & mask) {
                const uint8_t *record = table->records + (uint32_t)table->slots[slot];
                if ((table->slots[slot] ^ hashes[i]) >> 32 || record[4] != length || memcmp(record + HEAD, chunk, length))
                    continue;
                memcpy(&number, record, sizeof number);
                break;
            }
            if (number < 0) {
                if (2 * table->count > mask || table->used + HEAD + LONGEST > table->room) {
                    at = begins[i];
                    goto stopped;
                }
                number = (int32_t)table->count++;
                *fresh++ = begins[i], *fresh++ = ends[i];
                if (!is_long) {
                    uint8_t *record = table->records + table->used;
                    memcpy(record, &number, sizeof number);
                    record[4] = (uint8_t)length;
                    memcpy(record + HEAD, chunk, length);
                    table->slots[slot] = hashes[i] >> 32 << 32 | (uint64_t)table->used;
                    table->used += HEAD + length;
                }
            }
            *next++ = number;
        }
    }
stopped:
    reached[0] = at;
    reached[1] = next - numbers;
}

/* The tokens of n chunks one after the other, into `found`, and how many of them stand before each END, into `edges`.
   Those of chunk c are the ones from ends[c - 1] to ends[c]. */
void tokens_of_chunks(const int32_t *numbers, int64_t n, const int32_t *ends, const int32_t *tokens, int32_t *found,
                      int64_t *edges) {
    int32_t *next = found;
    for (int64_t i = 0; i < n; i++) {
        if (!numbers[i]) *edges++ = next - found;
        else for (int32_t at = ends[numbers[i] - 1]; at < ends[numbers[i]]; at++) *next++ = tokens[at];
    }
}

/* -- postings: which articles have a term, how often, where and in which form ---------------------------------------- */

/* Of a term while its postings are counted or put: the article met last, and how many postings and occurrences there
   are before the next. */
struct term {
    int32_t document, postings, occurrences;
};

static inline void count_one(struct term *term, int32_t document) {
    term->postings += term->document != document;
    term->occurrences++;
    term->document = document;
}

/* Count the postings and occurrences of each term, whose documents are -1 at first. The words of article d are
   `words[d]` vocabulary numbers, article after article; word w has the term of_words[w]. Names are n rows of term,
   article, position and form. */
void count_postings(const int32_t *numbers, const int64_t *words, int64_t documents, const int32_t *of_words,
                    const int32_t *names, int64_t n, struct term *terms) {
    for (int32_t document = 0; document < documents; document++)
        for (const int32_t *end = numbers + words[document]; numbers < end; numbers++)
            count_one(&terms[of_words[*numbers]], document);
    for (const int32_t *name = names; name < names + 4 * n; name += 4) count_one(&terms[name[0]], name[1]);
}

/* What is put, term after term: side by side, since where it goes is a miss of the caches. */
struct posting {
    int32_t document, frequency, title_frequency;
};
struct occurrence {
    int32_t position, ordinal;
};

static inline void put_one(struct posting *postings, struct occurrence *occurrences, struct term *term,
                           int32_t document, int32_t title_words, int32_t position, int32_t ordinal) {
    if (term->document != document) {
        term->document = document;
        postings[term->postings++] = (struct posting){.document = document};
    }
    struct posting *posting = &postings[term->postings - 1];
    posting->frequency++;
    posting->title_frequency += position < title_words;
    occurrences[term->occurrences++] = (struct occurrence){position, ordinal};
}

/* Put what was counted, each term's from where it says, documents -1 again. Word w is the form ordinals[w] of its
   term; the first title_words[d] words of article d are its title, after which positions go `gap` further on. */
void put_postings(const int32_t *numbers, const int64_t *words, const int32_t *title_words, int64_t documents,
                  int32_t gap, const int32_t *of_words, const int32_t *ordinals, const int32_t *names, int64_t n,
                  struct term *terms, struct posting *postings, struct occurrence *occurrences) {
    for (int32_t document = 0; document < documents; document++) {
        int32_t titles = title_words[document];
        for (int32_t at = 0; at < words[document]; at++, numbers++)
            put_one(postings, occurrences, &terms[of_words[*numbers]], document, titles,
                    at + (at >= titles && titles ? gap : 0), ordinals[*numbers]);
    }
    for (const int32_t *name = names; name < names + 4 * n; name += 4)
        put_one(postings, occurrences, &terms[name[0]], name[1], title_words[name[1]], name[2], name[3]);
}

/* Mark each of n numbers. */
void mark_numbers(const int32_t *numbers, int64_t n, uint8_t *marks) {
    for (int64_t i = 0; i < n; i++) marks[numbers[i]] = 1;
}

/* -- runs of values, one for each term or string --------------------------------------------------------------------- */

/* Copy n runs of values of so many bytes: `counts[i]` of them, from the one at `starts[i]` on, to the place `to[i]`. */
void copy_runs(const uint8_t *values, const int64_t *starts, const int64_t *counts, int64_t n, int64_t bytes,
               const int64_t *to, uint8_t *copies) {
    for (int64_t i = 0; i < n; i++)
        memcpy(copies + to[i] * bytes, values + starts[i] * bytes, (size_t)(counts[i] * bytes));
}

/* Put the values of each of n terms, `counts[i]` of them, behind those of the same width, in bytes; 0: nowhere. */
void part_by_width(const int32_t *values, const int64_t *counts, const uint8_t *widths, int64_t n, uint8_t *ones,
                   uint16_t *twos, uint32_t *fours) {
    for (int64_t i = 0; i < n; values += counts[i++]) {
        int64_t many = counts[i];
        if (widths[i] == 1) for (int64_t at = 0; at < many; at++) *ones++ = (uint8_t)values[at];
        else if (widths[i] == 2) for (int64_t at = 0; at < many; at++) *twos++ = (uint16_t)values[at];
        else if (widths[i] == 4) for (int64_t at = 0; at < many; at++) *fours++ = (uint32_t)values[at];
    }
}

/* The same backwards; `none` where they were put nowhere. */
void join_by_width(const uint8_t *ones, const uint16_t *twos, const uint32_t *fours, const int64_t *counts,
                   const uint8_t *widths, int64_t n, int32_t none, int32_t *values) {
    for (int64_t i = 0; i < n; values += counts[i++]) {
        int64_t many = counts[i];
        if (widths[i] == 1) for (int64_t at = 0; at < many; at++) values[at] = *ones++;
        else if (widths[i] == 2) for (int64_t at = 0; at < many; at++) values[at] = *twos++;
        else if (widths[i] == 4) for (int64_t at = 0; at < many; at++) values[at] = (int32_t)*fours++;
        else for (int64_t at = 0; at < many; at++) values[at] = none;
    }
}

/* -- fingerprints: the words of texts, and the runs of words in them ------------------------------------------------- */

/* Bits of what a token is, as in vocabulary.py; a sentence begins after a mark of STARTS. */
enum {WORD = 1, CAPITAL = 2, NUMBER = 8, STARTS = 32 | 64 | 1024};

/* The words of parts of texts, the tokens of part p being those up to ends[p]: their hashes into `found`, whether each
   is a name or a number into `rare`, how many each part has into `counts`. `kinds` and `hashes`: by vocabulary number.
   The words of a name, from one of `starts`, ascending and one more, beyond all tokens, to one of `name_ends`, are one
   with a hash of its own; a name that begins in another is none. */
void words_of_texts(const int32_t *numbers, const int64_t *ends, int64_t parts, const uint16_t *kinds,
                    const uint64_t *hashes, const int64_t *starts, const int64_t *name_ends,
                    const uint64_t *name_hashes, uint64_t *found, uint8_t *rare, int64_t *counts) {
    int64_t at = 0, barred = 0, known = 0, begins = 1;
    for (int64_t part = 0; part < parts; part++) {
        counts[part] = -known;
        for (; at < ends[part]; at++) {
            for (; *starts < barred; starts++) name_ends++, name_hashes++;
            int64_t kind = kinds[numbers[at]], is_name = at == *starts;
            if (kind & WORD) {
                found[known] = is_name ? *name_hashes : hashes[numbers[at]];
                rare[known] = is_name || kind & NUMBER || (kind & CAPITAL && !begins);
                known += is_name || at >= barred;
                begins = 0;
            } else if (kind & STARTS) begins = 1;
            if (is_name) barred = *name_ends++, starts++, name_hashes++;
        }
        counts[part] += known;
    }
}

/* Put n numbers in the order of their high halves, equal ones as they stand; `room` is for as many. By digits of eight
   bits from the lowest on (LSD radix sort: Knuth, TAOCP 3, 5.2.5). */
static void sort_by_high_half(uint64_t *values, uint64_t *room, int64_t n) {
    uint32_t counts[4][256] = {{0}};
    for (int64_t i = 0; i < n; i++)
        for (int digit = 0; digit < 4; digit++) counts[digit][values[i] >> (32 + 8 * digit) & 255]++;
    for (int digit = 0; digit < 4; digit++) {
        uint32_t before = 0;
        for (int value = 0; value < 256; value++) {
            uint32_t its = counts[digit][value];
            counts[digit][value] = before;
            before += its;
        }
        for (int64_t i = 0; i < n; i++) room[counts[digit][values[i] >> (32 + 8 * digit) & 255]++] = values[i];
        uint64_t *sorted = room;
        room = values, values = sorted;
    }
}

/* The sketches of the runs of `length` words, as stories/sketch.py defines them, of articles that have so many words
   each; in each column a number an article, `values` and (unless NULL) `eighths` of one after the other; how many of
   these. `is_whole`: fewer words than a run make one. So many values are kept at `least`, and all below `lowest`. `runs`
   is room for all runs of an article, twice. */
int64_t sketch_runs(const uint64_t *words, const int64_t *counts, int64_t articles, int64_t length, int32_t is_whole,
                    int64_t least, int64_t lowest, uint64_t *runs, uint32_t *values, uint8_t *eighths, int64_t *kept,
                    int64_t *limits, int64_t *distinct) {
    int64_t known = 0;
    for (int64_t article = 0; article < articles; words += counts[article++]) {
        int64_t its = counts[article] < length && is_whole ? counts[article] : length, n = 0, different = 0, first = known;
        for (int64_t begin = 0; its && begin + its <= counts[article]; begin++) {
            uint64_t code = (uint64_t)its;
            for (int64_t i = begin; i < begin + its; i++) {
                code = code * 0x9E3779B97F4A7C15u ^ words[i];
                code ^= code >> 29;
            }
            code = (code ^ code >> 30) * 0xBF58476D1CE4E5B9u;
            code = (code ^ code >> 27) * 0x94D049BB133111EBu;
            runs[n++] = (code >> 32 << 32) | (uint64_t)begin;
        }
        sort_by_high_half(runs, runs + n, n);
        for (int64_t i = 0; i < n; i++)
            if (!i || runs[i] >> 32 != runs[different - 1] >> 32) runs[different++] = runs[i];
        int64_t limit = (int64_t)1 << 32;
        if (different > least) limit = (int64_t)(runs[least] >> 32) > lowest ? (int64_t)(runs[least] >> 32) : lowest;
        for (int64_t i = 0; i < different && (int64_t)(runs[i] >> 32) < limit; i++) values[known++] = runs[i] >> 32;
        if (eighths) {          /* where each first stands among all, in the order in which they first stand */
            uint64_t *place = runs + n;
            memset(place, 0, (size_t)n * sizeof *place);
            for (int64_t i = 0; i < different; i++) place[(uint32_t)runs[i]] = 1;
            for (int64_t at = 0, before = 0; at < n; at++) {
                before += (int64_t)place[at];
                place[at] = (uint64_t)before - place[at];
            }
            for (int64_t i = 0; i < known - first; i++)
                eighths[first + i] = (uint8_t)((int64_t)place[(uint32_t)runs[i]] * 8 / different);
        }
        kept[article] = known - first, limits[article] = limit, distinct[article] = different;
    }
    return known;
}

/* -- entities: known spellings among the mentions of names ------------------------------------------------------------ */

/* As in names/recogniser_known.py. */
enum {IS_PLACE = 1, IS_GAZETTEER = 2, IS_CYRILLIC = 4, SURE = 1, OFFER = 2};

/* What becomes of each of `count` known spellings among mentions that begin at `begin` and end at `end`, beyond all
   tokens after the last one, into `outcomes`; which mentions go, into `keep`. `places`: the mentions' evidence for a
   place, which gains that of an offer inside them unless it is `enough`. */
void place_known(const int64_t *begin, const int64_t *end, const uint8_t *fixed, double *places, const int64_t *from,
                 const int64_t *to, const uint8_t *sorts, const double *evidence, int64_t count, double enough,
                 uint8_t *outcomes, uint8_t *keep) {
    int64_t at = 0, reached = 0;
    for (int64_t i = 0; i < count; i++) {
        int is_word = to[i] == from[i] + 1, is_place = is_word && sorts[i] & IS_PLACE;
        if (from[i] < reached) continue;
        while (end[at] <= from[i]) at++;
        if (begin[at] < to[i]) {
            if (begin[at] <= from[i] && end[at] >= to[i] && end[at] - begin[at] > to[i] - from[i] && (is_word || fixed[at]))
                continue;       /* inside a longer name */
            if (is_place) {
                outcomes[i] = OFFER;
                if (places[at] < enough) places[at] += evidence[i];
                continue;
            }
        } else if (sorts[i] & IS_CYRILLIC) {
            if (sorts[i] & IS_GAZETTEER) continue;
        } else if (sorts[i] & IS_GAZETTEER || is_place) {
            outcomes[i] = OFFER;
            continue;
        }
        while (begin[at] < to[i]) keep[at++] = 0;
        outcomes[i] = SURE;
        reached = to[i];
    }
}

/* -- names: folding keys of many words at once, each with a line break behind it -------------------------------------- */

static int64_t line_end(const uint8_t *lines, int64_t at) {
    while (lines[at] != '\n') at++;
    return at;
}

static int is_vowel(uint8_t letter) {
    return letter == 'a' || letter == 'e' || letter == 'i' || letter == 'o' || letter == 'u' || letter == 'y';
}

static int is_one_of(uint8_t letter, const char *letters) {
    return letter && strchr(letters, letter);
}

/* Consonants written with several letters and the classes of their sounds, as in names/folding.py: the first that fits
   counts. */
static const char *const CONSONANTS[][2] = {
    {"shch", "W"}, {"szcz", "W"}, {"stch", "W"}, {"sch", "W"}, {"tch", "C"}, {"ch", "C"}, {"sh", "H"}, {"dzh", "J"},
    {"dj", "J"}, {"zh", "J"}, {"ts", "T"}, {"tz", "T"}, {"kh", "X"}, {"gh", "g"}, {"ph", "f"}, {"th", "t"}, {"ck", "k"},
    {"q", "k"}, {"w", "v"}, {"c", "k"}, {"j", "J"}};
enum {SOFT = '!'};      /* a c that is an s */

static int begins(const uint8_t *letters, const uint8_t *end, const char *prefix) {
    size_t size = strlen(prefix);
    return (size_t)(end - letters) >= size && !memcmp(letters, prefix, size);
}

/* Rule 3 over a run of consonants; where the classes end. */
static uint8_t *consonant_classes(const uint8_t *run, const uint8_t *end, uint8_t *classes) {
    uint8_t class, before = 0;
    for (int64_t size; run < end; run += size) {
        class = *run == SOFT ? 's' : *run, size = 1;
        for (size_t i = 0; i < sizeof CONSONANTS / sizeof *CONSONANTS; i++)
            if (begins(run, end, CONSONANTS[i][0])) {
                class = (uint8_t)*CONSONANTS[i][1], size = (int64_t)strlen(CONSONANTS[i][0]);
                break;
            }
        if (class != before) *classes++ = before = class;
    }
    return classes;
}

/* Rule 4, and of endings 6, over a run of vowels, which is changed; where the classes end. */
static uint8_t *vowel_classes(uint8_t *run, uint8_t *end, int is_first, int is_ending, uint8_t *classes) {
    uint8_t *first = classes;
    int is_yo = 0;      /* the I before is one */
    if (is_ending) {
        int64_t size = end - run;
        if (size >= 3 && (!memcmp(end - 3, "oye", 3) || !memcmp(end - 3, "oie", 3))) end[-3] = 'e', end -= 2;
        else if (size >= 2 && !memcmp(end - 2, "oe", 2)) end[-2] = 'e', end--;
        else if (size >= 2 && (!memcmp(end - 2, "oy", 2) || !memcmp(end - 2, "oi", 2))) end[-2] = 'i', end--;
    }
    while (run < end) {
        int makes_yo = begins(run, end, "yo") || begins(run, end, "io");
        uint8_t class = is_one_of(*run, "iye") ? 'I' : *run - 'a' + 'A';
        run += 1 + makes_yo;
        if ((class == 'A' || class == 'U') && classes > first && classes[-1] == 'I') {
            classes--;
            if (is_first && classes == first && !is_yo) *classes++ = 'Y';
        }
        if (classes > first && classes[-1] == class) is_yo |= makes_yo;
        else *classes++ = class, is_yo = makes_yo;
    }
    return classes;
}

/* Rule 5: an O in a closed syllable, or one that ends a word as its third sound or later. */
static void close_syllables(uint8_t *classes, int64_t size) {
    for (int64_t i = 0; i < size; i++) {
        if (classes[i] != 'O') continue;
        int after = i + 1 < size && !is_one_of(classes[i + 1], "IAUOY");
        if (after ? i + 2 == size || !is_one_of(classes[i + 2], "IAUOY") : i + 1 == size && i >= 2) classes[i] = 'I';
    }
}

/* The classes of a word of letters a to z, after rule 2, which is changed; how many. */
static int64_t sound_classes(uint8_t *word, int64_t size, uint8_t *classes) {
    uint8_t *at = word, *end = word + size, *next = classes;
    for (int64_t i = 0; i + 1 < size; i++) if (word[i] == 'c' && is_one_of(word[i + 1], "eiy")) word[i] = SOFT;
    while (at < end) {
        uint8_t *run = at;
        int vowels = is_vowel(*at);
        while (at < end && is_vowel(*at) == vowels) at++;
        next = vowels ? vowel_classes(run, at, next == classes, at == end && next - classes > 1, next)
            : consonant_classes(run, at, next);
    }
    close_syllables(classes, next - classes);
    return next - classes;
}

/* The folding keys of each line of at most LONGEST letters a to z, to which rule 2 does not apply, each with a line break
   behind it, into `keys`, which has room for four times as much as the lines; how many bytes. How many keys a line has,
   into `counts`: -1 of one that is not told here, 0 of an empty one and of one with fewer sounds than `least`. */
int64_t fold_lines(const uint8_t *lines, int64_t size, int64_t least, uint8_t *keys, int32_t *counts) {
    static const char *const STEMS[] = {"oleks", "mykola", "volodymyr", "olen", "kost"};
    uint8_t *next = keys;
    for (int64_t at = 0, end; at < size; at = end + 1, counts++) {
        uint8_t word[2 * LONGEST], classes[2 * LONGEST];
        int64_t letters = 0;
        end = line_end(lines, at);
        int is_told = end > at && end - at <= LONGEST && lines[end - 1] != 'j';
        for (int64_t i = at; i < end && is_told; i++) {
            is_told = lines[i] >= 'a' && lines[i] <= 'z' && !(lines[i] == 'f' && lines[i + 1] == 'f');
            word[letters++] = lines[i] == 'x' ? 'k' : lines[i];
            if (lines[i] == 'x') word[letters++] = 's';
        }
        for (size_t i = 0; i < sizeof STEMS / sizeof *STEMS; i++) is_told &= !begins(word, word + letters, STEMS[i]);
        *counts = end > at ? -1 : 0;
        if (!is_told) continue;
        letters = sound_classes(word, letters, classes);
        *counts = 0;
        if (letters < least) continue;
        int has_h = 0;
        for (int64_t i = 0; i < letters; i++) has_h |= classes[i] == 'h';
        for (int which = 0; which <= has_h; which++, ++*counts) {
            for (int64_t i = 0; i < letters; i++) *next++ = classes[i] != 'h' ? classes[i] : which ? 'X' : 'g';
            *next++ = '\n';
        }
    }
    return next - keys;
}
