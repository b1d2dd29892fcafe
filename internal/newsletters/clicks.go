package newsletters

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"database/sql"

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
	Client  string // what tells one client from another for a few seconds: network and program
	Machine bool   // the request itself says that no person sees the answer: HEAD, a prefetch
}

// clicks waits with what was clicked until it can be said who did.
type clicks struct {
	mu      sync.Mutex
	salt    [16]byte // so that what is kept of a client says nothing outside of this process
	waiting map[[32]byte]*visitor
	n       int
}

// visitor is a client and one mail, as far as can be told.
type visitor struct {
	edition int64
	reader  int64 // who agreed to be known; 0 for the others
	first   time.Time
	machine bool
	came    bool // a link led them to the site
	opened  []opened
}

type opened struct {
	link int64
	at   time.Time
}

func newClicks() *clicks {
	c := &clicks{waiting: map[[32]byte]*visitor{}}
	_, _ = rand.Read(c.salt[:]) // never fails (crypto/rand)
	return c
}

// add notes a click on a link, with what it tells of its sender.
func (c *clicks) add(k Click, one visitor, link int64, left string, now time.Time) {
	key := sha256.Sum256([]byte(string(c.salt[:]) + strconv.FormatInt(one.edition, 36) + " " + left + " " + k.Client))
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
	parts := strings.SplitN(k.Token, ".", 4)
	if len(parts) < 3 || len(k.Token) > 2*tokenLimit {
		return "", 0, errNoLink
	}
	edition, err1 := strconv.ParseInt(parts[0], 36, 64)
	link, err2 := strconv.ParseInt(parts[1], 36, 64)
	left, err3 := strconv.ParseInt(parts[2], 36, 32)
	if err := errors.Join(err1, err2, err3); err != nil || edition < 1 || link < 0 || left < 0 {
		return "", 0, errNoLink
	}
	address, started, err := l.leadsTo(ctx, edition, link)
	if err != nil {
		return "", 0, err
	}
	var reader int64
	if len(parts) == 4 {
		if who, of, ok := l.read(click, parts[3], 1); ok && of[0] == edition {
			reader = who
		}
	}
	now := l.now()
	early := now.Sub(started.Add(time.Duration(left)*time.Second)) < tooEarly
	ours := strings.HasPrefix(address, l.Publication.Origin+"/") || address == l.Publication.Origin
	l.clicks.add(k, visitor{edition: edition, reader: reader, machine: k.Machine || early || link == 0, came: ours}, link, parts[2], now)
	return address, edition, nil
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
		if err := l.countAd(ctx, tx, v.edition, o.link); err != nil {
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
