package groups

import (
	"context"
	"fmt"
	"time"

	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/readers"
	"github.com/gatefold/gatefold/internal/storage"
)

func (s *Groups) put(ctx context.Context, tx *storage.DB, n readers.Notice) error {
	n.Preheader = n.Lines[0]
	n.UselessAfter = 3 * 24 * time.Hour
	mail, err := s.readers.Compose(n)
	if err != nil {
		return fmt.Errorf("mail %q: %w", n.Kind, err)
	}
	return s.out.Put(ctx, tx, mail)
}

func (s *Groups) tellInvited(ctx context.Context, tx *storage.DB, g Group, address, token string) error {
	return s.put(ctx, tx, readers.Notice{To: address, Kind: "group-invitation", Subject: "A seat for you at " + s.options.Name,
		Heading: g.Name + " has a seat for you",
		Lines: []string{fmt.Sprintf("%s subscribes to %s for its people, and keeps a seat for you: you read everything, without advertising.", g.Name, s.options.Name),
			"Who manages the group sees that you have a seat, and never what you read."},
		Link: s.options.Origin + "/join/" + token, Button: "Take the seat",
		Aside: "The invitation is good for thirty days. If you do not want it, there is nothing to do: we keep your address for nothing else."})
}

func (s *Groups) tellRemoved(ctx context.Context, tx *storage.DB, g Group, x Seat) error {
	return s.put(ctx, tx, readers.Notice{To: x.Address, Kind: "group-removed", Subject: "Your seat at " + s.options.Name + " has ended",
		Heading: "Your seat has ended",
		Lines: []string{fmt.Sprintf("%s has given your seat to somebody else, or has fewer. You read no longer under it.", g.Name),
			"Your account stays, with its free articles and newsletters."},
		Link: s.options.Origin + "/subscribe", Button: "Subscribe yourself"})
}

func (s *Groups) tellBought(ctx context.Context, tx *storage.DB, g Group, reader int64) error {
	var to string
	err := storage.NotFound(tx.QueryRow(ctx, `SELECT address FROM readers WHERE id = $1`, reader).Scan(&to), "no reader")
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	return s.put(ctx, tx, readers.Notice{To: to, Kind: "group-bought", Subject: "The seats of your group are ready", Heading: "The seats of your group are ready",
		Lines: []string{fmt.Sprintf("%s has %d seats. Invite its people, or let everyone with an address of your domain take one.", g.Name, g.Seats),
			"A seat that nobody sits on is yours to take too: invite yourself."},
		Link: fmt.Sprintf("%s/account/groups/%d", s.options.Origin, g.ID), Button: "Fill the seats"})
}
