package billing

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/gatefold/gatefold/internal/access"
	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/readers"
	"github.com/gatefold/gatefold/internal/storage"
)

// A Buyer is who begins a checkout.
type Buyer struct {
	Reader   int64  // 0 when not signed in
	Address  string // of who is not signed in, as typed
	Back     string // the path to return to, or ""
	Campaign string // what led there: "article:slug", "letter:12", or ""
}

// Started is a checkout to go on with.
type Started struct {
	URL  string // where it is paid
	Pass string // for the cookie of the browser that began it: once paid, it reads with it for a while
}

// passLife is how long a browser that paid reads without signing in, while the contract covers it: time to find the
// mail with the link.
const passLife = 7 * 24 * time.Hour

// An unpaid checkout is asked for after a while, and then less and less often; one that is still open after checkoutLife
// is over.
const (
	checkoutFirst = 5 * time.Minute
	checkoutLife  = 48 * time.Hour
)

// digest is what a random token is known by in the database.
func digest(token string) string {
	sum := sha256.Sum256([]byte(token))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// Begin opens a checkout. Invalid, with the field, for a wish that cannot be met or an address that is none; Conflict
// when a reader who is signed in has a subscription that goes on. Who is not signed in learns nothing of what an
// address has: a second subscription is found after it was paid, and paid back.
func (t *Till) Begin(ctx context.Context, b Buyer, w Wish) (Started, error) {
	p, err := t.sells(w.Source)
	if err != nil {
		return Started{}, err
	}
	mailbox, err := t.identify(ctx, &b)
	if err == nil {
		err = t.mayHave(w.Plan, b.Reader != 0, b.Address)
	}
	if err != nil {
		return Started{}, err
	}
	if err := t.hasNone(ctx, b.Reader); err != nil {
		return Started{}, err
	}
	newcomer, err := t.newcomer(ctx, mailbox)
	if err != nil {
		return Started{}, err
	}
	offer, err := t.options.Catalog.offer(w, newcomer, t.now())
	if err != nil {
		return Started{}, err
	}
	token, pass := rand.Text(), rand.Text()
	if err := t.holdCoupon(ctx, offer, digest(token)); err != nil {
		return Started{}, err
	}
	plan, _ := t.options.Catalog.Plan(offer.Plan)
	left := url.Values{"left": {"1"}, "plan": {offer.Plan}, "currency": {w.Currency}}
	if w.Country != "" {
		left.Set("country", w.Country)
	}
	return t.begin(ctx, p, b, Order{Key: token, Offer: offer, Name: t.options.Name + ", " + plan.Name,
		Left: t.options.Origin + "/subscribe?" + left.Encode()}, "", pass)
}

// begin opens a checkout for an order at a provider and notes it down. pass is "" where paying lets nobody read.
func (t *Till) begin(ctx context.Context, p Provider, b Buyer, o Order, boughtFor, pass string) (s Started, err error) {
	if o.Customer, err = t.customer(ctx, b.Reader, p.Name()); err != nil {
		return Started{}, err
	}
	o.Address, o.Paid = b.Address, t.options.Origin+"/subscribe/return/"+o.Key
	ref, pay, err := p.Begin(ctx, o)
	if err != nil {
		return Started{}, fmt.Errorf("begin a checkout: %w", err)
	}
	sold, err := json.Marshal(o.Offer)
	if err != nil {
		return Started{}, err
	}
	kept := ""
	if pass != "" {
		kept = digest(pass)
	}
	now := t.now()
	err = t.db.Write(ctx, func(tx *storage.DB) error {
		_, err := tx.Exec(ctx, `INSERT INTO checkouts (token, address, reader, source, ref, offer, back, campaign, created, contract, pass, until,
			look_next, bought_for) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, $10, 0, $11, $12)`, digest(o.Key), b.Address, b.Reader, p.Name(),
			ref, string(sold), b.Back, b.Campaign, storage.Micros(now), kept, storage.Micros(now.Add(checkoutFirst)), boughtFor)
		return err
	})
	if err != nil {
		return Started{}, fmt.Errorf("begin a checkout: %w", err)
	}
	return Started{URL: pay, Pass: pass}, nil
}

// sells returns the provider of a source, the first for "".
func (t *Till) sells(source string) (Provider, error) {
	if source == "" {
		return t.providers[0], nil
	}
	return t.of(source)
}

// customer is what a provider called a reader who bought a subscription of their own from it, "" for none. Goods do not
// count: who they were handed over to is not shown the card and address of who bought them. Who is not signed in has
// none: whoever types an address is not shown what its owner has at the provider.
func (t *Till) customer(ctx context.Context, reader int64, source string) (string, error) {
	all, err := contractsOf(ctx, t.db, reader)
	for _, c := range all {
		if c.For == "" && c.Source == source && c.Record.Customer != "" {
			return c.Record.Customer, err
		}
	}
	return "", err
}

// identify fills in the address of a buyer and returns the key of the mailbox.
func (t *Till) identify(ctx context.Context, b *Buyer) (mailbox string, err error) {
	if b.Reader == 0 {
		b.Address, mailbox, err = readers.Canonical(b.Address)
		return mailbox, err
	}
	r, err := t.readers.Reader(ctx, b.Reader)
	if err != nil {
		return "", err
	}
	b.Address = r.Address
	return r.Key, nil
}

// hasNone is a Conflict when a reader has a subscription that goes on.
func (t *Till) hasNone(ctx context.Context, reader int64) error {
	has, err := GoesOn(ctx, t.db, reader)
	if has {
		err = fault.New(fault.Conflict, "You have a subscription already. Your account shows it.")
	}
	return err
}

// newcomer reports whether the owner of a mailbox never had an offer for newcomers.
func (t *Till) newcomer(ctx context.Context, mailbox string) (bool, error) {
	var had int
	err := t.db.QueryRow(ctx, `SELECT COUNT(*) FROM offers_had WHERE person = $1`, t.keyed("mailbox", mailbox)).Scan(&had)
	return had == 0, err
}

// holdCoupon takes one of a coupon's uses for a day. Invalid when none is left.
func (t *Till) holdCoupon(ctx context.Context, o Offer, checkout string) error {
	if o.Coupon == nil || o.Coupon.Uses == 0 {
		return nil
	}
	now := t.now()
	return t.db.Write(ctx, func(tx *storage.DB) error {
		for {
			slot, err := freeUse(ctx, tx, *o.Coupon, now)
			if err != nil {
				return err
			}
			n, err := tx.Exec(ctx, `INSERT INTO coupon_uses (code, slot, checkout, held) VALUES ($1, $2, $3, $4) ON CONFLICT (code, slot) DO UPDATE
				SET checkout = excluded.checkout, held = excluded.held WHERE coupon_uses.held > 0 AND coupon_uses.held <= $5`,
				o.Coupon.Code, slot, checkout, storage.Micros(now.Add(24*time.Hour)), storage.Micros(now))
			if err != nil || n == 1 {
				return err // else somebody took it meanwhile: the next
			}
		}
	})
}

// freeUse is a use of a coupon that nobody has or that was held for a day and not paid. Invalid when none is left.
func freeUse(ctx context.Context, tx *storage.DB, c Coupon, now time.Time) (slot int64, err error) {
	err = tx.QueryRow(ctx, `SELECT slot FROM coupon_uses WHERE code = $1 AND held > 0 AND held <= $2 ORDER BY slot LIMIT 1`,
		c.Code, storage.Micros(now)).Scan(&slot)
	if !errors.Is(err, sql.ErrNoRows) {
		return slot, err
	}
	err = tx.QueryRow(ctx, `SELECT COUNT(*) FROM coupon_uses WHERE code = $1`, c.Code).Scan(&slot)
	if err == nil && slot >= int64(c.Uses) {
		err = fault.Field("coupon", "This code has been used as often as it may be.")
	}
	return slot, err
}

// Outcome is what a checkout has come to.
type Outcome struct {
	Paid     bool
	Over     bool    // nobody will pay it any more
	Refused  Refusal // why it was paid back; "" for a good one
	Address  string  // of the buyer, who may have to confirm it; "" when signed in
	Back     string  // the path to return to, or ""
	For      string  // what was bought, as Contract.For
	Contract Contract
}

// checkout is a row of checkouts.
type checkout struct {
	token, address, source, ref, back, campaign, boughtFor string
	reader, contract                                       int64
	over, old                                              bool // old: given up unless it is paid
	offer                                                  Offer
}

// checkout returns the one that a source calls so, or else that of a token's digest.
func (t *Till) checkout(ctx context.Context, source, ref, token string) (k checkout, err error) {
	var offer string
	var over int
	err = t.db.QueryRow(ctx, `SELECT token, address, source, ref, back, campaign, bought_for, reader, contract, over, offer FROM checkouts
		WHERE source = $1 AND ref = $2 OR token = $3`, source, ref, token).
		Scan(&k.token, &k.address, &k.source, &k.ref, &k.back, &k.campaign, &k.boughtFor, &k.reader, &k.contract, &over, &offer)
	if err != nil {
		return k, fmt.Errorf("checkout: %w", storage.NotFound(err, "There is no such checkout."))
	}
	k.over = over == 1
	return k, json.Unmarshal([]byte(offer), &k.offer)
}

// Return tells what has become of a checkout whose token is in the address that the buyer came back to. It asks the
// provider: nothing in an address is believed (W-34).
func (t *Till) Return(ctx context.Context, token string) (Outcome, error) {
	k, err := t.checkout(ctx, "", "", digest(token))
	if err != nil {
		return Outcome{}, err
	}
	return t.settle(ctx, k)
}

// Paid settles a checkout that a provider says was paid, by the name it gave.
func (t *Till) Paid(ctx context.Context, source, ref string) error {
	k, err := t.checkout(ctx, source, ref, "")
	if fault.Is(err, fault.NotFound) {
		return nil // none of ours
	}
	if err == nil {
		_, err = t.settle(ctx, k)
	}
	return err
}

// settle brings a checkout up to date with the provider. It may be called any number of times, by several at once.
func (t *Till) settle(ctx context.Context, k checkout) (o Outcome, err error) {
	o = Outcome{Over: k.over, Address: k.address, Back: k.back, For: k.boughtFor}
	if k.contract == 0 && !k.over {
		if k, err = t.complete(ctx, k); err != nil {
			return o, err
		}
		o.Over = k.over
	}
	if k.contract == 0 {
		return o, nil
	}
	if o.Contract, err = contractByID(ctx, t.db, k.contract); err != nil {
		return o, err
	}
	o.Refused = o.Contract.Refused
	o.Paid = o.Refused == ""
	if !o.Paid && o.Contract.Record.Ended.IsZero() {
		err = t.refuse(ctx, o.Contract)
	}
	return o, err
}

// complete asks the provider what a checkout has led to, and records it.
func (t *Till) complete(ctx context.Context, k checkout) (checkout, error) {
	p, err := t.of(k.source)
	if err != nil {
		return k, err
	}
	ref, err := p.Completed(ctx, k.ref)
	if errors.Is(err, ErrOver) {
		k.over = true
		return k, t.db.Write(ctx, func(tx *storage.DB) error {
			_, err := tx.Exec(ctx, `UPDATE checkouts SET over = 1, address = '' WHERE token = $1 AND contract = 0`, k.token)
			return err
		})
	}
	if err != nil || ref == "" {
		return k, err
	}
	if k.reader == 0 {
		r, err := t.readers.Add(ctx, k.address)
		if err != nil {
			return k, err
		}
		k.reader = r.ID
	}
	asked := t.now()
	r, err := p.Fetch(ctx, ref)
	if err != nil {
		return k, err
	}
	_, mailbox, err := readers.Canonical(k.address)
	if err != nil {
		return k, err
	}
	who := &buyer{reader: k.reader, campaign: k.campaign, mailbox: mailbox, newcomer: k.offer.newcomer(), boughtFor: k.boughtFor}
	if k.contract, err = t.record(ctx, answer{k.source, ref, asked, r, ""}, who); err != nil {
		return k, err
	}
	return k, t.close(ctx, k)
}

// close notes that a checkout is paid, and what is used up with it.
func (t *Till) close(ctx context.Context, k checkout) error {
	return t.db.Write(ctx, func(tx *storage.DB) error {
		_, err := tx.Exec(ctx, `UPDATE checkouts SET contract = $1, reader = $2, until = $3 WHERE token = $4 AND contract = 0`,
			k.contract, k.reader, storage.Micros(t.now().Add(passLife)), k.token)
		if err == nil && k.offer.Coupon != nil {
			_, err = tx.Exec(ctx, `UPDATE coupon_uses SET held = 0 WHERE checkout = $1`, k.token)
		}
		return err
	})
}

// refuse ends a contract that is not to be, and returns what was paid.
func (t *Till) refuse(ctx context.Context, c Contract) error {
	p, err := t.of(c.Source)
	if err != nil {
		return err
	}
	if err := t.undo(ctx, p, c); err != nil {
		return err
	}
	return t.Sync(ctx, c.Source, c.Ref)
}

// Pass returns what a browser reads under that has paid and not signed in yet: what the contract it paid for covers, and
// nothing else that the reader has whose address was given, which anybody may type (W-34). It is the zero Pass for one
// that was refused, has ended or was disputed. It opens articles, and nothing of the account.
func (t *Till) Pass(ctx context.Context, token string) (access.Pass, error) {
	var p access.Pass
	var until, ends int64
	err := t.db.QueryRow(ctx, `SELECT k.contract, k.until, s.ends FROM checkouts k
		JOIN contracts c ON c.id = k.contract AND c.refused = '' AND c.bought_for = ''
		JOIN subscriptions s ON s.contract = c.id AND s.starts <= $2 AND s.ends > $2
		WHERE k.pass = $1 AND k.until > $2 AND k.contract > 0 ORDER BY s.ends DESC LIMIT 1`,
		digest(token), storage.Micros(t.now())).Scan(&p.Contract, &until, &ends)
	if errors.Is(err, sql.ErrNoRows) {
		return p, nil
	}
	p.Until = storage.Time(min(until, ends))
	return p, err
}
