// Package outbox keeps transactional mail in the database until a mail server has taken it.
//
// Promises:
//   - A mail put in a transaction that was committed is sent, or its row says why not: a process killed at any moment
//     loses none. Only the mails in flight at that moment, at most one for each of the worker's places, can be sent
//     twice, and then under the same Message-ID.
//   - Any number of nodes work on one outbox; a mail is in one worker's hands at a time, by a lease that is renewed for as
//     long as the mail server takes to answer.
//   - Trouble that may pass is tried again after 1, 5, 15, then every 60 minutes, each a little off, until the mail
//     would be of no use any more. A lasting refusal ends it at once.
//   - Bodies of mails that are done with are dropped, as they hold links that sign in, unless Options.Keep is set.
package outbox
