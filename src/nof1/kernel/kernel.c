/* Loops over the text of a genome file and over a table of alleles, for which NumPy has to pass over memory many times.
 *
 * Each function does what a function of nof1.genomics, nof1.model or nof1.knowledge does with NumPy, and gives the same
 * arrays; tests compare them. A function that meets what it does not know gives -1, and NumPy does the work.
 * All places are in bytes from the begin of ``text``; all arrays are contiguous and as long as the caller says.
 */
#include <stdint.h>
#include <string.h>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#define EXPORTED __attribute__((visibility("default")))
#define UPPER 0xDF
#define MOST_DIGITS 10

EXPORTED int64_t nof1_version(void) { return 2; }

/* Lines as records of ``columns`` columns: where each begins, where each of its columns ends. */
static inline int edge(int64_t at, int is_newline, int64_t columns, int64_t *column, int64_t *row, int64_t *starts,
                       int64_t *ends, int64_t room)
{
    if (is_newline != (*column == columns - 1)) return 0;
    if (*row >= room) return 0;
    ends[*row * columns + *column] = at;
    if (!is_newline) { ++*column; return 1; }
    *column = 0;
    ++*row;
    if (*row < room) starts[*row] = at + 1;
    return 1;
}

EXPORTED int64_t nof1_records(const uint8_t *text, int64_t size, int64_t columns, int64_t *starts, int64_t *ends,
                              int64_t room)
{
    int64_t at = 0, column = 0, row = 0;
    if (room > 0) starts[0] = 0;
#if defined(__SSE2__)
    const __m128i tab = _mm_set1_epi8(9), newline = _mm_set1_epi8(10);
    for (; at + 16 <= size; at += 16) {
        __m128i block = _mm_loadu_si128((const __m128i *)(text + at));
        unsigned lines = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(block, newline));
        unsigned all = lines | (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(block, tab));
        while (all) {
            int bit = __builtin_ctz(all);
            all &= all - 1;
            if (!edge(at + bit, (lines >> bit) & 1, columns, &column, &row, starts, ends, room)) return -1;
        }
    }
#endif
    for (; at < size; ++at)
        if (text[at] == 9 || text[at] == 10)
            if (!edge(at, text[at] == 10, columns, &column, &row, starts, ends, room)) return -1;
    if (column) return -1;
    for (int64_t one = 0; one < row; ++one) {
        int64_t *last = ends + one * columns + columns - 1;
        if (text[*last - 1] == 13) --*last;
    }
    return row;
}

static int are_letters(const uint8_t *text, int64_t length)
{
    for (int64_t one = 0; one < length; ++one) {
        uint8_t letter = text[one] & UPPER;
        if (letter != 'A' && letter != 'C' && letter != 'G' && letter != 'T') return 0;
    }
    return length > 0;
}

/* POS, and each alternative of each record, trimmed. ``reason``: 0 usable, ``same`` where it is REF, ``odd`` for others. */
EXPORTED int64_t nof1_alleles(const uint8_t *text, const int64_t *starts, const int64_t *ends, int64_t records,
                              int64_t columns, uint8_t same, uint8_t odd, int64_t *places, int64_t *record,
                              int64_t *number, int64_t *position, int64_t *ref_at, int64_t *ref_length, int64_t *alt_at,
                              int64_t *alt_length, uint8_t *reason, int64_t room)
{
    int64_t count = 0;
    for (int64_t row = 0; row < records; ++row) {
        const int64_t *end = ends + row * columns;
        int64_t at = end[0] + 1, digits = end[1] - at, place = 0;
        if (digits < 1 || digits > MOST_DIGITS || text[starts[row]] == '#' || end[0] <= starts[row]) return -1;
        for (; at < end[1]; ++at) {
            uint8_t digit = (uint8_t)(text[at] - '0');
            if (digit > 9) return -1;
            place = place * 10 + digit;
        }
        places[row] = place;
        int64_t ref = end[2] + 1, refs = end[3] - ref, alt = end[3] + 1, stop = end[4], nth = 0;
        if (refs < 1 || stop <= alt) return -1;
        int ref_is_letters = are_letters(text + ref, refs), is_one = stop - alt <= 2;
        for (int64_t begin = alt; begin <= stop;) {
            const uint8_t *comma = is_one ? 0 : memchr(text + begin, ',', (size_t)(stop - begin));
            int64_t last = comma ? comma - text : stop, r = ref, a = begin, rn = refs, an = last - begin, p = place;
            if (count >= room) return -1;
            if (!ref_is_letters || !are_letters(text + a, an)) {
                reason[count] = odd;
            } else {
                while (rn > 1 && an > 1 && !((text[r + rn - 1] ^ text[a + an - 1]) & UPPER)) { --rn; --an; }
                while (rn > 1 && an > 1 && !((text[r] ^ text[a]) & UPPER)) { ++r; ++a; --rn; --an; ++p; }
                reason[count] = rn == 1 && an == 1 && !((text[r] ^ text[a]) & UPPER) ? same : 0;
            }
            record[count] = row;
            number[count] = ++nth;
            position[count] = p;
            ref_at[count] = r;
            ref_length[count] = rn;
            alt_at[count] = a;
            alt_length[count] = an;
            ++count;
            begin = last + 1;
        }
    }
    return count;
}

#define PRIME 0x100000001B3ull
#define SPREAD 0x9E3779B97F4A7C15ull

