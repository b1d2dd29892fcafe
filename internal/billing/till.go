package billing

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/outbox"
	"github.com/gatefold/gatefold/internal/readers"
	"github.com/gatefold/gatefold/internal/storage"
)

// TillOptions of NewTill.
type TillOptions struct {
	Catalog  Catalog
	Grace    time.Duration // how long a reader reads on after a payment was due and did not come
	Origin   string        // of the site: scheme, host and port
	Name     string        // of the publication
	Language string        // BCP 47, for amounts
	Zone     *time.Location
	Goods    map[string]Goods                           // what else is bought here, by the kind before the colon of Purchase.For
	Sold     func(ctx context.Context, campaign string) // told of each new contract; nil: nobody is
	Now      func() time.Time
	Log      *slog.Logger
}

// A Till sells subscriptions through one or more providers. It is safe for concurrent use.
//
// What is known of a contract is what the provider said when it was asked last, and what was paid for it is the union
// of all it ever said. So events that are missed, repeated or told in another order change nothing in the end: whatever
// calls Sync last leaves the same state.
type Till struct {
	db        *storage.DB
	readers   *readers.Readers
	out       *outbox.Outbox
	providers []Provider
	options   TillOptions
	secret    []byte
}

// NewTill returns the till of a publication. The first provider sells to readers; all look after what they have sold.
func NewTill(ctx context.Context, db *storage.DB, r *readers.Readers, out *outbox.Outbox, p []Provider, o TillOptions) (*Till, error) {
	if len(p) == 0 {
		return nil, errors.New("open till: nobody takes the money")
	}
	secret, err := db.Secret(ctx, "till")
	if err != nil {
		return nil, fmt.Errorf("open till: %w", err)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Zone == nil {
		o.Zone = time.UTC
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	return &Till{db: db, readers: r, out: out, providers: p, options: o, secret: secret}, nil
}

// Catalog is what is sold.
func (t *Till) Catalog() Catalog { return t.options.Catalog }

// Test reports that no money is taken.
func (t *Till) Test() bool { return t.providers[0].Name() == TestSource }

// of returns the provider of a source, or Conflict when it is not configured any more.
func (t *Till) of(source string) (Provider, error) {
	for _, p := range t.providers {
		if p.Name() == source {
			return p, nil
		}
	}
	return nil, fault.New(fault.Conflict, "Whoever took this payment (%s) takes none for us any more. Please write to us.", source)
}

// TestSource is the name of the provider that takes no money.
const TestSource = "test"

func (t *Till) now() time.Time { return t.options.Now() }

// keyed stands for a text that is not to be read from the database. Each use has a purpose of its own.
func (t *Till) keyed(purpose, text string) string {
	h := hmac.New(sha256.New, t.secret)
	fmt.Fprintf(h, "%s\x00%s", purpose, text)
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil))
}

// Sync asks the provider for a contract and records the answer. A contract that is not known yet is recorded when a
// checkout led to it, and is none of ours otherwise.
func (t *Till) Sync(ctx context.Context, source, ref string) error {
	return t.sync(ctx, source, ref, "")
}

// sync is Sync because of an event, "" for none.
func (t *Till) sync(ctx context.Context, source, ref, event string) error {
	p, err := t.of(source)
	if err != nil {
		return err
	}
	asked := t.now()
	r, err := p.Fetch(ctx, ref)
	if err != nil {
		return fmt.Errorf("contract %s: %w", ref, err)
	}
	if _, err := t.record(ctx, answer{source, ref, asked, r, event}, nil); err != nil && !errors.Is(err, errNotOurs) {
		return fmt.Errorf("contract %s: %w", ref, err)
	}
	return nil
}

// errNotOurs says that a provider told of a contract that no checkout of ours led to.
var errNotOurs = errors.New("no checkout led to this contract")

// buyer is who a new contract belongs to.
type buyer struct {
	reader   int64
	campaign string
	mailbox  string
	newcomer bool // and was sold what a person has once

	boughtFor string // as Purchase.For
}

