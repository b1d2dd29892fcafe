package config

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Size is a number of bytes. In text it is a whole number with a unit, as in
// "512KB"; a kilobyte is 1,000 bytes, a kibibyte 1,024 (IEC 80000-13).
type Size int64

// Units of Size.
const (
	Kilobyte Size = 1000
	Megabyte      = 1000 * Kilobyte
	Gigabyte      = 1000 * Megabyte
	Kibibyte Size = 1024
	Mebibyte      = 1024 * Kibibyte
	Gibibyte      = 1024 * Mebibyte
)

// sizeUnits from the longest suffix to the shortest, so that "KiB" is not
// read as "B".
var sizeUnits = []struct {
	suffix string
	bytes  Size
}{
	{"GIB", Gibibyte}, {"MIB", Mebibyte}, {"KIB", Kibibyte},
	{"GB", Gigabyte}, {"MB", Megabyte}, {"KB", Kilobyte}, {"B", 1},
}

// ParseSize reads a size such as "1MB", "64 KiB" or "4096" (bytes). Case
// does not matter.
func ParseSize(s string) (Size, error) {
	number, unit := strings.ToUpper(strings.TrimSpace(s)), Size(1)
	for _, u := range sizeUnits {
		if rest, ok := strings.CutSuffix(number, u.suffix); ok {
			number, unit = strings.TrimSpace(rest), u.bytes
			break
		}
	}
	n, err := strconv.ParseUint(number, 10, 63)
	if err != nil || Size(n) > math.MaxInt64/unit {
		return 0, fmt.Errorf("size %q: expected a whole number with a unit, such as 1MB", s)
	}
	return Size(n) * unit, nil
}

// String writes the size with the largest unit that leaves a whole number.
func (s Size) String() string {
	for _, u := range []struct {
		suffix string
		bytes  Size
	}{
		{"GB", Gigabyte}, {"GiB", Gibibyte}, {"MB", Megabyte},
		{"MiB", Mebibyte}, {"KB", Kilobyte}, {"KiB", Kibibyte},
	} {
		if s >= u.bytes && s%u.bytes == 0 {
			return strconv.FormatInt(int64(s/u.bytes), 10) + u.suffix
		}
	}
	return strconv.FormatInt(int64(s), 10) + "B"
}
