// Package billing holds the plans of a publication and who is subscribed to them.
//
// There is one plan, All-Access, and one way to it so far: a complimentary subscription that the publication gives.
// The promises, which hold for every way to come:
//   - A subscription runs from its start until its end; the end itself lies outside.
//   - What a reader may do under several is what the one ending last allows.
//   - Every change is in the audit log, with its reason, and in the change log, so that each node forgets what it
//     knew of the reader at once.
package billing
