package access

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"errors"
	"fmt"
	"time"

	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/storage"
)

// A Gift is an article that a subscriber gave away: whoever opens one of its links reads it, on some devices and for
// some days, while the giver's own subscription runs (W-32).
type Gift struct {
	Article int64
	Period  string    // the month it counts in
	Given   time.Time // first
	Ends    time.Time // when the link made last runs out; zero when none is left
	Opened  int       // devices
	Devices int       // it may be opened on
}

// A Link is what a giver passes on. Its token is known at this moment only: the database holds a hash.
type Link struct {
	Token string // 256 bits
	Ends  time.Time
	Left  int // other articles that can be given away this month
}

// newGiftToken returns 256 random bits in base64url (RFC 4648, section 5).
func newGiftToken() string {
	var b [32]byte
	_, _ = rand.Read(b[:]) // never fails (crypto/rand)
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// giftDigest is what a token is known by. With so many random bits it needs no salt and no slow hash.
func giftDigest(token string) string {
	sum := sha256.Sum256([]byte(token))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// Gives reports whether a decision is on an article that its reader may give away: a gated one, read under a
// subscription, a seat or an institution.
func (g *Gate) Gives(d Decision) bool {
	under := d.Grant == BySubscription || d.Grant == BySeat || d.Grant == ByInstitution
	return under && g.policy.GiftArticles > 0 && (d.Level == Metered || d.Level == Subscriber)
}

// Give makes a link to an article for others. The first link in a month spends one of the articles the reader can give
// away in it; another link to the same article spends nothing. Denied for who has no subscription or an article that
// needs no gift, TooMany when none is left this month.
func (g *Gate) Give(ctx context.Context, who Person, a Article) (Link, error) {
	now := g.now()
	d, err := g.Admit(ctx, Person{Reader: who.Reader}, a)
	if err != nil {
		return Link{}, err
	}
	if who.Reader == 0 || !g.Gives(d) {
		return Link{}, fault.New(fault.Denied, "Subscribers can give away articles that are not free to everyone.")
	}
	l := Link{Token: newGiftToken(), Ends: now.AddDate(0, 0, g.policy.GiftDays)}
	err = g.db.Write(ctx, func(tx *storage.DB) error {
		spent, err := g.give(ctx, tx, who.Reader, a.ID, giftDigest(l.Token), now, l.Ends)
		l.Left = max(0, g.policy.GiftArticles-spent)
		return err
	})
	if err != nil {
		return Link{}, fmt.Errorf("reader %d gives article %d: %w", who.Reader, a.ID, err)
	}
	return l, nil
}

// give takes a slot unless the article has one, and returns how many are taken. Two rows can share neither a slot nor an
// article.
func (g *Gate) give(ctx context.Context, tx *storage.DB, giver, article int64, token string, now, ends time.Time) (spent int, err error) {
	period := g.policy.month(now)
	given := func() (n int, has bool, err error) {
		var this int
		err = tx.QueryRow(ctx, `SELECT COUNT(*), COALESCE(SUM(CASE WHEN article = $3 THEN 1 ELSE 0 END), 0) FROM gifts
			WHERE giver = $1 AND period = $2`, giver, period, article).Scan(&n, &this)
		return n, this > 0, err
	}
	_, has, err := given()
	for slot := 1; err == nil && !has && slot <= g.policy.GiftArticles; slot++ {
		var n int64
		n, err = tx.Exec(ctx, `INSERT INTO gifts (giver, period, slot, article, at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`,
			giver, period, slot, article, storage.Micros(now))
		has = n == 1
	}
	if err != nil {
		return 0, err
	}
	if spent, has, err = given(); err != nil { // the same button may have been pressed twice at once
		return 0, err
	}
	if !has {
		return spent, fault.Limited(g.policy.nextMonth(now).Sub(now), "You have given away as many articles as you can this month.")
	}
	_, err = tx.Exec(ctx, `INSERT INTO gift_links (token, giver, period, article, ends) VALUES ($1, $2, $3, $4, $5)`,
		token, giver, period, article, storage.Micros(ends))
	return spent, err
}

// A giftLink is a link that is good.
type giftLink struct {
	giver, article int64
	period         string
	ends           time.Time
}

// errNoGift is the answer to a link that opens nothing, whatever the reason: who guesses learns nothing.
var errNoGift = fault.New(fault.NotFound, "This link has run out, or is not complete. Its giver can send you another.")

// giftLink finds what a token opens, or errNoGift.
func (g *Gate) giftLink(ctx context.Context, token string) (l giftLink, err error) {
	now := g.now()
	var ends int64
	err = g.db.QueryRow(ctx, `SELECT giver, article, period, ends FROM gift_links WHERE token = $1 AND ends > $2`,
		giftDigest(token), storage.Micros(now)).Scan(&l.giver, &l.article, &l.period, &ends)
	if errors.Is(err, sql.ErrNoRows) {
		return l, errNoGift
	}
	if err != nil {
		return l, fmt.Errorf("gift link: %w", err)
	}
	l.ends = storage.Time(ends)
	pays, err := g.pays(ctx, l.giver, now)
	if err == nil && !pays {
		err = errNoGift
	}
	return l, err
}

// pays reports whether a reader has a subscription at this moment.
func (g *Gate) pays(ctx context.Context, reader int64, now time.Time) (bool, error) {
	k, err := g.know(ctx, reader, now)
	e := k.entitlement
	return err == nil && e.Grant != None && (e.Until.IsZero() || now.Before(e.Until)), err
}

// GiftLink returns the article that a link opens, and whether another device may open it: a look that uses nothing up.
// NotFound for a link that is none, has run out or was taken back, or whose giver's subscription has ended.
func (g *Gate) GiftLink(ctx context.Context, token string) (article int64, free bool, err error) {
	l, err := g.giftLink(ctx, token)
	if err != nil {
		return 0, false, err
	}
	var n int
	err = g.db.QueryRow(ctx, `SELECT COUNT(*) FROM gift_devices WHERE giver = $1 AND period = $2 AND article = $3`,
		l.giver, l.period, l.article).Scan(&n)
	return l.article, n < g.policy.GiftDevices, err
}

var errGiftUsedUp = fault.New(fault.Conflict, "This gift has been opened on as many devices as it may. Its giver can send you another article.")

// OpenGift gives a browser the article of a link. A browser that has it already uses nothing up. NotFound as in
// GiftLink, Conflict when it was opened on as many devices as it may.
func (g *Gate) OpenGift(ctx context.Context, token, visitor string) (article int64, err error) {
	l, err := g.giftLink(ctx, token)
	if err != nil {
		return 0, err
	}
	if visitor == "" {
		return 0, errNoGift
	}
	err = g.db.Write(ctx, func(tx *storage.DB) error { return g.takeDevice(ctx, tx, l, visitor) })
	if err != nil {
		return 0, fmt.Errorf("open a gift of article %d: %w", l.article, err)
	}
	return l.article, nil
}

// takeDevice takes a slot of the gift for a browser, or makes the one it has last as long as the link.
func (g *Gate) takeDevice(ctx context.Context, tx *storage.DB, l giftLink, visitor string) error {
	renew := func() (int64, error) {
		return tx.Exec(ctx, `UPDATE gift_devices SET ends = $5 WHERE giver = $1 AND period = $2 AND article = $3 AND visitor = $4`,
			l.giver, l.period, l.article, visitor, storage.Micros(l.ends))
	}
	n, err := renew()
	for slot := 1; err == nil && n == 0 && slot <= g.policy.GiftDevices; slot++ {
		n, err = tx.Exec(ctx, `INSERT INTO gift_devices (giver, period, article, slot, visitor, ends) VALUES ($1, $2, $3, $4, $5, $6)
			ON CONFLICT DO NOTHING`, l.giver, l.period, l.article, slot, visitor, storage.Micros(l.ends))
	}
	if err == nil && n == 0 {
		n, err = renew() // the same browser may have asked twice at once
	}
	if err == nil && n == 0 {
		return errGiftUsedUp
	}
	return err
}

// holds reports what a browser was given of an article: a courtesy, and a gift whose giver has a subscription now.
func (g *Gate) holds(ctx context.Context, visitor string, article int64, now time.Time) (courtesy, gift bool, err error) {
	rows, err := g.db.Query(ctx, `SELECT 0 FROM courtesies WHERE visitor = $1 AND article = $2 AND ends > $3
		UNION ALL SELECT giver FROM gift_devices WHERE visitor = $1 AND article = $2 AND ends > $3`,
		visitor, article, storage.Micros(now))
	if err != nil {
		return false, false, err
	}
	defer rows.Close()
	var givers []int64
	for rows.Next() {
		var giver int64
		if err := rows.Scan(&giver); err != nil {
			return false, false, err
		}
		if giver == 0 {
			courtesy = true
		} else {
			givers = append(givers, giver)
		}
	}
	if err := rows.Err(); err != nil {
		return false, false, err
	}
	_ = rows.Close() // before another question is asked
	for _, giver := range givers {
		if gift, err = g.pays(ctx, giver, now); gift || err != nil {
			return courtesy, gift, err
		}
	}
	return courtesy, false, nil
}

// Gifts returns the articles that a reader gave away this month and those of the months before whose links are good
// still, the newest first, and how many more the reader can give away this month.
func (g *Gate) Gifts(ctx context.Context, giver int64) (list []Gift, left int, err error) {
	now := g.now()
	period := g.policy.month(now)
	rows, err := g.db.Query(ctx, `SELECT article, period, at,
		COALESCE((SELECT MAX(l.ends) FROM gift_links l WHERE l.giver = g.giver AND l.period = g.period AND l.article = g.article AND l.ends > $3), 0),
		(SELECT COUNT(*) FROM gift_devices d WHERE d.giver = g.giver AND d.period = g.period AND d.article = g.article)
		FROM gifts g WHERE giver = $1 AND (period = $2 OR EXISTS (SELECT 1 FROM gift_links l WHERE l.giver = g.giver AND l.period = g.period
		AND l.article = g.article AND l.ends > $3)) ORDER BY at DESC, article`, giver, period, storage.Micros(now))
	if err != nil {
		return nil, 0, fmt.Errorf("gifts of reader %d: %w", giver, err)
	}
	defer rows.Close()
	left = g.policy.GiftArticles
	for rows.Next() {
		var x Gift
		var at, ends int64
		if err := rows.Scan(&x.Article, &x.Period, &at, &ends, &x.Opened); err != nil {
			return nil, 0, fmt.Errorf("gifts of reader %d: %w", giver, err)
		}
		x.Given, x.Ends, x.Devices = storage.Time(at), storage.Time(ends), g.policy.GiftDevices
		list = append(list, x)
		if x.Period == period {
			left--
		}
	}
	return list, max(0, left), rows.Err()
}

// TakeBack ends all links of a gift, and reading under them. What was spent stays spent.
func (g *Gate) TakeBack(ctx context.Context, giver int64, period string, article int64) error {
	now := g.now()
	err := g.db.Write(ctx, func(tx *storage.DB) error { return endGifts(ctx, tx, giver, period, article, now) })
	if err != nil {
		return fmt.Errorf("reader %d takes back article %d: %w", giver, article, err)
	}
	return nil
}

func endGifts(ctx context.Context, tx *storage.DB, giver int64, period string, article int64, now time.Time) error {
	_, err := tx.Exec(ctx, `DELETE FROM gift_links WHERE giver = $1 AND period = $2 AND article = $3`, giver, period, article)
	if err != nil {
		return err
	}
	// The devices stay counted, and read no more: a link that is made again does not begin anew.
	_, err = tx.Exec(ctx, `UPDATE gift_devices SET ends = $4 WHERE giver = $1 AND period = $2 AND article = $3`,
		giver, period, article, storage.Micros(now))
	return err
}
