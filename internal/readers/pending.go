package readers

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/gatefold/gatefold/internal/storage"
)

// Pending is a mail a browser asked for and has not used yet.
type Pending struct {
	Waiting  bool   // there is one
	Live     bool   // its code can still be typed
	Address  string // where it went, if it went
	ReturnTo string // the path it leads to, "" for none
}

// pendingLife is how long a page reminds a browser of a mail.
const pendingLife = 24 * time.Hour

// Pending tells what the newest mail is that a visitor asked for, from what the visitor typed alone: whether the
// mail was sent, and whose the address is, play no part (S-06). Who has no token of a visitor asked for nothing.
func (r *Readers) Pending(ctx context.Context, visitor string) (Pending, error) {
	id, now := VisitorID(visitor), r.now()
	if id == "" { // as has an attempt that no browser asked for: see SignInLink
		return Pending{}, nil
	}
	var p Pending
	var expires, used int64
	err := r.db.QueryRow(ctx, `SELECT address, goal, expires, used FROM attempts
		WHERE visitor = $1 AND purpose = 'sign-in' AND created > $2 ORDER BY created DESC LIMIT 1`,
		id, storage.Micros(now.Add(-pendingLife))).Scan(&p.Address, &p.ReturnTo, &expires, &used)
	if errors.Is(err, sql.ErrNoRows) {
		return Pending{}, nil
	}
	if err != nil {
		return Pending{}, fmt.Errorf("pending mail: %w", err)
	}
	p.Waiting, p.Live = used == 0, used == 0 && now.Before(storage.Time(expires))
	return p, nil
}
