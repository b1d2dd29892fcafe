package billing

import (
	"context"
	"errors"
	"time"
)

// A Provider takes money. What it calls back with, at whatever time and however often, is a hint and no more: Billing
// asks Fetch and believes the answer. Every method may fail with fault.Unavailable when the provider does not answer;
// then nothing has changed here, and Fetch tells later what has changed there.
type Provider interface {
	Seller
	Keeper
	Cashier
}

// A Seller is the part of a Provider that sells, and tells what it has sold.
type Seller interface {
	// Name is the source of what it sells, as "stripe"; it never changes.
	Name() string

	// Begin opens a checkout and returns what the provider calls it and the address at which it is paid. Beginning
	// twice under one Order.Key opens one.
	Begin(ctx context.Context, o Order) (ref, url string, err error)

	// Completed returns what the provider calls the contract that a checkout has led to, "" while it is not paid.
	// ErrOver when nobody can pay it any more.
	Completed(ctx context.Context, checkout string) (contract string, err error)

	// Fetch returns all that is known of a contract now. NotFound when there is none.
	Fetch(ctx context.Context, contract string) (Record, error)
}

// A Keeper is the part of a Provider that changes how a contract goes on.
type Keeper interface {
	// Cancel ends a contract with the period that is paid for, or at once.
	Cancel(ctx context.Context, contract string, at Ending) error

	// Resume takes back a Cancel at the end of the period, and ends a pause.
	Resume(ctx context.Context, contract string) error

	// Pause stops charging after the period that is paid for, until a time.
	Pause(ctx context.Context, contract string, until time.Time) error

	// Switch moves a contract to another price: at once, with what is left of the period set against it, or from the next
	// period on. Conflict when the card is declined: then nothing has changed.
	Switch(ctx context.Context, contract string, to Price, at Ending) error
}

// A Cashier is the part of a Provider that has to do with single payments.
type Cashier interface {
	// Refund returns a payment in whole. Refunding twice returns it once.
	Refund(ctx context.Context, contract, payment string) error

	// Receipt is an address at which the receipt of a payment can be read now. NotFound when there is none.
	Receipt(ctx context.Context, contract, payment string) (string, error)

	// CardPage is an address at which the card can be changed, and nothing else, leading back to a path of ours.
	// NotFound when nothing is paid by card there.
	CardPage(ctx context.Context, contract, back string) (string, error)

	// CardChanged takes up the card that was given last, and tries with it what is due. It may be called at any time.
	CardChanged(ctx context.Context, contract string) error
}

// ErrOver says that a checkout ended unpaid.
var ErrOver = errors.New("the checkout is over")

// Ending is when a contract that is canceled ends, or one that is switched costs another price.
type Ending string

// The endings.
const (
	AtPeriodEnd Ending = "at the end of the period"
	AtOnce      Ending = "at once"
)

// An Order is what a checkout is opened for.
type Order struct {
	Key      string // names the order: unguessable, the same when it is repeated
	Address  string // of the buyer
	Customer string // what the provider called the buyer of an earlier order, when that is certain; else ""
	Offer    Offer
	Once     bool   // one payment and nothing after it; the Offer is its price alone
	Name     string // of the publication and the plan, as the buyer reads it
	Paid     string // the absolute address to come back to
	Left     string // the absolute address for who leaves without paying
}

// A Record is what a provider knows of a contract at one moment.
type Record struct {
	Plan       string    `json:"plan"` // slug
	Price      Money     `json:"price"`
	Every      Period    `json:"every"`
	Created    time.Time `json:"created"`
	PaidUntil  time.Time `json:"paid_until"`           // the end of the period that is paid for, or of the trial
	Once       bool      `json:"once,omitempty"`       // one payment, of Created; it leaves, and PaidUntil is Created too
	Trial      bool      `json:"trial,omitempty"`      // that period is free
	LateSince  time.Time `json:"late_since,omitzero"`  // when a payment that is due failed first; zero when none is
	Leaves     bool      `json:"leaves,omitempty"`     // ends with the period
	PausedTo   time.Time `json:"paused_to,omitzero"`   // when charging begins again; zero when it is not stopped
	Disputed   time.Time `json:"disputed,omitzero"`    // when the bank took a payment back; zero when none is disputed
	Ended      time.Time `json:"ended,omitzero"`       // zero while it lives
	NextCharge time.Time `json:"next_charge,omitzero"` // zero when none is to come
	Card       Card      `json:"card,omitzero"`        // zero when the provider does not tell
	Customer   string    `json:"customer,omitempty"`   // what the provider calls the buyer
	Payments   []Payment `json:"-"`                    // all of them; kept in the ledger
}

// A Card is what may be shown of one.
type Card struct {
	Brand       string `json:"brand"`
	Last4       string `json:"last4"`
	Month       int    `json:"month"` // the last month it is good in
	Year        int    `json:"year"`
	Fingerprint string `json:"fingerprint,omitempty"` // the same for the same card, whoever uses it
}

// Expires is the first moment at which a card is no longer good, zero for an unknown card.
func (c Card) Expires() time.Time {
	if c.Year == 0 {
		return time.Time{}
	}
	return time.Date(c.Year, time.Month(c.Month)+1, 1, 0, 0, 0, 0, time.UTC)
}

// A Payment is a line for the ledger. What was once given is given again by every Fetch, the same under the same Ref.
type Payment struct {
	Kind   PaymentKind
	Ref    string // what the provider calls it
	At     time.Time
	Amount Money     // what came in; negative for what went out
	Plan   string    // slug of what was paid for
	Starts time.Time // the time a charge pays for; zero for other kinds
	Ends   time.Time
}

// PaymentKind is what moved the money.
type PaymentKind string

// The kinds of payment.
const (
	Charge     PaymentKind = "charge"
	Refund     PaymentKind = "refund"
	Dispute    PaymentKind = "dispute"     // the bank took it back
	DisputeWon PaymentKind = "dispute won" // and returned it

	RefundFailed PaymentKind = "refund failed" // it did not reach the buyer
)
