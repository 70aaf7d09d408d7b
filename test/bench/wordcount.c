/* The C program a careful author would write for the word count of one file: big reads, white space found eight bytes
   at a time, open addressing, keys in an arena. Words are what stands between ASCII white space (space, \t \n \v \f
   \r), as in `sluice reduce --words`. Prints `word <tab> count`, in no order. One thread. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "the first byte of a word has to be the lowest of an integer"
#endif

#define ONES 0x0101010101010101ull
#define HIGH (0x80 * ONES)

typedef struct {
  uint64_t first; /* the first eight bytes, zeros behind a shorter word */
  const char *key;
  uint32_t length; /* 0: a free place */
  uint32_t hash;
  uint64_t count;
} Entry;

static Entry *table;
static size_t capacity = 1 << 16, used;
static char *arena, *arena_end;

static void *allocate(size_t size) {
  void *memory = calloc(1, size);
  if (!memory) {
    perror("wordcount");
    exit(1);
  }
  return memory;
}

/* The high bit of each byte that is white space. Exact for every byte, since no sum carries into the next one. */
static inline uint64_t white(uint64_t bytes) {
  uint64_t low = bytes & ~HIGH;
  uint64_t control = (low + (0x80 - '\t') * ONES) & ~(low + (0x80 - '\r' - 1) * ONES);
  uint64_t other = (low ^ (' ' * ONES)) + 0x7f * ONES;
  return (control | ~other) & ~bytes & HIGH;
}

static inline uint64_t load(const char *from) {
  uint64_t bytes;
  memcpy(&bytes, from, 8);
  return bytes;
}

static inline uint64_t mix(uint64_t hash, uint64_t bytes) {
  unsigned __int128 product = (unsigned __int128)(hash ^ bytes) * 0x9e3779b97f4a7c15ull;
  return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static void grow(void) {
  Entry *old = table;
  size_t old_capacity = capacity;
  capacity *= 2;
  table = allocate(capacity * sizeof *table);
  for (size_t index = 0; index < old_capacity; index++) {
    if (!old[index].length) continue;
    size_t place = old[index].hash & (capacity - 1);
    while (table[place].length) place = (place + 1) & (capacity - 1);
    table[place] = old[index];
  }
  free(old);
}

static const char *keep(const char *word, size_t length) {
  if ((size_t)(arena_end - arena) < length) {
    size_t size = length > 1 << 20 ? length : 1 << 20;
    arena = allocate(size);
    arena_end = arena + size;
  }
  char *key = memcpy(arena, word, length);
  arena += length;
  return key;
}

static inline void count(const char *word, size_t length, uint64_t first, uint64_t mixed) {
  uint32_t hash = (uint32_t)(mixed ^ (mixed >> 32));
  size_t place = hash & (capacity - 1);
  for (;; place = (place + 1) & (capacity - 1)) {
    Entry *entry = &table[place];
    if (entry->first == first && entry->length == length && entry->hash == hash &&
        (length <= 8 || !memcmp(entry->key + 8, word + 8, length - 8))) {
      entry->count++;
      return;
    }
    if (entry->length) continue;
    *entry = (Entry){first, keep(word, length), (uint32_t)length, hash, 1};
    if (++used > capacity / 8 * 5) grow();
    return;
  }
}

/* Counts the words of text that ends with white space; eight more bytes can be read behind it. */
static void count_words(const char *at, const char *end) {
  while (at < end) {
    uint64_t bytes = load(at);
    uint64_t ends = white(bytes);
    if (ends & 0x80) {
      at++;
      continue;
    }
    const char *word = at;
    uint64_t hash = 0, first = 0;
    int is_first = 1;
    while (!ends) {
      if (is_first) first = bytes;
      is_first = 0;
      hash = mix(hash, bytes);
      at += 8;
      bytes = load(at);
      ends = white(bytes);
    }
    int length = __builtin_ctzll(ends) >> 3;
    bytes &= ((uint64_t)1 << (8 * length)) - 1;
    if (is_first) first = bytes;
    at += length;
    size_t whole = (size_t)(at - word);
    count(word, whole, first, mix(hash, bytes ^ ((uint64_t)whole << 56)));
    at++;
  }
}

int main(int argc, char **argv) {
  int file = argc > 1 ? open(argv[1], O_RDONLY) : 0;
  size_t size = 1 << 20, kept = 0;
  char *buffer = allocate(size + 16);
  table = allocate(capacity * sizeof *table);
  for (;;) {
    ssize_t got = read(file, buffer + kept, size - kept);
    if (got < 0) {
      perror("wordcount");
      return 1;
    }
    size_t filled = kept + (size_t)got;
    if (got == 0) {
      buffer[filled] = '\n';
      count_words(buffer, buffer + filled + 1);
      break;
    }
    size_t whole = filled;
    while (whole > 0 && !strchr(" \t\n\v\f\r", buffer[whole - 1] ? buffer[whole - 1] : 'x')) whole--;
    count_words(buffer, buffer + whole);
    kept = filled - whole;
    memmove(buffer, buffer + whole, kept);
    if (kept < size / 2) continue;
    /* A word longer than half the buffer. */
    size *= 2;
    char *larger = allocate(size + 16);
    memcpy(larger, buffer, kept);
    free(buffer);
    buffer = larger;
  }
  static char output[1 << 18];
  setvbuf(stdout, output, _IOFBF, sizeof output);
  for (size_t index = 0; index < capacity; index++) {
    if (!table[index].length) continue;
    fwrite_unlocked(table[index].key, 1, table[index].length, stdout);
    fprintf(stdout, "\t%llu\n", (unsigned long long)table[index].count);
  }
  return fflush(stdout) != 0;
}
