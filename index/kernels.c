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

/* The keys of all runs of `length` words, as stories/sketch.py defines them, of articles that have so many words each,
   one after the other; how many. */
int64_t run_keys(const uint64_t *words, const int64_t *counts, int64_t articles, int64_t length, uint64_t *keys) {
    uint64_t *next = keys;
    for (int64_t article = 0; article < articles; words += counts[article++])
        for (int64_t begin = 0; begin + length <= counts[article]; begin++) {
            uint64_t code = (uint64_t)length;
            for (int64_t i = begin; i < begin + length; i++) {
                code = code * 0x9E3779B97F4A7C15u ^ words[i];
                code ^= code >> 29;
            }
            code = (code ^ code >> 30) * 0xBF58476D1CE4E5B9u;
            code = (code ^ code >> 27) * 0x94D049BB133111EBu;
            *next++ = code >> 32 | (uint64_t)article << 32;
        }
    return next - keys;
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

/* -- words: hashes, English stems and folding keys of many at once, each with a line break behind it ------------------ */

static const uint64_t BLAKE2B[8] = {0x6a09e667f3bcc908u, 0xbb67ae8584caa73bu, 0x3c6ef372fe94f82bu, 0xa54ff53a5f1d36f1u,
                                    0x510e527fade682d1u, 0x9b05688c2b3e6c1fu, 0x1f83d9abfb41bd6bu, 0x5be0cd19137e2179u};
static const uint8_t SIGMA[10][16] = {
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}, {14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3},
    {11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4}, {7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8},
    {9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13}, {2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9},
    {12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11}, {13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10},
    {6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5}, {10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0}};

static inline uint64_t turned(uint64_t word, int bits) {
    return word >> bits | word << (64 - bits);
}

/* The first 8 bytes of BLAKE2b (RFC 7693) of a text, as a little-endian number, its digest size being 8. */
static uint64_t blake2b_8(const uint8_t *text, int64_t size) {
    uint64_t h[8], v[16], m[16];
    memcpy(h, BLAKE2B, sizeof h);
    h[0] ^= 0x01010008;
    for (int64_t done = 0, last = 0; !last; text += 128) {
        uint8_t block[128] = {0};
        last = size - done <= 128;
        memcpy(block, text, last ? (size_t)(size - done) : 128);
        done = last ? size : done + 128;
        for (int i = 0; i < 16; i++) {
            m[i] = 0;
            for (int byte = 7; byte >= 0; byte--) m[i] = m[i] << 8 | block[8 * i + byte];
        }
        memcpy(v, h, sizeof h);
        memcpy(v + 8, BLAKE2B, sizeof h);
        v[12] ^= (uint64_t)done;
        if (last) v[14] = ~v[14];
        for (int round = 0; round < 12; round++) {
            const uint8_t *order = SIGMA[round % 10];
            for (int i = 0; i < 8; i++) {       /* four columns, then four diagonals */
                int a = i % 4, b = 4 + (a + i / 4) % 4, c = 8 + (a + i / 4 * 2) % 4, d = 12 + (a + i / 4 * 3) % 4;
                v[a] += v[b] + m[order[2 * i]];
                v[d] = turned(v[d] ^ v[a], 32);
                v[c] += v[d];
                v[b] = turned(v[b] ^ v[c], 24);
                v[a] += v[b] + m[order[2 * i + 1]];
                v[d] = turned(v[d] ^ v[a], 16);
                v[c] += v[d];
                v[b] = turned(v[b] ^ v[c], 63);
            }
        }
        for (int i = 0; i < 8; i++) h[i] ^= v[i] ^ v[i + 8];
    }
    return h[0];
}

static int64_t line_end(const uint8_t *lines, int64_t at) {
    while (lines[at] != '\n') at++;
    return at;
}

/* The hash of each line (stories/sketch.py); of an empty one 0. */
void hash_lines(const uint8_t *lines, int64_t size, uint64_t *hashes) {
    for (int64_t at = 0, end; at < size; at = end + 1) {
        end = line_end(lines, at);
        *hashes++ = end == at ? 0 : blake2b_8(lines + at, end - at);
    }
}

