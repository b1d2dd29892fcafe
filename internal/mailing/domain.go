package mailing

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/gatefold/gatefold/internal/storage"
)

// DomainPause is a recipient domain that is held back.
type DomainPause struct {
	Domain string
	Until  time.Time
	Reason string
}

// PauseDomain holds back mails to a recipient domain until a time, on every node; a time that has passed lets them go.
// Rows that come due meanwhile wait, and no try is counted. Nodes see it within Options.Poll.
func (m *Mailings) PauseDomain(ctx context.Context, domain string, until time.Time, reason string) error {
	err := m.db.Write(ctx, func(tx *storage.DB) error {
		_, err := tx.Exec(ctx, `INSERT INTO paused_domains (domain, until, reason) VALUES ($1, $2, $3)
			ON CONFLICT (domain) DO UPDATE SET until = excluded.until, reason = excluded.reason`,
			strings.ToLower(domain), storage.Micros(until), shorten(reason))
		return err
	})
	if err != nil {
		return fmt.Errorf("pause domain %s: %w", domain, err)
	}
	m.Wake()
	return nil
}

// PausedDomains returns the domains that are held back now, by name.
func (m *Mailings) PausedDomains(ctx context.Context) ([]DomainPause, error) {
	rows, err := m.db.Query(ctx, `SELECT domain, until, reason FROM paused_domains WHERE until > $1 ORDER BY domain`,
		storage.Micros(m.now()))
	if err != nil {
		return nil, fmt.Errorf("list paused domains: %w", err)
	}
	defer rows.Close()
	var list []DomainPause
	for rows.Next() {
		var p DomainPause
		var until int64
		if err := rows.Scan(&p.Domain, &until, &p.Reason); err != nil {
			return nil, fmt.Errorf("list paused domains: %w", err)
		}
		p.Until = storage.Time(until)
		list = append(list, p)
	}
	return list, rows.Err()
}