// answer is what a provider said of a contract when it was asked at a time, because of an event if there was one.
type answer struct {
	source, ref string
	asked       time.Time
	record      Record
	event       string
}

// record writes an answer in one transaction: that the event is dealt with, the contract, what may be read under it, the
// payments, and the mails about what is new. It returns the contract's number.
func (t *Till) record(ctx context.Context, a answer, who *buyer) (id int64, err error) {
	var c Contract
	made := false
	err = t.db.Write(ctx, func(tx *storage.DB) (err error) {
		if err := t.dealtWith(ctx, tx, a.source, a.event); err != nil {
			return err
		}
		if c, err = t.open(ctx, tx, a.source, a.ref, a.record, who); err != nil {
			return err
		}
		made = c.asked.IsZero()
		if err := t.book(ctx, tx, c, a.record.Payments); err != nil {
			return err
		}
		if a.asked.Before(c.asked) {
			return nil // a newer answer is recorded already
		}
		before := c.Record
		c.Record, c.asked = a.record, a.asked
		if err := t.keep(ctx, tx, c); err != nil {
			return err
		}
		return t.write(ctx, tx, c, before)
	})
	if err == nil {
		t.out.Wake()
		if made && c.Refused == "" && t.options.Sold != nil {
			t.options.Sold(ctx, c.Campaign)
		}
	}
	return c.ID, err
}

// Contract returns the contract a reader manages: the newest that lives, else the newest. The zero Contract when there
// never was one.
func (t *Till) Contract(ctx context.Context, reader int64) (Contract, error) {
	all, err := contractsOf(ctx, t.db, reader)
	all = slices.DeleteFunc(all, func(c Contract) bool { return c.For != "" })
	if err != nil || len(all) == 0 {
		return Contract{}, err
	}
	for _, c := range all {
		if c.Record.Ended.IsZero() {
			return c, nil
		}
	}
	return all[0], nil
}

// act has the provider do something to the contract that a reader manages, and records what has become of it. Conflict
// when there is none that lives.
func (t *Till) act(ctx context.Context, reader int64, verb string, do func(p Provider, c Contract) error) error {
	c, err := t.Contract(ctx, reader)
	if err != nil {
		return err
	}
	if c.ID == 0 || !c.Record.Ended.IsZero() {
		return fault.New(fault.Conflict, "There is no subscription of yours that this could be done to.")
	}
	p, err := t.of(c.Source)
	if err != nil {
		return err
	}
	if err := do(p, c); err != nil {
		return fmt.Errorf("%s contract %d: %w", verb, c.ID, err)
	}
	return t.Sync(ctx, c.Source, c.Ref)
}

// Reasons are the answers to the one question that is asked of who cancels.
var Reasons = []string{"price", "time", "content", "technical", "other"}

// Cancel ends the reader's subscription with the period that is paid for. reason is one of Reasons, or anything else for
// no answer; the audit log keeps it.
func (t *Till) Cancel(ctx context.Context, reader int64, reason string) error {
	if !slices.Contains(Reasons, reason) {
		reason = "no answer"
	}
	return t.act(ctx, reader, "cancel", func(p Provider, c Contract) error {
		if err := p.Cancel(ctx, c.Ref, AtPeriodEnd); err != nil {
			return err
		}
		return t.db.Write(ctx, func(tx *storage.DB) error {
			return readers.Record(ctx, tx, readers.Event{At: t.now(), Who: readers.Subject(reader), What: "cancel",
				Subject: readers.Subject(reader), After: reason})
		})
	})
}

// Resume takes back a Cancel, or ends a pause.
func (t *Till) Resume(ctx context.Context, reader int64) error {
	return t.act(ctx, reader, "resume", func(p Provider, c Contract) error { return p.Resume(ctx, c.Ref) })
}

// mostMonths is how long a pause may be.
const mostMonths = 3

