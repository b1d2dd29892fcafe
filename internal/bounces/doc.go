// Package bounces hears what became of the mails: from its own listener for the bounce domain, from the webhooks of
// providers, and from the sending itself.
//
// Promises:
//   - A notification counts once, however often and in whatever order it is delivered: its id and its effect are one
//     transaction.
//   - A mailbox or domain that does not exist, and a complaint, end the mail to that reader at once. A full mailbox, a
//     disabled one and temporary trouble end it after 5 notifications over at least 14 days without a success.
//   - A policy, spam or authentication block never ends the mail to a reader: it is about us. The newsroom is told, once
//     a domain and day, and when several readers of a domain are refused within an hour, mail to it waits.
//   - A notification is believed as far as its channel reaches. What arrives by the listener can only be about the
//     reader whose token it was sent to.
//   - The list of those who get no mail outlives a reader's deletion as an HMAC of the mailbox, without the address and
//     without evidence: else the address, typed again by anybody, would be mailed again.
package bounces