/* A word while it is stemmed: how many of its letters are in Snowball's regions R1 and R2, which reach to its end. A y
   that is a consonant is Y. */
struct word {
    uint8_t *letters;
    int64_t size, r1, r2;
};

static int is_vowel(uint8_t letter) {
    return letter == 'a' || letter == 'e' || letter == 'i' || letter == 'o' || letter == 'u' || letter == 'y';
}

static int has_vowel(const uint8_t *letters, int64_t size) {
    for (int64_t i = 0; i < size; i++) if (is_vowel(letters[i])) return 1;
    return 0;
}

static int is_one_of(uint8_t letter, const char *letters) {
    return letter && strchr(letters, letter);
}

/* A letter counted from the end, 1 the last; 0 where there is none. */
static uint8_t last(const struct word *word, int64_t nth) {
    return nth <= word->size ? word->letters[word->size - nth] : 0;
}

static int ends(const struct word *word, const char *suffix) {
    int64_t size = (int64_t)strlen(suffix);
    return size <= word->size && !memcmp(word->letters + word->size - size, suffix, (size_t)size);
}

/* Put letters in the place of the last ones. */
static void put(struct word *word, int64_t cut, const char *letters) {
    int64_t more = (int64_t)strlen(letters);
    word->size += more - cut;
    memcpy(word->letters + word->size - more, letters, (size_t)more);
    word->r1 = word->r1 < cut ? 0 : word->r1 + more - cut;
    word->r2 = word->r2 < cut ? 0 : word->r2 + more - cut;
}

struct rule {
    const char *suffix;
    int64_t cut;
    const char *put;
};

static const struct rule STEP_2[] = {
    {"ization", 7, "ize"}, {"ational", 7, "ate"}, {"fulness", 4, ""}, {"ousness", 7, "ous"}, {"iveness", 7, "ive"},
    {"tional", 2, ""}, {"biliti", 6, "ble"}, {"lessli", 2, ""}, {"entli", 2, ""}, {"ation", 5, "ate"},
    {"alism", 5, "al"}, {"aliti", 5, "al"}, {"ousli", 5, "ous"}, {"iviti", 5, "ive"}, {"fulli", 2, ""},
    {"enci", 1, "e"}, {"anci", 1, "e"}, {"abli", 1, "e"}, {"izer", 4, "ize"}, {"ator", 4, "ate"}, {"alli", 4, "al"},
    {"bli", 3, "ble"}, {"ogi", 1, ""}, {"li", 2, ""}, {0}};
static const struct rule STEP_3[] = {
    {"ational", 7, "ate"}, {"tional", 2, ""}, {"alize", 3, ""}, {"icate", 5, "ic"}, {"iciti", 5, "ic"},
    {"ative", 5, ""}, {"ical", 4, "ic"}, {"ness", 4, ""}, {"ful", 3, ""}, {0}};
static const struct rule STEP_4[] = {
    {"ement", 5, ""}, {"ance", 4, ""}, {"ence", 4, ""}, {"able", 4, ""}, {"ible", 4, ""}, {"ment", 4, ""},
    {"ant", 3, ""}, {"ent", 3, ""}, {"ism", 3, ""}, {"ate", 3, ""}, {"iti", 3, ""}, {"ous", 3, ""}, {"ive", 3, ""},
    {"ize", 3, ""}, {"ion", 3, ""}, {"al", 2, ""}, {"er", 2, ""}, {"ic", 2, ""}, {0}};
