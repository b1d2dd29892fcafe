package billing

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gatefold/gatefold/internal/storage"
)

// A Contract is a subscription that somebody pays for, as it was known when the provider was asked last.
type Contract struct {
	ID       int64
	Source   string // the provider
	Ref      string // what the provider calls it
	Reader   int64  // 0 when the account was deleted
	Campaign string // what led there: "article:slug", "letter:12", or ""
	For      string // what was bought: "" for the reader's own subscription, else as Purchase.For
	Record   Record
	Refused  Refusal // why it is undone as soon as it is made; "" for a good one
	asked    time.Time
	shown    time.Time // when the reader showed last to have an address of the plan's domains
	look     time.Time // when to look at it again; zero for never
}

// A Refusal says why a contract is undone, and what was paid for it paid back: nobody could be told before paying.
type Refusal string

// The refusals.
const (
	Twice Refusal = "twice" // its reader had another that went on
	Had   Refusal = "had"   // the mailbox or the card had an offer for newcomers before
)

// Status is what a contract is called in one word.
type Status string

// The statuses.
const (
	Trialing Status = "trial"
	Active   Status = "active"
	Late     Status = "late" // a payment is due
	Paused   Status = "paused"
	Leaving  Status = "leaving" // ends with the period
	Ended    Status = "ended"
)

// Status returns what the contract is at a time.
func (c Contract) Status(at time.Time) Status {
	r := c.Record
	switch {
	case !r.Ended.IsZero() || r.Leaves && !at.Before(r.PaidUntil):
		return Ended
	case r.Leaves:
		return Leaving
	case !r.LateSince.IsZero():
		return Late
	case !r.PausedTo.IsZero():
		return Paused
	case r.Trial:
		return Trialing
	}
	return Active
}

// CoveredUntil is when reading under a contract ends: the end of the time that is paid for, and the grace after it while
// another payment may come. It is the end of the contract when that came earlier, and the dispute's when there is one.
func (r Record) CoveredUntil(grace time.Duration) time.Time {
	end := r.PaidUntil
	if !r.Leaves && r.PausedTo.IsZero() && (r.Ended.IsZero() || !r.LateSince.IsZero()) {
		end = end.Add(grace)
	}
	if !r.Ended.IsZero() && r.Ended.Before(end) {
		end = r.Ended
	}
	if !r.Disputed.IsZero() && r.Disputed.Before(end) {
		end = r.Disputed
	}
	return end
}

const contractColumns = `id, source, ref, reader, campaign, bought_for, refused, record, asked, look_next, shown`

func (c *Contract) scan(row interface{ Scan(...any) error }) error {
	var record string
	var asked, look, shown int64
	if err := row.Scan(&c.ID, &c.Source, &c.Ref, &c.Reader, &c.Campaign, &c.For, &c.Refused, &record, &asked, &look, &shown); err != nil {
		return err
	}
	c.asked, c.look, c.shown = storage.Time(asked), storage.Time(look), storage.Time(shown)
	return json.Unmarshal([]byte(record), &c.Record)
}

// contractsOf returns the contracts of a reader, the newest first.
func contractsOf(ctx context.Context, db *storage.DB, reader int64) ([]Contract, error) {
	if reader == 0 {
		return nil, nil
	}
	rows, err := db.Query(ctx, `SELECT `+contractColumns+` FROM contracts WHERE reader = $1 ORDER BY id DESC`, reader)
	return scanContracts(rows, err)
}

func scanContracts(rows *sql.Rows, err error) ([]Contract, error) {
	if err != nil {
		return nil, fmt.Errorf("contracts: %w", err)
	}
	defer rows.Close()
	var list []Contract
	for rows.Next() {
		var c Contract
		if err := c.scan(rows); err != nil {
			return nil, fmt.Errorf("contracts: %w", err)
		}
		list = append(list, c)
	}
	return list, rows.Err()
}

func contractByID(ctx context.Context, db *storage.DB, id int64) (c Contract, err error) {
	err = c.scan(db.QueryRow(ctx, `SELECT `+contractColumns+` FROM contracts WHERE id = $1`, id))
	if err != nil {
		return c, fmt.Errorf("contract %d: %w", id, storage.NotFound(err, "There is no such subscription."))
	}
	return c, nil
}

