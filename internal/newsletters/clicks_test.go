package newsletters

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gatefold/gatefold/internal/ads"
	"github.com/gatefold/gatefold/internal/fault"
)

// linkTo is the token of a link in a mail that left so many seconds after the sending began.
func (d *desk) linkTo(edition int64, link string, left int64) string {
	n, err := strconv.ParseInt(link, 36, 64)
	must(d.t, err)
	return fmt.Sprintf("%s.%s.%s.%s.%s", strconv.FormatInt(edition, 36), link, d.seal(lead, edition, n), strconv.FormatInt(left, 36), d.seal(sent, edition, left))
}

// Links cannot be counted through: nobody has the token of one who has no mail with it (W-24).
func TestLinksCannotBeMadeUp(t *testing.T) {
	d := once(t)
	e := d.send(d.sampled("free"))
	other := d.send(d.composed("today"))
	for _, e := range []Edition{e, other} {
		_, err := d.Compile(t.Context(), d.mailing(e)) // gives the links their numbers
		must(t, err)
	}
	whole := d.linkTo(e.ID, "1", 0)
	part := strings.Split(whole, ".")
	trap := strings.Split(d.linkTo(e.ID, "0", 0), ".")
	for _, token := range []string{"", "1.1.0", "1.1..0.", part[0] + ".2." + strings.Join(part[2:], "."), strings.Join(part[:3], "."),
		strings.Join(part[:4], "."), strings.Join(part[:3], ".") + ".1." + part[4], strings.Join(part[:2], ".") + "." + trap[2] + ".0." + part[4],
		strings.Join(part[:2], ".") + "." + part[4] + ".0." + part[4], strconv.FormatInt(other.ID, 36) + "." + strings.Join(part[1:], "."),
		strings.Join(part[:4], ".") + "." + d.seal(sent, other.ID, 0), whole + "x", "-" + whole} {
		if address, _, err := d.Follow(t.Context(), Click{Token: token}); !fault.Is(err, fault.NotFound) {
			t.Errorf("%q leads to %q, %v", token, address, err)
		}
	}
	for _, token := range []string{whole, strings.ToUpper(whole), d.linkTo(e.ID, "1", 40), whole + ".nobody"} {
		if address, _, err := d.Follow(t.Context(), Click{Token: token}); err != nil || address == "" {
			t.Errorf("%q: %q, %v", token, address, err)
		}
	}
}

// However a client repeats a click, it counts as one person, and for a sponsor no more often than on a page.
func TestClicksCannotBeMultiplied(t *testing.T) {
	run(t, func(t *testing.T, d *desk) {
		d.sell("bank", "free")
		anna := d.reader("anna@example.org")
		d.have(anna, "free", Choice{})
		e := d.send(d.sampled("free"))
		d.letterOf(e, anna)
		var n int64
		must(t, d.db.QueryRow(t.Context(), `SELECT link FROM edition_links WHERE edition = $1 AND url LIKE '%bank.example%'`, e.ID).Scan(&n))
		link := strconv.FormatInt(n, 36)
		people := func() (n int) {
			r, err := d.Report(t.Context(), e.ID)
			must(t, err)
			for _, l := range r.Links {
				n += l.People
			}
			return n
		}
		follow := func(left int64, program string) {
			_, _, err := d.Follow(t.Context(), Click{Token: d.linkTo(e.ID, link, left), Client: ads.Client{Network: "192.0.2.0/24", Program: program}})
			must(t, err)
		}
		d.pass(time.Minute)
		for left := range int64(30) { // mails of all batches
			follow(left, "one")
		}
		must(t, d.FlushClicks(t.Context(), true))
		if n := people(); n != 1 {
			t.Errorf("one client is %d people", n)
		}
		for i := range 40 { // it calls itself what it likes
			follow(0, fmt.Sprint("program ", i))
		}
		must(t, d.FlushClicks(t.Context(), true))
		r, err := d.Ads.Report(t.Context(), "bank")
		must(t, err)
		if places := r.Places(); len(places) != 1 || places[0].Clicked != 12 {
			t.Errorf("counted %+v, want twelve clicks of a network in an hour", places)
		}
	})
}
