// Package storage opens SQLite or PostgreSQL and gives every feature the same handle: a DB that is also the
// transaction.
//
// Promises:
//   - Write returns nil only after the commit is durable (SQLite: WAL with synchronous=FULL; PostgreSQL: its own
//     synchronous_commit). A process killed at any moment loses no answered write.
//   - On SQLite one goroutine writes. It takes up to 200 waiting writes into one transaction, each in a savepoint of
//     its own, so that a failing write rolls back alone and nobody is answered before the commit.
//   - One SQL text serves both databases. Parameters are $1, $2, …; times are BIGINT microseconds UTC (Micros, Time);
//     JSON is TEXT. Dialect branches stay in this package, and in search and jobs.
//   - What others must learn of is written to the change log in the same transaction (Changed), and followed by every
//     node (Follow).
package storage
