package doctor

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/storage"
)

// about names the settings that findings belong to.
func (d *Doctor) about() string {
	parts := []string{d.o.Sender, d.o.Bounces, d.o.Relay, fmt.Sprint(d.o.Listens, d.o.Hooks)}
	for _, k := range d.o.Keys {
		record, _ := k.Record() // what has no record is told by the check
		parts = append(parts, k.Name(d.o.Sender), record)
	}
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:12])
}

func (d *Doctor) keep(ctx context.Context, found []Finding) error {
	return d.db.Write(ctx, func(tx *storage.DB) error {
		for i, f := range found {
			_, err := tx.Exec(ctx, `INSERT INTO findings (name, place, state, finding, remedy, about, at) VALUES ($1, $2, $3, $4, $5, $6, $7)
				ON CONFLICT (name) DO UPDATE SET place = excluded.place, state = excluded.state, finding = excluded.finding,
					remedy = excluded.remedy, about = excluded.about, at = excluded.at`,
				f.Name, i, string(f.State), f.Finding, f.Remedy, d.about(), storage.Micros(f.At))
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// Verdict returns what was found last, with the overrides; nothing for settings that were not examined yet.
func (d *Doctor) Verdict(ctx context.Context) ([]Finding, error) {
	rows, err := d.db.Query(ctx, `SELECT f.name, f.state, f.finding, f.remedy, f.at, COALESCE(o.who, ''), COALESCE(o.reason, ''), COALESCE(o.at, 0)
		FROM findings f LEFT JOIN overrides o ON o.name = f.name WHERE f.about = $1 ORDER BY f.place`, d.about())
	if err != nil {
		return nil, fmt.Errorf("read the doctor's findings: %w", err)
	}
	defer rows.Close()
	var all []Finding
	for rows.Next() {
		var f Finding
		var o Override
		var at, since int64
		if err := rows.Scan(&f.Name, &f.State, &f.Finding, &f.Remedy, &at, &o.Who, &o.Reason, &since); err != nil {
			return nil, fmt.Errorf("read the doctor's findings: %w", err)
		}
		f.At = storage.Time(at)
		if since > 0 {
			o.At = storage.Time(since)
			f.Override = &o
		}
		all = append(all, f)
	}
	return all, rows.Err()
}

func (d *Doctor) kept(ctx context.Context) (map[string]Finding, error) {
	all, err := d.Verdict(ctx)
	byName := map[string]Finding{}
	for _, f := range all {
		byName[f.Name] = f
	}
	return byName, err
}

// Override lets letters go out in spite of a check. Invalid for what is no check, and without who or why.
func (d *Doctor) Override(ctx context.Context, name, who, reason string) error {
	switch {
	case !slices.Contains(Names(), name):
		return fault.New(fault.Invalid, "There is no check %q; there are %s.", name, strings.Join(Names(), ", "))
	case who == "" || reason == "":
		return fault.New(fault.Invalid, "An override needs who makes it, and why.")
	}
	err := d.db.Write(ctx, func(tx *storage.DB) error {
		_, err := tx.Exec(ctx, `INSERT INTO overrides (name, who, reason, at) VALUES ($1, $2, $3, $4)
			ON CONFLICT (name) DO UPDATE SET who = excluded.who, reason = excluded.reason, at = excluded.at`,
			name, who, reason, storage.Micros(d.o.Now()))
		if err != nil {
			return err
		}
		return d.record(ctx, tx, who, "override doctor", name, reason)
	})
	if err != nil {
		return fmt.Errorf("override %s: %w", name, err)
	}
	return nil
}

// Withdraw takes an override back. NotFound when there is none.
func (d *Doctor) Withdraw(ctx context.Context, name, who string) error {
	err := d.db.Write(ctx, func(tx *storage.DB) error {
		n, err := tx.Exec(ctx, `DELETE FROM overrides WHERE name = $1`, name)
		if err == nil && n == 0 {
			err = fault.New(fault.NotFound, "There is no override of %q.", name)
		}
		if err != nil {
			return err
		}
		return d.record(ctx, tx, who, "withdraw doctor's override", name, "")
	})
	if err != nil {
		return fmt.Errorf("withdraw the override of %s: %w", name, err)
	}
	return nil
}

func (d *Doctor) record(ctx context.Context, tx *storage.DB, who, what, subject, after string) error {
	if d.o.Record == nil {
		return nil
	}
	return d.o.Record(ctx, tx, who, what, "check "+subject, after)
}
