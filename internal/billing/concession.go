package billing

import (
	"context"
	"crypto/hmac"
	"fmt"
	"strings"

	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/readers"
	"github.com/gatefold/gatefold/internal/storage"
)

// For reports whether an address is of the domains that a plan is for, or below one of them.
func (p Plan) For(address string) bool {
	domain := strings.ToLower(address[strings.LastIndexByte(address, '@')+1:])
	for _, d := range p.Domains {
		if domain == d || strings.HasSuffix(domain, "."+d) {
			return true
		}
	}
	return len(p.Domains) == 0
}

// mayHave is Invalid when a plan is for certain domains and the buyer has not confirmed an address of one: who is signed
// in has confirmed theirs.
func (t *Till) mayHave(plan string, signedIn bool, address string) error {
	p, ok := t.options.Catalog.Plan(plan)
	switch {
	case !ok || len(p.Domains) == 0 || signedIn && p.For(address):
		return nil
	case !signedIn:
		return fault.Field("plan", "This price is for addresses of certain places alone. Sign in with yours first; we send a link there.")
	}
	return fault.Field("plan", "This price is for addresses of certain places, and %s is of none. Sign in with an address there.", address)
}

// askAgain asks whether a reader still has the address that a plan is for: who presses the button of the page has.
func (t *Till) askAgain(c Contract, m Move) readers.Notice {
	return readers.Notice{Kind: "still-there", Subject: "Is this still your address?", Heading: "Is this still your address?",
		Lines: []string{fmt.Sprintf("Your price, %s, is for readers with an address like this one, and once a year we ask. The button keeps it for another year.", t.price(c.Record)),
			fmt.Sprintf("Without that you pay %s from %s. You may cancel before, as ever.", t.period(m.To.Amount, m.To.Every), t.day(m.From))},
		Link: t.options.Origin + "/still/" + t.stillToken(c), Button: "It is still mine"}
}

// stillToken proves that a mail of this year was read.
func (t *Till) stillToken(c Contract) string {
	return fmt.Sprintf("%d.%s", c.ID, t.keyed("still", fmt.Sprint(c.ID, " ", storage.Micros(c.shown))))
}

// Still returns the contract whose yearly question a token answers. NotFound for what is none, and for one that was
// answered.
func (t *Till) Still(ctx context.Context, token string) (Contract, error) {
	none := fault.New(fault.NotFound, "This link is not complete, or it was used already. Your account shows what you pay.")
	id, mac, ok := cutToken(token)
	if !ok {
		return Contract{}, none
	}
	c, err := contractByID(ctx, t.db, id)
	if fault.Is(err, fault.NotFound) {
		return Contract{}, none
	}
	if err != nil {
		return Contract{}, err
	}
	_, want, _ := strings.Cut(t.stillToken(c), ".")
	if !hmac.Equal([]byte(mac), []byte(want)) || !c.Record.Ended.IsZero() {
		return Contract{}, none
	}
	return c, nil
}

// StillThere keeps the price of a contract for another year. Conflict when its reader has an address now that it is not
// for.
func (t *Till) StillThere(ctx context.Context, token string) error {
	c, err := t.Still(ctx, token)
	if err != nil {
		return err
	}
	r, err := t.readers.Reader(ctx, c.Reader)
	if err != nil {
		return err
	}
	if p, ok := t.options.Catalog.Plan(c.Record.Plan); !ok || !p.For(r.Address) {
		return fault.New(fault.Conflict, "You sign in with another address now, and this price is not for it.")
	}
	err = t.db.Write(ctx, func(tx *storage.DB) error {
		_, err := tx.Exec(ctx, `UPDATE contracts SET shown = $1 WHERE id = $2 AND shown = $3`, storage.Micros(t.now()), c.ID, storage.Micros(c.shown))
		return err
	})
	if err != nil {
		return fmt.Errorf("keep the price of contract %d: %w", c.ID, err)
	}
	return nil
}
