package main

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"time"
)

// letterDatabase is where a ledger is kept.
type letterDatabase struct{ name, url string }

// letterDatabases are SQLite and, where GATEFOLD_TEST_POSTGRES names one, PostgreSQL, each with a database of its own.
// drop takes the latter away again.
func (s *stage) letterDatabases(ctx context.Context) (list []letterDatabase, drop func(), err error) {
	list, drop = []letterDatabase{{"SQLite", filepath.Join(s.dir, "letters.db")}}, func() {}
	base := os.Getenv("GATEFOLD_TEST_POSTGRES")
	if base == "" {
		s.say("letters: PostgreSQL is left out: GATEFOLD_TEST_POSTGRES names none")
		return list, drop, nil
	}
	u, err := url.Parse(base)
	if err != nil {
		return nil, drop, err
	}
	admin, err := sql.Open("pgx", base)
	if err != nil {
		return nil, drop, err
	}
	var durable string
	if err := admin.QueryRowContext(ctx, "SHOW fsync").Scan(&durable); err != nil {
		return nil, drop, err
	}
	name := fmt.Sprintf("gatefold_bench_%d", time.Now().UnixNano())
	if _, err := admin.ExecContext(ctx, "CREATE DATABASE "+name); err != nil {
		return nil, drop, err
	}
	drop = func() {
		_, _ = admin.Exec("DROP DATABASE " + name + " WITH (FORCE)")
		_ = admin.Close()
	}
	u.Path = "/" + name
	return append(list, letterDatabase{"PostgreSQL (fsync " + durable + ")", u.String()}), drop, nil
}
