// Package staff knows who works at the publication, and as what.
//
// Promises:
//   - A member of staff is a reader with a role. Their sessions in the newsroom are apart from those in which they read.
//   - Nobody works here who was not invited by an owner, by the command line, or by the link that the first start prints.
//   - Signing in takes a passkey, or the mailbox and a code of an authenticator (RFC 6238). A recovery code stands in for
//     the authenticator once. Outside of the demonstration, who has set up neither sees the page to do so, and no other.
//   - Links, codes and sessions are kept as hashes. A link invites once; a code of an authenticator signs in once.
//   - A session is asked of the database at every request: one that was ended is refused at the next.
//   - The last owner cannot leave, be removed or be made something else.
//   - What is done here is in the audit log (S-18).
package staff
