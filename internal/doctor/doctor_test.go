package doctor

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/mail"
	"github.com/gatefold/gatefold/internal/storage"
	"github.com/gatefold/gatefold/internal/storage/storagetest"
)

// zone answers as name servers do. A name with "down" in it gets no answer.
type zone map[string][]string // "TXT name", "MX name", "A name", "PTR address"

func (z zone) get(kind, name string) ([]string, error) {
	if z["down "+kind] != nil {
		return nil, &net.DNSError{Err: "server misbehaving", Name: name, IsTemporary: true}
	}
	if all := z[kind+" "+name]; len(all) > 0 {
		return all, nil
	}
	return nil, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
}

func (z zone) LookupTXT(_ context.Context, name string) ([]string, error) { return z.get("TXT", name) }

func (z zone) LookupAddr(_ context.Context, a string) ([]string, error) { return z.get("PTR", a) }

func (z zone) LookupMX(_ context.Context, name string) (all []*net.MX, err error) {
	hosts, err := z.get("MX", name)
	for _, h := range hosts {
		all = append(all, &net.MX{Host: h})
	}
	return all, err
}

func (z zone) LookupNetIP(_ context.Context, _, name string) (all []netip.Addr, err error) {
	texts, err := z.get("A", name)
	for _, t := range texts {
		all = append(all, netip.MustParseAddr(t))
	}
	return all, err
}

// kit is a publication whose records are right until a test changes them.
type kit struct {
	*Doctor
	zone  zone
	clock time.Time
	off   time.Duration
	call  error
	rcpt  string
	deeds []string
}

func open(t *testing.T, db *storage.DB) *kit {
	t.Helper()
	pem, err := mail.GenerateDKIMKey("ed25519")
	if err != nil {
		t.Fatal(err)
	}
	key, err := mail.ParseDKIMKey("s1", pem)
	if err != nil {
		t.Fatal(err)
	}
	record, err := key.Record()
	if err != nil {
		t.Fatal(err)
	}
	k := &kit{clock: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC), rcpt: "250 ok", zone: zone{
		"TXT b.journal.example": {"v=spf1 include:relay.example -all"}, "TXT relay.example": {"v=spf1 ip4:203.0.113.0/24 -all"},
		"TXT s1._domainkey.journal.example": {record}, "TXT _dmarc.journal.example": {"v=DMARC1; p=reject"},
		"A mx.relay.example": {"203.0.113.7"}, "PTR 203.0.113.7": {"mx.relay.example."},
		"MX b.journal.example": {"in.journal.example."}, "A in.journal.example": {"203.0.113.9"}}}
	k.Doctor = New(db, Options{Sender: "journal.example", Bounces: "b.journal.example", Listens: true, Relay: "mx.relay.example",
		Keys: []mail.DKIMKey{key}, Probe: func() string { return "probe+1" }, Names: k.zone, Dial: k.dial,
		Call: func(context.Context) error { return k.call },
		Time: func(context.Context) (time.Time, error) { return k.clock.Add(k.off), nil },
		Record: func(_ context.Context, _ *storage.DB, who, what, subject, after string) error {
			k.deeds = append(k.deeds, strings.Join([]string{who, what, subject, after}, "|"))
			return nil
		}, Now: func() time.Time { return k.clock }})
	return k
}

// dial reaches a mail server that answers k.rcpt to a recipient.
func (k *kit) dial(_ context.Context, _, address string) (net.Conn, error) {
	if k.rcpt == "" {
		return nil, errors.New("connection refused")
	}
	if address != "in.journal.example:25" {
		return nil, fmt.Errorf("nobody at %s", address)
	}
	here, there := net.Pipe()
	go func() {
		defer func() { _ = there.Close() }()
		_, _ = fmt.Fprint(there, "220 in\r\n")
		for lines := bufio.NewScanner(there); lines.Scan(); {
			answer := "250 ok"
			if strings.HasPrefix(lines.Text(), "RCPT") {
				if answer = k.rcpt; lines.Text() != "RCPT TO:<probe+1@b.journal.example>" {
					answer = "550 " + lines.Text()
				}
			}
			_, _ = fmt.Fprint(there, answer+"\r\n")
		}
	}()
	return here, nil
}

