// Package cli is the command line of Gatefold: every command, what it prints and how it ends.
//
// A command reads its flags, opens the journal through package app, calls one verb of a feature and prints the
// outcome. Results go to standard output, everything about the work itself to standard error. Exit codes:
//
//	0    done
//	1    the command could not do what it was asked; the message says why
//	2    it was asked wrongly: an unknown command, flag or setting, or a value that does not fit
//	130  it was interrupted before it was done
package cli
