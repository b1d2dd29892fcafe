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
