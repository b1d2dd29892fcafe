package newsletters

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"database/sql"

	"github.com/gatefold/gatefold/internal/ads"
	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/storage"
)

// How a machine that follows links ahead of people is told from them.
const (
	tooEarly  = 10 * time.Second // after the mail left, nobody has read it
	hurry     = 5 * time.Second  // in which
	hurryMost = 4                // so many different links are more than a person opens
	holdFor   = 20 * time.Second // a click waits for what else its sender does, before it is judged
	holdMost  = 50_000           // clicks that wait; more are not counted
)

// A Click is a request for the address behind a link of an edition.
type Click struct {
	Token   string // what stands in the address: edition, link, when the mail left, and who reads it where they agreed
	Client  ads.Client
	Machine bool // the request itself says that no person sees the answer: HEAD, a prefetch
}

// clicks waits with what was clicked until it can be said who did.
type clicks struct {
	mu      sync.Mutex
	salt    [16]byte // so that what is kept of a client says nothing outside of this process
	waiting map[visitorKey]*visitor
	n       int
}

// visitor is a client and one edition, as far as can be told.
type visitor struct {
	client  ads.Client // as salted hashes
	edition int64
	reader  int64 // who agreed to be known; 0 for the others
	first   time.Time
	machine bool
	came    bool // a link led them to the site
	opened  []opened
}

// visitorKey tells visitors apart, by nothing that a client can choose but what it calls itself.
type visitorKey struct {
	client          ads.Client // as salted hashes
	edition, reader int64
}

type opened struct {
	link int64
	at   time.Time
}

func newClicks() *clicks {
	c := &clicks{waiting: map[visitorKey]*visitor{}}
	_, _ = rand.Read(c.salt[:]) // never fails (crypto/rand)
	return c
}

// hash is what is kept of a text.
func (c *clicks) hash(text string) string {
	sum := sha256.Sum256([]byte(string(c.salt[:]) + text))
	return string(sum[:])
}

// add notes a click on a link, with what it tells of its sender.
func (c *clicks) add(k Click, one visitor, link int64, now time.Time) {
	one.client = ads.Client{Network: c.hash(k.Client.Network), Program: c.hash(k.Client.Program)}
	key := visitorKey{one.client, one.edition, one.reader}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.n >= holdMost {
		return
	}
	v := c.waiting[key]
	if v == nil {
		one.first = now
		v = &one
		c.waiting[key] = v
	}
	v.machine, v.came = v.machine || one.machine, v.came || one.came
	for _, o := range v.opened {
		if o.link == link {
			return // once more the same: a person goes back and forth
		}
	}
	v.opened = append(v.opened, opened{link, now})
	c.n++
}

// take returns those who have waited long enough, everybody when all is set, and judges them.
func (c *clicks) take(now time.Time, all bool) (list []*visitor) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for key, v := range c.waiting {
		if !all && now.Sub(v.first) < holdFor {
			continue
		}
		delete(c.waiting, key)
		c.n -= len(v.opened)
		v.machine = v.machine || v.hurries()
		list = append(list, v)
	}
	return list
}

// hurries reports whether more links were opened within seconds than a person opens.
func (v *visitor) hurries() bool {
	for i := range v.opened {
		j := i + hurryMost - 1
		if j < len(v.opened) && v.opened[j].at.Sub(v.opened[i].at) < hurry {
			return true
		}
	}
	return false
}

var errNoLink = fault.New(fault.NotFound, "This link leads nowhere any more. The edition is in the archive of the newsletter.")

// Follow returns the address that a link of an edition leads to, and counts the click a little later, once it can be
// said whether a person made it. NotFound for what no edition has. The address is one that stands in the edition, never
// what a request says.
func (l *Newsletters) Follow(ctx context.Context, k Click) (address string, edition int64, err error) {
	t, ok := l.readLink(k.Token)
	if !ok {
		return "", 0, errNoLink
	}
	address, started, err := l.leadsTo(ctx, t.edition, t.link)
	if err != nil {
		return "", 0, err
	}
	now := l.now()
	early := now.Sub(started.Add(time.Duration(t.left)*time.Second)) < tooEarly
	ours := strings.HasPrefix(address, l.Publication.Origin+"/") || address == l.Publication.Origin
	l.clicks.add(k, visitor{edition: t.edition, reader: t.reader, machine: k.Machine || early || t.link == 0, came: ours}, t.link, now)
	return address, t.edition, nil
}

