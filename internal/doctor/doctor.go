package doctor

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"time"

	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/mail"
	"github.com/gatefold/gatefold/internal/storage"
)

// Resolver asks name servers. *net.Resolver is one.
type Resolver interface {
	LookupTXT(ctx context.Context, name string) ([]string, error)
	LookupMX(ctx context.Context, name string) ([]*net.MX, error)
	LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error)
	LookupAddr(ctx context.Context, addr string) ([]string, error)
}

// Options of New.
type Options struct {
	Sender  string         // the domain of mail.from
	Bounces string         // the domain mail comes back to; "" for none
	Listens bool           // whether this installation has the mail server of that domain
	Hooks   bool           // whether a provider tells of what came back
	Relay   string         // the host mail leaves through; "" for none
	Keys    []mail.DKIMKey // letters are signed with; none when the mail server signs

	Probe func() string                                                        // a local part that our mail server alone takes
	Call  func(ctx context.Context) error                                      // reaches the relay with TLS, and signs in
	Dial  func(ctx context.Context, network, address string) (net.Conn, error) // nil: the network
	Names Resolver                                                             // nil: the system's
	Time  func(ctx context.Context) (time.Time, error)                         // a clock elsewhere; nil: TimeServer

	// Record writes into the audit log, in the transaction of the deed. nil: nothing is recorded.
	Record func(ctx context.Context, tx *storage.DB, who, what, subject, after string) error
	Now    func() time.Time // nil: time.Now
}

// Doctor examines one publication. It is safe for concurrent use.
type Doctor struct {
	db *storage.DB
	o  Options
}

// New returns a doctor that keeps what it finds in db.
func New(db *storage.DB, o Options) *Doctor {
	if o.Names == nil {
		o.Names = net.DefaultResolver
	}
	if o.Dial == nil {
		o.Dial = (&net.Dialer{}).DialContext
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Time == nil {
		o.Time = func(ctx context.Context) (time.Time, error) { return askTime(ctx, o.Dial, TimeServer) }
	}
	return &Doctor{db: db, o: o}
}

// State is how a check came out.
type State string

// The states.
const (
	Right  State = "right"
	Note   State = "note"   // right as far as can be seen, with something to look at
	Wrong  State = "wrong"  // letters to many would not arrive, or nobody would hear that they did not
	Unseen State = "unseen" // could not be asked
)

// A Finding is what one check came to.
type Finding struct {
	Name     string    `json:"name"`
	State    State     `json:"state"`
	Finding  string    `json:"finding"`
	Remedy   string    `json:"remedy,omitempty"`
	At       time.Time `json:"at"`
	Override *Override `json:"override,omitempty"`
}

// Stops reports whether the finding keeps letters from going out.
func (f Finding) Stops() bool {
	return (f.State == Wrong || f.State == Unseen) && f.Override == nil
}

// Override lets letters go out in spite of a check.
type Override struct {
	Who    string    `json:"who"`
	Reason string    `json:"reason"`
	At     time.Time `json:"at"`
}

// check is one question.
type check struct {
	name string
	ask  func(d *Doctor, ctx context.Context) Finding
}

// checks are all questions, in the order in which they are shown.
var checks = []check{
	{"spf", (*Doctor).spf}, {"dkim", (*Doctor).dkim}, {"dmarc", (*Doctor).dmarc}, {"ptr", (*Doctor).ptr}, {"mx", (*Doctor).mx},
	{"relay", (*Doctor).relay}, {"clock", (*Doctor).clock}, {"bounces", (*Doctor).bounces},
}

// Names are those of the checks.
func Names() (all []string) {
	for _, c := range checks {
		all = append(all, c.name)
	}
	return all
}

// askMost is how long one check may take.
const askMost = 20 * time.Second

// Examine asks everything anew and keeps what is found.
func (d *Doctor) Examine(ctx context.Context) ([]Finding, error) {
	old, err := d.kept(ctx)
	if err != nil {
		return nil, fmt.Errorf("examine: %w", err)
	}
	found := make([]Finding, len(checks))
	for i, c := range checks {
		limited, cancel := context.WithTimeout(ctx, askMost)
		f := c.ask(d, limited)
		cancel()
		f.Name, f.At = c.name, d.o.Now().UTC().Truncate(time.Microsecond)
		if was, ok := old[c.name]; ok && f.State == Unseen && was.State != Unseen && f.At.Sub(was.At) < keepMost {
			f = was
		}
		found[i] = f
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := d.keep(ctx, found); err != nil {
		return nil, fmt.Errorf("examine: %w", err)
	}
	return d.Verdict(ctx)
}

// How old what was found may be.
const (
	Every    = 24 * time.Hour     // how often the running server examines
	keepMost = 3 * 24 * time.Hour // after which it counts no more
	soon     = 5 * time.Minute    // after which what stops letters is asked anew
)

// Ready says why letters may not go out to all, or nothing. It asks anew when what is known is old, or has stopped
// letters for some minutes. Denied names every check that stops them, with what to do.
func (d *Doctor) Ready(ctx context.Context) error {
	verdict, err := d.Verdict(ctx)
	if err != nil {
		return err
	}
	if d.stale(verdict) {
		if verdict, err = d.Examine(ctx); err != nil {
			return err
		}
	}
	var why []string
	for _, f := range verdict {
		if f.Stops() {
			why = append(why, fmt.Sprintf("%s: %s", f.Name, f.Finding))
		}
	}
	if len(why) > 0 {
		return fault.New(fault.Denied, "The doctor keeps letters from going out. %s Run \"gatefold doctor\", which says what to do.", strings.Join(why, " "))
	}
	return nil
}

// Due reports whether it is time to examine.
func (d *Doctor) Due(ctx context.Context) (bool, error) {
	verdict, err := d.Verdict(ctx)
	if err != nil {
		return false, err
	}
	return len(verdict) < len(checks) || d.o.Now().Sub(oldest(verdict)) >= Every, nil
}

func (d *Doctor) stale(verdict []Finding) bool {
	if len(verdict) < len(checks) || d.o.Now().Sub(oldest(verdict)) >= keepMost {
		return true
	}
	for _, f := range verdict {
		if f.Stops() && d.o.Now().Sub(f.At) >= soon {
			return true
		}
	}
	return false
}

func oldest(verdict []Finding) (at time.Time) {
	for i, f := range verdict {
		if i == 0 || f.At.Before(at) {
			at = f.At
		}
	}
	return at
}
