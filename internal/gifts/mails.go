package gifts

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/readers"
	"github.com/gatefold/gatefold/internal/storage"
)

// length is how long a gift is, in words.
func (g Gift) length() string {
	switch g.Months {
	case 1:
		return "a month"
	case 12:
		return "a year"
	}
	return map[int]string{3: "three", 6: "six"}[g.Months] + " months"
}

func (s *Gifts) day(at time.Time) string { return at.In(s.options.Zone).Format("2 January 2006") }

func (s *Gifts) put(ctx context.Context, tx *storage.DB, n readers.Notice) error {
	n.Preheader = n.Lines[0]
	n.UselessAfter = 3 * 24 * time.Hour
	mail, err := s.readers.Compose(n)
	if err != nil {
		return fmt.Errorf("mail %q: %w", n.Kind, err)
	}
	return s.out.Put(ctx, tx, mail)
}

// addressOf is where a reader has mail, "" when the account is gone.
func addressOf(ctx context.Context, tx *storage.DB, reader int64) (address string, err error) {
	err = storage.NotFound(tx.QueryRow(ctx, `SELECT address FROM readers WHERE id = $1`, reader).Scan(&address), "no reader")
	if fault.Is(err, fault.NotFound) {
		return "", nil
	}
	return address, err
}

// thank tells the giver that the gift is paid, with the card.
func (s *Gifts) thank(ctx context.Context, tx *storage.DB, g Gift) error {
	to, err := addressOf(ctx, tx, g.Giver)
	if err != nil || to == "" {
		return err
	}
	n := readers.Notice{To: to, Kind: "gift-bought", Subject: "Your gift is ready", Heading: "Your gift is ready",
		Lines: []string{fmt.Sprintf("You have given %s of %s. Thank you.", g.length(), s.options.Name)},
		Link:  s.options.Origin + "/gift/card/" + s.CardToken(g.ID), Button: "See the card",
		Aside: "A gift is paid once and not renewed. Whoever has the code can redeem it, so keep this mail to yourself."}
	if g.Receiver == "" {
		n.Lines = append(n.Lines, "The card has the code that redeems it: print it, or send it on.")
	} else {
		n.Lines = append(n.Lines, fmt.Sprintf("We send it to %s on %s, with your note. The card has the code as well, should the mail go astray.", g.Receiver, s.day(g.Deliver)))
	}
	return s.put(ctx, tx, n)
}

// send delivers the gift to its receiver, without the name of a giver whose account is gone.
func (s *Gifts) send(ctx context.Context, tx *storage.DB, g Gift) error {
	who, asked := cmp.Or(g.Signed, "Somebody"), cmp.Or(g.Signed, "whoever gave it")
	n := readers.Notice{To: g.Receiver, Kind: "gift", Subject: who + " has given you " + g.length() + " of " + s.options.Name,
		Heading: who + " has given you " + g.length() + " of " + s.options.Name,
		Lines:   []string{"Everything we have published is open to you for that time, without advertising."},
		Link:    s.options.Origin + "/redeem?code=" + s.Code(g), Button: "Begin to read",
		Aside: "Your code is " + s.Code(g) + ". Nothing is charged, now or later. You have this mail because " + asked + " asked us to send it; we keep your address for nothing else."}
	for line := range strings.Lines(g.Note) {
		if line = strings.TrimSpace(line); line != "" {
			n.Lines = append(n.Lines, "“"+line+"”")
		}
	}
	return s.put(ctx, tx, n)
}

func (s *Gifts) tellRevoked(ctx context.Context, tx *storage.DB, g Gift) error {
	to, err := addressOf(ctx, tx, g.Reader)
	if err != nil || to == "" {
		return err
	}
	return s.put(ctx, tx, readers.Notice{To: to, Kind: "gift-revoked", Subject: "Your gift subscription has ended", Heading: "Your gift subscription has ended",
		Lines: []string{"The payment for the subscription that was given to you went back, so it has ended today. You owe nothing.",
			"Your account stays, with its free articles and newsletters."},
		Link: s.options.Origin + "/subscribe", Button: "Subscribe yourself"})
}
