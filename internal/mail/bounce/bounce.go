package bounce

import "time"

// A Kind says why a mail came back.
type Kind string

// The kinds.
const (
	Unknown     Kind = "unknown"      // the words are not understood
	UserUnknown Kind = "user unknown" // there is no such mailbox, or it has moved away
	HostUnknown Kind = "host unknown" // there is no such domain, or it takes no mail
	MailboxFull Kind = "mailbox full"
	Disabled    Kind = "disabled" // the mailbox is there and switched off
	Filtered    Kind = "filtered" // the mailbox is there and did not want this message
	TooBig      Kind = "too big"
	Blocked     Kind = "blocked"    // the sending machine, address or domain is not wanted, or too fast
	Spam        Kind = "spam"       // the message is held to be spam or to hold a virus
	Auth        Kind = "auth"       // SPF, DKIM or DMARC fail
	Temporary   Kind = "temporary"  // networks, name servers, queues, errors of a system's own
	Complaint   Kind = "complaint"  // the reader pressed "this is spam"
	AutoReply   Kind = "auto-reply" // a program answered (RFC 3834)
	Vacation    Kind = "vacation"   // the reader is away
	Delivered   Kind = "delivered"  // a report of success
)

// Policy reports whether the kind is about the sender and not about the reader.
func (k Kind) Policy() bool { return k == Blocked || k == Spam || k == Auth }

// A Stage is the part of the SMTP dialog (RFC 5321) in which a mail was refused.
type Stage string

// The stages. A server that takes a recipient (AtRecipient) and refuses the message after it (AtData) has the mailbox,
// whatever its words are.
const (
	AtUnknown   Stage = ""
	AtConnect   Stage = "connection" // also HELO and EHLO
	AtSender    Stage = "MAIL"
	AtRecipient Stage = "RCPT"
	AtData      Stage = "DATA"
)

// A Record is what a report says of one recipient.
type Record struct {
	Recipient  string // in small letters; "" when none is named, as in every third bounce
	Kind       Kind
	Hard       bool   // no mail will ever arrive there
	Delayed    bool   // a warning: they are still trying
	Status     string // of RFC 3463, such as "5.1.1"; "4.0.0" or "5.0.0" for a failure that came without one
	ReplyCode  string // of RFC 5321, such as "550"; "" when there is none
	Stage      Stage
	Diagnostic string // what was said, on one line of at most 500 bytes; it often holds the address
}

// A Report is a mail that came back, or a notification of one.
type Report struct {
	Records   []Record
	MessageID string    // of the mail that came back, without the angle brackets; "" when it is not told
	Senders   []string  // envelope senders that are named, in small letters: a VERP address of ours may be among them
	ID        string    // of the report itself, its Message-ID without the angle brackets; "" when it has none
	Notified  bool      // the records come from a part made for programs
	At        time.Time // when it happened, as a provider tells; zero when it is not told
	Feedback  string    // the feedback type of a complaint: "abuse", "fraud", "not-spam", …
}

// Automatic reports whether the mail is an answer by a program, which says nothing about delivery.
func (r Report) Automatic() bool {
	return len(r.Records) == 1 && (r.Records[0].Kind == AutoReply || r.Records[0].Kind == Vacation)
}
