package doctor

import (
	"context"
	"fmt"
	"net/netip"
	"strings"
)

// spfWalk evaluates an SPF record (RFC 7208, section 4.6) for addresses, all of which have to be named.
type spfWalk struct {
	names  Resolver
	from   []netip.Addr
	asked  int    // of the ten questions that are allowed
	open   bool   // "+all"
	broken string // why a receiver could not use it
}

// spfMost is how many questions a record may lead to (RFC 7208, section 4.6.4).
const spfMost = 10

// domain returns the qualifier of what matches, 0 when nothing does.
func (w *spfWalk) domain(ctx context.Context, domain, record string, depth int) (byte, error) {
	redirect := ""
	for _, term := range strings.Fields(record)[1:] {
		if to, ok := strings.CutPrefix(strings.ToLower(term), "redirect="); ok {
			redirect = to
			continue
		}
		if name, _, ok := strings.Cut(term, "="); ok && !strings.ContainsAny(name, ":/") {
			continue // a modifier
		}
		qualifier := byte('+')
		if strings.ContainsRune("+-~?", rune(term[0])) {
			qualifier, term = term[0], term[1:]
		}
		match, err := w.mechanism(ctx, domain, strings.ToLower(term), depth)
		if err != nil || w.broken != "" {
			return 0, err
		}
		if strings.EqualFold(term, "all") && qualifier == '+' && depth == 0 {
			w.open = true
		}
		if match {
			return qualifier, nil
		}
	}
	if redirect == "" {
		return 0, nil
	}
	return w.other(ctx, redirect, depth)
}

// other evaluates the record of another domain.
func (w *spfWalk) other(ctx context.Context, domain string, depth int) (byte, error) {
	if strings.Contains(domain, "%") {
		return 0, nil // depends on what is sent
	}
	if !w.ask() {
		return 0, nil
	}
	d := Doctor{o: Options{Names: w.names}}
	records, err := d.texts(ctx, domain, "v=spf1")
	if err != nil {
		return 0, err
	}
	if len(records) != 1 {
		w.broken = fmt.Sprintf("it leads to %s, which has %d records", domain, len(records))
		return 0, nil
	}
	return w.domain(ctx, domain, records[0], depth+1)
}

func (w *spfWalk) ask() bool {
	if w.asked++; w.asked > spfMost {
		w.broken = "it asks for more than 10 names"
	}
	return w.broken == ""
}

func (w *spfWalk) mechanism(ctx context.Context, domain, term string, depth int) (bool, error) {
	name, value, _ := strings.Cut(term, ":")
	name, bits, _ := strings.Cut(name, "/")
	if value == "" {
		value = domain
	} else if name == "a" || name == "mx" {
		value, bits, _ = strings.Cut(value, "/")
	}
	switch name {
	case "all":
		return true, nil
	case "ip4", "ip6":
		p, err := netip.ParsePrefix(value)
		if a, err2 := netip.ParseAddr(value); err2 == nil {
			p, err = a.Prefix(a.BitLen())
		}
		if err != nil {
			w.broken = fmt.Sprintf("%q is no network", value)
			return false, nil
		}
		return w.every(p.Masked().Contains), nil
	case "include":
		q, err := w.other(ctx, value, depth)
		return q == '+', err
	case "a", "mx":
		return w.hosts(ctx, name, value, bits)
	case "ptr", "exists":
		w.ask()
		return false, nil
	}
	w.broken = fmt.Sprintf("%q is not known", term)
	return false, nil
}

// hosts matches the machines of a name, or of its mail servers.
func (w *spfWalk) hosts(ctx context.Context, name, domain, bits string) (bool, error) {
	if !w.ask() || strings.Contains(domain, "%") {
		return false, nil
	}
	hosts := []string{domain}
	if name == "mx" {
		all, err := w.names.LookupMX(ctx, domain)
		if err != nil && !missing(err) {
			return false, err
		}
		hosts = nil
		for _, mx := range all {
			hosts = append(hosts, strings.TrimSuffix(mx.Host, "."))
		}
	}
	named := map[netip.Addr]bool{}
	for _, host := range hosts {
		addrs, err := w.names.LookupNetIP(ctx, "ip", host)
		if err != nil && !missing(err) {
			return false, err
		}
		for _, a := range addrs {
			named[a.Unmap()] = true
		}
	}
	return bits == "" && w.every(func(a netip.Addr) bool { return named[a] }), nil
}

// every reports whether a network holds all addresses of the kind that were asked for; with none there is no match.
func (w *spfWalk) every(holds func(netip.Addr) bool) bool {
	for _, a := range w.from {
		if !holds(a) {
			return false
		}
	}
	return len(w.from) > 0
}
