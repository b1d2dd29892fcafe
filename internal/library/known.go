package library

import (
	"context"
	"database/sql"
	"errors"
	"strings"
)

// Known returns the ids of those articles that came in with one of the sources, drafts among them. Sources nobody
// came in with are left out.
func (l *Library) Known(ctx context.Context, sources []string) (map[string]int64, error) {
	drafts := make([]Draft, len(sources))
	for i, s := range sources {
		drafts[i].Source = s
	}
	have, err := l.readStored(ctx, drafts)
	if err != nil {
		return nil, err
	}
	out := map[string]int64{}
	for i, s := range sources {
		if have[i].id != 0 {
			out[s] = have[i].id
		}
	}
	return out, nil
}

// Unknown returns those of the names that are no term of a kind yet: saving a draft with one of them makes it.
func (l *Library) Unknown(ctx context.Context, kind TermKind, names ...string) (unknown []string, err error) {
	for _, name := range names {
		if name = tidy(name); strings.TrimSpace(name) == "" {
			continue
		}
		var id int64
		err := l.db.QueryRow(ctx, `SELECT id FROM terms WHERE kind = $1 AND slug = $2`, kind, termSlug(name)).Scan(&id)
		if errors.Is(err, sql.ErrNoRows) {
			unknown = append(unknown, name)
		} else if err != nil {
			return nil, err
		}
	}
	return unknown, nil
}
