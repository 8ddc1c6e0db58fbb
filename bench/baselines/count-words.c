/*
 * Our definition of a word (docs/word-count.md) for ASCII in plain C: letters and digits, with single apostrophes between them. A table
 * with open addressing that grows, and qsort. It prints what our counter prints, byte for byte. `count-words FILE`
 * Bytes from 0x80 on end it: what they mean is the larger part of the definition.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PIECE_BYTES 65536
/* Longer words are not counted. */
#define MAXIMUM_BYTES 1024

typedef struct {
  char *word;
  uint64_t hash;
  uint32_t length;
  uint32_t count;
} entry;

static entry *table;
static size_t slots = 65536, used = 0;
/* What each byte is: its lower-case form, 0 for a separator, 1 for an apostrophe, 2 for what ends the program. */
static unsigned char kinds[256];
enum { SEPARATOR = 0, APOSTROPHE = 1, NOT_ASCII = 2 };

static void fail(const char *problem) {
  fprintf(stderr, "count-words: %s\n", problem);
  exit(1);
}

static void *checked(void *memory) {
  if (memory == NULL) fail("no memory is left");
  return memory;
}

static entry *place(entry *in, size_t count, const char *word, uint32_t length, uint64_t hash) {
  size_t at = hash & (count - 1);
  while (in[at].word != NULL && !(in[at].hash == hash && in[at].length == length && memcmp(in[at].word, word, length) == 0))
    at = (at + 1) & (count - 1);
  return &in[at];
}

static void grow(void) {
  entry *larger = checked(calloc(2 * slots, sizeof(entry)));
  for (size_t at = 0; at < slots; at++)
    if (table[at].word != NULL) *place(larger, 2 * slots, table[at].word, table[at].length, table[at].hash) = table[at];
  free(table);
  table = larger;
  slots *= 2;
}

static void add(const char *word, uint32_t length, uint64_t hash) {
  entry *found = place(table, slots, word, length, hash);
  if (found->word != NULL) {
    found->count++;
    return;
  }
  found->word = memcpy(checked(malloc(length)), word, length);
  found->hash = hash;
  found->length = length;
  found->count = 1;
  if (++used > slots / 2) grow();
}

static int by_bytes(const void *left, const void *right) {
  const entry *a = left, *b = right;
  uint32_t shorter = a->length < b->length ? a->length : b->length;
  int order = memcmp(a->word, b->word, shorter);
  return order != 0 ? order : (a->length > b->length) - (a->length < b->length);
}

int main(int count, char **arguments) {
  if (count != 2) fail("name a text file");
  FILE *file = fopen(arguments[1], "rb");
  if (file == NULL) fail("the file can't be opened");
  for (int byte = 0; byte < 256; byte++) kinds[byte] = byte >= 0x80 ? NOT_ASCII : SEPARATOR;
  for (int byte = '0'; byte <= '9'; byte++) kinds[byte] = (unsigned char)byte;
  for (int byte = 'a'; byte <= 'z'; byte++) kinds[byte] = kinds[byte - 0x20] = (unsigned char)byte;
  kinds['\''] = APOSTROPHE;
  table = checked(calloc(slots, sizeof(entry)));

  static char piece[PIECE_BYTES], word[MAXIMUM_BYTES];
  /* length counts on beyond the room: then the word is too long */
  uint64_t hash = 14695981039346656037u, length = 0;
  int apostrophe = 0;
  for (size_t read; (read = fread(piece, 1, PIECE_BYTES, file)) > 0;) {
    for (size_t at = 0; at < read; at++) {
      unsigned char kind = kinds[(unsigned char)piece[at]];
      if (kind > NOT_ASCII) {
        if (apostrophe) {
          if (length < MAXIMUM_BYTES) word[length] = '\'';
          length++;
          hash = (hash ^ '\'') * 1099511628211u;
          apostrophe = 0;
        }
        if (length < MAXIMUM_BYTES) word[length] = (char)kind;
        length++;
        hash = (hash ^ kind) * 1099511628211u;
        continue;
      }
      if (kind == NOT_ASCII) fail("the text is not ASCII");
      if (kind == APOSTROPHE && length > 0 && !apostrophe) {
        apostrophe = 1;
        continue;
      }
      if (length > 0 && length <= MAXIMUM_BYTES) add(word, (uint32_t)length, hash);
      hash = 14695981039346656037u;
      length = 0;
      apostrophe = 0;
    }
  }
  if (ferror(file)) fail("the file can't be read");
  if (length > 0 && length <= MAXIMUM_BYTES) add(word, (uint32_t)length, hash);

  size_t words = 0;
  for (size_t at = 0; at < slots; at++)
    if (table[at].word != NULL) table[words++] = table[at];
  qsort(table, words, sizeof(entry), by_bytes);
  for (size_t at = 0; at < words; at++) printf("[\"%.*s\",%u]\n", (int)table[at].length, table[at].word, table[at].count);
  if (fflush(stdout) != 0) fail("the words can't be written");
  return 0;
}
