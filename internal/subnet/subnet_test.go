package subnet

import (
	"net/netip"
	"testing"
)

func TestOf(t *testing.T) {
	for address, want := range map[string]string{
		"203.0.113.9":         "203.0.113.0/24",
		"203.0.113.200":       "203.0.113.0/24",
		"2001:db8:1:2:3::4":   "2001:db8:1:2::/64",
		"2001:db8:1:2:ffff::": "2001:db8:1:2::/64",
		"fe80::1%eth0":        "fe80::/64",
		"::ffff:192.0.2.7":    "192.0.2.0/24",
		"::ffff:198.51.100.7": "198.51.100.0/24",
	} {
		if have := Of(netip.MustParseAddr(address)).String(); have != want {
			t.Errorf("%s is in %s, want %s", address, have, want)
		}
	}
	if have := Of(netip.Addr{}); have.IsValid() {
		t.Errorf("no address is in %s", have)
	}
}

func TestAround(t *testing.T) {
	for in, want := range map[string]string{
		"192.0.2.7/32": "192.0.2.0/24", "192.0.2.0/24": "192.0.2.0/24", "10.0.0.0/8": "10.0.0.0/8",
		"2001:db8:1:2:3::4/128": "2001:db8:1:2::/64", "2001:db8::/48": "2001:db8::/48",
		"::ffff:192.0.2.7/128": "192.0.2.0/24",
	} {
		if got := Around(netip.MustParsePrefix(in)).String(); got != want {
			t.Errorf("around %s is %s, want %s", in, got, want)
		}
	}
	if got := Around(netip.Prefix{}); got.IsValid() {
		t.Errorf("around no address is %s", got)
	}
}