// open returns the contract of a ref, making it for a buyer when there is none. Until the transaction ends no other
// records it: the first statement locks the row.
func (t *Till) open(ctx context.Context, tx *storage.DB, source, ref string, r Record, who *buyer) (c Contract, err error) {
	err = c.scan(tx.QueryRow(ctx, `UPDATE contracts SET ref = ref WHERE source = $1 AND ref = $2 RETURNING `+contractColumns, source, ref))
	if err == nil || !errors.Is(err, sql.ErrNoRows) {
		return c, err
	}
	if who == nil {
		return c, errNotOurs
	}
	c = Contract{Source: source, Ref: ref, Reader: who.reader, Campaign: who.campaign, For: who.boughtFor, shown: r.Created}
	err = tx.QueryRow(ctx, `INSERT INTO contracts (source, ref, reader, plan, campaign, created, bought_for, record, asked, look_next, shown)
		VALUES ($1, $2, $3, $4, $5, $6, $7, '{}', 0, 0, $6) RETURNING id`,
		source, ref, who.reader, r.Plan, who.campaign, storage.Micros(r.Created), who.boughtFor).Scan(&c.ID)
	if err == nil && c.For == "" {
		c.Refused, err = t.refusal(ctx, tx, c, r, who)
	}
	return c, err
}

// refusal tells why a contract that was just made is to be undone. An offer for newcomers is written down for mailbox
// and card together with its contract, so of several that are bought at once one is good.
func (t *Till) refusal(ctx context.Context, tx *storage.DB, c Contract, r Record, who *buyer) (Refusal, error) {
	if other, err := hasOther(ctx, tx, who.reader, c.ID, r.Created); err != nil || other {
		return Twice, err
	}
	if !who.newcomer {
		return "", nil
	}
	persons := []string{t.keyed("mailbox", who.mailbox)}
	if r.Card.Fingerprint != "" {
		persons = append(persons, t.keyed("card of "+c.Source, r.Card.Fingerprint))
	}
	why := Refusal("")
	for _, person := range persons {
		n, err := tx.Exec(ctx, `INSERT INTO offers_had (person, contract, at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`,
			person, c.ID, storage.Micros(t.now()))
		if err != nil {
			return "", err
		}
		if n == 0 {
			why = Had
		}
	}
	return why, nil
}

// GoesOn reports whether a reader has a subscription of their own that renews itself: one that was cancelled and only
// runs out does not.
func GoesOn(ctx context.Context, db *storage.DB, reader int64) (bool, error) {
	all, err := contractsOf(ctx, db, reader)
	return slices.ContainsFunc(all, func(c Contract) bool {
		return c.For == "" && c.Record.Ended.IsZero() && !c.Record.Leaves
	}), err
}

// hasOther reports whether a reader has a contract made before one, which went on when that was concluded.
func hasOther(ctx context.Context, db *storage.DB, reader, before int64, at time.Time) (bool, error) {
	all, err := contractsOf(ctx, db, reader)
	for _, c := range all {
		if r := c.Record; c.For == "" && c.ID < before && c.Refused == "" && !r.Leaves && (r.Ended.IsZero() || r.Ended.After(at)) {
			return true, err
		}
	}
	return false, err
}

// keep writes the contract and what may be read under it.
func (t *Till) keep(ctx context.Context, tx *storage.DB, c Contract) error {
	record, err := json.Marshal(c.Record)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `UPDATE contracts SET plan = $1, refused = $2, record = $3, asked = $4, look_next = $5 WHERE id = $6`,
		c.Record.Plan, string(c.Refused), string(record), storage.Micros(c.asked), storage.Micros(t.lookNext(c)), c.ID)
	if err != nil {
		return err
	}
	if c.For != "" {
		return t.deliver(ctx, tx, c)
	}
	if c.Reader == 0 {
		return nil
	}
	if err := t.cover(ctx, tx, c, c.Reader); err != nil {
		return err
	}
	return tx.Changed(ctx, "reader", c.Reader)
}

// cover writes the time that a contract covers: for its reader, or for nobody, so that it is counted among those sold.
func (t *Till) cover(ctx context.Context, tx *storage.DB, c Contract, reader int64) error {
	_, err := tx.Exec(ctx, `INSERT INTO subscriptions (reader, plan, source, starts, ends, reason, contract) VALUES ($1, $2, $3, $4, $5, '', $6)
		ON CONFLICT (reader, plan, source, contract) WHERE open = 1 DO UPDATE SET ends = excluded.ends`,
		reader, AllAccess, c.Source, storage.Micros(c.Record.Created), storage.Micros(c.Record.CoveredUntil(t.options.Grace)), c.ID)
	return err
}

// cutToken parts the number of a contract from what proves that we gave it away.
func cutToken(token string) (id int64, mac string, ok bool) {
	number, mac, ok := strings.Cut(token, ".")
	id, err := strconv.ParseInt(number, 10, 64)
	return id, mac, ok && err == nil && id > 0
}
