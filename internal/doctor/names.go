package doctor

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
)

// texts are the TXT records of a name that begin with a tag. A name without any is no error.
func (d *Doctor) texts(ctx context.Context, name, tag string) (found []string, err error) {
	all, err := d.o.Names.LookupTXT(ctx, name)
	if err != nil && !missing(err) {
		return nil, err
	}
	for _, t := range all {
		if len(t) >= len(tag) && strings.EqualFold(t[:len(tag)], tag) && (len(t) == len(tag) || strings.ContainsRune(" ;", rune(t[len(tag)]))) {
			found = append(found, t)
		}
	}
	return found, nil
}

// missing reports whether a name server said that there is nothing.
func missing(err error) bool {
	var e *net.DNSError
	return errors.As(err, &e) && e.IsNotFound
}

func unseen(err error) Finding {
	return Finding{State: Unseen, Finding: "The name servers could not be asked: " + reason(err) + ".",
		Remedy: "See that this machine can ask name servers, and run the doctor again."}
}

// reason is an error in a few words.
func reason(err error) string {
	var e *net.DNSError
	if errors.As(err, &e) {
		return e.Err
	}
	return err.Error()
}

// unaddressed is what there is to say where mail.from is as it came: at no domain that has records.
func (d *Doctor) unaddressed() (Finding, bool) {
	return Finding{State: Wrong, Finding: "mail.from is not set: there is no domain whose records could be asked for.",
		Remedy: "Set mail.from to an address at a domain of yours, and run the doctor again."}, d.o.Sender == "localhost"
}

// envelope is the domain letters leave under, which SPF is asked for (RFC 7208, section 2.4).
func (d *Doctor) envelope() string {
	if d.o.Bounces != "" {
		return d.o.Bounces
	}
	return d.o.Sender
}

func (d *Doctor) spf(ctx context.Context) Finding {
	domain := d.envelope()
	if f, ok := d.unaddressed(); ok && domain == d.o.Sender {
		return f
	}
	publish := fmt.Sprintf("Publish at %s one TXT record that names what your mail leaves from, such as \"v=spf1 a:%s -all\", or with the \"include:\" that your mail service gives.", domain, d.host())
	records, err := d.texts(ctx, domain, "v=spf1")
	switch {
	case err != nil:
		return unseen(err)
	case len(records) == 0:
		return Finding{State: Wrong, Finding: domain + " has no SPF record.", Remedy: publish}
	case len(records) > 1:
		return Finding{State: Wrong, Finding: fmt.Sprintf("%s has %d SPF records, which count as none (RFC 7208, 4.5).", domain, len(records)), Remedy: "Make one record of them."}
	}
	from, err := d.machines(ctx)
	if err != nil {
		return unseen(err)
	}
	walk := spfWalk{names: d.o.Names, from: from}
	result, err := walk.domain(ctx, domain, records[0], 0)
	switch {
	case walk.broken != "":
		return Finding{State: Wrong, Finding: "The SPF record of " + domain + " cannot be used: " + walk.broken + ".", Remedy: publish}
	case err != nil:
		return unseen(err)
	case walk.open:
		return Finding{State: Wrong, Finding: "The SPF record of " + domain + " allows the whole world (\"+all\").", Remedy: publish}
	case result == '+':
		return Finding{State: Right, Finding: fmt.Sprintf("%s names %s.", domain, d.host())}
	case len(from) == 0:
		return Finding{State: Note, Finding: domain + " has an SPF record. From which address this machine's mail leaves cannot be seen from here.",
			Remedy: "See that the record names it."}
	}
	return Finding{State: Note, Finding: fmt.Sprintf("%s has an SPF record, which does not name the addresses of %s.", domain, d.host()),
		Remedy: "Right only if your mail leaves from other machines that the record names."}
}

func (d *Doctor) host() string {
	if d.o.Relay == "" {
		return d.o.Sender
	}
	return d.o.Relay
}

// machines are the public addresses of the relay.
func (d *Doctor) machines(ctx context.Context) (public []netip.Addr, err error) {
	if d.o.Relay == "" {
		return nil, nil
	}
	all, err := d.o.Names.LookupNetIP(ctx, "ip", d.o.Relay)
	if err != nil && !missing(err) {
		return nil, err
	}
	for _, a := range all {
		if a = a.Unmap(); a.IsGlobalUnicast() && !a.IsPrivate() {
			public = append(public, a)
		}
	}
	return public, nil
}

func (d *Doctor) dkim(ctx context.Context) Finding {
	if f, ok := d.unaddressed(); ok {
		return f
	}
	if len(d.o.Keys) == 0 {
		return Finding{State: Unseen, Finding: "No key is set in mail.dkim_keys: whether the mail server signs cannot be seen from here.",
			Remedy: "Set a key and publish its record. If your mail service signs as " + d.o.Sender + ", override this check and say so."}
	}
	for _, k := range d.o.Keys {
		name := k.Name(d.o.Sender)
		want, err := k.Record()
		if err != nil {
			return Finding{State: Wrong, Finding: "The key of " + name + " cannot be read.", Remedy: "Make another."}
		}
		publish := "Publish there as TXT: " + want
		all, err := d.o.Names.LookupTXT(ctx, name)
		switch {
		case err != nil && !missing(err):
			return unseen(err)
		case len(all) == 0:
			return Finding{State: Wrong, Finding: name + " has no record.", Remedy: publish}
		case len(all) > 1 || tag(all[0], "p") != tag(want, "p"):
			return Finding{State: Wrong, Finding: name + " holds another key than letters are signed with.", Remedy: publish}
		case strings.Contains(tag(all[0], "t"), "y"):
			return Finding{State: Wrong, Finding: name + " says that it is only tried out (t=y): its signatures count for nothing.", Remedy: publish}
		}
	}
	return Finding{State: Right, Finding: fmt.Sprintf("The record of every key is published (%d).", len(d.o.Keys))}
}

