package mail

import "context"

// Parcel is a mail ready to be handed over, with its envelope.
type Parcel struct {
	From, To string // as Mailbox returns them
	Message  []byte // as Letter.Append or Message.Bytes gives it

	// Before, when it is set, is called when the mail is as good as handed over, before the bytes that make the server
	// take it are sent. An error breaks the delivery off and is what Deliver returns.
	Before func(context.Context) error
}

// Signer signs a message. It returns header fields, each ending in CRLF, that go before the message.
type Signer interface {
	Sign(message []byte) ([]byte, error)
}

// A Server takes mail, by SMTP or by a provider's HTTP API. SMTP and SES implement it.
type Server interface {
	// Send hands one message over for one recipient: see SMTP.Send.
	Send(ctx context.Context, from, to string, message []byte) error
	// Deliver is Send for a mail that is known to be as it has to be, and that may have a gate.
	Deliver(ctx context.Context, p Parcel) error
	// Check reports whether the server is reached and lets us in. No error text holds a secret.
	Check(ctx context.Context) error
	// Close drops the connections that wait.
	Close() error
}
