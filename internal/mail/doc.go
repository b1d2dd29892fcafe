// Package mail writes messages and hands them to a mail server.
//
// A Message becomes bytes that every mail program reads: a text part beside
// the HTML, short lines of ASCII, headers nobody can add to. The same
// Message always becomes the same bytes, so a repeated delivery is the same
// mail. SMTP delivers such bytes over connections that are encrypted and
// verified, or not at all.
//
// What the mail says, to whom it goes and when it is tried again is decided
// by the packages above.
package mail
