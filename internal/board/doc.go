// Package board is what is being worked on: how far each article is, who has it, and when it is due.
//
// Promises:
//   - Every article has one state, told by its stage while no reader can see it and by its time from then on.
//   - A list costs the same at any depth: it is read from a place on in an index, never by counting.
//   - Nothing is published without a text, nor with a picture whose maker is not named.
//   - What is done here is in the audit log (S-18).
//
// It decides nothing about who may: that is the newsroom's business.
package board
