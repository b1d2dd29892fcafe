package groups

import (
	"context"
	"fmt"
	"time"

	"github.com/gatefold/gatefold/internal/storage"
)

// A Report is how much the seats of a group are used. It counts persons and names none, and nothing in it says what
// anybody reads.
type Report struct {
	Seats   int
	Members int
	Waiting int // invitations not taken up
	Joined  int // members since thirty days
	Visited int // members who were here in the last thirty days; -1 when there are too few to hide in
}

const (
	reportTime = 30 * 24 * time.Hour
	reportMost = 5 // fewer members than these are not counted by their visits
)

// Report counts the use of a group's seats.
func (s *Groups) Report(ctx context.Context, g Group) (Report, error) {
	out := Report{Seats: g.Seats}
	since := storage.Micros(s.options.Now().Add(-reportTime))
	err := s.db.QueryRow(ctx, `SELECT COALESCE(SUM(CASE WHEN reader > 0 THEN 1 ELSE 0 END), 0), COALESCE(SUM(CASE WHEN reader = 0 THEN 1 ELSE 0 END), 0),
		COALESCE(SUM(CASE WHEN reader > 0 AND since >= $2 THEN 1 ELSE 0 END), 0) FROM group_seats WHERE grp = $1`, g.ID, since).
		Scan(&out.Members, &out.Waiting, &out.Joined)
	if err == nil {
		err = s.db.QueryRow(ctx, `SELECT COUNT(*) FROM group_seats WHERE grp = $1 AND reader > 0
			AND EXISTS (SELECT 1 FROM sessions WHERE sessions.reader = group_seats.reader AND sessions.seen >= $2)`, g.ID, since).Scan(&out.Visited)
	}
	if err != nil {
		return Report{}, fmt.Errorf("report of group %d: %w", g.ID, err)
	}
	if out.Members < reportMost {
		out.Visited = -1
	}
	return out, nil
}
