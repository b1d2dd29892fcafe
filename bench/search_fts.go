package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	_ "modernc.org/sqlite" // whose FTS5 is the yardstick
)

// fts is SQLite's full-text search over the same articles: stemmed by Porter, accents removed, three columns weighed as
// the product weighs title, standfirst and text.
type fts struct {
	db   *sql.DB
	took time.Duration // to fill it
	size float64       // megabytes
}

func (f *fts) rate(documents int) float64 { return float64(documents) / f.took.Seconds() }
func (f *fts) close()                     { _ = f.db.Close() }

// openFTS fills a table of FTS5 from the journal's database.
func (s *stage) openFTS(ctx context.Context) (*fts, error) {
	name := filepath.Join(s.dir, "fts.db")
	if err := os.Remove(name); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	db, err := sql.Open("sqlite", "file:"+name+"?_pragma=mmap_size(1073741824)&_pragma=cache_size(-65536)&_pragma=journal_mode(wal)")
	if err != nil {
		return nil, err
	}
	f := &fts{db: db}
	began := time.Now()
	if err := f.fill(ctx, filepath.Join(s.data(), databaseFile)); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	f.took = time.Since(began)
	info, err := os.Stat(name)
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	f.size = float64(info.Size()) / 1e6
	return f, nil
}

func (f *fts) fill(ctx context.Context, journal string) error {
	from, err := sql.Open("sqlite", "file:"+journal+"?mode=ro")
	if err != nil {
		return err
	}
	defer func() { _ = from.Close() }()
	into, err := f.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = into.Rollback() }()
	for _, statement := range []string{
		`CREATE VIRTUAL TABLE found USING fts5(title, standfirst, body, tokenize = 'porter unicode61 remove_diacritics 2')`,
		`CREATE TABLE documents (id INTEGER PRIMARY KEY, published INTEGER NOT NULL, year INTEGER NOT NULL)`,
		`CREATE TABLE filed (article INTEGER NOT NULL, term INTEGER NOT NULL, PRIMARY KEY (article, term)) WITHOUT ROWID`,
		`CREATE TABLE terms (id INTEGER PRIMARY KEY, kind TEXT NOT NULL, slug TEXT NOT NULL)`,
	} {
		if _, err := into.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	err = each(ctx, from, `SELECT a.id, a.published, CAST(strftime('%Y', a.published / 1000000, 'unixepoch') AS INTEGER), a.title, a.standfirst,
		b.body_html FROM articles a JOIN article_bodies b ON b.article = a.id WHERE a.state = 'published'`,
		func(rows *sql.Rows) error {
			var id, published, year int64
			var title, standfirst, body string
			if err := rows.Scan(&id, &published, &year, &title, &standfirst, &body); err != nil {
				return err
			}
			if _, err := into.ExecContext(ctx, `INSERT INTO documents VALUES (?, ?, ?)`, id, published, year); err != nil {
				return err
			}
			_, err := into.ExecContext(ctx, `INSERT INTO found (rowid, title, standfirst, body) VALUES (?, ?, ?, ?)`, id, title, standfirst, untagged(body))
			return err
		})
	if err != nil {
		return err
	}
	err = each(ctx, from, `SELECT DISTINCT f.article, t.id, t.kind, t.slug FROM filings f JOIN terms t ON t.id = f.term`, func(rows *sql.Rows) error {
		var article, term int64
		var kind, slug string
		if err := rows.Scan(&article, &term, &kind, &slug); err != nil {
			return err
		}
		if _, err := into.ExecContext(ctx, `INSERT OR IGNORE INTO terms VALUES (?, ?, ?)`, term, kind, slug); err != nil {
			return err
		}
		_, err := into.ExecContext(ctx, `INSERT INTO filed VALUES (?, ?)`, article, term)
		return err
	})
	if err != nil {
		return err
	}
	if _, err := into.ExecContext(ctx, `INSERT INTO found (found) VALUES ('optimize')`); err != nil {
		return err
	}
	return into.Commit()
}

