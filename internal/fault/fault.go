// Package fault holds the kinds of error a person can meet, and the text they may be shown.
//
// Every error that crosses a package boundary for a reason a person could mend is a *fault.Error. Anything else is
// the program's own trouble: it is logged for the operator and shown as a plain apology.
package fault

import (
	"errors"
	"fmt"
	"time"
)

// A Kind says what happened, in terms that decide how a surface answers (an HTTP status, an exit code).
type Kind int

// The kinds. Internal is the zero value: an error nobody classified.
const (
	Internal    Kind = iota
	NotFound         // there is no such thing, or none this person may know of
	Invalid          // the input is wrong; Text says what was expected
	Conflict         // the input was right but the state has moved on
	Denied           // the person may not do this
	Unavailable      // try again later; RetryAfter may say when
	TooMany          // a limit is reached; RetryAfter says when it opens again
)

// An Error carries what the person sees (Text, Field) apart from what the operator sees (Err).
type Error struct {
	Kind       Kind
	Text       string        // safe to show; a whole sentence, in English
	Field      string        // the form field or configuration key at fault, or ""
	RetryAfter time.Duration // for Unavailable and TooMany; 0 when unknown
	Err        error         // the cause, for the log only

	Said   string // the text before its values were filled in: under it a catalogue says the same in other words
	Values []any  // what was filled in
}

func (e *Error) Error() string {
	s := e.Text
	if e.Field != "" {
		s = e.Field + ": " + s
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

func (e *Error) Unwrap() error { return e.Err }

// New returns an Error of a kind with a formatted text, which is shown as it is; use Wrap to keep a cause out of it.
func New(k Kind, format string, args ...any) *Error {
	return &Error{Kind: k, Text: fmt.Sprintf(format, args...), Said: format, Values: args}
}

// Field returns an Invalid error that belongs to one field of a form.
func Field(field, format string, args ...any) *Error {
	return &Error{Kind: Invalid, Field: field, Text: fmt.Sprintf(format, args...), Said: format, Values: args}
}

// Wrap returns an Error of a kind whose text is shown and whose cause is only logged.
func Wrap(k Kind, cause error, format string, args ...any) *Error {
	return &Error{Kind: k, Text: fmt.Sprintf(format, args...), Said: format, Values: args, Err: cause}
}

// Limited returns a TooMany error that opens again after a time.
func Limited(after time.Duration, format string, args ...any) *Error {
	return &Error{Kind: TooMany, RetryAfter: after, Text: fmt.Sprintf(format, args...), Said: format, Values: args}
}

// KindOf returns the kind of err, or Internal when nobody classified it.
func KindOf(err error) Kind {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return Internal
}

// Is reports whether err is of a kind.
func Is(err error, k Kind) bool { return err != nil && KindOf(err) == k }
