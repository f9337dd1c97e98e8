/*
 * Reads and makes AOSP's bootloader_control, independently of the agent: from the layout that AOSP
 * publishes in boot_control_definition.h, as gcc lays it out, with a bit-by-bit CRC-32.
 *
 *   bootloader_control layout                     sizes and places
 *   bootloader_control print FILE                 of a misc partition: what its 32 bytes say; status 2 if they are not valid
 *   bootloader_control make SLOT...               32 bytes to stdout; each SLOT is PRIORITY:TRIES:SUCCESSFUL
 */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define AT 2048

struct slot {
  uint8_t priority : 4;
  uint8_t tries_remaining : 3;
  uint8_t successful_boot : 1;
  uint8_t verity_corrupted : 1;
  uint8_t reserved : 7;
} __attribute__((packed));

struct control {
  char slot_suffix[4];
  uint32_t magic;
  uint8_t version;
  uint8_t nb_slot : 3;
  uint8_t recovery_tries_remaining : 3;
  uint8_t merge_status : 3;
  uint8_t reserved0[1];
  struct slot slot_info[4];
  uint8_t reserved1[8];
  uint32_t crc32_le;
} __attribute__((packed));

static uint32_t crc32_of(const uint8_t *bytes, size_t length) {
  uint32_t crc = 0xffffffff;
  for (size_t i = 0; i < length; i++) {
    crc ^= bytes[i];
    for (int bit = 0; bit < 8; bit++) crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc;
}

static uint32_t crc_of(const struct control *control) {
  return crc32_of((const uint8_t *)control, offsetof(struct control, crc32_le));
}

static int print(const char *path) {
  struct control control;
  FILE *misc = fopen(path, "rb");
  if (!misc || fseek(misc, AT, SEEK_SET) || fread(&control, sizeof control, 1, misc) != 1) {
    perror(path);
    return 1;
  }
  fclose(misc);
  printf("suffix=%.4s magic=%08x version=%d slots=%d recovery=%d merge=%d\n", control.slot_suffix, control.magic,
         control.version, control.nb_slot, control.recovery_tries_remaining, control.merge_status);
  for (int i = 0; i < control.nb_slot && i < 4; i++) {
    struct slot *slot = &control.slot_info[i];
    printf("%c priority=%d tries=%d successful=%d corrupted=%d\n", "abcd"[i], slot->priority, slot->tries_remaining,
           slot->successful_boot, slot->verity_corrupted);
  }
  return control.magic == 0x42414342 && control.version == 1 && control.crc32_le == crc_of(&control) ? 0 : 2;
}

static int make(int count, char **slots) {
  struct control control = {.slot_suffix = "_c", .magic = 0x42414342, .version = 1};
  control.nb_slot = count;
  for (int i = 0; i < count && i < 4; i++) {
    int priority, tries, successful;
    if (sscanf(slots[i], "%d:%d:%d", &priority, &tries, &successful) != 3) return 1;
    control.slot_info[i].priority = priority;
    control.slot_info[i].tries_remaining = tries;
    control.slot_info[i].successful_boot = successful;
  }
  control.crc32_le = crc_of(&control);
  return fwrite(&control, sizeof control, 1, stdout) == 1 ? 0 : 1;
}

int main(int argc, char **argv) {
  if (argc == 2 && !strcmp(argv[1], "layout")) {
    printf("size=%zu slot=%zu magic=%zu version=%zu slot_info=%zu crc32_le=%zu\n", sizeof(struct control),
           sizeof(struct slot), offsetof(struct control, magic), offsetof(struct control, version),
           offsetof(struct control, slot_info), offsetof(struct control, crc32_le));
    return 0;
  }
  if (argc == 3 && !strcmp(argv[1], "print")) return print(argv[2]);
  if (argc > 2 && !strcmp(argv[1], "make")) return make(argc - 2, argv + 2);
  fprintf(stderr, "usage: bootloader_control layout | print FILE | make PRIORITY:TRIES:SUCCESSFUL...\n");
  return 1;
}
