// Package mailing sends one edition to many readers, each copy once as far as SMTP allows.
//
// Promises:
//   - Every reader of a mailing has a row of the ledger before the first mail leaves. A row is done with when a server
//     has answered for its mail and that answer is durable, never when the row was fetched: a process killed at any
//     moment loses nobody.
//   - Mails accepted whose answer was not recorded are sent again. There is at most one such mail for each connection:
//     no connection hands over its next mail before the answer to its last is durable (decision 0015). A repeated mail
//     carries the same Message-ID and date.
//   - What is true of a reader (subscribed, suppressed, entitled) is asked when the row is leased, not when the mailing
//     was started.
//   - Trouble that may pass is tried again after 1, 5, 15, then every 60 minutes, each a little off, until the mail would
//     be of no use any more. A mailing is finished when no row waits for anything.
//   - A reply lost after a whole mail was handed over makes the row unknown. It is tried once more, after a quiet time.
//   - Any number of nodes work on one mailing. Rows are leased by the range; leases end, and are given back by a node
//     that stops.
//   - Memory does not grow with the list: a letter is compiled once a node, and what is personal is spliced in as it
//     leaves.
//
// Who the readers are and what the mail says is the business of the package that implements Letters.
package mailing