static const char *const EXCEPTIONS[][2] = {
    {"skis", "ski"}, {"skies", "sky"}, {"dying", "die"}, {"lying", "lie"}, {"tying", "tie"}, {"idly", "idl"},
    {"gently", "gentl"}, {"ugly", "ugli"}, {"early", "earli"}, {"only", "onli"}, {"singly", "singl"}, {"sky", "sky"},
    {"news", "news"}, {"howe", "howe"}, {"atlas", "atlas"}, {"cosmos", "cosmos"}, {"bias", "bias"}, {"andes", "andes"},
    {"inning", "inning"}, {"innings", "inning"}, {"outing", "outing"}, {"outings", "outing"}, {"canning", "canning"},
    {"cannings", "canning"}, {"herring", "herring"}, {"herrings", "herring"}, {"earring", "earring"},
    {"earrings", "earring"}, {"proceed", "proceed"}, {"proceeds", "proceed"}, {"proceeded", "proceed"},
    {"proceeding", "proceed"}, {"exceed", "exceed"}, {"exceeds", "exceed"}, {"exceeded", "exceed"},
    {"exceeding", "exceed"}, {"succeed", "succeed"}, {"succeeds", "succeed"}, {"succeeded", "succeed"},
    {"succeeding", "succeed"}};

static const struct rule *first_that_ends(const struct word *word, const struct rule *rules) {
    while (rules->suffix && !ends(word, rules->suffix)) rules++;
    return rules->suffix ? rules : 0;
}

/* How many letters there are behind the first consonant that follows a vowel, from some letter on. */
static int64_t region(const struct word *word, int64_t from) {
    for (int64_t i = from + 1; i < word->size; i++)
        if (!is_vowel(word->letters[i]) && is_vowel(word->letters[i - 1])) return word->size - i - 1;
    return 0;
}

static void step_1a(struct word *word) {
    if (ends(word, "sses")) put(word, 2, "");
    else if (ends(word, "ied") || ends(word, "ies")) put(word, word->size > 4 ? 2 : 1, "");
    else if (!ends(word, "us") && !ends(word, "ss") && ends(word, "s") && has_vowel(word->letters, word->size - 2))
        put(word, 1, "");
}

static void step_1b(struct word *word) {
    static const struct rule SUFFIXES[] = {{"eedly", 5, "ee"}, {"ingly", 5, ""}, {"edly", 4, ""}, {"eed", 3, "ee"},
                                           {"ing", 3, ""}, {"ed", 2, ""}, {0}};
    const struct rule *rule = first_that_ends(word, SUFFIXES);
    if (!rule) return;
    if (*rule->put) {
        if (word->r1 >= rule->cut) put(word, rule->cut, rule->put);
        return;
    }
    if (!has_vowel(word->letters, word->size - rule->cut)) return;
    put(word, rule->cut, "");
    uint8_t one = last(word, 1), two = last(word, 2), three = last(word, 3);
    if (ends(word, "at") || ends(word, "bl") || ends(word, "iz")) {
        word->letters[word->size++] = 'e';
        word->r1++;
        word->r2 += word->size > 5 || word->r1 >= 3;
    } else if (one == two && is_one_of(one, "bdfgmnprt")) put(word, 1, "");
    else if (!word->r1 && word->size == 2 ? is_vowel(two) && !is_vowel(one)
             : !word->r1 && three && !is_vowel(one) && !is_one_of(one, "wxY") && is_vowel(two) && !is_vowel(three))
        word->letters[word->size++] = 'e';
}

static void step_2(struct word *word) {
    const struct rule *rule = first_that_ends(word, STEP_2);
    if (!rule || word->r1 < (int64_t)strlen(rule->suffix)) return;
    if (rule->suffix[0] == 'o' && rule->suffix[1] == 'g' && last(word, 4) != 'l') return;
    if (!rule->suffix[2] && !is_one_of(last(word, 3), "cdeghkmnrt")) return;        /* li */
    int is_short = word->r2 < rule->cut && (!strcmp(rule->put, "ate") || !strcmp(rule->put, "ive"));
    put(word, rule->cut, rule->put);
    if (is_short) word->r2 = 1;
}

static void step_3(struct word *word) {
    const struct rule *rule = first_that_ends(word, STEP_3);
    if (rule && word->r1 >= (int64_t)strlen(rule->suffix) && (strcmp(rule->suffix, "ative") || word->r2 >= 5))
        put(word, rule->cut, rule->put);
}

