package fetch

import "net/netip"

// special are the networks that are not of the public internet: the special-purpose registries of IANA (RFC 6890),
// without those netip knows by a method.
var special = prefixes(
	"0.0.0.0/8",       // this network (RFC 791)
	"100.64.0.0/10",   // carriers' NAT (RFC 6598)
	"192.0.0.0/24",    // protocol assignments (RFC 6890)
	"192.0.2.0/24",    // documentation (RFC 5737)
	"192.31.196.0/24", // AS112 (RFC 7535)
	"192.52.193.0/24", // AMT (RFC 7450)
	"192.88.99.0/24",  // 6to4 relays (RFC 7526)
	"192.175.48.0/24", // AS112 (RFC 7534)
	"198.18.0.0/15",   // benchmarks (RFC 2544)
	"198.51.100.0/24", // documentation (RFC 5737)
	"203.0.113.0/24",  // documentation (RFC 5737)
	"240.0.0.0/4",     // reserved (RFC 1112), the broadcast address in it
	"64:ff9b:1::/48",  // NAT64 of one's own (RFC 8215)
	"100::/64",        // discard (RFC 6666)
	"2001::/23",       // protocol assignments, Teredo in it (RFC 2928, RFC 4380)
	"2001:db8::/32",   // documentation (RFC 3849)
	"3fff::/20",       // documentation (RFC 9637)
	"5f00::/16",       // segment routing (RFC 9602)
	"fec0::/10",       // site-local (RFC 3879)
	"::/96",           // compatible with IPv4 (RFC 4291, 2.5.5.1)
)

var (
	nat64     = netip.MustParsePrefix("64:ff9b::/96") // RFC 6052: the last 32 bits are an IPv4 address
	sixToFour = netip.MustParsePrefix("2002::/16")    // 6to4 (RFC 3056): bits 16 to 48 are one
	global    = netip.MustParsePrefix("2000::/3")     // all that is given out of IPv6 (RFC 3513)
)

func prefixes(all ...string) (out []netip.Prefix) {
	for _, s := range all {
		out = append(out, netip.MustParsePrefix(s))
	}
	return out
}

// Public reports whether an address is one of the public internet: not this machine, not a network of one's own, not a
// form of IPv6 that wraps such an IPv4 address.
func Public(a netip.Addr) bool {
	if a.Zone() != "" || !a.IsValid() {
		return false
	}
	a = a.Unmap()
	if inner, wrapped := wrapped(a); wrapped {
		return Public(inner)
	}
	if a.IsLoopback() || a.IsPrivate() || a.IsUnspecified() || a.IsMulticast() || a.IsLinkLocalUnicast() ||
		a.IsLinkLocalMulticast() || a.IsInterfaceLocalMulticast() {
		return false
	}
	for _, p := range special {
		if p.Contains(a) {
			return false
		}
	}
	return a.Is4() || global.Contains(a)
}

// wrapped is the IPv4 address that a form of IPv6 leads to.
func wrapped(a netip.Addr) (netip.Addr, bool) {
	if a.Is4() {
		return netip.Addr{}, false
	}
	b := a.As16()
	switch {
	case nat64.Contains(a):
		return netip.AddrFrom4([4]byte(b[12:16])), true
	case sixToFour.Contains(a):
		return netip.AddrFrom4([4]byte(b[2:6])), true
	}
	return netip.Addr{}, false
}