func (k *kit) state(t *testing.T, name string) State {
	t.Helper()
	found, err := k.Examine(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range found {
		if f.Name == name {
			if f.Finding == "" || f.State != Right && f.Remedy == "" {
				t.Errorf("%s says too little: %+v", name, f)
			}
			return f.State
		}
	}
	t.Fatalf("no %s among %+v", name, found)
	return ""
}

func TestChecks(t *testing.T) {
	db := storagetest.Open(t, storagetest.SQLite(t))
	for _, tc := range []struct {
		name, check string
		change      func(k *kit)
		want        State
	}{
		{"no spf", "spf", func(k *kit) { delete(k.zone, "TXT b.journal.example") }, Wrong},
		{"two spf", "spf", func(k *kit) { k.zone["TXT b.journal.example"] = []string{"v=spf1 -all", "v=spf1 mx -all"} }, Wrong},
		{"spf for the world", "spf", func(k *kit) { k.zone["TXT b.journal.example"] = []string{"v=spf1 +all"} }, Wrong},
		{"spf in a circle", "spf", func(k *kit) { k.zone["TXT relay.example"] = []string{"v=spf1 include:relay.example"} }, Wrong},
		{"spf misspelt", "spf", func(k *kit) { k.zone["TXT b.journal.example"] = []string{"v=spf1 ipv4:203.0.113.7 -all"} }, Wrong},
		{"spf of others", "spf", func(k *kit) { k.zone["TXT relay.example"] = []string{"v=spf1 ip4:198.51.100.7 -all"} }, Note},
		{"spf by mx", "spf", func(k *kit) {
			k.zone["TXT b.journal.example"], k.zone["MX b.journal.example"] = []string{"v=spf1 mx -all"}, []string{"mx.relay.example."}
		}, Right},
		{"spf elsewhere", "spf", func(k *kit) { k.zone["TXT b.journal.example"] = []string{"v=spf1 redirect=relay.example"} }, Right},
		{"no answer", "spf", func(k *kit) { k.zone["down TXT"] = []string{""} }, Unseen},
		{"no dkim", "dkim", func(k *kit) { delete(k.zone, "TXT s1._domainkey.journal.example") }, Wrong},
		{"another key", "dkim", func(k *kit) { k.zone["TXT s1._domainkey.journal.example"] = []string{"v=DKIM1; k=ed25519; p=AAAA"} }, Wrong},
		{"a key on trial", "dkim", func(k *kit) { k.zone["TXT s1._domainkey.journal.example"][0] += "; t=y" }, Wrong},
		{"no key", "dkim", func(k *kit) { k.o.Keys = nil }, Unseen},
		{"no sender, for spf", "spf", func(k *kit) { k.o.Sender, k.o.Bounces = "localhost", "" }, Wrong},
		{"no sender, for dkim", "dkim", func(k *kit) { k.o.Sender = "localhost" }, Wrong},
		{"no sender, for dmarc", "dmarc", func(k *kit) { k.o.Sender = "localhost" }, Wrong},
		{"no dmarc", "dmarc", func(k *kit) { delete(k.zone, "TXT _dmarc.journal.example") }, Wrong},
		{"dmarc that asks for nothing", "dmarc", func(k *kit) { k.zone["TXT _dmarc.journal.example"] = []string{"v=DMARC1; p=none"} }, Note},
		{"dmarc of the domain above", "dmarc", func(k *kit) { k.o.Sender = "news.journal.example" }, Right},
		{"no ptr", "ptr", func(k *kit) { delete(k.zone, "PTR 203.0.113.7") }, Note},
		{"ptr elsewhere", "ptr", func(k *kit) { k.zone["PTR 203.0.113.7"] = []string{"in.journal.example."} }, Note},
		{"no mx", "mx", func(k *kit) { delete(k.zone, "MX b.journal.example") }, Wrong},
		{"null mx", "mx", func(k *kit) { k.zone["MX b.journal.example"] = []string{"."} }, Wrong},
		{"relay away", "relay", func(k *kit) { k.call = errors.New("certificate has expired") }, Wrong},
		{"clock off", "clock", func(k *kit) { k.off = -3 * time.Minute }, Wrong},
		{"clock a little off", "clock", func(k *kit) { k.off = 10 * time.Second }, Note},
		{"another's mail server", "bounces", func(k *kit) { k.rcpt = "550 no such user" }, Wrong},
		{"port closed", "bounces", func(k *kit) { k.rcpt = "" }, Unseen},
		{"nobody hears", "bounces", func(k *kit) { k.o.Listens = false }, Wrong},
		{"a provider hears", "bounces", func(k *kit) { k.o.Listens, k.o.Hooks = false, true }, Right},
	} {
		t.Run(tc.name, func(t *testing.T) {
			k := open(t, db)
			if got := k.state(t, tc.check); got != Right {
				t.Fatalf("before: %s", got)
			}
			k.clock = k.clock.Add(keepMost)
			tc.change(k)
			if got := k.state(t, tc.check); got != tc.want {
				t.Errorf("%s, want %s", got, tc.want)
			}
		})
	}
}

// Letters wait for what is wrong, go out once it is right or overridden, and not again when that is withdrawn.
func TestReady(t *testing.T) {
	storagetest.Run(t, func(t *testing.T, db *storage.DB) {
		k, ctx := open(t, db), t.Context()
		if err := k.Ready(ctx); err != nil {
			t.Fatal(err)
		}
		if due, err := k.Due(ctx); err != nil || due {
			t.Errorf("due at once: %v, %v", due, err)
		}
		k.clock = k.clock.Add(Every)
		if due, err := k.Due(ctx); err != nil || !due {
			t.Errorf("due after a day: %v, %v", due, err)
		}
		dmarc := k.zone["TXT _dmarc.journal.example"]
		delete(k.zone, "TXT _dmarc.journal.example")
		k.state(t, "dmarc")
		if err := k.Ready(ctx); !fault.Is(err, fault.Denied) || !strings.Contains(err.Error(), "dmarc: ") {
			t.Errorf("%v", err)
		}
		for _, bad := range [][3]string{{"all", "Ines", "why"}, {"dmarc", "", "why"}, {"dmarc", "Ines", ""}} {
			if err := k.Override(ctx, bad[0], bad[1], bad[2]); !fault.Is(err, fault.Invalid) {
				t.Errorf("%q: %v", bad, err)
			}
		}
		if err := k.Override(ctx, "dmarc", "Ines", "comes on Monday"); err != nil || k.Ready(ctx) != nil {
			t.Errorf("overridden: %v, %v", err, k.Ready(ctx))
		}
		if err := k.Withdraw(ctx, "dmarc", "Ines"); err != nil || k.Ready(ctx) == nil || len(k.deeds) != 2 {
			t.Errorf("withdrawn: %v, %q", err, k.deeds)
		}
		if err := k.Withdraw(ctx, "dmarc", "Ines"); !fault.Is(err, fault.NotFound) {
			t.Errorf("%v", err)
		}
		k.zone["TXT _dmarc.journal.example"] = dmarc
		if k.Ready(ctx) == nil {
			t.Error("asked anew at once")
		}
		k.clock = k.clock.Add(soon)
		if err := k.Ready(ctx); err != nil {
			t.Errorf("mended: %v", err)
		}
		k.zone["down TXT"] = []string{""}
		if k.state(t, "spf") != Right || k.Ready(ctx) != nil {
			t.Error("an hour without name servers stops letters")
		}
		k.o.Relay = "other.example"
		if err := k.Ready(ctx); !fault.Is(err, fault.Denied) {
			t.Errorf("another mail server has the verdict of this one: %v", err)
		}
	})
}