// tag is a value of a list of tags (RFC 6376, section 3.2), without white space.
func tag(list, name string) string {
	for field := range strings.SplitSeq(list, ";") {
		if n, value, ok := strings.Cut(field, "="); ok && strings.TrimSpace(n) == name {
			return strings.Join(strings.Fields(value), "")
		}
	}
	return ""
}

// dmarc looks at the sender's domain and those above it (RFC 7489, section 6.6.3).
func (d *Doctor) dmarc(ctx context.Context) Finding {
	if f, ok := d.unaddressed(); ok {
		return f
	}
	for domain := d.o.Sender; strings.Contains(domain, "."); _, domain, _ = strings.Cut(domain, ".") {
		records, err := d.texts(ctx, "_dmarc."+domain, "v=DMARC1")
		switch policy := ""; {
		case err != nil:
			return unseen(err)
		case len(records) > 1:
			return Finding{State: Wrong, Finding: fmt.Sprintf("_dmarc.%s has %d records, which count as none.", domain, len(records)), Remedy: "Make one record of them."}
		case len(records) == 1:
			policy = strings.ToLower(tag(records[0], "p"))
			switch policy {
			case "quarantine", "reject":
				return Finding{State: Right, Finding: fmt.Sprintf("_dmarc.%s asks to %s what is forged.", domain, policy)}
			case "none":
				return Finding{State: Note, Finding: "_dmarc." + domain + " asks for nothing (p=none), which is enough to be taken.",
					Remedy: "Once the reports show that all your mail passes, ask for p=quarantine."}
			}
			return Finding{State: Wrong, Finding: "_dmarc." + domain + " has no policy.", Remedy: "Publish \"v=DMARC1; p=none; rua=mailto:postmaster@" + d.o.Sender + "\"."}
		}
	}
	return Finding{State: Wrong, Finding: "_dmarc." + d.o.Sender + " has no record.",
		Remedy: "Publish there as TXT \"v=DMARC1; p=none; rua=mailto:postmaster@" + d.o.Sender + "\"."}
}

// ptr asks whether the relay's addresses have names that lead back to them, as Gmail wants of who sends to it.
func (d *Doctor) ptr(ctx context.Context) Finding {
	from, err := d.machines(ctx)
	if err != nil {
		return unseen(err)
	}
	if len(from) == 0 {
		return Finding{State: Note, Finding: "From which address this machine's mail leaves cannot be seen from here.",
			Remedy: "See that it has a PTR record, and that the name there leads back to it."}
	}
	for _, a := range from {
		names, err := d.o.Names.LookupAddr(ctx, a.String())
		if err != nil && !missing(err) {
			return unseen(err)
		}
		ok, err := d.leadBack(ctx, names, a)
		if err != nil {
			return unseen(err)
		}
		if !ok {
			return Finding{State: Note, Finding: fmt.Sprintf("%s (%s) has no PTR record whose name leads back to it.", a, d.o.Relay),
				Remedy: "Have one set by who gave you the address, if your mail leaves from there."}
		}
	}
	return Finding{State: Right, Finding: "The addresses of " + d.o.Relay + " have names that lead back to them."}
}

func (d *Doctor) leadBack(ctx context.Context, names []string, a netip.Addr) (bool, error) {
	for _, name := range names {
		back, err := d.o.Names.LookupNetIP(ctx, "ip", strings.TrimSuffix(name, "."))
		if err != nil && !missing(err) {
			return false, err
		}
		for _, b := range back {
			if b.Unmap() == a {
				return true, nil
			}
		}
	}
	return false, nil
}

// mx asks whether the bounce domain has a mail server.
func (d *Doctor) mx(ctx context.Context) Finding {
	domain := d.envelope()
	hosts, f := d.servers(ctx, domain)
	if f != nil {
		return *f
	}
	return Finding{State: Right, Finding: "Mail to " + domain + " goes to " + strings.Join(hosts, ", ") + "."}
}

// servers are the mail servers of a domain, or why there are none.
func (d *Doctor) servers(ctx context.Context, domain string) ([]string, *Finding) {
	all, err := d.o.Names.LookupMX(ctx, domain)
	if err != nil && !missing(err) {
		f := unseen(err)
		return nil, &f
	}
	var hosts []string
	for _, mx := range all {
		host := strings.TrimSuffix(mx.Host, ".")
		if host == "" {
			continue // "no mail here" (RFC 7505)
		}
		addrs, err := d.o.Names.LookupNetIP(ctx, "ip", host)
		if err != nil && !missing(err) {
			f := unseen(err)
			return nil, &f
		}
		if len(addrs) > 0 {
			hosts = append(hosts, host)
		}
	}
	if len(hosts) == 0 {
		return nil, &Finding{State: Wrong, Finding: domain + " has no MX record that leads to a machine.",
			Remedy: "Publish an MX record at " + domain + " with the name of the machine that takes its mail."}
	}
	return hosts, nil
}
