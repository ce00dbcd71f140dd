/* SPDX-License-Identifier: Apache-2.0 */
#include "core/base/slice.h"
#include "core/codec/hex.h"
#include "tests/tap.h"

int main(void)
{
	static const char *const wrong[] = { "0",  "000", "0x", "g0", "0g", "0G",
					     "/0", "0:",  "@0", "`0", " 0", "0-" };
	uint8_t out[16] = { 0 };

	tap_ok(hex_read(slice_str("0019afAF"), out) && !memcmp(out, "\x00\x19\xaf\xaf", 5),
	       "both cases, and nothing written beyond");
	tap_ok(hex_read(slice_str(""), out), "nothing");
	tap_ok(!hex_read((struct assay_slice){ (const uint8_t *)"0000", 3 }, out),
	       "odd, with a digit beyond the end");
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		tap_ok(!hex_read(slice_str(wrong[i]), out), "refused: %s", wrong[i]);
	return tap_done();
}