static void step_4(struct word *word) {
    const struct rule *rule = first_that_ends(word, STEP_4);
    if (rule && word->r2 >= rule->cut && (strcmp(rule->suffix, "ion") || is_one_of(last(word, 4), "st")))
        put(word, rule->cut, "");
}

static void step_5(struct word *word) {
    uint8_t one = last(word, 1), two = last(word, 2), three = last(word, 3), four = last(word, 4);
    if (one == 'l' ? word->r2 && two == 'l'
        : one == 'e' && (word->r2 || (word->r1 && four && (is_vowel(two) || is_one_of(two, "wxY") || !is_vowel(three)
                                                           || is_vowel(four)))))
        word->size--;
}

/* Stem a word of the letters a to z in its place, as NLTK's Snowball does; its new size. */
static int64_t stemmed(uint8_t *letters, int64_t size) {
    struct word word = {letters, size, 0, 0};
    if (size <= 2) return size;
    for (size_t i = 0; i < sizeof EXCEPTIONS / sizeof *EXCEPTIONS; i++)
        if (*letters == *EXCEPTIONS[i][0] && size == (int64_t)strlen(EXCEPTIONS[i][0]) && ends(&word, EXCEPTIONS[i][0])) {
            memcpy(letters, EXCEPTIONS[i][1], strlen(EXCEPTIONS[i][1]));
            return (int64_t)strlen(EXCEPTIONS[i][1]);
        }
    for (int64_t i = 0; i < size; i++) if (letters[i] == 'y' && (!i || is_vowel(letters[i - 1]))) letters[i] = 'Y';
    int64_t known = size >= 5 && (!memcmp(letters, "gener", 5) || !memcmp(letters, "arsen", 5)) ? 5
        : size >= 6 && !memcmp(letters, "commun", 6) ? 6 : 0;
    word.r1 = known ? size - known : region(&word, 0);
    word.r2 = region(&word, size - word.r1);
    step_1a(&word);
    step_1b(&word);
    if (word.size > 2 && is_one_of(last(&word, 1), "yY") && !is_vowel(last(&word, 2))) put(&word, 1, "i");
    step_2(&word);
    step_3(&word);
    step_4(&word);
    step_5(&word);
    for (int64_t i = 0; i < word.size; i++) if (letters[i] == 'Y') letters[i] = 'y';
    return word.size;
}

/* The English stem of each line of letters a to z, and other lines as they are; how many bytes. */
int64_t stem_lines(const uint8_t *lines, int64_t size, uint8_t *stems) {
    uint8_t *next = stems;
    for (int64_t at = 0, end; at < size; at = end + 1) {
        int is_latin = 1;
        for (end = at; lines[end] != '\n'; end++) {
            is_latin &= lines[end] >= 'a' && lines[end] <= 'z';
            next[end - at] = lines[end];
        }
        next += is_latin ? stemmed(next, end - at) : end - at;
        *next++ = '\n';
    }
    return next - stems;
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

/* The hashes of the folding keys of each line of at most LONGEST letters a to z, to which rule 2 does not apply; how many
   of them a line has, into `counts`: -1 of one that is not told here, 0 of an empty one. A line has `least` sounds at least, or no key.
   How many hashes. */
int64_t fold_lines(const uint8_t *lines, int64_t size, int64_t least, uint64_t *hashes, int32_t *counts) {
    static const char *const STEMS[] = {"oleks", "mykola", "volodymyr", "olen", "kost"};
    uint64_t *next = hashes;
    for (int64_t at = 0, end; at < size; at = end + 1, counts++) {
        uint8_t word[2 * LONGEST], classes[2 * LONGEST], key[2 * LONGEST];
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
        int has_h = memchr(classes, 'h', (size_t)letters) != 0;
        for (int which = 0; which <= has_h; which++) {
            for (int64_t i = 0; i < letters; i++) key[i] = classes[i] != 'h' ? classes[i] : which ? 'X' : 'g';
            *next++ = blake2b_8(key, letters);
            ++*counts;
        }
    }
    return next - hashes;
}