// A linkToken is what the address of a link says.
type linkToken struct {
	edition, link int64
	left          int64 // seconds after the sending began
	reader        int64 // who agreed to be known; 0 for the others
}

// readLink reads the token of a link: edition, link and their seal, second and its seal, and, of some, who reads it. It
// is false for what stands in no mail of ours.
func (l *Newsletters) readLink(token string) (t linkToken, ok bool) {
	parts := strings.SplitN(strings.ToLower(token), ".", 6)
	if len(parts) < 5 || len(token) > 2*tokenLimit {
		return t, false
	}
	var errs [3]error
	t.edition, errs[0] = strconv.ParseInt(parts[0], 36, 64)
	t.link, errs[1] = strconv.ParseInt(parts[1], 36, 64)
	t.left, errs[2] = strconv.ParseInt(parts[3], 36, 32)
	if errors.Join(errs[:]...) != nil || !hmac.Equal([]byte(parts[2]), []byte(l.seal(lead, t.edition, t.link))) ||
		!hmac.Equal([]byte(parts[4]), []byte(l.seal(sent, t.edition, t.left))) {
		return t, false
	}
	if len(parts) == 6 {
		if reader, of, ok := l.read(click, parts[5], 1); ok && of[0] == t.edition {
			t.reader = reader
		}
	}
	return t, true
}

// leadsTo finds the address of a link, and when its edition began to be sent. Link 0, the trap, leads to the front page.
func (l *Newsletters) leadsTo(ctx context.Context, edition, link int64) (address string, started time.Time, err error) {
	var at int64
	err = l.db.QueryRow(ctx, `SELECT COALESCE(k.url, ''), e.started FROM editions e LEFT JOIN edition_links k ON k.edition = e.id AND k.link = $2
		WHERE e.id = $1 AND e.state IN ('sending', 'sent')`, edition, link).Scan(&address, &at)
	switch {
	case errors.Is(err, sql.ErrNoRows) || err == nil && address == "" && link != 0:
		return "", started, errNoLink
	case err != nil:
		return "", started, fmt.Errorf("link %d of edition %d: %w", link, edition, err)
	case link == 0:
		address = l.Publication.Origin + "/"
	}
	return address, storage.Time(at), nil
}

// FlushClicks writes the clicks that have waited long enough, all of them when the program stops.
func (l *Newsletters) FlushClicks(ctx context.Context, all bool) error {
	list := l.clicks.take(l.now(), all)
	if len(list) == 0 {
		return nil
	}
	err := l.db.Write(ctx, func(tx *storage.DB) error {
		for _, v := range list {
			if err := l.countVisitor(ctx, tx, v); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("count clicks: %w", err)
	}
	return nil
}

func (l *Newsletters) countVisitor(ctx context.Context, tx *storage.DB, v *visitor) error {
	people, machines := 1, 0
	if v.machine {
		people, machines = 0, 1
	}
	for _, o := range v.opened {
		if o.link == 0 {
			continue
		}
		if _, err := tx.Exec(ctx, `INSERT INTO edition_clicks (edition, link, people, machines) VALUES ($1, $2, $3, $4)
			ON CONFLICT (edition, link) DO UPDATE SET people = edition_clicks.people + excluded.people,
			machines = edition_clicks.machines + excluded.machines`, v.edition, o.link, people, machines); err != nil {
			return err
		}
		if v.machine {
			continue
		}
		if err := l.countAd(ctx, tx, v, o.link); err != nil {
			return err
		}
		if v.reader == 0 {
			continue
		}
		if _, err := tx.Exec(ctx, `INSERT INTO reader_clicks (reader, edition, link, at) SELECT id, $2, $3, $4 FROM readers WHERE id = $1
			ON CONFLICT DO NOTHING`, v.reader, v.edition, o.link, storage.Micros(o.at)); err != nil {
			return err
		}
	}
	if v.machine || !v.came {
		return nil
	}
	return led(ctx, tx, v.edition, Visited, 1)
}
