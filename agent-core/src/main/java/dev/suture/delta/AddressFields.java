package dev.suture.delta;

/**
 * Fields of a piece that hold addresses of the base, collected and then replaced together. Where an
 * address has moved to is looked up in a large table: one look after the other would wait for
 * memory each time.
 *
 * <p>Memory: twenty bytes for each of {@link #CAPACITY}.
 */
final class AddressFields {
  private static final int CAPACITY = 1024;

  private final MovedAddresses addresses;
  private final int[] places = new int[CAPACITY];
  private final long[] targets = new long[CAPACITY];
  private final long[] origins = new long[CAPACITY];
  private int count;

  AddressFields(MovedAddresses addresses) {
    this.addresses = addresses;
  }

  /**
   * Collects a field. It and all others can be replaced at once.
   *
   * @param bytes length of this field and all others: four or eight
   * @param at from the piece's beginning
   * @param target an address of the base
   * @param origin subtracted from the address in the image
   */
  void add(Piece piece, int bytes, int at, long target, long origin) {
    if (count == CAPACITY) {
      replace(piece, bytes);
    }
    places[count] = at;
    targets[count] = target;
    origins[count] = origin;
    count++;
  }

  /** Replaces all that were collected of a piece and are known. */
  void replace(Piece piece, int bytes) {
    int read = 0;
    for (int i = 0; i < count; i++) {
      read ^= addresses.touch(addresses.key(piece.segment(), targets[i]));
    }
    addresses.touched(read);
    for (int i = 0; i < count; i++) {
      long address = addresses.moved(piece.segment(), targets[i]);
      if (address >= 0) {
        piece.put(places[i], bytes, address - origins[i]);
      }
    }
    count = 0;
  }
}