static inline uint64_t mixed(uint64_t value)
{
    value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9ull;
    value = (value ^ (value >> 27)) * 0x94D049BB133111EBull;
    return value ^ (value >> 31);
}

static inline uint64_t folded(uint64_t value, const uint8_t *text, int64_t length)
{
    for (int64_t one = 0; one < length; ++one) value = (value ^ (text[one] & UPPER)) * PRIME;
    return value;
}

EXPORTED void nof1_keys(const uint8_t *text, int64_t count, const int32_t *contig, const int64_t *position,
                        const int64_t *ref_at, const int64_t *ref_length, const int64_t *alt_at,
                        const int64_t *alt_length, const uint64_t *seeds, uint64_t *keys)
{
    for (int64_t one = 0; one < count; ++one) {
        uint64_t value = mixed(seeds[contig[one]] ^ ((uint64_t)position[one] * SPREAD));
        value = folded(value, text + ref_at[one], ref_length[one]);
        value = (value ^ 0x2F) * PRIME;
        keys[one] = mixed(folded(value, text + alt_at[one], alt_length[one]));
    }
}

static inline int agree(const uint8_t *ours, const uint8_t *theirs, int64_t length)
{
    for (int64_t one = 0; one < length; ++one)
        if ((ours[one] ^ theirs[one]) & UPPER) return 0;
    return 1;
}

#define AHEAD 16

/* The first row on each allele, -1 for none. Gives -1 where the table names rows or letters that there are not: a damaged
 * file must not lead out of memory. */
EXPORTED int64_t nof1_find(const uint8_t *text, int64_t count, const int32_t *contig, const int64_t *position,
                           const int64_t *ref_at, const int64_t *ref_length, const int64_t *alt_at,
                           const int64_t *alt_length, const uint64_t *wanted, const int32_t *numbers,
                           const uint64_t *slots, uint64_t mask, int64_t rows, const uint16_t *row_contig,
                           const uint32_t *row_position, const uint32_t *row_ref, const uint32_t *row_alt,
                           const uint32_t *row_at, const uint8_t *letters, int64_t size, int64_t *found)
{
    for (int64_t one = 0; one < count; ++one) {
        if (one + AHEAD < count) __builtin_prefetch(slots + (wanted[one + AHEAD] & mask));
        uint64_t slot = wanted[one] & mask, tag = wanted[one] >> 32, inside;
        found[one] = -1;
        while ((inside = slots[slot])) {
            if (inside >> 32 == tag) {
                int64_t row = (int64_t)(inside & 0xFFFFFFFFu) - 1;
                if (row < 0 || row >= rows) return -1;
                int64_t refs = ref_length[one], alts = alt_length[one];
                const uint8_t *its = letters + row_at[row];
                if ((int64_t)row_at[row] + row_ref[row] + row_alt[row] > size) return -1;
                if (row_position[row] == position[one] && row_ref[row] == refs && row_alt[row] == alts &&
                    numbers[contig[one]] == row_contig[row] && agree(text + ref_at[one], its, refs) &&
                    agree(text + alt_at[one], its + refs, alts)) {
                    found[one] = row;
                    break;
                }
            }
            slot = (slot + 1) & mask;
        }
    }
    return 0;
}

/* Whether a first letter of REF is that of a row at its place: 1, -1, or 0 where there is no row. Gives -1 as above. */
EXPORTED int64_t nof1_contradicted(int64_t count, const int32_t *contig, const int64_t *place, const uint8_t *first,
                                const int64_t *begins, const uint32_t *row_position, const uint32_t *row_at,
                                const uint8_t *letters, int64_t size, int8_t *answer)
{
    int32_t before = -1;
    int64_t hint = 0, low = 0, high = 0;
    for (int64_t one = 0; one < count; ++one) {
        answer[one] = 0;
        if (contig[one] < 0) continue;
        if (contig[one] != before) {
            before = contig[one];
            low = hint = begins[before];
            high = begins[before + 1];
        }
        int64_t wanted = place[one], from = low, to = high, step = 1;
        if (hint > low && row_position[hint - 1] < wanted) { /* gallop from where the last one was */
            from = hint;
            while (from + step < high && row_position[from + step] < wanted) step *= 2;
            to = from + step < high ? from + step + 1 : high;
        }
        while (from < to) {
            int64_t middle = from + (to - from) / 2;
            if (row_position[middle] < wanted) from = middle + 1; else to = middle;
        }
        hint = from;
        if (from < high && row_position[from] == wanted) {
            if (row_at[from] >= (uint64_t)size) return -1;
            answer[one] = (first[one] ^ letters[row_at[from]]) & UPPER ? -1 : 1;
        }
    }
    return 0;
}

/* Rows of a table: ``columns`` cells with tabs between and a line's end; ``out`` is as long as all of it. */
EXPORTED void nof1_lines(int64_t rows, int64_t columns, const uint8_t *const *texts, const int64_t *const *at,
                         const int64_t *const *length, uint8_t *out)
{
    for (int64_t row = 0; row < rows; ++row) {
        for (int64_t column = 0; column < columns; ++column) {
            int64_t size = length[column][row];
            const uint8_t *from = texts[column] + at[column][row];
            if (size < 16) for (int64_t one = 0; one < size; ++one) out[one] = from[one];
            else memcpy(out, from, (size_t)size);
            out += size;
            *out++ = column + 1 < columns ? 9 : 10;
        }
    }
}