// each calls f for the rows of a query.
func each(ctx context.Context, db *sql.DB, query string, f func(*sql.Rows) error) error {
	rows, err := db.QueryContext(ctx, query)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		if err := f(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// untagged leaves out the tags of an article's HTML.
func untagged(html string) string {
	var b strings.Builder
	for html != "" {
		text, rest, _ := strings.Cut(html, "<")
		b.WriteString(text)
		b.WriteByte(' ')
		_, html, _ = strings.Cut(rest, ">")
	}
	return b.String()
}

// ask asks all questions once over some connections: filling the table has brought its file into memory.
func (f *fts) ask(ctx context.Context, all []question, clients int) (latencies, error) {
	f.db.SetMaxOpenConns(clients)
	f.db.SetMaxIdleConns(clients)
	began := time.Now()
	shares, errs := make([][]time.Duration, clients), make([]error, clients)
	var wait sync.WaitGroup
	for c := range clients {
		wait.Go(func() {
			for i := c; i < len(all) && errs[c] == nil; i += clients {
				asked := time.Now()
				errs[c] = f.answer(ctx, all[i])
				shares[c] = append(shares[c], time.Since(asked))
			}
		})
	}
	wait.Wait()
	return newLatencies(slices.Concat(shares...), time.Since(began)), errors.Join(errs...)
}

// answer does what the product does for a question: the best 20 with snippets, the total, and the facets of all hits.
// Where fewer than five have all the words, any of them will do.
func (f *fts) answer(ctx context.Context, q question) error {
	conn, err := f.db.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	if _, err := conn.ExecContext(ctx, `CREATE TEMP TABLE IF NOT EXISTS hits (id INTEGER PRIMARY KEY, score REAL NOT NULL)`); err != nil {
		return err
	}
	n, err := f.collect(ctx, conn, q, false)
	if err == nil && n < 5 && len(q.words) > 1 && !q.phrase {
		_, err = f.collect(ctx, conn, q, true)
	}
	if err != nil {
		return fmt.Errorf("%q: %w", q.words, err)
	}
	order := "h.score"
	if q.newest {
		order = "d.published DESC"
	}
	match := q.match(n < 5)
	for _, statement := range []string{
		`SELECT title, snippet(found, 2, '<mark>', '</mark>', '…', 32) FROM found WHERE found MATCH ?1 AND rowid IN
			(SELECT h.id FROM hits h JOIN documents d ON d.id = h.id ORDER BY ` + order + ` LIMIT 20)`,
		`SELECT f.term, COUNT(*) FROM hits h JOIN filed f ON f.article = h.id WHERE ?1 <> '' GROUP BY f.term ORDER BY 2 DESC`,
		`SELECT d.year, COUNT(*) FROM hits h JOIN documents d ON d.id = h.id WHERE ?1 <> '' GROUP BY d.year`,
	} {
		if err := drain(ctx, conn, statement, match); err != nil {
			return fmt.Errorf("%q: %w", q.words, err)
		}
	}
	return nil
}

// collect writes the hits of a question into the table hits.
func (f *fts) collect(ctx context.Context, conn *sql.Conn, q question, loose bool) (int64, error) {
	if _, err := conn.ExecContext(ctx, `DELETE FROM hits`); err != nil {
		return 0, err
	}
	where, args := "", []any{q.match(loose)}
	if q.topic != "" {
		where += ` AND rowid IN (SELECT article FROM filed JOIN terms ON terms.id = filed.term WHERE terms.kind = 'topic' AND terms.slug = ?)`
		args = append(args, q.topic)
	}
	if q.year != 0 {
		where += ` AND rowid IN (SELECT id FROM documents WHERE year >= ?)`
		args = append(args, q.year)
	}
	done, err := conn.ExecContext(ctx, `INSERT INTO hits SELECT rowid, bm25(found, 3, 1.8, 1) FROM found WHERE found MATCH ?`+where, args...)
	if err != nil {
		return 0, err
	}
	return done.RowsAffected()
}

// drain reads all rows of a statement.
func drain(ctx context.Context, conn *sql.Conn, statement string, args ...any) error {
	rows, err := conn.QueryContext(ctx, statement, args...)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var a, b any
		if err := rows.Scan(&a, &b); err != nil {
			return err
		}
	}
	return rows.Err()
}
