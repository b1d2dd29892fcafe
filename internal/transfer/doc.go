// Package transfer brings articles in from files, and takes them out.
//
// Promises of an import:
//   - It streams: what is in memory is a few batches, not the file.
//   - A line that cannot be used is reported with file, line and reason, and the run goes on.
//   - Each batch is one transaction. A run that is interrupted, even killed, and started again completes; a run over
//     what is there already changes nothing.
package transfer
