package ads

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/gatefold/gatefold/internal/fault"
)

// How often one client counts in an hour for one creative in one place: as often as people behind one network with one
// program may look at it. What comes after is taken for a machine, or for somebody who repeats a request. A program calls
// itself what it likes, so that a network counts for a few programs at most.
const (
	viewsAnHour  = 30
	clicksAnHour = 3
	programsMost = 4       // as many times that for a network
	clientsMost  = 100_000 // that are told apart in an hour; others are not counted
)

// A Client is what tells one who looks from another, for an hour, in memory alone.
type Client struct{ Network, Program string }

// ticketDays is how long a ticket counts: a page that was open over midnight, and a while longer. Its link leads on.
const ticketDays = 2

// A ticket says which creative stands where, since which day. Nobody but the publication can make one, so that only what
// a page showed is counted.
func (a *Ads) ticket(creative int64, place string, now time.Time) string {
	claim := strconv.FormatInt(creative, 36) + "." + place + "." + strconv.FormatInt(daysOf(now), 36)
	return claim + "." + a.sign(claim)
}

func daysOf(at time.Time) int64 { return at.Unix() / (24 * 3600) }

func (a *Ads) sign(claim string) string {
	m := hmac.New(sha256.New, a.key)
	_, _ = m.Write([]byte("ticket " + claim)) // does not fail (hash.Hash)
	return base64.RawURLEncoding.EncodeToString(m.Sum(nil)[:12])
}

// errNoAd is the answer to a link that no page has.
var errNoAd = fault.New(fault.NotFound, "This advertisement is not here any more.")

// read returns what a ticket says, and whether it still counts.
func (a *Ads) read(ticket string) (creative int64, place string, counts bool, err error) {
	i := strings.LastIndexByte(ticket, '.')
	if i < 0 || len(ticket) > 120 || !hmac.Equal([]byte(ticket[i+1:]), []byte(a.sign(ticket[:i]))) {
		return 0, "", false, errNoAd
	}
	parts := strings.Split(ticket[:i], ".")
	if len(parts) != 3 {
		return 0, "", false, errNoAd
	}
	creative, err1 := strconv.ParseInt(parts[0], 36, 64)
	day, err2 := strconv.ParseInt(parts[2], 36, 64)
	if err1 != nil || err2 != nil {
		return 0, "", false, errNoAd
	}
	age := daysOf(a.now()) - day
	return creative, parts[1], age >= 0 && age < ticketDays, nil
}

// Seen notes that somebody had an advertisement in view. What cannot be believed, or has come too often, is passed over in silence.
func (a *Ads) Seen(ticket string, client Client) {
	creative, place, counts, err := a.read(ticket)
	if err == nil && counts && a.guard.pass("seen", client, creative, place, viewsAnHour, a.now()) {
		a.Insights.AdSeen(creative, place)
	}
}

// Follow returns the address that the link of an advertisement leads to, as it was stored, and counts the click of a
// person. NotFound for a ticket that the publication did not give.
func (a *Ads) Follow(ctx context.Context, ticket string, client Client, person bool) (address string, err error) {
	creative, place, counts, err := a.read(ticket)
	if err != nil {
		return "", err
	}
	s, err := a.shelves(ctx)
	if err != nil {
		return "", fmt.Errorf("follow an advertisement: %w", err)
	}
	c, ok := s.byID[creative]
	if !ok || c.State == Ended || c.Tag != "" {
		return "", errNoAd
	}
	if person && counts && a.Believes(creative, place, client) {
		a.Insights.AdClicked(creative, place)
	}
	return c.URL, nil
}

// Believes reports whether one more click of a client on a creative in a place counts, and notes that it came.
func (a *Ads) Believes(creative int64, place string, client Client) bool {
	return a.guard.pass("clicked", client, creative, place, clicksAnHour, a.now())
}

// A guard remembers for an hour how often each client counted, under a salted hash that says nothing outside of this
// process.
type guard struct {
	salt [16]byte

	mu     sync.Mutex
	hour   time.Time
	counts map[[16]byte]int
}

func (g *guard) pass(what string, client Client, creative int64, place string, limit int, now time.Time) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if hour := now.Truncate(time.Hour); g.counts == nil || !hour.Equal(g.hour) {
		g.hour, g.counts = hour, map[[16]byte]int{}
	}
	of := fmt.Sprintf("%s %d %s %s", what, creative, place, client.Network)
	network, program := g.key(of), g.key(of+" by "+client.Program)
	// Both or neither: a network that is through takes no more room, whatever its programs call themselves.
	if !g.room(network, programsMost*limit) || !g.room(program, limit) {
		return false
	}
	g.counts[network]++
	g.counts[program]++
	return true
}

func (g *guard) key(name string) [16]byte {
	sum := sha256.Sum256(append(g.salt[:len(g.salt):len(g.salt)], name...))
	return [16]byte(sum[:16])
}

// room reports whether a key has not reached its limit, and may be told apart if it is new.
func (g *guard) room(key [16]byte, limit int) bool {
	n, known := g.counts[key]
	return n < limit && (known || len(g.counts) < clientsMost)
}
