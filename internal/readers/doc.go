// Package readers knows who reads: identity, sign-in, sessions, visitors and consent.
//
// Promises:
//   - One mailbox is one reader, however its address is spelled (Canonical).
//   - Asking for a mail answers alike, in words and in work, whether the address is new, known, banned or out of its
//     mails for the day; nobody is signed in by typing an address.
//   - A link or a code signs in once, within ten minutes; the newest ends the older; looking at a link changes nothing.
//   - Tokens are 256 random bits in base64url. Only hashes of them are kept.
//   - A session that was ended is refused on this node at once, on the others when the change log reaches them, within
//     a minute at the latest.
//   - Deleting a reader deletes every personal row, here and in the packages that were attached, in one transaction.
//
// Cookies, forms and pages are the surface's business: this package deals in tokens and addresses.
package readers
