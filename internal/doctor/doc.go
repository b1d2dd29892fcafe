// Package doctor examines whether letters to many will arrive: what the domain's name servers say of the sender, how the
// mail server is reached, whether what comes back is heard of.
//
// Promises:
//   - Every check has one plain finding and, where it is not right, what to do.
//   - What could not be asked is no "right". It takes the place of an older answer only once that is three days old: a
//     name server that fails for an hour stops no newsletter.
//   - An override is by the name of one check, and stands with who, when and why until it is withdrawn.
//   - Findings belong to the settings they were made with. Another sender or mail server needs an examination of its own.
package doctor
