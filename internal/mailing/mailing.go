package mailing

import "time"

// Mailing is the sending of one edition.
type Mailing struct {
	ID         int64 // 0 before Start
	Edition    int64 // what is sent, in the numbering of newsletters; an edition has one mailing
	Newsletter string
	Started    time.Time // set by Start; the Date of every copy

	// UselessAfter is when a copy is of no use any more: rows that still wait then fail as "expired".
	UselessAfter time.Time
}

// State is where a mailing stands.
type State string

// The states of a mailing.
const (
	Filling  State = "filling" // Start has not written every row yet; nothing is sent
	Running  State = "running"
	Paused   State = "paused"
	Canceled State = "canceled"
	Finished State = "finished" // no row waits for anything; Add sets it running again
)

// Status is where a mailing stands, counted from its rows at this moment.
type Status struct {
	Mailing
	State    State
	Finished time.Time // zero before
	Trouble  string    // why nothing is sent although it should be, as "compile: …"; "" when all is well

	Total    int // rows
	Queued   int // not taken up yet; of a canceled mailing these never will be
	Leased   int // in the hands of a node
	Sent     int
	Deferred int // to be tried again
	Failed   int // for good
	Skipped  int // had no mail, as Letters.Recipients said
	Unknown  int // handed over whole and not answered: to be tried once more, or tried twice

	ByReason map[string]int // of the rows failed, skipped, deferred and unknown: by kind, or by Recipient.Skip
	Rate     float64        // mails accepted a second over the last minute, by all nodes
	Next     time.Time      // when the next deferred or unknown row is due; zero when there is none
}

// Done reports whether nothing is left to send.
func (s Status) Done() bool { return s.State.Done() }

// Done reports whether nothing is left to send.
func (s State) Done() bool { return s == Finished || s == Canceled }

// Delivery is one row of the ledger.
type Delivery struct {
	Mailing    int64
	Edition    int64
	Newsletter string
	Reader     int64
	State      RowState
	At         time.Time // of the last answer; zero before the first
}

// RowState is where one reader's copy stands.
type RowState string

// The states of a row. A row that is queued and within a lease is what Status counts as leased.
const (
	RowQueued   RowState = "queued"
	RowSent     RowState = "sent"
	RowDeferred RowState = "deferred"
	RowFailed   RowState = "failed"
	RowSkipped  RowState = "skipped"
	RowUnknown  RowState = "unknown"
)

// Kind is the kind of trouble a mail met.
type Kind string

// The kinds of trouble. Only NoSuchUser says anything against the address.
const (
	NoSuchUser Kind = "no such user" // the address is none (5.1.x, 5.2.1)
	Full       Kind = "mailbox full" // x.2.2
	Policy     Kind = "policy"       // spam, authentication, reputation (x.7.x): said of us, never of the reader
	Content    Kind = "content"      // too large, not understood (x.3.4, 5.6.x)
	Busy       Kind = "busy"         // 421, 451, 454, 4.x.x: later
	Network    Kind = "network"      // no connection, or one that broke before the mail was handed over
	NoAnswer   Kind = "no answer"    // handed over whole, and the connection broke
	Refused    Kind = "refused"      // 5xx that says no more
	Expired    Kind = "expired"      // of no use any more
	Unsendable Kind = "unsendable"   // the copy could not be written for this reader, or the address cannot be mailed
)
