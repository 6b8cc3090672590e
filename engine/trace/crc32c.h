/* CRC-32C, the checksum of blocks: polynomial 0x1EDC6F41 (Castagnoli), reflected, initial value and final XOR
 * 0xffffffff, as RFC 3720 (iSCSI), section 12.1 and appendix B.4 define it. */
#ifndef TRACE_CRC32C_H
#define TRACE_CRC32C_H

#include <stddef.h>
#include <stdint.h>

/* The checksum of bytes that follow those whose checksum is `crc` (0 for none). */
uint32_t crc32c(uint32_t crc, const void *bytes, size_t length);
/* The same without the processor's instruction; for tests. */
uint32_t crc32c_portable(uint32_t crc, const void *bytes, size_t length);

#endif
