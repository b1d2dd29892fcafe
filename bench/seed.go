package main

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"path/filepath"
	"time"

	"github.com/gatefold/gatefold/internal/access"
	"github.com/gatefold/gatefold/internal/billing"
	"github.com/gatefold/gatefold/internal/library"
	"github.com/gatefold/gatefold/internal/storage"
)

// Readers who sign in one mail at a time would take longer than all measures together. Theirs are the only rows that
// are written here and not by the product: a confirmed reader and one session each, as signing in leaves them.

// databaseFile is the database in the folder of a journal.
const databaseFile = "gatefold.db"

// database opens the journal's database. It is migrated: the server made it.
func (s *stage) database(ctx context.Context) (*storage.DB, error) {
	return storage.Open(ctx, filepath.Join(s.data(), databaseFile), storage.Options{})
}

// seed writes the readers of the measures before the server starts: as many as unlock, one who subscribes and one who
// has opened the article. It also finds the articles that are unlocked and those that are measured.
func (s *stage) seed(ctx context.Context) error {
	db, err := s.database(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	if s.readers, err = addReaders(ctx, db, unlockReaders); err != nil {
		return fmt.Errorf("seed readers: %w", err)
	}
	two, err := addReaders(ctx, db, 2)
	if err != nil {
		return fmt.Errorf("seed a subscriber: %w", err)
	}
	s.subscriber, s.opener = two[0], two[1]
	until := time.Now().AddDate(1, 0, 0)
	if err := billing.New(db, time.Now).Grant(ctx, s.subscriber.id, billing.AllAccess, until, "benchmark"); err != nil {
		return err
	}
	if err := db.QueryRow(ctx, `SELECT COUNT(*) FROM articles`).Scan(&s.documents); err != nil {
		return err
	}
	s.metered, err = newestOf(ctx, library.New(db, library.Options{}), access.Metered, unlockArticles)
	return err
}

// A person is a reader with the cookie of a session.
type person struct {
	id     int64
	cookie string
}

// token is the session token of a reader: 256 bits in base64url, as the product's own but for being no secret.
func token(reader int64) string {
	var b [32]byte
	binary.BigEndian.PutUint64(b[24:], uint64(reader))
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// addReaders adds n confirmed readers with a session each. The session's id is the SHA-256 of its token, in base64url.
func addReaders(ctx context.Context, db *storage.DB, n int) ([]person, error) {
	now := storage.Micros(time.Now())
	people := make([]person, 0, n)
	err := db.Write(ctx, func(tx *storage.DB) error {
		var known int64
		if err := tx.QueryRow(ctx, `SELECT COUNT(*) FROM readers`).Scan(&known); err != nil {
			return err
		}
		for i := range n {
			var id int64
			address := fmt.Sprintf("reader-%d@bench.example", known+int64(i))
			if err := tx.QueryRow(ctx, `INSERT INTO readers (mailbox, address, created, confirmed) VALUES ($1, $1, $2, $2) RETURNING id`,
				address, now).Scan(&id); err != nil {
				return err
			}
			digest := sha256.Sum256([]byte(token(id)))
			if _, err := tx.Exec(ctx, `INSERT INTO sessions (id, reader, created, seen, agent) VALUES ($1, $2, $3, $3, $4)`,
				base64.RawURLEncoding.EncodeToString(digest[:]), id, now, "bench"); err != nil {
				return err
			}
			people = append(people, person{id, "session=" + token(id)})
		}
		return nil
	})
	return people, err
}

// newestOf returns the slugs of the newest n articles of a level.
func newestOf(ctx context.Context, l *library.Library, level access.Level, n int) ([]string, error) {
	var slugs []string
	var at library.Cursor
	for {
		page, err := l.List(ctx, library.Filter{}, at, 500)
		if err != nil {
			return nil, err
		}
		for _, a := range page.Items {
			if a.Level == level {
				slugs = append(slugs, a.Slug)
			}
			if len(slugs) == n {
				return slugs, nil
			}
		}
		if at = page.Older; at.IsZero() {
			return nil, fmt.Errorf("the journal has %d %s articles, and the measures need %d", len(slugs), level, n)
		}
	}
}

// countUnlocks returns how many free articles are spent, as the database on disk has it.
func (s *stage) countUnlocks(ctx context.Context) (int, error) {
	db, err := s.database(ctx)
	if err != nil {
		return 0, err
	}
	defer func() { _ = db.Close() }()
	var n int
	err = db.QueryRow(ctx, `SELECT COUNT(*) FROM unlocks`).Scan(&n)
	return n, err
}
