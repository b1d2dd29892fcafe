// Package bounce reads what mail systems send back: delivery status notifications (RFC 3464), complaints (RFC 5965),
// the free words of systems that know neither, Amazon SES notifications, and automatic replies (RFC 3834).
//
// It answers one question: may this reader have mail again? Record.Hard is true only where a system says that the
// mailbox or its domain does not exist. A mailbox that is full, a sender that is blocked, a message that was filtered
// and a network that was down say nothing about the reader.
//
// Parse never fails and never panics. It looks at the first megabyte of a mail, at a bounded number of its parts, lines
// and recipients, and takes time proportional to what it looks at. Nothing it returns is to be trusted further than the
// channel it came by: anybody can write a bounce.
package bounce