// Pause stops charging, and reading, for one to three months after the period that is paid for.
func (t *Till) Pause(ctx context.Context, reader int64, months int) error {
	if months < 1 || months > mostMonths {
		return fault.Field("months", "A pause may last one, two or three months.")
	}
	return t.act(ctx, reader, "pause", func(p Provider, c Contract) error {
		if c.Record.Leaves || !c.Record.LateSince.IsZero() {
			return fault.New(fault.Conflict, "This subscription cannot be paused as it stands.")
		}
		return p.Pause(ctx, c.Ref, Monthly.Times(c.Record.PaidUntil, months))
	})
}

// Switch moves the reader's subscription to another plan, in the currency it has.
func (t *Till) Switch(ctx context.Context, reader int64, plan string) error {
	return t.act(ctx, reader, "switch", func(p Provider, c Contract) error {
		to, ok := t.options.Catalog.Plan(plan)
		if !ok || to.Closed || plan == c.Record.Plan {
			return fault.Field("plan", "This is not sold any more. Please choose again.")
		}
		r, err := t.readers.Reader(ctx, reader)
		if err == nil {
			err = t.mayHave(plan, true, r.Address)
		}
		if own, ok := t.options.Catalog.Plan(c.Record.Plan); err == nil && ok {
			err = to.livesIn(own.Countries)
		}
		if err != nil {
			return err
		}
		price, ok := to.Price(c.Record.Price.Currency)
		if !ok {
			return fault.Field("plan", "This is not sold in the currency of your subscription. Please write to us.")
		}
		return p.Switch(ctx, c.Ref, price, AtOnce)
	})
}

// withdrawalTime is how long after the conclusion a consumer may withdraw (Directive 2011/83/EU, Article 9).
const withdrawalTime = 14 * 24 * time.Hour

// MayWithdraw reports whether the buyer of a contract may take it back, and the money with it.
func (t *Till) MayWithdraw(c Contract) bool {
	return c.ID > 0 && c.Record.Ended.IsZero() && t.now().Before(c.Record.Created.Add(withdrawalTime))
}

// Withdraw ends the reader's subscription at once and returns what was paid, within 14 days of the purchase.
func (t *Till) Withdraw(ctx context.Context, reader int64) error {
	return t.act(ctx, reader, "withdraw", func(p Provider, c Contract) error {
		if !t.MayWithdraw(c) {
			return fault.New(fault.Conflict, "The fourteen days in which this could be done are over.")
		}
		return t.undo(ctx, p, c)
	})
}

// End ends the reader's subscription at once, and returns all that was paid for it if so wanted. by is whom the audit log
// names.
func (t *Till) End(ctx context.Context, reader int64, refund bool, by string) error {
	return t.act(ctx, reader, "end", func(p Provider, c Contract) error {
		err := t.db.Write(ctx, func(tx *storage.DB) error {
			return readers.Record(ctx, tx, readers.Event{At: t.now(), Who: by, What: "end subscription",
				Subject: readers.Subject(reader), After: fmt.Sprintf("contract %d, refund %v", c.ID, refund)})
		})
		if err != nil {
			return err
		}
		if refund {
			return t.undo(ctx, p, c)
		}
		return p.Cancel(ctx, c.Ref, AtOnce)
	})
}

// undo ends a contract and returns all that was paid for it.
func (t *Till) undo(ctx context.Context, p Provider, c Contract) error {
	lines, err := t.Ledger(ctx, c.ID)
	if err != nil {
		return err
	}
	for _, l := range lines {
		if l.Kind == Charge {
			if err := p.Refund(ctx, c.Ref, l.Ref); err != nil {
				return err
			}
		}
	}
	return p.Cancel(ctx, c.Ref, AtOnce)
}

// CardOf returns the contract whose card a token lets change (CardToken). NotFound for what is none, and for a contract
// that has ended.
func (t *Till) CardOf(ctx context.Context, token string) (Contract, error) {
	id, mac, ok := cutToken(token)
	if !ok || !hmac.Equal([]byte(mac), []byte(t.keyed("card", fmt.Sprint(id)))) {
		return Contract{}, fault.New(fault.NotFound, "This link is not complete. Please open it from the mail again.")
	}
	c, err := contractByID(ctx, t.db, id)
	if err != nil {
		return Contract{}, err
	}
	if !c.Record.Ended.IsZero() {
		return Contract{}, fault.New(fault.NotFound, "This subscription has ended: there is no card to change.")
	}
	return c, nil
}

