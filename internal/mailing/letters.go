package mailing

import (
	"context"
	"time"

	"github.com/gatefold/gatefold/internal/mail"
)

// Letters says what a mailing sends, and to whom. newsletters implements it. Its methods are called by several
// goroutines at once.
type Letters interface {
	// Compile returns the copies of a mailing, one for each way an edition is cut. It is called once for each mailing
	// a node works on, and again after an error: then the mailing waits, and its Status says why.
	Compile(ctx context.Context, m Mailing) (Compiled, error)

	// Recipients returns what is true now of up to 500 readers whose rows were just leased: where to, which copy, or
	// why none. Order does not matter; a reader who is missing is skipped as "gone". An error leaves the rows for
	// later.
	Recipients(ctx context.Context, m Mailing, readers []int64) ([]Recipient, error)
}

// Compiled is an edition ready to be sent. It is read by many goroutines and must not change.
type Compiled struct {
	Copies []*mail.Letter // by Recipient.Copy
}

// Recipient is one reader of a mailing at the moment of sending.
type Recipient struct {
	Reader  int64
	Address string // local@domain
	Name    string // for the To header; "" for none
	Copy    int    // which of Compiled.Copies: what the reader is entitled to now

	// Letter is the copy of a reader who chose among the articles, in place of Copy; nil for the others.
	Letter *mail.Letter

	// Values fill the holes of the copy, by the names given to mail.Hole. They are plain text: the letter escapes
	// them for HTML and encodes them for the wire. One that is missing fails the row; an empty one does not.
	Values map[string]string

	Skip string // why this reader has no mail, as "unsubscribed" or "suppressed"; "" to send
}

// Next returns up to n ids of readers greater than after, in ascending order; none when there are no more. It is
// called outside of any transaction.
type Next func(ctx context.Context, after int64, n int) ([]int64, error)

// Refusals hears of mails that a server refused for good, and of domains that refuse us. bounces implements it.
type Refusals interface {
	// Refused is called once for each row that failed for good or was deferred for a policy, after the row is durable.
	// A process that dies in between does not call it again.
	Refused(ctx context.Context, r Refusal)
}

// Refusal is what a server said to one mail.
type Refusal struct {
	Delivery
	Address  string
	Kind     Kind
	Code     int    // of RFC 5321
	Enhanced string // of RFC 3463; "" when the server gave none
	Text     string // the server's words; may hold the address: not for logs
	At       time.Time
}
