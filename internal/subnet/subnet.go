// Package subnet draws addresses together to the networks that limits count by: who has one address has its neighbors.
package subnet

import "net/netip"

// How many bits of an address name its network: what one household or office commonly has.
const (
	bits4 = 24
	bits6 = 64
)

// Of returns the IPv4 /24 or IPv6 /64 that an address lies in. An IPv4 address within IPv6 (RFC 4291, section 2.5.5.2) is
// an IPv4 address. No address lies in no network, the zero Prefix.
func Of(a netip.Addr) netip.Prefix { return Around(netip.PrefixFrom(a, a.BitLen())) }

// Around is Of for what may be a network already: a wider one stays as it is.
func Around(p netip.Prefix) netip.Prefix {
	if !p.IsValid() {
		return netip.Prefix{}
	}
	a, bits := p.Addr().WithZone(""), p.Bits()
	if a.Is4In6() {
		a, bits = a.Unmap(), max(bits-96, 0)
	}
	limit := bits6
	if a.Is4() {
		limit = bits4
	}
	return netip.PrefixFrom(a, min(bits, limit)).Masked()
}