// CardPage is where the card can be changed that a token is for.
func (t *Till) CardPage(ctx context.Context, token string) (string, error) {
	c, err := t.CardOf(ctx, token)
	if err != nil {
		return "", err
	}
	p, err := t.of(c.Source)
	if err != nil {
		return "", err
	}
	return p.CardPage(ctx, c.Ref, "/card/"+token+"?done=1")
}

// Receipt is an address at which the receipt of a payment of the reader's can be read, by its number in the ledger.
// NotFound for another's, and when there is none.
func (t *Till) Receipt(ctx context.Context, reader, entry int64) (string, error) {
	var source, contract, payment string
	err := t.db.QueryRow(ctx, `SELECT c.source, c.ref, l.ref FROM ledger l JOIN contracts c ON c.id = l.contract
		WHERE l.id = $1 AND c.reader = $2 AND l.kind = $3`, entry, reader, string(Charge)).Scan(&source, &contract, &payment)
	if err != nil {
		return "", fmt.Errorf("receipt %d: %w", entry, storage.NotFound(err, "There is no such receipt."))
	}
	p, err := t.of(source)
	if err != nil {
		return "", err
	}
	return p.Receipt(ctx, contract, payment)
}

// A Portal is a Provider with pages of its own for what stands on invoices.
type Portal interface {
	// Portal is an address at which a customer changes name, address and tax number and sees all invoices, leading back
	// to a path of ours.
	Portal(ctx context.Context, customer, back string) (string, error)
}

// HasPortal reports whether the buyer of a contract has such pages.
func (t *Till) HasPortal(c Contract) bool {
	p, err := t.of(c.Source)
	_, ok := p.(Portal)
	return err == nil && ok && c.Record.Customer != ""
}

// Portal is the address of those pages for the contract that a reader manages. NotFound without.
func (t *Till) Portal(ctx context.Context, reader int64) (string, error) {
	c, err := t.Contract(ctx, reader)
	if err != nil {
		return "", err
	}
	p, err := t.of(c.Source)
	portal, ok := p.(Portal)
	if err != nil || !ok || c.Record.Customer == "" {
		return "", fault.New(fault.NotFound, "There are no such pages for your subscription.")
	}
	return portal.Portal(ctx, c.Record.Customer, "/account#subscription")
}

// CardToken opens CardPage of one contract, without signing in, and does nothing else.
func (t *Till) CardToken(contract int64) string {
	return fmt.Sprintf("%d.%s", contract, t.keyed("card", fmt.Sprint(contract)))
}

// CardChanged takes up a card that was given, tries with it what is due, and records what has become of the contract.
func (t *Till) CardChanged(ctx context.Context, token string) error {
	c, err := t.CardOf(ctx, token)
	if err != nil {
		return err
	}
	p, err := t.of(c.Source)
	if err != nil {
		return err
	}
	if err := p.CardChanged(ctx, c.Ref); err != nil {
		return fmt.Errorf("card of contract %d: %w", c.ID, err)
	}
	return t.Sync(ctx, c.Source, c.Ref)
}

// ByRef returns the contract that a provider calls so, or NotFound.
func (t *Till) ByRef(ctx context.Context, source, ref string) (c Contract, err error) {
	err = c.scan(t.db.QueryRow(ctx, `SELECT `+contractColumns+` FROM contracts WHERE source = $1 AND ref = $2`, source, ref))
	if err != nil {
		return c, fmt.Errorf("contract %s: %w", ref, storage.NotFound(err, "There is no such subscription."))
	}
	return c, nil
}

// CoveredUntil is when reading under a contract ends.
func (t *Till) CoveredUntil(c Contract) time.Time { return c.Record.CoveredUntil(t.options.Grace) }
